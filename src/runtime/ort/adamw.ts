import type { Update } from '../training.js';

/** The arithmetic of one optimiser update on flat buffers; the worker threads and the tests run the same code. */

export interface AdamwStep extends Omit<Update, 'clip' | 'halt'> {
  /** Factor on gradients: 1/accumulated batches, times the clipping factor. */
  gradScale: number;
}

export interface Span {
  start: number;
  end: number;
  /** Whether weight decay applies. */
  decay: boolean;
  /** Whether a moving average is kept. */
  teacher: boolean;
  /** Factor on the rate; default 1. */
  lrScale?: number;
  /** Least and largest value after the update. */
  clamp?: readonly [number, number];
}

/** AdamW with decoupled weight decay (Loshchilov & Hutter), bounds, then the moving average; all in place. */
export function adamwEma(
  span: Span,
  s: AdamwStep,
  student: Float32Array,
  teacher: Float32Array,
  grad: Float32Array,
  m: Float32Array,
  v: Float32Array,
): void {
  const { beta1, beta2, eps, gradScale, ema } = s;
  const lr = s.lr * (span.lrScale ?? 1);
  const keep = 1 - lr * (span.decay ? s.weightDecay : 0);
  const rate = lr / (1 - beta1 ** s.t);
  const root = 1 / Math.sqrt(1 - beta2 ** s.t);
  const n1 = 1 - beta1;
  const n2 = 1 - beta2;
  const e1 = 1 - ema;
  const bounded = span.clamp !== undefined;
  const [least, largest] = span.clamp ?? [0, 0];
  for (let i = span.start; i < span.end; i++) {
    const g = grad[i] * gradScale;
    const mi = beta1 * m[i] + n1 * g;
    const vi = beta2 * v[i] + n2 * g * g;
    m[i] = mi;
    v[i] = vi;
    const stepped = student[i] * keep - (rate * mi) / (Math.sqrt(vi) * root + eps);
    const x = bounded ? Math.min(Math.max(stepped, least), largest) : stepped;
    student[i] = x;
    if (span.teacher) teacher[i] = ema * teacher[i] + e1 * x;
  }
}

/** Sum of squares, in double precision and in order. */
export function sumOfSquares(x: Float32Array, start: number, end: number): number {
  let total = 0;
  for (let i = start; i < end; i++) total += x[i] * x[i];
  return total;
}
