import { z } from 'zod';
import { learn } from './learners.js';
import { ENCODER_WEIGHTS, PAINTER_NAMES, PROVIDER_NAMES, WRITER_NAMES } from './names.js';
import { fraction, int, pair, positive } from './numbers.js';

/**
 * Every setting of synclr, once: name, type, range, default and meaning. Files, presets, flags (`--views.globalSize 32`), help and
 * docs all read this schema; unknown names are refused. Everything outside `runtime` changes results; `runtime` changes only speed, and
 * rounding.
 */

const concepts = z.strictObject({
  source: z
    .string()
    .min(1)
    .default('wordnet')
    .describe('concept bank: `wordnet`, a file (.txt, .csv, .json), or a folder of the authors’ files (labels.json …)'),
  limit: int(1).default(4096).describe('at most this many concepts of the bank, the most frequent ones first'),
  backgrounds: z
    .string()
    .default('')
    .describe('a JSON file concept → backgrounds, as `synclr backgrounds` writes it, in place of the built-in ones'),
  heldOut: fraction
    .default(0.1)
    .describe(
      'share of the concepts kept out of training for the held-out probe; of fewer than 50 none, else ten at least',
    ),
});

const captions = z.strictObject({
  source: z
    .string()
    .default('')
    .describe(
      'captions of your own in place of a writer’s: a file (.txt, .jsonl, .json, .csv, .tsv, .parquet) or a folder of such',
    ),
  column: z
    .string()
    .default('')
    .describe('column or field of captions.source that holds them; default: found by its name'),
  writer: z
    .enum(WRITER_NAMES)
    .default('embedded')
    .describe(
      'caption writer (g1): `embedded`, `openai` (any OpenAI-compatible server), `gguf` (in process); to compare with, `name` (the concept alone) and `template` (a photo of it)',
    ),
  model: z
    .string()
    .default('')
    .describe('language model: its name on the server, a .gguf file, or hf:owner/name[/file.gguf]'),
  api: z
    .enum(['auto', 'chat', 'completions'])
    .default('auto')
    .describe('how a language model is asked: as a conversation, or to continue text; auto: as it was trained'),
  count: int(1).default(1024).describe('captions to write'),
  perShard: int(1).default(4096).describe('captions a shard'),
  temperature: z.number().min(0).default(0.8).describe('sampling temperature of a language model (paper, section 3.1)'),
  topP: fraction.default(0.9).describe('nucleus sampling of a language model'),
  maxTokens: int(1).default(100).describe('longest completion of a language model, tokens'),
  words: pair(1).default([3, 60]).describe('least and most words of a caption'),
  requireConcept: z
    .boolean()
    .default(true)
    .describe('reject captions that do not name the concept, by lemma or synonym'),
  attempts: int(1, 1000)
    .default(8)
    .describe('times a draw is repeated until its caption is usable; then another takes its place'),
  seenMb: int(0, 65_536)
    .default(64)
    .describe(
      'memory of captions seen, by which near-duplicates are found, MiB; 1 for every 800,000; 0 = keep duplicates',
    ),
});

const images = z.strictObject({
  painter: z
    .enum(PAINTER_NAMES)
    .default('embedded')
    .describe(
      'painter (g2): `embedded`, `diffusion` (in process), or a server’s API: `openai`, `a1111`, `sdcpp`, `comfyui`',
    ),
  model: z.string().default('').describe('diffusion model: a folder, hf:owner/name, or its name on the server'),
  perCaption: int(1).default(4).describe('images a caption (n)'),
  size: int(8, 2048).default(64).describe('side of an image, pixels'),
  quality: int(1, 100).default(92).describe('JPEG quality'),
  captionsPerShard: int(1).default(256).describe('samples a shard (captions, each with its images)'),
  paintSize: int(8, 2048)
    .optional()
    .describe('side at which a diffusion painter paints, pixels; scaled down to images.size; default: images.size'),
  guidance: z
    .number()
    .min(0)
    .default(2.5)
    .describe('classifier-free guidance scale of a diffusion painter; 1 or less = none'),
  guidanceRescale: fraction
    .default(0)
    .describe('how far the guided prediction is scaled back to the spread of the caption’s own (painter `diffusion`)'),
  steps: int(1).default(50).describe('denoising steps of a diffusion painter'),
  scheduler: z
    .string()
    .default('')
    .describe('noise scheduler (ddim, euler, dpm++ …) or the server’s sampler; default: the model’s own'),
  negative: z.string().default('').describe('negative prompt of a diffusion painter'),
  workflow: z.string().default('').describe('ComfyUI: the workflow’s file, exported for the API, with placeholders'),
  repaint: int(0).default(4).describe('times that a blank image is painted again, each with its next noise key'),
});

