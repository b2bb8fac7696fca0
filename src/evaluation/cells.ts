import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { EvalSet } from '../data/set.js';
import { codeOf, UserError } from '../errors.js';
import { sha256 } from '../files/digest.js';
import { makeFolder } from '../files/folders.js';
import { type FileKind, refuseForeignFile, replaceFile } from '../files/replace.js';
import { readJsonAs } from '../formats/json.js';
import { readSafetensors, type SafeTensor, writeSafetensors } from '../formats/safetensors.js';
import { VERSION } from '../version.js';
import { DECODING } from '../views/eval.js';
import type { EncoderFacts } from './encoders.js';
import type { CellResult, PerImage, Protocol, ProtocolOptions } from './protocol.js';

/** Changes when the same cell would come to another result than before. */
const CELLS = 2;

/** What decides a result. */
export interface CellInputs {
  encoder: EncoderFacts;
  set: EvalSet;
  protocol: Protocol;
  options: ProtocolOptions;
  seed: number;
}

/** Of all that decides a cell's result: the same key, the same figures. */
export function cellKey({ encoder, set, protocol, options, seed }: CellInputs): string {
  const settings = protocol.settings(options);
  const data = [set.hash, set.task, set.metric];
  const files = (protocol.files?.(options) ?? []).map(contentOf);
  const own = files.length > 0 ? [files] : [];
  return sha256(JSON.stringify([CELLS, DECODING, protocol.name, sorted(settings), encoder.hash, data, seed, ...own]));
}

/** A file's content, a folder's names, sizes and times; of what is not there nothing: whoever reads it says so. */
function contentOf(path: string): string {
  try {
    if (!statSync(path).isDirectory()) return sha256(readFileSync(path));
    const names = readdirSync(path).sort();
    return JSON.stringify(names.map((n) => [n, ...lookedAt(join(path, n))]));
  } catch {
    return '';
  }
}

const lookedAt = (path: string): number[] => {
  const { size, mtimeMs } = statSync(path);
  return [size, mtimeMs];
};

/** With keys in order, so that how settings were written down does not matter. */
function sorted(x: unknown): unknown {
  if (Array.isArray(x)) return x.map(sorted);
  if (typeof x !== 'object' || x === null) return x;
  return Object.fromEntries(
    Object.entries(x)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, value]) => [key, sorted(value)]),
  );
}

/** A finished cell, as its file has it. */
export interface CellRecord {
  format: 'synclr-comparison-cell';
  version: 1;
  /** Of all that decides the result. */
  key: string;
  protocol: string;
  /** All of the protocol's, whatever was told. */
  settings: Record<string, unknown>;
  seed: number;
  encoder: { origin: string; hash: string };
  set: {
    name: string;
    kind: string;
    hash: string;
    task: string;
    metric: string;
    /** Numbers of classes and of pictures. */
    classes: number;
    train: number;
    val?: number;
    test: number;
  };
  /** What it ran on, and the version of synclr that did so. */
  executor: string;
  synclr: string;
  /** ISO time. */
  written: string;
  /** Whether there is a file of results by picture beside it. */
  perImage: boolean;
  result: {
    /** Shares, 0…1, by name; null: there is no such figure. */
    metrics: Record<string, number | null>;
    /** Which of them tables show. */
    main: string;
    /** 95 % interval of `main`. */
    interval?: [low: number, high: number];
    /** What was chosen on the way, curves, counts. */
    details: Record<string, unknown>;
    /** Test pictures that could not be decoded. */
    skipped?: { name: string; why: string }[];
    seconds: number;
  };
}

const schema = z.strictObject({
  format: z.literal('synclr-comparison-cell'),
  version: z.literal(1),
  key: z.string(),
  protocol: z.string(),
  settings: z.record(z.string(), z.unknown()),
  seed: z.int(),
  encoder: z.strictObject({ origin: z.string(), hash: z.string() }),
  set: z.strictObject({
    ...{ name: z.string(), kind: z.string(), hash: z.string(), task: z.string(), metric: z.string() },
    ...{ classes: z.int(), train: z.int(), val: z.int().optional(), test: z.int() },
  }),
  executor: z.string(),
  synclr: z.string(),
  written: z.string(),
  perImage: z.boolean(),
  result: z.strictObject({
    metrics: z.record(z.string(), z.number().nullable()),
    main: z.string(),
    interval: z.tuple([z.number(), z.number()]).optional(),
    details: z.record(z.string(), z.unknown()),
    skipped: z.array(z.strictObject({ name: z.string(), why: z.string() })).optional(),
    seconds: z.number(),
  }),
}) satisfies z.ZodType<CellRecord>;

