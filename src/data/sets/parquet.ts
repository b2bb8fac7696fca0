import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../../errors.js';
import { isObject, parseJson } from '../../formats/json.js';
import { type ParquetColumn, ParquetFile } from '../../formats/parquet.js';
import type { ListedSplit, SetKind } from '../kind.js';
import type { Place } from '../place.js';
import { completed, filesWith, numbered, sidesOf } from '../shards.js';

/** Names of image columns and of label columns, the likeliest first. */
const IMAGES = /^(image|img|jpg|jpeg|png|webp|picture|photo|pixels|content|bytes|image_bytes)$/i;
const LABELS = ['label', 'labels', 'fine_label', 'class', 'category', 'target', 'cls', 'class_id', 'label_id'];
/** Rows of labels read at once, and pages of pictures kept: their neighbours are asked for next. */
const ROWS = 65_536;
const PAGES = 8;

/** A file, and where the pages of its pictures lie. */
interface Shard {
  name: string;
  bytes: number;
  modified: number;
  file: ParquetFile;
  column: ParquetColumn;
  labels: (number | string)[];
  names?: readonly string[];
  /** Per page: first row, place, group. */
  firsts: number[];
  places: { at: number; group: number }[];
}

/** Pictures of some files. Memory: labels, 24 bytes a page, and a few pages. */
class ParquetSplit implements ListedSplit {
  readonly length: number;
  readonly labels: Int32Array;
  private readonly shards: readonly Shard[];
  private readonly firsts: number[];
  private readonly kept = new Map<string, readonly unknown[]>();

  constructor(shards: readonly Shard[], labels: Int32Array) {
    this.shards = shards;
    this.labels = labels;
    this.length = labels.length;
    this.firsts = [0];
    for (const s of shards) this.firsts.push(this.firsts.at(-1)! + s.labels.length);
  }

  nameOf(i: number): string {
    const s = last(this.firsts, i);
    return `${this.shards[s].name}: row ${i - this.firsts[s]}`;
  }

  async read(i: number): Promise<Uint8Array> {
    const s = last(this.firsts, i);
    const shard = this.shards[s];
    const row = i - this.firsts[s];
    const p = last(shard.firsts, row);
    const key = `${s} ${p}`;
    let values = this.kept.get(key);
    if (!values) {
      const { at, group } = shard.places[p];
      try {
        values = shard.file.page(shard.column, group, at).values ?? [];
      } catch (e) {
        // A page that is damaged holds some pictures, and the file others.
        throw new Error((e as Error).message);
      }
      this.kept.set(key, values);
      if (this.kept.size > PAGES) this.kept.delete(this.kept.keys().next().value!);
    }
    const value = values[row - shard.firsts[p]];
    if (!(value instanceof Uint8Array)) throw new Error('no bytes of a picture in its row');
    return value;
  }

  digest(add: (text: string) => void): void {
    for (const { name, bytes, modified, labels } of this.shards)
      add(JSON.stringify([name, bytes, modified, labels.length]));
    add(this.labels.join());
  }
}

/** The place of the last number that is not above `i`. */
function last(firsts: readonly number[], i: number): number {
  let low = 0;
  let high = firsts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (firsts[middle] <= i) low = middle;
    else high = middle - 1;
  }
  return low;
}

