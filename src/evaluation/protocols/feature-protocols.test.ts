import { describe, expect, it } from 'vitest';
import { testSeed } from '../../../test/numbers.js';
import type { EvalSet, EvalSplit } from '../../data/set.js';
import type { OpenedEncoder } from '../../encoders/open-encoder.js';
import { Rng } from '../../rng.js';
import { cpuExecutors } from '../../runtime/open-executors.js';
import { differenceOf, statisticOf } from '../metrics/bootstrap.js';
import type { Cell, SplitFeatures } from '../protocol.js';
import { PROTOCOLS } from './index.js';
import { cueOf } from './shape-bias.js';

const seed = testSeed('feature-protocols.test.ts');
const DIM = 12;
const executors = cpuExecutors(1);
const protocol = (name: string) => PROTOCOLS.find((p) => p.name === name)!;

/** A set in memory, its features drawn around a centre a class. */
function cellOf(o: {
  n?: number;
  classes?: string[];
  multi?: boolean;
  distance?: number;
  metric?: EvalSet['metric'];
  options?: Cell['options'];
  names?: string[];
}): Cell {
  const { n = 60, classes = ['cat', 'dog', 'car'], multi = false, distance = 4, options = {}, names } = o;
  const k = classes.length;
  const features = (what: string, count: number): SplitFeatures => {
    const rng = Rng.of(seed, 'protocols', what);
    const labels = Int32Array.from({ length: count }, (_, i) => i % k);
    const present = Int8Array.from({ length: count * k }, (_, at) =>
      at % k === labels[Math.floor(at / k)] || rng.chance(0.2) ? 1 : -1,
    );
    const shows = (i: number, c: number) => (multi ? present[i * k + c] === 1 : labels[i] === c);
    const x = Float32Array.from({ length: count * DIM }, (_, at) => {
      const [i, j] = [Math.floor(at / DIM), at % DIM];
      return rng.normal() + (j < k && shows(i, j) ? distance : 0);
    });
    const index = Int32Array.from({ length: count }, (_, i) => i);
    return multi ? { x, dim: DIM, labels: new Int32Array(), present, index } : { x, dim: DIM, labels, index };
  };
  const [train, test] = [features('train', 2 * n), features('test', n)];
  const split = (f: SplitFeatures): EvalSplit => ({
    length: f.index.length,
    labels: f.labels,
    nameOf: (i) => names?.[i] ?? `${i}.png`,
    read: () => Promise.reject(new Error('no pictures here')),
  });
  const set: EvalSet = {
    ...{ name: 'made', kind: 'folder', dir: '.', task: multi ? 'multi-label' : 'single', hash: 'x', remarks: [] },
    ...{ metric: o.metric ?? (multi ? '11-point mAP' : 'top-1'), classes, train: split(train), test: split(test) },
    close: async () => {},
    [Symbol.asyncDispose]: async () => {},
  };
  return {
    ...{ set, options, seed: 3, dir: '.', executors, runtime: { provider: 'cpu', threads: 1 } },
    encoder: { origin: 'made' } as OpenedEncoder,
    features: async () => ({ train, test }),
    hooks: { signal: new AbortController().signal, progress: () => {}, warn: () => {} },
  };
}