const corpus = z.strictObject({
  mostBad: fraction
    .default(0.25)
    .describe('share of a corpus’s images (`--corpus`) that may be broken or missing before it is refused'),
});

const views = z.strictObject({
  globalSize: int(4).default(32).describe('side of the global crop, pixels'),
  globalScale: pair(0.0001, 1).default([0.32, 1]).describe('area of the global crop as a share of the image'),
  localSize: int(4).default(16).describe('side of a local crop, pixels'),
  localScale: pair(0.0001, 1).default([0.08, 0.32]).describe('area of a local crop as a share of the image'),
  localCount: int(0).default(4).describe('local crops an image'),
  aspect: pair(0.01, 100)
    .default([3 / 4, 4 / 3])
    .describe('aspect ratio of crops, drawn log-uniformly'),
  flip: fraction.default(0.5).describe('probability of a horizontal flip'),
  jitter: z
    .strictObject({
      probability: fraction.default(0.8).describe('probability of colour jitter (BYOL)'),
      brightness: z.number().min(0).default(0.4).describe('largest relative change of brightness'),
      contrast: z.number().min(0).default(0.4).describe('largest relative change of contrast'),
      saturation: z.number().min(0).default(0.2).describe('largest relative change of saturation'),
      hue: z.number().min(0).max(0.5).default(0.1).describe('largest turn of the hue, in turns'),
    })
    .prefault({})
    .describe('colour jitter (BYOL)'),
  grayscale: fraction.default(0.2).describe('probability of grayscale'),
  blur: z
    .strictObject({
      probability: fraction.default(0.5).describe('probability of a Gaussian blur'),
      sigma: pair(0.01, 100).default([0.1, 2]).describe('sigma in pixels of a 224 px crop; scaled with the crop'),
    })
    .prefault({}),
  solarise: fraction.default(0.1).describe('probability of solarising above 0.5'),
  downsample: z
    .strictObject({
      probability: fraction.default(0.1).describe('probability that the image is first made small (StableRep)'),
      scale: pair(0.01, 1).default([0.3, 1]).describe('side after downsampling as a share of the image’s'),
    })
    .prefault({}),
  mean: z
    .tuple([z.number(), z.number(), z.number()])
    .default([0.485, 0.456, 0.406])
    .describe('RGB mean, of pixels in 0…1'),
  std: z.tuple([positive, positive, positive]).default([0.229, 0.224, 0.225]).describe('RGB standard deviation'),
  maskProbability: fraction.default(0.5).describe('share of the images whose tokens are masked (iBOT)'),
  maskRatio: fraction.default(0.5).describe('share of the tokens masked in such an image'),
  maskStyle: z.enum(['block', 'random']).default('block').describe('blocks as iBOT draws them, or independent tokens'),
});

/** What published encoders differ in from a plain ViT: what `--from` needs to go on with them. Absent: as a plain ViT. */
const form = z
  .strictObject({
    activation: z
      .enum(['gelu', 'quick_gelu', 'gelu_tanh', 'swiglu'])
      .optional()
      .describe('of the MLP; default exact GELU'),
    gate: z
      .enum(['gelu', 'quick_gelu', 'gelu_tanh'])
      .optional()
      .describe('what the gate of `swiglu` goes through; default SiLU'),
    eps: positive.optional().describe('epsilon of every norm; default 1e-6'),
    cls: z.boolean().optional().describe('whether there is a CLS token; default true'),
    dist: z.boolean().optional().describe('whether there is DeiT’s distillation token; default false'),
    registers: int(1).optional().describe('register tokens; default none'),
    positions: z.boolean().optional().describe('whether positions are learned; default true'),
    prefixPositions: int(0).optional().describe('tokens before the patches that have a learned position; default CLS'),
    resampling: z
      .enum(['offset', 'plain', 'antialias'])
      .optional()
      .describe('how positions are resampled for other sides; default DINO’s offset'),
    rotary: positive.optional().describe('base of rotary positions of the patches; default none'),
    relative: z
      .enum(['shared', 'layers', 'both'])
      .optional()
      .describe('tables of relative positions: one for all blocks, one a block, or both; default none'),
    normBefore: z.boolean().optional().describe('whether a norm stands before the blocks; default false'),
    norm: z.boolean().optional().describe('whether a norm stands after the blocks; default true'),
    layerScale: z.boolean().optional().describe('whether branches have a factor a coordinate; default false'),
    pool: z.enum(['cls', 'mean', 'attention']).optional().describe('what an image’s feature is; default CLS'),
    poolNorm: z.boolean().optional().describe('whether the mean has a norm; default false'),
    poolMlpRatio: positive.optional().describe('hidden width of attention pooling’s MLP over dim; default mlpRatio'),
  })
  .prefault({})
  .describe('what the encoder has beside, or in place of, a plain ViT’s parts');

