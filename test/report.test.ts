import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resolveSettings } from '../src/config/resolve.js';
import { writeCaptions } from '../src/corpus/captions-stage.js';
import { writeImages as paintImages } from '../src/corpus/images-stage.js';
import { UserError } from '../src/errors.js';
import { evaluate } from '../src/probe/evaluate.js';
import type { Gain, ProbeReport } from '../src/probe/report-types.js';
import { trainingCharts } from '../src/report/charts.js';
import { html } from '../src/report/html.js';
import { makingCard } from '../src/report/making.js';
import { readMetrics } from '../src/report/metrics.js';
import { writeReport } from '../src/report/report.js';
import { readRun } from '../src/report/run-data.js';
import { reportIsOld, summarise } from '../src/report/summary.js';
import { type Evidence, verdict } from '../src/report/verdict.js';
import { Rng } from '../src/rng.js';
import type { StageHooks } from '../src/stage.js';
import { MICRO } from './micro.js';
import { writeEncoder, writeImages } from './tiny-encoder.js';

const settings = resolveSettings({ flags: MICRO });
const hooks: StageHooks = { signal: new AbortController().signal, progress: () => {}, warn: () => {} };
/** Everywhere that a user's words can get into the page. */
const NASTY = `<script>alert("x")</script>'&amp;`;

let root: string;
let whole: string;

/** Rows as training logs them, with health now and then. */
function metrics(steps: number, changes: (step: number) => Record<string, number | null> = () => ({})): string {
  const rng = Rng.of(5, 'report test');
  return Array.from({ length: steps }, (_, i) => {
    const row: Record<string, unknown> = {
      step: i + 1,
      loss: 8 + 5 * Math.exp(-i / 100) + 0.2 * rng.normal(),
      global_crop_contrast_loss: 3 + 0.1 * rng.normal(),
      ibot_loss: 5,
      dino_loss: 0,
      lr: 1e-3 * (1 - i / steps),
      images_per_s: 200 + 10 * rng.normal(),
      something_new: i,
      note: 'no number',
    };
    if (i % 10 === 0)
      Object.assign(row, { feature_std: 0.7, feature_rank: 30, positive_similarity: 0.8, negative_similarity: 0.3 });
    return JSON.stringify({ ...row, ...changes(i + 1) });
  }).join('\n');
}

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'synclr-report-'));
  whole = join(root, 'whole');
  mkdirSync(join(whole, 'train'), { recursive: true });
  writeFileSync(
    join(whole, 'config.json'),
    JSON.stringify({ synclr: '0.1.0', preset: 'tiny', command: `synclr run ${NASTY}`, settings }),
  );
  await writeCaptions({ settings, dir: whole, hooks });
  await paintImages({ settings, dir: whole, hooks });
  writeFileSync(join(whole, 'train/metrics.jsonl'), `${metrics(120)}\n{"step": 121, "lo`);
  const images = join(root, 'colours');
  await writeImages(images, { train: 6, test: 4 }, ['red', 'green', `b<b>"'&`]);
  await writeEncoder(join(root, 'encoder'), settings);
  await evaluate({
    settings,
    dir: whole,
    hooks,
    evals: [{ name: 'colours', dir: images }],
    checkpoint: join(root, 'encoder'),
  });
  await writeReport({ dir: whole });
}, 120_000);
afterAll(() => rmSync(root, { recursive: true }));

