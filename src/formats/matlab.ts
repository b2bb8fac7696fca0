import { readFileSync } from 'node:fs';
import { inflateSync } from 'node:zlib';
import { UserError } from '../errors.js';
import { DamagedFile } from './damaged.js';
import { requirePlainFileSync } from './plain-file.js';

/**
 * MATLAB's files of version 5 (MAT-File Format, MathWorks; also 6 and 7, which compress): arrays of numbers and texts,
 * cells and structures, as data sets hold labels. Values are in the file's order, columns first.
 */

/** Numbers of an array. */
export interface MatNumbers {
  kind: 'numbers';
  dims: readonly number[];
  values: ArrayLike<number>;
}
/** Texts of an array of characters, a row each. */
export interface MatText {
  kind: 'text';
  rows: readonly string[];
}
export interface MatCells {
  kind: 'cells';
  dims: readonly number[];
  cells: readonly MatValue[];
}
/** A structure, or an array of them. */
export interface MatStructs {
  kind: 'structs';
  dims: readonly number[];
  fields: readonly string[];
  items: readonly ReadonlyMap<string, MatValue>[];
}
export type MatValue = MatNumbers | MatText | MatCells | MatStructs;

/** Files of labels are smaller than this, and unpack to less, bytes. */
const MOST_FILE = 2 ** 28;
const MOST_UNPACKED = 2 ** 28;
/** Structures in structures, and values in all. */
const MOST_DEPTH = 32;
const MOST_VALUES = 2 ** 24;
const MOST_DIMS = 32;

const MATRIX = 14;
const COMPRESSED = 15;
/** Bytes of a number by its type: int8 … uint64, with the gaps that the format has. */
const BYTES: Readonly<Record<number, number>> = {
  1: 1,
  2: 1,
  3: 2,
  4: 2,
  5: 4,
  6: 4,
  7: 4,
  9: 8,
  12: 8,
  13: 8,
  16: 1,
  17: 2,
  18: 4,
};

/**
 * The variables of a file, by name.
 * @throws UserError for other versions, and values of kinds that no labels have (objects, functions, sparse arrays);
 * DamagedFile
 */
export function readMatlab(file: string): Map<string, MatValue> {
  const { size } = requirePlainFileSync(file);
  if (size > MOST_FILE) throw new UserError(`${file}: ${size} bytes are more than labels have`);
  const bytes = readFileSync(file);
  if (bytes.length >= 8 && bytes.toString('latin1', 1, 4) === 'HDF')
    throw new UserError(`${file}: a MATLAB file of version 7.3 (HDF5), which is not read: save it with -v7`);
  if (bytes.toString('latin1', 0, 19) === 'MATLAB 7.3 MAT-file')
    throw new UserError(`${file}: a MATLAB file of version 7.3 (HDF5), which is not read: save it with -v7`);
  const order = bytes.toString('latin1', 126, 128);
  if (bytes.length < 128 || !(order === 'IM' || order === 'MI'))
    throw new UserError(`${file}: no MATLAB file of version 5 to 7`);
  const reader = new Reader(file, order === 'IM');
  try {
    return reader.variables(bytes.subarray(128));
  } catch (e) {
    if (e instanceof RangeError) throw new DamagedFile(`${file}: damaged MATLAB file: it is cut off`);
    throw e;
  }
}

/** An element's content and where the next one begins. */
interface Element {
  type: number;
  data: Buffer;
  next: number;
}

class Reader {
  private readonly file: string;
  private readonly little: boolean;
  private unpacked = 0;
  private values = 0;

  constructor(file: string, little: boolean) {
    this.file = file;
    this.little = little;
  }

  variables(bytes: Buffer): Map<string, MatValue> {
    const out = new Map<string, MatValue>();
    for (let at = 0; at + 8 <= bytes.length; ) {
      const element = this.element(bytes, at, true);
      at = element.next;
      let { type, data } = element;
      if (type === COMPRESSED) ({ type, data } = this.element(this.unpack(data), 0));
      if (type !== MATRIX) continue;
      const { name, value } = this.matrix(data, 0);
      if (value) out.set(name, value);
    }
    return out;
  }

  private damaged(what: string): DamagedFile {
    return new DamagedFile(`${this.file}: damaged MATLAB file: ${what}`);
  }

  private unpack(data: Buffer): Buffer {
    let out: Buffer;
    try {
      out = inflateSync(data, { maxOutputLength: MOST_UNPACKED - this.unpacked + 1 });
    } catch (e) {
      throw this.damaged(`a variable that cannot be unpacked (${(e as Error).message})`);
    }
    this.unpacked += out.length;
    if (this.unpacked > MOST_UNPACKED) throw new UserError(`${this.file}: unpacks to more than labels have`);
    return out;
  }

  private u32(b: Buffer, at: number): number {
    return this.little ? b.readUInt32LE(at) : b.readUInt32BE(at);
  }

  /** @param outer of the file itself, where compressed elements are not padded */
  private element(b: Buffer, at: number, outer = false): Element {
    const first = this.u32(b, at);
    const small = first >>> 16;
    if (small !== 0) {
      // Up to four bytes lie where the length would be.
      if (small > 4) throw this.damaged('an element of an impossible length');
      return { type: first & 0xffff, data: b.subarray(at + 4, at + 4 + small), next: at + 8 };
    }
    const length = this.u32(b, at + 4);
    const end = at + 8 + length;
    if (end > b.length) throw this.damaged('it is cut off');
    const padded = outer && first === COMPRESSED ? end : at + 8 + Math.ceil(length / 8) * 8;
    return { type: first, data: b.subarray(at + 8, end), next: padded };
  }

