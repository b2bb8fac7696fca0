import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { writeSafetensors } from '../../formats/safetensors.js';
import { KINDS } from './index.js';

const CASES = process.env.SYNCLR_EVALUATION ?? '../shared/reference/evaluation';

async function compared(file: string) {
  const json = JSON.parse(await readFile(file, 'utf8'));
  const kind = KINDS.find((k) => k.is(json));
  if (!kind) throw new Error(`${file}: of no kind`);
  const off: string[] = [];
  let n = 0;
  for await (const c of kind.verify(file)) {
    n++;
    if (!(c.off <= c.bar)) off.push(`${c.name} ${c.off}`);
  }
  return { kind: kind.kind, n, off };
}

test.skipIf(!existsSync(CASES)).each([
  ['mIoU', 'metrics/miou.json', 14],
  ['windows', 'uper/schedule_and_windows.json', 40],
])(`%s agree with the recorded ones (left out where ${CASES} is missing)`, async (kind, file, least) => {
  const found = await compared(join(CASES, file));
  expect(found.off).toEqual([]);
  expect(found.kind).toBe(kind);
  expect(found.n).toBeGreaterThanOrEqual(least);
});

test('a case of other sizes is compared, and what is wrong in it found', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'verify-'));
  try {
    const file = join(dir, 'other.json');
    const labels = Int32Array.of(0, 0, 1, 9, 1, 1);
    const predictions = Int32Array.of(0, 1, 1, 0, 1, 0);
    const tensor = (data: Int32Array) => ({ dtype: 'I32' as const, shape: [1, 2, 3], data });
    const tensors = new Map([
      ['labels', tensor(labels)],
      ['predictions', tensor(predictions)],
    ]);
    await writeSafetensors(join(dir, 'other.safetensors'), tensors);
    const said = {
      ...{ classes: 3, ignore_index: 9, intersect: [1, 2, 0], union: [3, 4, 0], pred_area: [2, 3, 0] },
      ...{ label_area: [2, 3, 0], iou: [1 / 3, 0.5, null], acc: [0.5, 2 / 3, null], dice: [0.5, 2 / 3, null] },
      ...{ aAcc: 0.6, mIoU: 5 / 12, mAcc: 7 / 12 },
    };
    await writeFile(file, JSON.stringify(said));
    expect((await compared(file)).off).toEqual([]);
    await writeFile(file, JSON.stringify({ ...said, mIoU: 0.42, union: [3, 5, 0] }));
    expect((await compared(file)).off.map((o) => o.split(' ')[0])).toEqual(['unions', 'miou']);
  } finally {
    await rm(dir, { recursive: true });
  }
});
