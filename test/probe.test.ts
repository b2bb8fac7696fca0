import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resolveSettings } from '../src/config/resolve.js';
import { openEncoder } from '../src/encoders/open-encoder.js';
import { Interrupted, UserError } from '../src/errors.js';
import { readSafetensors } from '../src/formats/safetensors.js';
import { openDataset } from '../src/probe/datasets.js';
import { embed } from '../src/probe/embed.js';
import { evalCost, evaluate, formatProbeTable } from '../src/probe/evaluate.js';
import { extractFeatures } from '../src/probe/features.js';
import { paintProbes } from '../src/probe/painted-probes.js';
import { PAINTED, readPainted } from '../src/probe/painted-set.js';
import { patchPictures, principalComponents, project } from '../src/probe/pca.js';
import { readPictures } from '../src/probe/pictures-index.js';
import { encoderSource, pixelSource } from '../src/probe/sources.js';
import { shows } from '../src/probe/table.js';
import { writeReport } from '../src/report/report.js';
import { Rng } from '../src/rng.js';
import type { StageHooks } from '../src/stage.js';
import { MICRO } from './micro.js';
import { writeEncoder, writeImages } from './tiny-encoder.js';

const settings = resolveSettings({ flags: { ...MICRO, 'probe.linear.epochs': 10 } });

let root: string;
let images: string;
let encoder: string;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'synclr-probe-'));
  images = join(root, 'colours');
  encoder = join(root, 'encoder');
  await writeImages(images, { train: 12, test: 6 });
  await writeEncoder(encoder, settings);
  // Cut short, and not an image at all.
  truncateSync(join(images, 'train/red/3.jpg'), 600);
  writeFileSync(join(images, 'test/blue/9.png'), 'no image');
}, 120_000);
afterAll(() => rmSync(root, { recursive: true }));

function hooks(signal = new AbortController().signal): StageHooks & { warnings: string[] } {
  const warnings: string[] = [];
  return { signal, progress: () => {}, warn: (line) => warnings.push(line), warnings };
}

describe('evaluate', { timeout: 180_000 }, () => {
  const run = (dir: string, h: StageHooks, changes = settings) =>
    evaluate({ settings: changes, dir, hooks: h, evals: [{ name: 'colours', dir: images }], checkpoint: encoder });

  let unbroken: Awaited<ReturnType<typeof run>>;

  it('probes held-out concepts and folders, with baselines, and names broken images once', async () => {
    const dir = join(root, 'a');
    const h = hooks();
    const report = await run(dir, h);
    unbroken = report;
    expect(JSON.parse(readFileSync(join(dir, 'probes.json'), 'utf8'))).toEqual(report);
    expect(report.datasets.map((d) => d.name)).toEqual(['own-concepts', 'held-out', 'colours']);
    expect(report.missing).toBeUndefined();
    // A held-out caption has two images, an own one has one.
    expect(report.datasets.map((d) => d.testCaptions)).toEqual([undefined, 6, undefined]);
    const colours = report.datasets[2];
    expect(colours).toMatchObject({ train: 35, test: 18, classes: ['blue', 'green', 'red'], chance: 1 / 3 });
    expect(colours.skipped.map((s) => s.file)).toEqual(['train/red/3.jpg', 'test/blue/9.png']);
    expect(h.warnings).toHaveLength(2);
    expect(h.warnings[0]).toContain(join(images, 'train/red/3.jpg'));
    expect(colours.rows.map((r) => r.features)).toEqual(['trained', 'untrained', 'pixels']);
    for (const r of colours.rows) {
      expect(r.linear.top1, r.features).toBeGreaterThan(0.9);
      expect(r.knn.top1, r.features).toBeGreaterThan(0.9);
      expect(settings.probe.linear.lrs).toContain(r.linear.lr);
      for (const { top1, interval } of [r.knn, r.linear]) {
        expect(interval![0]).toBeLessThan(top1);
        expect(interval![1]).toBeGreaterThanOrEqual(top1);
      }
    }
    // All three see colours: nothing is better than anything.
    expect(colours.gains!.map((g) => `${g.probe} ${g.against}`)).toEqual([
      'linear untrained',
      'knn untrained',
      'linear pixels',
      'knn pixels',
    ]);
    for (const g of colours.gains!) expect(shows(g)).toBe('unclear');
    const table = formatProbeTable(report);
    expect(table).toMatch(/held-out +trained/);
    expect(table).toContain('2 broken images skipped');
    expect(Math.max(...table.split('\n').map((l) => l.length))).toBeLessThanOrEqual(100);
  });

  it('keeps what is done: a second run computes nothing, other probe settings only the probes', async () => {
    const dir = join(root, 'a');
    const before = await run(dir, hooks());
    const h = hooks();
    const again = await run(dir, h);
    expect(again.datasets).toEqual(before.datasets);
    expect(h.warnings).toHaveLength(2);
    const kept = readFileSync(join(dir, 'features/colours.trained.safetensors'));
    const other = await run(dir, hooks(), {
      ...settings,
      probe: { ...settings.probe, knn: { k: 1, temperature: 0.07 } },
    });
    expect(other.datasets[2].rows[0].knn.k).toBe(1);
    expect(other.datasets[2].rows[0].seconds.features).toBe(0);
    expect(readFileSync(join(dir, 'features/colours.trained.safetensors'))).toEqual(kept);
  });

  it('stopped and continued, gives the same figures', async () => {
    const dir = join(root, 'b');
    const controller = new AbortController();
    const h = hooks(controller.signal);
    let seen = 0;
    h.progress = () => {
      if (++seen === 2) controller.abort();
    };
    await expect(run(dir, h)).rejects.toThrow(Interrupted);
    const figures = (r: Awaited<ReturnType<typeof run>>) => r.datasets.map((d) => d.rows.map((x) => [x.knn, x.linear]));
    expect(figures(await run(dir, hooks()))).toEqual(figures(unbroken));
  });

  it('makes pictures that the report shows without an encoder', async () => {
    const dir = join(root, 'a');
    const found = await readPictures(dir, 'colours');
    expect(found!.neighbours.length).toBeGreaterThan(3);
    for (const { query, found: near } of found!.neighbours) {
      expect(near.map((n) => n.class)).toEqual(near.map(() => query.class));
      expect(near.every((n, i) => i === 0 || n.similarity <= near[i - 1].similarity)).toBe(true);
      expect(existsSync(join(dir, 'eval/colours', query.image))).toBe(true);
    }
    const page = readFileSync(await writeReport({ dir }), 'utf8');
    expect(page).toContain('Nearest neighbours');
    expect(page).toContain('2 broken images left out');
  });

  it('says what it will cost, and refuses folders before anything else', async () => {
    const dir = join(root, 'none');
    const cost = await evalCost({ settings, dir, hooks: hooks(), evals: [{ name: 'colours', dir: images }] });
    expect(cost.seconds).toBeGreaterThan(0);
    expect(cost.seconds).toBeLessThan(120);
    const o = {
      settings,
      dir,
      hooks: hooks(),
      evals: [{ name: 'x', dir: join(root, 'nowhere') }],
      checkpoint: encoder,
    };
    await expect(evaluate(o)).rejects.toThrow(UserError);
    expect(existsSync(dir)).toBe(false);
  });
});

