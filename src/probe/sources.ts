import type { Backbone } from '../model/backbone.js';
import { centred, DECODING, type Look, lookKey } from '../views/eval.js';
import type { Encoder } from './encoder.js';
import { jointFeatures, projectionHash } from './words.js';

/** What turns images into the vectors that a probe classifies: an encoder, or the pixels themselves. */
export interface FeatureSource {
  /** Shown in tables and part of the cache's file name. */
  readonly name: 'trained' | 'untrained' | 'pixels';
  /** Changes when the features would: hash of weights, sizes and normalisation. */
  readonly hash: string;
  readonly dim: number;
  /** Side of the images it takes, pixels. */
  readonly size: number;
  /** How pictures become such images. */
  readonly look: Look;
  /** @param pixels [n, 3, size, size] in 0…1; not kept @returns [n, dim] */
  features(pixels: Float32Array, n: number): Promise<Float32Array>;
}

/** CLS features of an encoder. */
export function encoderSource(
  name: 'trained' | 'untrained',
  encoder: Encoder & { readonly hash: string },
): FeatureSource {
  const { size, mean, std } = encoder;
  return {
    name,
    hash: `${encoder.hash} ${DECODING}`,
    dim: encoder.dim,
    size,
    look: encoder.preprocessing,
    features: async (pixels, n) => (await encoder.encode(normalised(pixels, size, mean, std), n)).cls,
  };
}

/**
 * Features of an encoder as they are compared with texts: of an image-text encoder projected and of length 1; of others as they are.
 */
export function jointSource(
  encoder: Encoder & Pick<Backbone, 'text' | 'projection'> & { readonly hash: string },
): FeatureSource {
  const source = encoderSource('trained', encoder);
  const { text, projection } = encoder;
  if (!text) return source;
  return {
    ...source,
    // The projection is as much of the features as the weights before it.
    hash: `${source.hash} joint ${projectionHash(projection)}`,
    dim: text.config.out,
    features: async (pixels, n) => jointFeatures(await source.features(pixels, n), source.dim, projection),
  };
}

/** Pixels in 0…1 to the encoder's units: (x − mean) / std by channel. A copy. */
export function normalised(
  pixels: Float32Array,
  size: number,
  mean: readonly number[],
  std: readonly number[],
): Float32Array {
  const out = new Float32Array(pixels.length);
  const plane = size * size;
  for (let at = 0, c = 0; at < pixels.length; at += plane, c = (c + 1) % 3)
    for (let i = at; i < at + plane; i++) out[i] = (pixels[i] - mean[c]) / std[c];
  return out;
}

/** Raw pixels of larger images are averaged down to at most this side: 3,072 numbers an image, as CIFAR has. */
const PIXEL_SIDE = 32;

/** Raw pixels, normalised by channel: the baseline that an encoder has to beat. */
export function pixelSource(
  size: number,
  mean: readonly number[],
  std: readonly number[],
  look: Look = centred(size),
): FeatureSource {
  const factor = Math.ceil(size / PIXEL_SIDE);
  const side = Math.floor(size / factor);
  return {
    name: 'pixels',
    hash: ['pixels', size, side, mean, std, DECODING, lookKey(look)].join(' ').trimEnd(),
    dim: 3 * side * side,
    ...{ size, look },
    features: async (pixels, n) =>
      normalised(factor === 1 ? pixels : pooled(pixels, n * 3, size, side, factor), side, mean, std),
  };
}

/** Means of factor × factor squares; what is left over at the right and bottom edge is dropped. [planes, size, size] → [planes, side, side] */
function pooled(x: Float32Array, planes: number, size: number, side: number, factor: number): Float32Array {
  const out = new Float32Array(planes * side * side);
  const share = 1 / (factor * factor);
  for (let p = 0; p < planes; p++)
    for (let y = 0; y < side * factor; y++)
      for (let x0 = 0; x0 < side * factor; x0++)
        out[(p * side + Math.floor(y / factor)) * side + Math.floor(x0 / factor)] +=
          x[(p * size + y) * size + x0] * share;
  return out;
}
