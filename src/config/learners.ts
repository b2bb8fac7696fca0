import { z } from 'zod';
import type { LearnerName } from './names.js';
import { fraction, int, pair, positive } from './numbers.js';

/**
 * The settings of each learner, group `learn`: a union told apart by `learn.method`. A setting that several learners have is one name with one
 * meaning; its default is each learner's own (docs/learners.md has the sources).
 */

const projectionHidden = (width: number) =>
  int(1).default(width).describe('hidden width of the projection head (and of synclr’s prediction head)');
const projectionWidth = (width: number) => int(1).default(width).describe('width of a projection');
const temperature = (value: number, what: string) => positive.default(value).describe(what);

const synclr = z.strictObject({
  method: z.literal('synclr').optional().default('synclr'),
  contrast: z.number().min(0).default(1).describe('weight of the multi-positive contrastive loss'),
  ibot: z.number().min(0).default(1).describe('weight of masked image modelling (iBOT); 0: nothing is masked'),
  dino: z.number().min(0).default(0).describe('weight of DINO on local crops'),
  ema: z
    .union([z.literal(false), pair(0, 1)])
    .default([0.994, 1])
    .describe(
      'teacher momentum at the start and the end of its cosine; false: no teacher and no prediction head, projections are compared with each other (as in StableRep)',
    ),
  temperature: temperature(0.08, 'contrastive temperature'),
  avoidLocalGlobalSame: z
    .boolean()
    .default(false)
    .describe('leave the global crop of the same image out for local crops too'),
  studentTemperature: positive.default(0.1).describe('student temperature of iBOT and DINO'),
  teacherTemperature: pair(1e-6)
    .default([0.04, 0.07])
    .describe('teacher temperature at the start and after its warm-up'),
  teacherTemperatureSteps: int(0).default(4000).describe('steps of the teacher temperature’s linear warm-up'),
  centering: z
    .enum(['sinkhorn_knopp', 'centering'])
    .default('sinkhorn_knopp')
    .describe('how teacher targets are balanced'),
  sinkhornIterations: int(1).default(3).describe('Sinkhorn-Knopp iterations'),
  centerMomentum: fraction.default(0.9).describe('momentum of the centre'),
  projectionHidden: projectionHidden(4096),
  projectionWidth: projectionWidth(256),
  headNorm: z
    .enum(['layer', 'batch'])
    .default('layer')
    .describe(
      'normalisation in the projection and prediction heads: per image (the paper) or per batch (SimCLR, MoCo v3)',
    ),
  prototypeHidden: int(1).default(2048).describe('hidden width of the prototype head'),
  prototypeBottleneck: int(1).default(256).describe('width of the prototype head’s bottleneck'),
  prototypes: int(1).default(65536).describe('prototypes of iBOT and DINO (K)'),
});

/** The text side of CLIP and StableRep++; sizes are those of CLIP's ViT-B models (Radford et al. 2021, table 19). */
const text = {
  vocabulary: z
    .string()
    .min(1)
    .default('corpus')
    .describe('byte pairs of captions: `corpus`, learnt from its captions, or a file or folder with CLIP’s vocabulary'),
  merges: int(0, 1_000_000).default(3000).describe('byte pairs that are learnt from the corpus at most'),
  textWidth: int(1).default(512).describe('width of the text transformer'),
  textDepth: int(1).default(12).describe('blocks of the text transformer'),
  textHeads: int(1).default(8).describe('attention heads of the text transformer'),
  textContext: int(3).default(77).describe('tokens of a caption; longer ones are cut'),
  textTemperature: positive
    .min(0.01)
    .max(1)
    .default(0.07)
    .describe('temperature between images and captions in the beginning; it is learned, and kept in 0.01 … 1'),
  embeddingWidth: int(1).default(512).describe('width in which images and captions are compared'),
};

const stablerep = z.strictObject({
  method: z.literal('stablerep'),
  temperature: temperature(0.1, 'contrastive temperature'),
  projectionHidden: projectionHidden(4096),
  projectionWidth: projectionWidth(256),
  imageText: z
    .number()
    .min(0)
    .default(0)
    .describe('weight of the loss between images and captions; 1: StableRep++; 0: no text side'),
  ...text,
});

const clip = z.strictObject({ method: z.literal('clip'), ...text });

const simclr = z.strictObject({
  method: z.literal('simclr'),
  temperature: temperature(0.1, 'contrastive temperature'),
  projectionHidden: projectionHidden(4096),
  projectionWidth: projectionWidth(256),
});

const supervised = z.strictObject({
  method: z.literal('supervised'),
  smoothing: fraction.default(0.1).describe('label smoothing: share of the target that is spread over all classes'),
});

/** Group `learn`. */
export const learn = z
  .discriminatedUnion('method', [synclr, stablerep, simclr, supervised, clip])
  .prefault({})
  .describe('the learner and its settings');

/** The settings of one learner. */
export type LearnerSettings<M extends LearnerName> = Extract<z.output<typeof learn>, { method: M }>;

/** Whether the learner keeps a teacher, a moving average of what it trains. */
export const hasTeacher = (s: { learn: z.output<typeof learn> }): boolean =>
  s.learn.method === 'synclr' && s.learn.ema !== false;
