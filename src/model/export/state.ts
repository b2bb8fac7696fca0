import { toHalf } from '../../formats/half.js';
import type { SafeTensor } from '../../formats/safetensors.js';
import type { Backbone } from '../backbone.js';
import { vitParameters } from '../vit.js';

/** Numbers of exported weights. */
export const PRECISIONS = ['float32', 'float16'] as const;
export type Precision = (typeof PRECISIONS)[number];

/** Tensors of a file, by name. */
export type State = Map<string, SafeTensor>;

/** A tensor of a file, rounded where that is asked for. */
export function stored(data: Float32Array, shape: readonly number[], precision: Precision = 'float32'): SafeTensor {
  return precision === 'float16'
    ? { dtype: 'F16', shape: [...shape], data: toHalf(data) }
    : { dtype: 'F32', shape: [...shape], data };
}

/** The backbone under timm's names, without what only training needs. */
export function timmState({ vit, parameters }: Pick<Backbone, 'vit' | 'parameters'>, precision?: Precision): State {
  const state: State = new Map();
  for (const { name, shape } of vitParameters(vit))
    if (name !== 'backbone.mask_token')
      state.set(name.replace(/^backbone\./, ''), stored(parameters.get(name)!, shape, precision));
  return state;
}

/** The factor by which others multiply a width and cut off the fraction, to get exactly this one. */
export function ratioFor(hidden: number, dim: number): number {
  const ratio = hidden / dim;
  return Math.floor(ratio * dim) === hidden ? ratio : (hidden + 0.5) / dim;
}

/** Whether a parameter adds nothing. */
export const isZero = (data: Float32Array): boolean => data.every((x) => x === 0);
