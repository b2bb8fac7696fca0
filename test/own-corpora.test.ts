import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { packTar } from 'modern-tar';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resolveSettings } from '../src/config/resolve.js';
import type { Settings } from '../src/config/schema.js';
import { writeCaptions } from '../src/corpus/captions-stage.js';
import { writeImages } from '../src/corpus/images-stage.js';
import { linkCorpus } from '../src/corpus/link.js';
import { train } from '../src/learn/train.js';
import { evaluate } from '../src/probe/evaluate.js';
import { Rng } from '../src/rng.js';
import { readRunConfig } from '../src/run/config.js';
import type { StageHooks } from '../src/stage.js';
import { CaptionOrder, drawImages } from '../src/views/order.js';
import { command } from './command.js';
import { MICRO, micro } from './micro.js';
import { testSeed } from './numbers.js';

/** A run can start at any stage, with captions or images of whomever. */

const seed = testSeed('own-corpora.test.ts');
const cifar = resolve(import.meta.dirname, '..', process.env.SYNCLR_DATA ?? '../shared/data', 'cifar10');
let cwd: string;
const at = (...names: string[]) => join(cwd, ...names);
const hooks: StageHooks = { signal: new AbortController().signal, progress() {}, warn() {} };
const own = (changes: Record<string, unknown> = {}): Settings => resolveSettings({ flags: { ...MICRO, ...changes } });

beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'own-corpora-'));
});
afterAll(() => rmSync(cwd, { recursive: true }));

/** The curve of a run: all that metrics.jsonl says but how long it took. */
function curve(dir: string): Record<string, number>[] {
  const lines = readFileSync(join(dir, 'train', 'metrics.jsonl'), 'utf8')
    .trim()
    .split('\n');
  return lines.map((line) => {
    const { images_per_s: _, data_wait: __, ...rest } = JSON.parse(line) as Record<string, number>;
    return rest;
  });
}

async function tar(file: string, members: readonly (readonly [string, Buffer | string])[]): Promise<void> {
  const entries = members.map(([name, body]) => {
    const bytes = Buffer.from(body as string);
    return { header: { name, size: bytes.length, type: 'file' as const }, body: new Uint8Array(bytes) };
  });
  writeFileSync(file, await packTar(entries));
}

