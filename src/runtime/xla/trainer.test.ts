import { afterAll, expect, test } from 'vitest';
import { relativeDifference, testSeed } from '../../../test/numbers.js';
import { randomBatch, randomPair, SMALL, significant, updateOf } from '../../../test/small-step.js';
import { sayNotRun, xlaPlugin } from '../../../test/xla.js';
import { resolveSettings } from '../../config/resolve.js';
import type { StepBatch } from '../../learn/learner.js';
import { type StepConfig, synclrLearner } from '../../learn/learners/synclr.js';
import { TrainingStep } from '../../learn/step.js';
import { Rng } from '../../rng.js';
import { Kernels } from '../../views/kernels.js';
import { applyPhotometric, drawPhotometric, photometricWidth } from '../../views/photometric.js';
import type { TrainerOptions } from '../start-trainer.js';
import type { TrainingState } from '../training.js';

const seed = testSeed('xla/trainer.test.ts');
const plugin = xlaPlugin();
if (!plugin) sayNotRun('training through XLA');
const withPlugin = test.skipIf(!plugin);

/** Eight images, which four devices can share; centres, all terms, dropped branches. */
const CONFIG: StepConfig = { ...SMALL, batch: 8, maskedImages: 4, masked: 20, centering: 'centering', dropPath: true };
const rng = Rng.of(seed, 'trainer');
const pair = randomPair(CONFIG, rng);
const keep = (rows: number) =>
  Float32Array.from({ length: CONFIG.vit.depth * 2 * rows }, () => (rng.chance(0.3) ? 0 : 1 / 0.7));
const batches: StepBatch[] = [0, 1, 2, 3].map(() => ({
  ...randomBatch(CONFIG, 4, rng),
  dropPath: { global: keep(CONFIG.batch), local: keep(CONFIG.batch * CONFIG.localCount) },
}));
/** Sizes of Adam's first steps follow from signs that rounding decides, so epsilon is large. */
const update = (t: number) => updateOf({ t, lr: 0.01, eps: 0.1, clip: 0.5, ema: 0.9 });

const open: TrainingStep[] = [];
afterAll(() => Promise.all(open.map((s) => s.close())));

async function start(o: Partial<TrainerOptions> = {}, from: Partial<TrainingState> = {}): Promise<TrainingStep> {
  const runtime = { provider: 'xla', plugin, threads: 1, precision: 'float32', ...o } as const;
  const step = await TrainingStep.start(synclrLearner(CONFIG), { ...pair, ...from }, runtime);
  open.push(step);
  return step;
}

/** The largest relative difference of two states, by group and parameter. */
function apart(a: TrainingState, b: TrainingState): { name: string; by: number } {
  let most = { name: '', by: 0 };
  const hold = (name: string, x: Float32Array, y: Float32Array) => {
    const by = relativeDifference(x, y);
    if (!(by <= most.by)) most = { name, by };
  };
  for (const group of ['student', 'teacher', 'centres'] as const)
    for (const [name, x] of b[group]) hold(`${group}.${name}`, a[group].get(name)!, x);
  const m = new Map([...b.moments].map(([name, moments]) => [name, moments.m]));
  for (const name of significant(m)) hold(`m.${name}`, a.moments.get(name)!.m, m.get(name)!);
  return most;
}

const TIME = { timeout: 300_000 };

withPlugin('updates agree with ONNX Runtime’s: losses, norm, health, parameters, moments, centres', TIME, async () => {
  const ours = await start();
  const theirs = await start({ provider: 'cpu' });
  for (const t of [1, 2]) {
    const a = await ours.update([batches[t]], update(t), true);
    const b = await theirs.update([batches[t]], update(t), true);
    for (const [name, loss] of Object.entries(b.losses))
      expect(relativeDifference([a.losses[name as 'loss']], [loss]), `${name}, update ${t}`).toBeLessThan(1e-5);
    expect(relativeDifference([a.norm], [b.norm])).toBeLessThan(1e-4);
    for (const [name, figure] of Object.entries(b.health!))
      expect(relativeDifference([a.health![name as 'feature_rank']!], [figure]), name).toBeLessThan(1e-3);
  }
  const most = apart(await ours.state(), await theirs.state());
  console.log(`XLA and ONNX Runtime differ by at most ${most.by.toExponential(1)} (${most.name}) after two updates`);
  expect(most.by).toBeLessThan(1e-4);

  // Another trainer that begins where this one is goes on as this one does, bit for bit.
  const saved = await ours.state();
  const other = await start({}, saved);
  for (const step of [ours, other]) await step.update([batches[3]], update(3));
  expect(await other.state()).toEqual(await ours.state());

  // A thousand updates take no more memory than the first hundred.
  const many = async (n: number) => {
    for (let t = 0; t < n; t++) await ours.update([batches[t % 4]], updateOf({ t: t + 4, lr: 1e-5 }));
    globalThis.gc?.();
    return process.memoryUsage().rss / 2 ** 20;
  };
  const early = await many(200);
  const late = await many(1000);
  console.log(`resident memory after 200 and 1,200 updates: ${early.toFixed(0)} and ${late.toFixed(0)} MiB`);
  expect(late - early).toBeLessThan(64);
});

withPlugin('updates that are not awaited are done in their order', TIME, async () => {
  const [a, b] = [await start(), await start()];
  for (const t of [0, 1, 2]) await a.update([batches[t]], update(t + 1));
  const asked = [0, 1, 2].map((t) => b.update([batches[t]], update(t + 1)));
  expect(await b.state()).toEqual(await a.state());
  await Promise.all(asked);
});

