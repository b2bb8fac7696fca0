import type { ExportFormat } from '../src/config/names.js';
import type { Backbone } from '../src/model/backbone.js';
import { preprocessingOf } from '../src/model/preprocessing.js';
import { type VitConfig, vitParameters } from '../src/model/vit.js';
import { Rng } from '../src/rng.js';
import { randomParameters } from './small-step.js';

/** Encoders of all kinds that exports know, tiny ones of odd sizes. */

const SIZES = { dim: 24, depth: 2, heads: 3, patch: 4, imageSize: 20, mlpRatio: 2.5 } as const;

export interface ExportCase {
  name: string;
  vit: VitConfig;
  /** What can express it, beside safetensors and ONNX. */
  formats: readonly ExportFormat[];
  /** Parameters that must be zero for that. */
  zero?: readonly string[];
  /** What Hugging Face's class of it is. */
  huggingFace?: string;
}

const ALL = ['timm', 'pth', 'hf'] as const;
const TIMM = ['timm', 'pth'] as const;

export const EXPORT_CASES: readonly ExportCase[] = [
  { name: 'plain', vit: { ...SIZES }, formats: ALL, huggingFace: 'ViTModel' },
  { name: 'another activation', vit: { ...SIZES, activation: 'quick_gelu' }, formats: ALL, huggingFace: 'ViTModel' },
  {
    name: 'the tanh form of GELU',
    vit: { ...SIZES, activation: 'gelu_tanh', eps: 1e-5 },
    formats: ALL,
    huggingFace: 'ViTModel',
  },
  { name: 'epsilon of its own', vit: { ...SIZES, eps: 1e-12 }, formats: ['hf'], huggingFace: 'ViTModel' },
  { name: 'layer scale', vit: { ...SIZES, layerScale: true }, formats: ALL, huggingFace: 'Dinov2Model' },
  { name: 'registers', vit: { ...SIZES, registers: 4 }, formats: ALL, huggingFace: 'Dinov2WithRegistersModel' },
  {
    name: 'SwiGLU and registers',
    vit: { ...SIZES, mlpRatio: 40 / 24, activation: 'swiglu', registers: 2, layerScale: true },
    formats: ALL,
    huggingFace: 'Dinov2WithRegistersModel',
  },
  {
    name: 'registers, patches alone have positions',
    vit: { ...SIZES, registers: 3, prefixPositions: 0 },
    formats: TIMM,
  },
  { name: 'a distillation token', vit: { ...SIZES, dist: true, prefixPositions: 2 }, formats: TIMM },
  { name: 'a distillation token without a position', vit: { ...SIZES, dist: true }, formats: TIMM },
  { name: 'the mean, normed', vit: { ...SIZES, pool: 'mean', norm: false, poolNorm: true }, formats: TIMM },
  { name: 'the mean of normed tokens, no CLS', vit: { ...SIZES, cls: false, pool: 'mean' }, formats: TIMM },
  { name: 'attention pooling, no CLS', vit: { ...SIZES, cls: false, pool: 'attention' }, formats: TIMM },
  {
    name: 'CLIP’s form',
    vit: { ...SIZES, normBefore: true, activation: 'quick_gelu', eps: 1e-5 },
    formats: ALL,
    zero: ['backbone.patch_embed.proj.bias'],
    huggingFace: 'CLIPVisionModel',
  },
];

/** The encoder of a case, with random weights that are large enough to tell one form from another. */
export function exportCase({ name, vit, zero = [] }: ExportCase, seed: number): Backbone {
  const parameters = randomParameters(vitParameters(vit), Rng.of(seed, 'export', name));
  for (const parameter of zero) parameters.get(parameter)!.fill(0);
  return {
    vit,
    parameters,
    preprocessing: preprocessingOf(vit.imageSize, [0.4, 0.5, 0.6], [0.2, 0.3, 0.25]),
    origin: name,
  };
}
