import { Transient } from '../../net/remote-server.js';
import { sharp } from '../../views/guarded-sharp.js';
import { decode, sidesOf, whyNot } from '../../views/image.js';
import { contentKind, HEAD_BYTES } from '../../views/picture-format.js';
import type { Pixels } from '../painter.js';

/** A whole image of another size than was asked for. */
export class WrongSize extends Transient {
  readonly width: number;
  readonly height: number;

  constructor(width: number, height: number, side: number) {
    super('size', `an image of ${width}×${height} px where ${side}×${side} was asked for`);
    this.width = width;
    this.height = height;
  }
}

/**
 * Pixels of an image file (PNG, JPEG, WebP …, known by its content), scaled with Lanczos where `size` is another side. Transparency lies on
 * white.
 * @param painted side that the file must have @param size side of the result
 * @throws WrongSize; Transient when the file is empty, broken, cut short or no picture
 */
export async function decodePainted(file: Uint8Array, painted: number, size: number): Promise<Pixels> {
  if (file.length === 0) throw new Transient('garbage', 'an empty image');
  try {
    const { width, height } = await sidesOf(file);
    if (width !== painted || height !== painted) throw new WrongSize(width, height, painted);
    const { data } = await decode(file, { strict: true });
    if (size === painted) return { width: size, height: size, data };
    const raw = { width: painted, height: painted, channels: 3 as const };
    const scaled = sharp(data, { raw }).resize(size, size, { kernel: 'lanczos3', fit: 'fill' });
    return { width: size, height: size, data: await scaled.raw().toBuffer() };
  } catch (e) {
    if (e instanceof Transient) throw e;
    // What is whole, and of a kind that is never read, will be no other next time; but a page may stand in for an image.
    const kind = contentKind(file.subarray(0, HEAD_BYTES));
    const lasting = kind !== undefined && !kind.by && kind.name !== 'HTML';
    throw new Transient('garbage', `a broken image (${whyNot(e)})`, { lasting });
  }
}

/** Bytes of a base64 text or data URL. @throws Transient when it is neither, or empty */
export function decodeBase64(text: unknown): Buffer {
  if (typeof text !== 'string' || text === '') throw new Transient('garbage', 'an answer without an image');
  const plain = text.startsWith('data:') ? text.slice(text.indexOf(',') + 1) : text;
  const bytes = Buffer.from(plain, 'base64');
  // Node leaves out what is no base64 instead of complaining.
  if (bytes.length !== Math.floor((plain.replace(/[=\s]+/g, '').length * 3) / 4))
    throw new Transient('garbage', 'an image in broken base64');
  return bytes;
}