async function shardOf(place: Place, name: string): Promise<Shard> {
  const path = join(place.root, name);
  const { size, mtimeMs } = await stat(path);
  const file = ParquetFile.open(path);
  try {
    const features = featuresOf(file);
    const columns = file.columns;
    const images = columns.filter(
      (c) => c.type === 'BYTE_ARRAY' && !c.text && !c.list && (c.path.length === 1 || c.path[1] === 'bytes'),
    );
    const column =
      images.find((c) => typeOf(features, c.path[0]) === 'Image') ?? images.find((c) => IMAGES.test(c.path[0]));
    const shown = columns.map((c) => c.path.join('.')).join(', ');
    if (!column) throw new UserError(`${path}: no column of images (bytes named image, img, …); it has ${shown}`);
    const labelled = columns.filter((c) => c.path.length === 1 && !c.list).map((c) => c.path[0]);
    const classes = labelled.filter((c) => typeOf(features, c) === 'ClassLabel');
    const usual = (of: readonly string[]) => LABELS.find((l) => of.includes(l));
    const label = usual(classes) ?? (classes.length === 1 ? classes[0] : usual(labelled));
    if (label === undefined)
      throw new UserError(`${path}: no column of labels (${LABELS.slice(0, 4).join(', ')}, …); it has ${shown}`);
    const names = namesOf(features, label);
    const labels: (number | string)[] = [];
    for (let row = 0; row < file.rows; row += ROWS) {
      for (const { [label]: value } of await file.read([label], row, Math.min(file.rows, row + ROWS)))
        labels.push(checkedLabel(value, `${path}, row ${labels.length}: ${label}`));
      place.stopIfAsked();
    }
    const firsts: number[] = [];
    const places: Shard['places'] = [];
    let rows = 0;
    for (const page of file.pagePlaces(column)) {
      firsts.push(rows);
      places.push({ at: page.at, group: page.group });
      rows += page.rows;
    }
    if (rows !== labels.length) throw new UserError(`${path}: ${labels.length} labels for ${rows} images`);
    return { name, bytes: size, modified: mtimeMs, file, column, labels, firsts, places, ...(names && { names }) };
  } catch (e) {
    file.close();
    throw e;
  }
}

function checkedLabel(value: unknown, where: string): number | string {
  if (typeof value === 'string') return value;
  const number = typeof value === 'bigint' ? Number(value) : value;
  if (typeof number === 'boolean') return number ? 1 : 0;
  if (typeof number === 'number' && Number.isSafeInteger(number)) return number;
  throw new UserError(
    `${where} is ${value === null || value === undefined ? 'empty' : String(value)}, which is no class`,
  );
}

/** What Hugging Face's library says of the columns. */
function featuresOf(file: ParquetFile): Record<string, unknown> {
  const said = file.said('huggingface');
  if (said === undefined) return {};
  let value: unknown;
  try {
    value = parseJson(said, 'metadata');
  } catch {
    return {};
  }
  for (const step of ['info', 'features']) value = isObject(value) ? value[step] : undefined;
  return isObject(value) ? value : {};
}

function typeOf(features: Record<string, unknown>, column: string): unknown {
  const feature = features[column];
  return isObject(feature) ? feature._type : undefined;
}

function namesOf(features: Record<string, unknown>, column: string): string[] | undefined {
  const feature = features[column];
  const names = isObject(feature) ? feature.names : undefined;
  return Array.isArray(names) && names.every((n) => typeof n === 'string') ? names : undefined;
}

export const PARQUET: SetKind = {
  name: 'parquet',
  title: 'Parquet of Hugging Face',
  task: 'single',
  metric: 'top-1',
  splits:
    'train, validation and test in the names of files or of their folders; without them a fifth of each class is test',
  layout:
    'data/train-00000-of-00001.parquet …, data/test-….parquet with columns image {bytes, path} and label; or hf:owner/name',
  home: 'https://huggingface.co/datasets',
  marks: [['*.parquet', '!*/'], ['data/*.parquet'], ['train/*.parquet'], ['default/train/*.parquet']],
  anywhere: true,
  async open(place) {
    const names = await filesWith(place.root, /\.parquet$/i);
    if (names.length === 0) throw place.missing('data/train-00000-of-00001.parquet');
    const sides = sidesOf(names, place.dir);
    const open: ParquetFile[] = [];
    const close = async () => {
      for (const file of open.splice(0)) file.close();
    };
    try {
      const parts = [];
      for (const side of ['train', 'val', 'test'] as const) {
        if (sides[side].length === 0) continue;
        const shards: Shard[] = [];
        for (const name of sides[side]) {
          const shard = await shardOf(place, name);
          open.push(shard.file);
          shards.push(shard);
        }
        parts.push({ side, shards, of: shards.flatMap((s) => s.labels) });
      }
      const said = parts.flatMap((p) => p.shards).find((s) => s.names)?.names;
      const { classes, labels } = numbered(place.where, parts, said);
      const splits = Object.fromEntries(parts.map((p, i) => [p.side, new ParquetSplit(p.shards, labels[i])]));
      const { remarks, ...rest } = completed(splits, place.where);
      return { classes, ...rest, remarks: [...sides.remarks, ...remarks], close };
    } catch (e) {
      await close();
      if (e instanceof UserError && !e.message.startsWith(place.where))
        throw new UserError(`${place.where}: ${e.message}`);
      throw e;
    }
  },
};
