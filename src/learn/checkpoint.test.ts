import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testSeed } from '../../test/numbers.js';
import { randomPair, SMALL } from '../../test/small-step.js';
import { resolveSettings } from '../config/resolve.js';
import { UserError } from '../errors.js';
import { DamagedFile } from '../formats/damaged.js';
import { readSafetensors, type SafeTensor, writeSafetensors } from '../formats/safetensors.js';
import { checkpointName, checkpointSteps, readNewest, verifyCheckpoint } from '../model/checkpoint-file.js';
import { Rng } from '../rng.js';
import { endPruning, loadCheckpoint, pruneCheckpoints, saveCheckpoint } from './checkpoint.js';
import { synclrLearner, synclrParameters } from './learners/synclr.js';
import { initialWeights } from './weights.js';

const seed = testSeed('checkpoint.test.ts');
const specs = synclrParameters(SMALL);
const centres = new Map([['ibot', 3]]);
let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'checkpoint-'));
});
afterAll(() => rm(dir, { recursive: true }));

function state(step: number) {
  const rng = Rng.of(seed, step);
  const { student, teacher } = randomPair(SMALL, rng);
  const moments = new Map([...student].map(([name, x]) => [name, { m: x.map((v) => v / 2), v: x.map((v) => v * v) }]));
  return { step, student, teacher, moments, centres: new Map([['ibot', Float32Array.of(1, -2, 3)]]) };
}

test('a checkpoint comes back as it was, and the same state is the same bytes', async () => {
  const file = await saveCheckpoint(dir, state(7), specs, '{}');
  expect(file).toBe(join(dir, 'step-00000007.safetensors'));
  expect(await loadCheckpoint(file, specs, centres)).toEqual(state(7));
  const bytes = await readFile(file);
  await saveCheckpoint(dir, state(7), specs, '{}');
  expect((await readFile(file)).equals(bytes)).toBe(true);
});

test('a checkpoint of another architecture names the first parameter that differs', async () => {
  const file = await saveCheckpoint(dir, state(8), specs, '{}');
  const wider = synclrParameters({ ...SMALL, vit: { ...SMALL.vit, dim: 48 } });
  const fails = (asked: typeof specs) => expect(loadCheckpoint(file, asked)).rejects;
  await fails(wider).toThrow('student.backbone.cls_token is [1,1,24], the settings ask for [1,1,48]');
  await fails(synclrParameters({ ...SMALL, vit: { ...SMALL.vit, depth: 3 } })).toThrow(
    'student.backbone.blocks.2.norm1.weight is missing',
  );
  await fails(synclrParameters({ ...SMALL, vit: { ...SMALL.vit, depth: 1 } })).toThrow(
    'it has student.backbone.blocks.1.norm1.weight, which the settings do not',
  );
  await fails(wider).toThrow(UserError);
});

/** The same checkpoint, changed before it is sealed: what a program with a fault would have written. */
async function written(
  folder: string,
  step: number,
  metadata: Record<string, string>,
  change: (tensors: Map<string, SafeTensor>) => void = () => {},
  sealed = true,
): Promise<string> {
  const file = await saveCheckpoint(join(dir, folder), state(step), specs, '{}');
  const found = await readSafetensors(file);
  change(found.tensors);
  await writeSafetensors(file, found.tensors, { ...found.metadata, ...metadata }, { sealed });
  return file;
}

test('a checkpoint of another run, of the same sizes, is not trained on; what has no influence may differ', async () => {
  const settings = resolveSettings({ flags: { 'train.steps': 40 } });
  const other = resolveSettings({ flags: { 'train.steps': 40, seed: 7, 'optim.lr': 0.002 } });
  const file = await saveCheckpoint(join(dir, 'other'), state(20), specs, JSON.stringify(other));
  const says = 'a checkpoint of a run with other settings: seed (7 there, 0 here), optim.lr (0.002 there, ';
  await expect(loadCheckpoint(file, specs, centres, { settings })).rejects.toThrow(says);
  await expect(verifyCheckpoint(file, { settings })).rejects.toMatchObject({ name: 'UserError' });
  const { runtime: _, ...stored } = settings;
  const own = JSON.stringify({ ...stored, train: { ...stored.train, keepCheckpoints: 9, healthEvery: 3 } });
  await saveCheckpoint(join(dir, 'other'), state(20), specs, own);
  expect((await loadCheckpoint(file, specs, centres, { settings })).step).toBe(20);
  await verifyCheckpoint(file, { settings });
});

