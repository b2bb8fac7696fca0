import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { writeImages } from '../../test/tiny-encoder.js';
import { openEvalSet } from '../data/open.js';
import type { EvalSet, EvalSplit } from '../data/set.js';
import { UserError } from '../errors.js';
import { openDataset } from '../probe/datasets.js';
import { extractFeatures as extractForProbes } from '../probe/features.js';
import { pixelSource } from '../probe/sources.js';
import { extractFeatures, readFeatures } from './features.js';

const dir = mkdtempSync(join(tmpdir(), 'features-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const hooks = { signal: new AbortController().signal };
const [mean, std] = [
  [0.5, 0.5, 0.5],
  [0.25, 0.25, 0.25],
];

/** A set of pictures without coding. @param broken numbers of test pictures that cannot be had */
function pixelSet(train: number, test: number, broken: readonly number[] = []): EvalSet {
  const split = (part: string, n: number): EvalSplit => ({
    length: n,
    labels: Int32Array.from({ length: n }, (_, i) => i % 3),
    nameOf: (i) => `${part} ${i}`,
    async read(i) {
      if (part === 'test' && broken.includes(i)) throw new Error('cut off');
      // A view of something larger, as files of many pictures give them.
      const all = Uint8Array.from(
        { length: 3 * 6 * 5 + 10 },
        (_, k) => ((i + 1) * (2 * k + 1) * (part === 'test' ? 17 : 29)) % 251,
      );
      return { width: 6, height: 5, data: all.subarray(10) };
    },
  });
  const close = async () => {};
  return {
    ...{ name: 'made', kind: 'folder', dir: '/made', task: 'single', metric: 'top-1', classes: ['a', 'b', 'c'] },
    ...{ train: split('train', train), test: split('test', test), hash: `${train} ${test}`, remarks: [], close },
    [Symbol.asyncDispose]: close,
  };
}

test('several looks in one pass, on threads and without, over many files of the cache', async () => {
  const set = pixelSet(1100, 40, [0, 39]);
  const sources = [pixelSource(8, mean, std), pixelSource(4, mean, std), pixelSource(8, std, mean)];
  const out = join(dir, 'threads');
  const counted: number[] = [];
  const wrong = await extractFeatures(sources, set, {
    dir: out,
    hooks,
    threads: 2,
    onFeatures: (n) => counted.push(n),
  });
  expect(wrong.size).toBe(0);
  expect(counted.reduce((a, b) => a + b, 0)).toBe(3 * 1140);
  expect(readdirSync(out).flatMap((f) => readdirSync(join(out, f))).length).toBe(3 * (2 + 1));
  for (const source of sources) {
    const { train, test: t, leftOut } = (await readFeatures(source, set, out))!;
    expect(train.index).toEqual(Int32Array.from({ length: 1100 }, (_, i) => i));
    expect(train.labels).toEqual(set.train.labels);
    expect(Array.from(t.index)).toEqual(Array.from({ length: 38 }, (_, i) => i + 1));
    expect(leftOut.test.map((l) => l.name)).toEqual(['test 0', 'test 39']);
    if (source !== sources[0]) continue;
    // One alone, on this thread, sees the same.
    const alone = join(dir, `alone ${source.hash.length} ${source.size}`);
    await extractFeatures([source], set, { dir: alone, hooks, threads: 0 });
    const again = (await readFeatures(source, set, alone))!;
    expect(again.train.x).toEqual(train.x);
    expect(again.test.x).toEqual(t.x);
  }
});

test('the same numbers as a run’s probes', async () => {
  const folder = join(dir, 'colours');
  await writeImages(folder, { train: 5, test: 3 });
  const [set, dataset] = [await openEvalSet({ name: 'colours', dir: folder }), await openDataset('colours', folder)];
  const source = pixelSource(16, mean, std);
  await extractFeatures([source], set, { dir: join(dir, 'new'), hooks });
  const now = (await readFeatures(source, set, join(dir, 'new')))!;
  const probes = (await extractForProbes([source], dataset, { hooks })).get('pixels')!;
  expect(now.train.x).toEqual(probes.train.x);
  expect(now.train.labels).toEqual(probes.train.labels);
  expect(now.test.x).toEqual(probes.test.x);
});

test('an encoder that fails does not take the others with it; a set without a picture is refused', async () => {
  const set = pixelSet(20, 10);
  const good = pixelSource(8, mean, std);
  const bad = {
    ...pixelSource(8, std, std),
    hash: 'bad',
    features: async () => new Float32Array(192 * 20).fill(Number.NaN),
  };
  const wrong = await extractFeatures([bad, good], set, { dir: join(dir, 'bad'), hooks });
  expect([...wrong.keys()]).toEqual([bad]);
  expect(wrong.get(bad)!.message).toMatch(/not finite/);
  expect((await readFeatures(good, set, join(dir, 'bad')))!.test.index).toHaveLength(10);
  expect(await readFeatures(bad, set, join(dir, 'bad'))).toBeUndefined();
  const none = pixelSet(20, 3, [0, 1, 2]);
  await expect(extractFeatures([good], none, { dir: join(dir, 'none'), hooks })).rejects.toThrow(UserError);
  // What is kept of it is no features either.
  await extractFeatures([good], none, { dir: join(dir, 'none'), hooks });
  await expect(readFeatures(good, none, join(dir, 'none'))).rejects.toThrow('none of the 3 test images');
});
