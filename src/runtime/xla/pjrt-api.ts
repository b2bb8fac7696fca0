/**
 * The PJRT C API as data: which function stands at which place of the plugin's table, the fields of each argument
 * struct, and the numbers behind the names. Source: `xla/pjrt/c/pjrt_c_api.h` of OpenXLA at API 0.113 and 0.114; tried
 * with plugins of 0.106, 0.115 and 0.116.
 *
 * Plugins exist for 64-bit little-endian machines alone. There every argument struct is a row of 8-byte cells: its size
 * in bytes, the address of its extensions, then the fields, of which those of 1 and 4 bytes are padded to a cell.
 * Fields are only ever added at a struct's end; zero is their default. Those of a newer header serve older plugins as
 * long as nothing is expected in the fields that they do not know. A plugin refuses a struct that is smaller than its
 * own, so ours are made with cells to spare.
 */

/** The table that `GetPjrtApi` returns: byte offsets of the version's numbers, and of the first function. */
export const API_TABLE = { major: 32, minor: 36, functions: 40 } as const;

/** API versions that are spoken. A change of the major number may rearrange anything. */
export const API_MAJOR = 0;
/** The oldest minor version that this was tried with. */
export const API_OLDEST_MINOR = 106;

/** Place of a function in the table, and the fields of its argument struct after size and extensions. */
export const CALLS = {
  Error_Destroy: [0, 'error'],
  Error_Message: [1, 'error', 'message', 'messageSize'],
  Error_GetCode: [2, 'error', 'code'],
  Plugin_Initialize: [3],
  Plugin_Attributes: [4, 'attributes', 'count'],
  Event_Destroy: [5, 'event'],
  Event_IsReady: [6, 'event', 'isReady'],
  Event_Error: [7, 'event'],
  Event_Await: [8, 'event'],
  Client_Create: [
    ...([10, 'options', 'optionCount', 'kvGet', 'kvGetArgument', 'kvPut', 'kvPutArgument'] as const),
    ...(['client', 'kvTryGet', 'kvTryGetArgument'] as const),
  ],
  Client_Destroy: [11, 'client'],
  Client_PlatformName: [12, 'client', 'name', 'nameSize'],
  Client_PlatformVersion: [14, 'client', 'version', 'versionSize'],
  Client_AddressableDevices: [16, 'client', 'devices', 'count'],
  Client_Compile: [20, 'client', 'program', 'options', 'optionsSize', 'executable'],
  Client_BufferFromHostBuffer: [
    ...([22, 'client', 'data', 'type', 'dims', 'dimCount', 'strides', 'strideCount', 'semantics'] as const),
    ...(['device', 'memory', 'layout', 'done', 'buffer'] as const),
  ],
  DeviceDescription_Id: [23, 'description', 'id'],
  DeviceDescription_Kind: [26, 'description', 'kind', 'kindSize'],
  Device_GetDescription: [29, 'device', 'description'],
  Device_MemoryStats: [
    ...([34, 'device', 'inUse', 'peak', 'peakIsSet', 'allocations', 'allocationsIsSet', 'largest'] as const),
    ...([
      'largestIsSet',
      'limit',
      'limitIsSet',
      'reserved',
      'reservedIsSet',
      'peakReserved',
      'peakReservedIsSet',
    ] as const),
    ...(['reservable', 'reservableIsSet', 'largestFree', 'largestFreeIsSet', 'pool', 'poolIsSet', 'peakPool'] as const),
    ...(['peakPoolIsSet'] as const),
  ],
  Executable_Destroy: [40, 'executable'],
  Executable_NumOutputs: [44, 'executable', 'count'],
  Executable_OptimizedProgram: [48, 'executable', 'program'],
  Executable_Serialize: [49, 'executable', 'bytes', 'size', 'owner', 'destroyOwner'],
  LoadedExecutable_Destroy: [50, 'executable'],
  LoadedExecutable_GetExecutable: [51, 'loaded', 'executable'],
  LoadedExecutable_Execute: [
    ...([55, 'executable', 'options', 'argumentLists', 'deviceCount', 'argumentCount', 'outputLists'] as const),
    ...(['events', 'device'] as const),
  ],
  Executable_DeserializeAndLoad: [56, 'client', 'bytes', 'size', 'executable', 'options', 'optionsSize'],
  Buffer_Destroy: [58, 'buffer'],
  Buffer_IsDeleted: [68, 'buffer', 'isDeleted'],
  Buffer_ToHostBuffer: [70, 'buffer', 'layout', 'to', 'size', 'event'],
  Buffer_ReadyEvent: [72, 'buffer', 'event'],
  TopologyDescription_Create: [82, 'name', 'nameSize', 'options', 'optionCount', 'topology'],
  TopologyDescription_Destroy: [83, 'topology'],
  Compile: [89, 'topology', 'program', 'options', 'optionsSize', 'client', 'executable'],
  Executable_GetCompiledMemoryStats: [
    ...([96, 'executable', 'code', 'arguments', 'outputs', 'alias', 'temp', 'hostCode', 'hostArguments'] as const),
    ...(['hostOutputs', 'hostAlias', 'hostTemp', 'peak'] as const),
  ],
} as const satisfies Record<string, readonly [slot: number, ...fields: string[]]>;

/** Structs that arguments point to. */
export const STRUCTS = {
  Program: ['code', 'codeSize', 'format', 'formatSize'],
  NamedValue: ['name', 'nameSize', 'type', 'value', 'valueSize'],
  ExecuteOptions: [
    ...(['sendCallbacks', 'receiveCallbacks', 'sendCount', 'receiveCount', 'launchId', 'notDonated'] as const),
    ...(['notDonatedCount', 'context', 'callLocation', 'taskCount', 'tasks', 'incarnations', 'slices'] as const),
    ...(['majorToMinor', 'hloCallbacks', 'hloCallbackCount'] as const),
  ],
} as const satisfies Record<string, readonly string[]>;

export type CallName = keyof typeof CALLS;
export type StructName = keyof typeof STRUCTS;
type FieldsAfterSlot<T extends readonly unknown[]> = T extends readonly [number, ...infer F] ? F[number] : never;
/** Names of the fields of a function's arguments. */
export type CallField<N extends CallName> = FieldsAfterSlot<(typeof CALLS)[N]> & string;
/** Names of the fields of a struct. */
export type StructField<N extends StructName> = (typeof STRUCTS)[N][number];

/** Element types of buffers (PJRT_Buffer_Type). */
export const BUFFER_TYPE = { i32: 4, i64: 5, u8: 6, f32: 11, bf16: 13 } as const;

/**
 * What may happen to host memory that a buffer is made from (PJRT_HostBufferSemantics): it stays as it is until it was
 * copied.
 */
export const IMMUTABLE_UNTIL_TRANSFER_COMPLETES = 1;

/** Kinds of a named value (PJRT_NamedValue_Type). */
export const VALUE_KIND = { string: 0, int64: 1, int64List: 2, float: 3, bool: 4 } as const;

/** Error codes (PJRT_Error_Code), which are those of absl::Status. */
export const ERROR_CODE = {
  invalidArgument: 3,
  notFound: 5,
  resourceExhausted: 8,
  unimplemented: 12,
} as const;

/** Options of a client or a topology. */
export type OptionValue = string | number | bigint | boolean | readonly number[];
