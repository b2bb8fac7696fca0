import { z } from 'zod';
import type { Settings } from '../config/schema.js';

/**
 * What is done to a decoded picture before an encoder sees it. It travels with the weights: checkpoints have it from their settings, exported
 * encoders in `config.json`, and in the graph of `onnx/model.onnx`; other people's encoders from what lies beside their weights, or as their
 * authors published it.
 */
export interface Preprocessing {
  /** Side of the square that the encoder takes, pixels. */
  readonly size: number;
  /**
   * `centre`: the largest square in the middle is cut out (half a pixel is rounded to the right and down) and resized; edges are those of the
   * square. `shortest`: the picture is resized so that its shorter side is `resize`, then the square is cut out of the middle. `squash`: it is
   * resized to a square of `resize` whatever its sides, then the middle is cut out.
   */
  readonly crop: 'centre' | 'shortest' | 'squash';
  /** Side after resizing and before cutting, pixels; default `size`. */
  readonly resize?: number;
  /**
   * Where the middle is, of an odd rest, when it is cut out after resizing: half a pixel is rounded to the even number, as torchvision's
   * CenterCrop does; default down, as Hugging Face's processors do.
   */
  readonly middle?: 'even';
  /** Keys' cubic convolution with a = −0.5, as PIL's BICUBIC, or a triangle, as PIL's BILINEAR. */
  readonly kernel: 'bicubic' | 'bilinear';
  /** Widened by the scale when shrinking. Results are cut to 0…1. */
  readonly antialias: true;
  /** RGB, of values in 0…1; where an encoder takes those in 0…255, both are divided by 255. */
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
}

/** Our own way, for these sizes and numbers. */
export function preprocessingOf(size: number, mean: Preprocessing['mean'], std: Preprocessing['std']): Preprocessing {
  return { size, crop: 'centre', kernel: 'bicubic', antialias: true, mean, std };
}

/** How an encoder of these settings is measured, and so used: at `probe.size`, or where that is not set at the side of a global crop. */
export function settingsPreprocessing({ probe, views }: Settings): Preprocessing {
  return preprocessingOf(probe.size ?? views.globalSize, views.mean, views.std);
}

/** The same for images of another side: what is cut away stays the same share. */
export function preprocessingAt(p: Preprocessing, size: number): Preprocessing {
  if (p.resize === undefined || size === p.size) return { ...p, size };
  return { ...p, size, resize: Math.max(size, Math.round((p.resize * size) / p.size)) };
}

/** In words, as commands print it. */
export function preprocessingText(p: Preprocessing): string {
  const { size, crop, resize = size, kernel } = p;
  const square = resize === size ? '' : `, the middle ${size} × ${size}`;
  const how = {
    centre: `the middle square, resized to ${size} × ${size}`,
    shortest: `shorter side to ${resize}${square || `, the middle ${size} × ${size}`}`,
    squash: `squashed to ${resize} × ${resize}${square}`,
  }[crop];
  return `${how} (${kernel}); mean ${p.mean.map(short).join(' ')}, std ${p.std.map(short).join(' ')}`;
}

const short = (x: number): string => String(Number(Math.abs(x) < 0.1 ? x.toPrecision(3) : x.toFixed(4)));

const one = <const T extends readonly string[]>(values: T) =>
  z.enum(values, { error: `expected ${values.map((v) => JSON.stringify(v)).join(' or ')}` });

/** Its form in `config.json`, beside mean and std; encoders exported by the first versions have none. */
export const preprocessingForm = z.strictObject({
  size: z.int().positive(),
  crop: one(['centre', 'shortest', 'squash']),
  resize: z.int().positive().optional(),
  middle: z.literal('even', { error: 'expected "even"' }).optional(),
  kernel: one(['bicubic', 'bilinear']),
  antialias: z.literal(true, { error: 'only true is known here' }),
});
