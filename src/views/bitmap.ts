/** Sizes and wholeness where the decoder asks nobody: Skia, which takes memory before, and draws what is missing in black; TIFF without compression. */

export interface Sides {
  width: number;
  height: number;
}

/** A BMP's sides. @throws when its header is cut or odd, or the file holds fewer rows than it says */
export function bmpSides(bytes: Uint8Array): Sides {
  const b = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (b.byteLength < 26) throw new Error('a BMP whose header is cut off');
  const old = b.getUint32(14, true) === 12;
  if (!old && b.byteLength < 54) throw new Error('a BMP whose header is cut off');
  const width = old ? b.getUint16(18, true) : b.getInt32(18, true);
  const height = Math.abs(old ? b.getInt16(20, true) : b.getInt32(22, true));
  const bits = b.getUint16(old ? 24 : 28, true);
  const compression = old ? 0 : b.getUint32(30, true);
  if (width < 1 || height < 1) throw new Error(`a BMP of ${width} × ${height} pixels`);
  const rows = rowBytes(width, bits) * height;
  // Run lengths (1, 2) and files inside (4, 5) may be of any length.
  if ((compression === 0 || compression === 3) && b.getUint32(10, true) + rows > b.byteLength)
    throw new Error('a BMP that is cut off');
  return { width, height };
}

/** The largest picture in an ICO, and its bytes where it is a PNG. @throws when the directory or what it names is cut off */
export function icoSides(bytes: Uint8Array): Sides & { png?: Uint8Array } {
  const b = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = b.getUint16(4, true);
  if (6 + 16 * count > b.byteLength) throw new Error('an ICO that is cut off');
  let most: Sides & { png?: Uint8Array } = { width: 0, height: 0 };
  for (let i = 0; i < count; i++) {
    const entry = 6 + 16 * i;
    const at = b.getUint32(entry + 12, true);
    const size = b.getUint32(entry + 8, true);
    if (at + size > b.byteLength || at + 24 > b.byteLength) throw new Error('an ICO that is cut off');
    // Inside is a PNG, or a BMP of both picture and mask.
    const png = b.getUint32(at) === 0x89504e47;
    const width = png ? b.getUint32(at + 16) : b.getInt32(at + 4, true);
    const height = png ? b.getUint32(at + 20) : Math.abs(b.getInt32(at + 8, true)) / 2;
    if (!png && at + b.getUint32(at, true) + rowBytes(width, b.getUint16(at + 14, true)) * height > b.byteLength)
      throw new Error('an ICO that is cut off');
    if (width * height > most.width * most.height)
      most = png ? { width, height, png: bytes.subarray(at, at + size) } : { width, height };
  }
  return most;
}

/** Bytes of a bitmap's row: whole words of 32 bits. */
const rowBytes = (width: number, bits: number): number => Math.ceil((width * bits) / 32) * 4;

/**
 * Looks whether a TIFF without compression holds the first picture that its directory names: what is missing would be drawn in black. All
 * else is its decoder's to find. @throws when it is cut off
 */
export function checkTiff(bytes: Uint8Array): void {
  const b = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    const little = b.getUint8(0) === 0x49;
    const big = b.getUint16(2, little) === 43;
    const long = (at: number) => (big ? Number(b.getBigUint64(at, little)) : b.getUint32(at, little));
    const word = big ? 8 : 4;
    const directory = long(big ? 8 : 4);
    const count = big ? long(directory) : b.getUint16(directory, little);
    const first = directory + (big ? 8 : 2);
    const values = (tag: number): number[] => {
      for (let i = 0; i < Math.min(count, MOST_TAGS); i++) {
        const entry = first + i * (big ? 20 : 12);
        if (b.getUint16(entry, little) !== tag) continue;
        const type = b.getUint16(entry + 2, little);
        const each = type === 3 ? 2 : type === 16 ? 8 : 4;
        const n = long(entry + 4);
        if (n * each > b.byteLength) throw new RangeError();
        const at = n * each <= word ? entry + 4 + word : long(entry + 4 + word);
        return Array.from({ length: n }, (_, k) =>
          each === 2
            ? b.getUint16(at + k * 2, little)
            : each === 8
              ? Number(b.getBigUint64(at + k * 8, little))
              : b.getUint32(at + k * 4, little),
        );
      }
      return [];
    };
    if ((values(259)[0] ?? 1) !== 1) return;
    const offsets = [...values(273), ...values(324)];
    const sizes = [...values(279), ...values(325)];
    // The last strip's size may be said as that of a whole one.
    if (offsets.every((at, i) => i === offsets.length - 1 || at + (sizes[i] ?? 0) <= b.byteLength)) {
      const rest = offsets.length > 1 ? 1 : sizes[0];
      if (offsets.length === 0 || offsets[offsets.length - 1] + rest <= b.byteLength) return;
    }
  } catch {
    // A directory that points beyond the end.
  }
  throw new Error('a TIFF that is cut off');
}
const MOST_TAGS = 65_536;

/**
 * A PNG's or JPEG's sides as its header says, and whether its samples are bytes; undefined for anything else, and where the header is odd.
 */
export function quickSides(bytes: Uint8Array): (Sides & { bytes: boolean }) | undefined {
  const b = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (b.byteLength > 25 && b.getUint32(0) === 0x89504e47)
    return { width: b.getUint32(16), height: b.getUint32(20), bytes: bytes[24] <= 8 };
  if (b.byteLength < 4 || b.getUint16(0) !== 0xffd8) return undefined;
  for (let at = 2; at + 9 < b.byteLength && b.getUint8(at) === 0xff; at += 2 + b.getUint16(at + 2)) {
    const marker = b.getUint8(at + 1);
    // Start of frame; three markers in this range are something else.
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker))
      return { width: b.getUint16(at + 7), height: b.getUint16(at + 5), bytes: true };
  }
  return undefined;
}
