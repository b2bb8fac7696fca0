import { codeOf, UserError } from '../errors.js';
import { type Line, linesOf, rowOf } from '../formats/jsonl.js';

/** What names of curves begin with that `probe.every` measures; the data set's name follows. */
export const PROBED = 'knn_';

/** A curve, made small: means of buckets of steps. */
export interface Series {
  name: string;
  /** Bucket by bucket: its middle step, mean, least and largest value. */
  points: { step: number; mean: number; min: number; max: number }[];
  last: number;
}

export interface Metrics {
  /** Last step logged. */
  steps: number;
  /** Steps logged. */
  rows: number;
  series: Map<string, Series>;
  /** Seconds of all steps together, where rows have a rate of images and the batch is known. */
  seconds?: number;
  /** What could not be used, each in a line: the first of every kind, with how often. */
  problems: string[];
}

/** Sums of larger ones have no value; a log that holds them is damaged. */
const MOST_VALUE = 1e100;
/** Most curves: a log has some dozen. */
const MOST_CURVES = 500;
/** Most buckets of a curve; more than a chart has pixels would not be seen. */
const BUCKETS = 400;

interface Bucket {
  first: number;
  final: number;
  sum: number;
  count: number;
  min: number;
  max: number;
}

/** Buckets of one key: when there are too many, neighbours are merged. */
class Curve {
  buckets: Bucket[] = [];
  last = Number.NaN;
  private stride = 1;

  add(step: number, value: number): void {
    this.last = value;
    const open = this.buckets.at(-1);
    if (open && open.count < this.stride) {
      open.final = step;
      open.sum += value;
      open.count++;
      open.min = Math.min(open.min, value);
      open.max = Math.max(open.max, value);
      return;
    }
    if (this.buckets.length >= BUCKETS) {
      this.stride *= 2;
      this.buckets = this.buckets.flatMap((b, i, all) => (i % 2 === 0 ? [merge(b, all[i + 1])] : []));
      // The last one may be half full now.
      this.add(step, value);
      return;
    }
    this.buckets.push({ first: step, final: step, sum: value, count: 1, min: value, max: value });
  }
}

function merge(a: Bucket, b: Bucket | undefined): Bucket {
  if (!b) return a;
  return {
    first: a.first,
    final: b.final,
    sum: a.sum + b.sum,
    count: a.count + b.count,
    min: Math.min(a.min, b.min),
    max: Math.max(a.max, b.max),
  };
}

/**
 * Reads `train/metrics.jsonl`, whatever numeric keys it has; memory does not grow with its length. Rows that cannot be used are passed over and
 * said, but for a torn last one, as a killed writer leaves it.
 * @param imagesPerStep images of a step, for the time spent
 * @returns undefined where there is no file, or nothing in it
 */
export async function readMetrics(file: string, imagesPerStep?: number): Promise<Metrics | undefined> {
  const curves = new Map<string, Curve>();
  const problems = new Problems();
  let steps = 0;
  let rows = 0;
  let seconds = 0;
  try {
    for await (const line of linesOf(file, { torn: true })) {
      const row = usable(file, line, problems);
      if (!row) continue;
      const { step } = row;
      const at = `${file}: line ${line.number}`;
      if (typeof step !== 'number' || !Number.isSafeInteger(step) || step < 0) {
        problems.note('without a step', `${at} has no step`);
        continue;
      }
      if (rows > 0 && step <= steps) {
        problems.note('out of order', `${at}: step ${step} comes after step ${steps}`);
        continue;
      }
      rows++;
      steps = step;
      const { images_per_s: speed } = row;
      if (imagesPerStep && typeof speed === 'number' && speed > 0) seconds += imagesPerStep / speed;
      for (const [key, value] of Object.entries(row)) {
        if (key === 'step' || typeof value !== 'number') continue;
        if (!(Math.abs(value) <= MOST_VALUE)) {
          problems.note('infinite', `${at}: ${key.slice(0, 40)} is ${value}`);
          continue;
        }
        let curve = curves.get(key);
        if (!curve) {
          if (curves.size >= MOST_CURVES) {
            problems.note('curves', `${at}: more than ${MOST_CURVES} kinds of numbers`);
            continue;
          }
          curves.set(key, (curve = new Curve()));
        }
        curve.add(step, value);
      }
    }
  } catch (e) {
    if (codeOf(e) === 'ENOENT') return undefined;
    throw e;
  }
  if (rows === 0) {
    if (problems.lines.length > 0) throw new UserError(problems.lines[0]);
    return undefined;
  }
  const series = new Map<string, Series>();
  for (const [name, { buckets, last }] of curves)
    series.set(name, {
      name,
      last,
      points: buckets.map((b) => ({ step: (b.first + b.final) / 2, mean: b.sum / b.count, min: b.min, max: b.max })),
    });
  return { steps, rows, series, ...(seconds > 0 ? { seconds } : {}), problems: problems.lines };
}

/** The first of every kind, and how many more. */
class Problems {
  private readonly found = new Map<string, { line: string; more: number }>();

  note(kind: string, line: string): void {
    const before = this.found.get(kind);
    if (before) before.more++;
    else this.found.set(kind, { line, more: 0 });
  }

  get lines(): string[] {
    return [...this.found.values()].map(({ line, more }) =>
      more === 0 ? line : `${line}, and ${more} more ${more === 1 ? 'row' : 'rows'} of that kind`,
    );
  }
}

function usable(file: string, line: Line, problems: Problems): Record<string, unknown> | undefined {
  try {
    return rowOf(file, line);
  } catch (e) {
    if (!(e instanceof UserError)) throw e;
    if (!line.torn) problems.note('unreadable', e.message);
    return undefined;
  }
}