const model = z.strictObject({
  dim: int(1).default(192).describe('width'),
  depth: int(1).default(12).describe('blocks'),
  heads: int(1).default(3).describe('attention heads; divides dim'),
  patch: int(1).default(4).describe('patch side, pixels; divides the crop sizes'),
  mlpRatio: positive.default(4).describe('hidden width of the MLP over dim'),
  form,
  start: z
    .strictObject({
      patches: z
        .enum(['uniform', 'whitening'])
        .default('uniform')
        .describe('first patch filters: Glorot-uniform (timm), or whitening natural images, which learns sooner'),
      positions: z
        .enum(['normal', 'sincos'])
        .default('normal')
        .describe('first position embeddings: near zero (timm), or sines and cosines; learned either way'),
    })
    .prefault({})
    .describe('how the weights begin'),
  dropPath: fraction.default(0).describe('stochastic depth of the last block, growing linearly from 0'),
});

const optim = z.strictObject({
  lr: positive.default(2e-3).describe('peak learning rate'),
  warmup: int(0).default(100).describe('steps of linear warm-up; at most half of the run'),
  minLr: z.number().min(0).default(0).describe('learning rate at the end of the cosine'),
  weightDecay: pair(0).default([0.04, 0.2]).describe('weight decay at the start and the end of its cosine'),
  beta1: fraction.default(0.9).describe('decay of AdamW’s first moment'),
  beta2: fraction.default(0.999).describe('decay of AdamW’s second moment'),
  eps: positive.default(1e-8).describe('AdamW’s epsilon'),
  clip: z.number().min(0).default(3).describe('largest gradient norm; 0 = no clipping'),
  accumulate: int(1)
    .default(1)
    .describe('batches whose gradients make one update (teacher EMA and centres once an update)'),
});

const train = z.strictObject({
  steps: int(1).default(1000).describe('updates'),
  captionsPerBatch: int(1).default(16).describe('captions a batch; each brings its n images'),
  checkpointEvery: int(1).default(200).describe('updates between checkpoints'),
  keepCheckpoints: int(1).default(2).describe('newest checkpoints kept'),
  healthEvery: int(1).default(50).describe('updates between health measurements (feature rank, spread …)'),
  nonFinite: z
    .enum(['stop', 'skip'])
    .default('stop')
    .describe(
      'what to do where loss or gradient is no number: stop, with the state before it saved, or pass over the batch',
    ),
});

const probe = z.strictObject({
  every: int(0)
    .default(0)
    .describe(
      'steps of training between two kNN probes of the encoder on its way, by the run’s own images and those of --eval; 0 = none',
    ),
  weights: z
    .enum(ENCODER_WEIGHTS)
    .default('teacher')
    .describe('which encoder of a checkpoint is probed and exported; of ours teacher or student'),
  size: int(4).optional().describe('side at which images are probed, pixels; default: views.globalSize'),
  knn: z
    .strictObject({
      k: int(1).default(20).describe('neighbours that vote'),
      temperature: positive.default(0.07).describe('temperature of their votes'),
    })
    .prefault({})
    .describe('weighted k nearest neighbours, as DINO does it'),
  linear: z
    .strictObject({
      lrs: z
        .array(positive)
        .min(1)
        .default([0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5])
        .describe('learning rates tried, per 256 images of a batch (paper, appendix B.2)'),
      epochs: int(1).default(90).describe('passes over the training features'),
      batch: int(1).default(1024).describe('features a step'),
      momentum: fraction.default(0.9).describe('momentum of SGD'),
      validation: fraction.default(0.2).describe('share of the training images on which the rate is chosen'),
    })
    .prefault({})
    .describe('linear probe: SGD on frozen CLS features'),
  ownClasses: int(0)
    .default(40)
    .describe('concepts of training that are told apart on new captions’ images; 0 = no such probe'),
  ownTrain: int(4).default(400).describe('training images of that probe in all, one a caption'),
  ownTest: int(4)
    .default(1000)
    .describe('test images of that probe in all, one a caption; 1000: ± 3.1 points at most (95 %)'),
  heldOutClasses: int(0).default(40).describe('held-out concepts of the other painted probe; 0 = no such probe'),
  heldOutCaptions: int(1).default(20).describe('captions a held-out concept'),
  baselines: z.boolean().default(true).describe('also probe raw pixels and the untrained encoder'),
  zeroShot: z
    .boolean()
    .default(true)
    .describe('also tell images by the words of their classes, where the encoder has a text side'),
  templates: z
    .string()
    .default('')
    .describe('a file of sentences that classes are named in, {} for the name, in place of the built-in ones'),
  classNames: z
    .string()
    .default('')
    .describe('a file with the classes’ names by the names of their folders, JSON or `folder: name, other name`'),
  vocabulary: z
    .string()
    .default('')
    .describe('the text side’s vocabulary, file or folder; default: the one that lies with the encoder'),
});

