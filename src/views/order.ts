import { Rng } from '../rng.js';

/**
 * Which captions make batch t: every epoch is a new random permutation of the corpus, cut into batches; what is left over at an epoch's end is not used.
 * Nothing is remembered from batch to batch, and memory does not grow with the corpus.
 */
export class CaptionOrder {
  private readonly length: number;
  private readonly perBatch: number;
  private readonly seed: number;
  private epoch = -1;
  private keys: number[] = [];
  private readonly bits: number;

  constructor(length: number, perBatch: number, seed: number) {
    this.length = length;
    this.perBatch = perBatch;
    this.seed = seed;
    // A Feistel network permutes an even number of bits; numbers beyond the corpus walk on.
    this.bits = Math.max(2, Math.ceil(Math.log2(Math.max(2, length))));
    if (this.bits % 2) this.bits++;
  }

  get batchesPerEpoch(): number {
    return Math.floor(this.length / this.perBatch);
  }

  /** Indices of the captions of micro-batch t, all different. */
  batch(t: number): number[] {
    const epoch = Math.floor(t / this.batchesPerEpoch);
    const at = (t % this.batchesPerEpoch) * this.perBatch;
    if (epoch !== this.epoch) {
      const rng = Rng.of(this.seed, 'order', epoch);
      this.keys = Array.from({ length: 6 }, () => rng.u32());
      this.epoch = epoch;
    }
    return Array.from({ length: this.perBatch }, (_, i) => this.permuted(at + i));
  }

  private permuted(i: number): number {
    const half = this.bits / 2;
    const mask = 2 ** half - 1;
    do {
      let left = Math.floor(i / 2 ** half);
      let right = i % 2 ** half;
      for (const key of this.keys) {
        let h = Math.imul(right ^ key, 0x9e3779b1);
        h = Math.imul(h ^ (h >>> 15), 0x85ebca77);
        [left, right] = [right, (left ^ (h ^ (h >>> 13))) & mask];
      }
      i = left * 2 ** half + right;
    } while (i >= this.length);
    return i;
  }
}
