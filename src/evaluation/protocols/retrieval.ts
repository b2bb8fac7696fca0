import { z } from 'zod';
import { intervalOf } from '../metrics/bootstrap.js';
import { averagePrecisionOf, ranked, retrievalScores } from '../metrics/retrieval.js';
import type { PerImage, Protocol } from '../protocol.js';
import { optionsOf } from '../results.js';

const NAME = 'retrieval';
const form = z.strictObject({
  /** What is searched: the other test images, or the training images. */
  gallery: z.enum(['test', 'train']).default('test'),
  /** Ranks at which hits are counted. */
  ks: z.array(z.int().positive()).min(1).default([1, 5, 10]),
  /** Images to which nothing is relevant: left out (pytorch-metric-learning), or counted as having found nothing (torchmetrics). */
  without: z.enum(['skip', 'zero']).default('skip'),
});

/** Test images look for others of their class by cosine. */
export const retrieval: Protocol = {
  name: NAME,
  title: 'retrieval',
  source: 'mAP and R@k as metric learning has them; mAP@R after Musgrave et al. 2020',
  tasks: ['single'],
  needs: 'features',
  settings: (o) => optionsOf(NAME, form, o),
  async run(cell) {
    const o = optionsOf(NAME, form, cell.options);
    const { train, test } = await cell.features();
    const gallery = o.gallery === 'train' ? train : undefined;
    const found = await ranked(test, gallery, test.dim, cell.executors, cell.hooks.signal);
    const scores = retrievalScores(found, o.ks, o.without);
    const hasAny = (i: number) => found[i].relevant > 0;
    const asked = [...found.keys()].filter((i) => o.without === 'zero' || hasAny(i));
    const perImage: PerImage = {
      of: 'mean',
      values: Float32Array.from(asked, (i) => (hasAny(i) ? averagePrecisionOf(found[i]) : 0)),
      index: Int32Array.from(asked, (i) => test.index[i]),
    };
    return {
      metrics: {
        mAP: scores.mAP,
        'mAP@R': scores['mAP@R'],
        MRR: scores.MRR,
        ...Object.fromEntries(o.ks.map((k) => [`R@${k}`, scores.hit[k]])),
        ...Object.fromEntries(o.ks.map((k) => [`found@${k}`, scores.recall[k]])),
      },
      main: 'mAP',
      interval: intervalOf(perImage, { seed: cell.seed }),
      perImage,
      details: { queries: asked.length, withoutAny: found.filter((f) => f.relevant === 0).length, gallery: o.gallery },
    };
  },
};