describe('features', () => {
  it('come from the cache until files or weights change', async () => {
    const data = join(root, 'cached');
    await writeImages(data, { train: 2, test: 1 });
    const opened = await openEncoder({ checkpoint: encoder });
    const source = encoderSource('trained', opened);
    let encoded = 0;
    const counting = {
      ...source,
      features(pixels: Float32Array, n: number) {
        encoded += n;
        return source.features(pixels, n);
      },
    };
    const cache = join(root, 'features');
    const extract = async (s = counting) =>
      (await extractFeatures([s], await openDataset('cached', data), { cache, hooks: hooks() })).get('trained')!;
    const first = await extract();
    expect(encoded).toBe(9);
    expect((await extract()).train).toEqual(first.train);
    expect(encoded).toBe(9);
    await extract({ ...counting, hash: 'other weights' });
    expect(encoded).toBe(18);
    rmSync(join(data, 'train/red/1.jpg'));
    expect((await extract()).train.labels).toHaveLength(5);
    expect(encoded).toBe(26);
    // A damaged file is made anew.
    truncateSync(join(cache, 'cached.trained.safetensors'), 500);
    await extract();
    expect(encoded).toBe(34);
    await opened.close();
  });

  it('of a part whose every image is broken are refused', async () => {
    const data = join(root, 'broken');
    await writeImages(data, { train: 1, test: 1 }, ['a', 'b']);
    for (const c of ['a', 'b']) writeFileSync(join(data, 'test', c, '0.jpg'), 'nothing');
    const source = pixelSource(16, [0, 0, 0], [1, 1, 1]);
    const dataset = await openDataset('broken', data);
    await expect(extractFeatures([source], dataset, { hooks: hooks() })).rejects.toThrow(/none of the 2 test images/);
  });

  it('of raw pixels are at most 32 px wide: means of squares', async () => {
    const source = pixelSource(64, [0, 0, 0], [1, 1, 1]);
    expect(source.dim).toBe(3 * 32 * 32);
    const pixels = Float32Array.from({ length: 3 * 64 * 64 }, (_, i) => i % 64);
    const x = await source.features(pixels, 1);
    expect([...x.subarray(0, 3)]).toEqual([0.5, 2.5, 4.5]);
  });
});

