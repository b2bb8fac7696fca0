import { UserError } from '../errors.js';

/** Bits of a block: one cache line, so that a look-up waits for memory once. */
const BLOCK_BITS = 512;
const BLOCK_WORDS = BLOCK_BITS / 32;
/** Bits a key sets: right for about 10 bits a key (k = ln 2 · bits/key). */
const PROBES = 7;

/**
 * A blocked Bloom filter (Putze, Sanders, Singler 2007, "Cache-, Hash- and Space-Efficient Bloom Filters"): of fixed size, never says
 * that a key is new which was added, and rarely, depending on how full it is, that one is known which was not.
 */
export class BlockedBloom {
  /** Its state, blocks one after another. */
  readonly words: Uint32Array<ArrayBuffer>;
  private readonly blocks: number;
  private bitsSet = 0;

  /** @throws UserError where there is not so much memory */
  constructor(megabytes: number) {
    this.blocks = Math.max(1, Math.floor((megabytes * 2 ** 20 * 8) / BLOCK_BITS));
    try {
      this.words = new Uint32Array(this.blocks * BLOCK_WORDS);
    } catch (e) {
      throw new UserError(`cannot set ${megabytes} MiB aside to remember captions: ${(e as Error).message}`);
    }
  }

  /** @param key four lanes of 32 random bits */
  has(key: Uint32Array): boolean {
    const base = this.base(key);
    for (let p = 0; p < PROBES; p++) {
      const bit = probe(key, p);
      if ((this.words[base + (bit >>> 5)] & (1 << (bit & 31))) === 0) return false;
    }
    return true;
  }

  add(key: Uint32Array): void {
    const base = this.base(key);
    for (let p = 0; p < PROBES; p++) {
      const bit = probe(key, p);
      const at = base + (bit >>> 5);
      const mask = 1 << (bit & 31);
      if ((this.words[at] & mask) === 0) {
        this.words[at] |= mask;
        this.bitsSet++;
      }
    }
  }

  private base(key: Uint32Array): number {
    return Math.floor((key[0] / 2 ** 32) * this.blocks) * BLOCK_WORDS;
  }

  /** Share of the bits that are set, 0…1. */
  get fill(): number {
    return this.bitsSet / (this.blocks * BLOCK_BITS);
  }

  /** Chance that a new key looks known, from how full the blocks are (up to 4096 of them, evenly spread). */
  get falsePositives(): number {
    const looked = Math.min(this.blocks, 4096);
    let sum = 0;
    for (let i = 0; i < looked; i++) {
      const base = Math.floor((i * this.blocks) / looked) * BLOCK_WORDS;
      let bits = 0;
      for (let w = 0; w < BLOCK_WORDS; w++) bits += ones(this.words[base + w]);
      sum += (bits / BLOCK_BITS) ** PROBES;
    }
    return sum / looked;
  }

  /** After `words` were filled from elsewhere. */
  recount(): void {
    this.bitsSet = 0;
    for (const word of this.words) if (word !== 0) this.bitsSet += ones(word);
  }
}

/** The p-th bit of a key within its block: nine bits of the lanes that did not choose the block, three a lane. */
function probe(key: Uint32Array, p: number): number {
  return (key[1 + Math.floor(p / 3)] >>> (9 * (p % 3))) & (BLOCK_BITS - 1);
}

/** Bits set in a 32-bit word. */
export function ones(word: number): number {
  let x = word - ((word >>> 1) & 0x55555555);
  x = (x & 0x33333333) + ((x >>> 2) & 0x33333333);
  return Math.imul((x + (x >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