test('a checkpoint that contradicts its name, its run or itself is damaged, and the line says in what', async () => {
  const f32 = (length: number, fill = 0): SafeTensor => ({
    dtype: 'F32',
    shape: [length],
    data: new Float32Array(length).fill(fill),
  });
  const width = SMALL.vit.dim;
  const norm = 'student.backbone.norm.weight';
  const cases: [string, Record<string, string>, ((t: Map<string, SafeTensor>) => void) | undefined, string][] = [
    ['name', { step: '12' }, undefined, 'its metadata says step 12, its name 20: it is renamed or damaged'],
    ['text', { step: 'abc' }, undefined, 'its metadata says step "abc", which is no step of a run'],
    ['fraction', { step: '20.5' }, undefined, 'its metadata says step "20.5", which is no step of a run'],
    ['zero', { step: '0' }, undefined, 'its metadata says step "0", which is no step of a run'],
    ['huge', { step: '9'.repeat(40) }, undefined, 'which is no step of a run'],
    ['short', { settings: '{"train":{"steps":19}}' }, undefined, 'says step 20 of a run of 19'],
    ['cut', { settings: '{"seed":0,"co' }, undefined, 'damaged: the settings text in its metadata is not JSON'],
    ['list', { settings: '[]' }, undefined, 'the settings in its metadata are no JSON object'],
    [
      'integers',
      {},
      (t) => t.set(norm, { dtype: 'I32', shape: [width], data: new Int32Array(width) }),
      `${norm} is I32; a checkpoint of synclr holds F32`,
    ],
    [
      'halves',
      {},
      (t) => t.set('adamw.v.backbone.norm.bias', { dtype: 'F16', shape: [width], data: new Uint16Array(width) }),
      'adamw.v.backbone.norm.bias is F16; a checkpoint of synclr holds F32',
    ],
    ['not a number', {}, (t) => t.set(norm, f32(width, Number.NaN)), `${norm} holds NaN (number 0 of ${width})`],
    [
      'infinite moment',
      {},
      (t) => t.set('adamw.m.backbone.norm.bias', f32(width, Number.NEGATIVE_INFINITY)),
      'adamw.m.backbone.norm.bias holds -Infinity',
    ],
    [
      'lost moment',
      {},
      (t) => t.delete('adamw.m.backbone.norm.bias'),
      'not a whole checkpoint: adamw.m.backbone.norm.bias is missing',
    ],
    [
      'lost teacher',
      {},
      (t) => t.delete('teacher.backbone.norm.bias'),
      'not a whole checkpoint: teacher.backbone.norm.bias is missing',
    ],
  ];
  for (const [name, metadata, change, message] of cases) {
    const file = await written(name, 20, metadata, change);
    const error = await loadCheckpoint(file, specs, centres).catch((e: Error) => e);
    expect(error, name).toBeInstanceOf(DamagedFile);
    expect((error as Error).message, name).toContain(message);
    expect((error as Error).message, name).toContain(file);
  }
});

test('centres and groups of tensors that the settings do not have are another run’s', async () => {
  const file = await written('centres', 20, {});
  const fails = (sizes: Map<string, number>) => expect(loadCheckpoint(file, specs, sizes)).rejects;
  await fails(new Map()).toThrow('it has centre.ibot, which the settings do not');
  await fails(new Map([['ibot', 4]])).toThrow('centre.ibot is [3], the settings ask for [4]');
  await fails(new Map([...centres, ['dino', 3]])).toThrow('centre.dino is missing, the settings ask for [3]');
  const extra = await written('extra', 20, {}, (t) =>
    t.set('ema.shadow', { dtype: 'F32', shape: [], data: new Float32Array(1) }),
  );
  await expect(loadCheckpoint(extra, specs, centres)).rejects.toThrow('it has ema.shadow, which the settings do not');
  expect([
    ...synclrLearner({ ...SMALL, centering: 'centering' })
      .objective()
      .centres.keys(),
  ]).toEqual(['ibot', 'dino']);
  expect(synclrLearner(SMALL).objective().centres.size).toBe(0);
});

