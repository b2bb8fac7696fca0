import type { Settings } from '../config/schema.js';
import type { Rng } from '../rng.js';
import { Cropper, drawPlace } from './crop.js';
import type { Rgb } from './image.js';
import { Kernels } from './kernels.js';
import { applyPhotometric, drawPhotometric, photometricWidth } from './photometric.js';

type Views = Settings['views'];

/**
 * Augmented crops (BYOL's augmentations, plus StableRep's random downsampling) of one image after the other, in two
 * parts with a rounding to bytes between them: a place in the image is resized and perhaps mirrored, then its colours
 * are changed, blurred and normalised.
 */
export class Augmenter {
  private readonly views: Views;
  private readonly cropper = new Cropper();
  private image = { width: 0, height: 0 };

  constructor(views: Views) {
    this.views = views;
  }

  /** The image that crops are made of until the next one. */
  load(image: Rgb): void {
    this.image = image;
    this.cropper.load(image);
  }

  /** The first part alone, and the numbers of the second. @param out [3, size, size] @param row [photometricWidth] */
  bytes(size: number, scale: readonly [number, number], rng: Rng, out: Uint8Array, row: Float32Array): void {
    const crop = this.cut(size, scale, rng, row);
    out.set(Kernels.get().bytes(crop, out.length));
  }

  /** Both parts. @param out [3, size, size], normalised */
  floats(size: number, scale: readonly [number, number], rng: Rng, out: Float32Array): void {
    const row = new Float32Array(photometricWidth(this.views, size));
    const crop = this.cut(size, scale, rng, row);
    applyPhotometric(crop, row, size, this.views, out);
  }

  private cut(size: number, scale: readonly [number, number], rng: Rng, row: Float32Array): number {
    const place = drawPlace(this.image.width, this.image.height, this.views, scale, rng);
    drawPhotometric(this.views, size, rng, row);
    return this.cropper.cut(place, size);
  }
}
