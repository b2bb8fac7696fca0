/**
 * The one source of randomness. A generator is made from a key, `Rng.of(seed, 'views', step, row)`, never carried from one
 * sample to the next: so any sample can be made again alone, on any thread, in any order.
 *
 * Key: each part is folded into four 32-bit lanes (multiply-xorshift). Stream: sfc32 (Chris Doty-Humphrey, PractRand), period > 2^64.
 */
export class Rng {
  private a: number;
  private b: number;
  private c: number;
  private d: number;
  private spare: number | undefined;

  private constructor(lanes: Int32Array) {
    this.a = lanes[0];
    this.b = lanes[1];
    this.c = lanes[2];
    this.d = lanes[3] | 1;
    for (let i = 0; i < 12; i++) this.u32();
  }

  /** The generator of this key. Numbers are taken by value (integers exactly up to 2^53), strings by their UTF-16 units. */
  static of(...key: (string | number)[]): Rng {
    const lanes = new Int32Array([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344]);
    for (const part of key) {
      if (typeof part === 'string') {
        for (let i = 0; i < part.length; i++) absorb(lanes, part.charCodeAt(i));
        absorb(lanes, 0x10000 + part.length);
      } else if (Number.isSafeInteger(part)) {
        absorb(lanes, part | 0);
        absorb(lanes, Math.floor(part / 0x1_0000_0000) | 0);
      } else throw new Error(`internal: random key part ${part} is not an integer`);
    }
    return new Rng(lanes);
  }

  /** Uniform integer in [0, 2^32). */
  u32(): number {
    const t = (((this.a + this.b) | 0) + this.d) | 0;
    this.d = (this.d + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (this.c << 21) | (this.c >>> 11);
    this.c = (this.c + t) | 0;
    return t >>> 0;
  }

  /** Uniform in [0, 1), 32 random bits. */
  uniform(): number {
    return this.u32() / 0x1_0000_0000;
  }

  /** Uniform in [low, high). */
  range(low: number, high: number): number {
    return low + (high - low) * this.uniform();
  }

  /** Uniform integer in [0, n). */
  int(n: number): number {
    return Math.floor(this.uniform() * n);
  }

  /** True with probability p. */
  chance(p: number): boolean {
    return this.uniform() < p;
  }

  /** Standard normal (Box-Muller, both values used). */
  normal(): number {
    if (this.spare !== undefined) {
      const s = this.spare;
      this.spare = undefined;
      return s;
    }
    const r = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    const phi = 2 * Math.PI * this.uniform();
    this.spare = r * Math.sin(phi);
    return r * Math.cos(phi);
  }

  /** One element, each equally likely. */
  pick<T>(items: readonly T[]): T {
    return items[this.int(items.length)];
  }

  /** An index, drawn in proportion to non-negative weights. */
  weighted(weights: readonly number[]): number {
    let total = 0;
    for (const w of weights) total += w;
    let x = this.uniform() * total;
    for (let i = 0; i < weights.length - 1; i++) {
      x -= weights[i];
      if (x < 0) return i;
    }
    return weights.length - 1;
  }

  /** Fisher-Yates, in place; returns its argument. */
  shuffle<T extends { length: number; [i: number]: unknown }>(items: T): T {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.int(i + 1);
      const x = items[i];
      items[i] = items[j];
      items[j] = x;
    }
    return items;
  }
}

function absorb(lanes: Int32Array, x: number): void {
  for (let i = 0; i < 4; i++) {
    let h = lanes[i] ^ Math.imul(x + i, 0x9e3779b1);
    h = Math.imul(h ^ (h >>> 15), 0x85ebca77);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae3d);
    lanes[i] = (h ^ (h >>> 16)) + lanes[(i + 1) & 3];
  }
}
