import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testSeed } from '../../test/numbers.js';
import { randomPair, SMALL } from '../../test/small-step.js';
import { UserError } from '../errors.js';
import { Rng } from '../rng.js';
import {
  checkpointName,
  checkpointSteps,
  endPruning,
  loadCheckpoint,
  pruneCheckpoints,
  saveCheckpoint,
} from './checkpoint.js';
import { studentParameters } from './programs.js';

const seed = testSeed('checkpoint.test.ts');
const specs = studentParameters(SMALL);
let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'checkpoint-'));
});
afterAll(() => rm(dir, { recursive: true }));

function state(step: number) {
  const rng = Rng.of(seed, step);
  const { student, teacher } = randomPair(SMALL, rng);
  const moments = new Map([...student].map(([name, x]) => [name, { m: x.map((v) => v / 2), v: x.map((v) => v * v) }]));
  const centres = new Map([['ibot', Float32Array.of(1, -2, 3)]]);
  return { step, student, teacher, moments, centres };
}

test('a checkpoint comes back as it was, and the same state is the same bytes', async () => {
  const file = await saveCheckpoint(dir, state(7), specs, '{}');
  expect(file).toBe(join(dir, 'step-00000007.safetensors'));
  expect(await loadCheckpoint(file, specs)).toEqual(state(7));
  const bytes = await readFile(file);
  await saveCheckpoint(dir, state(7), specs, '{}');
  expect((await readFile(file)).equals(bytes)).toBe(true);
});

test('a checkpoint of another architecture names the first parameter that differs', async () => {
  const file = await saveCheckpoint(dir, state(8), specs, '{}');
  const wider = studentParameters({ ...SMALL, vit: { ...SMALL.vit, dim: 48 } });
  const fails = (asked: typeof specs) => expect(loadCheckpoint(file, asked)).rejects;
  await fails(wider).toThrow('student.backbone.cls_token is [1,1,24], the settings ask for [1,1,48]');
  await fails(studentParameters({ ...SMALL, vit: { ...SMALL.vit, depth: 3 } })).toThrow(
    'student.backbone.blocks.2.norm1.weight is missing',
  );
  await fails(studentParameters({ ...SMALL, vit: { ...SMALL.vit, depth: 1 } })).toThrow(
    'it has student.backbone.blocks.1.norm1.weight, which the settings do not',
  );
  await fails(wider).toThrow(UserError);
});

test('only files under their final name count, the newest are kept with what lies on the interval', async () => {
  const folder = join(dir, 'prune');
  for (const step of [5, 10, 13, 20, 30, 34]) await saveCheckpoint(folder, state(step), specs, '{}');
  await writeFile(join(folder, `.${checkpointName(40)}.tmp`), 'half');
  expect(await checkpointSteps(folder)).toEqual([5, 10, 13, 20, 30, 34]);
  await pruneCheckpoints(folder, 34, 10, 3);
  // The one just written, and the newest of the interval; those of interruptions go.
  expect(await checkpointSteps(folder)).toEqual([20, 30, 34]);
  await pruneCheckpoints(folder, 30, 10, 1);
  // What is newer than the newest is not this run's to remove.
  expect(await checkpointSteps(folder)).toEqual([30, 34]);
  expect((await readdir(folder)).filter((n) => n.endsWith('.tmp')).length).toBe(1);
  expect(await checkpointSteps(join(dir, 'absent'))).toEqual([]);
});

test('a removal that was cut off is ended by the settings of its run, and only if the newest is whole', async () => {
  const folder = join(dir, 'cut off');
  const train = JSON.stringify({ train: { checkpointEvery: 10, keepCheckpoints: 2 } });
  for (const step of [10, 20, 23, 30]) await saveCheckpoint(folder, state(step), specs, train);
  const newest = join(folder, checkpointName(30));
  const whole = await readFile(newest);
  for (const broken of [whole.subarray(0, whole.length - 1), whole.subarray(0, 5)]) {
    await writeFile(newest, broken);
    await endPruning(folder, 30);
    expect(await checkpointSteps(folder)).toEqual([10, 20, 23, 30]);
  }
  await writeFile(newest, whole);
  await saveCheckpoint(folder, state(30), specs, '{}');
  await endPruning(folder, 30);
  expect(await checkpointSteps(folder)).toEqual([10, 20, 23, 30]);
  await writeFile(newest, whole);
  await endPruning(folder, 30);
  expect(await checkpointSteps(folder)).toEqual([20, 30]);
});
