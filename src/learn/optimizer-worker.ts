import { parentPort, workerData } from 'node:worker_threads';
import { packError, type ThreadError } from '../threads.js';
import { type AdamwStep, adamwEma, type Span, sumOfSquares } from './adamw.js';

/** One shard of the optimiser: keeps its moments, gets parameters and gradients for an update and hands them back. */

export type OptimizerRequest =
  | { kind: 'norms'; grad: Float32Array; accumulate: boolean }
  | { kind: 'update'; step: AdamwStep; student: Float32Array; teacher: Float32Array; grad: Float32Array }
  | { kind: 'moments' }
  | { kind: 'restore'; m: Float32Array; v: Float32Array };

export type OptimizerReply = { value: unknown } | { error: ThreadError };

const { spans, length } = workerData as { spans: Span[]; length: number };
let m = new Float32Array(length);
let v = new Float32Array(length);
/** Gradients of earlier batches of this update. */
let sum: Float32Array | undefined;

parentPort!.on('message', (r: OptimizerRequest) => {
  try {
    const [value, moved] = answer(r);
    parentPort!.postMessage(
      { value } satisfies OptimizerReply,
      moved.map((x) => x.buffer as ArrayBuffer),
    );
  } catch (e) {
    parentPort!.postMessage({ error: packError(e) } satisfies OptimizerReply);
  }
});

/** @returns the answer, and what of it is moved, not copied */
function answer(r: OptimizerRequest): [unknown, Float32Array[]] {
  if (r.kind === 'norms') {
    if (sum) for (let i = 0; i < length; i++) r.grad[i] += sum[i];
    if (r.accumulate) {
      sum ??= new Float32Array(length);
      sum.set(r.grad);
    } else sum = undefined;
    const norms = r.accumulate ? [] : spans.map((s) => sumOfSquares(r.grad, s.start, s.end));
    return [{ grad: r.grad, norms }, [r.grad]];
  }
  if (r.kind === 'update') {
    for (const span of spans) adamwEma(span, r.step, r.student, r.teacher, r.grad, m, v);
    const { student, teacher, grad } = r;
    return [{ student, teacher, grad }, [student, teacher, grad]];
  }
  if (r.kind === 'moments') return [{ m, v }, []];
  m = r.m as Float32Array<ArrayBuffer>;
  v = r.v as Float32Array<ArrayBuffer>;
  return [{}, []];
}
