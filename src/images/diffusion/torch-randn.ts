const f = Math.fround;
const SIZE = 624;
const SHIFT = 397;

/**
 * Standard normal values as torch's CPU generator draws them (`torch.manual_seed(seed)`, `torch.randn`), to a few units in the last place: MT19937
 * (Matsumoto & Nishimura 1998) and the Box-Muller transform in torch's two arrangements (ATen/native/cpu/DistributionTemplates.h). Used to replay
 * recorded values; the painter's own noise is not drawn from it.
 */
export class TorchRandn {
  private readonly state = new Uint32Array(SIZE);
  private next = SIZE;
  private spare: number | undefined;

  /** @param seed an integer; its low 32 bits count */
  constructor(seed: number) {
    this.state[0] = seed;
    for (let i = 1; i < SIZE; i++) {
      const previous = this.state[i - 1] ^ (this.state[i - 1] >>> 30);
      this.state[i] = Math.imul(previous, 1812433253) + i;
    }
  }

  /** Fills `out` as `torch.randn` of that many values would. */
  fill(out: Float32Array): void {
    if (out.length < 16) {
      for (let i = 0; i < out.length; i++) out[i] = this.single();
      return;
    }
    for (let i = 0; i < out.length; i++) out[i] = this.uniform24();
    for (let i = 0; i + 16 <= out.length; i += 16) sixteen(out.subarray(i, i + 16));
    if (out.length % 16 === 0) return;
    // What is left over is made by drawing the last sixteen values anew.
    const tail = out.subarray(out.length - 16);
    for (let i = 0; i < 16; i++) tail[i] = this.uniform24();
    sixteen(tail);
  }

  /** The path of fewer than 16 values: float64, in pairs of which the second is kept for the next call. */
  private single(): number {
    if (this.spare !== undefined) {
      const kept = this.spare;
      this.spare = undefined;
      return kept;
    }
    const angle = 2 * Math.PI * this.uniform53();
    const radius = Math.sqrt(-2 * Math.log1p(-this.uniform53()));
    this.spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  private uniform24(): number {
    return (this.u32() & 0xffffff) / 0x1000000;
  }

  private uniform53(): number {
    const high = this.u32() & 0x1fffff;
    return (high * 0x100000000 + this.u32()) / 2 ** 53;
  }

  private u32(): number {
    if (this.next === SIZE) this.twist();
    let y = this.state[this.next++];
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  }

  private twist(): void {
    const s = this.state;
    for (let i = 0; i < SIZE; i++) {
      const y = (s[i] & 0x80000000) | (s[(i + 1) % SIZE] & 0x7fffffff);
      s[i] = s[(i + SHIFT) % SIZE] ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
    }
    this.next = 0;
  }
}

/** Box-Muller on sixteen uniform values in place: the first eight give radii, the last eight angles. */
function sixteen(values: Float32Array): void {
  for (let j = 0; j < 8; j++) {
    const radius = f(Math.sqrt(f(-2 * f(Math.log(f(1 - values[j]))))));
    const angle = f(f(2 * Math.PI) * values[j + 8]);
    values[j] = radius * f(Math.cos(angle));
    values[j + 8] = radius * f(Math.sin(angle));
  }
}
