import { z } from 'zod';
import type { Settings } from '../config/schema.js';

/**
 * What is done to a decoded picture before an encoder sees it. It travels with the weights: checkpoints have it from their settings, exported
 * encoders in `config.json`, and in the graph of `onnx/model.onnx`. There is one way, and it is named all the same, so that a file that asks
 * for another is refused and not measured wrongly.
 */
export interface Preprocessing {
  /** Side of the square that the encoder takes, pixels. */
  readonly size: number;
  /** The largest square in the middle; half a pixel is rounded to the right and down. */
  readonly crop: 'centre';
  /** Keys' cubic convolution with a = −0.5, as PIL's BICUBIC; edges are those of the crop. */
  readonly kernel: 'bicubic';
  /** Widened by the scale when shrinking. Results are cut to 0…1. */
  readonly antialias: true;
  /** RGB, of values in 0…1. */
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
}

/** The one way, for these sizes and numbers. */
export function preprocessingOf(size: number, mean: Preprocessing['mean'], std: Preprocessing['std']): Preprocessing {
  return { size, crop: 'centre', kernel: 'bicubic', antialias: true, mean, std };
}

/** How an encoder of these settings is measured, and so used: at `probe.size`, or where that is not set at the side of a global crop. */
export function settingsPreprocessing({ probe, views }: Settings): Preprocessing {
  return preprocessingOf(probe.size ?? views.globalSize, views.mean, views.std);
}

const only = <const T extends string | boolean>(value: T) =>
  z.literal(value, { error: `only ${JSON.stringify(value)} is known here` });

/** Its form in `config.json`, beside mean and std; encoders exported by the first versions have none. */
export const preprocessingForm = z.strictObject({
  size: z.int().positive(),
  crop: only('centre'),
  kernel: only('bicubic'),
  antialias: only(true),
});
