import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { parseJson, readText } from '../../formats/json.js';
import { type SafeTensor, writeSafetensors } from '../../formats/safetensors.js';
import { lloyd } from '../metrics/k-means.js';
import { retrievalScores } from '../metrics/retrieval.js';
import { type Check, KINDS } from './index.js';

const dir = await mkdtemp(join(tmpdir(), 'conventions-'));
afterAll(() => rm(dir, { recursive: true }));

const f32 = (shape: number[], values: readonly number[]): SafeTensor => ({
  ...{ dtype: 'F32', shape, data: Float32Array.from(values) },
});

async function checksOf(name: string, said: unknown, tensors: Record<string, SafeTensor>): Promise<Check[]> {
  const file = join(dir, `${name}.json`);
  await writeSafetensors(join(dir, `${name}.safetensors`), new Map(Object.entries(tensors)));
  await writeFile(file, JSON.stringify(said));
  const json = parseJson(await readText(file), file);
  const all: Check[] = [];
  for await (const check of KINDS.find((k) => k.is(json))!.verify(file)) all.push(check);
  return all;
}

test('what batch normalisation of two values leaves of a gradient is told to five digits', async () => {
  // Normalised to ±e/√(e² + ε), half the difference of the gradients leaves ε / (e² + ε) of itself over √(e² + ε).
  const pairs = [
    [0.3, 0.7],
    [5.1, 5.3],
    [-2.01, 3.77],
    [0.113, 0.127],
  ].map((p) => p.map(Math.fround));
  const dys = [
    [0.9, -1.3],
    [2.2, 0.1],
    [-0.7, 1.9],
    [1.1, 1.7],
  ].map((p) => p.map(Math.fround));
  const eps = 1e-5;
  const out: number[][] = [[], []];
  const dx: number[][] = [[], []];
  pairs.forEach(([a, b], c) => {
    const e = (a - b) / 2;
    const deviation = Math.sqrt(e * e + eps);
    const half = (dys[c][0] - dys[c][1]) / 2;
    out[0].push(e / deviation);
    out[1].push(-e / deviation);
    const left = ((half / deviation) * eps) / (e * e + eps);
    dx[0].push(left);
    dx[1].push(-left);
  });
  const map = (v: number[][]) => f32([2, 4, 1, 1], v.flat());
  const turn = (v: number[][]) => [0, 1].map((n) => v.map((p) => p[n]));
  const checks = await checksOf(
    'two',
    { cases: [{ name: 'a', op: 'batch_norm_train', inputs: { x: [2, 4, 1, 1] }, eps }] },
    { 'a/in.x': map(turn(pairs)), 'a/grad_out': map(turn(dys)), 'a/out': map(out), 'a/grad.x': map(dx) },
  );
  expect(checks.map((c) => c.name)).toEqual(['a out', 'a grad.x']);
  for (const { bar } of checks) expect(bar).toBe(5e-6);
  expect(checks.filter((c) => !(c.off <= c.bar))).toEqual([]);
});

test('a loss of no pixel is no number, and moves nothing', async () => {
  const labels: SafeTensor = { dtype: 'I32', shape: [1, 1, 2], data: Int32Array.of(255, 255) };
  const one = (by: string) => ({
    ...{ name: by, op: 'cross_entropy_ignore', inputs: { x: [1, 2, 1, 2], labels: [1, 1, 2] }, divide_by: by },
  });
  const tensors = (by: string, value: number) => ({
    [`${by}/in.x`]: f32([1, 2, 1, 2], [1, 2, 3, 4]),
    [`${by}/in.labels`]: labels,
    [`${by}/grad_out`]: f32([], [1]),
    [`${by}/out`]: f32([], [value]),
    [`${by}/grad.x`]: f32([1, 2, 1, 2], [0, 0, 0, 0]),
  });
  const said = { cases: [one('all_pixels'), one('valid_pixels')] };
  const right = { ...tensors('all_pixels', 0), ...tensors('valid_pixels', Number.NaN) };
  expect((await checksOf('none', said, right)).filter((c) => !(c.off <= c.bar))).toEqual([]);
  const wrong = { ...right, ...tensors('all_pixels', Number.NaN) };
  expect((await checksOf('none', said, wrong)).filter((c) => !(c.off <= c.bar)).map((c) => c.name)).toEqual([
    'all_pixels out',
  ]);
});

test('k-means that starts at its end makes one round', async () => {
  const found = await lloyd(Float32Array.of(0, 1, 5), 1, Float64Array.of(0, 1, 5));
  expect(found).toMatchObject({ rounds: 1, inertia: 0, history: [0], labels: Int32Array.of(0, 1, 2) });
  const later = await lloyd(Float32Array.of(0, 1, 5, 6), 1, Float64Array.of(0, 1));
  expect([...later.centres]).toEqual([0.5, 5.5]);
});

test('queries that have nothing to find are left out, or found nothing', () => {
  const found = [
    { relevant: 2, ranks: Int32Array.of(1, 3) },
    { relevant: 0, ranks: new Int32Array() },
  ];
  expect(retrievalScores(found, [1])).toMatchObject({
    mAP: (1 + 2 / 3) / 2,
    MRR: 1,
    hit: { 1: 1 },
    recall: { 1: 0.5 },
  });
  const zero = retrievalScores(found, [1], 'zero');
  expect(zero).toMatchObject({ mAP: (1 + 2 / 3) / 4, MRR: 0.5, hit: { 1: 0.5 }, recall: { 1: 0.25 } });
});
