import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { colourSet, quickly, smallEncoder, splitOf } from '../../test/finetune-fixture.js';
import { relativeDifference } from '../../test/numbers.js';
import { sayNotRun, xlaPlugin } from '../../test/xla.js';
import { Diverged, Interrupted } from '../errors.js';
import { cpuExecutors, openExecutors } from '../runtime/open-executors.js';
import type { TrainingState } from '../runtime/training.js';
import { type FineTuned, fineTune } from './fine-tune.js';
import { topOne } from './test-pictures.js';

const on = cpuExecutors(1);
let root: string;
let unbroken: FineTuned;
let folders = 0;
const folder = () => join(root, String(folders++));

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'synclr-finetune-'));
  unbroken = await fineTune(quickly(folder(), on, { recipe: { evaluateEpochs: 2 } }));
});
afterAll(async () => {
  await on.close();
  rmSync(root, { recursive: true });
});

/** All that is kept of a fine-tuning, to the bit. */
const bits = ({ student, teacher, moments }: TrainingState) => [student, teacher, moments];

test('it learns: the classes are told, by the weights and by their average', async () => {
  const found = await fineTune(
    quickly(folder(), on, { recipe: { epochs: 20, augment: { ops: 0 }, mixup: 0, cutmix: 0, erasing: 0, ema: 0.9 } }),
  );
  expect(topOne(found.last)).toBeGreaterThan(0.8);
  expect(topOne(found.averaged!)).toBeGreaterThan(0.8);
  expect(found.length).toEqual({ stepsPerEpoch: 3, steps: 60, epochs: 20, warmupEpochs: 1 });
}, 120_000);

test('interrupted anywhere it goes on to the same bits, whatever the threads', async () => {
  // After 6 the interruption falls into a test.
  for (const after of [1, 6, 8]) {
    const dir = folder();
    const stop = new AbortController();
    const hooks = {
      signal: stop.signal,
      warn: () => {},
      progress: ({ done }: { done: number }) => {
        if (done === after) stop.abort();
      },
    };
    const recipe = { evaluateEpochs: 2 };
    await expect(fineTune(quickly(dir, on, { hooks, recipe }))).rejects.toThrow(Interrupted);
    expect(existsSync(join(dir, 'fine-tuning.safetensors'))).toBe(true);
    const found = await fineTune(quickly(dir, on, { recipe, threads: 2 }));
    expect(bits(found.state)).toEqual(bits(unbroken.state));
    expect(found.curve).toEqual(unbroken.curve);
    expect(found.averaged!.logits).toEqual(unbroken.averaged!.logits);
  }
  expect(unbroken.curve.map((p) => p.step)).toEqual([6, 12]);
}, 120_000);

test('what is finished is only tested again; another recipe, encoder or seed is refused by name, a damaged file too', async () => {
  const dir = folder();
  const recipe = { steps: 3 };
  const first = await fineTune(quickly(dir, on, { recipe }));
  const file = join(dir, 'fine-tuning.safetensors');
  const before = readFileSync(file);
  expect((await fineTune(quickly(dir, on, { recipe }))).last).toEqual(first.last);
  expect(readFileSync(file).equals(before)).toBe(true);
  await expect(fineTune(quickly(dir, on, { recipe, seed: 6 }))).rejects.toThrow(
    /fine-tuning\.safetensors: a fine-tuning of another encoder, data set, seed or recipe \(seed\): move it elsewhere/,
  );
  await expect(fineTune(quickly(dir, on, { recipe: { ...recipe, erasing: 0.1 } }))).rejects.toThrow(/\(recipe\)/);
  await expect(fineTune(quickly(dir, on, { recipe, encoder: smallEncoder(4) }))).rejects.toThrow(/\(encoder\)/);
  const damaged = folder();
  await fineTune(quickly(damaged, on, { recipe: { steps: 1 } }));
  const other = join(damaged, 'fine-tuning.safetensors');
  const bytes = readFileSync(other);
  bytes[bytes.length - 9] ^= 4;
  writeFileSync(other, bytes);
  await expect(fineTune(quickly(damaged, on, { recipe: { steps: 1 } }))).rejects.toThrow(/checksum/);
  const foreign = folder();
  mkdirSync(foreign);
  copyFileSync(join(import.meta.dirname, 'fine-tune.ts'), join(foreign, 'fine-tuning.safetensors'));
  await expect(fineTune(quickly(foreign, on, { recipe: { steps: 1 } }))).rejects.toThrow(
    /not a valid safetensors file/,
  );
}, 120_000);