describe(`protocols on kept features (seed ${seed})`, () => {
  it.each(['knn', 'linear', 'logistic'])(
    '%s tells classes apart, with its interval and what is compared',
    async (name) => {
      const options = { linear: { epochs: 20, batch: 32 }, logistic: { l2s: [0.01, 1] } };
      const cell = cellOf({ options });
      const found = await protocol(name).run(cell);
      expect(found.main).toBe('top-1');
      expect(found.metrics['top-1']).toBeGreaterThan(0.85);
      expect(found.metrics.ECE).toBeLessThan(0.4);
      expect(found.interval![0]).toBeLessThanOrEqual(found.metrics['top-1']);
      const once = new Uint8Array(found.perImage!.index.length).fill(1);
      expect(statisticOf(found.perImage!)(once)).toBeCloseTo(found.metrics['top-1'], 6);
      expect(JSON.parse(JSON.stringify(found.details))).toEqual(found.details);
      const worse = await protocol(name).run(cellOf({ distance: 0.3, options, metric: 'mean per class' }));
      expect(worse.main).toBe('mean per class');
      expect(worse.metrics['mean per class']).toBeLessThan(found.metrics['top-1'] - 0.2);
      const same = { ...found.perImage! };
      expect(differenceOf(same, found.perImage!, { seed }).p).toBe(1);
    },
  );

  it('two classes, and labels beside each other', async () => {
    for (const name of ['knn', 'logistic', 'linear']) {
      const options = {
        linear: { epochs: 20, batch: 32 },
        logistic: { l2s: [1] },
        knn: { k: [1, 5], temperature: [0.1] },
      };
      const two = await protocol(name).run(cellOf({ classes: ['yes', 'no'], options }));
      expect(two.metrics['top-1']).toBeGreaterThan(0.85);
      if (name === 'linear') continue;
      const labels = await protocol(name).run(cellOf({ multi: true, options }));
      expect(labels.main).toBe('11-point mAP');
      expect(labels.metrics['11-point mAP']).toBeGreaterThan(0.8);
      expect(labels.perImage!.of).toBe('mAP');
    }
  });

  it('few-shot is better with more images, on the same draws for all', async () => {
    const options = { 'few-shot': { shots: [1, 8, 1000], draws: 4 } };
    const found = await protocol('few-shot').run(cellOf({ distance: 2.5, options }));
    expect(Object.keys(found.metrics)).toEqual(['top-1, 1 shot', 'top-1, 8 shots']);
    expect(found.metrics['top-1, 8 shots']).toBeGreaterThan(found.metrics['top-1, 1 shot']);
    expect(found.details.leftOut).toEqual([1000]);
    const again = await protocol('few-shot').run(cellOf({ distance: 2.5, options }));
    expect(again.metrics).toEqual(found.metrics);
    const nearest = { 'few-shot': { shots: [8], draws: 2, classifier: 'nearest-mean' } };
    expect((await protocol('few-shot').run(cellOf({ options: nearest }))).metrics['top-1, 8 shots']).toBeGreaterThan(
      0.8,
    );
    const many = { 'few-shot': { shots: [1000] } };
    await expect(protocol('few-shot').run(cellOf({ options: many }))).rejects.toThrow(/smallest class has 40/);
  });

  it('retrieval and clustering see what the features have', async () => {
    const found = await protocol('retrieval').run(cellOf({}));
    expect(found.metrics.mAP).toBeGreaterThan(0.6);
    expect(found.metrics['R@10']).toBeGreaterThanOrEqual(found.metrics['R@1']);
    const train = await protocol('retrieval').run(cellOf({ options: { retrieval: { gallery: 'train' } } }));
    expect(train.details).toMatchObject({ queries: 60, gallery: 'train' });
    // An image that is alone in its class finds nothing.
    const [skipped, zero] = await Promise.all(
      ['skip', 'zero'].map(async (without) => {
        const cell = cellOf({ options: { retrieval: { without } } });
        const { test, ...others } = await cell.features();
        const labels = test.labels.map((l, i) => (i === 0 ? 99 : l));
        return protocol('retrieval').run({ ...cell, features: async () => ({ ...others, test: { ...test, labels } }) });
      }),
    );
    expect([skipped, zero].map((f) => [f.details?.queries, f.details?.withoutAny])).toEqual([
      [59, 1],
      [60, 1],
    ]);
    expect(zero.metrics.mAP).toBeCloseTo((skipped.metrics.mAP * 59) / 60, 12);
    expect(zero.perImage).toHaveProperty('values.0', 0);
    const groups = await protocol('clustering').run(cellOf({}));
    expect(groups.metrics.NMI).toBeGreaterThan(0.5);
    const none = await protocol('clustering').run(cellOf({ distance: 0 }));
    expect(none.metrics.AMI).toBeLessThan(0.2);
  });

  it('shape bias counts decisions for one of both cues', async () => {
    expect(cueOf('cat/cat3-elephant12.png', ['cat', 'elephant'])).toEqual({ shape: 0, texture: 1 });
    expect(cueOf('polar bear1-dog2.jpg', ['dog', 'polar bear'])).toEqual({ shape: 1, texture: 0 });
    expect(cueOf('cat7.png', ['cat', 'dog'])).toBeUndefined();
    const classes = ['cat', 'dog', 'car'];
    // Features follow the shape for all but every fourth picture; every fifth has both cues of one class.
    const names = Array.from({ length: 60 }, (_, i) => {
      const [own, other] = [classes[i % 3], classes[(i + 1) % 3]];
      if (i % 5 === 0) return `${own}1-${own}2.png`;
      return i % 4 === 0 ? `${other}1-${own}2.png` : `${own}1-${other}2.png`;
    });
    const cell = cellOf({ classes, names, distance: 8 });
    expect(protocol('shape-bias').refuses!(cell)).toBeUndefined();
    const found = await protocol('shape-bias').run(cell);
    expect(found.details).toMatchObject({ conflicts: 48, by: 'logistic' });
    expect(found.metrics['shape bias']).toBeCloseTo(36 / 48, 1);
    expect(protocol('shape-bias').refuses!(cellOf({}))).toMatch(/shape1-texture2/);
    expect(protocol('zero-shot').refuses!(cellOf({}))).toMatch(/text tower/);
  });

  it('refuses options that it does not know', () => {
    for (const p of PROTOCOLS) expect(() => p.settings({ [p.name]: { nonsense: 1 } })).toThrow(p.name);
    expect(protocol('knn').settings({ knn: { k: 10 } })).toMatchObject({ k: [10], temperature: [0.07] });
    expect(() => protocol('linear').settings({ linear: { lrs: [] } })).toThrow(/options of linear: lrs/);
  });
});
