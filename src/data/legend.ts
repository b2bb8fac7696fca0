import { UserError } from '../errors.js';
import { readPictureFile } from '../views/image.js';
import { tableOf, wholeOf } from './lists.js';
import { isJpeg, maskColours, maskValues } from './masks.js';
import type { Place } from './place.js';

/** What the colours of label maps mean: files that lie beside, each in the form of who made it known. */
export interface Legend {
  /** Its path below the root, for messages. */
  file: string;
  /** In its order. */
  classes: { name: string; colour: number }[];
}

/** CamVid's own; tables as image tools and Kaggle's copies have them; CVAT's. */
const FILES = ['label_colors.txt', 'class_dict.csv', 'class_dict_seg.csv', 'labelmap.txt'];
/** Label maps that are looked at to tell numbers from colours. */
const LOOKED_AT = 16;

/** A colour as one number. */
export const colourOf = (r: number, g: number, b: number): number => (r << 16) | (g << 8) | b;

/**
 * The legend of a data set's label maps.
 * @returns undefined where none lies beside @throws UserError for lines that are none, and for one colour of two classes
 */
export async function legendOf(place: Place): Promise<Legend | undefined> {
  const file = place.find(...FILES);
  if (file === undefined) return undefined;
  const rows = file.endsWith('.csv') ? await table(place, file) : await lines(place, file);
  const classes = rows.map(({ name, rgb }) => {
    const [r, g, b] = rgb.map((text) => wholeOf(text, place.path(file)));
    if (![r, g, b].every((v) => v >= 0 && v <= 255)) throw place.wrong(file, `${name} has a colour outside 0…255`);
    return { name, colour: colourOf(r, g, b) };
  });
  const first = new Map<number, string>();
  for (const { name, colour } of classes) {
    const other = first.get(colour);
    if (other !== undefined) throw place.wrong(file, `${other} and ${name} have the same colour`);
    first.set(colour, name);
  }
  return { file, classes };
}

async function table(place: Place, file: string): Promise<{ name: string; rgb: string[] }[]> {
  const rows = tableOf(await place.text(file), place.path(file), ['name', 'r', 'g', 'b']);
  return rows.map((r) => ({ name: r.name, rgb: [r.r, r.g, r.b] }));
}

/** `64 128 64<tab>Animal`, or `Animal:64,128,64::`; what follows # is a remark. */
async function lines(place: Place, file: string): Promise<{ name: string; rgb: string[] }[]> {
  return (await place.lines(file)).flatMap((line) => {
    if (line.startsWith('#')) return [];
    const own = /^(\d{1,3})[\s,]{1,9}(\d{1,3})[\s,]{1,9}(\d{1,3})[\s,]{1,9}(\S.*)$/.exec(line);
    if (own) return [{ name: own[4], rgb: own.slice(1, 4) }];
    const cvat = /^([^:]{1,200}):(\d{1,3}),(\d{1,3}),(\d{1,3})(?::|$)/.exec(line);
    if (cvat) return [{ name: cvat[1], rgb: cvat.slice(2, 5) }];
    throw place.wrong(file, `"${line}" is no colour and class: expected such as "64 128 64 Animal"`);
  });
}

/**
 * Whether label maps hold the legend's colours, not numbers of classes: some are in colours, or all have none but the legend's.
 * @param masks their paths below the root
 */
export async function isInColours(place: Place, masks: readonly string[], { classes }: Legend): Promise<boolean> {
  const known = new Set(classes.map((c) => c.colour));
  const step = Math.max(1, masks.length / LOOKED_AT);
  let readable = 0;
  for (let k = 0; k < masks.length; k += step) {
    place.stopIfAsked();
    const bytes = await readPictureFile(place.path(masks[Math.floor(k)])).catch(() => undefined);
    // Of a JPEG both are refused when it is read.
    const found = bytes && !isJpeg(bytes) ? await maskColours(bytes).catch(() => undefined) : undefined;
    if (!bytes || !found) continue;
    readable++;
    if (!(await maskValues(bytes).catch(() => undefined))) return true;
    for (const colour of found.data) if (!known.has(colour)) return false;
  }
  return readable > 0;
}

/** @throws UserError where a value is told to count nowhere, and there are none */
export function refuseIgnored(place: Place, { file }: Legend): void {
  if (place.options.ignored !== undefined)
    throw new UserError(
      `${place.where}: --ignored ${place.options.ignored} is a value, and these label maps are in the colours of ${file}: call that colour void there`,
    );
}