describe('images that one run painted and another reads as images of its own', { timeout: 240_000 }, () => {
  it('teach the same, loss for loss', async () => {
    const settings = own({ 'train.steps': 12 });
    await writeCaptions({ settings, dir: at('a'), hooks });
    await writeImages({ settings, dir: at('a'), hooks });
    await train({ settings, dir: at('a'), hooks });
    mkdirSync(at('plain'));
    for (const name of readdirSync(at('a/images')).filter((n) => n.endsWith('.tar')))
      writeFileSync(at('plain', name), readFileSync(at('a/images', name)));
    const linked = await linkCorpus(at('plain'), { run: at('b'), hooks });
    expect(linked.suggested).toEqual({ 'images.perCaption': 4 });
    await train({ settings, dir: at('b'), hooks, corpus: at('plain') });
    expect(curve(at('a')).length).toBe(12);
    expect(curve(at('b'))).toEqual(curve(at('a')));
    // The classes of its captions are the concepts.
    const classes = linked.record.sources![0].classes;
    expect(classes).toBe(new Set(JSON.stringify([...names(at('a'))]).match(/"[^"]*"/g)).size);
    // Another number of threads and a broken-off run change nothing.
    const stop = new AbortController();
    const broken: StageHooks = {
      ...hooks,
      signal: stop.signal,
      progress: (p) => p.stage === 'train' && p.done >= 7 && stop.abort(),
    };
    const other = own({ 'train.steps': 12, 'runtime.workers': 3 });
    await train({ settings: other, dir: at('c'), hooks: broken, corpus: at('plain') }).catch(() => {});
    expect(curve(at('c')).length).toBeLessThan(12);
    await train({ settings: other, dir: at('c'), hooks });
    expect(curve(at('c'))).toEqual(curve(at('a')));
  });
});

/** Concepts of a run's captions. */
function* names(dir: string): Generator<string> {
  for (const name of readdirSync(join(dir, 'captions')).filter((n) => n.endsWith('.jsonl')))
    for (const line of readFileSync(join(dir, 'captions', name), 'utf8')
      .trim()
      .split('\n'))
      yield (JSON.parse(line) as { concept: string }).concept;
}

describe('photographs as img2dataset packs them', { timeout: 240_000 }, () => {
  it('teach SimCLR and supervision', async () => {
    if (!existsSync(join(cifar, 'train'))) {
      console.log(`no ${cifar}: not tried`);
      return;
    }
    mkdirSync(at('cifar'));
    const classes = readdirSync(join(cifar, 'train')).sort();
    const files = (part: string, n: number) =>
      Array.from({ length: n }, (_, k) => k).flatMap((k) =>
        classes.map(
          (c) => [c, readFileSync(join(cifar, part, c, readdirSync(join(cifar, part, c)).sort()[k]))] as const,
        ),
      );
    const rows = files('train', 60);
    for (const [shard, from] of [0, 300].entries())
      await tar(
        at('cifar', `0000${shard}.tar`),
        rows.slice(from, from + 300).flatMap(([c, jpg], i): [string, Buffer | string][] => {
          const key = `0000${shard}${String(i).padStart(4, '0')}`;
          const caption = `a photo of a ${c}`;
          const json = JSON.stringify({ caption, class: c, key, status: 'success', url: 'x', width: 32, height: 32 });
          return [
            [`${key}.jpg`, jpg],
            [`${key}.txt`, caption],
            [`${key}.json`, json],
          ];
        }),
      );
    for (const [part, list] of [
      ['train', files('train', 30)],
      ['test', files('test', 20)],
    ] as const)
      for (const [k, [c, jpg]] of list.entries()) {
        mkdirSync(at('probe', part, c), { recursive: true });
        writeFileSync(at('probe', part, c, `${k}.jpg`), jpg);
      }
    const more = {
      ...{ 'images.perCaption': 1, 'views.globalSize': 16, 'model.patch': 4, 'train.captionsPerBatch': 32 },
      ...{ 'captions.count': 600, 'views.localCount': 0, 'train.checkpointEvery': 200, 'train.healthEvery': 50 },
    };
    for (const [method, steps] of [
      ['simclr', 60],
      ['supervised', 180],
    ] as const) {
      const flags: Record<string, unknown> = { ...MICRO, ...more, 'train.steps': steps, 'learn.method': method };
      // Settings of another learner's heads.
      for (const name of Object.keys(flags)) if (/^learn\.(?!method)/.test(name)) delete flags[name];
      const settings = resolveSettings({ flags });
      await train({ settings, dir: at(method), hooks, corpus: at('cifar') });
      const losses = curve(at(method)).map((l) => l.loss);
      const mean = (x: number[]) => x.reduce((a, b) => a + b, 0) / x.length;
      const [first, last] = [mean(losses.slice(0, 10)), mean(losses.slice(-10))];
      console.log(`${method}: loss ${first.toFixed(3)} → ${last.toFixed(3)} in ${steps} steps`);
      expect(last).toBeLessThan(first - (method === 'simclr' ? 0.5 : 0.1));
      expect(readRunConfig(at(method))!.corpus!.sources![0]).toMatchObject({
        form: 'webdataset',
        classes: 10,
        captions: 600,
      });
      if (method === 'simclr') continue;
      const { datasets } = await evaluate({
        settings,
        dir: at(method),
        hooks,
        evals: [{ name: 'cifar', dir: at('probe') }],
      });
      const knn = datasets.find((d) => d.name === 'cifar')!.rows[0].knn.top1;
      console.log(`supervised: ${(100 * knn).toFixed(1)} % of 200 held-out photographs of ten classes (chance: 10 %)`);
      // Chance, and three standard errors of it.
      expect(knn).toBeGreaterThan(0.1 + 3 * Math.sqrt((0.1 * 0.9) / 200));
    }
  });
});

const SCRIPT = `
const { linkCorpus } = await import(new URL('corpus/link.js', process.env.DIST).href);
const hooks = { signal: new AbortController().signal, progress: () => process.stdout.write('.'), warn() {} };
await linkCorpus(process.env.CORPUS, { run: process.env.RUN, noteEvery: 5, hooks });
process.stdout.write('done');
`;

/** Indexes in a process of its own, killed so many milliseconds after it has said how far it is. @returns whether it came to its end */
function index(corpus: string, run: string, after?: number): Promise<boolean> {
  const env = { ...process.env, DIST: new URL('../dist/', import.meta.url).href, CORPUS: corpus, RUN: run };
  return new Promise((done, failed) => {
    const child = spawn(process.execPath, [at('index.mjs')], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.on('data', (d) => {
      if (text === '' && after !== undefined) setTimeout(() => child.kill('SIGKILL'), after);
      text += d;
    });
    child.on('error', failed);
    child.on('close', (code) =>
      code === 0 || code === null ? done(text.endsWith('done')) : failed(new Error(`code ${code}`)),
    );
  });
}

describe('an index', { timeout: 240_000 }, () => {
  it('is the same after kill -9, at whichever moment', async () => {
    writeFileSync(at('index.mjs'), SCRIPT);
    mkdirSync(at('many'));
    const rng = Rng.of(seed, 'kill');
    for (let shard = 0; shard < 4; shard++) {
      const members: [string, Buffer | string][] = [];
      for (let i = 0; i < 150; i++) {
        const side = 8 + rng.int(60);
        const background = { r: rng.int(256), g: i, b: shard };
        const png = await sharp({ create: { width: side, height: side, channels: 3, background } })
          .png()
          .toBuffer();
        members.push(
          [`${i}.png`, rng.chance(0.05) ? png.subarray(0, png.length - 20) : png],
          [`${i}.txt`, `caption ${shard} ${i}`],
        );
      }
      await tar(at('many', `${shard}.tar`), members);
    }
    const parts = (run: string): Record<string, string> => {
      const [folder] = existsSync(at(run, 'corpus'))
        ? readdirSync(at(run, 'corpus')).filter((n) => !n.endsWith('.json'))
        : [];
      if (folder === undefined) return {};
      return Object.fromEntries(
        readdirSync(at(run, 'corpus', folder)).map((n) => [n, readFileSync(at(run, 'corpus', folder, n), 'utf8')]),
      );
    };
    expect(await index(at('many'), at('whole'))).toBe(true);
    let killed = 0;
    let noted = 0;
    for (let tries = 0; tries < 4; tries++) {
      if (await index(at('many'), at('broken'), rng.uniform() * 60)) break;
      killed++;
      if (Object.keys(parts('broken')).includes('progress.json')) noted++;
    }
    expect(await index(at('many'), at('broken'))).toBe(true);
    console.log(`killed ${killed} times, ${noted} of them behind a note`);
    expect(noted).toBeGreaterThan(0);
    expect(parts('broken')).toEqual(parts('whole'));
    expect(Object.keys(JSON.parse(parts('whole')['index.json']).bad)).toEqual(['cannot be decoded']);
  });
});

describe('several sources', () => {
  it('are drawn from as often as their weights say, each caption once an epoch', () => {
    const rng = Rng.of(seed, 'mix');
    for (let round = 0; round < 20; round++) {
      const perBatch = 4 + rng.int(60);
      const weights = Array.from({ length: 2 + rng.int(3) }, () => 0.05 + rng.uniform());
      const total = weights.reduce((a, b) => a + b, 0);
      const parts = weights.map((w) => ({ captions: perBatch + 1 + rng.int(300), share: w / total }));
      const order = new CaptionOrder(parts, perBatch, seed);
      const starts = parts.map((_, k) => parts.slice(0, k).reduce((sum, p) => sum + p.captions, 0));
      const drawn = parts.map((p) => new Int32Array(p.captions));
      const batches = 400;
      const other = new CaptionOrder(parts, perBatch, seed);
      for (let t = 0; t < batches; t++) {
        const batch = order.batch(t);
        expect(batch.length).toBe(perBatch);
        expect(new Set(batch).size).toBe(perBatch);
        // Alone it is what it is in order.
        if (t % 50 === 0) expect(other.batch(t)).toEqual(batch);
        for (const i of batch) {
          const k = starts.findLastIndex((s) => s <= i);
          drawn[k][i - starts[k]]++;
        }
      }
      for (const [k, { share, captions }] of parts.entries()) {
        const sum = drawn[k].reduce((a, b) => a + b, 0);
        // Quotas, not chance: off by rounding alone.
        expect(Math.abs(sum - share * batches * perBatch)).toBeLessThan(parts.length + 1);
        const expected = sum / captions;
        // Blocks leave over less than one batch's share an epoch: no caption is drawn more often than epochs have begun.
        const most = Math.ceil(perBatch * share) + 1;
        const epochs = Math.ceil(batches / Math.floor(captions / most));
        expect(Math.max(...drawn[k])).toBeLessThanOrEqual(epochs);
        // Where it is drawn from much, all of it is.
        if (expected > 20) expect(Math.min(...drawn[k])).toBeGreaterThan(0);
      }
    }
  });

  it('of many images a caption takes some at random, of few all again and again', () => {
    const counts = new Int32Array(10);
    for (let t = 0; t < 2000; t++) {
      const some = drawImages(10, 4, Rng.of(seed, 'images', t));
      expect(new Set(some).size).toBe(4);
      for (const j of some) counts[j]++;
    }
    // 2000 draws of p = 0.4: within five standard errors.
    for (const c of counts) expect(Math.abs(c - 800)).toBeLessThan(5 * Math.sqrt(2000 * 0.4 * 0.6));
    expect(drawImages(2, 5, Rng.of(0, 'x'))).toEqual([0, 1, 0, 1, 0]);
    expect(drawImages(1, 3, Rng.of(0, 'x'))).toEqual([0, 0, 0]);
    expect(drawImages(4, 4, Rng.of(0, 'x'))).toEqual([0, 1, 2, 3]);
  });
});

describe('the command line', { timeout: 240_000 }, () => {
  it('begins with captions of one’s own, and with images of several sources', async () => {
    const lines = Array.from(
      { length: 40 },
      (_, i) =>
        `a ${['red', 'green', 'old', 'small'][i % 4]} ${['fox', 'boat', 'teapot', 'chair', 'lamp', 'horse', 'kettle', 'bridge', 'guitar', 'apple'][i >> 2]} beside a window`,
    );
    writeFileSync(at('captions.txt'), `${lines.join('\n')}\nsee www.example.com\n`);
    const settings = Object.fromEntries(Object.entries(MICRO).filter(([n]) => n !== 'captions.count'));
    const flags = (s: Record<string, unknown>) => Object.entries(s).flatMap(([n, v]) => [`--${n}`, String(v)]);
    const r = await command(
      ['run', '--captions.source', 'captions.txt', '--out', 'own', ...flags({ ...settings, 'train.steps': 6 })],
      cwd,
    );
    expect(r, r.stdout + r.stderr).toMatchObject({ code: 0 });
    expect(r.stdout).toMatch(/captions\.txt: 40 captions of 41 rows; dropped: 1 not a caption/);
    expect(readRunConfig(at('own'))!.settings.captions).toMatchObject({ source: 'captions.txt', count: 40 });
    const again = await command(['run', '--out', 'own'], cwd);
    expect(again, again.stdout + again.stderr).toMatchObject({ code: 0 });

    for (const [k, c] of ['cat', 'dog'].entries())
      for (let i = 0; i < 12; i++) {
        mkdirSync(at('photos', c), { recursive: true });
        const background = { r: 20 * i, g: 90 * k, b: 5 };
        writeFileSync(
          at('photos', c, `${i}.png`),
          await sharp({ create: { width: 90, height: 50 + i, channels: 3, background } })
            .png()
            .toBuffer(),
        );
      }
    const training = Object.fromEntries(
      Object.entries(settings).filter(([n]) => !/^(?:concepts|captions|images|probe)\./.test(n)),
    );
    const mixed = [
      'train',
      '--corpus',
      'own=3',
      '--corpus',
      'photos=1,photographed',
      '--out',
      'mixed',
      ...flags({ ...training, 'images.size': 32 }),
    ];
    const m = await command([...mixed, '--train.steps', '6'], cwd);
    expect(m, m.stdout + m.stderr).toMatchObject({ code: 0 });
    expect(m.stdout).toMatch(/64 captions with 184 images are in 2 sources/);
    expect(m.stdout).toMatch(
      /photos: a folder a class, 24 captions with 24 images, 2 classes; photographed; 25 % of the draws/,
    );
    const { corpus } = readRunConfig(at('mixed'))!;
    expect(corpus!.sources!.map((s) => [s.origin, s.share])).toEqual([
      ['synclr', 0.75],
      ['photographed', 0.25],
    ]);
    const report = await command(['report', '--out', 'mixed'], cwd);
    expect(report, report.stderr).toMatchObject({ code: 0 });
    const said = 'Of the images drawn 75 % painted by synclr; 25 % photographed.';
    expect(readFileSync(at('mixed/report.html'), 'utf8').includes(said)).toBe(true);
    // Files that changed are noticed before a step is made.
    rmSync(at('photos/cat/3.png'));
    rmSync(at('mixed/checkpoints'), { recursive: true });
    const refused = await command(['train', '--out', 'mixed'], cwd);
    expect(refused.stderr).toMatch(
      /^synclr: the corpus of mixed has changed since: files of .*photos have other names, sizes or times/,
    );
    expect(refused.code).toBe(2);
    const wrong = await command(['train', '--corpus', 'photos,photos', '--out', 'x'], cwd);
    expect(wrong.stderr).toMatch(/unknown word "photos"/);
    expect(micro().length).toBeGreaterThan(0);
  });
});
