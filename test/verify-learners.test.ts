import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { type SafeTensor, writeSafetensors } from '../src/formats/safetensors.js';
import { Rng } from '../src/rng.js';
import { testSeed } from './numbers.js';
import {
  differences,
  plainImageText,
  plainMultiPositive,
  plainNtXent,
  plainSupervised,
  rowsOf,
} from './plain-losses.js';
import { sayNotRun, xlaPlugin } from './xla.js';

const seed = testSeed('verify-learners.test.ts');
const root = fileURLToPath(new URL('..', import.meta.url));
const recorded = join(root, process.env.SYNCLR_LEARNERS ?? '../shared/reference/evaluation/learners');
const dir = mkdtempSync(join(tmpdir(), 'synclr-losses-'));
afterAll(() => rmSync(dir, { recursive: true }));

function verify(...args: string[]): Promise<{ code: number; lines: string[]; stderr: string }> {
  return new Promise((done) => {
    execFile(process.execPath, [join(root, 'dist/cli/verify-learners.js'), ...args], (error, stdout, stderr) =>
      done({ code: error ? Number(error.code) : 0, lines: stdout.trimEnd().split('\n'), stderr }),
    );
  });
}

describe('recorded losses', () => {
  if (!existsSync(recorded)) {
    test('are not here', () => console.log(`no recorded losses at ${recorded} (SYNCLR_LEARNERS): not compared`));
    return;
  }
  test('and gradients are ours', async () => {
    const { code, lines, stderr } = await verify(recorded);
    console.log(lines.join('\n'));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(lines.length).toBeGreaterThanOrEqual(18);
    for (const line of lines) expect(line).toMatch(/^ok {2} /);
  });

  const plugin = xlaPlugin();
  if (!plugin) sayNotRun('recorded losses through XLA');
  test.runIf(plugin)('through XLA, too', { timeout: 60_000 }, async () => {
    const { code, lines } = await verify('--provider', 'xla', '--plugin', plugin!, recorded);
    expect(code, lines.join('\n')).toBe(0);
  });
});

type Values = Record<string, { shape: number[]; data: number[] | Int32Array }>;

/** A case worked out by plain loops: inputs that have gradients, what else it has, and its loss as a function of the inputs. */
interface Case {
  inputs: Values;
  fixed?: Values;
  loss: (x: Record<string, number[]>) => number;
  said?: Record<string, unknown>;
}

/** Writes cases as files of recorded losses. */
async function write(name: string, cases: Record<string, Case>, more: Record<string, unknown> = {}): Promise<string> {
  const folder = join(dir, name);
  mkdirSync(folder, { recursive: true });
  const tensors = new Map<string, SafeTensor>();
  const said: Record<string, unknown> = { ...more };
  for (const [key, { inputs, fixed = {}, loss, said: own }] of Object.entries(cases)) {
    const f32 = (n: string, shape: number[], data: ArrayLike<number>) =>
      tensors.set(`${key}/${n}`, { dtype: 'F32', shape, data: Float32Array.from(data) });
    const values = Object.fromEntries(
      Object.entries(inputs).map(([n, v]) => [n, Array.from(Float32Array.from(v.data as number[]))]),
    );
    for (const [n, { shape }] of Object.entries(inputs)) {
      f32(n, shape, values[n]);
      f32(
        `grad.${n}`,
        shape,
        differences((x) => loss({ ...values, [n]: x }), values[n]),
      );
    }
    for (const [n, { shape, data }] of Object.entries(fixed))
      tensors.set(`${key}/${n}`, { dtype: 'I32', shape, data: Int32Array.from(data) });
    said[key] = { loss: loss(values), ...own };
  }
  await writeSafetensors(join(folder, 'losses.safetensors'), tensors, {});
  writeFileSync(join(folder, 'losses.json'), JSON.stringify(said));
  return folder;
}

const rng = Rng.of(seed, 'cases');
const normal = (...shape: number[]) => ({
  shape,
  data: Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => rng.normal()),
});
const labels = (data: number[], ...shape: number[]) => ({
  shape: shape.length ? shape : [data.length],
  data: Int32Array.from(data),
});

