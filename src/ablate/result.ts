import { join } from 'node:path';
import { z } from 'zod';
import { codeOf } from '../errors.js';
import { type FileKind, replaceFile } from '../files/replace.js';
import { readJsonAs } from '../formats/json.js';

/** What a cell and a seed came to; `result.json` in its run's folder. */
const schema = z.strictObject({
  format: z.literal('synclr-ablation-cell'),
  /** Of all that decides it. */
  key: z.string(),
  cell: z.string(),
  seed: z.int(),
  steps: z.int(),
  /** Of training, in the process that ended it. */
  seconds: z.number().optional(),
  /** Why it has no scores. */
  diverged: z.string().optional(),
  scores: z.array(
    z.strictObject({
      /** Data set, and what was probed: `trained`, or a baseline. */
      set: z.string(),
      features: z.string(),
      /** Top-1, 0…1. */
      linear: z.number(),
      knn: z.number(),
      zeroShot: z.number().optional(),
      /** Top-1 of guessing, and test images. */
      chance: z.number(),
      test: z.int(),
    }),
  ),
});

export type CellResult = z.output<typeof schema>;
export type Score = CellResult['scores'][number];

const KIND: FileKind = {
  what: 'a result of synclr ablate',
  isOurs: (head) => /^\{"format":"synclr-ablation-cell"/.test(head.toString()),
};

const resultFile = (run: string): string => join(run, 'result.json');

/** The result in a run's folder; undefined where there is none, or one of something else. @param key of all that decides it */
export async function readResult(run: string, key?: string): Promise<CellResult | undefined> {
  try {
    const found = await readJsonAs(resultFile(run), schema);
    return key === undefined || found.key === key ? found : undefined;
  } catch (e) {
    if (codeOf(e) === 'ENOENT') return undefined;
    throw e;
  }
}

export async function writeResult(run: string, result: CellResult): Promise<void> {
  await replaceFile(resultFile(run), `${JSON.stringify(result)}\n`, KIND);
}