describe('held-out concepts', () => {
  const alone = { ...settings, probe: { ...settings.probe, ownClasses: 0 } };
  const paintHeldOut = async (dir: string, h: StageHooks = hooks(), changes = alone) =>
    (await paintProbes(changes, dir, h)).ready.find((r) => r.name === 'held-out')!.folder;

  it('are painted once, with captions of their own in either part', async () => {
    const dir = join(root, 'held');
    mkdirSync(dir);
    const folder = await paintHeldOut(dir);
    const made = (await readPainted(dir, PAINTED.heldOut))!;
    expect(made.classes).toHaveLength(3);
    const d = await openDataset('held-out', folder);
    expect([d.train.length, d.test.length]).toEqual([12, 12]);
    const captions = (part: typeof d.train) => new Set(part.map((s) => made.captions[s.file]));
    for (const caption of captions(d.test)) expect(captions(d.train).has(caption)).toBe(false);
    let painted = 0;
    const file = join(folder, d.train[0].file);
    const before = readFileSync(file);
    await paintHeldOut(dir, { ...hooks(), progress: (p) => void (painted = p.done) });
    expect(painted).toBe(24);
    // Painted anew for other settings, to the same bytes for the same ones.
    rmSync(folder, { recursive: true });
    await paintHeldOut(dir);
    expect(readFileSync(file)).toEqual(before);
    expect(readdirSync(dir)).toEqual(['heldout']);
  });

  it('are the same bytes on any number of threads', async () => {
    const bytes: Record<string, string>[] = [];
    for (const workers of [1, 2]) {
      const dir = join(root, `threads-${workers}`);
      mkdirSync(dir);
      const many = {
        ...alone,
        probe: { ...alone.probe, heldOutCaptions: 22 },
        images: { ...settings.images, size: 16 },
        runtime: { ...settings.runtime, workers },
      };
      await paintHeldOut(dir, hooks(), many);
      const d = await openDataset('held-out', join(dir, 'heldout'));
      const files = [...d.train, ...d.test].map((s) => s.file);
      expect(files).toHaveLength(3 * 22 * 2);
      bytes.push(Object.fromEntries(files.map((f) => [f, readFileSync(join(d.dir, f)).toString('base64')])));
    }
    expect(bytes[1]).toEqual(bytes[0]);
  });

  it('leave nothing behind when they are interrupted', async () => {
    const dir = join(root, 'stopped');
    mkdirSync(dir);
    await expect(paintHeldOut(dir, hooks(AbortSignal.abort()))).rejects.toThrow(Interrupted);
    expect(readdirSync(dir)).toEqual([]);
  });
});

describe('embed', () => {
  const input = () => join(images, 'test');

  it('writes the same features as lines, NumPy and safetensors, and skips what is broken', async () => {
    const outs = ['f.jsonl', 'f.npy', 'f.safetensors'].map((n) => join(root, 'out', n));
    for (const out of outs) {
      const h = hooks();
      expect(await embed({ encoder, input: input(), out, hooks: h })).toEqual({
        images: 18,
        skipped: 1,
        dim: 32,
        size: 16,
      });
      expect(h.warnings).toHaveLength(1);
      expect(h.warnings[0]).toContain('9.png');
    }
    const lines = readFileSync(outs[0], 'utf8')
      .trim()
      .split('\n')
      .map((l) => JSON.parse(l));
    expect(lines.map((l) => l.file).slice(0, 2)).toEqual(['blue/0.jpg', 'blue/1.jpg']);
    const flat = Float32Array.from(lines.flatMap((l) => l.feature));
    const { data, shape } = (await readSafetensors(outs[2])).tensors.get('features')!;
    expect(shape).toEqual([18, 32]);
    expect(data).toEqual(flat);
    const npy = readFileSync(outs[1]);
    const header = npy.subarray(10, 10 + npy.readUInt16LE(8)).toString('latin1');
    expect(npy.subarray(0, 8).toString('latin1')).toBe('\x93NUMPY\x01\x00');
    expect((10 + header.length) % 64).toBe(0);
    expect(header).toMatch(/^\{'descr': '<f4', 'fortran_order': False, 'shape': \(18, 32\), \} *\n$/);
    expect(
      new Float32Array(npy.buffer.slice(npy.byteOffset + 10 + header.length, npy.byteOffset + npy.length)),
    ).toEqual(flat);
    const names = readFileSync(`${outs[1]}.jsonl`, 'utf8')
      .trim()
      .split('\n')
      .map((l) => JSON.parse(l));
    expect(names[17]).toEqual({ row: 17, file: 'red/5.jpg' });
  });

  it('refuses in one line and leaves nothing behind', async () => {
    const out = join(root, 'refused', 'f.jsonl');
    mkdirSync(join(root, 'refused/empty'), { recursive: true });
    const given = (changes: object) => embed({ encoder, input: input(), out, hooks: hooks(), ...changes });
    await expect(given({ out: 'f.csv' })).rejects.toThrow(/\.jsonl, \.npy, \.safetensors, \.parquet/);
    await expect(given({ input: join(root, 'refused/empty') })).rejects.toThrow(/no images/);
    await expect(given({ input: join(root, 'nowhere') })).rejects.toThrow(UserError);
    await expect(given({ encoder: join(root, 'nowhere') })).rejects.toThrow(UserError);
    await expect(given({ hooks: hooks(AbortSignal.abort()) })).rejects.toThrow(Interrupted);
    expect(readdirSync(join(root, 'refused'))).toEqual(['empty']);
  });
});

