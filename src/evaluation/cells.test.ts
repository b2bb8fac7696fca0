import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { type CellInputs, cellKey } from './cells.js';
import { zeroShot } from './protocols/zero-shot.js';
import { ofLabels } from './results.js';

const dir = mkdtempSync(join(tmpdir(), 'cells-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

test('a cell is another one when what is in a file that its options name is another', () => {
  const [templates, vocabulary] = [join(dir, 'templates.txt'), join(dir, 'words')];
  mkdirSync(vocabulary);
  const key = (own: object) =>
    cellKey({
      ...{ encoder: { hash: 'e' }, set: { hash: 's', task: 'single', metric: 'top-1' }, protocol: zeroShot },
      ...{ options: { 'zero-shot': own }, seed: 0 },
    } as unknown as CellInputs);
  const plain = key({});
  const keys = [plain, key({ templates }), key({ templates, vocabulary })];
  writeFileSync(templates, 'a photo of {}\n');
  keys.push(key({ templates }));
  expect(key({ templates })).toBe(keys.at(-1));
  writeFileSync(templates, 'a sketch of {}\n');
  keys.push(key({ templates }), key({ templates, vocabulary }));
  writeFileSync(join(vocabulary, 'merges.txt'), 'a b\n');
  keys.push(key({ templates, vocabulary }));
  expect(new Set(keys).size).toBe(keys.length);
  expect(key({})).toBe(plain);
});

test('a mean of areas is called mAP, one of eleven points so', () => {
  const set = { classes: ['a', 'b'] };
  const present = Int8Array.of(1, -1, -1, 1, 1, 1, -1, 1);
  const rows = { present, index: Int32Array.of(0, 1, 2, 3) };
  const scores = Float32Array.of(0.9, 0.2, 0.8, 0.3, 0.7, 0.4, 0.1, 0.1);
  const points = ofLabels(set, rows, scores, 0, 'paper');
  const area = ofLabels(set, rows, scores, 0, 'area');
  expect([points.main, area.main]).toEqual(['11-point mAP', 'mAP']);
  // Whatever is shown, both names mean the same.
  expect(area.metrics).toEqual(points.metrics);
  expect(area.metrics['11-point mAP']).not.toBe(area.metrics.mAP);
});
