import { sizeOf } from '../../graph/index.js';
import { Thread } from '../../threads.js';
import { type Layout, layoutOf, viewsOf } from '../layout.js';
import type { TrainedParameter, TrainingState, Update } from '../training.js';
import type { Span } from './adamw.js';
import type { OrtExecutor } from './executor.js';
import type { OptimizerCalls, OptimizerData } from './optimizer-worker.js';

/** Parameters split over the optimiser's threads; each shard is one flat buffer in the executor, `student.0`, `teacher.0`, `grad.0`. */
export interface Shard {
  layout: Layout<TrainedParameter>;
  /** Index of each parameter in the whole model, for sums in a fixed order. */
  first: number;
}

/** Splits parameters into runs of about equal size; how many changes speed only. */
export function shardParameters(specs: readonly TrainedParameter[], shards: number): Shard[] {
  const total = specs.reduce((s, p) => s + sizeOf(p.shape), 0);
  const out: Shard[] = [];
  let at = 0;
  let sofar = 0;
  for (let k = 1; k <= shards && at < specs.length; k++) {
    const first = at;
    do sofar += sizeOf(specs[at++].shape);
    while (at < specs.length && (k === shards || sofar + sizeOf(specs[at].shape) / 2 <= (total * k) / shards));
    out.push({ layout: layoutOf(specs.slice(first, at)), first });
  }
  return out;
}

/** AdamW and the moving average, on threads, over buffers that live in the executor. */
export class Optimizer {
  readonly shards: Shard[];
  private readonly executor: OrtExecutor;
  private readonly threads: Thread<OptimizerCalls>[];

  constructor(executor: OrtExecutor, shards: Shard[]) {
    this.executor = executor;
    this.shards = shards;
    this.threads = shards.map(({ layout }) => startThread(layout));
  }

  /** Adds the gradients of one batch to those waiting. */
  async accumulate(): Promise<void> {
    await this.each(async (k) => {
      const grad = await this.executor.take(`grad.${k}`);
      const done = await this.threads[k].ask('norms', { grad, accumulate: true }, [grad]);
      await this.executor.put(`grad.${k}`, done.grad);
    });
  }

  /**
   * One update from the gradients waiting.
   * @param batches number of batches accumulated
   * @param apply false: the gradients are given up, nothing is changed
   * @returns the gradient's norm before clipping; NaN or infinite means that nothing was changed
   */
  async update({ clip, halt: _, ...step }: Update, batches: number, apply = true): Promise<number> {
    const grads: Float32Array[] = [];
    const norms = await this.each(async (k) => {
      const grad = await this.executor.take(`grad.${k}`);
      const done = await this.threads[k].ask('norms', { grad, accumulate: false }, [grad]);
      grads[k] = done.grad;
      return done.norms;
    });
    let squares = 0;
    for (const n of norms.flat()) squares += n;
    const norm = Math.sqrt(squares) / batches;
    if (!apply || !Number.isFinite(norm)) {
      await this.each((k) => this.executor.put(`grad.${k}`, grads[k]));
      return norm;
    }
    const gradScale = (clip > 0 && norm > clip ? clip / (norm + 1e-6) : 1) / batches;
    await this.each(async (k) => {
      const [student, teacher] = await Promise.all([
        this.executor.take(`student.${k}`),
        this.executor.take(`teacher.${k}`),
      ]);
      const all = { student, teacher, grad: grads[k] };
      const done = await this.threads[k].ask('update', { step: { ...step, gradScale }, ...all }, Object.values(all));
      await Promise.all(Object.entries(done).map(([name, data]) => this.executor.put(`${name}.${k}`, data)));
    });
    return norm;
  }

  /** First and second moments by parameter (copies). */
  async moments(): Promise<Map<string, { m: Float32Array; v: Float32Array }>> {
    const out = new Map<string, { m: Float32Array; v: Float32Array }>();
    await this.each(async (k) => {
      const { m, v } = await this.threads[k].ask('moments');
      const ms = viewsOf(this.shards[k].layout, m);
      const vs = viewsOf(this.shards[k].layout, v);
      for (const [name, data] of ms) out.set(name, { m: data, v: vs.get(name)! });
    });
    return out;
  }

  async restore(moments: TrainingState['moments']): Promise<void> {
    await this.each(async (k) => {
      const { layout } = this.shards[k];
      const m = new Float32Array(layout.length);
      const v = new Float32Array(layout.length);
      const ms = viewsOf(layout, m);
      const vs = viewsOf(layout, v);
      for (const { name } of layout.specs) {
        ms.get(name)!.set(moments.get(name)!.m);
        vs.get(name)!.set(moments.get(name)!.v);
      }
      await this.threads[k].ask('restore', { m, v }, [m, v]);
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.threads.map((t) => t.terminate()));
  }

  private each<T>(work: (k: number) => Promise<T>): Promise<T[]> {
    return Promise.all(this.shards.map((_, k) => work(k)));
  }
}

function startThread(layout: Layout<TrainedParameter>): Thread<OptimizerCalls> {
  const data: OptimizerData = { spans: layout.specs.map((s) => spanOf(layout, s)), length: layout.length };
  return Thread.start('runtime/ort/optimizer-worker', { what: 'an optimiser thread', data });
}

function spanOf(layout: Layout<TrainedParameter>, s: TrainedParameter): Span {
  const start = layout.offset.get(s.name)!;
  const { decayed: decay, averaged: teacher, lrScale, clamp } = s;
  return { start, end: start + sizeOf(s.shape), decay, teacher, lrScale, clamp };
}