const KIND: FileKind = {
  what: 'a result of synclr eval',
  isOurs: (head) => /^\{\s*"format": "synclr-comparison-cell"/.test(head.toString()),
};
const PER_IMAGE: FileKind = {
  what: 'results of synclr eval, picture by picture',
  isOurs: (head) => /^\{"__metadata__":\{("synclr.sha256":"\w{64}",)?"cell":"\w{64}"/.test(head.toString('latin1', 8)),
};

/** Names of a cell's files below the folder of a comparison. */
export const cellName = (protocol: string, key: string): string => `${protocol}-${key.slice(0, 16)}`;
const jsonFile = (dir: string, c: Pick<CellRecord, 'protocol' | 'key'>) =>
  join(dir, 'cells', `${cellName(c.protocol, c.key)}.json`);
const perImageFile = (dir: string, c: Pick<CellRecord, 'protocol' | 'key'>) =>
  join(dir, 'cells', `${cellName(c.protocol, c.key)}.safetensors`);

/** The cell of a key; undefined where there is none, or a damaged one, which is measured again. */
export async function readCell(dir: string, protocol: string, key: string): Promise<CellRecord | undefined> {
  try {
    const found = await readJsonAs(jsonFile(dir, { protocol, key }), schema);
    return found.key === key && found.protocol === protocol ? found : undefined;
  } catch (e) {
    if (codeOf(e) === 'ENOENT' || e instanceof UserError) return undefined;
    throw e;
  }
}

/** Keeps a finished cell: first its pictures, then itself, so that a cell that is there is whole. */
export async function writeCell(
  dir: string,
  o: CellInputs,
  result: CellResult & { seconds: number },
  executor: string,
): Promise<CellRecord> {
  const { encoder, set, protocol, options, seed } = o;
  const key = cellKey(o);
  const { perImage, ...rest } = result;
  // JSON has no NaN: a figure that cannot be is none.
  const metrics = Object.fromEntries(
    Object.entries(rest.metrics).map(([name, v]) => [name, Number.isFinite(v) ? v : null]),
  );
  const record: CellRecord = {
    format: 'synclr-comparison-cell',
    version: 1,
    key,
    protocol: protocol.name,
    settings: { ...protocol.settings(options) },
    seed,
    encoder: { origin: encoder.origin, hash: encoder.hash },
    set: {
      ...{ name: set.name, kind: set.kind, hash: set.hash, task: set.task, metric: set.metric },
      ...{ classes: set.classes.length, train: set.train.length },
      ...(set.val && { val: set.val.length }),
      test: set.test.length,
    },
    executor,
    synclr: VERSION,
    written: new Date().toISOString(),
    perImage: perImage !== undefined,
    result: {
      ...rest,
      metrics,
      details: { ...rest.details },
      skipped: rest.skipped?.map(({ name, why }) => ({ name, why })),
      interval: rest.interval?.every(Number.isFinite) ? [...rest.interval] : undefined,
    },
  };
  await makeFolder(join(dir, 'cells'));
  if (perImage) {
    const file = perImageFile(dir, record);
    await refuseForeignFile(file, PER_IMAGE);
    await writeSafetensors(file, tensorsOf(perImage), { cell: key, of: perImage.of }, { sealed: true });
  }
  await replaceFile(jsonFile(dir, record), `${JSON.stringify(record, undefined, 1)}\n`, KIND);
  // As the next call will read it.
  return schema.parse(JSON.parse(JSON.stringify(record)));
}

function tensorsOf(p: PerImage): Map<string, SafeTensor> {
  const n = p.index.length;
  const f32 = (data: Float32Array, ...shape: number[]): SafeTensor => ({ dtype: 'F32', shape, data });
  const tensors: [string, SafeTensor][] = [['index', { dtype: 'I32', shape: [n], data: p.index }]];
  switch (p.of) {
    case 'mean':
      tensors.push(['values', f32(p.values, n)]);
      break;
    case 'mean per class':
      tensors.push(['values', f32(p.values, n)], ['labels', { dtype: 'I32', shape: [n], data: p.labels }]);
      break;
    case 'mIoU':
      tensors.push(['areas', { dtype: 'F64', shape: [n, p.classes, 3], data: p.areas }]);
      break;
    case 'mAP':
      tensors.push(
        ['scores', f32(p.scores, n, p.classes)],
        ['present', { dtype: 'I8', shape: [n, p.classes], data: p.present }],
      );
  }
  return new Map(tensors);
}

/** A cell's results by picture; undefined where it has none, or they are damaged. */
export async function readPerImage(dir: string, cell: CellRecord): Promise<PerImage | undefined> {
  if (!cell.perImage) return undefined;
  try {
    const { metadata, tensors } = await readSafetensors(perImageFile(dir, cell));
    if (metadata.cell !== cell.key) return undefined;
    const data = <T>(name: string) => tensors.get(name)!.data as T;
    const index = data<Int32Array>('index');
    switch (metadata.of as PerImage['of']) {
      case 'mean':
        return { of: 'mean', values: data('values'), index };
      case 'mean per class':
        return { of: 'mean per class', values: data('values'), labels: data('labels'), index };
      case 'mIoU':
        return { of: 'mIoU', areas: data('areas'), classes: tensors.get('areas')!.shape[1], index };
      case 'mAP':
        return {
          ...{ of: 'mAP', scores: data('scores'), present: data('present') },
          ...{ classes: tensors.get('scores')!.shape[1], index },
        } as PerImage;
      default:
        return undefined;
    }
  } catch (e) {
    if (codeOf(e) === 'ENOENT' || e instanceof UserError) return undefined;
    throw e;
  }
}
