import { cutAtWord } from '../printable.js';
import { DamagedFile } from './damaged.js';
import { decodeText, isObject, parseJson } from './json.js';
import { repeatedKey } from './json-keys.js';

/** The header of a safetensors file: what it says of its tensors, and whether that can be so. */

/** Bits of an element, and the array that holds elements; types without an array of their own (halves, 8 bits and fewer) as their bits. */
const TYPES = {
  F64: [64, Float64Array],
  F32: [32, Float32Array],
  F16: [16, Uint16Array],
  BF16: [16, Uint16Array],
  I64: [64, BigInt64Array],
  U64: [64, BigUint64Array],
  I32: [32, Int32Array],
  U32: [32, Uint32Array],
  I16: [16, Int16Array],
  U16: [16, Uint16Array],
  I8: [8, Int8Array],
  U8: [8, Uint8Array],
  BOOL: [8, Uint8Array],
  C64: [64, Float32Array],
  F8_E4M3: [8, Uint8Array],
  F8_E5M2: [8, Uint8Array],
  F8_E4M3FNUZ: [8, Uint8Array],
  F8_E5M2FNUZ: [8, Uint8Array],
  F8_E8M0: [8, Uint8Array],
  F6_E2M3: [6, Uint8Array],
  F6_E3M2: [6, Uint8Array],
  F4: [4, Uint8Array],
} as const;

export type SafeDType = keyof typeof TYPES;
export type SafeData =
  | Float64Array
  | Float32Array
  | BigInt64Array
  | BigUint64Array
  | Int32Array
  | Uint32Array
  | Int16Array
  | Uint16Array
  | Int8Array
  | Uint8Array;

/** Where a tensor lies, from the beginning of the file. `dtype` may be one that no version of the format has yet: such a tensor is passed over. */
export interface SafeEntry {
  dtype: string;
  shape: number[];
  start: number;
  end: number;
}

export interface SafeHeader {
  metadata: Record<string, string>;
  /** In the order of their bytes. */
  tensors: Map<string, SafeEntry>;
}

/** Whether tensors of this type can be read. */
export const isKnown = (dtype: string): dtype is SafeDType => Object.hasOwn(TYPES, dtype);

/** Bytes of a tensor; NaN where the product of its sides is no exact number. */
export function bytesOf(dtype: SafeDType, shape: readonly number[]): number {
  let bits: number = TYPES[dtype][0];
  for (const n of shape) {
    bits *= n;
    if (!Number.isSafeInteger(bits)) return Number.NaN;
  }
  return bits / 8;
}

/** A tensor's elements over the bytes of a buffer that is its own. */
export const viewOf = (dtype: SafeDType, buffer: ArrayBuffer): SafeData => new TYPES[dtype][1](buffer);

/** Longest part of an untrusted name or value that a message repeats, characters. */
const SHOWN = 100;
const shown = (text: string): string => cutAtWord(text, SHOWN);

/**
 * Checks all of a header: text, types, shapes, no name twice, and that the tensors fill the file without gap or overlap.
 * @param size of the file, bytes
 * @throws DamagedFile naming the tensor that is wrong
 */
export function parseHeader(bytes: Uint8Array, size: number, file: string): SafeHeader {
  const wrong = (what: string) => new DamagedFile(`${file}: not a valid safetensors file: ${what}`);
  if (bytes[0] !== 0x7b) throw wrong('its header is no JSON object');
  let text: string;
  let json: Record<string, unknown>;
  try {
    text = decodeText(bytes, 'its header');
    json = parseJson(text, 'its header') as Record<string, unknown>;
  } catch (e) {
    throw wrong((e as Error).message);
  }
  const twice = repeatedKey(text);
  if (twice !== undefined) throw wrong(`${shown(twice.key)} stands twice in its header`);

  const { __metadata__: metadata = {}, ...entries } = json;
  if (!isObject(metadata) || !Object.values(metadata).every((v) => typeof v === 'string'))
    throw wrong('its metadata is no map of texts');
  const base = 8 + bytes.length;
  const found = Object.entries(entries).map(([name, value]) => ({ name, ...entryOf(name, value, base, wrong) }));
  // An empty tensor lies where the next one begins.
  found.sort((a, b) => a.start - b.start || a.end - b.end);
  let end = base;
  let before = 'the header';
  for (const t of found) {
    const name = `tensor ${shown(t.name)}`;
    if (t.start < end) throw wrong(`${name} overlaps with ${before}`);
    if (t.start > end) throw wrong(`${t.start - end} bytes before ${name} belong to none`);
    if (t.end > size) throw wrong(`cut off in ${name}: it ends at byte ${t.end}, the file at ${size}`);
    end = t.end;
    before = shown(t.name);
  }
  if (end < size) throw wrong(`${size - end} bytes after its last tensor`);
  const tensors: SafeHeader['tensors'] = new Map();
  for (const { name, ...rest } of found) tensors.set(name, rest);
  return { metadata: { ...metadata } as Record<string, string>, tensors };
}

function entryOf(name: string, value: unknown, base: number, wrong: (what: string) => Error): SafeEntry {
  const what = `tensor ${shown(name)}`;
  if (!isObject(value)) throw wrong(`${what} is not described by an object`);
  const { dtype, shape, data_offsets: at } = value;
  if (typeof dtype !== 'string') throw wrong(`${what} has no type`);
  if (!isSizes(shape)) throw wrong(`${what} has no shape`);
  if (!isSizes(at) || at.length !== 2 || at[0] > at[1]) throw wrong(`${what} has no data_offsets`);
  const length = at[1] - at[0];
  if (isKnown(dtype)) {
    const bytes = bytesOf(dtype, shape);
    if (length !== bytes)
      throw wrong(
        `${what} has ${length} bytes; ${dtype} [${shown(shape.join(', '))}] needs ${Number.isNaN(bytes) ? 'more than any file has' : bytes}`,
      );
  }
  return { dtype, shape, start: base + at[0], end: base + at[1] };
}

const isSizes = (x: unknown): x is number[] =>
  Array.isArray(x) && x.every((n) => Number.isSafeInteger(n) && (n as number) >= 0);