/** Where a writer's or painter's server is, and how it is asked. */
const server = <T extends z.ZodRawShape>(what: string, inFlight: number, timeout: number, more: T) =>
  z.strictObject({
    url: z.string().default('').describe(`address of the ${what}’s server; default: that API’s usual one`),
    key: z
      .string()
      .default('')
      .describe(
        `key of the ${what}’s server; never stored, but others see flags (ps): prefer keyFile, or the environment`,
      ),
    keyFile: z.string().default('').describe(`file that holds the key of the ${what}’s server, and nothing else`),
    inFlight: int(1, 4096).default(inFlight).describe(`most requests that the ${what} has in hand at once`),
    timeout: positive.default(timeout).describe(`longest time that one request to the ${what} may take, seconds`),
    patience: z
      .number()
      .min(0)
      .default(900)
      .describe(`how long the ${what}’s server may fail before it is given up, seconds`),
    ...more,
  });
const runtime = z.strictObject({
  provider: z
    .enum(PROVIDER_NAMES)
    .default('auto')
    .describe(
      'what trains and embeds: ONNX Runtime (cpu, webgpu) or an XLA plugin (cuda, rocm, oneapi, tpu; xla: whichever is here); auto: an accelerator’s plugin that works, else cpu',
    ),
  plugin: z
    .string()
    .default('')
    .describe('XLA plugin to use, a PJRT library’s file (.so, .dylib, .dll); default: what `synclr backend` finds'),
  precision: z
    .enum(['auto', 'float32', 'bfloat16'])
    .default('auto')
    .describe(
      'of XLA’s matrix products and activations; weights, losses and optimiser are float32; auto: bfloat16 on accelerators, else float32',
    ),
  attention: z
    .enum(['auto', 'plain', 'cudnn', 'cudnn-padded'])
    .default('auto')
    .describe(
      'attention through XLA: cuDNN’s, which never writes the scores (NVIDIA; padded: tokens made up to a multiple of eight), or plain; auto: cudnn there',
    ),
  recompute: z
    .boolean()
    .default(false)
    .describe('through XLA, compute blocks again in the backward pass instead of keeping them: less memory, more time'),
  deterministic: z
    .boolean()
    .default(false)
    .describe('through XLA on GPUs, only kernels that give the same bits every time, by XLA’s flag for it; slower'),
  devices: int(0).default(0).describe('devices of an XLA plugin that share each batch; 0 = all'),
  shard: z
    .enum(['none', 'optimizer'])
    .default('none')
    .describe(
      'what several devices divide among them beside the batch: nothing, or AdamW’s moments and master weights',
    ),
  threads: int(0).default(0).describe('threads of the training step, and of models in process; 0 = all cores'),
  workers: int(0).default(0).describe('worker threads that paint (embedded) and augment; 0 = all cores'),
  prefetch: int(1).default(4).describe('batches prepared ahead'),
  cacheMb: int(0).default(2048).describe('decoded images kept in memory, MiB'),
  writer: server('writer', 32, 120, {}).prefault({}),
  painter: server('painter', 8, 600, {
    rows: int(0)
      .default(0)
      .describe(
        'most rows of one run of a diffusion model in process (a guided image has two); fewer take less memory; 0 = all of a caption',
      ),
  }).prefault({}),
});

export const settingsSchema = z.strictObject({
  seed: int(0).default(0).describe('the run’s seed; everything random follows from it'),
  concepts: concepts.prefault({}),
  captions: captions.prefault({}),
  images: images.prefault({}),
  corpus: corpus.prefault({}),
  views: views.prefault({}),
  model: model.prefault({}),
  learn,
  optim: optim.prefault({}),
  train: train.prefault({}),
  probe: probe.prefault({}),
  runtime: runtime.prefault({}),
});

/** All settings, resolved. */
export type Settings = z.output<typeof settingsSchema>;
/** What a user's file, a preset or flags may say: any part of the settings. */
export type PartialSettings = z.input<typeof settingsSchema>;
