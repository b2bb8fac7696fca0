import type { LearnerSettings } from '../../config/learners.js';
import type { Settings } from '../../config/schema.js';
import { UserError } from '../../errors.js';
import { ops } from '../../graph/index.js';
import { vitParameters } from '../../model/vit.js';
import type { GraphOptions, StudentGraph } from '../../runtime/training.js';
import type { BatchNeeds } from '../../views/batch.js';
import { cropActivations, cropOperations } from '../cost-parts.js';
import * as parts from '../graph-parts.js';
import { featureHealth } from '../health.js';
import type { BatchShape, LearnedParameter, Learner, LearnerKind } from '../learner.js';
import { accuracyOf, smoothedCrossEntropy } from '../losses/smoothed.js';
import { batchShape, PLAIN } from '../shape.js';

/** Everything that shapes a training step of supervision. */
export interface SupervisedConfig extends BatchShape {
  classes: number;
  smoothing: number;
}

/** Supervision: the concept (or class) of an image is told from its CLS token by a linear layer; cross entropy with label smoothing. */
export const supervised: LearnerKind<'supervised'> = {
  title: 'supervised cross entropy',
  metrics: [
    { key: 'loss', chart: 'Loss', about: 'cross entropy with the class, smoothed' },
    { key: 'accuracy', chart: 'Accuracy', about: 'share of the batch whose class was told' },
  ],
  async facts(_, corpus) {
    const classes = await corpus.classes();
    if (!classes || classes.names.length < 2)
      throw new UserError(
        `learn.method supervised needs classes, and the corpus has ${classes ? 'one alone' : 'none'}: give its captions concepts or its images class folders, or choose another learn.method`,
      );
    return { classes: classes.names, classOf: classes.of };
  },
  learner: (s, learn, facts) => supervisedLearner(configOf(s, learn, facts?.classes?.length ?? s.concepts.limit)),
};

const NEEDS: BatchNeeds = { ...PLAIN, imagesPerCaption: 1, classes: true };

const configOf = (s: Settings, learn: LearnerSettings<'supervised'>, classes: number): SupervisedConfig => ({
  ...batchShape(s, NEEDS),
  classes,
  smoothing: learn.smoothing,
});

/** Supervision of given sizes. */
export function supervisedLearner(c: SupervisedConfig): Learner {
  const parameters = parts.learned(
    [
      ...vitParameters(c.vit),
      { name: 'head.weight', shape: [c.classes, c.vit.dim], init: { normal: 0.01 } },
      { name: 'head.bias', shape: [c.classes], init: { fill: 0 } },
    ],
    false,
  );
  return {
    name: 'supervised',
    shape: c,
    needs: NEEDS,
    parameters,
    objective: () => parts.withoutTeacher(parameters, (o, batch) => student(c, parameters, o, batch), { classes: 0 }),
    schedule: () => ({ numbers: {} }),
    feeds: ({ classes }) => ({ classes: Float32Array.from(classes!) }),
    health: (m) => featureHealth(m.features, c.vit.dim),
    operations: 3 * c.batch * (cropOperations(c.vit, c.globalSize) + 2 * c.vit.dim * c.classes),
    activationBytes: 4 * 1.3 * c.batch * (cropActivations(c.vit, c.globalSize) + 4 * c.classes),
  };
}

function student(
  c: SupervisedConfig,
  parameters: readonly LearnedParameter[],
  o: GraphOptions,
  batch: parts.BatchInput,
): StudentGraph {
  const { get: p, all } = parts.parameterInputs(parameters, 'student');
  const { cls, blocks } = parts.globalViews(c, p, o, batch);
  const weight = ops.cast(p('head.weight'), o.precision);
  const logits = ops.cast(ops.linear(cls, weight, p('head.bias')), 'f32');
  const classes = batch('classes', [c.batch]);
  const loss = smoothedCrossEntropy(logits, classes, c.smoothing);
  return {
    losses: { loss, accuracy: accuracyOf(logits, classes) },
    gradients: parts.gradientsOf(loss, all, blocks, o),
    measured: { features: parts.someFeatures(cls) },
    report: {},
  };
}
