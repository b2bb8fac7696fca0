import { Rng } from '../rng.js';

/**
 * Which pictures each batch has: every epoch is a permutation of its own. What does not fill a batch is left out; where there are fewer pictures
 * than a batch, batches go on into further epochs.
 */
export class PictureOrder {
  private readonly n: number;
  private readonly batch: number;
  private readonly seed: number;
  private readonly kept = new Map<number, Int32Array>();

  constructor(n: number, batch: number, seed: number) {
    this.n = n;
    this.batch = batch;
    this.seed = seed;
  }

  /**
   * Pictures of batch `index`. @param broken in place of one of these comes the next in its epoch that is none: which ones are known to be
   * broken changes nothing else
   */
  of(index: number, broken: (picture: number) => boolean): Int32Array {
    const { n, batch } = this;
    const perEpoch = Math.floor(n / batch);
    const first = perEpoch > 0 ? Math.floor(index / perEpoch) * n + (index % perEpoch) * batch : index * batch;
    return Int32Array.from({ length: batch }, (_, row) => {
      const order = this.epoch(Math.floor((first + row) / n));
      for (let k = 0; k < n; k++) {
        const picture = order[(first + row + k) % n];
        if (!broken(picture)) return picture;
      }
      throw new Error('internal: a batch without a picture that is whole');
    });
  }

  private epoch(number: number): Int32Array {
    let order = this.kept.get(number);
    if (!order) {
      const all = Int32Array.from({ length: this.n }, (_, i) => i);
      order = Rng.of(this.seed, 'order', number).shuffle(all);
      // Batches made ahead, and a batch of several epochs, look at a few.
      if (this.kept.size > 64) this.kept.clear();
      this.kept.set(number, order);
    }
    return order;
  }
}
