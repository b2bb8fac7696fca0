import { workerData } from 'node:worker_threads';
import { Moved, serve } from '../../threads.js';
import { type AdamwStep, adamwEma, type Span, sumOfSquares } from './adamw.js';

/** One shard of the optimiser: keeps its moments, gets parameters and gradients for an update and hands them back. */

/** What an optimiser thread is started with. */
export interface OptimizerData {
  spans: Span[];
  /** Values of the shard. */
  length: number;
}

interface Buffers {
  student: Float32Array;
  teacher: Float32Array;
  grad: Float32Array;
}
interface Moments {
  m: Float32Array;
  v: Float32Array;
}

export interface OptimizerCalls {
  /** Adds the gradients waiting; `norms`: sums of squares by span, or none where the gradients are to wait for more. */
  norms(r: { grad: Float32Array; accumulate: boolean }): { grad: Float32Array; norms: number[] };
  update(r: Buffers & { step: AdamwStep }): Buffers;
  moments(): Moments;
  restore(r: Moments): void;
}

const { spans, length } = workerData as OptimizerData;
let m: Float32Array = new Float32Array(length);
let v: Float32Array = new Float32Array(length);
/** Gradients of earlier batches of this update. */
let sum: Float32Array | undefined;

serve<OptimizerCalls>({
  norms({ grad, accumulate }) {
    if (sum) for (let i = 0; i < length; i++) grad[i] += sum[i];
    if (accumulate) {
      sum ??= new Float32Array(length);
      sum.set(grad);
    } else sum = undefined;
    const norms = accumulate ? [] : spans.map((s) => sumOfSquares(grad, s.start, s.end));
    return new Moved({ grad, norms }, [grad]);
  },
  update({ step, student, teacher, grad }) {
    for (const span of spans) adamwEma(span, step, student, teacher, grad, m, v);
    return new Moved({ student, teacher, grad }, [student, teacher, grad]);
  },
  moments: () => ({ m, v }),
  restore(r) {
    ({ m, v } = r);
  },
});
