import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { type OverlayPicture, writeOverlays } from '../segmentation/overlays.js';
import { decode } from '../views/image.js';
import { cellName } from './cells.js';
import type { Comparison } from './compare.js';
import { comparisonPage } from './page.js';
import { shownOf } from './shown.js';
import type { ComparisonTable } from './table.js';

const dir = mkdtempSync(join(tmpdir(), 'shown-'));
afterAll(() => rmSync(dir, { recursive: true }));

const [WIDTH, HEIGHT] = [48, 24];
/** A white picture, its left half of class 0; predicted as one class. */
const one = (name: string, predicted: number): OverlayPicture => {
  const label = (i: number) => (i % WIDTH < WIDTH / 2 ? 0 : 1);
  const n = WIDTH * HEIGHT;
  const image = { width: WIDTH, height: HEIGHT, data: new Uint8Array(3 * n).fill(255) };
  const mask = { width: WIDTH, height: HEIGHT, data: Uint8Array.from({ length: n }, (_, i) => label(i)) };
  return { name, picture: { image, mask }, predicted: new Uint8Array(n).fill(predicted) };
};
const key = (c: string) => c.repeat(64);
const comparison = {
  protocols: [{ name: 'upernet' }],
  sets: [{ name: 'cam', kind: 'camvid', hash: 'h', remarks: [] }],
  encoders: [],
  failures: [],
  seed: 0,
  executor: 'x',
  differences: { level: 0.05, draws: 1, rows: [] },
  cells: ['a', 'b', 'c'].map((c) => ({ encoder: c, set: 'cam', protocol: 'upernet', record: { key: key(c) } })),
} as unknown as Comparison;
const table: ComparisonTable = {
  ...{ protocol: 'upernet', title: 'UperNet', source: 'x', columns: [], rows: [], paper: [], notes: [] },
};

const pixel = async (uri: string, x: number, y: number) => {
  const { width, height, data } = await decode(Buffer.from(uri.replace(/^data:image\/jpeg;base64,/, ''), 'base64'));
  expect([width, height]).toEqual([WIDTH, HEIGHT]);
  return data.slice(3 * (y * width + x), 3 * (y * width + x) + 3);
};
const distance = (a: Uint8Array, b: Uint8Array) => Math.hypot(...a.map((v, i) => v - b[i]));

test('encoders stand side by side on the same pictures, in a page that holds them', async () => {
  const names = ['p <0>', 'p 1', 'p 2', 'p 3', 'p 4'];
  for (const [c, predicted] of [
    ['a', 0],
    ['b', 1],
  ] as const)
    await writeOverlays(
      join(dir, 'work', cellName('upernet', key(c))),
      ['sky', 'road'],
      // The second has lost one of them.
      names.filter((n) => c === 'a' || n !== 'p 1').map((n) => one(n, predicted)),
    );
  const [shown, ...others] = await shownOf(comparison, dir);
  expect(others).toEqual([]);
  expect([shown.encoders, shown.pictures.map((p) => p.name)]).toEqual([['a', 'b'], names.slice(0, 4)]);
  expect(shown.pictures[1].predicted[1]).toBeUndefined();
  const [{ picture, truth, predicted }] = shown.pictures;
  expect(distance(await pixel(picture, 5, 5), Uint8Array.of(255, 255, 255))).toBeLessThan(6);
  const [sky, road] = [await pixel(truth, 5, 5), await pixel(truth, WIDTH - 5, 5)];
  expect(distance(sky, road)).toBeGreaterThan(60);
  for (const x of [5, WIDTH - 5]) {
    expect(distance(await pixel(predicted[0]!, x, 5), sky)).toBeLessThan(12);
    expect(distance(await pixel(predicted[1]!, x, 5), road)).toBeLessThan(12);
  }
  const page = comparisonPage(comparison, [table], 'cam', [shown]);
  expect(page).toContain('p &lt;0&gt;: truth');
  expect(page.match(/<img /g)).toHaveLength(4 * 4 - 1);
  for (const [, address] of page.matchAll(/(?:src|href)="([^"]*)"/g)) expect(address).toMatch(/^(data:|#)/);
});

test('pictures that are damaged are not shown, and end nothing', async () => {
  const of = join(dir, 'work', cellName('upernet', key('b')), 'overlays');
  writeFileSync(join(of, '000.png'), 'no picture');
  const [shown] = await shownOf(comparison, dir);
  expect(shown.pictures[0].predicted.map((p) => p !== undefined)).toEqual([true, false]);
  writeFileSync(join(of, 'index.json'), '{}');
  expect((await shownOf(comparison, dir))[0].encoders).toEqual(['a']);
});
