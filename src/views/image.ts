import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { type Canvas, createCanvas, Image, loadImage } from '@napi-rs/canvas';
import type { Metadata } from 'sharp';
import { codeOf } from '../errors.js';
import { oneLine } from '../printable.js';
import { bmpSides, checkTiff, icoSides, quickSides, type Sides } from './bitmap.js';
import { sharp } from './guarded-sharp.js';
import { withoutAlpha } from './kernels.js';
import { contentKind, HEAD_BYTES } from './picture-format.js';
import { type Depth, toRgb, whiteOf } from './samples.js';
import { decodingMemory, MOST_FOR_ONE } from './semaphore.js';

/** A decoded image: RGB bytes, interleaved, row-major. */
export interface Rgb {
  width: number;
  height: number;
  data: Uint8Array;
  /** Of one that was made smaller on the way: its sides before, and how many pixels here each one of them is. */
  of?: Sides & { across: number; down: number };
}

export interface DecodeOptions {
  /** A shorter side that is enough, pixels: large images are made smaller while they are read, to some multiple of this. Default: never. */
  enough?: number;
  /** Refuse what libraries only warn of. */
  strict?: boolean;
}

/** As sharp has it: 16,384². */
const MOST_PIXELS = 0x3fff ** 2;
/** Images with no more pixels than this are never made smaller on the way: what they give does not depend on `enough`. */
export const LARGE = 2 ** 20;
/** What they are made smaller to, in times what is enough, and where it is worth it. */
const REDUCED = 4;
const WORTH = 2;
/** Deflate makes at most 1,032 bytes of one (zlib's own account of it), and a PNG has up to eight pixels in a byte. */
const MOST_PIXELS_A_BYTE = 8 * 1032;
/** Larger files are no single picture, bytes. */
const MOST_BYTES = 2 ** 30;
/** Files from this size on are read one at a time, bytes. */
const BIG_FILE = 2 ** 25;

/** What a picture's header says. */
interface Header extends Sides {
  /** Bytes a pixel that its decoder holds at one time, at most. */
  held: number;
  /** One byte a sample, as most have. */
  bytes: boolean;
  /** What sharp says of it; undefined where it need not be asked. */
  metadata?: Metadata;
  by: 'sharp' | 'canvas';
  /** An ICO's picture, where it is a PNG. */
  png?: Uint8Array;
}

/**
 * Decodes a picture that is known by its content to RGB: grey is spread, alpha laid on white, EXIF rotation applied, of several pages the
 * first. Samples of more than eight bits are scaled by what they reach (`whiteOf`). Memory in flight is bounded: large ones wait.
 * @throws with the reason when it is no picture, broken, too large, or its samples have no known scale
 */
export async function decode(bytes: Uint8Array, o: DecodeOptions = {}): Promise<Rgb> {
  const header = await readHeader(bytes);
  // Of one that is cut off, Skia would draw the rest in black.
  if (header.png) return decode(header.png, o);
  const { width, height, held, metadata } = header;
  const to = reducedSides(header, o.enough);
  const kept = to ? to.width * to.height : width * height;
  const need = width * height * held + kept * (header.bytes ? 6 : 24);
  if (need > MOST_FOR_ONE)
    throw new Error(
      `${width} × ${height} pixels would take ${Math.ceil(need / 2 ** 20)} MiB to decode, a quarter of the memory or more`,
    );
  const image = await decodingMemory.with(need, () => {
    if (header.by === 'canvas') return drawn(bytes, header, to);
    return metadata && !header.bytes ? decodeDeep(bytes, metadata, to) : decodeBytes(bytes, to, o.strict);
  });
  if (!to) return image;
  const orientation = metadata?.orientation ?? 1;
  const turned = oriented(image, orientation);
  const step = metadata?.format === 'jpeg' ? jpegStep(header, to) : 1;
  const across = to.width / (Math.floor(width / step) * step);
  const down = to.height / (Math.floor(height / step) * step);
  const of =
    orientation > 4 ? { width: height, height: width, across: down, down: across } : { width, height, across, down };
  return { ...turned, of };
}

/**
 * So many pixels of a JPEG become one while it is decoded, by sharp's rule; libvips leaves out a last one that is not full, and then the rest
 * is taken for the whole.
 */
