import { z } from 'zod';
import { UserError } from '../../errors.js';
import { unitRows } from '../../probe/unit-rows.js';
import { ami, ari, contingency, matchedAccuracy, NMI_MEANS, nmi, vMeasure } from '../metrics/clustering.js';
import { kMeans } from '../metrics/k-means.js';
import type { Protocol } from '../protocol.js';
import { optionsOf } from '../results.js';

const NAME = 'clustering';
const form = z.strictObject({
  /** Default: as many as there are classes. */
  clusters: z.int().positive().optional(),
  /** Starts, of which the tightest clustering is kept. */
  restarts: z.int().positive().default(10),
  rounds: z.int().positive().default(300),
  /** Whether features are brought to length 1 first. */
  unit: z.boolean().default(true),
  /** Over which mean of entropies the mutual information is taken. */
  nmi: z.enum(NMI_MEANS).default('arithmetic'),
});

/** Test images grouped by k-means, compared with their classes. */
export const clustering: Protocol = {
  name: NAME,
  title: 'clustering',
  source: 'k-means (Lloyd 1982) with k-means++; NMI and ARI as scikit-learn has them',
  tasks: ['single'],
  needs: 'features',
  settings: (o) => optionsOf(NAME, form, o),
  async run(cell) {
    const o = optionsOf(NAME, form, cell.options);
    const { test } = await cell.features();
    const clusters = o.clusters ?? cell.set.classes.length;
    if (test.index.length < clusters)
      throw new UserError(
        `data set ${cell.set.name}: ${test.index.length} test images cannot be ${clusters} clusters (options of ${NAME}: clusters)`,
      );
    const x = o.unit ? unitRows(test.x.slice(), test.dim) : test.x;
    const { seed, executors: on } = cell;
    const { signal } = cell.hooks;
    const found = await kMeans(x, test.dim, { clusters, seed, restarts: o.restarts, rounds: o.rounds, on, signal });
    const table = contingency(test.labels, found.labels);
    return {
      metrics: {
        NMI: nmi(table, o.nmi),
        AMI: ami(table),
        ARI: ari(table),
        V: vMeasure(table).v,
        'matched accuracy': matchedAccuracy(table),
      },
      main: 'NMI',
      details: { clusters, inertia: found.inertia, rounds: found.rounds },
    };
  },
};
