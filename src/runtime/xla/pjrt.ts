import { UserError } from '../../errors.js';
import { OutOfDeviceMemory, oneLine, PjrtError } from './errors.js';
import { type Argument, addressesAt, addressOf, bytesAt, type Plugin, struct, textAt } from './library.js';
import {
  BUFFER_TYPE,
  ERROR_CODE,
  IMMUTABLE_UNTIL_TRANSFER_COMPLETES,
  type OptionValue,
  VALUE_KIND,
} from './pjrt-api.js';
import type { ElementType } from './program.js';

/** Things of the plugin's, by address; whoever makes one destroys it. */
export type Buffer_ = bigint;
export type Event_ = bigint;
export type Device_ = bigint;
export type Executable_ = bigint;

/** What one device needs for a program, bytes. */
export interface ProgramMemory {
  arguments: number;
  outputs: number;
  /** Of the outputs, what lies in the place of donated arguments. */
  alias: number;
  temp: number;
  code: number;
  /** The most that is in use at once, by the compiler's account. */
  peak: number;
}

/** Memory of a device, bytes. */
export interface DeviceMemory {
  limit?: number;
  inUse: number;
  peak?: number;
}

/** Options as an array of `PJRT_NamedValue`; the caller keeps `alive` as long as the array is used. */
export function namedValues(options: Readonly<Record<string, OptionValue>>): { cells: BigUint64Array; alive: unknown } {
  const alive: unknown[] = [];
  const values = Object.entries(options).map(([name, value]) => {
    const bytes = Buffer.from(name);
    const { type, cell, size } = optionCell(value);
    alive.push(bytes, cell);
    return struct('NamedValue', { name: bytes, nameSize: bytes.length, type, value: cell, valueSize: size });
  });
  const cells = new BigUint64Array(values.reduce((n, v) => n + v.length, 0));
  for (const [i, v] of values.entries()) cells.set(v, i * v.length);
  return { cells, alive };
}

function optionCell(value: OptionValue): { type: number; cell: Argument; size: number } {
  if (typeof value === 'string') {
    const bytes = Buffer.from(value);
    return { type: VALUE_KIND.string, cell: bytes, size: bytes.length };
  }
  if (typeof value === 'boolean') return { type: VALUE_KIND.bool, cell: value, size: 1 };
  if (typeof value === 'bigint') return { type: VALUE_KIND.int64, cell: value, size: 1 };
  if (typeof value === 'number') {
    if (Number.isInteger(value)) return { type: VALUE_KIND.int64, cell: BigInt(value), size: 1 };
    const bits = new Uint32Array(new Float32Array([value]).buffer)[0];
    return { type: VALUE_KIND.float, cell: BigInt(bits), size: 1 };
  }
  const list = BigInt64Array.from(value, BigInt);
  return { type: VALUE_KIND.int64List, cell: list, size: list.length };
}

/** StableHLO text as plugins take programs; `alive` is to be kept while the struct is used. */
export function programStruct(text: string): { cells: BigUint64Array; alive: unknown } {
  const code = Buffer.from(text);
  const format = Buffer.from('mlir');
  return {
    cells: struct('Program', { code, codeSize: code.length, format, formatSize: format.length }),
    alive: [code, format],
  };
}

/**
 * Calls of one client of a plugin, with types. All of them are made from the thread that made it; none but `compile`
 * takes long.
 */
export class Client {
  readonly plugin: Plugin;
  readonly platform: string;
  readonly version: string;
  readonly devices: readonly Device_[];
  private readonly client: bigint;
  /** Buffers that were made and not destroyed. */
  buffers = 0;

  /** @throws PjrtError */
  constructor(plugin: Plugin, options: Readonly<Record<string, OptionValue>> = {}) {
    this.plugin = plugin;
    const { cells, alive } = namedValues(options);
    const count = Object.keys(options).length;
    this.client = plugin.call('Client_Create', { options: cells, optionCount: count }, alive).get('client');
    const client = this.client;
    const name = plugin.call('Client_PlatformName', { client });
    this.platform = textAt(name.get('name'), name.get('nameSize'));
    const version = plugin.call('Client_PlatformVersion', { client });
    this.version = textAt(version.get('version'), version.get('versionSize'));
    const devices = plugin.call('Client_AddressableDevices', { client });
    this.devices = addressesAt(devices.get('devices'), devices.number('count'));
  }

