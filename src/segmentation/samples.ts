import { Interrupted, UserError } from '../errors.js';
import { Rng } from '../rng.js';
import { type Augmentation, type Normalisation, TrainingOrder, trainingCrop } from './augment.js';
import type { Pictures } from './pictures.js';

/** A crop that training sees. */
export interface Crop {
  /** Picture and draw: crops of one name are the same crop. */
  name: string;
  /** [3, crop, crop] normalised */
  pixels: Float32Array;
  /** [crop, crop] */
  labels: Uint8Array;
}

/** Training crops in their order; each is drawn by its own key, so that any can be made again alone. */
export class TrainingCrops {
  private readonly pictures: Pictures;
  private readonly order: TrainingOrder;
  private readonly o: Augmentation;
  private readonly n: Normalisation;
  private readonly seed: number;
  private readonly signal: AbortSignal;
  /** Draws of each picture that are used again and again; 0: always new ones. */
  private readonly draws: number;

  constructor(
    pictures: Pictures,
    o: Augmentation & { draws?: number },
    n: Normalisation,
    seed: number,
    signal: AbortSignal,
  ) {
    this.pictures = pictures;
    this.order = new TrainingOrder(pictures.length, seed);
    this.o = o;
    this.n = n;
    this.seed = seed;
    this.draws = o.draws ?? 0;
    this.signal = signal;
  }

  /**
   * The n-th crop. In place of a broken picture comes the one after it.
   * @param known crops that are there already: of these the name alone is given
   * @throws UserError where all pictures are broken
   */
  async at(n: number, known?: (name: string) => boolean): Promise<Crop> {
    for (let i = 0; i < this.pictures.length; i++) {
      if (this.signal.aborted) throw new Interrupted('stopped while reading pictures');
      const { picture, pass } = this.order.at(n + i);
      const draw = this.draws > 0 ? pass % this.draws : pass;
      const name = `${picture} ${draw}`;
      if (known?.(name)) return { name, pixels: new Float32Array(0), labels: new Uint8Array(0) };
      const found = await this.pictures.at(picture);
      if (!found) continue;
      const { crop } = this.o;
      const pixels = new Float32Array(3 * crop * crop);
      const labels = new Uint8Array(crop * crop);
      trainingCrop(found, this.o, this.n, Rng.of(this.seed, 'segmentation', 'crop', picture, draw), pixels, labels);
      return { name, pixels, labels };
    }
    const { set, length } = this.pictures;
    throw new UserError(`data set ${set.name}: none of the ${length} training pictures in ${set.dir} can be used`);
  }
}
