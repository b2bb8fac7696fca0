import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { colourSet, openSmallEncoder } from '../../../test/finetune-fixture.js';
import type { OpenedEncoder } from '../../encoders/open-encoder.js';
import { cpuExecutors } from '../../runtime/open-executors.js';
import { checkOptions } from '../options.js';
import type { Cell } from '../protocol.js';
import { finetune } from './finetune.js';

const on = cpuExecutors(1);
let root: string;
let encoder: OpenedEncoder;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'synclr-finetune-protocol-'));
  encoder = await openSmallEncoder(2, on);
});
afterAll(async () => {
  await encoder.close();
  await on.close();
  rmSync(root, { recursive: true });
});

const QUICK = { recipe: 'small', batch: 8, steps: 12, baseLr: 0.1, checkpointEvery: 4 };
let updates = 0;
const cell = (dir: string, options: Record<string, unknown>, set = colourSet(24, 14)): Cell => ({
  ...{ encoder, set, seed: 2, executors: on, runtime: { provider: 'cpu', threads: 1 }, dir: join(root, dir) },
  features: () => Promise.reject(new Error('features are not asked for')),
  options: { finetune: options },
  hooks: {
    signal: new AbortController().signal,
    progress: ({ done, before = 0 }) => {
      if (done > before) updates++;
    },
    warn: () => {},
  },
});

test('shares of the training pictures make a curve, whose last point is the result', async () => {
  const options = { ...QUICK, fractions: [1, 0.25, 0.25] };
  const found = await finetune.run(cell('curve', options));
  expect(found.main).toBe('top-1');
  const values = found.perImage?.of === 'mean' ? [...found.perImage.values] : [];
  expect(values.length).toBe(14);
  expect(found.metrics['top-1']).toBeCloseTo(values.reduce((s, x) => s + x, 0) / 14, 12);
  expect(found.metrics['top-5']).toBe(1);
  expect(found.interval![0]).toBeLessThanOrEqual(found.metrics['top-1']);
  const curve = found.details.lowData as { fraction: number; pictures: number; 'top-1': number }[];
  expect(curve.map((p) => [p.fraction, p.pictures])).toEqual([
    [0.25, 6],
    [1, 24],
  ]);
  expect(curve[1]['top-1']).toBe(found.metrics['top-1']);
  expect(found.details).toMatchObject({ start: 'the encoder', steps: 12, trainPictures: 24 });
  expect(updates).toBe(24);
  // The second time nothing is trained.
  expect(await finetune.run(cell('curve', options))).toEqual(found);
  expect(updates).toBe(24);
  // Once its result is kept nothing is gone on from; what somebody put beside it stays.
  const at = join(root, 'curve');
  expect(readdirSync(at).sort()).toEqual(['all', 'part-0.25']);
  writeFileSync(join(at, 'all', 'mine.txt'), '');
  await finetune.clear!(at, { finetune: options });
  expect(readdirSync(at, { recursive: true }).sort()).toEqual(['all', 'all/mine.txt']);
}, 60_000);

test('a set judged by the mean per class is compared by it; fresh weights are for comparison', async () => {
  const set = { ...colourSet(24, 14), metric: 'mean per class' } as const;
  const found = await finetune.run(cell('per-class', { ...QUICK, scratch: true, ema: 0 }, set));
  expect(found.main).toBe('mean per class');
  expect(found.perImage).toMatchObject({ of: 'mean per class' });
  expect(found.details.start).toBe('fresh weights');
  expect(Object.keys(found.metrics)).toEqual(['top-1', 'mean per class', 'top-5']);
  expect(finetune.refuses!({ encoder, set: { ...set, classes: ['one'] } })).toBe('it has fewer than two classes');
}, 60_000);

test('options are the recipe’s settings; what is not known is refused by name', () => {
  const settings = finetune.settings({ finetune: { recipe: 'small', layerDecay: 0.5, augment: { ops: 0 } } });
  expect(settings).toMatchObject({ recipe: 'small', layerDecay: 0.5, batch: 64, augment: { ops: 0, magnitude: 5 } });
  expect(finetune.settings({})).toMatchObject({
    recipe: 'paper',
    batch: 1024,
    epochs: 100,
    ema: 0.9999,
    fractions: [1],
  });
  const refused = (o: unknown) => () => finetune.settings({ finetune: o });
  expect(refused({ layerDecy: 0.5 })).toThrow('finetune: no setting "layerDecy": did you mean layerDecay?');
  expect(refused({ recipe: 'tiny' })).toThrow(/finetune: recipe: /);
  expect(refused({ fractions: [0] })).toThrow(/finetune: fractions\.0: /);
  // As flags and files say them.
  const told = (o: Record<string, unknown>) => () => checkOptions({ finetune: o }, [finetune], '--options');
  expect(told({ steps: 50, size: 64, recipe: 'small', augment: { magnitude: 3 } })).not.toThrow();
  expect(told({ step: 50 })).toThrow(/unknown option finetune\.step/);
});
