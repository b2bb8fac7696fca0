import { expect, test } from 'vitest';
import { intervalOf } from '../evaluation/metrics/bootstrap.js';
import type { PerImage } from '../evaluation/protocol.js';
import { lrScale } from '../learn/layer-decay.js';
import { addAreas, segmentationFigures, totalAreas, withoutZero } from './areas.js';
import { decays, rateAt } from './schedule.js';
import { AveragedLogits, slidingWindows, strideOf } from './windows.js';

test('areas are summed before anything is divided, and ignored pixels count nowhere', () => {
  const perImage = new Float64Array(2 * 4 * 3);
  // Class 2 is predicted but never true, class 3 neither; the last pixel of the first picture is ignored.
  addAreas(perImage.subarray(0, 12), 4, [0, 0, 1, 255], [0, 2, 1, 3]);
  addAreas(perImage.subarray(12), 4, [1, 1, 1, 1], [1, 1, 1, 0]);
  const { miou, iou, pixelAccuracy, meanAccuracy, dice, fScore } = segmentationFigures(totalAreas(perImage, 4));
  expect([...iou]).toEqual([1 / 3, 4 / 5, 0, Number.NaN]);
  expect(miou).toBeCloseTo((1 / 3 + 4 / 5) / 3, 12);
  expect(pixelAccuracy).toBeCloseTo(5 / 7, 12);
  expect(meanAccuracy).toBeCloseTo((1 / 2 + 4 / 5) / 2, 12);
  expect(dice[0]).toBeCloseTo(fScore[0], 12);
  expect([dice[2], fScore[2]]).toEqual([0, Number.NaN]);
  const measured: PerImage = { of: 'mIoU', areas: perImage, classes: 4, index: Int32Array.of(0, 1) };
  const [low, high] = intervalOf(measured, { seed: 1 });
  expect(low).toBeLessThanOrEqual(miou);
  expect(high).toBeGreaterThanOrEqual(miou);
  expect(intervalOf(measured, { seed: 1 })).toEqual([low, high]);
  expect([0, 1, 150, 255].map(withoutZero)).toEqual([255, 0, 149, 255]);
});

test('a label that is no class is no pixel of another', () => {
  expect(() => addAreas(new Float64Array(6), 2, [2], [0])).toThrow(/label 2/);
});

test.each([
  { size: [40, 70], crop: [16, 16], stride: [11, 11] },
  { size: [16, 17], crop: [16, 16], stride: [10, 10] },
  { size: [9, 33], crop: [16, 16], stride: [10, 10] },
  { size: [5, 4], crop: [8, 8], stride: [5, 5] },
] as const)('windows of $crop cover $size and stay within', ({ size, crop, stride }) => {
  const seen = new Uint8Array(size[0] * size[1]);
  for (const { y0, y1, x0, x1 } of slidingWindows(size, crop, stride)) {
    expect([y1 - y0, x1 - x0]).toEqual([Math.min(crop[0], size[0]), Math.min(crop[1], size[1])]);
    for (let y = y0; y < y1; y++) for (let x = x0; x < x1; x++) seen[y * size[1] + x]++;
  }
  expect(seen.every((n) => n > 0)).toBe(true);
});

test('strides of the paper', () => {
  expect([512, 518, 1].map(strideOf)).toEqual([341, 345, 1]);
});

test('labels of a picture are the largest of its logits, resized to its sides', () => {
  // Two windows of one value each that overlap in the middle columns, where the mean decides.
  const part = (x0: number, values: number[]) => ({
    ...{ window: { y0: 0, y1: 2, x0, x1: x0 + 4 }, grid: [1, 1] as const, covers: [4, 4] as const },
    data: Float32Array.from(values),
  });
  const all = new AveragedLogits([part(0, [3, 0, 2]), part(2, [0, 4, 2])], [2, 6], 3);
  const row = new Float32Array(18);
  all.row(1, row);
  expect([...row.subarray(0, 3)]).toEqual([3, 0, 2]);
  expect([...row.subarray(6, 9)]).toEqual([1.5, 2, 2]);
  expect([...all.labels([2, 6])]).toEqual([0, 0, 1, 1, 1, 1, 0, 0, 1, 1, 1, 1]);
  // A quarter of the way from the second column to the third class 2 is ahead of both.
  expect([...all.labels([4, 12])].slice(0, 12)).toEqual([0, 0, 0, 0, 2, 1, 1, 1, 1, 1, 1, 1]);
});

test('the rate climbs to its peak, then falls to 0', () => {
  const s = { lr: 2, steps: 12, warmup: 4, power: 2 };
  expect(rateAt(s, 0)).toBeCloseTo(2e-6, 12);
  expect(rateAt(s, 3)).toBe(2);
  expect(rateAt(s, 4)).toBe(2);
  expect(rateAt(s, 11)).toBe(0);
  expect(rateAt(s, 8)).toBeCloseTo(2 * (3 / 7) ** 2, 12);
  for (let i = 0; i < 12; i++) expect(rateAt({ ...s, warmup: 0 }, i)).toBeGreaterThanOrEqual(0);
  expect(rateAt({ lr: 1, steps: 1, warmup: 1 }, 0)).toBe(1);
});

test('layers further from the head learn more slowly', () => {
  const scale = (name: string) => lrScale(name, { depth: 3, layerDecay: 0.5, finalNorm: 'head' });
  const names = ['backbone.pos_embed', 'backbone.blocks.0.x', 'backbone.blocks.2.x', 'backbone.norm.weight', 'head.x'];
  expect(names.map(scale)).toEqual([1 / 16, 1 / 8, 1 / 2, 1, 1]);
  expect(decays('backbone.pos_embed', [1, 5, 8])).toBe(true);
  expect(decays('backbone.pos_embed', [1, 5, 8], true)).toBe(false);
  expect(decays('head.bn.weight', [8])).toBe(false);
});