function jpegStep(from: Sides, to: Sides): number {
  const by = Math.min(from.width / to.width, from.height / to.height);
  const step = [8, 4, 2, 1].find((s) => by >= s) ?? 1;
  return step > 1 && Math.floor(by) === step ? step / 2 : step;
}

/** What a large picture is made smaller to, before EXIF rotation: libjpeg and libwebp can do that while they decode. */
function reducedSides({ width, height }: Header, enough: number | undefined): Sides | undefined {
  const by = enough === undefined ? 0 : Math.min(width, height) / (REDUCED * enough);
  if (width * height <= LARGE || by < WORTH) return undefined;
  return { width: Math.round(width / by), height: Math.round(height / by) };
}

/** A picture's sides before EXIF rotation, without decoding it. @throws with the reason, as `decode` */
export async function sidesOf(bytes: Uint8Array): Promise<Sides> {
  const { width, height } = await readHeader(bytes);
  return { width, height };
}

/**
 * The same of a file; a large one that is no picture is not read.
 * @throws with the reason; the file system's error
 */
export async function decodeFile(path: string, o: DecodeOptions = {}): Promise<Rgb> {
  return decode(await readPictureFile(path), o);
}

/**
 * A picture file's bytes, not decoded.
 * @throws with the reason for what no picture can be; the file system's error
 */
export async function readPictureFile(path: string): Promise<Uint8Array> {
  // A pipe without a writer would be waited for.
  const handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const found = await handle.stat();
    if (!found.isFile()) throw new Error('something else than a file');
    if (found.size === 0) throw new Error('an empty file');
    if (found.size > MOST_BYTES) throw new Error(`${found.size} bytes are more than a picture has`);
    const read = async (size: number) => {
      const all = Buffer.alloc(size);
      let at = 0;
      for (let n = 1; n > 0 && at < size; at += n) n = (await handle.read(all, at, size - at, at)).bytesRead;
      return all.subarray(0, at);
    };
    if (found.size < BIG_FILE) return await read(found.size);
    requirePicture(await read(HEAD_BYTES));
    return await decodingMemory.with(found.size, () => read(found.size));
  } finally {
    await handle.close();
  }
}

/** @throws naming what it is when the bytes do not begin as a picture that is decoded here */
function requirePicture(head: Uint8Array): 'sharp' | 'canvas' {
  const kind = contentKind(head);
  if (kind?.by) return kind.by;
  throw new Error(kind ? `its content is ${kind.name}, which is not decoded here` : 'no picture by its content');
}

async function readHeader(bytes: Uint8Array): Promise<Header> {
  if (bytes.length === 0) throw new Error('an empty file');
  const by = requirePicture(bytes.subarray(0, HEAD_BYTES));
  const quick = quickSides(bytes);
  // Asking sharp takes as long as decoding a small one.
  if (quick?.bytes && quick.width * quick.height > 0 && quick.width * quick.height <= LARGE)
    return { ...quick, held: 8, by };
  let header: Header;
  if (by === 'canvas') {
    const sides = bytes[0] === 0x42 ? bmpSides(bytes) : icoSides(bytes);
    header = { ...sides, held: 12, bytes: true, by };
  } else {
    const metadata = await sharp(bytes, { limitInputPixels: false }).metadata();
    const { width, height, depth, format } = metadata;
    if (format === 'tiff') checkTiff(bytes);
    header = { width, height, held: heldBy(metadata), bytes: depth === 'uchar', metadata, by };
  }
  const { width, height } = header;
  if (!(width > 0 && height > 0)) throw new Error(`${width} × ${height} pixels`);
  if (width * height > MOST_PIXELS) throw new Error(`${width} × ${height} pixels are too many`);
  if (header.metadata?.format === 'png' && width * height > MOST_PIXELS_A_BYTE * bytes.length)
    throw new Error(`${width} × ${height} pixels are more than its ${bytes.length} bytes can hold`);
  return header;
}

/** Bytes a pixel that a decoder holds: lines come one by one from some formats, from others only when all are there. */
function heldBy(m: Metadata): number {
  const sample = m.depth === 'uchar' || m.depth === 'char' ? 1 : m.depth === 'ushort' || m.depth === 'short' ? 2 : 4;
  switch (m.format) {
    case 'jpeg':
      return m.isProgressive ? 2 * m.channels : 0.5;
    case 'png':
      return m.isProgressive ? 2 * m.channels * sample : 0.5;
    case 'tiff':
      return m.channels * sample;
    default:
      return 10;
  }
}

