/** Rate of training: a linear warm-up, then a polynomial to 0 (mmsegmentation's LinearLR and PolyLR one after the other). */
export interface RateSchedule {
  /** Peak. */
  lr: number;
  /** Updates in all. */
  steps: number;
  /** Updates of the warm-up, whose last has the peak. */
  warmup: number;
  /** Share of the peak that the first update has; paper's code: 1e-6. */
  startFactor?: number;
  /** Default 1: a straight line. */
  power?: number;
}

/** The rate of update i, from 0; the last one's is 0. */
export function rateAt({ lr, steps, warmup, startFactor = 1e-6, power = 1 }: RateSchedule, i: number): number {
  if (i < warmup) return warmup === 1 ? lr : lr * (startFactor + ((1 - startFactor) * i) / (warmup - 1));
  const length = steps - warmup - 1;
  return length <= 0 ? (i >= steps - 1 ? 0 : lr) : lr * (1 - Math.min(1, (i - warmup) / length)) ** power;
}

/** Which parameters decay: not those of one axis, nor biases. The class token and positions do in the paper's run, whose exemption of them never matched. */
export function decays(name: string, shape: readonly number[], exemptTokens = false): boolean {
  if (shape.length === 1 || name.endsWith('.bias')) return false;
  return !(exemptTokens && /(?:^|\.)(?:pos_embed|cls_token|dist_token|reg_token)$/.test(name));
}
