import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { expect } from 'vitest';
import { openEvalSet } from '../src/data/open.js';
import type { EvalSet, EvalSplit } from '../src/data/set.js';
import { UserError } from '../src/errors.js';

/** A folder for a data set, and what puts files into it. */
export class DataFolder {
  readonly dir = mkdtempSync(join(tmpdir(), 'synclr-data-'));

  put(file: string, content: string | Uint8Array): void {
    const path = join(this.dir, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }

  /** Files that are pictures by their content, as cheap as they come: their colour tells which they are. */
  async pictures(...files: string[]): Promise<void> {
    for (const file of files) this.put(file, await picture(file));
  }

  has(file: string): boolean {
    return existsSync(join(this.dir, file));
  }

  remove(): void {
    rmSync(this.dir, { recursive: true });
  }

  /** The set, of the kind that its content tells or the one named. */
  open(o: { name?: string; kind?: string; ignored?: number } = {}): Promise<EvalSet> {
    const { ignored, ...spec } = o;
    return openEvalSet({ dir: this.dir, name: 'set', ...spec }, ignored === undefined ? {} : { ignored });
  }

  /** What the user is told where it cannot be opened: one line. */
  async refused(o: { name?: string; kind?: string; ignored?: number } = {}): Promise<string> {
    const e = await this.open(o).then(
      (set) => set.close(),
      (error: unknown) => error,
    );
    expect(e).toBeInstanceOf(UserError);
    const { message } = e as UserError;
    expect(message).not.toContain('\n');
    return message;
  }
}

/** A picture of one colour that its name decides. */
export function picture(name: string, width = 4, height = 3): Promise<Buffer> {
  const [r, g, b] = colourOf(name);
  const image = sharp({ create: { width, height, channels: 3, background: { r, g, b } } });
  return (/\.png$/i.test(name) ? image.png() : image.jpeg({ quality: 100 })).toBuffer();
}

export function colourOf(name: string): [number, number, number] {
  let h = 2166136261;
  for (const c of name) h = Math.imul(h ^ c.charCodeAt(0), 16777619) >>> 0;
  return [h & 255, (h >> 8) & 255, (h >> 16) & 255];
}

/** What a split holds: names with classes. */
export const listed = (split: EvalSplit): [string, number][] =>
  Array.from({ length: split.length }, (_, i) => [split.nameOf(i), split.labels[i]]);

/** A PNG of samples or indices as they stand. @param o `palette`: indices of as many colours; `depth`: bits a sample */
export function indexPng(
  width: number,
  height: number,
  values: ArrayLike<number>,
  o: { palette?: number; depth?: 1 | 2 | 4 | 8 | 16 } = {},
): Buffer {
  const { depth = 8 } = o;
  const bytes = Math.ceil((width * depth) / 8);
  const raw = Buffer.alloc(height * (1 + bytes));
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const v = values[y * width + x];
      const at = y * (1 + bytes) + 1;
      if (depth === 16) raw.writeUInt16BE(v, at + 2 * x);
      else raw[at + ((x * depth) >> 3)] |= v << (8 - depth - ((x * depth) & 7));
    }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head[8] = depth;
  head[9] = o.palette === undefined ? 0 : 3;
  const parts = [Buffer.from('89504e470d0a1a0a', 'hex'), chunk('IHDR', head)];
  // Colours that tell nothing: a reader that takes them for labels is found out.
  if (o.palette !== undefined)
    parts.push(chunk('PLTE', Buffer.from(Array.from({ length: 3 * o.palette }, (_, i) => (i * 37 + 11) & 255))));
  parts.push(chunk('IDAT', deflateSync(raw)), chunk('IEND', Buffer.alloc(0)));
  return Buffer.concat(parts);
}

function chunk(type: string, data: Buffer): Buffer {
  const out = Buffer.alloc(12 + data.length);
  out.writeUInt32BE(data.length, 0);
  out.write(type, 4, 'latin1');
  data.copy(out, 8);
  out.writeUInt32BE(crc(out.subarray(4, 8 + data.length)), 8 + data.length);
  return out;
}

function crc(bytes: Uint8Array): number {
  let c = ~0;
  for (const b of bytes) {
    c ^= b;
    for (let k = 0; k < 8; k++) c = (c >>> 1) ^ (c & 1 ? 0xedb88320 : 0);
  }
  return ~c >>> 0;
}