withPlugin('two batches an update, and a gradient that is not finite', TIME, async () => {
  const ours = await start({ accumulate: 2 });
  const theirs = await start({ provider: 'cpu' });
  const bad = { ...batches[0], globalCrops: batches[0].globalCrops.slice().fill(Number.NaN) };
  const two = batches.slice(0, 2);
  for (const step of [ours, theirs]) {
    const before = await step.state();
    expect((await step.update([batches[2], bad], update(1))).norm).toBeNaN();
    expect(await step.state()).toEqual(before);
  }
  // What was summed before it was found to be no number is not there any more.
  const a = await ours.update(two, update(1));
  const b = await theirs.update(two, update(1));
  expect(relativeDifference([a.losses.loss], [b.losses.loss])).toBeLessThan(1e-5);
  expect(relativeDifference([a.norm], [b.norm])).toBeLessThan(1e-4);
  expect(apart(await ours.state(), await theirs.state()).by).toBeLessThan(1e-4);
});

withPlugin('blocks that are computed again change nothing but rounding', TIME, async () => {
  const plain = await start();
  const again = await start({ recompute: true });
  for (const step of [plain, again]) await step.update([batches[0]], update(1));
  expect(apart(await again.state(), await plain.state()).by).toBeLessThan(1e-5);
});

withPlugin(
  'crops of bytes with what is done to their colours are the floats that the loader would give',
  TIME,
  async () => {
    const { views } = resolveSettings({ preset: 'tiny' });
    const config = {
      ...CONFIG,
      views: { ...views, grayscale: 0.3, solarise: 0.3, jitter: { ...views.jitter, probability: 1 } },
    };
    const form = (size: number, rows: number) => {
      const width = photometricWidth(config.views, size);
      const bytes = Uint8Array.from({ length: rows * 3 * size * size }, () => rng.int(256));
      const numbers = new Float32Array(rows * width);
      const floats = new Float32Array(bytes.length);
      for (let r = 0; r < rows; r++) {
        const [row, part] = [
          numbers.subarray(r * width, (r + 1) * width),
          bytes.subarray(r * 3 * size * size, (r + 1) * 3 * size * size),
        ];
        drawPhotometric(config.views, size, rng, row);
        const at = Kernels.get().put('crop', part);
        applyPhotometric(at, row, size, config.views, floats.subarray(r * part.length, (r + 1) * part.length));
      }
      return { bytes, numbers, floats };
    };
    const [global, local] = [
      form(config.globalSize, config.batch),
      form(config.localSize, config.batch * config.localCount),
    ];
    const runtime = { provider: 'xla', plugin, threads: 1, precision: 'float32' } as const;
    const results = [];
    for (const crops of ['bytes', 'float'] as const) {
      const step = await TrainingStep.start(synclrLearner(config), pair, { ...runtime, crops });
      open.push(step);
      const batch: StepBatch =
        crops === 'float'
          ? { ...batches[0], globalCrops: global.floats, localCrops: local.floats }
          : {
              ...batches[0],
              ...{ globalCrops: global.bytes, localCrops: local.bytes },
              ...{ globalPhotometric: global.numbers, localPhotometric: local.numbers },
            };
      results.push(await step.update([batch], update(1)));
    }
    const [a, b] = results;
    for (const [name, loss] of Object.entries(b.losses))
      expect(relativeDifference([a.losses[name as 'loss']], [loss]), name).toBeLessThan(1e-4);
    expect(relativeDifference([a.norm], [b.norm])).toBeLessThan(1e-3);
  },
);

withPlugin('four devices give what one gives, whole or with their state in shares', TIME, async () => {
  const one = await start();
  const [a] = [await one.update([batches[0]], update(1), true)];
  for (const shard of ['none', 'optimizer'] as const) {
    const four = await start({ devices: 4, shard });
    const b = await four.update([batches[0]], update(1), true);
    expect(relativeDifference([b.losses.loss], [a.losses.loss]), shard).toBeLessThan(1e-5);
    expect(b.health!.feature_rank).toBeCloseTo(a.health!.feature_rank, 4);
    expect(apart(await four.state(), await one.state()).by, shard).toBeLessThan(1e-4);
  }
});

withPlugin('bfloat16 is what float32 is, but for its eight bits', TIME, async () => {
  const exact = await start();
  const rounded = await start({ precision: 'bfloat16' });
  const a = await exact.update([batches[0]], update(1));
  const b = await rounded.update([batches[0]], update(1));
  const by = relativeDifference([b.losses.loss], [a.losses.loss]);
  expect(by).toBeGreaterThan(0);
  // Rounding to 8 bits is 2⁻⁹ a value; what a few layers make of it is some times as much.
  expect(by).toBeLessThan(0.02);
  expect(relativeDifference([b.norm], [a.norm])).toBeLessThan(0.1);
  // State and optimiser are float32: no parameter is rounded to eight bits.
  const { student } = await rounded.state();
  const x = student.get('backbone.blocks.0.mlp.fc1.weight')!;
  expect(new Uint32Array(x.buffer, x.byteOffset, x.length).some((bits) => (bits & 0xffff) !== 0)).toBe(true);
});

withPlugin('a batch that devices cannot share evenly is refused with the settings to change', TIME, async () => {
  await expect(start({ devices: 3 })).rejects.toThrow(
    /^a batch of 8 globalCrops cannot be shared evenly by 3 devices: change train.captionsPerBatch or set runtime.devices$/,
  );
});