function randomCases(): Record<string, Case> {
  const [n, c, dim, k, views] = [2 + rng.int(3), 3 + rng.int(3), 4 + rng.int(5), 3 + rng.int(4), 2 + rng.int(2)];
  const [temperature, base, logScale, smoothing] = [rng.range(0.15, 0.9), rng.range(0.05, 0.9), rng.range(0, 4), 0.3];
  const rows = n * c;
  const byCaption = Array.from({ length: rows }, (_, i) => i % c);
  const threes = Array.from({ length: 9 }, (_, i) => i % 3);
  const classes = Array.from({ length: c }, () => rng.int(2));
  const own = (x: number[], of = byCaption) => plainMultiPositive(rowsOf(x, dim), of, temperature);
  const cross = (x: Record<string, number[]>, i: string, t: string) => (of: number[]) =>
    plainImageText(rowsOf(x[i], dim), rowsOf(x[t], dim), of, x.log_scale[0]);
  // [images, views, dim] → rows view by view.
  const viewMajor = (x: number[]) => {
    const all = rowsOf(x, dim);
    return Array.from({ length: views * c }, (_, r) => all[(r % c) * views + Math.floor(r / c)]);
  };
  const ofViews = Array.from({ length: views * c }, (_, r) => classes[r % c]);
  return {
    stablerep_random: {
      inputs: { feats: normal(rows, dim) },
      fixed: { labels: labels(byCaption) },
      loss: (x) => own(x.feats),
      said: { temperature },
    },
    stablereppp_random: {
      inputs: {
        ...{ image_feats: normal(rows, dim), image_emb: normal(rows, dim), text_emb: normal(c, dim) },
        log_scale: { shape: [], data: [logScale] },
      },
      fixed: { image_labels: labels(byCaption), text_labels: labels([...Array(c).keys()], c, 1) },
      loss: (x) => 0.4 * own(x.image_feats) + 1.3 * cross(x, 'image_emb', 'text_emb')(byCaption),
      said: { temperature, w1: 0.4, w2: 1.3 },
    },
    ntxent_threes: {
      inputs: { embeddings: normal(9, dim) },
      fixed: { labels: labels(threes) },
      loss: (x) => plainNtXent(rowsOf(x.embeddings, dim), threes, temperature),
      said: { temperature },
    },
    supcon_random: {
      inputs: { features: normal(c, views, dim) },
      fixed: { labels: labels(classes) },
      loss: (x) => plainMultiPositive(viewMajor(x.features), ofViews, temperature, { base }),
      said: { temperature, base_temperature: base },
    },
    supcon_one_random: {
      inputs: { features: normal(c, views, dim) },
      fixed: { labels: labels(classes) },
      loss: (x) => plainMultiPositive(viewMajor(x.features), ofViews, temperature, { anchors: c }),
      said: { temperature, base_temperature: temperature, contrast_mode: 'one: only view 0 is an anchor' },
    },
    clip_random: {
      inputs: { image: normal(c, dim), text: normal(c, dim), log_scale: { shape: [], data: [logScale] } },
      loss: (x) => cross(x, 'image', 'text')([...Array(c).keys()]),
      said: { log_scale: logScale },
    },
    supervised_random: {
      inputs: { features: normal(rows, dim), weight: normal(k, dim), bias: normal(k) },
      fixed: { labels: labels(byCaption.map((x) => x % k)) },
      loss: (x) =>
        plainSupervised(
          rowsOf(x.features, dim),
          rowsOf(x.weight, dim),
          x.bias,
          byCaption.map((v) => v % k),
          smoothing,
        ),
      said: { label_smoothing: smoothing },
    },
  };
}

test('cases of random sizes, worked out by plain loops, are agreed with; one that is off is named, with exit 1', async () => {
  const cases = randomCases();
  const clamp = {
    range: [-0.5, 1.25],
    cases: [
      { start: 1.2, lr: 0.04, steps: 5, gradient: 'constant -2', value: 1.25, scale: Math.exp(1.25) },
      { start: 0, lr: 0.1, steps: 2, gradient: 'constant +1', value: -0.2 },
      { start: -0.4, lr: 0.1, steps: 9, gradient: 'constant 3', value: -0.5 },
    ],
  };
  const good = await verify(await write('good', cases, { clamp }));
  expect(good.stderr).toBe('');
  expect(good.lines.filter((l) => !l.startsWith('ok '))).toEqual([]);
  expect(good.code).toBe(0);
  expect(good.lines).toHaveLength(8);

  const { clip_random: one } = cases;
  const off = { ...one, loss: (x: Record<string, number[]>) => one.loss(x) * (1 + 5e-5) };
  const bad = await verify(await write('bad', { ...cases, clip_random: off }));
  expect(bad.code).toBe(1);
  expect(bad.lines.filter((l) => l.startsWith('OFF'))).toEqual([expect.stringContaining('clip_random')]);
}, 60_000);

test('what is no folder of cases is one line and exit 2', async () => {
  const cases = { stablerep: randomCases().stablerep_random };
  const broken = async (name: string, said: unknown) => {
    const folder = await write(name, cases);
    writeFileSync(join(folder, 'losses.json'), typeof said === 'string' ? said : JSON.stringify(said));
    return folder;
  };
  const wrong: [string, RegExp][] = [
    [join(dir, 'nowhere'), /no such folder/],
    [await broken('text', '{'), /is not JSON/],
    [await broken('list', [1]), /expected a JSON object/],
    [await broken('other', { other: {} }), /belongs to no case/],
    [await broken('cold', { stablerep: { loss: 1 } }), /no temperature/],
    [await broken('words', { stablerep: { loss: 'x', temperature: 1 } }), /case stablerep: loss/],
    [await broken('silent', { stablerep: { temperature: 1 } }), /says no loss/],
  ];
  for (const [place, message] of wrong) {
    const { code, stderr } = await verify(place);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
  }
}, 60_000);
