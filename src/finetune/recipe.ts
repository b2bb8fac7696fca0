import { z } from 'zod';
import { fraction, int, pair, positive } from '../config/numbers.js';
import { closest } from '../config/suggest.js';
import { UserError } from '../errors.js';
import { checked, isObject } from '../formats/json.js';

/**
 * All that decides a fine-tuning beside the encoder, the pictures and the seed. Defaults are the paper's for ViT-B/16 (table 14; what it leaves
 * open is taken from the authors' published script).
 */
const schema = z.strictObject({
  size: int(1).optional().describe('side of the pictures, pixels; unset: the encoder’s own'),
  pool: z
    .enum(['own', 'mean'])
    .default('own')
    .describe(
      'what the head sees: the family’s image feature (CLS after the final norm), or the mean of the patches with a norm of its own',
    ),
  batch: int(2).default(1024).describe('pictures of an update'),
  epochs: positive.default(100).describe('how often each picture is seen'),
  steps: int(1).optional().describe('updates, in place of epochs; the warm-up stays the same share'),
  leastSteps: int(0).default(0).describe('updates at least, for few pictures; the warm-up stays the same share'),
  warmupEpochs: z.number().min(0).default(20).describe('epochs in which the rate rises from 0'),
  baseLr: positive.default(5e-5).describe('peak rate for 256 pictures an update'),
  minLr: z.number().min(0).default(1e-6).describe('rate at the end of the cosine'),
  betas: z
    .tuple([z.number().min(0).lt(1), z.number().min(0).lt(1)])
    .default([0.9, 0.999])
    .describe('of AdamW'),
  eps: positive.default(1e-8).describe('of AdamW'),
  weightDecay: z.number().min(0).default(0.05).describe('decoupled; no biases, norms, tokens, positions'),
  clip: z.number().min(0).default(0).describe('largest norm of the gradient; 0: none'),
  layerDecay: positive.max(1).default(0.65).describe('factor on the rate from one block to the one below it'),
  finalNorm: z
    .enum(['head', 'block'])
    .default('head')
    .describe('whose rate the final norm has: the head’s (authors), the last block’s (timm)'),
  dropPath: z.number().min(0).lt(1).default(0.1).describe('rate of the last block; from 0 in a line'),
  smoothing: fraction.default(0.1).describe('label smoothing'),
  mixup: z.number().min(0).default(0.8).describe('parameter of mixup’s beta distribution; 0: none'),
  cutmix: z.number().min(0).default(1).describe('of cutmix’s; 0: none'),
  mixProbability: fraction.default(1).describe('share of batches (pictures, pairs) that are mixed'),
  mixSwitch: fraction.default(0.5).describe('share of cutmix among them'),
  mixMode: z.enum(['batch', 'elem', 'pair']).default('batch').describe('one draw for a batch, a picture, a pair'),
  augment: z
    .strictObject({
      ops: int(0, 16).default(2).describe('operations drawn for a picture; 0: none'),
      probability: fraction.default(0.5).describe('of each that is drawn'),
      magnitude: z.number().min(0).max(10).default(9).describe('0…10'),
      deviation: z.number().min(0).default(0.5).describe('of the magnitude'),
    })
    .prefault({})
    .describe('RandAugment'),
  erasing: fraction.default(0.25).describe('share of pictures of which a rectangle becomes noise'),
  erasingArea: pair(0, 1)
    .default([0.02, 1 / 3])
    .describe('its share of the area'),
  erasingAspect: pair(1e-3)
    .default([0.3, 10 / 3])
    .describe('its height over its width'),
  cropScale: pair(1e-4, 1).default([0.08, 1]).describe('share of a picture’s area that a crop has'),
  cropAspect: pair(1e-3)
    .default([3 / 4, 4 / 3])
    .describe('its width over its height'),
  flip: fraction.default(0.5).describe('share of crops that are mirrored'),
  ema: z.number().min(0).lt(1).default(0.9999).describe('momentum of the weights’ moving average; 0: none'),
  testCrop: positive
    .max(1)
    .default(0.95)
    .describe('share of the shorter side that is cut out of the middle for the test'),
  evaluateEpochs: z.number().min(0).default(0).describe('epochs between tests; 0: at the end alone'),
  checkpointEvery: int(1).default(500).describe('updates between checkpoints'),
  nonFinite: z.enum(['stop', 'skip']).default('stop').describe('what becomes of training when a loss is no number'),
});

