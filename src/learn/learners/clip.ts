import type { LearnerSettings } from '../../config/learners.js';
import type { Settings } from '../../config/schema.js';
import { textConfig, textSettings } from '../../model/config.js';
import type { TextConfig } from '../../model/text.js';
import { vitParameters } from '../../model/vit.js';
import type { GraphOptions, StudentGraph } from '../../runtime/training.js';
import type { Tokenizer } from '../../text/tokenizer.js';
import type { BatchNeeds } from '../../views/batch.js';
import { cropActivations, cropOperations } from '../cost-parts.js';
import * as parts from '../graph-parts.js';
import { featureHealth } from '../health.js';
import type { BatchShape, LearnedParameter, Learner, LearnerKind } from '../learner.js';
import { runVocabulary } from '../run-vocabulary.js';
import { batchShape, PLAIN } from '../shape.js';
import * as side from '../text-side.js';

/** Everything that shapes a training step of CLIP. */
export interface ClipConfig extends BatchShape {
  text: TextConfig;
  /** What similarities are divided by in the beginning; it is learned. */
  temperature: number;
}

/** Curves of learners with a text side. */
export const TEMPERATURE = {
  key: 'temperature',
  chart: 'Temperature of images and captions',
  about: 'learned; it falls as pairs are told apart more surely',
  among: 'optimisation',
} as const;

/**
 * CLIP (Radford et al. 2021): images and captions in one space, each to be found among all others of the batch. One image of each caption, drawn
 * anew for every batch (SynCLR, table 10).
 */
export const clip: LearnerKind<'clip'> = {
  title: 'CLIP',
  metrics: [
    { key: 'loss', chart: 'Loss', about: 'the caption of an image among all of the batch, and the image of a caption' },
    TEMPERATURE,
  ],
  facts: async (s, corpus, dir) => ({ tokenizer: await runVocabulary(textSettings(s)!, corpus, dir) }),
  learner: (s, learn, facts) => clipLearner(configOf(s, learn, facts?.tokenizer), facts?.tokenizer),
};

const NEEDS: BatchNeeds = { ...PLAIN, imagesPerCaption: 1, text: true };

const configOf = (s: Settings, learn: LearnerSettings<'clip'>, tokenizer?: Tokenizer): ClipConfig => ({
  ...batchShape(s, NEEDS),
  text: textConfig(learn, tokenizer?.vocabulary),
  temperature: learn.textTemperature,
});

/** CLIP of given sizes. @param tokenizer absent where no captions are learned from */
export function clipLearner(c: ClipConfig, tokenizer?: Tokenizer): Learner {
  const parameters = [
    ...parts.learned(vitParameters(c.vit), false),
    ...side.textSideParameters(c.text, c.vit.dim, c.temperature),
  ];
  return {
    name: 'clip',
    shape: c,
    needs: NEEDS,
    parameters,
    objective: () => parts.withoutTeacher(parameters, (o, batch) => student(c, parameters, o, batch), side.TEXT_AXES),
    schedule: () => ({ numbers: {} }),
    feeds: ({ labels, texts }, _, order) => ({
      labels: Float32Array.from(labels),
      ...side.textFeeds(c.text, tokenizer, texts!, order),
    }),
    health: (m, { labels }) => ({
      ...featureHealth(m.features, c.vit.dim),
      ...side.pairHealth(m.images, m.texts, c.text.out, labels),
    }),
    operations:
      3 * c.batch * (cropOperations(c.vit, c.globalSize) + 2 * c.vit.dim * c.text.out + side.textOperations(c.text)),
    activationBytes:
      4 * 1.3 * c.batch * (cropActivations(c.vit, c.globalSize) + side.textActivations(c.text) + 4 * c.batch),
  };
}

function student(
  c: ClipConfig,
  parameters: readonly LearnedParameter[],
  o: GraphOptions,
  batch: parts.BatchInput,
): StudentGraph {
  const { get: p, all } = parts.parameterInputs(parameters, 'student');
  const { cls, blocks } = parts.globalViews(c, p, o, batch);
  const labels = batch('labels', [c.batch]);
  const pair = side.textSide(c.text, p, { cls, labels, count: c.batch }, o, batch);
  return {
    losses: { loss: pair.loss, temperature: pair.temperature },
    gradients: parts.gradientsOf(pair.loss, all, [...blocks, ...pair.blocks], o),
    measured: { features: parts.someFeatures(cls), images: pair.images, texts: pair.texts },
    report: {},
  };
}
