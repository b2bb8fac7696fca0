import { z } from 'zod';
import { UserError } from '../errors.js';
import { checked } from '../formats/json.js';
import { pyramidBlocks } from '../model/feature-pyramid.js';
import type { VitConfig } from '../model/vit.js';
import { strideOf } from './windows.js';

/**
 * Settings of segmentation. What is not set follows the recipe: `paper` is table 15 of the paper and its published configuration; `small` is
 * meant for encoders of small pictures and for minutes on two cores; `auto` is `small` below 128 px of the encoder's own side.
 */
const whole = z.int().positive();
const share = z.number().min(0).max(1);
const range = z
  .tuple([z.number().positive(), z.number().positive()])
  .refine(([low, high]) => low <= high, { error: 'expected the lower number first' });

const common = {
  recipe: z.enum(['auto', 'paper', 'small']).default('auto'),
  /** Side of training crops and of test windows, pixels; a multiple of the encoder's patch. */
  crop: whole.nullish(),
  /** What a picture's sides are brought to, keeping its shape: at most so long, at most so short; pixels. Training multiplies it with `ratio`. */
  scale: z
    .tuple([whole, whole])
    .refine(([long, short]) => long >= short, { error: 'expected the longer side first' })
    .nullish(),
  ratio: range.default([0.5, 2]),
  /** Largest share of one class in a crop; ten more tries are made for less. */
  mostOfOne: share.default(0.75),
  flip: share.default(0.5),
  /** Brightness, contrast, saturation and hue as mmsegmentation changes them. */
  photometric: z.boolean().default(true),
  /** `slide`: windows of a crop's side, a stride apart, averaged; `whole`: each picture at once. */
  test: z.enum(['slide', 'whole']).default('slide'),
  stride: whole.nullish(),
  steps: whole.nullish(),
  batch: whole.nullish(),
  /** Parts of a batch that are computed one after the other, to save memory; batch norms see a part. */
  accumulate: whole.default(1),
  lr: z.number().positive().nullish(),
  /** Updates until the peak. */
  warmup: z.int().nonnegative().nullish(),
  startFactor: z.number().positive().max(1).default(1e-6),
  power: z.number().positive().default(1),
  weightDecay: z.number().nonnegative().nullish(),
  /** What the loss is divided by: all pixels, ignored ones included (mmsegmentation, and so the paper's code), or those that count (torch). */
  lossOver: z.enum(['all', 'valid']).default('all'),
  /** Updates between checkpoints; default a twentieth, at least 50. */
  checkpointEvery: whole.nullish(),
  /** Test pictures that are drawn beside truth and prediction. */
  overlays: z.int().nonnegative().default(8),
} as const;

const linearForm = z.strictObject({
  ...common,
  /** Blocks whose patch tokens are read, the last ones, side by side. */
  blocks: whole.default(1),
  /** Whether they go through the encoder's final norm, as DINOv2's head has them. */
  finalNorm: z.boolean().default(true),
  /** Crops of each picture whose features are kept and seen again; 0: every one is new, and the backbone runs at every step. */
  views: z.int().nonnegative().nullish(),
});

const uperForm = z.strictObject({
  ...common,
  /** The four blocks, from 0, whose outputs are the pyramid. */
  blocks: z.tuple([z.int(), z.int(), z.int(), z.int()]).nullish(),
  channels: whole.nullish(),
  auxChannels: whole.nullish(),
  auxWeight: z.number().nonnegative().default(0.4),
  /** Share of channels that are zeroed before the classifier. */
  dropout: share.default(0.1),
  layerDecay: z.number().positive().max(1).nullish(),
  dropPath: z.number().min(0).max(0.99).nullish(),
  /** No weight decay for class token and positions: what the paper's code meant to do, and did not. */
  exemptTokens: z.boolean().default(false),
});

export type LinearSettings = z.output<typeof linearForm>;
export type UperSettings = z.output<typeof uperForm>;

/** @throws UserError naming what is no setting of a linear head */
export const linearSettings = (o: unknown): LinearSettings =>
  checked(o ?? {}, linearForm, 'settings of segmentation-linear');
/** @throws UserError naming what is no setting of UperNet */
export const uperSettings = (o: unknown): UperSettings => checked(o ?? {}, uperForm, 'settings of upernet');

/** Settings as they were said, null for what the recipe decides: all names that there are. */
export const linearSaid = (o: unknown): Record<string, unknown> =>
  said(linearSettings(o), Object.keys(linearForm.shape));
