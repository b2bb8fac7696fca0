import { join } from 'node:path';
import { z } from 'zod';
import type { Settings } from '../config/schema.js';
import { sha256 } from '../files/digest.js';
import { type FileKind, replaceFile } from '../files/replace.js';
import { readJsonAs } from '../formats/json.js';
import type { ImageDataset } from './datasets.js';
import { rowSchema } from './report-form.js';
import type { ProbeRow } from './report-types.js';
import type { FeatureSource } from './sources.js';

/** Everything that decides a row of a probe report. */
export function rowKey(source: FeatureSource, dataset: ImageDataset, settings: Settings): string {
  const { knn, linear } = settings.probe;
  return sha256(JSON.stringify([3, source.hash, dataset.hash, knn, linear, settings.seed]));
}

/** A finished row, and which test images it got right: one bit an image, base64, so that rows can be compared image by image. */
export interface KeptRow extends ProbeRow {
  right: { knn: string; linear: string };
}

/** 0 or 1 an image as bits. */
export function packRight(right: Uint8Array): string {
  const bits = new Uint8Array(Math.ceil(right.length / 8));
  right.forEach((r, i) => {
    bits[i >> 3] |= r << (i & 7);
  });
  return Buffer.from(bits).toString('base64');
}

/** @param n images @returns [n] 0 or 1 */
export function unpackRight(packed: string, n: number): Uint8Array {
  const bits = Buffer.from(packed, 'base64');
  return Uint8Array.from({ length: n }, (_, i) => ((bits[i >> 3] ?? 0) >> (i & 7)) & 1);
}

const keptSchema = z.intersection(
  rowSchema,
  z.looseObject({ right: z.looseObject({ knn: z.base64(), linear: z.base64() }) }),
) as z.ZodType<KeptRow>;

const ROWS: FileKind = {
  what: 'a cache of probes that synclr wrote',
  isOurs: (head) => /^\[(\]$|\{"features":"\w+","dim":)/.test(head.toString()),
};

/**
 * Finished rows of a run, kept in `features/rows.json` from the moment they are measured: an interrupted evaluation goes on after them, and
 * the baselines, which no training changes, are measured once.
 */
export class RowCache {
  private readonly path: string;
  private readonly rows: Map<string, KeptRow>;
  private readonly used = new Set<string>();

  private constructor(path: string, rows: Map<string, KeptRow>) {
    this.path = path;
    this.rows = rows;
  }

  /** @param dir folder of the run's features */
  static async open(dir: string): Promise<RowCache> {
    const path = join(dir, 'rows.json');
    try {
      const rows = await readJsonAs(path, z.array(keptSchema));
      return new RowCache(path, new Map(rows.map((r) => [r.key, r])));
    } catch {
      // Missing or damaged: measured again.
      return new RowCache(path, new Map());
    }
  }

  get(key: string): KeptRow | undefined {
    this.used.add(key);
    return this.rows.get(key);
  }

  has(key: string): boolean {
    return this.rows.has(key);
  }

  async add(row: KeptRow): Promise<void> {
    this.rows.set(row.key, row);
    this.used.add(row.key);
    await this.write();
  }

  /** Forgets rows of trained encoders that nobody asked for: every checkpoint brings new ones. Baselines stay. */
  async prune(): Promise<void> {
    let dropped = false;
    for (const [key, row] of this.rows)
      if (row.features === 'trained' && !this.used.has(key)) dropped = this.rows.delete(key);
    if (dropped) await this.write();
  }

  private write(): Promise<void> {
    return replaceFile(this.path, JSON.stringify([...this.rows.values()]), ROWS);
  }
}
