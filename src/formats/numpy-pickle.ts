import {
  FileBytes,
  Global,
  List,
  MadeBytes,
  Opaque,
  type PickleBytes,
  PickleObject,
  type PickleValue,
  wholeNumbers,
} from './pickle-values.js';
import { contiguousStrides, damaged, StoredTensor, wrongView } from './stored-tensor.js';
import { NUMPY } from './torch-types.js';

/** Arrays and numbers of numpy as pickles hold them, under the module names of numpy 1 and 2. */

/** `numpy.dtype('f4', False, True)`, with the byte order that BUILD gives it. */
class NumpyType extends PickleObject {
  readonly kind = 'a numpy type';
  readonly code: string;
  order = '|';

  constructor(code: string) {
    super();
    this.code = code;
  }

  /** (version, byte order, subtype, names, fields, size, alignment, flags) */
  override setState(state: PickleValue): boolean {
    if (!(state instanceof List) || typeof state.items[1] !== 'string') return false;
    this.order = state.items[1];
    return true;
  }
}

/** An array that waits for its numbers, and then is a tensor, or something that nobody reads (names, objects). */
export class NumpyArray extends PickleObject {
  readonly kind = 'a numpy array';
  private readonly file: string;
  tensor: StoredTensor | undefined;

  constructor(file: string) {
    super();
    this.file = file;
  }

  /** (version, shape, type, is in Fortran's order, bytes) */
  override setState(state: PickleValue): boolean {
    if (!(state instanceof List)) return false;
    const [shape, type, isFortran, data] = state.items.slice(-4);
    const sides = wholeNumbers(shape);
    if (!sides || !(type instanceof NumpyType)) return false;
    return this.set(sides, contiguousStrides(sides, isFortran === true), type, data);
  }

  set(shape: readonly number[], strides: readonly number[], type: NumpyType, data: PickleValue): boolean {
    const known = NUMPY.get(type.code);
    // Texts, records, lists of objects: no tensor, and no mistake.
    if (!known) return data instanceof List || isBytes(data);
    const bytes = asBytes(data);
    if (!bytes) return false;
    const [dtype, itemBytes] = known;
    if (type.order === '>' && itemBytes > 1) throw damaged(this.file, 'a numpy array is big-endian, which is not read');
    const [least, most] = possibleBytes(bytes);
    const wrong = wrongView(shape, strides, 0, Math.floor(most / itemBytes));
    if (wrong) throw damaged(this.file, `a numpy array ${wrong}`);
    const needed = shape.reduce((n, side) => n * side, itemBytes);
    if (needed < least || needed > most)
      throw damaged(this.file, `a numpy array [${shape.join(', ')}] has other bytes than the ${needed} that it needs`);
    this.tensor = new StoredTensor(bytes, { dtype, itemBytes, shape, strides, offset: 0 });
    return true;
  }
}

const isBytes = (x: PickleValue): x is PickleBytes => x instanceof FileBytes || x instanceof MadeBytes;

/** Python 2 wrote bytes as texts. */
function asBytes(data: PickleValue): PickleBytes | undefined {
  if (typeof data === 'string') return encoded(data);
  return isBytes(data) ? data : undefined;
}

/** How many bytes there can be: of a text that is bytes, a character in UTF-8 has one or two. */
function possibleBytes(data: PickleBytes): [number, number] {
  if (data instanceof MadeBytes) return [data.bytes.length, data.bytes.length];
  return data.form === 'raw' ? [data.length, data.length] : [Math.ceil(data.length / 2), data.length];
}

/** `_codecs.encode(text, 'latin1')`, by which protocols before 3 say bytes. */
function encode([text, encoding = 'utf-8']: readonly PickleValue[]): PickleValue | undefined {
  if (encoding !== 'latin1' && encoding !== 'latin-1') return undefined;
  if (typeof text === 'string') return encoded(text);
  return text instanceof FileBytes && text.form === 'text' ? new FileBytes(text.at, text.length, 'latin1') : undefined;
}

function encoded(text: string): MadeBytes | undefined {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0xff) return undefined;
  return new MadeBytes(Uint8Array.from(Buffer.from(text, 'latin1')));
}

/** A number of numpy as a number of ours; an opaque value for types that have none. */
function scalar([type, data]: readonly PickleValue[]): PickleValue | undefined {
  if (!(type instanceof NumpyType)) return undefined;
  const bytes = data === undefined ? undefined : asBytes(data);
  const known = NUMPY.get(type.code);
  if (!known || !(bytes instanceof MadeBytes)) return new Opaque('a numpy number');
  if (bytes.bytes.length !== known[1]) return undefined;
  const b = Buffer.from(bytes.bytes);
  if (type.order === '>') b.reverse();
  const whole = (value: bigint) => (Number.isSafeInteger(Number(value)) ? Number(value) : value);
  switch (known[0]) {
    case 'F64':
      return b.readDoubleLE();
    case 'F32':
      return b.readFloatLE();
    case 'I64':
      return whole(b.readBigInt64LE());
    case 'U64':
      return whole(b.readBigUInt64LE());
    case 'BOOL':
      return b[0] !== 0;
    case 'I32':
    case 'I16':
    case 'I8':
      return b.readIntLE(0, b.length);
    case 'U32':
    case 'U16':
    case 'U8':
      return b.readUIntLE(0, b.length);
    default:
      return new Opaque('a numpy number');
  }
}

function numpyType([code]: readonly PickleValue[]): PickleValue | undefined {
  return typeof code === 'string' ? new NumpyType(code.replace(/^[<=|]/, '')) : undefined;
}

/**
 * (bytes, type, shape, order, axes) of protocol 5: order C, F, or K, where the bytes are an array in C's order whose axes then change places.
 */
function fromBuffer(file: string, args: readonly PickleValue[]): PickleValue | undefined {
  const [data, type, shape, order, axes = null] = args;
  const sides = shape === undefined ? undefined : wholeNumbers(shape);
  if (!sides || !(type instanceof NumpyType) || data === undefined) return undefined;
  const strides = contiguousStrides(sides, order === 'F');
  const places = order === 'K' && axes !== null ? wholeNumbers(axes) : sides.map((_, axis) => axis);
  const isPermutation = places?.length === sides.length && sides.every((_, axis) => places.includes(axis));
  if (!places || !isPermutation) return undefined;
  const array = new NumpyArray(file);
  const moved = (of: readonly number[]) => places.map((axis) => of[axis]);
  return array.set(moved(sides), moved(strides), type, data) ? array : undefined;
}

/**
 * The globals that arrays need, by their whole names.
 * @param file for messages
 */
export function numpyGlobals(file: string): Map<string, Global> {
  const found = new Map<string, Global>();
  const add = (name: string, make?: Global['make']) => found.set(name, new Global(name, make));
  for (const core of ['numpy.core', 'numpy._core']) {
    add(`${core}.multiarray._reconstruct`, (args) => (args.length === 3 ? new NumpyArray(file) : undefined));
    add(`${core}.multiarray.scalar`, scalar);
    add(`${core}.numeric._frombuffer`, (args) => fromBuffer(file, args));
  }
  add('numpy.ndarray');
  add('numpy.dtype', numpyType);
  add('_codecs.encode', encode);
  return found;
}