/** What sharp says where libvips says nothing. */
const WITHOUT_REASON = /^Input buffer has corrupt header:?\s*$/;

/** What is made smaller is turned afterwards, since libvips' loaders make nothing smaller that is to be turned. */
function opened(bytes: Uint8Array, to: Sides | undefined, strict = false, kernel: 'cubic' | 'linear' = 'cubic') {
  const image = sharp(bytes, { failOn: strict ? 'warning' : 'truncated', limitInputPixels: MOST_PIXELS });
  return to ? image.resize(to.width, to.height, { fit: 'fill', kernel }) : image.autoOrient();
}

async function decodeBytes(bytes: Uint8Array, to: Sides | undefined, strict?: boolean): Promise<Rgb> {
  const work = () =>
    opened(bytes, to, strict)
      .flatten({ background: '#ffffff' })
      .toColourspace('srgb')
      .raw()
      .toBuffer({ resolveWithObject: true });
  // libvips has one text of errors for all its threads: another's end may have cleared the reason, and it is asked again.
  const { data, info } = await work()
    .catch((e: Error) => (WITHOUT_REASON.test(e.message) ? work() : Promise.reject(e)))
    .catch((e: Error) => {
      const kind = withoutEnd(bytes);
      // For the same reason the text may be another picture's, or none: what the bytes say is the same every time.
      throw kind === undefined ? e : new Error(`cut short or damaged: premature end of ${kind} image`);
    });
  const { width, height, channels } = info;
  return { width, height, data: channels === 3 ? data : spread(data, width * height, channels) };
}

/** IEND, the chunk that ends a PNG: its length, its name and its checksum. */
const PNG_END = Buffer.from('0000000049454e44ae426082', 'hex');

/** The kind of a JPEG or PNG that does not end as those do: it may be cut short. */
function withoutEnd(bytes: Uint8Array): 'JPEG' | 'PNG' | undefined {
  if (bytes[0] === 0xff) return bytes.at(-2) === 0xff && bytes.at(-1) === 0xd9 ? undefined : 'JPEG';
  if (bytes[0] !== 0x89) return undefined;
  return PNG_END.equals(bytes.subarray(Math.max(0, bytes.length - PNG_END.length))) ? undefined : 'PNG';
}

/** Turned upright, as EXIF's orientation (1 to 8) says. */
function oriented({ width, height, data }: Rgb, orientation: number): Rgb {
  if (!(orientation > 1 && orientation <= 8)) return { width, height, data };
  const isAcross = orientation > 4;
  const [w, h] = isAcross ? [height, width] : [width, height];
  const out = new Uint8Array(data.length);
  // Columns from the right: 2, 3, 7, 8; rows from below: 3, 4, 6, 7 (of the picture as stored).
  const fromRight = [2, 3, 7, 8].includes(orientation);
  const fromBelow = [3, 4, 6, 7].includes(orientation);
  for (let y = 0; y < h; y++)
    for (let x = 0; x < w; x++) {
      const [u, v] = isAcross ? [y, x] : [x, y];
      const from = ((fromBelow ? height - 1 - v : v) * width + (fromRight ? width - 1 - u : u)) * 3;
      const to = (y * w + x) * 3;
      for (let c = 0; c < 3; c++) out[to + c] = data[from + c];
    }
  return { width: w, height: h, data: out };
}

/** The first channels of interleaved samples, the last one repeated up to three. */
function spread(data: Uint8Array, n: number, channels: number): Uint8Array {
  const rgb = new Uint8Array(n * 3);
  for (let i = 0; i < n; i++)
    for (let c = 0; c < 3; c++) rgb[i * 3 + c] = data[i * channels + Math.min(c, channels - 1)];
  return rgb;
}

