import { imageType } from '../formats/image-type.js';

/** What kinds of files are known by their first bytes, and which of them are pictures that are decoded here. */
export interface ContentKind {
  name: string;
  /** Which library decodes it; none: it is no picture, or one that nobody here decodes. */
  by?: 'sharp' | 'canvas';
}

/** So many bytes of a file's beginning tell its kind. */
export const HEAD_BYTES = 256;

const ascii = (b: Uint8Array, from: number, to: number): string =>
  Buffer.from(b.buffer, b.byteOffset, b.byteLength).toString('latin1', from, to);
const begins =
  (...texts: string[]) =>
  (b: Uint8Array) =>
    texts.some((text) => ascii(b, 0, text.length) === text);

/** Brands of ISO media files (HEIF and its relatives), of which the first says what is inside, or `mif1` and another one does. */
function brands(b: Uint8Array): string[] {
  if (ascii(b, 4, 8) !== 'ftyp') return [];
  const end = Math.min(b.length, (b[2] << 8) | b[3]);
  const out = [ascii(b, 8, 12)];
  for (let at = 16; at + 4 <= end; at += 4) out.push(ascii(b, at, at + 4));
  return out;
}

const KINDS: readonly (ContentKind & { is(b: Uint8Array): boolean })[] = [
  { name: 'JPEG', by: 'sharp', is: (b) => imageType(b) === 'image/jpeg' },
  { name: 'PNG', by: 'sharp', is: (b) => imageType(b) === 'image/png' },
  { name: 'WebP', by: 'sharp', is: (b) => imageType(b) === 'image/webp' },
  { name: 'GIF', by: 'sharp', is: (b) => /^GIF8[79]a/.test(ascii(b, 0, 6)) },
  { name: 'TIFF', by: 'sharp', is: begins('II*\0', 'II+\0', 'MM\0*', 'MM\0+') },
  { name: 'AVIF', by: 'sharp', is: (b) => brands(b).some((x) => x === 'avif' || x === 'avis') },
  // The length of the header that follows tells a BMP from a text that begins with BM.
  { name: 'BMP', by: 'canvas', is: (b) => ascii(b, 0, 2) === 'BM' && [12, 40, 52, 56, 64, 108, 124].includes(b[14]) },
  { name: 'ICO', by: 'canvas', is: (b) => ascii(b, 0, 4) === '\0\0\x01\0' && b[4] > 0 && b[5] === 0 && b[9] === 0 },
  { name: 'HEIC', is: (b) => brands(b).some((x) => /^(hei[cmxs]|hev[cmx]|mif1|msf1)$/.test(x)) },
  { name: 'a video', is: (b) => brands(b).length > 0 },
  { name: 'JPEG XL', is: begins('\xff\x0a', '\0\0\0\x0cJXL ') },
  { name: 'JPEG 2000', is: begins('\0\0\0\x0cjP  ', '\xff\x4f\xff\x51') },
  { name: 'PNM', is: (b) => /^P[1-7][\s#]/.test(ascii(b, 0, 3)) },
  { name: 'Photoshop', is: begins('8BPS') },
  { name: 'OpenEXR', is: begins('\x76\x2f\x31\x01') },
  { name: 'PDF', is: begins('%PDF') },
  { name: 'PostScript', is: begins('%!') },
  { name: 'SVG', is: (b) => /^(\xef\xbb\xbf)?\s*<.*<?svg[\s>]/is.test(ascii(b, 0, HEAD_BYTES)) },
  { name: 'HTML', is: (b) => /^(\xef\xbb\xbf)?\s*<(!doctype )?html/i.test(ascii(b, 0, HEAD_BYTES)) },
  { name: 'XML', is: (b) => /^(\xef\xbb\xbf)?\s*<\?xml/.test(ascii(b, 0, HEAD_BYTES)) },
  { name: 'ZIP', is: begins('PK\x03\x04') },
  { name: 'gzip', is: begins('\x1f\x8b') },
];

/** The kind of a file, whatever its name ends in. @param head its first bytes, HEAD_BYTES of them where it has so many */
export function contentKind(head: Uint8Array): ContentKind | undefined {
  const kind = KINDS.find((k) => k.is(head));
  return kind && { name: kind.name, by: kind.by };
}

/** Kinds that are decoded, for messages. */
export const PICTURE_KINDS: readonly string[] = KINDS.filter((k) => k.by).map((k) => k.name);
