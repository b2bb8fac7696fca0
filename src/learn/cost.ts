import { availableParallelism } from 'node:os';
import { ops, sizeOf } from '../graph/index.js';
import { onnxProvider } from '../runtime/choose.js';
import { Executor } from '../runtime/ort/executor.js';
import type { Cost, StageOptions } from '../stage.js';
import { inTeacher, type StepConfig, studentParameters, termsOf } from './programs.js';
import { stepConfig } from './step-config.js';

/** Share of the matrix rate that a whole step reaches (bench/RESULTS.md, step: 123 of 200 GFLOP/s for a ViT-Ti). */
const EFFICIENCY = 0.6;
const MIB = 2 ** 20;

/** What training will cost, from the operations of a step and the machine's rate at a matrix product of this width, measured now. */
export async function trainCost(o: StageOptions): Promise<Cost> {
  const c = stepConfig(o.settings);
  const rate = await matrixRate(c.vit.dim, o.settings.runtime.threads, onnxProvider(o.settings.runtime.provider));
  const steps = o.settings.train.steps * o.settings.optim.accumulate;
  const parameters = studentParameters(c).reduce((s, p) => s + sizeOf(p.shape), 0);
  const teacher = studentParameters(c).reduce((s, p) => s + (inTeacher(p.name) ? sizeOf(p.shape) : 0), 0);
  const kept = Math.min(
    o.settings.train.keepCheckpoints + 1,
    Math.ceil(o.settings.train.steps / o.settings.train.checkpointEvery),
  );
  return {
    seconds: (steps * stepOperations(c)) / (rate * EFFICIENCY),
    memoryMb: (parameters * 4 * 5 + activationBytes(c)) / MIB + 300,
    diskMb: (kept * 4 * (3 * parameters + teacher)) / MIB,
    basis: `${(stepOperations(c) / 1e9).toFixed(0)} GFLOP a batch, ${(rate / 1e9).toFixed(0)} GFLOP/s measured here on ${o.settings.runtime.threads || availableParallelism()} threads`,
  };
}

/** Multiply-adds count as two operations; backward costs twice the forward. */
export function stepOperations(c: StepConfig): number {
  const { dim, depth, patch, mlpRatio } = c.vit;
  const tokens = (side: number) => (side / patch) ** 2 + 1;
  const image = (t: number) =>
    2 * depth * (t * dim * dim * (4 + 2 * mlpRatio) + 2 * t * t * dim) + 2 * t * dim * 3 * patch * patch;
  const { contrast, ibot, dino } = termsOf(c);
  const projected = contrast
    ? 2 * (c.vit.dim * c.contrastHidden + c.contrastHidden ** 2 + c.contrastHidden * c.contrastOut)
    : 0;
  const predicted = contrast ? 4 * c.contrastHidden * c.contrastOut : 0;
  const prototype =
    2 * (dim * c.prototypeHidden + c.prototypeHidden ** 2 + (c.prototypeHidden + c.prototypes) * c.prototypeBottleneck);
  const locals = c.batch * c.localCount;
  const teacher =
    c.batch * (image(tokens(c.globalSize)) + projected) + prototype * ((ibot ? c.masked : 0) + (dino ? c.batch : 0));
  const student =
    c.batch * image(tokens(c.globalSize)) +
    locals * image(tokens(c.localSize)) +
    (c.batch + locals) * (projected + predicted) +
    prototype * ((ibot ? c.masked : 0) + (dino ? locals : 0));
  return teacher + 3 * student;
}

/** What the student's forward pass keeps for its backward pass, roughly: 18 rows of the width a token and block, attention, prototype logits. */
export function activationBytes(c: StepConfig): number {
  const { dim, depth, heads, patch, mlpRatio } = c.vit;
  const crop = (side: number) => {
    const t = (side / patch) ** 2 + 1;
    return depth * (t * dim * (10 + 2 * mlpRatio) + 2 * heads * t * t);
  };
  const { ibot, dino } = termsOf(c);
  const logits = ((ibot ? c.masked : 0) + (dino ? c.batch * c.localCount : 0)) * c.prototypes * 4;
  return 4 * 1.3 * (c.batch * (crop(c.globalSize) + c.localCount * crop(c.localSize)) + logits);
}

/** Floating-point operations a second of one matrix product as a ViT of this width does it. */
async function matrixRate(dim: number, threads: number, provider: 'cpu' | 'webgpu' | 'cuda'): Promise<number> {
  const rows = 2048;
  const executor = Executor.start({ provider, threads });
  try {
    const x = ops.input('x', [rows, dim]);
    const w = ops.input('w', [4 * dim, dim]);
    await executor.load('rate', { y: ops.sum(ops.linear(x, w), [0, 1]) });
    const feeds = { x: new Float32Array(rows * dim).fill(0.5), w: new Float32Array(4 * dim * dim).fill(0.5) };
    let best = Number.POSITIVE_INFINITY;
    for (const until = performance.now() + 300; performance.now() < until; ) {
      const t = performance.now();
      await executor.run('rate', feeds);
      best = Math.min(best, performance.now() - t);
    }
    return (2 * rows * dim * 4 * dim) / (best / 1000);
  } finally {
    await executor.close();
  }
}
