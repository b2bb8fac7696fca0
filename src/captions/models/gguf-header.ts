import { closeSync, fstatSync, openSync } from 'node:fs';
import { basename } from 'node:path';
import { UserError } from '../../errors.js';
import { FileWindow } from '../../formats/file-window.js';

/** What of a GGUF file's metadata is looked at. */
export interface GgufHeader {
  /** Parts of the model, and which of them this is, from 0. */
  parts: number;
  part: number;
}

/** Bytes of a value by its type (gguf.h: u8, i8, u16, i16, u32, i32, f32, bool; u64, i64, f64); strings and arrays have no fixed size. */
const VALUE_BYTES: Readonly<Record<number, number>> = {
  0: 1,
  1: 1,
  2: 2,
  3: 2,
  4: 4,
  5: 4,
  6: 4,
  7: 1,
  10: 8,
  11: 8,
  12: 8,
};
const STRING = 8;
const ARRAY = 9;

/** Values of a block, and its bytes, by a tensor's type (ggml.c); types that are not here are newer, and only their beginning is checked. */
const BLOCKS: Readonly<Record<number, readonly [values: number, bytes: number]>> = {
  0: [1, 4],
  1: [1, 2],
  2: [32, 18],
  3: [32, 20],
  6: [32, 22],
  7: [32, 24],
  8: [32, 34],
  10: [256, 84],
  11: [256, 110],
  12: [256, 144],
  13: [256, 176],
  14: [256, 210],
  15: [256, 292],
  16: [256, 66],
  17: [256, 74],
  18: [256, 98],
  19: [256, 50],
  20: [32, 18],
  21: [256, 110],
  22: [256, 82],
  23: [256, 136],
  24: [1, 1],
  25: [1, 2],
  26: [1, 4],
  27: [1, 8],
  28: [1, 8],
  29: [256, 56],
  30: [1, 2],
  34: [256, 54],
  35: [256, 66],
  39: [32, 17],
};

/** Longest key or tensor's name, bytes (the format's own limit on keys). */
const MOST_NAME = 65_535;
const MOST_DIMS = 4;
/** Least bytes of a key with its value, and of a tensor's description. */
const LEAST_PAIR = 8 + 4 + 1;
const LEAST_TENSOR = 8 + 4 + 4 + 8;
const WINDOW = 1 << 16;

/**
 * Reads the header of a GGUF file and holds all that it claims against the file's size: llama.cpp believes counts and lengths, and allocates
 * what they say.
 * @throws UserError naming the file and what is wrong with it
 */
export function checkGguf(path: string): GgufHeader {
  const fd = openSync(path, 'r');
  try {
    return new HeaderReader(fd, path).read();
  } finally {
    closeSync(fd);
  }
}

class HeaderReader {
  private readonly path: string;
  private readonly size: number;
  private readonly window: FileWindow;
  private at = 0;

  constructor(fd: number, path: string) {
    this.window = new FileWindow(fd, WINDOW);
    this.path = path;
    this.size = fstatSync(fd).size;
  }

  read(): GgufHeader {
    if (this.take(4).toString('latin1') !== 'GGUF') throw this.refused('it does not begin with "GGUF"');
    const version = this.u32();
    if (version !== 0 && (version & 0xffff) === 0)
      throw this.refused('its numbers are big-endian, which are not read here: take a little-endian file');
    if (version === 1) throw this.refused('it is of version 1, which llama.cpp no longer reads: convert it anew');
    if (version !== 2 && version !== 3) throw this.refused(`it is of version ${version}; 2 and 3 are known`);
    const tensors = this.count('tensors', LEAST_TENSOR);
    const pairs = this.count('metadata', LEAST_PAIR);
    const known = this.metadata(pairs);
    const alignment = known.get('general.alignment') ?? 32;
    if (!(alignment > 0 && alignment % 8 === 0 && alignment <= 2 ** 20))
      throw this.refused(`general.alignment: ${alignment} is no multiple of 8`);
    this.tensors(tensors, alignment);
    const parts = known.get('split.count') ?? 0;
    return { parts: Math.max(1, parts), part: known.get('split.no') ?? 0 };
  }

  /** @returns the numbers among the values, by key */
  private metadata(pairs: number): Map<string, number> {
    const numbers = new Map<string, number>();
    const keys = new Set<string>();
    for (let i = 0; i < pairs; i++) {
      const key = this.name('key');
      if (keys.has(key)) throw this.refused(`the key ${key.slice(0, 80)} is there twice`);
      keys.add(key);
      const type = this.u32();
      if (type === STRING) this.skip(this.length(1, key), key);
      else if (type === ARRAY) this.array(key);
      else {
        const value = this.number(type);
        if (value === undefined) throw this.refused(`${key.slice(0, 80)}: there is no value of type ${type}`);
        numbers.set(key, value);
      }
    }
    return numbers;
  }

