import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openCorpus } from '../corpus/corpus.js';
import type { FileKind } from '../files/replace.js';
import { begins, JsonlWriter } from '../formats/jsonl.js';
import type { Batch, ByteBatch } from '../views/batch.js';

/** An update whose loss or gradient was no number. */
export interface NonFinite {
  /** From 1. */
  step: number;
  losses: Readonly<Record<string, number>>;
  norm: number;
  lr: number;
  /** What was done about it. */
  outcome: 'stopped' | 'skipped';
  batches: readonly Pick<Batch | ByteBatch, 'index' | 'captions' | 'images'>[];
}

const NAME = 'non-finite.jsonl';

const LOG: FileKind = {
  what: 'a log of updates that were not finite, as synclr writes it',
  isOurs: (head) => begins(head, '{"not_finite":'),
};

/**
 * `train/non-finite.jsonl`: which batches gave no number, a row an update. The file begins with the first of them.
 * As the log of metrics, it goes on where its checkpoint was.
 */
export class NonFiniteLog {
  private readonly dir: string;
  private readonly corpusDir: string;
  private rows: JsonlWriter | undefined;

  private constructor(dir: string, corpusDir: string, rows: JsonlWriter | undefined) {
    this.dir = dir;
    this.corpusDir = corpusDir;
    this.rows = rows;
  }

  static async open(dir: string, corpusDir: string, lastStep: number): Promise<NonFiniteLog> {
    const rows = existsSync(join(dir, NAME)) ? await openRows(dir, lastStep) : undefined;
    return new NonFiniteLog(dir, corpusDir, rows);
  }

  async write({ step, losses, norm, lr, outcome, batches }: NonFinite): Promise<void> {
    this.rows ??= await openRows(this.dir, step - 1);
    const corpus = await openCorpus(this.corpusDir);
    try {
      await this.rows.write({
        // As text: JSON has no such numbers.
        not_finite: Object.fromEntries(Object.entries({ ...losses, grad_norm: norm }).map(([k, v]) => [k, String(v)])),
        ...{ step, lr, outcome },
        batches: batches.map(({ index, captions, images }) => ({
          index,
          captions: [...captions],
          images: [...images],
          where: [...captions].map((caption) => corpus.where(caption)),
        })),
      });
      await this.rows.flush();
    } finally {
      await corpus.close();
    }
  }

  async close(): Promise<void> {
    await this.rows?.close();
  }
}

const openRows = (dir: string, lastStep: number): Promise<JsonlWriter> =>
  JsonlWriter.open(join(dir, NAME), LOG, ({ step }) => typeof step === 'number' && step <= lastStep);