export type Recipe = z.output<typeof schema>;
export type RecipeOverrides = z.input<typeof schema>;

/** Whole recipes by name, as they differ from the defaults. */
export const RECIPES = {
  /** Table 14, ViT-B/16 on ImageNet. */
  'paper-b16': {},
  /** Table 14, ViT-L/14. */
  'paper-l14': {
    ...{ layerDecay: 0.8, dropPath: 0.3, smoothing: 0.2, testCrop: 1 },
    ...{ epochs: 50, warmupEpochs: 5 },
  },
  /** For small networks, few pictures and a CPU: minutes. What regularises long training is left out or weaker. */
  small: {
    ...{
      batch: 64,
      epochs: 10,
      leastSteps: 150,
      warmupEpochs: 1,
      baseLr: 4e-3,
      layerDecay: 0.75,
      dropPath: 0.05,
      ema: 0.98,
    },
    ...{ mixup: 0.2, cutmix: 0, mixProbability: 0.5, erasing: 0.1, cropScale: [0.4, 1] as [number, number] },
    ...{ augment: { ops: 1, magnitude: 5 }, testCrop: 1, checkpointEvery: 100 },
  },
} as const satisfies Record<string, RecipeOverrides>;

export type RecipeName = keyof typeof RECIPES;

/**
 * A recipe by name with single values changed.
 * @throws UserError for a name or a setting that is not known, and for values that cannot be
 */
export function recipeOf(name: string, overrides: unknown = {}, what = 'fine-tuning'): Recipe {
  if (!Object.hasOwn(RECIPES, name))
    throw new UserError(`${what}: no recipe "${name}": ${Object.keys(RECIPES).join(', ')}`);
  if (isObject(overrides)) refuseUnknown(overrides, what);
  const base: RecipeOverrides = RECIPES[name as RecipeName];
  const all = isObject(overrides)
    ? {
        ...base,
        ...overrides,
        ...(isObject(overrides.augment) && { augment: { ...base.augment, ...overrides.augment } }),
      }
    : overrides;
  const recipe = checked(all, schema, what) as Recipe;
  if (recipe.steps === undefined && recipe.warmupEpochs > recipe.epochs)
    throw new UserError(`${what}: warmupEpochs ${recipe.warmupEpochs} are more than epochs ${recipe.epochs}`);
  if (recipe.batch % 2 === 1 && recipe.mixMode === 'pair')
    throw new UserError(`${what}: mixMode pair needs an even batch, not ${recipe.batch}`);
  for (const key of ['erasingArea', 'erasingAspect', 'cropScale', 'cropAspect'] as const)
    if (recipe[key][0] > recipe[key][1])
      throw new UserError(`${what}: ${key} ${recipe[key].join(' … ')}: the least comes first`);
  return recipe;
}

function refuseUnknown(overrides: object, what: string): void {
  const known = Object.keys(schema.shape);
  const wrong = Object.keys(overrides).find((key) => !known.includes(key));
  if (wrong === undefined) return;
  const near = closest(wrong, known);
  throw new UserError(
    `${what}: no setting "${wrong}"${near.length > 0 ? `: did you mean ${near.join(' or ')}?` : `: ${known.join(', ')}`}`,
  );
}

/** The recipe's settings with defaults and what they mean, for documentation. */
export const recipeSettings = (): { name: string; value: unknown; about: string }[] => {
  const defaults = recipeOf('paper-b16') as Record<string, unknown>;
  return Object.entries(schema.shape).map(([name, s]) => ({ name, value: defaults[name], about: s.description ?? '' }));
};

/** How long a fine-tuning is. */
export interface Length {
  /** Updates of an epoch: whole ones, or a part of one where there are fewer pictures than a batch. */
  stepsPerEpoch: number;
  steps: number;
  /** In epochs. */
  epochs: number;
  warmupEpochs: number;
}

/** What a recipe comes to with so many pictures; of an epoch what does not fill a batch is left out. */
export function lengthOf(r: Recipe, pictures: number): Length {
  const stepsPerEpoch = pictures >= r.batch ? Math.floor(pictures / r.batch) : pictures / r.batch;
  const steps = r.steps ?? Math.max(1, r.leastSteps, Math.round(r.epochs * stepsPerEpoch));
  const epochs = steps / stepsPerEpoch;
  return { stepsPerEpoch, steps, epochs, warmupEpochs: (epochs * Math.min(r.warmupEpochs, r.epochs)) / r.epochs };
}
