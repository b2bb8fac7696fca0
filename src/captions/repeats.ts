/** Different keys that are told apart, before only a sample of them is. */
const MOST = 2 ** 20;

/**
 * How often keys repeat, in bounded memory (25 MB): exact up to about a million different keys. Beyond that, only keys are followed whose
 * hash ends in one more zero bit, again and again, so that what is left is a fair sample of all keys with every repeat of theirs
 * (coordinated sampling; Gibbons 2001, "Distinct Sampling for Highly-Accurate Answers").
 */
export class Repeats {
  private readonly most: number;
  private high: Uint32Array;
  private low: Uint32Array;
  /** Occurrences; 0: an empty slot. */
  private counts: Uint32Array;
  private used = 0;
  /** One key in 2^bits is followed. */
  private bits = 0;

  constructor(most: number = MOST) {
    this.most = most;
    this.high = new Uint32Array(1024);
    this.low = new Uint32Array(1024);
    this.counts = new Uint32Array(1024);
  }

  /** @param key a hash, of which two lanes of 32 bits are used. @returns whether it was there before; undefined for one that is not followed */
  add(key: Uint32Array): boolean | undefined {
    const [high, low] = key;
    if (!this.follows(high)) return undefined;
    const at = this.find(high, low);
    if (this.counts[at]++ > 0) return true;
    this.high[at] = high;
    this.low[at] = low;
    this.used++;
    if (this.used > this.most) this.thin();
    else if (2 * this.used > this.counts.length) this.rebuild(2 * this.counts.length);
    return false;
  }

  /** Whether the figures are exact, up to one chance in 2^64 a pair. */
  get exact(): boolean {
    return this.bits === 0;
  }

  /** Occurrences that repeat an earlier one; an estimate unless exact. */
  get repeats(): number {
    let sum = 0;
    for (const count of this.counts) if (count > 0) sum += count - 1;
    return sum * 2 ** this.bits;
  }

  private follows(high: number): boolean {
    return (high & (2 ** this.bits - 1)) === 0;
  }

  private find(high: number, low: number): number {
    const mask = this.counts.length - 1;
    let at = low & mask;
    while (this.counts[at] > 0 && !(this.low[at] === low && this.high[at] === high)) at = (at + 1) & mask;
    return at;
  }

  private thin(): void {
    this.bits++;
    this.rebuild(this.counts.length);
  }

  /** Moves what is followed into tables of that size, a power of two. */
  private rebuild(size: number): void {
    const { high, low, counts } = this;
    this.high = new Uint32Array(size);
    this.low = new Uint32Array(size);
    this.counts = new Uint32Array(size);
    this.used = 0;
    for (let i = 0; i < counts.length; i++) {
      if (counts[i] === 0 || !this.follows(high[i])) continue;
      const at = this.find(high[i], low[i]);
      this.high[at] = high[i];
      this.low[at] = low[i];
      this.counts[at] = counts[i];
      this.used++;
    }
  }
}
