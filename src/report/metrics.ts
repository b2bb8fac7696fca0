import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

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
}

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
 * Reads `train/metrics.jsonl`, whatever numeric keys it has; memory does not grow with its length. Lines that are no JSON object with a
 * step, as a killed writer leaves them, are passed over.
 * @param imagesPerStep images of a step, for the time spent
 * @returns undefined where there is no file, or nothing in it
 */
export async function readMetrics(file: string, imagesPerStep?: number): Promise<Metrics | undefined> {
  const curves = new Map<string, Curve>();
  let steps = 0;
  let rows = 0;
  let seconds = 0;
  const stream = createReadStream(file, 'utf8');
  try {
    for await (const line of createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })) {
      const row = parse(line);
      if (typeof row?.step !== 'number') continue;
      rows++;
      steps = Math.max(steps, row.step);
      if (imagesPerStep && typeof row.images_per_s === 'number' && row.images_per_s > 0)
        seconds += imagesPerStep / row.images_per_s;
      for (const [key, value] of Object.entries(row)) {
        if (key === 'step' || typeof value !== 'number' || !Number.isFinite(value)) continue;
        let curve = curves.get(key);
        if (!curve) curves.set(key, (curve = new Curve()));
        curve.add(row.step, value);
      }
    }
  } catch (e) {
    if ((e as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw e;
  }
  if (rows === 0) return undefined;
  const series = new Map<string, Series>();
  for (const [name, { buckets, last }] of curves)
    series.set(name, {
      name,
      last,
      points: buckets.map((b) => ({ step: (b.first + b.final) / 2, mean: b.sum / b.count, min: b.min, max: b.max })),
    });
  return { steps, rows, series, ...(seconds > 0 ? { seconds } : {}) };
}

function parse(line: string): Record<string, unknown> | undefined {
  try {
    const row: unknown = JSON.parse(line);
    return typeof row === 'object' && row !== null ? (row as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
