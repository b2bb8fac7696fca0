import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { textures } from '../../test/textures.js';
import { resolveSettings } from '../config/resolve.js';
import { type OpenedEncoder, openUntrainedEncoder } from '../encoders/open-encoder.js';
import { Interrupted } from '../errors.js';
import { segmentationLinear } from '../evaluation/protocols/segmentation-linear.js';
import { upernet } from '../evaluation/protocols/upernet.js';
import type { Executors } from '../runtime/executor.js';
import { cpuExecutors } from '../runtime/open-executors.js';
import type { StageHooks } from '../stage.js';
import { decodeFile } from '../views/image.js';
import { overlays } from './overlays.js';
import { colourDistance, palette } from './palette.js';
import { linearPlan, linearSettings, uperPlan, uperSettings } from './settings.js';

let dir: string;
let executors: Executors;
let encoder: OpenedEncoder;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'segmentation-'));
  executors = cpuExecutors(1);
  const tiny = { 'model.dim': 32, 'model.depth': 2, 'model.heads': 2, 'model.patch': 4, 'views.globalSize': 16 };
  encoder = await openUntrainedEncoder(resolveSettings({ preset: 'tiny', flags: tiny }), undefined, executors);
});
afterAll(async () => {
  await encoder.close();
  await executors.close();
  await rm(dir, { recursive: true });
});

const hooksOf = (o: Partial<StageHooks> & { warned?: string[] } = {}): StageHooks => ({
  signal: new AbortController().signal,
  progress: () => {},
  warn: (line) => void o.warned?.push(line),
  ...o,
});

const cellOf = (
  name: string,
  options: Record<string, unknown>,
  hooks = hooksOf(),
  set = textures({ train: 6, test: 3 }),
) => ({
  ...{ encoder, set, seed: 4, dir: join(dir, name), executors, hooks, options },
  runtime: { provider: 'cpu', threads: 1 } as const,
  features: () => Promise.reject(new Error('not asked for')),
});

/** A few updates on crops of 32 px. */
const few = {
  crop: 32,
  scale: [64, 48],
  ratio: [0.9, 1.1],
  batch: 4,
  steps: 60,
  lr: 0.02,
  views: 4,
  overlays: 2,
  photometric: false,
};

test('a linear head tells two textures apart, and leaves out what is broken', async () => {
  const warned: string[] = [];
  const set = textures({ train: 6, test: 4, broken: [2] });
  const cell = cellOf('linear', { 'segmentation-linear': few }, hooksOf({ warned }), set);
  const found = await segmentationLinear.run(cell);
  const { metrics, interval, perImage, skipped, details } = found;
  expect(metrics.mIoU).toBeGreaterThan(0.75);
  expect(metrics['majority mIoU']).toBeLessThan(0.35);
  expect(metrics.mIoU).toBeGreaterThanOrEqual(interval![0]);
  expect(metrics.mIoU).toBeLessThanOrEqual(interval![1]);
  // The second test picture is broken on this side, too.
  expect(skipped).toEqual([{ name: 'test/2.png', why: 'cut off' }]);
  expect(warned).toHaveLength(2);
  if (perImage?.of !== 'mIoU') throw new Error(`areas, not ${perImage?.of}`);
  expect([...perImage.index]).toEqual([0, 1, 3]);
  // All pixels but the frame's, of each picture.
  const labelled = perImage.areas.slice(0, 9).filter((_, i) => i % 3 === 1);
  expect(labelled.reduce((a, b) => a + b)).toBe(46 * 46);
  expect(Object.keys(details.iou as object)).toEqual(['lying', 'standing']);
  const shown = await overlays(cell.dir);
  expect(shown!.legend.map((l) => l.name)).toEqual(['lying', 'standing', 'nowhere']);
  const picture = await decodeFile(shown!.pictures[0].path);
  expect(picture.width).toBe(3 * 48 + 8);
});

