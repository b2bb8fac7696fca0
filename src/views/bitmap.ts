/** Sizes and wholeness of the formats that Skia decodes, which asks nobody before it takes memory and draws what is missing in black. */

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
  const rows = Math.ceil((width * bits) / 32) * 4 * height;
  // Run lengths (1, 2) and files inside (4, 5) may be of any length.
  if ((compression === 0 || compression === 3) && b.getUint32(10, true) + rows > b.byteLength)
    throw new Error('a BMP that is cut off');
  return { width, height };
}

/** Sides of the largest picture in an ICO. @throws when its directory is cut off or names what the file does not hold */
export function icoSides(bytes: Uint8Array): Sides {
  const b = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = b.getUint16(4, true);
  if (6 + 16 * count > b.byteLength) throw new Error('an ICO that is cut off');
  let most: Sides = { width: 0, height: 0 };
  for (let i = 0; i < count; i++) {
    const entry = 6 + 16 * i;
    const at = b.getUint32(entry + 12, true);
    if (at + b.getUint32(entry + 8, true) > b.byteLength || at + 24 > b.byteLength)
      throw new Error('an ICO that is cut off');
    // Inside is a PNG, or a BMP of both picture and mask.
    const png = b.getUint32(at) === 0x89504e47;
    const width = png ? b.getUint32(at + 16) : b.getInt32(at + 4, true);
    const height = png ? b.getUint32(at + 20) : Math.abs(b.getInt32(at + 8, true)) / 2;
    if (width * height > most.width * most.height) most = { width, height };
  }
  return most;
}

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