/** Pictures whose samples are wider than a byte: their numbers as they are, then scaled by what they reach. */
async function decodeDeep(bytes: Uint8Array, m: Metadata, to: Sides | undefined): Promise<Rgb> {
  const depth = m.depth as Depth;
  // libvips takes half-precision numbers for integers, and negative 16-bit ones for zero.
  if (depth === 'float' && m.space !== undefined && m.space.endsWith('16'))
    throw new Error('half-precision samples, which are not decoded here: save it with 8 or 16 bits');
  if (depth === 'short' && (await sharp(bytes).stats()).channels.some((c) => c.min < 0))
    throw new Error('samples below zero: save it with 8 or 16 bits');
  const wide = depth === 'ushort' ? 'ushort' : 'float';
  // Cubic interpolation overshoots, and the largest sample decides here.
  const { data, info } = await opened(bytes, to, false, 'linear')
    .toColourspace(m.space ?? 'srgb')
    .raw({ depth: wide })
    .toBuffer({ resolveWithObject: true });
  const count = data.length / (wide === 'ushort' ? 2 : 4);
  const samples =
    wide === 'ushort'
      ? new Uint16Array(data.buffer, data.byteOffset, count)
      : new Float32Array(data.buffer, data.byteOffset, count);
  const { width, height, channels } = info;
  if (channels > 4) throw new Error(`${channels} channels of ${depth} samples`);
  return { width, height, data: toRgb(samples, channels, whiteOf(samples, depth)) };
}

/** BMP and ICO, by Skia. */
async function drawn(bytes: Uint8Array, sides: Sides, to: Sides | undefined): Promise<Rgb> {
  const image = await loadImage(bytes);
  if (image.width * image.height > sides.width * sides.height) throw new Error('larger inside than its header says');
  const { width, height } = to ?? image;
  return { width, height, data: withoutAlpha(draw(image, width, height), new Uint8Array(3 * width * height)) };
}

/** The last canvas: one takes as long to make as a small image to draw. */
let canvas: Canvas | undefined;

/** @returns RGBA, interleaved, on white */
function draw(image: Image, width: number, height: number): Uint8ClampedArray {
  if (canvas?.width !== width || canvas.height !== height) canvas = createCanvas(width, height);
  const ctx = canvas.getContext('2d');
  ctx.fillStyle = '#ffffff';
  ctx.fillRect(0, 0, width, height);
  ctx.imageSmoothingQuality = 'high';
  ctx.drawImage(image, 0, 0, width, height);
  const { data } = ctx.getImageData(0, 0, width, height);
  if (width * height > SMALL) canvas = undefined;
  return data;
}

/** Images with more pixels than this are sharp's: below it, what sharp spends on setting up a decoder is most of the time (3 ms against 0.15 ms at 64 px). */
const SMALL = 512 * 512;

/** Skia's, used again: of a new one an image, V8 would do little else than look for those to be collected. */
const idle: Image[] = [];

/**
 * As `decode`, for many small images in a row: the painted ones of a corpus.
 * @param room memory for so many bytes of pixels, when the image is decoded here: new memory for every image keeps the
 * garbage collector busy
 * @param enough of large ones, as `DecodeOptions` has it
 */
export async function decodeSmall(
  bytes: Uint8Array,
  room = (length: number): Uint8Array => new Uint8Array(length),
  enough?: number,
): Promise<Rgb> {
  // Skia reads more than pictures too, and asks nobody before it takes memory.
  const sides = quickSides(bytes);
  // Of one that is cut off, Skia keeps what it has; the other decoder says what is wrong.
  if (!sides || sides.width * sides.height > SMALL || withoutEnd(bytes)) return decode(bytes, { enough });
  const image = idle.pop() ?? new Image();
  image.src = bytes;
  // Waited for, also where it could be drawn at once: Skia decodes it on a thread of its own in any case.
  const failed = await image.decode().catch((e: Error) => e);
  const { width, height } = image;
  if (failed || width * height === 0 || width * height > SMALL) return decode(bytes, { enough });
  const rgba = draw(image, width, height);
  idle.push(image);
  if (rgba[rgba.length - 1] !== 255) return decode(bytes, { enough });
  return { width, height, data: withoutAlpha(rgba, room(3 * width * height)) };
}

/** Why a file could not be decoded, in one line. */
export function whyNot(e: unknown): string {
  if (!(e instanceof Error) || e.message === '') return 'cannot be decoded';
  const line = oneLine(e.message)
    .slice(0, 200)
    .replace(/(?<![\s:])[\s:]+$/, '');
  const code = codeOf(e);
  if (code !== undefined && 'path' in e) return `cannot be read (${code})`;
  return /bad seek|unsupported image format/.test(line) ? 'cannot be decoded' : line;
}