describe('the report of a run', () => {
  it('holds all its parts and escapes what it is told', () => {
    const page = readFileSync(join(whole, 'report.html'), 'utf8');
    for (const part of [
      'linear on own-concepts',
      'linear on colours',
      'Against the untrained network',
      'dimmed: of another class',
      'Contrastive loss',
      'Something new',
      'raw pixels',
      'positives',
      'How it was made',
      'globalSize',
    ])
      expect(page).toContain(part);
    expect(page).not.toContain('Dino loss');
    expect(page).not.toContain('<script>alert');
    expect(page).toContain('&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&#39;&amp;amp;');
    expect(page).not.toContain('b<b>');
    expect(page).not.toMatch(/\b(undefined|NaN|\[object)/);
    expect(page.match(/<(img|link|script|iframe)[^>]+(src|href)="(?!data:|#)/g)).toBeNull();
  });

  it('is written from any state of a run, and says what is missing', async () => {
    const dir = join(root, 'empty');
    mkdirSync(dir);
    const page = async () => readFileSync(await writeReport({ dir }), 'utf8');
    const first = await page();
    // No section is empty: what is not there yet is one line that says how to go on.
    const sections = (text: string) => [...text.matchAll(/<section id="(\w+)">/g)].map(([, id]) => id);
    const commands = (text: string) => [...text.matchAll(/<code>(synclr (?!run)\w+)/g)].map(([, c]) => c);
    expect([sections(first), commands(first)]).toEqual([[], ['synclr captions']]);
    writeFileSync(join(dir, 'config.json'), JSON.stringify({ synclr: '0.1.0', preset: 'tiny', command: '', settings }));
    await writeCaptions({ settings, dir, hooks });
    const written = await page();
    expect(written).toContain('not painted yet');
    expect([sections(written), commands(written)]).toEqual([['corpus', 'settings'], ['synclr images']]);
    cpSync(join(whole, 'images'), join(dir, 'images'), { recursive: true });
    mkdirSync(join(dir, 'train'));
    writeFileSync(join(dir, 'train/metrics.jsonl'), '');
    const painted = await page();
    expect(painted).toContain('Not trained yet');
    expect([sections(painted), commands(painted)]).toEqual([['corpus', 'settings'], ['synclr train']]);
    writeFileSync(join(dir, 'train/metrics.jsonl'), metrics(1));
    expect(await page()).toContain('Trained for 1 of 24 steps');
    writeFileSync(join(dir, 'train/metrics.jsonl'), metrics(24));
    const trained = await page();
    expect([sections(trained), commands(trained)]).toEqual([['training', 'corpus', 'settings'], ['synclr eval']]);
    expect(trained).toContain('is not measured yet');
    // Probed, with nothing to probe: the reason, and no command that would end the same way.
    const none = { ...JSON.parse(readFileSync(join(whole, 'probes.json'), 'utf8')), datasets: [] };
    none.encoder.origin = 'step-00000024.safetensors (teacher)';
    none.missing = [{ name: 'own-concepts', why: 'the list has one concept' }];
    writeFileSync(join(dir, 'probes.json'), JSON.stringify(none));
    const probed = await page();
    expect([sections(probed), commands(probed)]).toEqual([['probes', 'training', 'corpus', 'settings'], []]);
    expect(probed).toContain('the list has one concept');
    expect(await reportIsOld(dir)).toBe(false);
    // Trained on since.
    none.encoder.origin = 'step-00000012.safetensors (teacher)';
    writeFileSync(join(dir, 'probes.json'), JSON.stringify(none));
    utimesSync(join(dir, 'report.html'), 1e9, 1e9);
    expect(await reportIsOld(dir)).toBe(true);
    const later = await page();
    expect(later).toContain('The figures are of step 12; training has come to 24 since.');
    expect([await reportIsOld(dir), commands(later)]).toEqual([false, ['synclr eval']]);
    writeFileSync(join(dir, 'probes.json'), '{"format": 1, "data');
    const broken = await page();
    expect(broken).toContain('Not all of the run could be read');
    expect(broken).toContain('probes.json is not JSON: ');
  });

  it('says what is damaged, and shows the rest', async () => {
    const dir = join(root, 'damaged');
    cpSync(whole, dir, { recursive: true });
    const page = async () => readFileSync(await writeReport({ dir }), 'utf8');
    const log = join(dir, 'train/metrics.jsonl');
    const rows = readFileSync(log, 'utf8').split('\n').slice(0, 20);
    const bad = ['{"step": 21, "loss": NaN}', '[]', '{"loss": 1}', '{"step": "22"}', '{"step": 7, "loss": 1}'];
    writeFileSync(
      log,
      [...rows, ...bad, '{"step": 23, "loss": 1e999, "lr": "x"}', '{"step": 24, "loss": 2}', ''].join('\n'),
    );
    const found = (await readMetrics(log))!;
    expect(found).toMatchObject({ steps: 24, rows: 22 });
    expect(found.problems).toEqual([
      expect.stringMatching(/metrics\.jsonl: line 21 is not JSON: .*, and 1 more row of that kind$/),
      expect.stringMatching(/metrics\.jsonl: line 23 has no step, and 1 more row of that kind$/),
      expect.stringMatching(/metrics\.jsonl: line 25: step 7 comes after step 20$/),
      expect.stringMatching(/metrics\.jsonl: line 26: loss is Infinity$/),
    ]);
    const text = await page();
    expect(text).toContain('line 21 is not JSON');
    expect(text).toContain('24 steps');
    writeFileSync(log, 'no\n');
    expect((await readRun(dir)).problems).toEqual([expect.stringMatching(/metrics\.jsonl: line 1 is not JSON/)]);

    const probes = JSON.parse(readFileSync(join(whole, 'probes.json'), 'utf8'));
    const damaged = async (change: (p: typeof probes) => void, problem: RegExp) => {
      const copy = structuredClone(probes);
      change(copy);
      writeFileSync(join(dir, 'probes.json'), JSON.stringify(copy));
      const run = await readRun(dir);
      expect(run.problems).toContainEqual(expect.stringMatching(problem));
      expect(await page()).toContain('Not all of the run could be read');
    };
    await damaged((p) => delete p.datasets[0].rows[0].knn, /probes\.json: datasets\.0\.rows\.0\.knn: Invalid input/);
    await damaged((p) => (p.datasets[0].skipped = [NASTY]), /probes\.json: datasets\.0\.skipped\.0: /);
    await damaged((p) => (p.datasets[0].name = '../../etc'), /datasets\.0\.name: is no name of a data set/);
    await damaged((p) => (p.datasets[0].chance = '1e999'), /datasets\.0\.chance: Invalid input/);
    await damaged((p) => (p.format = 2), /probes\.json: format: Invalid input: expected 1/);
    writeFileSync(join(dir, 'probes.json'), JSON.stringify(probes));
    writeFileSync(join(dir, 'config.json'), '{"settings": {"train": 3}}');
    expect((await readRun(dir)).problems).toContainEqual(expect.stringMatching(/config\.json: settings\.train: /));
  });

  it('holds no other files than pictures that lie in the run', async () => {
    const dir = join(root, 'embeds');
    cpSync(whole, dir, { recursive: true });
    const folder = join(dir, 'eval/colours');
    const index = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8'));
    const secret = join(root, 'secret.txt');
    writeFileSync(secret, 'a secret');
    const jpeg = readFileSync(join(folder, '000.jpg'));
    const refused = async (change: (i: typeof index) => void, problem: RegExp) => {
      const copy = structuredClone(index);
      change(copy);
      writeFileSync(join(folder, 'index.json'), JSON.stringify(copy));
      const run = await readRun(dir);
      expect(run.pictures.map((p) => p.dataset)).not.toContain('colours');
      expect(run.problems).toEqual([expect.stringMatching(problem)]);
    };
    const name = /index\.json: pca\.0\.image: is no name of a picture beside it/;
    for (const image of [
      '../../../secret.txt',
      secret,
      '/etc/passwd',
      'data:,x',
      'http://x/y.jpg',
      '..',
      'x"y.jpg',
      'a\0.jpg',
    ])
      await refused((i) => (i.pca[0].image = image), name);
    const page = readFileSync(await writeReport({ dir }), 'utf8');
    expect(page).not.toContain(Buffer.from('a secret').toString('base64').slice(0, 8));
    await refused((i) => (i.pca[0].all = 'index.json'), /index\.json: pca\.0\.all: is no name/);
    await refused((i) => (i.neighbours[0].query.image = 'gone.jpg'), /eval\/colours\/gone\.jpg is missing$/);
    writeFileSync(join(folder, 'text.jpg'), 'a secret');
    await refused((i) => (i.pca[0].image = 'text.jpg'), /text\.jpg is no image \(JPEG, PNG or WebP\)$/);
    writeFileSync(join(folder, 'svg.png'), '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>');
    await refused((i) => (i.pca[0].all = 'svg.png'), /svg\.png is no image/);
    writeFileSync(join(folder, 'cut.jpg'), jpeg.subarray(0, 9));
    await refused((i) => (i.pca[0].image = 'cut.jpg'), /cut\.jpg cannot be decoded: /);
    writeFileSync(join(folder, 'large.jpg'), Buffer.concat([jpeg, Buffer.alloc(5_000_000)]));
    await refused((i) => (i.pca[0].image = 'large.jpg'), /large\.jpg: \d+ bytes are too many for a report/);
    symlinkSync(secret, join(folder, 'link.jpg'));
    await refused((i) => (i.pca[0].image = 'link.jpg'), /link\.jpg is a link or lies behind one: a report only holds/);
    mkdirSync(join(folder, 'folder.jpg'));
    await refused((i) => (i.pca[0].image = 'folder.jpg'), /folder\.jpg: not a file/);
    // The folder itself, led elsewhere.
    renameSync(folder, join(root, 'moved'));
    symlinkSync(join(root, 'moved'), folder);
    await refused(() => {}, /\.jpg is a link or lies behind one/);
  });

  it('says how captions and images were made, and what was thrown away', async () => {
    const run = await readRun(whole);
    const text = (r: typeof run) =>
      makingCard(r)!
        .text.replace(/<dt>|<\/dl>/g, '\n')
        .replace(/<\/dt><dd>/g, ': ')
        .replace(/<[^>]*>/g, '')
        .split('\n');
    const plain = text(run);
    expect(plain).toContain('writer: embedded');
    expect(plain).toContain('painter: embedded');
    expect(plain).toContain('side: 32 px');
    expect(plain.some((line) => /^(model|temperature|scheduler|reasons)/.test(line))).toBe(false);

    const drawn = { ...run.samples[0].record, writer: 'openai', writerModel: NASTY };
    const painted = {
      ...{ painter: 'diffusion', painterModel: NASTY, painterHash: 'f'.repeat(64), scheduler: 'ddim' },
      ...{ steps: 20, guidance: 2.5, size: 64, paintSize: 512, negative: 'text' },
    };
    const real = text({
      ...run,
      samples: [
        { record: { ...drawn, ...painted }, images: [] },
        { record: { ...drawn, ...painted, painterModel: 'other' }, images: [] },
      ],
      captions: {
        ...run.captions!,
        done: 75,
        rejected: { 'cut off': 5, 'concept missing': 20, 'near-duplicate, kept': 3 },
      },
      images: { ...run.images!, rejected: { blank: 1234, 'blank, kept': 2 } },
    });
    const nasty = '&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&#39;&amp;amp;';
    for (const line of [
      `model: ${nasty}`,
      `model: ${nasty}; other`,
      'temperature, top-p: 0.8, 0.9',
      'rejected: 25, 25.0 % of all',
      'reasons: 20 concept missing, 5 cut off',
      'kept all the same: 3 near-duplicate',
      'identified by: ffffffffffffffff',
      'scheduler: ddim',
      'steps: 20',
      'guidance: 2.5',
      'side: 64 px, painted at 512 px',
      'repainted (blank): 1,234',
      'kept all the same: 2 blank',
    ])
      expect(real).toContain(line);
  });

  it('of no folder is refused', async () => {
    await expect(writeReport({ dir: join(root, 'nowhere') })).rejects.toThrow(UserError);
  });
});

describe('metrics of a long run', () => {
  it('are read into few buckets whose means are exact', async () => {
    const file = join(root, 'long.jsonl');
    const n = 12_345;
    writeFileSync(
      file,
      Array.from({ length: n }, (_, i) => JSON.stringify({ step: i + 1, x: i, y: i % 7 })).join('\n'),
    );
    const m = (await readMetrics(file))!;
    expect([m.steps, m.rows]).toEqual([n, n]);
    const { points, last } = m.series.get('x')!;
    expect(points.length).toBeGreaterThan(150);
    expect(points.length).toBeLessThanOrEqual(400);
    expect(last).toBe(n - 1);
    // Values that grow by one a step lie at their bucket's middle.
    for (const p of points) expect(p.mean).toBeCloseTo(p.step - 1, 6);
    expect([points[0].min, points.at(-1)!.max]).toEqual([0, n - 1]);
  });
});

describe('health in words', () => {
  const judged = async (changes: (step: number) => Record<string, number | null>) => {
    const file = join(root, 'health.jsonl');
    writeFileSync(file, metrics(100, changes));
    return verdict({ metrics: (await readMetrics(file))! });
  };
  it.each([
    ['bad', /collapsed: features hardly differ/, { feature_std: 0.01 }],
    ['bad', /one direction only/, { feature_rank: 1.2 }],
    ['warn', /That is few/, { feature_rank: 3 }],
    ['warn', /hardly closer/, { positive_similarity: 0.5, negative_similarity: 0.5 }],
    ['warn', /1\.0 % of the prototypes/, { prototype_use: 0.01, teacher_entropy: 0.5 }],
    ['open', /cosine of 0\.80, images of different captions at 0\.30/, {}],
  ] as const)('%s: %s', async (level, words, last) => {
    const v = (await judged((step) => (step > 50 && step % 10 === 1 ? last : {})))!;
    expect(v.level).toBe(level);
    expect(v.remarks.join(' ')).toMatch(words);
  });
  it('is silent without measurements', async () => {
    expect(await judged(() => ({ feature_std: null, feature_rank: null }))).toBeUndefined();
  });
});

describe('what probes say', () => {
  /** A data set of 1,000 test images and ten classes: shares right, and differences with their intervals. */
  const dataset = (
    linear: number,
    gains: Partial<Record<Gain['against'], [difference: number, low: number, high: number]>>,
  ): ProbeReport['datasets'][number] => {
    const row = (features: 'trained' | 'untrained', share: number) => ({
      features,
      dim: 8,
      knn: { top1: share, meanPerClass: share, k: 20, temperature: 0.07 },
      linear: { top1: share, meanPerClass: share, lr: 1, validation: [], train: 1 },
      seconds: { features: 0, knn: 0, linear: 0 },
      key: '',
    });
    return {
      ...{ name: 'own-concepts', dir: '', kind: 'own-concepts', classes: [...'abcdefghij'], train: 600, test: 1000 },
      ...{ split: 'test', skipped: [], chance: 0.1, majority: 0.1, rows: [row('trained', linear)] },
      gains: Object.entries(gains).flatMap(([against, [difference, ...interval]]) =>
        (['linear', 'knn'] as const).map(
          (probe): Gain => ({
            ...{ probe, difference, interval },
            against: against as Gain['against'],
          }),
        ),
      ),
    };
  };
  const probes = (...datasets: ProbeReport['datasets']): ProbeReport => ({
    ...{ format: 1, synclr: '', written: '', encoder: { origin: '', hash: '', dim: 8, patch: 4 }, size: 32 },
    datasets,
  });
  const neighbours = (same: number, share: number): NonNullable<Evidence['pictures']> => {
    const picture = (name: string) => ({ image: 'a.jpg', file: '', class: name, similarity: 1 });
    const found = Array.from({ length: 36 }, (_, i) => picture(i < same ? 'a' : 'b'));
    const agreement = { images: 1000, share, chance: 0.1 };
    return [{ dataset: 'own-concepts', neighbours: [{ query: picture('a'), found }], agreement }];
  };
  const healthy = async (last: Record<string, number> = {}) => {
    const file = join(root, 'healthy.jsonl');
    writeFileSync(
      file,
      metrics(100, (step) => (step > 50 && step % 10 === 1 ? last : {})),
    );
    return (await readMetrics(file))!;
  };
  const better = { untrained: [0.1, 0.06, 0.14], pixels: [0.05, 0.01, 0.09] } as const;
  const unclear = { untrained: [0.02, -0.02, 0.06] } as const;

  it.each([
    ['good', 'better, and neighbours agree', dataset(0.4, { ...better } as never), neighbours(9, 0.25), {}],
    ['warn', 'a difference that luck might make', dataset(0.4, { ...unclear } as never), neighbours(9, 0.25), {}],
    ['warn', 'neighbours that share nothing', dataset(0.4, { ...better } as never), neighbours(0, 0.25), {}],
    ['warn', 'neighbours as any', dataset(0.4, { ...better } as never), neighbours(9, 0.11), {}],
    [
      'warn',
      'worse than pixels',
      dataset(0.4, { ...better, pixels: [-0.1, -0.2, -0.01] } as never),
      neighbours(9, 0.25),
      {},
    ],
    ['warn', 'few directions', dataset(0.4, { ...better } as never), neighbours(9, 0.25), { feature_rank: 3 }],
    ['bad', 'guessing', dataset(0.11, { ...better } as never), neighbours(9, 0.25), {}],
    ['bad', 'worse than untrained', dataset(0.3, { untrained: [-0.1, -0.2, -0.01] }), neighbours(9, 0.25), {}],
    ['bad', 'collapse', dataset(0.4, { ...better } as never), neighbours(9, 0.25), { feature_std: 0.01 }],
    ['open', 'no baselines', dataset(0.4, {}), neighbours(9, 0.25), {}],
  ] as const)('%s: %s', async (level, _, d, pictures, last) => {
    const v = verdict({ metrics: await healthy(last), probes: probes(d), pictures })!;
    expect([v.level, v.remarks.length > 0]).toEqual([level, true]);
    // Without a log of training, the probes alone decide.
    if (Object.keys(last).length === 0) expect(verdict({ probes: probes(d), pictures })!.level).toBe(level);
  });

  it('one set that shows nothing is enough to look again', async () => {
    const both = probes(dataset(0.4, { ...better } as never), { ...dataset(0.4, { ...unclear } as never), name: 'x' });
    expect(verdict({ metrics: await healthy(), probes: both })!.level).toBe('warn');
  });

  it('is there as data', async () => {
    const s = await summarise(whole);
    expect(s.probes!.datasets.map((d) => d.name)).toEqual(['own-concepts', 'held-out', 'colours']);
    expect(s.report).toEqual({ path: join(whole, 'report.html'), old: false });
    expect(s.images).toEqual({ done: 96, total: 96 });
    expect(s.verdict!.level).not.toBe('good');
    expect(JSON.parse(JSON.stringify(s)).steps).toEqual({ done: 120, total: 24 });
  });
});

describe('charts', () => {
  it('show no curve twice', async () => {
    const file = join(root, 'twice.jsonl');
    writeFileSync(
      file,
      metrics(50, (step) => ({ global_crop_contrast_loss: 3 + step, total_contrast_loss: 3 + step })),
    );
    const drawn = trainingCharts((await readMetrics(file))!).flatMap((g) => g.charts.map((c) => c.text));
    expect(drawn.filter((c) => c.includes('Contrastive loss'))).toHaveLength(1);
    expect(drawn.filter((c) => c.includes('Total contrast loss'))).toEqual([]);
    expect(drawn.filter((c) => c.includes('Something new'))).toHaveLength(1);
  });
});

describe('markup', () => {
  it('escapes text, keeps markup, leaves out what is not there', () => {
    expect(html`<p title="${`"'`}">${'<i>'}${html`<b>${1}</b>`}${undefined}${false}${['&', html`<hr>`]}</p>`.text).toBe(
      '<p title="&quot;&#39;">&lt;i&gt;<b>1</b>&amp;<hr></p>',
    );
  });
});

describe('in a browser', () => {
  const executablePath = [
    process.env.SYNCLR_CHROMIUM,
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  ].find((path) => path !== undefined && existsSync(path));
  let browser: Browser | undefined;
  beforeAll(async () => {
    if (executablePath) browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
    else console.log('no Chromium here (SYNCLR_CHROMIUM names one): the report is not looked at in a browser');
  }, 60_000);
  afterAll(() => browser?.close());

  it.each([
    ['desk', 1280, 'light'],
    ['phone', 360, 'dark'],
  ] as const)('on a %s it has no errors, asks for nothing and fits', async (_, width, colorScheme) => {
    if (!browser) return;
    const tab = await browser.newPage({ viewport: { width, height: 800 }, colorScheme });
    const said: string[] = [];
    const asked: string[] = [];
    tab.on('console', (m) => said.push(m.text()));
    tab.on('pageerror', (e) => said.push(String(e)));
    tab.on('request', (r) => asked.push(r.url()));
    const url = pathToFileURL(join(whole, 'report.html')).href;
    await tab.goto(url, { waitUntil: 'load' });
    // Values under the pointer.
    const chart = tab.locator('.chart').first();
    await chart.scrollIntoViewIfNeeded();
    const before = await chart.locator('output').textContent();
    const box = (await chart.locator('svg').boundingBox())!;
    await tab.mouse.move(box.x + box.width * 0.3, box.y + box.height / 2);
    expect(await chart.locator('.at').textContent()).toMatch(/^step \d+$/);
    expect(await chart.locator('output').textContent()).not.toBe(before);
    await tab.mouse.move(0, 0);
    expect(await chart.locator('output').textContent()).toBe(before);
    // As text: the project's types know no DOM.
    const page = await tab.evaluate<Record<'images' | 'broken' | 'overflow' | 'bars', number>>(`({
      images: document.images.length,
      broken: [...document.images].filter((i) => !i.complete || i.naturalWidth === 0).length,
      overflow: document.documentElement.scrollWidth - innerWidth,
      bars: [...document.querySelectorAll('.fill')].filter((f) => f.offsetWidth > 0).length,
    })`);
    expect(page.images).toBeGreaterThan(60);
    expect(page.bars).toBeGreaterThan(0);
    expect(page).toMatchObject({ broken: 0, overflow: 0 });
    expect(said).toEqual([]);
    expect(asked.filter((u) => !u.startsWith('data:'))).toEqual([url]);
    await tab.close();
  });
});