  private matrix(b: Buffer, depth: number): { name: string; value: MatValue | undefined } {
    if (depth > MOST_DEPTH) throw this.damaged(`more than ${MOST_DEPTH} structures in one another`);
    if (b.length === 0) return { name: '', value: { kind: 'numbers', dims: [0, 0], values: [] } };
    const flags = this.element(b, 0);
    const word = this.u32(flags.data, 0);
    const shape = this.element(b, flags.next);
    const dims = Array.from(this.numbers(shape));
    if (dims.length < 2 || dims.length > MOST_DIMS || dims.some((d) => !(d >= 0))) throw this.damaged('odd dimensions');
    const count = dims.reduce((n, d) => n * d, 1);
    this.values += 1 + count;
    if (!(this.values <= MOST_VALUES)) throw new UserError(`${this.file}: more values than labels have`);
    const named = this.element(b, shape.next);
    const name = named.data.toString('latin1');
    return { name, value: this.content(word & 0xff, b, named.next, dims, count, depth, (word & 0x0800) !== 0, name) };
  }

  private content(
    kind: number,
    b: Buffer,
    at: number,
    dims: number[],
    count: number,
    depth: number,
    isComplex: boolean,
    name: string,
  ): MatValue | undefined {
    const many = (): MatValue[] => {
      const out: MatValue[] = [];
      for (let i = 0; i < count; i++) out.push(next());
      return out;
    };
    const next = (): MatValue => {
      if (at >= b.length) throw this.damaged('it is cut off');
      const element = this.element(b, at);
      if (element.type !== MATRIX) throw this.damaged('a cell that is no array');
      at = element.next;
      const { value } = this.matrix(element.data, depth + 1);
      return value ?? { kind: 'numbers', dims: [0, 0], values: [] };
    };
    if (kind === 1) return { kind: 'cells', dims, cells: many() };
    if (kind === 2) {
      const width = this.element(b, at);
      const [bytes] = Array.from(this.numbers(width));
      const names = this.element(b, width.next);
      at = names.next;
      if (!(bytes > 0)) throw this.damaged('a structure without lengths of names');
      const fields: string[] = [];
      for (let k = 0; k + bytes <= names.data.length; k += bytes)
        fields.push(names.data.toString('latin1', k, k + bytes).replace(/\0.*$/s, ''));
      const items: Map<string, MatValue>[] = [];
      for (let i = 0; i < count; i++) {
        const item = new Map<string, MatValue>();
        for (const field of fields) item.set(field, next());
        items.push(item);
      }
      return { kind: 'structs', dims, fields, items };
    }
    if (kind === 4) {
      const element = this.element(b, at);
      // UTF-8 has several bytes for some characters.
      const values =
        element.type === 16 ? Array.from(element.data.toString('utf8'), (c) => c.charCodeAt(0)) : this.numbers(element);
      if (values.length !== count) throw this.damaged(`${name || 'a text'} has other characters than its size says`);
      const rows = dims[0];
      const width = rows === 0 ? 0 : count / rows;
      const row = (r: number) => {
        let text = '';
        for (let c = 0; c < width; c++) text += String.fromCharCode(values[c * rows + r]);
        return text;
      };
      return { kind: 'text', rows: Array.from({ length: rows }, (_, r) => row(r)) };
    }
    if (kind >= 6 && kind <= 15) {
      if (isComplex)
        throw new UserError(`${this.file}: ${name || 'a value'} has complex numbers, which no labels have`);
      const values = this.numbers(this.element(b, at));
      if (values.length !== count) throw this.damaged(`${name || 'an array'} has other numbers than its size says`);
      return { kind: 'numbers', dims, values };
    }
    // Objects, functions, sparse arrays: beside labels they hurt nobody.
    return undefined;
  }

  /** Numbers as they are stored, which may be smaller than what they were. */
  private numbers({ type, data }: Element): Float64Array {
    const size = BYTES[type];
    if (size === undefined) throw this.damaged(`numbers of type ${type}`);
    const n = Math.floor(data.length / size);
    const out = new Float64Array(n);
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    const { little } = this;
    for (let i = 0; i < n; i++) {
      const at = i * size;
      switch (type) {
        case 1:
          out[i] = view.getInt8(at);
          break;
        case 3:
          out[i] = view.getInt16(at, little);
          break;
        case 4:
        case 17:
          out[i] = view.getUint16(at, little);
          break;
        case 5:
          out[i] = view.getInt32(at, little);
          break;
        case 6:
        case 18:
          out[i] = view.getUint32(at, little);
          break;
        case 7:
          out[i] = view.getFloat32(at, little);
          break;
        case 9:
          out[i] = view.getFloat64(at, little);
          break;
        case 12:
          out[i] = Number(view.getBigInt64(at, little));
          break;
        case 13:
          out[i] = Number(view.getBigUint64(at, little));
          break;
        default:
          out[i] = view.getUint8(at);
      }
    }
    return out;
  }
}
