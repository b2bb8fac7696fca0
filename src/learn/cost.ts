import { ops, sizeOf } from '../graph/index.js';
import type { Executors } from '../runtime/executor.js';
import { openExecutors } from '../runtime/open-executors.js';
import type { Cost, StageOptions } from '../stage.js';
import { learnerOf } from './learners/index.js';

/** Share of the matrix rate that a whole step reaches (bench/RESULTS.md, step: 123 of 200 GFLOP/s for a ViT-Ti). */
const EFFICIENCY = 0.6;
const MIB = 2 ** 20;

/** What training will cost, from the operations of a step and the machine's rate at a matrix product of this width, measured now. */
export async function trainCost(o: StageOptions): Promise<Cost> {
  const { parameters: specs, shape, operations, activationBytes } = learnerOf(o.settings);
  const { rate, executors } = await measured(o, shape.vit.dim);
  const steps = o.settings.train.steps * o.settings.optim.accumulate;
  const parameters = specs.reduce((s, p) => s + sizeOf(p.shape), 0);
  const teacher = specs.reduce((s, p) => s + (p.averaged ? sizeOf(p.shape) : 0), 0);
  const kept = Math.min(
    o.settings.train.keepCheckpoints + 1,
    Math.ceil(o.settings.train.steps / o.settings.train.checkpointEvery),
  );
  return {
    seconds: (steps * operations) / (rate * EFFICIENCY),
    // What is trained on a device lies there; the process has copies of it while it writes a checkpoint.
    memoryMb: (executors.apart ? 2 * 4 * (3 * parameters + teacher) : parameters * 4 * 5 + activationBytes) / MIB + 300,
    diskMb: (kept * 4 * (3 * parameters + teacher)) / MIB,
    basis: `${(operations / 1e9).toFixed(0)} GFLOP a batch, ${(rate / 1e9).toFixed(0)} GFLOP/s measured here on ${on(executors)}`,
  };
}

/** What graphs run on, for a line of figures. */
const on = ({ about, threads }: Executors): string => (threads === undefined ? about : `${threads} threads`);

async function measured({ settings, hooks }: StageOptions, dim: number) {
  const executors = await openExecutors(settings.runtime, hooks);
  try {
    return { executors, rate: await matrixRate(dim, executors) };
  } finally {
    await executors.close();
  }
}

/** Seconds from which a run is measured, not its dispatch. */
const LONG_ENOUGH = 2e-3;
/** Rows of a product, and how many pairs of them follow each other in one run. */
const SIZES = [
  { rows: 2048, pairs: 0 },
  { rows: 32_768, pairs: 16 },
] as const;

/** Floating-point operations a second of matrix products as a ViT of this width does them. */
async function matrixRate(dim: number, executors: Executors): Promise<number> {
  let rate = 0;
  const executor = await executors.open();
  try {
    for (const { rows, pairs } of SIZES) {
      const type = executors.precision;
      const [up, down] = [ops.input('up', [4 * dim, dim]), ops.input('down', [dim, 4 * dim])].map((w) =>
        ops.cast(w, type),
      );
      let x = ops.cast(ops.input('x', [rows, dim]), type);
      for (let i = 0; i < pairs; i++) x = ops.linear(ops.linear(x, up), down);
      if (pairs === 0) x = ops.linear(x, up);
      await executor.keep('x', [rows, dim], new Float32Array(rows * dim).fill(0.5));
      for (const [name, shape] of [
        ['up', [4 * dim, dim]],
        ['down', [dim, 4 * dim]],
      ] as const)
        await executor.keep(name, shape, new Float32Array(4 * dim * dim).fill(1 / (2 * dim)));
      await executor.load('rate', { y: ops.sum(x, [0, 1]) });
      let best = Number.POSITIVE_INFINITY;
      for (const until = performance.now() + 300; performance.now() < until; ) {
        const t = performance.now();
        await executor.run('rate', {});
        best = Math.min(best, (performance.now() - t) / 1000);
      }
      rate = (2 * rows * dim * 4 * dim * Math.max(1, 2 * pairs)) / best;
      if (best > LONG_ENOUGH || !executors.apart) break;
    }
    return rate;
  } finally {
    await executor.close();
  }
}