test('what is interrupted goes on and ends as if it had not been', async () => {
  const options = { 'segmentation-linear': { ...few, steps: 12, checkpointEvery: 4 } };
  const whole = await segmentationLinear.run(cellOf('whole', options));
  const stop = new AbortController();
  const hooks = hooksOf({
    signal: stop.signal,
    progress: ({ stage, done }) => void (stage === 'train' && done === 6 && stop.abort()),
  });
  const cell = cellOf('broken off', options, hooks);
  await expect(segmentationLinear.run(cell)).rejects.toThrow(Interrupted);
  // The second time it ends without a word, after its checkpoint of step 8; and the third call goes on from there.
  const begins: number[] = [];
  const dies = hooksOf({
    progress: ({ stage, done }) => {
      if (stage === 'train') begins.push(done);
      if (done === 10) throw new Error('killed');
    },
  });
  await expect(segmentationLinear.run({ ...cell, hooks: dies })).rejects.toThrow('killed');
  const steps: number[] = [];
  const again = hooksOf({ progress: ({ stage, done }) => void (stage === 'train' && steps.push(done)) });
  const resumed = await segmentationLinear.run({ ...cell, hooks: again });
  expect([begins[0], steps[0]]).toEqual([6, 8]);
  expect(resumed.metrics).toEqual(whole.metrics);
  const last = (name: string) => readFileSync(join(dir, name, 'checkpoints', 'step-00000012.safetensors'));
  expect(last('broken off').equals(last('whole'))).toBe(true);
  expect(readdirSync(join(dir, 'whole', 'checkpoints'))).toEqual(['step-00000012.safetensors']);
  // What nobody goes on from any more is removed, its pictures stay.
  await segmentationLinear.clear!(join(dir, 'broken off'), options);
  expect(readdirSync(join(dir, 'broken off'))).toEqual(['overlays']);
  // Of other settings it is no beginning.
  const other = { 'segmentation-linear': { ...few, steps: 12, lr: 1 } };
  await expect(segmentationLinear.run(cellOf('whole', other))).rejects.toThrow(/checkpoint of other settings/);
});

test('pictures tested whole, of sides that are no multiple of the patch', async () => {
  const options = { 'segmentation-linear': { ...few, steps: 30, test: 'whole', scale: [54, 46] } };
  const found = await segmentationLinear.run(cellOf('as a whole', options));
  expect(found.metrics.mIoU).toBeGreaterThan(0.5);
});

test('UperNet learns, and goes on after an interruption with its running statistics', async () => {
  const heads = { channels: 8, auxChannels: 8, layerDecay: 0.9, dropPath: 0.1 };
  const { views: _, ...common } = few;
  const options = { upernet: { ...common, ...heads, steps: 24, lr: 0.01, checkpointEvery: 100 } };
  const whole = await upernet.run(cellOf('upernet', options));
  expect(whole.metrics.mIoU).toBeGreaterThan(0.75);
  const stop = new AbortController();
  const hooks = hooksOf({
    signal: stop.signal,
    progress: ({ stage, done }) => void (stage === 'train' && done === 12 && stop.abort()),
  });
  const cell = cellOf('upernet broken off', options, hooks);
  await expect(upernet.run(cell)).rejects.toThrow(Interrupted);
  const resumed = await upernet.run({ ...cell, hooks: hooksOf() });
  expect(resumed.metrics).toEqual(whole.metrics);
});

test('settings: the paper’s by encoder, small ones for small encoders, unknown ones refused', () => {
  const base = { dim: 768, depth: 12, heads: 12, patch: 16, imageSize: 224, mlpRatio: 4 };
  const b = uperPlan(uperSettings(undefined), base, 224);
  expect(b).toMatchObject({ recipe: 'paper', crop: 512, stride: 341, scale: [2048, 512], steps: 60_000, batch: 32 });
  expect(b).toMatchObject({ lr: 8e-5, layerDecay: 0.6, dropPath: 0.1, blocks: [3, 5, 7, 11], channels: 768 });
  const l = uperPlan(uperSettings({}), { ...base, dim: 1024, depth: 24, patch: 14 }, 224);
  expect(l).toMatchObject({ crop: 518, stride: 345, steps: 160_000, batch: 16, layerDecay: 0.8, dropPath: 0.2 });
  expect(linearPlan(linearSettings({}), { ...base, patch: 4 }, 24)).toMatchObject({
    recipe: 'small',
    crop: 48,
    scale: [256, 64],
    stride: 32,
  });
  // All names are there, with null for what the recipe decides; and null says so, too.
  expect(upernet.settings({})).toMatchObject({ recipe: 'auto', crop: null, layerDecay: null, auxWeight: 0.4 });
  expect(uperPlan(uperSettings({ steps: null, lr: 1 }), base, 224)).toMatchObject({ steps: 60_000, lr: 1 });
  expect(() => linearSettings({ crops: 4 })).toThrow(/crops/);
  expect(() => linearPlan(linearSettings({ crop: 100 }), base, 224)).toThrow(/112/);
  expect(() => uperPlan(uperSettings({ blocks: [0, 1, 2, 12] }), base, 224)).toThrow(/0 to 11/);
});

test('colours of classes stay apart for every kind of colour vision', () => {
  const least = (n: number) => {
    const colours = palette(n);
    let found = Number.POSITIVE_INFINITY;
    colours.forEach((a, i) => {
      for (const b of colours.slice(0, i)) found = Math.min(found, colourDistance(a, b));
    });
    return found;
  };
  // 2.3 is the least difference that can be seen.
  expect(least(7)).toBeGreaterThan(12);
  expect(least(12)).toBeGreaterThan(12);
  expect(least(21)).toBeGreaterThan(8);
  expect(least(150)).toBeGreaterThan(2.3);
});
