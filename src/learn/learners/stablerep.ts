import type { LearnerSettings } from '../../config/learners.js';
import type { Settings } from '../../config/schema.js';
import { ops } from '../../graph/index.js';
import * as heads from '../../model/heads.js';
import { vitParameters } from '../../model/vit.js';
import type { GraphOptions, StudentGraph } from '../../runtime/training.js';
import { cropActivations, cropOperations, mlpOperations } from '../cost-parts.js';
import * as parts from '../graph-parts.js';
import { featureHealth, similarityHealth } from '../health.js';
import type { BatchShape, LearnedParameter, Learner, LearnerKind } from '../learner.js';
import { contrastive } from '../losses/multi-positive.js';
import { batchShape, PLAIN } from '../shape.js';

/** Everything that shapes a training step of StableRep. */
export interface StableRepConfig extends BatchShape {
  /** n: images a caption, each in a view of its own. */
  perCaption: number;
  hidden: number;
  out: number;
  temperature: number;
}

/** StableRep (Tian et al. 2023, "StableRep", section 3): multi-positive contrastive loss over the images of a caption, without a teacher. */
export const stablerep: LearnerKind<'stablerep'> = {
  title: 'StableRep',
  metrics: [{ key: 'loss', chart: 'Loss', about: 'images of one caption, among those of all others in the batch' }],
  learner: (s, learn) => stablerepLearner(configOf(s, learn)),
};

const NEEDS = PLAIN;

const configOf = (s: Settings, learn: LearnerSettings<'stablerep'>): StableRepConfig => ({
  ...batchShape(s, NEEDS),
  perCaption: s.images.perCaption,
  hidden: learn.projectionHidden,
  out: learn.projectionWidth,
  temperature: learn.temperature,
});

/** StableRep of given sizes. */
export function stablerepLearner(c: StableRepConfig): Learner {
  const parameters = [
    ...parts.learned(vitParameters(c.vit), false),
    ...parts.learned(heads.batchNormProjectionParameters(c.vit.dim, c.hidden, c.out), false),
  ];
  const batch = parts.batchInputs();
  return {
    name: 'stablerep',
    shape: c,
    needs: NEEDS,
    parameters,
    objective: () => ({
      parameters: parts.trained(parameters),
      centres: new Map(),
      centreMomentum: 0,
      student: (_, o) => student(c, parameters, o, batch),
      imageAxes: parts.IMAGE_AXES,
    }),
    schedule: () => ({ numbers: {} }),
    feeds: ({ labels }) => ({ labels: Float32Array.from(labels) }),
    health: (m, { labels }) => ({
      ...featureHealth(m.features, c.vit.dim),
      ...similarityHealth(m.projections, c.out, labels),
    }),
    operations:
      3 * c.batch * (cropOperations(c.vit, c.globalSize) + mlpOperations([c.vit.dim, c.hidden, c.hidden, c.out])),
    activationBytes: 4 * 1.3 * c.batch * (cropActivations(c.vit, c.globalSize) + 4 * c.hidden),
  };
}

function student(
  c: StableRepConfig,
  parameters: readonly LearnedParameter[],
  o: GraphOptions,
  batch: parts.BatchInput,
): StudentGraph {
  const { get: p, all } = parts.parameterInputs(parameters, 'student');
  const { cls, blocks } = parts.globalViews(c, p, o, batch);
  const projections = ops.cast(heads.batchNormProjection(p, cls, c.perCaption, o.precision), 'f32');
  const loss = contrastive(projections, projections, batch('labels', [c.batch]), {
    temperature: c.temperature,
    leaveOwnOut: true,
  });
  return {
    losses: { loss },
    gradients: parts.gradientsOf(loss, all, blocks, o),
    measured: { features: parts.someFeatures(cls), projections },
    report: {},
  };
}
