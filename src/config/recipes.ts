import type { LearnerName } from './names.js';
import type { PartialSettings } from './schema.js';

/** Any part of the settings, whatever the learner. */
export type Recipe = Omit<PartialSettings, 'learn'> & { learn?: Record<string, unknown> };

/** Smallest side of a global crop, pixels, at which a preset is one of the papers' scale. */
const LARGE = 224;

/**
 * What a preset, whose numbers are synclr's, sets otherwise for another learner. All look at as many crops a batch as the preset does. At the
 * papers' scale rates and decay are those of StableRep's training script (AdamW, β₂ 0.98, weight decay 0.1, 2e-4 for 512 crops), and for
 * supervision those of the AugReg study (1e-3, 0.1); a small preset keeps its own rate.
 */
export function recipe(method: LearnerName, preset: PartialSettings): Recipe {
  const n = preset.images?.perCaption ?? 4;
  const images = (preset.train?.captionsPerBatch ?? 16) * n;
  const large = (preset.views?.globalSize ?? 0) >= LARGE;
  /** Captions of a batch that brings one image of each. */
  const captions = (count: number) => Math.max(2, Math.min(count, preset.captions?.count ?? count));
  const plain = { beta2: 0.98, weightDecay: [0.1, 0.1] as [number, number] };
  const contrastive = large ? { ...plain, lr: (2e-4 * images) / 512 } : plain;
  // Small presets have their own crops and colours, for images this small.
  const colours = large
    ? {
        globalScale: [0.08, 1] as [number, number],
        jitter: { brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.1, probability: 0.8 },
        solarise: 0,
        downsample: { probability: 0.05 },
      }
    : {};
  const untouched = { probability: 0 };
  const whole = {
    ...{ globalScale: [0.9, 1] as [number, number], grayscale: 0, solarise: 0 },
    ...{ jitter: untouched, blur: untouched, downsample: untouched },
  };
  // A tower that suits a few thousand captions of a dozen words.
  const text = large
    ? {}
    : { textWidth: 128, textDepth: 2, textHeads: 2, textContext: 32, embeddingWidth: 128, merges: 1500 };
  const recipes: Record<LearnerName, Recipe> = {
    synclr: {},
    stablerep: {
      views: { localCount: 0, ...colours },
      learn: { temperature: 0.1, ...text },
      optim: contrastive,
    },
    simclr: {
      views: { localCount: 0, ...colours },
      learn: { temperature: 0.1 },
      optim: contrastive,
      train: { captionsPerBatch: captions(Math.round(images / 2)) },
    },
    clip: {
      // Radford et al. 2021, section 2.4 and table 20: crops of nearly all of an image are all that is done to it.
      views: { localCount: 0, ...(large ? whole : {}) },
      learn: text,
      optim: large ? { lr: 5e-4, beta2: 0.98, weightDecay: [0.2, 0.2] } : plain,
      train: { captionsPerBatch: captions(images) },
    },
    supervised: {
      views: { localCount: 0, ...colours },
      optim: large ? { ...plain, lr: 1e-3 } : plain,
      train: { captionsPerBatch: captions(images) },
    },
  };
  return recipes[method];
}