  destroy(): void {
    this.plugin.call('Client_Destroy', { client: this.client });
  }

  describe(device: Device_): { id: number; kind: string } {
    const description = this.plugin.call('Device_GetDescription', { device }).get('description');
    const kind = this.plugin.call('DeviceDescription_Kind', { description });
    return {
      id: this.plugin.call('DeviceDescription_Id', { description }).int32('id'),
      kind: textAt(kind.get('kind'), kind.get('kindSize')),
    };
  }

  /** Undefined where the plugin does not say, as on a CPU. */
  memory(device: Device_): DeviceMemory | undefined {
    try {
      const said = this.plugin.call('Device_MemoryStats', { device });
      return {
        inUse: said.number('inUse'),
        ...(said.boolean('limitIsSet') ? { limit: said.number('limit') } : {}),
        ...(said.boolean('peakIsSet') ? { peak: said.number('peak') } : {}),
      };
    } catch (e) {
      if (e instanceof PjrtError) return undefined;
      throw e;
    }
  }

  /** Compiles a program; seconds to minutes, and nothing interrupts it. @param options see `compileOptions` */
  compile(text: string, options: Uint8Array): Executable_ {
    const { cells: program, alive } = programStruct(text);
    const { client, plugin } = this;
    return plugin
      .call('Client_Compile', { client, program, options, optionsSize: options.length }, alive)
      .get('executable');
  }

  /** The compiled program as bytes. @throws PjrtError where the plugin cannot */
  serialize(loaded: Executable_): Uint8Array {
    return this.withExecutable(loaded, (executable) => {
      const said = this.plugin.call('Executable_Serialize', { executable });
      const bytes = bytesAt(said.get('bytes'), said.number('size'));
      this.plugin.destroyBy(said.get('destroyOwner'), said.get('owner'));
      return bytes;
    });
  }

  /** Loads what `serialize` gave. @throws PjrtError where the plugin cannot, or refuses it */
  deserialize(bytes: Uint8Array, options: Uint8Array): Executable_ {
    const { client, plugin } = this;
    return plugin
      .call('Executable_DeserializeAndLoad', {
        client,
        bytes,
        size: bytes.length,
        options,
        optionsSize: options.length,
      })
      .get('executable');
  }

  /** Undefined where the plugin does not say. */
  programMemory(loaded: Executable_): ProgramMemory | undefined {
    return this.withExecutable(loaded, (executable) => executableMemory(this.plugin, executable));
  }

  resultCount(loaded: Executable_): number {
    return this.withExecutable(loaded, (executable) =>
      this.plugin.call('Executable_NumOutputs', { executable }).number('count'),
    );
  }

  destroyExecutable(executable: Executable_): void {
    this.plugin.call('LoadedExecutable_Destroy', { executable });
  }

  /**
   * Begins to copy host memory to a device.
   * @param data stays as it is, and alive, until `done`
   */
  upload(device: Device_, data: ArrayBufferView, dtype: ElementType, shape: readonly number[]): Upload {
    const dims = BigInt64Array.from(shape, BigInt);
    const said = this.plugin.call('Client_BufferFromHostBuffer', {
      client: this.client,
      data: data.byteLength === 0 ? dims : data,
      type: BUFFER_TYPE[dtype],
      dims,
      dimCount: shape.length,
      semantics: IMMUTABLE_UNTIL_TRANSFER_COMPLETES,
      device,
    });
    this.buffers++;
    return { buffer: said.get('buffer'), done: said.get('done') };
  }

  /** Begins to copy a buffer to host memory. @param to is alive until the event */
  download(buffer: Buffer_, to: ArrayBufferView): Event_ {
    return this.plugin.call('Buffer_ToHostBuffer', { buffer, to, size: to.byteLength }).get('event');
  }