test('pictures that cannot be decoded are named once and left out of both sides', async () => {
  const set = colourSet();
  const withBroken = (split: typeof set.train, bad: number) => ({
    ...split,
    read: async (i: number) => (i === bad ? new TextEncoder().encode('no picture') : split.read(i)),
  });
  const warned: string[] = [];
  const found = await fineTune(
    quickly(folder(), on, {
      set: { ...set, train: withBroken(set.train, 4), test: withBroken(set.test, 7) },
      hooks: { signal: new AbortController().signal, progress: () => {}, warn: (line) => warned.push(line) },
    }),
  );
  expect(warned).toEqual(['colours: train/4 is left out of training: no picture by its content']);
  expect(found.broken).toEqual([{ file: 'train/4', reason: 'no picture by its content' }]);
  expect(found.last.skipped).toEqual([{ file: 'test/7', reason: 'no picture by its content' }]);
  expect([...found.last.index]).toEqual([0, 1, 2, 3, 4, 5, 6, 8, 9, 10, 11]);
  const none = splitOf(
    Array.from({ length: 4 }, () => new Uint8Array(3)),
    Int32Array.of(0, 1, 2, 0),
    'train',
  );
  await expect(fineTune(quickly(folder(), on, { set: { ...set, train: none } }))).rejects.toThrow(
    /^no picture to train on can be decoded: train\/\d: /,
  );
}, 120_000);

test('from fresh weights, from few pictures, at another size, with the mean of the patches', async () => {
  const fresh = await fineTune(quickly(folder(), on, { scratch: true }));
  expect(bits(fresh.state)).not.toEqual(bits(unbroken.state));
  // Three pictures are a batch of eight only over several epochs.
  const few = await fineTune(quickly(folder(), on, { pictures: Int32Array.of(0, 1, 5) }));
  expect(few.length).toMatchObject({ stepsPerEpoch: 3 / 8, steps: 2 });
  const large = await fineTune(quickly(folder(), on, { recipe: { size: 12, steps: 2, pool: 'mean' } }));
  expect(large.state.student.get('backbone.pos_embed')!.length).toBe(16 * (1 + 9));
  expect(large.state.student.has('backbone.fc_norm.weight')).toBe(true);
  expect(large.state.student.has('backbone.norm.weight')).toBe(false);
  await expect(fineTune(quickly(folder(), on, { recipe: { size: 10 } }))).rejects.toThrow(/patches of 4 px/);
}, 120_000);

test('a loss that is no number stops it with the state before it, or is passed over', async () => {
  const encoder = smallEncoder();
  encoder.parameters.get('backbone.norm.weight')!.fill(3e38);
  const dir = folder();
  await expect(fineTune(quickly(dir, on, { encoder }))).rejects.toThrow(Diverged);
  const warned: string[] = [];
  const hooks = { signal: new AbortController().signal, progress: () => {}, warn: (line: string) => warned.push(line) };
  const found = await fineTune(quickly(folder(), on, { encoder, hooks, recipe: { nonFinite: 'skip', steps: 2 } }));
  expect(warned.length).toBe(2);
  expect(warned[0]).toMatch(/^fine-tuning, update 1: loss \S+, gradient norm \S+; the batch is passed over$/);
  expect(found.state.student.get('backbone.norm.weight')![0]).toBe(Math.fround(3e38));
}, 120_000);

const plugin = xlaPlugin();
if (!plugin) sayNotRun('fine-tuning through XLA');
test.skipIf(!plugin)(
  'through XLA it comes to the same weights, but for rounding',
  async () => {
    const runtime = { provider: 'xla', plugin, threads: 0, precision: 'float32', devices: 1 } as const;
    // Sizes of Adam's first steps follow from signs that rounding decides, so epsilon is large.
    const recipe = { steps: 3, eps: 0.1 };
    const ours = await fineTune(quickly(folder(), on, { recipe }));
    const executors = await openExecutors(runtime);
    const theirs = await fineTune(quickly(folder(), executors, { recipe, runtime })).finally(() => executors.close());
    for (const [name, x] of ours.state.student)
      expect(relativeDifference(theirs.state.student.get(name)!, x), name).toBeLessThan(1e-4);
    expect(relativeDifference(theirs.averaged!.logits, ours.averaged!.logits)).toBeLessThan(1e-4);
  },
  180_000,
);
