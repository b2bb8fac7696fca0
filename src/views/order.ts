import type { CorpusPart } from '../corpus/corpus.js';
import { UserError } from '../errors.js';
import { Rng } from '../rng.js';

/**
 * Which captions make batch t: every epoch is a new random permutation of the corpus, cut into batches; what is left
 * over at an epoch's end is not used.
 * Of several sources each has epochs of its own, and its share of every batch. Nothing is remembered from batch to
 * batch, and memory does not grow with
 * the corpus.
 */
export class CaptionOrder {
  private readonly sources: readonly SourceOrder[];
  private readonly perBatch: number;

  /**
   * @param parts captions of the corpus, or those of several sources with their shares of the draws
   * @throws UserError where a source has fewer captions than its share of a batch
   */
  constructor(parts: number | readonly CorpusPart[], perBatch: number, seed: number) {
    this.perBatch = perBatch;
    const all = typeof parts === 'number' ? [{ captions: parts, share: 1 }] : parts;
    let first = 0;
    let left = 1;
    this.sources = all.map(({ captions, share }, number) => {
      // Of the draws that the sources before leave.
      const of = number === all.length - 1 ? 1 : Math.min(1, share / left);
      left -= share;
      const most = all.length === 1 ? perBatch : Math.min(perBatch, Math.ceil(perBatch * share) + 1);
      if (all.length > 1 && captions < most)
        throw new UserError(
          `source ${number + 1} of the corpus has ${captions} captions, and a batch of ${perBatch} may take ${most} of it: lower its weight or train.captionsPerBatch`,
        );
      const source = new SourceOrder({ seed, number, first, captions, most, of });
      first += captions;
      return source;
    });
  }

  /** Of a single source. */
  get batchesPerEpoch(): number {
    return this.sources[0].blocks;
  }

  /** Indices of the captions of micro-batch t, all different; those of the first source come first. */
  batch(t: number): number[] {
    const out: number[] = [];
    let before = t * this.perBatch;
    let after = before + this.perBatch;
    for (const source of this.sources) {
      // What of the draws before this batch, and of those up to its end, is this source's; both floors grow by at most one a draw.
      const [from, to] = [Math.floor(before * source.of), Math.floor(after * source.of)];
      for (let i = 0; i < to - from; i++) out.push(source.caption(t, i));
      before -= from;
      after -= to;
    }
    return out;
  }
}

interface SourceOrderOptions {
  seed: number;
  number: number;
  /** Its first caption in the corpus. */
  first: number;
  captions: number;
  /** Most captions that a batch takes of it. */
  most: number;
  of: number;
}

/** The permutations of one source. */
class SourceOrder {
  readonly of: number;
  /** Batches of an epoch. */
  readonly blocks: number;
  private readonly o: SourceOrderOptions;
  private readonly bits: number;
  private epoch = -1;
  private keys: number[] = [];

  constructor(o: SourceOrderOptions) {
    this.o = o;
    this.of = o.of;
    this.blocks = Math.floor(o.captions / o.most);
    // A Feistel network permutes an even number of bits; numbers beyond the corpus walk on.
    this.bits = Math.max(2, Math.ceil(Math.log2(Math.max(2, o.captions))));
    if (this.bits % 2) this.bits++;
  }

  /** Caption i that batch t takes of it, i < most. */
  caption(t: number, i: number): number {
    const { seed, number, first, most } = this.o;
    const epoch = Math.floor(t / this.blocks);
    if (epoch !== this.epoch) {
      const rng = number === 0 ? Rng.of(seed, 'order', epoch) : Rng.of(seed, 'order', epoch, number);
      this.keys = Array.from({ length: 6 }, () => rng.u32());
      this.epoch = epoch;
    }
    return first + this.permuted((t % this.blocks) * most + i);
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
    } while (i >= this.o.captions);
    return i;
  }
}

/**
 * Which `n` of a caption's images stand for it in a batch: all where it has so many; of more some at random, each once;
 * of fewer all again and again.
 * @param rng drawn from only where there are more
 */
export function drawImages(images: number, n: number, rng: Rng): number[] {
  if (images <= n) return Array.from({ length: n }, (_, j) => j % images);
  // The first steps of a shuffle, of which only what was moved is kept.
  const moved = new Map<number, number>();
  return Array.from({ length: n }, (_, j) => {
    const at = j + rng.int(images - j);
    const taken = moved.get(at) ?? at;
    moved.set(at, moved.get(j) ?? j);
    return taken;
  });
}
