import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testSeed } from '../../test/numbers.js';
import { options } from '../../test/small-corpus.js';
import { writeCaptions } from '../corpus/captions-stage.js';
import { imagesDir, writeImages } from '../corpus/images-stage.js';
import type { Batch } from './batch.js';
import { Kernels } from './kernels.js';
import { ViewLoader } from './loader.js';
import { applyPhotometric, photometricWidth } from './photometric.js';

const seed = testSeed('loader.test.ts');

describe('ViewLoader', () => {
  let dir: string;
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'synclr-loader-'));
    await writeCaptions(options(dir));
    await writeImages(options(dir));
  });
  afterAll(() => rmSync(dir, { recursive: true }));
  const settings = (changes: Record<string, unknown> = {}) =>
    options(dir, { seed, 'views.localCount': 2, 'model.patch': 4, ...changes }).settings;
  const open = (changes: Record<string, unknown> = {}) =>
    ViewLoader.open({ settings: settings(changes), corpusDir: imagesDir(dir) });

  /** What of a batch must not depend on how it was made. */
  const content = (b: Batch) => [b.index, [...b.labels], [...b.masked], b.globalCrops.slice(), b.localCrops.slice()];

  it('gives the same batches whatever the threads, the memory and the order of asking', async () => {
    const one = await open({ 'runtime.workers': 1 });
    const expected = new Map<number, unknown[]>();
    for (const t of [0, 1, 2, 3, 9, 10, 11, 12]) expected.set(t, content(await one.batch(t)));
    await one.close();
    const three = await open({ 'runtime.workers': 3, 'runtime.cacheMb': 0, 'runtime.prefetch': 2 });
    for (const t of [9, 10, 11, 0, 1, 2, 3, 12]) {
      const batch = await three.batch(t);
      expect(content(batch)).toEqual(expected.get(t));
      three.release(batch);
    }
    await three.close();
    expect(expected.get(0)![3]).not.toEqual(expected.get(1)![3]);
  });

  it('gives bytes and numbers that make the very crops it gives as floats', async () => {
    const floats = await open();
    const bytes = await ViewLoader.open({ settings: settings(), corpusDir: imagesDir(dir), crops: 'bytes' });
    const { views } = settings();
    for (const t of [0, 1, 5]) {
      const [a, b] = [await floats.batch(t), await bytes.batch(t)];
      expect([b.index, b.labels, b.masked]).toEqual([a.index, a.labels, a.masked]);
      expect(finished(b.globalCrops, b.globalPhotometric, views.globalSize)).toEqual(a.globalCrops);
      expect(finished(b.localCrops, b.localPhotometric, views.localSize)).toEqual(a.localCrops);
      floats.release(a);
      bytes.release(b);
    }
    await Promise.all([floats.close(), bytes.close()]);

    function finished(crops: Uint8Array, numbers: Float32Array, size: number): Float32Array {
      const n = 3 * size * size;
      const width = photometricWidth(views, size);
      const out = new Float32Array(crops.length);
      for (let r = 0; r < crops.length / n; r++) {
        const crop = Kernels.get().put('crop', crops.subarray(r * n, (r + 1) * n));
        applyPhotometric(crop, numbers.subarray(r * width, (r + 1) * width), size, views, out.subarray(r * n));
      }
      return out;
    }
  });

  it('uses memory again that is given back, and does not trip over memory that was moved away', async () => {
    const loader = await open({ 'runtime.workers': 1, 'runtime.prefetch': 1 });
    const first = await loader.batch(0);
    const { globalCrops } = first;
    loader.release(first);
    const second = await loader.batch(1);
    // It has gone to the thread and come back under another name.
    expect(globalCrops.length).toBe(0);
    const kept = content(second);
    structuredClone(second.globalCrops, { transfer: [second.globalCrops.buffer as ArrayBuffer] });
    loader.release(second);
    loader.release(await loader.batch(2));
    expect(content(await loader.batch(1))).toEqual(kept);
    await loader.close();
  });

  it('says how long it was waited for', async () => {
    const loader = await open({ 'runtime.workers': 1, 'runtime.prefetch': 3 });
    expect(loader.waited).toBe(0);
    const began = performance.now();
    await loader.batch(0);
    const first = loader.waited;
    expect(first).toBeGreaterThan(0);
    expect(first).toBeLessThanOrEqual((performance.now() - began) / 1000);
    // What is there already is not waited for.
    await new Promise((resolve) => setTimeout(resolve, 1500));
    await loader.batch(1);
    expect(loader.waited - first).toBeLessThan(0.2);
    await loader.close();
  });
});
