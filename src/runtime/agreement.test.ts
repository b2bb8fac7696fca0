import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { relativeDifference, testSeed } from '../../test/numbers.js';
import { OP_CASES, program, WITHOUT_GRADIENT } from '../../test/op-cases.js';
import {
  LOSSES,
  randomBatch,
  randomPair,
  referenceStep,
  SMALL,
  significant,
  tracedGradients,
  updateOf,
} from '../../test/small-step.js';
import { webgpuAbsent } from '../../test/webgpu.js';
import { interpret, ops } from '../graph/index.js';
import { OP_KINDS } from '../graph/interpret.js';
import { type StepConfig, synclrLearner } from '../learn/learners/synclr.js';
import { TrainingStep } from '../learn/step.js';
import { Rng } from '../rng.js';
import { OrtExecutor } from './ort/executor.js';
import type { Provider } from './ort/onnx.js';

const seed = testSeed('agreement.test.ts');
const absent = await webgpuAbsent();
if (absent) console.log(`agreement.test.ts: no WebGPU device (${absent}): tested on the CPU alone`);

/** ‖a − b‖ over ‖b‖, or over 1 where the values are small or cancel. */
function difference(a: Float32Array, b: Float64Array): number {
  return relativeDifference(a, b) * Math.min(1, Math.hypot(...b) || 1);
}

const VARIANTS: [string, StepConfig][] = [
  ['all three terms, Sinkhorn-Knopp', SMALL],
  ['centring, drop path', { ...SMALL, centering: 'centering', dropPath: true, avoidLocalGlobalSame: false }],
  [
    'contrast alone, no local crops',
    { ...SMALL, weights: { contrast: 1, ibot: 0, dino: 0 }, localCount: 0, masked: 0 },
  ],
];

