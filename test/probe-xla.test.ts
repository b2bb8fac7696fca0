import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { resolveSettings } from '../src/config/resolve.js';
import { openEncoder } from '../src/encoders/open-encoder.js';
import { trainCost } from '../src/learn/cost.js';
import { knnClassify } from '../src/probe/knn.js';
import type { Labelled } from '../src/probe/labelled.js';
import { linearProbe } from '../src/probe/linear.js';
import { logisticProbe } from '../src/probe/logistic.js';
import type { ProbeReport } from '../src/probe/report-types.js';
import { Rng } from '../src/rng.js';
import type { Executors } from '../src/runtime/executor.js';
import { cpuExecutors, openExecutors } from '../src/runtime/open-executors.js';
import type { StageHooks } from '../src/stage.js';
import { command } from './command.js';
import { MICRO, micro } from './micro.js';
import { relativeDifference, testSeed } from './numbers.js';
import { writeEncoder, writeImages } from './tiny-encoder.js';
import { sayNotRun, xlaPlugin } from './xla.js';

/** Encoders, probes and the commands that use them, through XLA on a CPU beside ONNX Runtime. */

const plugin = xlaPlugin();
if (!plugin) sayNotRun('encoder, probes, eval and embed through XLA');
const seed = testSeed('probe-xla.test.ts');
const settings = resolveSettings({ flags: { ...MICRO, 'probe.linear.epochs': 10 } });

