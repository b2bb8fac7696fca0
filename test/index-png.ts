import { deflateSync } from 'node:zlib';

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