  private array(key: string): void {
    const type = this.u32();
    // The format allows lists of lists; no model has them, and llama.cpp refuses them too.
    if (type === ARRAY) throw this.refused(`${key.slice(0, 80)}: a list of lists`);
    const bytes = VALUE_BYTES[type];
    if (bytes === undefined && type !== STRING)
      throw this.refused(`${key.slice(0, 80)}: there is no list of type ${type}`);
    const count = this.length(bytes ?? 8, key);
    if (bytes !== undefined) this.skip(count * bytes, key);
    else for (let i = 0; i < count; i++) this.skip(this.length(1, key), key);
  }

  private tensors(count: number, alignment: number): void {
    const ends: { name: string; end: number }[] = [];
    const names = new Set<string>();
    for (let i = 0; i < count; i++) {
      const name = this.name('tensor');
      if (names.has(name)) throw this.refused(`the tensor ${name.slice(0, 80)} is there twice`);
      names.add(name);
      const dims = this.u32();
      if (dims > MOST_DIMS) throw this.refused(`tensor ${name.slice(0, 80)}: ${dims} dimensions`);
      let values = 1;
      let row = 1;
      for (let d = 0; d < dims; d++) {
        const side = this.u64();
        if (d === 0) row = side;
        values *= side;
      }
      const type = this.u32();
      const offset = this.u64();
      const [per, bytes] = BLOCKS[type] ?? [1, 0];
      const end = offset + (values / per) * bytes;
      if (!Number.isSafeInteger(values) || values === 0 || row % per !== 0 || offset % alignment !== 0)
        throw this.refused(`tensor ${name.slice(0, 80)}: a shape or place that cannot be`);
      ends.push({ name, end });
    }
    const begin = Math.ceil(this.at / alignment) * alignment;
    for (const { name, end } of ends)
      if (!(begin + end <= this.size))
        throw this.refused(
          `it is cut off: tensor ${name.slice(0, 80)} ends at byte ${begin + end}, the file has ${this.size}; get it again`,
        );
  }

  /** A number of things of which each takes at least so many bytes of what is left. */
  private count(what: string, least: number): number {
    const count = this.u64();
    if (!(count * least <= this.size - this.at))
      throw this.refused(`it claims ${count} ${what}, more than its ${this.size} bytes hold`);
    return count;
  }

  private length(each: number, key: string): number {
    const length = this.u64();
    if (!(length * each <= this.size - this.at))
      throw this.refused(`${key.slice(0, 80)}: it claims ${length} elements, more than its ${this.size} bytes hold`);
    return length;
  }

  private name(what: string): string {
    const length = this.u64();
    if (!(length <= MOST_NAME)) throw this.refused(`a ${what} of ${length} bytes at byte ${this.at}`);
    return this.take(length).toString('utf8');
  }

  private number(type: number): number | undefined {
    const bytes = VALUE_BYTES[type];
    if (bytes === undefined) return undefined;
    const b = this.take(bytes);
    if (type === 6) return b.readFloatLE();
    if (type === 12) return b.readDoubleLE();
    if (bytes === 8) return Number(type === 11 ? b.readBigInt64LE() : b.readBigUInt64LE());
    return type === 1 || type === 3 || type === 5 ? b.readIntLE(0, bytes) : b.readUIntLE(0, bytes);
  }

  private u32(): number {
    return this.take(4).readUInt32LE();
  }

  /** Not exact beyond 2^53, which is more than any file has. */
  private u64(): number {
    return Number(this.take(8).readBigUInt64LE());
  }

  private skip(bytes: number, key: string): void {
    if (bytes > this.size - this.at)
      throw this.refused(`${key.slice(0, 80)}: it claims ${bytes} bytes, more than its ${this.size} hold`);
    this.at += bytes;
  }

  /** The next bytes; at most what the window holds. */
  private take(bytes: number): Buffer {
    const found = this.window.at(this.at, bytes);
    if (!found) throw this.refused(`it is cut off in its header, at byte ${this.size}; get it again`);
    this.at += bytes;
    return found;
  }

  private refused(why: string): UserError {
    return new UserError(`captions.model: ${this.path} cannot be read as a GGUF file: ${why}`);
  }
}

/**
 * Checks all parts of a model.
 * @param paths the file, or the parts of a split model in order
 * @throws UserError as {@link checkGguf}, and where the parts do not make one model
 */
export function checkModel(paths: readonly string[]): void {
  for (const [i, path] of paths.entries()) {
    const { parts, part } = checkGguf(path);
    if (parts === paths.length && part === i) continue;
    throw new UserError(
      paths.length === 1
        ? `captions.model: ${path} is part ${part + 1} of ${parts} of a model: name the first part, as gguf-split called it (…-00001-of-${String(parts).padStart(5, '0')}.gguf), beside which the others lie`
        : `captions.model: ${path} is part ${part + 1} of ${parts} by its header, not ${i + 1} of ${paths.length} as its name ${basename(path)} says`,
    );
  }
}
