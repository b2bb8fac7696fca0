import type { LearnerSettings } from '../../config/learners.js';
import type { Settings } from '../../config/schema.js';
import { ops } from '../../graph/index.js';
import { textConfig, textSettings } from '../../model/config.js';
import * as heads from '../../model/heads.js';
import type { TextConfig } from '../../model/text.js';
import { vitParameters } from '../../model/vit.js';
import type { GraphOptions, StudentGraph } from '../../runtime/training.js';
import type { Tokenizer } from '../../text/tokenizer.js';
import { cropActivations, cropOperations, mlpOperations } from '../cost-parts.js';
import * as parts from '../graph-parts.js';
import { featureHealth, similarityHealth } from '../health.js';
import type { BatchShape, LearnedParameter, Learner, LearnerKind } from '../learner.js';
import { contrastive } from '../losses/multi-positive.js';
import { runVocabulary } from '../run-vocabulary.js';
import { batchShape, PLAIN } from '../shape.js';
import * as side from '../text-side.js';
import { TEMPERATURE } from './clip.js';

/** Everything that shapes a training step of StableRep. */
export interface StableRepConfig extends BatchShape {
  /** n: images a caption, each in a view of its own. */
  perCaption: number;
  hidden: number;
  out: number;
  temperature: number;
  /** StableRep++: the text side, with the weight of its loss and its first temperature. */
  pair?: { text: TextConfig; weight: number; temperature: number };
}

/**
 * StableRep (Tian et al. 2023, "StableRep", section 3): multi-positive contrastive loss over the images of a caption, without a teacher; with
 * `learn.imageText` StableRep++ (section 3.3 there), which adds a loss between images and captions.
 */
export const stablerep: LearnerKind<'stablerep'> = {
  title: 'StableRep',
  metrics: [
    { key: 'loss', chart: 'Loss', about: 'images of one caption, among those of all others in the batch' },
    { key: 'images', chart: 'Loss', about: '', label: 'images with images' },
    { key: 'image_text', chart: 'Loss', about: '', label: 'images with captions' },
    TEMPERATURE,
  ],
  async facts(s, corpus, dir) {
    const text = textSettings(s);
    return text && { tokenizer: await runVocabulary(text, corpus, dir) };
  },
  learner: (s, learn, facts) => stablerepLearner(configOf(s, learn, facts?.tokenizer), facts?.tokenizer),
};

const configOf = (s: Settings, learn: LearnerSettings<'stablerep'>, tokenizer?: Tokenizer): StableRepConfig => ({
  ...batchShape(s, PLAIN),
  ...(learn.imageText > 0 && {
    pair: {
      text: textConfig(learn, tokenizer?.vocabulary),
      ...{ weight: learn.imageText, temperature: learn.textTemperature },
    },
  }),
  perCaption: s.images.perCaption,
  hidden: learn.projectionHidden,
  out: learn.projectionWidth,
  temperature: learn.temperature,
});

/** StableRep of given sizes. @param tokenizer of StableRep++; absent where no captions are learned from */
export function stablerepLearner(c: StableRepConfig, tokenizer?: Tokenizer): Learner {
  const { pair } = c;
  const captions = c.batch / c.perCaption;
  const parameters = [
    ...parts.learned(vitParameters(c.vit), false),
    ...parts.learned(heads.batchNormProjectionParameters(c.vit.dim, c.hidden, c.out), false),
    ...(pair ? side.textSideParameters(pair.text, c.vit.dim, pair.temperature) : []),
  ];
  return {
    name: 'stablerep',
    shape: c,
    needs: { ...PLAIN, text: pair !== undefined },
    parameters,
    objective: () =>
      parts.withoutTeacher(parameters, (o, batch) => student(c, parameters, o, batch), pair && side.TEXT_AXES),
    schedule: () => ({ numbers: {} }),
    feeds: ({ labels, texts }, _, order) => ({
      labels: Float32Array.from(labels),
      ...(pair && side.textFeeds(pair.text, tokenizer, texts!, order)),
    }),
    health: (m, { labels }) => ({
      ...featureHealth(m.features, c.vit.dim),
      ...similarityHealth(m.projections, c.out, labels),
    }),
    operations:
      3 * c.batch * (cropOperations(c.vit, c.globalSize) + mlpOperations([c.vit.dim, c.hidden, c.hidden, c.out])) +
      (pair ? 3 * (captions * side.textOperations(pair.text) + c.batch * 2 * c.vit.dim * pair.text.out) : 0),
    activationBytes:
      4 * 1.3 * c.batch * (cropActivations(c.vit, c.globalSize) + 4 * c.hidden) +
      (pair ? 4 * 1.3 * captions * side.textActivations(pair.text) : 0),
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
  const labels = batch('labels', [c.batch]);
  const images = contrastive(projections, projections, labels, { temperature: c.temperature, leaveOwnOut: true });
  const measured = { features: parts.someFeatures(cls), projections };
  if (!c.pair)
    return { losses: { loss: images }, gradients: parts.gradientsOf(images, all, blocks, o), measured, report: {} };
  const pair = side.textSide(c.pair.text, p, { cls, labels, count: c.batch / c.perCaption }, o, batch);
  const loss = ops.add(images, ops.scale(pair.loss, c.pair.weight));
  return {
    losses: { loss, images, image_text: pair.loss, temperature: pair.temperature },
    gradients: parts.gradientsOf(loss, all, [...blocks, ...pair.blocks], o),
    measured,
    report: {},
  };
}
