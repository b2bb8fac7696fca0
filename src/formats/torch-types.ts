/** Types of torch and numpy as safetensors call them, with the bytes of a number. Those that safetensors do not have keep a name of their own. */

/** By the names of torch's typed storages. */
export const STORAGES: ReadonlyMap<string, readonly [dtype: string | undefined, bytes: number]> = new Map<
  string,
  readonly [string | undefined, number]
>([
  ['DoubleStorage', ['F64', 8]],
  ['FloatStorage', ['F32', 4]],
  ['HalfStorage', ['F16', 2]],
  ['BFloat16Storage', ['BF16', 2]],
  ['LongStorage', ['I64', 8]],
  ['IntStorage', ['I32', 4]],
  ['ShortStorage', ['I16', 2]],
  ['CharStorage', ['I8', 1]],
  ['ByteStorage', ['U8', 1]],
  ['BoolStorage', ['BOOL', 1]],
  ['ComplexFloatStorage', ['C64', 8]],
  ['ComplexDoubleStorage', ['C128', 16]],
  ['QInt8Storage', ['QI8', 1]],
  ['QUInt8Storage', ['QU8', 1]],
  ['QInt32Storage', ['QI32', 4]],
  ['UntypedStorage', [undefined, 1]],
]);

/** By the names of torch's dtypes. */
export const DTYPES: ReadonlyMap<string, readonly [dtype: string, bytes: number]> = new Map<
  string,
  readonly [string, number]
>([
  ['float64', ['F64', 8]],
  ['double', ['F64', 8]],
  ['float32', ['F32', 4]],
  ['float', ['F32', 4]],
  ['float16', ['F16', 2]],
  ['half', ['F16', 2]],
  ['bfloat16', ['BF16', 2]],
  ['int64', ['I64', 8]],
  ['long', ['I64', 8]],
  ['int32', ['I32', 4]],
  ['int', ['I32', 4]],
  ['int16', ['I16', 2]],
  ['short', ['I16', 2]],
  ['int8', ['I8', 1]],
  ['uint8', ['U8', 1]],
  ['uint16', ['U16', 2]],
  ['uint32', ['U32', 4]],
  ['uint64', ['U64', 8]],
  ['bool', ['BOOL', 1]],
  ['complex32', ['C32', 4]],
  ['complex64', ['C64', 8]],
  ['complex128', ['C128', 16]],
  ['float8_e4m3fn', ['F8_E4M3', 1]],
  ['float8_e5m2', ['F8_E5M2', 1]],
  ['float8_e4m3fnuz', ['F8_E4M3FNUZ', 1]],
  ['float8_e5m2fnuz', ['F8_E5M2FNUZ', 1]],
  ['float8_e8m0fnu', ['F8_E8M0', 1]],
]);

/** By numpy's codes of kind and size. */
export const NUMPY: ReadonlyMap<string, readonly [dtype: string, bytes: number]> = new Map<
  string,
  readonly [string, number]
>([
  ['f8', ['F64', 8]],
  ['f4', ['F32', 4]],
  ['f2', ['F16', 2]],
  ['i8', ['I64', 8]],
  ['i4', ['I32', 4]],
  ['i2', ['I16', 2]],
  ['i1', ['I8', 1]],
  ['u8', ['U64', 8]],
  ['u4', ['U32', 4]],
  ['u2', ['U16', 2]],
  ['u1', ['U8', 1]],
  ['b1', ['BOOL', 1]],
  ['c8', ['C64', 8]],
  ['c16', ['C128', 16]],
]);
