import type { PartialSettings } from './schema.js';

/** A named set of settings; what it leaves out has the schema's default. */
export interface Preset {
  /** One line: what it is for, and where its numbers come from. */
  about: string;
  settings: PartialSettings;
  /** What it promises to take, where it promises anything. */
  minutes?: number;
}

/** Widths of the usual ViTs (ViT paper, table 1; Ti and S as in DeiT). */
const VIT = {
  ti: { dim: 192, depth: 12, heads: 3 },
  s: { dim: 384, depth: 12, heads: 6 },
  b: { dim: 768, depth: 12, heads: 12 },
  l: { dim: 1024, depth: 24, heads: 16 },
};

/**
 * `npm start`: concepts to probed encoder within ten minutes on two CPU cores.
 * Every number that decides what this run costs and what it learns stands here.
 */
const TINY: PartialSettings = {
  concepts: { limit: 4096 },
  captions: { count: 3072, perShard: 1024 },
  images: { perCaption: 4, size: 64, captionsPerShard: 128 },
  views: {
    globalSize: 24, // 36 tokens: twice the images a second of 32 px; probed at 32 px
    globalScale: [0.55, 1], // a smaller part of an image is hard to place in so few steps
    localSize: 12,
    localCount: 0, // local crops cost a quarter of the images a second each, and did not earn it back in so few steps
    jitter: { probability: 0.5, brightness: 0.3, contrast: 0.3, saturation: 0.2, hue: 0.04 },
    grayscale: 0.05,
    blur: { probability: 0.1 }, // crops this small have little detail to lose
    solarise: 0,
    maskProbability: 0.125,
  },
  model: {
    dim: 192,
    depth: 3, // finer patches beat more blocks at the same arithmetic
    heads: 3,
    patch: 4,
    start: { patches: 'whitening', positions: 'sincos' }, // sees edges and places from the first step
  },
  learn: {
    projectionHidden: 512,
    projectionWidth: 128,
    headNorm: 'batch', // learns sooner than per-image normalisation in batches this small
    prototypeHidden: 256,
    prototypeBottleneck: 64,
    prototypes: 512,
    temperature: 0.1, // few negatives a batch
    ibot: 0.1,
    teacherTemperatureSteps: 100,
    ema: [0.95, 0.998], // few steps: a teacher that follows faster than in the paper
  },
  optim: {
    lr: 5e-4, // twice as much narrows the features to few directions at the start
    warmup: 60,
    beta2: 0.98,
    weightDecay: [0.04, 0.1],
  },
  // More captions a batch beat more steps: there are more negatives to tell apart.
  train: { steps: 950, captionsPerBatch: 32, checkpointEvery: 200, healthEvery: 25 },
  probe: { size: 32 }, // the side of CIFAR's images
};

/**
 * One run of `synclr ablate`: small enough for some twenty of them one after the other on two CPU cores. Few concepts, so that a class has several
 * captions for the learners that need classes; all three switches of the paper's table 4 are on.
 */
const ABLATE_TINY: PartialSettings = {
  concepts: { limit: 256, heldOut: 0 },
  captions: { count: 1536, perShard: 512 },
  images: { ...TINY.images },
  views: { ...TINY.views, localCount: 2, maskProbability: 0.5 },
  model: { ...TINY.model, dim: 128, depth: 2, heads: 2 },
  learn: {
    ...TINY.learn,
    projectionHidden: 256,
    projectionWidth: 64,
    prototypeHidden: 128,
    prototypeBottleneck: 32,
    prototypes: 256,
    teacherTemperatureSteps: 50,
    ema: [0.9, 0.99], // a teacher that has caught up when so few steps end
  } as PartialSettings['learn'],
  optim: { ...TINY.optim, lr: 1e-3, warmup: 25 },
  train: { steps: 240, captionsPerBatch: 24, checkpointEvery: 60, healthEvery: 40 },
  probe: { size: 32, ownClasses: 40, ownTrain: 800, ownTest: 1000, heldOutClasses: 0, baselines: false },
};

/** Heads of the paper's runs. */
const HEADS = {
  projectionHidden: 4096,
  projectionWidth: 256,
  prototypeHidden: 2048,
  prototypeBottleneck: 256,
  prototypes: 65_536,
} as const;

