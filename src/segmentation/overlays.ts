import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createCanvas, ImageData } from '@napi-rs/canvas';
import { z } from 'zod';
import { codeOf } from '../errors.js';
import { type FolderKind, replaceFolder } from '../files/replace.js';
import { writeFileAtomic } from '../files/write.js';
import { checked, parseJson } from '../formats/json.js';
import type { Rgb } from '../views/image.js';
import { IGNORED } from './areas.js';
import { type Colour, IGNORED_COLOUR, palette } from './palette.js';
import type { LabelledPicture } from './pictures.js';

/** Pictures of a test, each beside its truth and what was predicted, in a folder of a cell. */

/** The folder's name. */
export const OVERLAYS = 'overlays';
const INDEX = 'index.json';
/** Longest side of each of the three pictures, pixels. */
const SIDE = 320;
const GAP = 4;
/** Share of a class's colour; the rest is the picture in grey. */
const COLOURED = 0.65;
const LINE = 18;

const form = z.strictObject({
  format: z.literal('synclr-overlays'),
  version: z.literal(1),
  legend: z.array(z.strictObject({ name: z.string(), colour: z.tuple([z.int(), z.int(), z.int()]) })),
  pictures: z.array(
    z.strictObject({ file: z.string(), name: z.string(), width: z.int().optional(), height: z.int().optional() }),
  ),
});

/** What a report shows of a cell. */
export interface Overlays {
  /** Classes and their colours; black is what is ignored. */
  legend: { name: string; colour: Colour }[];
  /**
   * PNG files: path, the picture's name in its data set, and where in the file picture, truth and prediction begin, of one size each, pixels;
   * earlier versions did not say that.
   */
  pictures: { path: string; name: string; panels?: { lefts: number[]; width: number; height: number } }[];
}

/** One picture that was tested. */
export interface OverlayPicture {
  name: string;
  picture: LabelledPicture;
  /** [height, width] of the label map */
  predicted: Uint8Array;
}

/** Writes pictures, truths and predictions into `overlays/` of a cell's folder, in place of what an earlier call put there. */
export async function writeOverlays(
  dir: string,
  classes: readonly string[],
  all: readonly OverlayPicture[],
): Promise<void> {
  const colours = palette(classes.length);
  const kind: FolderKind = {
    what: 'pictures of a segmentation that synclr wrote',
    async fill(temporary) {
      const pictures: z.output<typeof form>['pictures'] = [];
      for (const [i, one] of all.entries()) {
        const file = `${String(i).padStart(3, '0')}.png`;
        await writeFileAtomic(join(temporary, file), drawn(one, classes, colours));
        pictures.push({ file, name: one.name, ...panelSize(one.picture.mask) });
      }
      const legend = classes.map((name, c) => ({ name, colour: colours[c] }));
      const index = { format: 'synclr-overlays', version: 1, legend, pictures };
      await writeFileAtomic(join(temporary, INDEX), `${JSON.stringify(index, null, 1)}\n`);
    },
  };
  await replaceFolder(join(dir, OVERLAYS), kind);
}

/** The pictures that a cell left, for a report. @returns undefined where there are none @throws UserError for a damaged index */
export async function overlays(dir: string): Promise<Overlays | undefined> {
  const file = join(dir, OVERLAYS, INDEX);
  const text = await readFile(file, 'utf8').catch((e) => {
    if (codeOf(e) === 'ENOENT') return undefined;
    throw e;
  });
  if (text === undefined) return undefined;
  const { legend, pictures } = checked(parseJson(text, file), form, file);
  return {
    legend,
    pictures: pictures.map(({ file: own, name, width, height }) => ({
      ...{ path: join(dir, OVERLAYS, own), name },
      ...(width && height && { panels: { lefts: [0, 1, 2].map((i) => i * (width + GAP)), width, height } }),
    })),
  };
}

/** Of a picture as it is drawn, pixels. */
function panelSize(of: { width: number; height: number }): { width: number; height: number } {
  const by = Math.min(1, SIDE / Math.max(of.width, of.height));
  const [width, height] = [of.width, of.height].map((side) => Math.max(1, Math.round(side * by)));
  return { width, height };
}

/** One PNG: picture, truth and prediction side by side, below them the classes that occur. */
function drawn({ picture, predicted }: OverlayPicture, classes: readonly string[], colours: readonly Colour[]): Buffer {
  const { image, mask } = picture;
  const { width: w, height: h } = panelSize(mask);
  const present = new Set<number>();
  for (const labels of [mask.data, predicted]) for (const label of labels) present.add(label);
  const named = [...classes.entries()].filter(([c]) => present.has(c));
  const width = 3 * w + 2 * GAP;
  const across = Math.max(1, Math.floor(width / 120));
  const rows = Math.ceil(named.length / across);
  const canvas = createCanvas(width, h + GAP + rows * LINE + GAP);
  const ctx = canvas.getContext('2d');
  ctx.fillStyle = '#ffffff';
  ctx.fillRect(0, 0, canvas.width, canvas.height);
  const put = (pixel: (x: number, y: number) => Colour, left: number) => {
    const rgba = new Uint8ClampedArray(w * h * 4).fill(255);
    for (let y = 0; y < h; y++) for (let x = 0; x < w; x++) rgba.set(pixel(x, y), (y * w + x) * 4);
    ctx.putImageData(new ImageData(rgba, w, h), left, 0);
  };
  const plain = (x: number, y: number) => colourAt(image, (x + 0.5) / w, (y + 0.5) / h);
  const of = (labels: Uint8Array) => (x: number, y: number) => {
    const label =
      labels[Math.floor(((y + 0.5) * mask.height) / h) * mask.width + Math.floor(((x + 0.5) * mask.width) / w)];
    const [r, g, b] = plain(x, y);
    const grey = 0.299 * r + 0.587 * g + 0.114 * b;
    const colour = label === IGNORED ? IGNORED_COLOUR : colours[label];
    return colour.map((v) => COLOURED * v + (1 - COLOURED) * grey) as unknown as Colour;
  };
  put(plain, 0);
  put(of(mask.data), w + GAP);
  put(of(predicted), 2 * (w + GAP));
  ctx.font = '12px sans-serif';
  named.forEach(([c, name], i) => {
    const left = (i % across) * (width / across);
    const top = h + GAP + Math.floor(i / across) * LINE;
    ctx.fillStyle = `rgb(${colours[c].join(',')})`;
    ctx.fillRect(left, top + 2, 12, 12);
    ctx.fillStyle = '#222222';
    ctx.fillText(name, left + 16, top + 12, width / across - 20);
  });
  return canvas.toBuffer('image/png');
}

/** @param x,y 0…1 */
function colourAt({ width, height, data }: Rgb, x: number, y: number): Colour {
  const at = (Math.min(height - 1, Math.floor(y * height)) * width + Math.min(width - 1, Math.floor(x * width))) * 3;
  return [data[at], data[at + 1], data[at + 2]];
}
