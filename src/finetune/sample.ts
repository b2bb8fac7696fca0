import type { Preprocessing } from '../model/preprocessing.js';
import type { Rng } from '../rng.js';
import { Cropper, randomBox } from '../views/crop.js';
import type { Rgb } from '../views/image.js';
import { Kernels } from '../views/kernels.js';
import { erase } from './erasing.js';
import { applyRandAugment, drawRandAugment, fillOf } from './rand-augment.js';
import type { Recipe } from './recipe.js';

/** What a network takes. */
export type Seen = Pick<Preprocessing, 'size' | 'mean' | 'std'>;

/** Training pictures: a random part, resized bicubically, perhaps mirrored; RandAugment, in bytes; normalised; perhaps a rectangle of noise. */
export class Sampler {
  private readonly recipe: Recipe;
  private readonly seen: Seen;
  private readonly cropper = new Cropper();

  constructor(recipe: Recipe, seen: Seen) {
    this.recipe = recipe;
    this.seen = seen;
  }

  /** @param out [3, size, size] */
  draw(image: Rgb, rng: Rng, out: Float32Array): void {
    const { recipe: r, cropper } = this;
    const { size, mean, std } = this.seen;
    cropper.load(image);
    const box = randomBox(image.width, image.height, r.cropScale, r.cropAspect, rng);
    const at = cropper.cut({ box, flip: rng.chance(r.flip) }, size);
    const plane = size * size;
    const cut = {
      width: size,
      height: size,
      data: Kernels.get()
        .bytes(at, 3 * plane)
        .slice(),
    };
    const { data } = applyRandAugment(cut, drawRandAugment(r.augment, rng), fillOf(mean));
    for (let c = 0; c < 3; c++) {
      const [scale, offset] = [1 / (255 * std[c]), mean[c] / std[c]];
      for (let i = c * plane; i < (c + 1) * plane; i++) out[i] = data[i] * scale - offset;
    }
    erase(out, size, size, { probability: r.erasing, area: r.erasingArea, aspect: r.erasingAspect }, rng);
  }
}