  destroyBuffer(buffer: Buffer_): void {
    this.plugin.call('Buffer_Destroy', { buffer });
    this.buffers--;
  }

  isDeleted(buffer: Buffer_): boolean {
    return this.plugin.call('Buffer_IsDeleted', { buffer }).boolean('isDeleted');
  }

  /**
   * Begins to run a program on all its devices.
   * @param inputs one list of buffers a device
   * @returns one list of new buffers a device, and an event a device that tells when it is done
   */
  execute(executable: Executable_, inputs: readonly (readonly Buffer_[])[], results: number): Execution {
    const lists = inputs.map((list) => BigUint64Array.from(list));
    const outputs = inputs.map(() => new BigUint64Array(results));
    const events = new BigUint64Array(inputs.length);
    const values = {
      executable,
      options: this.executeOptions,
      argumentLists: BigUint64Array.from(lists, addressOf),
      deviceCount: inputs.length,
      argumentCount: inputs[0].length,
      outputLists: BigUint64Array.from(outputs, addressOf),
      events,
    };
    this.plugin.call('LoadedExecutable_Execute', values, [lists, outputs]);
    this.buffers += inputs.length * results;
    return { outputs: outputs.map((o) => [...o]), events: [...events] };
  }

  private readonly executeOptions = struct('ExecuteOptions', {});

  isReady(event: Event_): boolean {
    return this.plugin.call('Event_IsReady', { event }).boolean('isReady');
  }

  /** Of an event that is ready. @throws PjrtError when what it stands for failed */
  finishEvent(event: Event_): void {
    try {
      this.plugin.call('Event_Error', { event });
    } finally {
      this.plugin.call('Event_Destroy', { event });
    }
  }

  /** The executable inside a loaded one, which is the caller's to destroy. */
  private withExecutable<T>(loaded: Executable_, use: (executable: bigint) => T): T {
    const executable = this.plugin.call('LoadedExecutable_GetExecutable', { loaded }).get('executable');
    try {
      return use(executable);
    } finally {
      this.plugin.call('Executable_Destroy', { executable });
    }
  }
}

export interface Upload {
  buffer: Buffer_;
  /** When the host memory may change. */
  done: Event_;
}

export interface Execution {
  outputs: Buffer_[][];
  events: Event_[];
}

/** Compiled memory statistics; undefined where the plugin does not say. */
export function executableMemory(plugin: Plugin, executable: bigint): ProgramMemory | undefined {
  try {
    const said = plugin.call('Executable_GetCompiledMemoryStats', { executable });
    const bytes = {
      arguments: said.number('arguments'),
      outputs: said.number('outputs'),
      alias: said.number('alias'),
      temp: said.number('temp'),
      code: said.number('code'),
    };
    // Some plugins leave the peak out, the CPU's the temporaries out of it.
    const sum = bytes.arguments + bytes.outputs - bytes.alias + bytes.temp;
    const peak = said.number('peak');
    return { ...bytes, peak: peak > bytes.temp ? peak : sum };
  } catch (e) {
    if (e instanceof PjrtError) return undefined;
    throw e;
  }
}

/** An error of the plugin's as the user is told of it. @param where such as `program step` */
export function explain(e: unknown, where: string): unknown {
  if (!(e instanceof PjrtError)) return e;
  const isFull = e.code === ERROR_CODE.resourceExhausted || e.message.startsWith('RESOURCE_EXHAUSTED');
  if (isFull) return OutOfDeviceMemory.in(where, e.message);
  const flag = /No such compile option: '(\w+)'/.exec(e.message)?.[1];
  if (flag) return new UserError(`XLA flag --${flag}: the plugin knows none of this name`);
  const value = /While setting option (\w+), (.+?\.)/.exec(e.message);
  if (value) return new UserError(`XLA flag --${value[1]}: ${value[2]}`);
  return new Error(`${where}: ${oneLine(e.message)} (${e.call})`);
}
