import { isPng, readPngIndices } from '../formats/png.js';
import { decode, type Rgb, readPictureFile } from '../views/image.js';

/** A picture of labels, one byte a pixel: the class, or 255 for what counts nowhere. */
export interface LabelMap {
  width: number;
  height: number;
  data: Uint8Array;
}

/** What the values of label maps mean. */
export interface MaskRule {
  /** [256] the class of each value, 255: it counts nowhere, −1: no value of this data set. */
  readonly table: Int16Array;
  /** How many classes there are, for messages. */
  readonly classes: number;
  /** Of maps in colours: the class of each, 255: it counts nowhere; and the legend that says so. */
  readonly colours?: { readonly of: ReadonlyMap<number, number>; readonly file: string };
}

/** Counts nowhere. */
export const VOID = 255;

/**
 * A rule for values 0 … classes − 1, moved by `first`; `ignored` values count nowhere.
 * @param first the value of class 0
 */
export function maskRule(classes: number, ignored: readonly number[], first = 0): MaskRule {
  const table = new Int16Array(256).fill(-1);
  for (let c = 0; c < classes && c + first < 256; c++) table[c + first] = c;
  for (const v of ignored) table[v] = VOID;
  return { table, classes };
}

/**
 * A label map's file as classes.
 * @throws with the reason where it is no map of one value a pixel, or has values that are no class
 */
export async function readMaskFile(path: string, rule: MaskRule): Promise<LabelMap> {
  const bytes = await readPictureFile(path);
  return rule.colours ? byColours(await maskColours(bytes), rule.colours) : asClasses(await maskValues(bytes), rule);
}

export const isJpeg = (bytes: Uint8Array): boolean => bytes[0] === 0xff && bytes[1] === 0xd8;

function refuseJpeg(bytes: Uint8Array): void {
  if (isJpeg(bytes)) throw new Error('a label map as JPEG, which blurs classes: save it as PNG');
}

/** The colours of a label map, each as one number. @throws with the reason */
export async function maskColours(bytes: Uint8Array): Promise<{ width: number; height: number; data: Uint32Array }> {
  refuseJpeg(bytes);
  const { width, height, data } = await decode(bytes);
  const colours = new Uint32Array(width * height);
  for (let i = 0; i < colours.length; i++) colours[i] = (data[3 * i] << 16) | (data[3 * i + 1] << 8) | data[3 * i + 2];
  return { width, height, data: colours };
}

function byColours(
  { width, height, data }: Awaited<ReturnType<typeof maskColours>>,
  { of, file }: NonNullable<MaskRule['colours']>,
): LabelMap {
  const out = new Uint8Array(data.length);
  let [last, its] = [-1, 0];
  for (let i = 0; i < data.length; i++) {
    const colour = data[i];
    if (colour !== last) {
      const found = of.get(colour);
      if (found === undefined)
        throw new Error(
          `colour ${colour >> 16}, ${(colour >> 8) & 255}, ${colour & 255} at pixel ${i % width}, ${Math.floor(i / width)} is not in ${file}`,
        );
      [last, its] = [colour, found];
    }
    out[i] = its;
  }
  return { width, height, data: out };
}

/**
 * The values of a label map: samples of a grey PNG, indices of one with a palette, or any lossless picture whose three
 * samples are the same.
 * @throws with the reason for JPEG, colours, and 16-bit values above 255
 */
export async function maskValues(bytes: Uint8Array): Promise<LabelMap> {
  if (isPng(bytes)) {
    const found = readPngIndices(bytes);
    if (found) return found;
  }
  refuseJpeg(bytes);
  const { width, height, data } = await decode(bytes);
  const values = new Uint8Array(width * height);
  for (let i = 0; i < values.length; i++) {
    const [r, g, b] = [data[3 * i], data[3 * i + 1], data[3 * i + 2]];
    if (r !== g || g !== b)
      throw new Error(
        `a label map in colours (${r}, ${g}, ${b} at pixel ${i % width}, ${Math.floor(i / width)}): save the number of the class in one channel, or put the colours’ names beside (label_colors.txt, class_dict.csv)`,
      );
    values[i] = r;
  }
  return { width, height, data: values };
}

function asClasses({ width, height, data }: LabelMap, { table, classes }: MaskRule): LabelMap {
  const out = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i++) {
    const c = table[data[i]];
    if (c < 0)
      throw new Error(
        `label ${data[i]} at pixel ${i % width}, ${Math.floor(i / width)}, and there are ${classes} classes`,
      );
    out[i] = c;
  }
  return { width, height, data: out };
}

/** @throws where a label map is of another size than its picture */
export function requireSameSize(image: Pick<Rgb, 'width' | 'height'>, mask: LabelMap): void {
  if (image.width !== mask.width || image.height !== mask.height)
    throw new Error(
      `its label map is ${mask.width} × ${mask.height} pixels, the picture ${image.width} × ${image.height}`,
    );
}
