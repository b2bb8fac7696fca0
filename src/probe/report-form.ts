import { join } from 'node:path';
import { z } from 'zod';
import { readJsonAs } from '../formats/json.js';
import type { ProbeReport, ProbeRow } from './report-types.js';

/** Later versions may add to it: what is not known here is kept. */
const share = z.number().min(0).max(1);
const count = z.int().nonnegative();
const interval = z.tuple([z.number().min(-1).max(1), z.number().min(-1).max(1)]);
const accuracy = { top1: share, meanPerClass: share, interval: interval.optional() };
export const rowSchema: z.ZodType<ProbeRow> = z.looseObject({
  features: z.enum(['trained', 'untrained', 'pixels']),
  dim: count,
  knn: z.looseObject({ ...accuracy, k: count, temperature: z.number() }),
  linear: z.looseObject({
    ...accuracy,
    lr: z.number(),
    validation: z.array(z.looseObject({ lr: z.number(), top1: share })),
    train: share,
  }),
  zeroShot: z.looseObject({ ...accuracy, templates: count, key: z.string() }).optional(),
  seconds: z.looseObject({ features: z.number(), knn: z.number(), linear: z.number() }),
  key: z.string(),
});
const reportSchema: z.ZodType<ProbeReport> = z.looseObject({
  format: z.literal(1),
  synclr: z.string(),
  written: z.string(),
  encoder: z.looseObject({ origin: z.string(), hash: z.string(), dim: count, patch: count }),
  size: count,
  datasets: z.array(
    z.looseObject({
      // A folder's name below the run: it leads nowhere else.
      name: z.string().regex(/^(?!\.{1,2}$)[^/\\\0]+$/, 'is no name of a data set'),
      dir: z.string(),
      kind: z.enum(['own-concepts', 'held-out', 'folder']),
      classes: z.array(z.string()),
      train: count,
      test: count,
      split: z.string(),
      skipped: z.array(z.looseObject({ file: z.string(), reason: z.string() })),
      chance: share,
      majority: share,
      testCaptions: count.optional(),
      rows: z.array(rowSchema),
      gains: z
        .array(
          z.looseObject({
            probe: z.enum(['knn', 'linear']),
            against: z.enum(['untrained', 'pixels']),
            difference: z.number().min(-1).max(1),
            interval,
          }),
        )
        .optional(),
    }),
  ),
  missing: z.array(z.looseObject({ name: z.string(), why: z.string() })).optional(),
});

/**
 * `probes.json` of a run.
 * @throws UserError naming the file, and the place in it, where it is damaged or somebody else's; the file system's error (ENOENT) where there is none
 */
export function readProbes(dir: string): Promise<ProbeReport> {
  return readJsonAs(join(dir, 'probes.json'), reportSchema);
}
