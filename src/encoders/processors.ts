import type { Preprocessing } from '../model/preprocessing.js';

type Triple = Preprocessing['mean'];

export const IMAGENET = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] } as const;
export const HALF = { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] } as const;
export const OPENAI = {
  mean: [0.48145466, 0.4578275, 0.40821073],
  std: [0.26862954, 0.26130258, 0.27577711],
} as const;

/** What a class of image processors does where its description says nothing (transformers, models/…/image_processing_….py). */
interface Processor {
  kernel: Preprocessing['kernel'];
  mean: Triple;
  std: Triple;
  /** Side after resizing. */
  size: number;
  /** What is cut out of the middle; undefined: nothing, unless its description says so. */
  cut?: number;
  /** Whether a size without a name, and its own one, are of the shorter side: else of both. */
  short: { named: boolean; own: boolean };
}

const [both, either] = [
  { named: false, own: false },
  { named: true, own: true },
];

const PROCESSORS: Readonly<Record<string, Processor>> = {
  ViT: { kernel: 'bilinear', size: 224, short: both, ...HALF },
  DeiT: { kernel: 'bicubic', size: 256, cut: 224, short: both, ...HALF },
  CLIP: { kernel: 'bicubic', size: 224, cut: 224, short: either, ...OPENAI },
  Bit: { kernel: 'bicubic', size: 224, cut: 224, short: either, ...OPENAI },
  Siglip: { kernel: 'bicubic', size: 224, short: { named: true, own: false }, ...HALF },
  Beit: { kernel: 'bicubic', size: 224, short: both, ...HALF },
  DINOv3ViT: { kernel: 'bilinear', size: 224, short: both, ...IMAGENET },
};

/** A processor of Hugging Face's by the name of its class, in any of the forms that it had. */
export function processorOf(type: string): Processor | undefined {
  const stem = type.replace(/(ImageProcessor|FeatureExtractor)(Fast|Pil)?$/, '');
  return Object.hasOwn(PROCESSORS, stem) ? PROCESSORS[stem] : undefined;
}
