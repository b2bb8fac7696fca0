import { inflateSync } from 'node:zlib';

/**
 * The numbers in a PNG (PNG specification, third edition): of palettes the indices, which libraries that give colours
 * do not hand out. For label maps.
 */

/** Pixels at most, as other decoders here. */
const MOST = 0x3fff ** 2;
const SIGNATURE = '89504e470d0a1a0a';

export const isPng = (b: Uint8Array): boolean => Buffer.from(b.subarray(0, 8)).toString('hex') === SIGNATURE;

/**
 * The samples of a grey PNG, or the indices of one with a palette, as bytes; alpha beside grey is left out.
 * @returns undefined for colours @throws with the reason when it is broken, or its 16-bit samples do not fit
 */
export function readPngIndices(b: Uint8Array): { width: number; height: number; data: Uint8Array } | undefined {
  const view = new DataView(b.buffer, b.byteOffset, b.byteLength);
  if (b.length < 33 || view.getUint32(12) !== 0x49484452) throw new Error('a PNG without a header');
  const [width, height] = [view.getUint32(16), view.getUint32(20)];
  const [depth, colour, interlace] = [b[24], b[25], b[28]];
  if (colour === 2 || colour === 6) return undefined;
  if (!(width > 0 && height > 0 && width * height <= MOST)) throw new Error(`a PNG of ${width} × ${height} pixels`);
  const depths = colour === 3 ? [1, 2, 4, 8] : colour === 4 ? [8, 16] : colour === 0 ? [1, 2, 4, 8, 16] : [];
  if (!depths.includes(depth) || interlace > 1) throw new Error(`a PNG of colour type ${colour} with ${depth} bits`);
  const channels = colour === 4 ? 2 : 1;

  const passes = interlace === 1 ? ADAM7 : [[0, 0, 1, 1]];
  const sized = passes.map(([x, y, dx, dy]) => ({
    x,
    y,
    dx,
    dy,
    w: Math.ceil((width - x) / dx),
    h: Math.ceil((height - y) / dy),
  }));
  const rowBytes = (w: number) => Math.ceil((w * channels * depth) / 8);
  const total = sized.reduce((sum, p) => sum + (p.w > 0 && p.h > 0 ? p.h * (1 + rowBytes(p.w)) : 0), 0);
  const raw = inflated(chunks(b, view), total);
  const data = new Uint8Array(width * height);
  const step = Math.max(1, (channels * depth) >> 3);
  let at = 0;
  for (const { x, y, dx, dy, w, h } of sized) {
    if (w <= 0 || h <= 0) continue;
    const bytes = rowBytes(w);
    let before: Uint8Array = new Uint8Array(bytes);
    for (let row = 0; row < h; row++) {
      const filter = raw[at++];
      const line = raw.subarray(at, at + bytes);
      at += bytes;
      unfilter(filter, line, before, step);
      before = line;
      const to = (y + row * dy) * width + x;
      for (let i = 0; i < w; i++) data[to + i * dx] = sample(line, i * channels, depth);
    }
  }
  return { width, height, data };
}

/** Where each of the seven passes begins and how far its pixels are apart: x, y, dx, dy. */
const ADAM7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
];

/** The compressed data, its pieces together. */
function chunks(b: Uint8Array, view: DataView): Buffer {
  const parts: Uint8Array[] = [];
  for (let at = 8; at + 12 <= b.length; ) {
    const length = view.getUint32(at);
    const type = view.getUint32(at + 4);
    if (at + 12 + length > b.length) throw new Error('a PNG that is cut off');
    if (type === 0x49444154) parts.push(b.subarray(at + 8, at + 8 + length));
    if (type === 0x49454e44) return Buffer.concat(parts);
    at += 12 + length;
  }
  throw new Error('a PNG that is cut off');
}

function inflated(packed: Buffer, length: number): Uint8Array {
  let out: Buffer;
  try {
    out = inflateSync(packed, { maxOutputLength: length });
  } catch (e) {
    throw new Error(`a PNG whose data cannot be unpacked (${(e as Error).message})`);
  }
  if (out.length < length) throw new Error('a PNG that is cut off');
  return out;
}

/** Section 9.2, in place. @param step bytes of a pixel, at least one */
function unfilter(filter: number, line: Uint8Array, up: Uint8Array, step: number): void {
  if (filter > 4) throw new Error(`a PNG with filter ${filter}`);
  for (let i = 0; filter > 0 && i < line.length; i++) {
    const a = i < step ? 0 : line[i - step];
    const b = up[i];
    if (filter === 1) line[i] += a;
    else if (filter === 2) line[i] += b;
    else if (filter === 3) line[i] += (a + b) >> 1;
    else {
      const c = i < step ? 0 : up[i - step];
      const p = a + b - c;
      const [pa, pb, pc] = [Math.abs(p - a), Math.abs(p - b), Math.abs(p - c)];
      line[i] += pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
    }
  }
}

function sample(line: Uint8Array, k: number, depth: number): number {
  if (depth === 8) return line[k];
  if (depth === 16) {
    const value = line[2 * k] * 256 + line[2 * k + 1];
    if (value > 255) throw new Error(`a 16-bit sample of ${value}: labels go up to 255`);
    return value;
  }
  const bit = k * depth;
  return (line[bit >> 3] >> (8 - depth - (bit & 7))) & ((1 << depth) - 1);
}