/** Shared by the paper's runs: section 3.4 and appendix B.1 (Table 12) of arXiv 2312.17742. */
const PAPER: PartialSettings = {
  concepts: { limit: 20_000, heldOut: 0 },
  captions: { temperature: 0.8, topP: 0.9, maxTokens: 100, seenMb: 256 },
  images: { perCaption: 4, size: 512, guidance: 2.5, steps: 50 },
  views: {
    globalSize: 224,
    localSize: 96,
    localCount: 4,
    maskProbability: 0.5,
    maskRatio: 0.5,
  },
  learn: {
    ...HEADS,
    temperature: 0.08,
    teacherTemperature: [0.04, 0.07],
    teacherTemperatureSteps: 4000,
    ema: [0.994, 1],
  },
  optim: { beta1: 0.9, beta2: 0.999, weightDecay: [0.04, 0.2] },
  train: { checkpointEvery: 1000, healthEvery: 500 },
  // Held-out concepts would take them from training; the paper probes real data instead.
  probe: { heldOutClasses: 0 },
};

/** Benchmarks of a step at the paper's sizes of images and heads; the width is the preset's. */
const BENCH: PartialSettings = {
  captions: { count: 16 },
  images: { perCaption: 4, size: 224 },
  views: { globalSize: 224, localSize: 96, localCount: 4 },
  model: { patch: 16 },
  learn: { ...HEADS },
  optim: { warmup: 2 },
  train: { steps: 10, captionsPerBatch: 2 },
};

/** The peers' benchmark on a GPU: 64 captions × 4 images. */
const BENCH_GPU: PartialSettings = {
  captions: { count: 128 },
  images: { size: 256 },
  train: { captionsPerBatch: 64 },
};

/**
 * One GPU. What a step needs of its memory was read off by compiling for an H100 (docs/accelerators.md); times are reckoned from the arithmetic of a
 * step at two fifths of the card's rate, until somebody measures them.
 */
const GPU: PartialSettings = {
  concepts: { limit: 20_000 },
  captions: { perShard: 4096 },
  images: { perCaption: 4, size: 256, captionsPerShard: 256 },
  views: {
    globalSize: 224,
    localSize: 96,
    localCount: 4,
    maskProbability: 0.5,
    maskRatio: 0.5,
  },
  model: { patch: 16 },
  learn: {
    ...HEADS,
    // Some hundreds of candidates instead of the paper's 32,768: the authors' temperature for smaller batches.
    temperature: 0.1,
    teacherTemperature: [0.04, 0.07],
    teacherTemperatureSteps: 5000,
    ema: [0.994, 1],
  },
  optim: { beta1: 0.9, beta2: 0.98, weightDecay: [0.04, 0.2] },
  train: { checkpointEvery: 2000, healthEvery: 500 },
};

/** A preset's settings with changes, group by group. */
function derive(base: PartialSettings, changes: PartialSettings): PartialSettings {
  const merged: Record<string, unknown> = { ...base };
  for (const [group, value] of Object.entries(changes)) {
    const before = merged[group];
    merged[group] = typeof value === 'object' && typeof before === 'object' ? { ...before, ...value } : value;
  }
  return merged as PartialSettings;
}