describe('principal components', () => {
  it('are the directions of largest variance', () => {
    const rng = Rng.of(3, 'pca');
    const dim = 6;
    const scales = [0.1, 5, 0.1, 2, 0.1, 1];
    const x = Float32Array.from({ length: 500 * dim }, (_, i) => 3 + scales[i % dim] * rng.normal());
    const found = principalComponents(x, dim, 3);
    for (const [a, j] of [1, 3, 5].entries()) expect(found.axes[a][j]).toBeGreaterThan(0.98);
    const scores = project(x, dim, found);
    expect(scores[0].reduce((s, v) => s + v, 0) / 500).toBeCloseTo(0, 5);
  });

  it('tell a subject in the middle from its surroundings', () => {
    const [n, grid, dim] = [2, 8, 5];
    const rng = Rng.of(4, 'pca');
    const inside = (p: number) => p % grid > 1 && p % grid < 6 && Math.floor(p / grid) > 1 && Math.floor(p / grid) < 6;
    const patches = Float32Array.from({ length: n * grid * grid * dim }, (_, i) => {
      const p = Math.floor(i / dim) % (grid * grid);
      return (inside(p) && i % dim === 2 ? -9 : 0) + rng.normal();
    });
    const { foreground, all } = patchPictures(patches, n, grid, dim);
    expect(all).toHaveLength(n * grid * grid * 3);
    for (let i = 0; i < n * grid * grid; i++)
      expect(foreground[i * 4 + 3], `patch ${i}`).toBe(inside(i % (grid * grid)) ? 255 : 0);
  });

  it('of patches that are all alike, or noise, give a picture without a mask', () => {
    const { all, masked, foreground } = patchPictures(new Float32Array(4 * 4 * 3).fill(2), 1, 4, 3);
    expect(new Set(all)).toEqual(new Set([128]));
    expect(masked).toEqual([false]);
    expect([...foreground.subarray(0, 4)]).toEqual([128, 128, 128, 255]);
    const rng = Rng.of(7, 'pca');
    const noise = Float32Array.from({ length: 12 * 12 * 12 * 8 }, () => rng.normal());
    expect(patchPictures(noise, 12, 12, 8).masked).toEqual(Array(12).fill(false));
  });

  it('finds the subject of each image, bright or dark, and none where there is none', () => {
    const [n, grid, dim] = [10, 16, 6];
    const rng = Rng.of(8, 'pca');
    const at = (p: number) => [p % grid, Math.floor(p / grid)];
    // Somewhere else in each image; the last is without.
    const inside = (i: number, p: number) => {
      const [x, y] = at(p);
      return i < n - 1 && Math.hypot(x - 4 - 4 * (i % 3), y - 4 - 4 * Math.floor(i / 3)) < 2.6;
    };
    const patches = Float32Array.from({ length: n * grid * grid * dim }, (_, k) => {
      const [i, p] = [Math.floor(k / dim / (grid * grid)), Math.floor(k / dim) % (grid * grid)];
      // What tells images apart, what tells places apart, the subject.
      const image = k % dim === 0 ? 20 * (i % 2) + i : 0;
      const place = k % dim === 1 ? 4 * at(p)[1] : 0;
      const subject = k % dim === 2 && inside(i, p) ? (i % 2 === 0 ? 8 : -8) : 0;
      return image + place + subject + 0.5 * rng.normal();
    });
    const { foreground, masked } = patchPictures(patches, n, grid, dim);
    expect(masked).toEqual([...Array(n - 1).fill(true), false]);
    for (let i = 0; i < n - 1; i++) {
      const wrong = Array.from({ length: grid * grid }, (_, p) => p).filter(
        (p) => foreground[(i * grid * grid + p) * 4 + 3] > 0 !== inside(i, p),
      );
      expect(wrong.length, `image ${i}`).toBeLessThan(4);
    }
  });
});