test('checkpoints of before there were checksums are read; of later ones the checksum is not left out', async () => {
  const file = await saveCheckpoint(join(dir, 'old'), state(20), specs, '{}');
  const { metadata, tensors } = await readSafetensors(file);
  const { version, ...old } = metadata;
  expect(version).toBe('2');
  await writeSafetensors(file, tensors, old);
  expect(await loadCheckpoint(file, specs, centres)).toEqual(state(20));
  await writeSafetensors(file, tensors, metadata);
  await expect(loadCheckpoint(file, specs, centres)).rejects.toThrow(`${file}: damaged: its checksum is missing`);
  await writeSafetensors(file, tensors, { ...metadata, version: '3' }, { sealed: true });
  await expect(loadCheckpoint(file, specs, centres)).rejects.toThrow(
    'a checkpoint of version 3; this synclr reads up to 2: use the synclr that wrote it',
  );
});

test('a bit flipped anywhere is found when training goes on, and when a run starts from the file', async () => {
  const file = await saveCheckpoint(join(dir, 'flipped'), state(20), specs, '{}');
  const whole = await readFile(file);
  const rng = Rng.of(seed, 'bits');
  const bits = Array.from({ length: 40 }, (_, i) => rng.int(8 * (i % 2 === 0 ? whole.length : 4096)));
  for (const bit of bits) {
    const spoilt = Buffer.from(whole);
    spoilt[bit >> 3] ^= 1 << (bit & 7);
    await writeFile(file, spoilt);
    for (const read of [() => loadCheckpoint(file, specs, centres), () => initialWeights(file, specs)])
      expect(await read().catch((e: Error) => e), `bit ${bit}`).toBeInstanceOf(UserError);
  }
});

test('a damaged newest checkpoint names the older one that is whole, and stays', async () => {
  const folder = join(dir, 'newest');
  for (const step of [5, 10, 20, 30]) await saveCheckpoint(folder, state(step), specs, '{}');
  const cut = async (step: number) => {
    const file = join(folder, checkpointName(step));
    await writeFile(file, (await readFile(file)).subarray(0, -1));
  };
  await cut(20);
  expect(await readNewest(folder, 30, verifyCheckpoint)).toBeUndefined();
  await cut(30);
  const fails = () => expect(readNewest(folder, 30, (file) => loadCheckpoint(file, specs, centres))).rejects;
  await fails().toThrow(
    /newest\/step-00000030\.safetensors: not a valid safetensors file: cut off in tensor .*; the older step-00000010\.safetensors is whole: move step-00000030\.safetensors elsewhere, and the same command goes on from step 10$/,
  );
  for (const step of [5, 10]) await cut(step);
  await fails().toThrow(
    `; no older checkpoint in ${folder} is whole: move step-00000030.safetensors elsewhere to begin without it`,
  );
  expect(await checkpointSteps(folder)).toEqual([5, 10, 20, 30]);
  // Another architecture is no damage.
  await expect(
    readNewest(folder, 40, async () => {
      throw new UserError('another');
    }),
  ).rejects.toThrow(/^another$/);
});

test('names near those of checkpoints are none, and what is no file but has such a name is refused', async () => {
  const folder = join(dir, 'names');
  const file = await saveCheckpoint(folder, state(5), specs, '{}');
  for (const name of ['step-00000000', 'step-5', 'step-0000000005', 'step-9999999999999999', 'step-00000007.old'])
    await writeFile(join(folder, `${name}.safetensors`), 'other');
  expect(await checkpointSteps(folder)).toEqual([5]);
  await symlink(file, join(folder, checkpointName(6)));
  expect(await checkpointSteps(folder)).toEqual([5, 6]);
  await expect(readNewest(folder, 6, verifyCheckpoint)).rejects.toThrow(
    'its metadata says step 5, its name 6: it is renamed or damaged; the older step-00000005.safetensors is whole',
  );
  await mkdir(join(folder, 'step-99999999999.safetensors'));
  await expect(checkpointSteps(folder)).rejects.toThrow(
    "step-99999999999.safetensors has a checkpoint's name, but is a folder: move it elsewhere",
  );
  // A file where the folder should be is not taken for an empty folder.
  await expect(checkpointSteps(file)).rejects.toMatchObject({ code: 'ENOTDIR' });
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
