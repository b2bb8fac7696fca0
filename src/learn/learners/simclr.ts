import type { LearnerSettings } from '../../config/learners.js';
import type { Settings } from '../../config/schema.js';
import { ops } from '../../graph/index.js';
import * as heads from '../../model/heads.js';
import { vitParameters } from '../../model/vit.js';
import type { GraphOptions, StudentGraph } from '../../runtime/training.js';
import type { BatchNeeds } from '../../views/batch.js';
import { cropActivations, cropOperations, mlpOperations } from '../cost-parts.js';
import * as parts from '../graph-parts.js';
import { featureHealth, similarityHealth } from '../health.js';
import type { BatchShape, LearnedParameter, Learner, LearnerKind } from '../learner.js';
import { ntXent } from '../losses/nt-xent.js';
import { batchShape, PLAIN } from '../shape.js';

/** Everything that shapes a training step of SimCLR. */
export interface SimClrConfig extends BatchShape {
  hidden: number;
  out: number;
  temperature: number;
}

/** SimCLR (Chen et al. 2020): two crops of one image are pulled together, among the crops of all other images (NT-Xent). */
export const simclr: LearnerKind<'simclr'> = {
  title: 'SimCLR',
  metrics: [
    { key: 'loss', chart: 'Loss', about: 'NT-Xent: the other crop of an image, among the crops of all others' },
  ],
  learner: (s, learn) => simclrLearner(configOf(s, learn)),
};

/** One image a caption: two of one caption would be each other's negatives. */
const NEEDS: BatchNeeds = { ...PLAIN, imagesPerCaption: 1, globals: 2 };

const configOf = (s: Settings, learn: LearnerSettings<'simclr'>): SimClrConfig => ({
  ...batchShape(s, NEEDS),
  hidden: learn.projectionHidden,
  out: learn.projectionWidth,
  temperature: learn.temperature,
});

/** SimCLR of given sizes. */
export function simclrLearner(c: SimClrConfig): Learner {
  const parameters = [
    ...parts.learned(vitParameters(c.vit), false),
    ...parts.learned(heads.batchNormProjectionParameters(c.vit.dim, c.hidden, c.out), false),
  ];
  const crops = 2 * c.batch;
  return {
    name: 'simclr',
    shape: { ...c, globals: 2 },
    needs: NEEDS,
    parameters,
    objective: () =>
      parts.withoutTeacher(parameters, (o, batch) => student({ ...c, globals: 2 }, parameters, o, batch)),
    schedule: () => ({ numbers: {} }),
    feeds: () => ({}),
    health: (m) => ({
      ...featureHealth(m.features, c.vit.dim),
      ...similarityHealth(m.projections, c.out, pairs(c.batch)),
    }),
    operations:
      3 * crops * (cropOperations(c.vit, c.globalSize) + mlpOperations([c.vit.dim, c.hidden, c.hidden, c.out])),
    activationBytes: 4 * 1.3 * crops * (cropActivations(c.vit, c.globalSize) + 4 * c.hidden),
  };
}

/** Which image each crop is of: 0 … B − 1, twice. */
const pairs = (images: number): Int32Array => Int32Array.from({ length: 2 * images }, (_, i) => i % images);

function student(
  c: SimClrConfig,
  parameters: readonly LearnedParameter[],
  o: GraphOptions,
  batch: parts.BatchInput,
): StudentGraph {
  const { get: p, all } = parts.parameterInputs(parameters, 'student');
  const { cls, blocks } = parts.globalViews(c, p, o, batch);
  const projections = ops.cast(heads.batchNormProjection(p, cls, 1, o.precision), 'f32');
  const loss = ntXent(projections, pairs(c.batch), c.temperature);
  return {
    losses: { loss },
    gradients: parts.gradientsOf(loss, all, blocks, o),
    measured: { features: parts.someFeatures(cls), projections },
    report: {},
  };
}
