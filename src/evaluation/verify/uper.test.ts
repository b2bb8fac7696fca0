import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { parseJson, readText } from '../../formats/json.js';
import { writeSafetensors } from '../../formats/safetensors.js';
import { absolute, ofLargest } from './finetune-compare.js';
import { largestOff } from './graph-runs.js';
import { type Check, KINDS } from './index.js';

const FOLDER = join(process.env.SYNCLR_EVALUATION ?? '../shared/reference/evaluation', 'uper');
const absent = !existsSync(FOLDER);
if (absent) console.log(`uper.test.ts: no recorded cases at ${FOLDER}: only cases made here are tried`);

const dir = await mkdtemp(join(tmpdir(), 'uper-'));
afterAll(() => rm(dir, { recursive: true }));

async function checks(file: string): Promise<{ kind: string; all: Check[] }> {
  const json = parseJson(await readText(file), file);
  const found = KINDS.find((k) => k.is(json));
  const all: Check[] = [];
  if (found) for await (const check of found.verify(file)) all.push(check);
  return { kind: found?.kind ?? 'none', all };
}

const off = (all: Check[]) => all.filter((c) => !(c.off <= c.bar)).map((c) => c.name);

test.skipIf(absent).each([
  ['ops.json', 'ops on maps', 138],
  ['head.json', 'UperNet', 100],
])('%s', { timeout: 60_000 }, async (name, kind, least) => {
  const found = await checks(join(FOLDER, name));
  expect(found.kind).toBe(kind);
  expect(found.all.length).toBeGreaterThanOrEqual(least);
  expect(off(found.all)).toEqual([]);
});

test('what is no number is off, whatever comes after it', () => {
  for (const off of [largestOff, absolute, ofLargest]) {
    expect(off([Number.NaN, 1], [0, 1])).toBeNaN();
    expect(off([0, 1], [0, 2])).toBeGreaterThan(0);
  }
});

test('a wrong gradient is told from a right one, and an unknown op is named', async () => {
  // A mean of two by two, written as a convolution of one channel.
  const f32 = (shape: number[], ...values: number[]) => ({
    dtype: 'F32' as const,
    shape,
    data: Float32Array.from(values),
  });
  const write = async (name: string, op: string, dw: number) => {
    const tensors = {
      'a/in.x': f32([1, 1, 2, 2], 1, 2, 3, 4),
      'a/in.weight': f32([1, 1, 2, 2], 0.25, 0.25, 0.25, 0.25),
      'a/grad_out': f32([1, 1, 1, 1], 2),
      'a/out': f32([1, 1, 1, 1], 2.5),
      'a/grad.x': f32([1, 1, 2, 2], 0.5, 0.5, 0.5, 0.5),
      'a/grad.weight': f32([1, 1, 2, 2], 2, 4, 6, dw),
    };
    await writeSafetensors(join(dir, `${name}.safetensors`), new Map(Object.entries(tensors)));
    const inputs = { x: [1, 1, 2, 2], weight: [1, 1, 2, 2] };
    await writeFile(join(dir, `${name}.json`), JSON.stringify({ cases: [{ name: 'a', op, inputs }] }));
    return join(dir, `${name}.json`);
  };
  const right = await checks(await write('right', 'conv2d', 8));
  expect(right.all.map((c) => c.name)).toEqual(['a out', 'a grad.x', 'a grad.weight']);
  expect(off(right.all)).toEqual([]);
  expect(off((await checks(await write('wrong', 'conv2d', 7.99))).all)).toEqual(['a grad.weight']);
  await expect(checks(await write('unknown', 'conv3d', 8))).rejects.toThrow(
    'case a is of the op conv3d; known: conv2d',
  );
});