const providers: Provider[] = absent ? ['cpu'] : ['cpu', 'webgpu'];
describe.each(providers)('the interpreter and ONNX Runtime on %s agree', (provider) => {
  // Shaders are compiled for every shape, so fewer shapes are tried on WebGPU.
  const rounds = provider === 'cpu' ? 6 : 1;
  let executor: OrtExecutor;
  beforeAll(() => {
    executor = OrtExecutor.start({ provider, threads: 2 });
  });
  afterAll(() => executor.close());

  test('on every op, forward and backward', { timeout: 240_000 }, async () => {
    let largest = { kind: '', by: 0 };
    for (const kind of OP_KINDS)
      for (const [variant, make] of OP_CASES[kind].entries())
        for (let round = 0; round < rounds; round++) {
          const rng = Rng.of(seed, kind, variant, round);
          const { outputs, feeds, terms } = program(make, rng, !WITHOUT_GRADIENT.includes(kind));
          await executor.load('case', outputs);
          const actual = await executor.run('case', feeds);
          const exact = interpret(outputs, feeds);
          expect(Object.keys(actual).sort()).toEqual(Object.keys(exact).sort());
          // A sum that cancels is as exact as its terms are.
          const sizes = Object.values(interpret(Object.fromEntries(terms.entries()), feeds)).map((t) =>
            Math.hypot(...t),
          );
          const summed = Math.max(1, Math.hypot(...sizes));
          for (const [name, values] of Object.entries(exact)) {
            const by =
              name === 'loss' ? Math.abs(actual[name][0] - values[0]) / summed : difference(actual[name], values);
            expect(by, `${kind}, case ${variant}, round ${round}: ${name}`).toBeLessThan(1e-5);
            if (by > largest.by) largest = { kind, by };
          }
        }
    console.log(`${provider}: largest relative difference of an op ${largest.by.toExponential(1)} (${largest.kind})`);
  });

  test('on layer norm of values far from zero', async () => {
    const rng = Rng.of(seed, 'far');
    const x = ops.input('x', [8, 96]);
    const y = ops.layerNorm(x, undefined, undefined, 1e-6);
    const outputs = { y, inverse: ops.output(y, 2) };
    const feeds = { x: Float32Array.from({ length: 8 * 96 }, () => 100 + rng.range(-1, 1)) };
    await executor.load('far', outputs);
    const actual = await executor.run('far', feeds);
    const exact = interpret(outputs, feeds);
    // A float32 near 100 is itself rounded by 4e-6 of the deviations.
    for (const name of ['y', 'inverse']) expect(relativeDifference(actual[name], exact[name])).toBeLessThan(5e-5);
  });

  test.each(VARIANTS)('on a whole training step: %s', { timeout: 240_000 }, async (_, config) => {
    const rng = Rng.of(seed, 'step');
    const { student, teacher } = randomPair(config, rng);
    const batch = randomBatch(config, 3, rng);
    const keep = (rows: number) =>
      Float32Array.from({ length: config.vit.depth * 2 * rows }, () => (rng.chance(0.3) ? 0 : 1 / 0.7));
    const dropPath = { global: keep(config.batch), local: keep(config.batch * config.localCount) };
    const extra = { 'dropPath.global': dropPath.global, 'dropPath.local': dropPath.local };
    const exact = referenceStep(config, student, teacher, batch, 0.07, extra);

    const step = await TrainingStep.start(
      synclrLearner(config),
      { student, teacher },
      { provider, threads: 2, trace: true },
    );
    try {
      const { losses, traced } = await step.update(
        [{ ...batch, dropPath }],
        updateOf({ numbers: { teacher_temperature: 0.07 } }),
      );
      const actual = { losses, ...(traced as Record<'teacherCls' | 'studentCls', Float32Array>) };
      let largest = { name: '', by: 0 };
      const hold = (name: string, by: number, bar: number) => {
        expect(by, name).toBeLessThan(bar);
        if (by > largest.by) largest = { name, by };
      };
      for (const name of LOSSES) hold(name, relativeDifference([actual.losses[name]], [exact.losses[name]]), 1e-5);
      hold('teacherCls', relativeDifference(actual.teacherCls, exact.teacher.teacherCls), 1e-5);
      hold('studentCls', relativeDifference(actual.studentCls, exact.student.studentCls), 1e-5);
      const grads = tracedGradients(traced!);
      for (const name of significant(exact.grads))
        hold(name, relativeDifference(grads.get(name)!, exact.grads.get(name)!), 1e-4);
      console.log(`${provider}: largest relative difference ${largest.by.toExponential(1)} (${largest.name})`);
    } finally {
      await step.close();
    }
  });
});

test('every float op of a training step has a kernel on WebGPU', { timeout: 240_000 }, async () => {
  if (absent) return;
  const dir = await mkdtemp(join(tmpdir(), 'profile-'));
  try {
    const rng = Rng.of(seed, 'placement');
    const { student, teacher } = randomPair(SMALL, rng);
    const runtime = { provider: 'webgpu', threads: 1, profile: join(dir, 'session') } as const;
    const step = await TrainingStep.start(synclrLearner(SMALL), { student, teacher }, runtime);
    await step.update([randomBatch(SMALL, 3, rng)], updateOf());
    await step.close();
    const placed = new Map<string, Set<string>>();
    for (const file of await readdir(dir)) {
      const events: { cat: string; args?: { op_name?: string; provider?: string } }[] = JSON.parse(
        await readFile(join(dir, file), 'utf8'),
      );
      for (const { cat, args } of events)
        if (cat === 'Node' && args?.provider) {
          const ops = placed.get(args.provider) ?? new Set();
          placed.set(args.provider, ops.add(args.op_name!));
        }
    }
    expect([...placed.get('WebGpuExecutionProvider')!]).toContain('Gemm');
    // The indices of putRows are whole numbers, which WebGPU has no kernels for.
    expect([...(placed.get('CPUExecutionProvider') ?? [])].filter((op) => op !== 'Reshape')).toEqual([]);
  } finally {
    await rm(dir, { recursive: true });
  }
});