describe.runIf(plugin)(`through XLA (seed ${seed})`, { timeout: 240_000 }, () => {
  const runtime = { provider: 'xla', plugin, threads: 0, devices: 1 } as const;
  const ort = cpuExecutors(1);
  let root: string;
  let encoder: string;
  let xla: Executors;

  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'synclr-probe-xla-'));
    encoder = join(root, 'encoder');
    await writeEncoder(encoder, settings);
    await writeImages(join(root, 'colours'), { train: 12, test: 6 });
    xla = await openExecutors(runtime);
  }, 120_000);
  afterAll(async () => {
    await Promise.all([xla?.close(), ort.close()]);
    rmSync(root, { recursive: true });
  });

  /** Features of 70 images, which are no whole number of runs, at a side that position embeddings are resampled to. */
  async function features(executors: Executors) {
    const opened = await openEncoder({ checkpoint: encoder, size: 24, executors });
    try {
      const rng = Rng.of(seed, 'pixels');
      const pixels = Float32Array.from({ length: 70 * 3 * 24 * 24 }, () => rng.normal());
      const { cls, patches } = await opened.encode(pixels, 70, { patches: true });
      const alone = await opened.encode(pixels, 70);
      expect(relativeDifference(alone.cls, cls)).toBeLessThan(1e-6);
      return { cls, patches: patches!, hash: opened.hash };
    } finally {
      await opened.close();
    }
  }

  test('features are those of ONNX Runtime, and take their place', async () => {
    const [theirs, ours] = [await features(ort), await features(xla)];
    const by = [relativeDifference(ours.cls, theirs.cls), relativeDifference(ours.patches, theirs.patches)];
    console.log(`XLA and ONNX Runtime: relative difference of features ${by.map((d) => d.toExponential(1))}`);
    expect(Math.max(...by)).toBeLessThan(1e-5);
    expect(ours.hash).toBe(theirs.hash);
  });

  test('two devices share the images', async () => {
    const two = await openExecutors({ ...runtime, devices: 2 });
    try {
      const [one, both] = [await features(xla), await features(two)];
      expect(relativeDifference(both.cls, one.cls)).toBeLessThan(1e-6);
      expect(relativeDifference(both.patches, one.patches)).toBeLessThan(1e-6);
    } finally {
      await two.close();
    }
  });

  test('features in bfloat16 are near, and never taken for those in float32', async () => {
    const narrow = await openExecutors({ ...runtime, precision: 'bfloat16' });
    try {
      const [exact, near] = [await features(xla), await features(narrow)];
      expect(near.hash).not.toBe(exact.hash);
      expect(near.hash).toMatch(/^[0-9a-f]{64}$/);
      const by = relativeDifference(near.cls, exact.cls);
      expect(by).toBeGreaterThan(1e-5);
      expect(by).toBeLessThan(0.02);
    } finally {
      await narrow.close();
    }
  });

  test('kNN, linear and logistic probes name the same classes', async () => {
    const part = (n: number): Labelled => {
      const rng = Rng.of(seed, 'classes', n);
      const labels = Int32Array.from({ length: n }, (_, i) => i % 3);
      const x = Float32Array.from({ length: n * 16 }, () => rng.normal());
      for (let i = 0; i < n; i++) x[i * 16 + labels[i]] += 1.5;
      return { x, dim: 16, labels };
    };
    const [train, held] = [part(300), part(150)];
    const same = async (what: string, probe: (on: Executors) => Promise<Int32Array>) => {
      const [theirs, ours] = [await probe(ort), await probe(xla)];
      const differ = theirs.filter((c, i) => c !== ours[i]).length;
      // What lies between two classes to float32's rounding may fall to either side.
      expect(differ, what).toBeLessThanOrEqual(1);
      expect(theirs.filter((c, i) => c === held.labels[i]).length, what).toBeGreaterThan(75);
    };
    const o = { classes: 3, validation: 0.2, seed: 0 };
    await same('kNN', (on) => knnClassify(train, held, { classes: 3, k: 20, temperature: 0.07, on }));
    const linear = { ...o, lrs: [1e-4, 0.01, 0.1], epochs: 20, batch: 64, momentum: 0.9 };
    const rates: number[] = [];
    await same('linear', async (on) => {
      const { predictions, lr } = await linearProbe(train, held, { ...linear, on });
      rates.push(lr);
      return predictions;
    });
    expect(rates[1]).toBe(rates[0]);
    await same('logistic', async (on) => (await logisticProbe(train, held, { ...o, l2s: [1, 100], on })).predictions);
  });

  test('training’s cost is measured there', async () => {
    const hooks: StageHooks = { signal: new AbortController().signal, progress: () => {}, warn: () => {} };
    const here = { ...settings, runtime: { ...settings.runtime, ...runtime, plugin: plugin! } };
    const { seconds, basis } = await trainCost({ settings: here, dir: root, hooks });
    expect(basis).toMatch(/ GFLOP\/s measured here on XLA on .+ \(float32\)$/);
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThan(60);
  });

  const onXla = ['--provider', 'xla', '--runtime.plugin', plugin!];

  test('synclr eval gives the table of the CPU, and says what ran it', async () => {
    const evaluated = async (out: string, runsOn: string[]) => {
      const flags = [
        ...micro({ 'probe.linear.epochs': 10, 'probe.heldOutClasses': 0, 'probe.ownClasses': 0 }),
        '--eval',
        'colours=colours',
      ];
      const { code, stdout, stderr } = await command(
        ['eval', '--out', out, '--checkpoint', 'encoder', ...flags, ...runsOn],
        root,
      );
      expect(code, stdout + stderr).toBe(0);
      const report = JSON.parse(readFileSync(join(root, out, 'probes.json'), 'utf8')) as ProbeReport;
      return { text: stdout + stderr, rows: report.datasets[0].rows.map((r) => [r.features, r.knn, r.linear]) };
    };
    const theirs = await evaluated('cpu', ['--provider', 'cpu']);
    const ours = await evaluated('xla', onXla);
    expect(theirs.text).toContain('encoder and probes run on ONNX Runtime on the CPU');
    expect(ours.text).toMatch(/encoder and probes run on XLA on .+ \(float32\)/);
    expect(ours.rows).toEqual(theirs.rows);
    expect(ours.rows).toHaveLength(3);
  });

  test('synclr embed gives the vectors of the CPU, and says what ran it', async () => {
    const embedded = async (out: string, runsOn: string[]) => {
      const args = ['embed', 'colours', '--encoder', 'encoder', '--out', out, ...runsOn];
      const { code, stdout, stderr } = await command(args, root);
      expect(code, stdout + stderr).toBe(0);
      const lines = readFileSync(join(root, out), 'utf8').trim().split('\n');
      return { text: stdout + stderr, vectors: lines.flatMap((line) => JSON.parse(line).feature as number[]) };
    };
    const [theirs, ours] = [await embedded('cpu.jsonl', ['--provider', 'cpu']), await embedded('xla.jsonl', onXla)];
    expect(theirs.vectors).toHaveLength(54 * settings.model.dim);
    expect(relativeDifference(ours.vectors, theirs.vectors)).toBeLessThan(1e-5);
    expect(ours.text).toMatch(/the encoder runs on XLA on .+ \(float32\)/);
  });
});