const ALL = {
  tiny: {
    about: 'concepts to probed encoder in ten minutes on two CPU cores; the default',
    settings: TINY,
    minutes: 10,
  },
  'ablate-tiny': {
    about: 'one run of synclr ablate: a ViT of two blocks, 240 steps',
    settings: ABLATE_TINY,
  },
  'bench-tiny': {
    about: 'benchmark of a training step: ViT-Ti/8 at 64 px, 16 captions × 4 images',
    settings: {
      captions: { count: 128 },
      images: { perCaption: 4, size: 64 },
      views: { globalSize: 64, localSize: 32, localCount: 4 },
      model: { ...VIT.ti, patch: 8 },
      learn: {
        projectionHidden: 1024,
        projectionWidth: 128,
        prototypeHidden: 512,
        prototypeBottleneck: 128,
        prototypes: 8192,
      },
      optim: { warmup: 5 },
      train: { steps: 20, captionsPerBatch: 16 },
    },
  },
  'bench-small': {
    about: 'benchmark of a training step: ViT-S/16 at 224 px, 2 captions × 4 images',
    settings: derive(BENCH, { model: { ...VIT.s } }),
  },
  'bench-s16': {
    about: 'benchmark of a training step on a GPU: ViT-S/16 at 224 px, 64 captions × 4 images',
    settings: derive(BENCH, { ...BENCH_GPU, model: { ...VIT.s } }),
  },
  'bench-b16': {
    about: 'benchmark of a training step on a GPU: ViT-B/16 at 224 px, 64 captions × 4 images',
    settings: derive(BENCH, { ...BENCH_GPU, model: { ...VIT.b } }),
  },
  'gpu-tiny': {
    about:
      'the main job in about ten minutes of one GPU and its cores: synclr run --preset gpu-tiny; fifty times the images of tiny, ViT-S/4 at 32 px',
    settings: derive(TINY, {
      concepts: { limit: 8192 },
      captions: { count: 150_000, perShard: 4096 },
      images: { captionsPerShard: 512 },
      views: { globalSize: 32, localSize: 16, localCount: 2, maskProbability: 0.5 },
      model: { ...VIT.s, patch: 4 },
      learn: {
        projectionHidden: 2048,
        projectionWidth: 256,
        prototypeHidden: 1024,
        prototypeBottleneck: 128,
        prototypes: 8192,
        ibot: 0.5,
        teacherTemperatureSteps: 1000,
        ema: [0.99, 0.9995],
      },
      optim: { lr: 1e-3, warmup: 400 },
      train: { steps: 5000, captionsPerBatch: 256, checkpointEvery: 1000, healthEvery: 100 },
    }),
  },
  'gpu-s16': {
    about:
      'ViT-S/16 at 224 px on one GPU of 24 GB in about a day: synclr run --preset gpu-s16; 1 M images, 250,000 steps of 64 captions',
    settings: derive(GPU, {
      captions: { count: 250_000 },
      model: { ...VIT.s, dropPath: 0.05 },
      // The authors' rate for 128 images (half of the global crops), by their rule: 1.5e-4 × 128 / 256.
      optim: { lr: 7.5e-5, warmup: 10_000 },
      train: { steps: 250_000, captionsPerBatch: 64 },
    }),
  },
  'gpu-b16': {
    about:
      'ViT-B/16 at 224 px on one GPU of 80 GB in some days: synclr run --preset gpu-b16; 4 M images, 500,000 steps of 128 captions',
    settings: derive(GPU, {
      captions: { count: 1_000_000 },
      model: { ...VIT.b, dropPath: 0.1 },
      // As above, for 256 images.
      optim: { lr: 1.5e-4, warmup: 20_000 },
      train: { steps: 500_000, captionsPerBatch: 128 },
    }),
  },
  'paper-b16': {
    about: 'the paper’s long run, ViT-B/16: 150 M captions, 500,000 steps of 8,192 captions (section 4.2, Table 12)',
    settings: derive(PAPER, {
      captions: { count: 150_000_000 },
      model: { ...VIT.b, patch: 16, dropPath: 0.1 },
      optim: { lr: 2e-3, warmup: 80_000 },
      train: { steps: 500_000, captionsPerBatch: 8192 },
    }),
  },
  'paper-l14': {
    about: 'the paper’s long run, ViT-L/14; local crops of 98 px, since 96 is no multiple of 14',
    settings: derive(PAPER, {
      captions: { count: 150_000_000 },
      views: { localSize: 98 },
      model: { ...VIT.l, patch: 14, dropPath: 0.4 },
      optim: { lr: 1.5e-3, warmup: 80_000 },
      train: { steps: 500_000, captionsPerBatch: 8192 },
    }),
  },
  'ablation-b16': {
    about: 'the paper’s ablations, ViT-B/16: 10 M captions, 85,000 steps of 2,048 captions (section 4.1)',
    settings: derive(PAPER, {
      captions: { count: 10_000_000 },
      // The paper gives no rate and warm-up for this schedule: the long run's rate, and its share of warm-up steps.
      model: { ...VIT.b, patch: 16, dropPath: 0.1 },
      optim: { lr: 2e-3, warmup: 13_600 },
      train: { steps: 85_000, captionsPerBatch: 2048 },
    }),
  },
  'authors-b16': {
    about: 'the command in the authors’ PyTorch example, ViT-B/16: 15 epochs of 10 M captions, 32 × 64 captions a step',
    settings: derive(PAPER, {
      captions: { count: 10_000_000 },
      // No downsampling there, and independent masked tokens (`--mask_shape rand`).
      views: { downsample: { probability: 0 }, maskStyle: 'random' },
      model: { ...VIT.b, patch: 16, dropPath: 0 },
      learn: { prototypes: 8192, temperature: 0.1, teacherTemperatureSteps: 4883 }, // one epoch
      optim: {
        // blr 1.5e-4 × batch / 256, where their batch is half of the global crops: 2048 × 4 / 2.
        lr: (1.5e-4 * (2048 * 4)) / 2 / 256,
        warmup: 2441, // half an epoch
        weightDecay: [0.1, 0.1],
        beta2: 0.98,
        clip: 0,
      },
      train: { steps: 73_242, captionsPerBatch: 2048 },
    }),
  },
} satisfies Record<string, Preset>;

/** Name of a preset. */
export type PresetName = keyof typeof ALL;
/** All presets by name. */
export const PRESETS: Readonly<Record<PresetName, Preset>> = ALL;
export const PRESET_NAMES = Object.keys(ALL) as readonly PresetName[];

/** What every command starts from that is not told otherwise, `npm start` among them. */
export const DEFAULT_PRESET = 'tiny' satisfies PresetName;
