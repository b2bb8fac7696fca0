import { deflateSync } from 'node:zlib';

/** Files that sharp does not write. */

/** A TIFF of one strip, as scientific tools write it: grey or RGB samples of any kind. */
export function tiff(side: number, samples: Uint8Array, bits: number, format: 1 | 2 | 3, channels = 1): Buffer {
  const tags: [number, number, number][] = [
    [256, 3, side],
    [257, 3, side],
    [258, 3, bits],
    [259, 3, 1],
    [262, 3, channels === 3 ? 2 : 1],
    [273, 4, 8],
    [277, 3, channels],
    [278, 3, side],
    [279, 4, samples.length],
    [339, 3, format],
  ];
  const ifd = Buffer.alloc(2 + tags.length * 12 + 4 + 12);
  const extra = 8 + samples.length + 2 + tags.length * 12 + 4;
  ifd.writeUInt16LE(tags.length, 0);
  tags.forEach(([tag, type, value], i) => {
    const at = 2 + 12 * i;
    ifd.writeUInt16LE(tag, at);
    ifd.writeUInt16LE(type, at + 2);
    const each = channels === 3 && (tag === 258 || tag === 339);
    ifd.writeUInt32LE(each ? 3 : 1, at + 4);
    if (!each) ifd.writeUInt32LE(value, at + 8);
    else {
      const where = tag === 258 ? 0 : 6;
      ifd.writeUInt32LE(extra + where, at + 8);
      for (let c = 0; c < 3; c++) ifd.writeUInt16LE(value, 2 + tags.length * 12 + 4 + where + 2 * c);
    }
  });
  const head = Buffer.from([0x49, 0x49, 42, 0, 0, 0, 0, 0]);
  head.writeUInt32LE(8 + samples.length, 4);
  return Buffer.concat([head, samples, ifd]);
}
/** A BMP of 24 bits, rows from below. */
export function bmp(width: number, height: number, colour: [number, number, number]): Buffer {
  const row = Math.ceil((width * 3) / 4) * 4;
  const b = Buffer.alloc(54 + row * height);
  b.write('BM');
  b.writeUInt32LE(b.length, 2);
  b.writeUInt32LE(54, 10);
  b.writeUInt32LE(40, 14);
  b.writeInt32LE(width, 18);
  b.writeInt32LE(height, 22);
  b.writeUInt16LE(1, 26);
  b.writeUInt16LE(24, 28);
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) b.set([...colour].reverse(), 54 + y * row + x * 3);
  return b;
}

/** An ICO that holds one PNG. */
export function ico(inside: Uint8Array, side: number): Buffer {
  const directory = Buffer.from([0, 0, 1, 0, 1, 0, side, side, 0, 0, 1, 0, 32, 0, 0, 0, 0, 0, 22, 0, 0, 0]);
  directory.writeUInt32LE(inside.length, 14);
  return Buffer.concat([directory, inside]);
}

/** A PNG whose header claims a size, and whose rows are all zero or missing. */
export function png(width: number, height: number, rows: number, interlaced = false): Buffer {
  const chunk = (type: string, data: Uint8Array) => {
    const b = Buffer.alloc(12 + data.length);
    b.writeUInt32BE(data.length);
    b.write(type, 4, 'latin1');
    b.set(data, 8);
    b.writeUInt32BE(crc(b.subarray(4, 8 + data.length)), 8 + data.length);
    return b;
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width);
  head.writeUInt32BE(height, 4);
  head.set([8, 2, 0, 0, interlaced ? 1 : 0], 8);
  const data = deflateSync(Buffer.alloc(rows * (1 + 3 * width)), { level: 1 });
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
  return Buffer.concat([signature, chunk('IHDR', head), chunk('IDAT', data), chunk('IEND', new Uint8Array())]);
}
function crc(bytes: Uint8Array): number {
  let c = -1;
  for (const b of bytes) {
    c ^= b;
    for (let k = 0; k < 8; k++) c = (c >>> 1) ^ (c & 1 ? 0xedb88320 : 0);
  }
  return (c ^ -1) >>> 0;
}