export const uperSaid = (o: unknown): Record<string, unknown> => said(uperSettings(o), Object.keys(uperForm.shape));
const said = (s: object, names: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(names.map((name) => [name, (s as Record<string, unknown>)[name] ?? null]));

/** Settings that are all there. */
export interface Plan {
  recipe: 'paper' | 'small';
  crop: number;
  /** Longest and shortest side at most. */
  scale: readonly [number, number];
  ratio: readonly [number, number];
  mostOfOne: number;
  flip: number;
  photometric: boolean;
  test: 'slide' | 'whole';
  stride: number;
  steps: number;
  batch: number;
  accumulate: number;
  lr: number;
  warmup: number;
  startFactor: number;
  power: number;
  weightDecay: number;
  lossOver: 'all' | 'valid';
  checkpointEvery: number;
  overlays: number;
}

export interface LinearPlan extends Plan {
  blocks: number;
  finalNorm: boolean;
  views: number;
}

export interface UperPlan extends Plan {
  blocks: readonly [number, number, number, number];
  channels: number;
  auxChannels: number;
  auxWeight: number;
  dropout: number;
  layerDecay: number;
  dropPath: number;
  exemptTokens: boolean;
}

/** Sides below which an encoder is one of small pictures. */
const SMALL = 128;

const isLarge = (c: VitConfig): boolean => c.depth > 12;

function plan(
  s: LinearSettings | UperSettings,
  c: VitConfig,
  size: number,
  of: Record<'paper' | 'small', Pick<Plan, 'steps' | 'batch' | 'lr' | 'warmup' | 'weightDecay'>>,
): Plan {
  const recipe = s.recipe === 'auto' ? (size < SMALL ? 'small' : 'paper') : s.recipe;
  const patches = (pixels: number) => Math.max(1, Math.ceil(pixels / c.patch)) * c.patch;
  // 12 patches along a crop, twice as many as the tiny preset trains with, of 16 along a picture: what is larger shows less than it costs.
  const crop = s.crop ?? (recipe === 'paper' ? patches(512) : patches(12 * c.patch));
  if (crop % c.patch !== 0)
    throw new UserError(`crop ${crop}: no multiple of the encoder's patch of ${c.patch} px: ${patches(crop)} is one`);
  // No shorter than a crop that somebody chose.
  const short = recipe === 'paper' ? crop : Math.max(16 * c.patch, crop);
  const chosen = of[recipe];
  const steps = s.steps ?? chosen.steps;
  const batch = s.batch ?? chosen.batch;
  const { accumulate } = s;
  if (batch % accumulate !== 0) throw new UserError(`accumulate ${accumulate}: a batch of ${batch} has no such parts`);
  return {
    ...{ recipe, crop, scale: s.scale ?? [4 * short, short] },
    ...{ ratio: s.ratio, mostOfOne: s.mostOfOne, flip: s.flip, photometric: s.photometric },
    ...{ test: s.test, stride: s.stride ?? strideOf(crop), steps, batch, accumulate },
    // A short trial of a long recipe still comes to its full rate.
    ...{ lr: s.lr ?? chosen.lr, warmup: s.warmup ?? Math.min(chosen.warmup, Math.floor(steps / 4)) },
    ...{ startFactor: s.startFactor, power: s.power, weightDecay: s.weightDecay ?? chosen.weightDecay },
    ...{ lossOver: s.lossOver, overlays: s.overlays },
    checkpointEvery: s.checkpointEvery ?? Math.max(50, Math.round(steps / 20)),
  };
}

/**
 * A linear head's settings for an encoder (Oquab et al. 2023, DINOv2: 40,000 updates of 16 crops at 1e-3).
 * @param size the encoder's own side, pixels @throws UserError for a crop that is no multiple of the patch, and more blocks than there are
 */
export function linearPlan(s: LinearSettings, c: VitConfig, size: number): LinearPlan {
  const base = plan(s, c, size, {
    paper: { steps: 40_000, batch: 16, lr: 1e-3, warmup: 1500, weightDecay: 1e-4 },
    small: { steps: 2000, batch: 8, lr: 0.02, warmup: 50, weightDecay: 1e-4 },
  });
  if (s.blocks > c.depth) throw new UserError(`blocks ${s.blocks}: the encoder has ${c.depth}`);
  return { ...base, blocks: s.blocks, finalNorm: s.finalNorm, views: s.views ?? (base.recipe === 'paper' ? 0 : 32) };
}

/**
 * UperNet's settings for an encoder: table 15, its columns by depth (up to 12 blocks B, else L).
 * @param size the encoder's own side, pixels @throws UserError for a crop that is no multiple of the patch, and blocks that are not there
 */
export function uperPlan(s: UperSettings, c: VitConfig, size: number): UperPlan {
  const large = isLarge(c);
  const base = plan(s, c, size, {
    paper: {
      ...{ steps: large ? 160_000 : 60_000, batch: large ? 16 : 32 },
      ...{ lr: 8e-5, warmup: 1500, weightDecay: 0.05 },
    },
    small: { steps: 1200, batch: 4, lr: 5e-3, warmup: 40, weightDecay: 0.05 },
  });
  const paper = base.recipe === 'paper';
  const blocks = s.blocks ?? pyramidBlocks(c.depth);
  const wrong = blocks.find((b) => b < 0 || b >= c.depth);
  if (wrong !== undefined) throw new UserError(`blocks ${blocks.join(', ')}: the encoder has 0 to ${c.depth - 1}`);
  return {
    ...{ ...base, blocks, auxWeight: s.auxWeight, dropout: s.dropout, exemptTokens: s.exemptTokens },
    channels: s.channels ?? (paper ? c.dim : 32),
    auxChannels: s.auxChannels ?? (paper ? 256 : 32),
    layerDecay: s.layerDecay ?? (paper ? (large ? 0.8 : 0.6) : 0.5),
    dropPath: s.dropPath ?? (paper ? (large ? 0.2 : 0.1) : 0),
  };
}
