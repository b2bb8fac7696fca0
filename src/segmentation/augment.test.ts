import { expect, test } from 'vitest';
import { Rng } from '../rng.js';
import { fitted, TrainingOrder, testPicture, trainingCrop } from './augment.js';
import { applyPhotometric, drawPhotometric } from './photometric.js';

const PLAIN = { mean: [0, 0, 0], std: [1, 1, 1] } as const;

/** A picture whose red says the column, green the row, and whose label is the quarter. */
function quarters(width: number, height: number) {
  const data = new Uint8Array(width * height * 3);
  const labels = new Uint8Array(width * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      data.set([Math.round((x * 255) / (width - 1)), Math.round((y * 255) / (height - 1)), 128], i * 3);
      labels[i] = (x < width / 2 ? 0 : 1) + (y < height / 2 ? 0 : 2);
    }
  return { image: { width, height, data }, mask: { width, height, data: labels } };
}

const usual = { crop: 32, scale: [96, 64], ratio: [0.5, 2], mostOfOne: 0.75, flip: 0.5, photometric: false } as const;

test('labels lie where their pixels do, mirrored or not, at every ratio', () => {
  const picture = quarters(90, 60);
  const pixels = new Float32Array(3 * 32 * 32);
  const labels = new Uint8Array(32 * 32);
  let [mirrored, wrong] = [0, 0];
  for (let i = 0; i < 40; i++) {
    trainingCrop(picture, usual, PLAIN, Rng.of(3, i), pixels, labels);
    if (pixels[0] > pixels[31]) mirrored++;
    for (let at = 0; at < labels.length; at++) {
      const [x, y] = [pixels[at], pixels[32 * 32 + at]];
      // Next to a border a resized pixel is of both sides.
      if (Math.abs(x - 0.5) > 0.03 && (labels[at] & 1) !== (x < 0.5 ? 0 : 1)) wrong++;
      if (Math.abs(y - 0.5) > 0.03 && (labels[at] & 2) !== (y < 0.5 ? 0 : 2)) wrong++;
      if (labels[at] === 255) wrong++;
    }
  }
  expect(wrong).toBe(0);
  expect(mirrored).toBeGreaterThan(10);
  expect(mirrored).toBeLessThan(30);
});

test('a picture smaller than the crop is filled with the mean and ignored labels', () => {
  const picture = quarters(20, 10);
  const pixels = new Float32Array(3 * 32 * 32);
  const labels = new Uint8Array(32 * 32);
  const half = { mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] } as const;
  const o = { ...usual, scale: [20, 10], ratio: [1, 1], flip: 1 } as const;
  trainingCrop(picture, o, half, Rng.of(1), pixels, labels);
  expect([...labels].filter((l) => l !== 255)).toHaveLength(200);
  expect(pixels[20]).toBe(0);
  expect(pixels[10 * 32]).toBe(0);
  // Mirrored: the right half comes first.
  expect([labels[0], labels[19], labels[9 * 32]]).toEqual([1, 0, 3]);
  expect(pixels[0]).toBeCloseTo(2, 5);
});

test('crops of nearly one class are drawn again', () => {
  const picture = quarters(100, 100);
  // One class but for a strip.
  picture.mask.data.fill(0);
  for (let y = 0; y < 100; y++) picture.mask.data.fill(1, y * 100 + 80, y * 100 + 100);
  const pixels = new Float32Array(3 * 32 * 32);
  const labels = new Uint8Array(32 * 32);
  const both = (mostOfOne: number) => {
    let n = 0;
    for (let i = 0; i < 60; i++) {
      trainingCrop(picture, { ...usual, mostOfOne }, PLAIN, Rng.of(7, i), pixels, labels);
      if (labels.includes(0) && labels.includes(1)) n++;
    }
    return n;
  };
  expect(both(0.75)).toBeGreaterThan(both(1) + 15);
});

test('colours change as far as they may, and grey stays grey', () => {
  const seen = { hue: new Set<number>(), contrast: 0, brightness: 0 };
  for (let i = 0; i < 400; i++) {
    const p = drawPhotometric(Rng.of(5, i));
    expect(Math.abs(p.brightness)).toBeLessThanOrEqual(32 / 255);
    expect(p.contrast).toBeGreaterThanOrEqual(0.5);
    expect(p.contrast).toBeLessThan(1.5);
    seen.hue.add(p.hue);
    if (p.contrast !== 1) seen.contrast++;
    if (p.brightness !== 0) seen.brightness++;
  }
  expect(Math.min(...seen.hue)).toBe(-36);
  expect(Math.max(...seen.hue)).toBe(34);
  for (const n of [seen.contrast, seen.brightness]) expect(Math.abs(n - 200)).toBeLessThan(50);
  const still = { brightness: 0, contrast: 1, contrastFirst: true, saturation: 1, hue: 0 };
  const grey = Float32Array.of(0.5, 0.5, 0.5);
  applyPhotometric(grey, { ...still, saturation: 1.4, hue: 20 });
  expect([...grey]).toEqual([0.5, 0.5, 0.5]);
  // Red turned by a third of a circle is green; by −120 degrees blue.
  const red = Float32Array.of(1, 0.25, 0.25);
  applyPhotometric(red, { ...still, hue: 120 });
  [0.25, 1, 0.25].forEach((v, c) => void expect(red[c]).toBeCloseTo(v, 6));
  const half = Float32Array.of(0.8, 0.4, 0.2);
  applyPhotometric(half, { ...still, hue: -120, saturation: 0.5 });
  // Saturation 0.75 becomes 0.375: the least is 0.8 × 0.625, the middle one stays a third of the way.
  [0.6, 0.5, 0.8].forEach((v, c) => void expect(half[c]).toBeCloseTo(v, 6));
});

test('a test picture keeps its shape and fits', () => {
  expect(fitted(360, 480, 2048, 512)).toEqual([512, 683]);
  expect(fitted(480, 360, 2048, 512)).toEqual([683, 512]);
  expect(fitted(100, 1000, 2048, 512)).toEqual([205, 2048]);
  const { height, width, data } = testPicture(quarters(60, 40), [60, 20], PLAIN);
  expect([height, width, data.length]).toEqual([20, 30, 1800]);
});

test('every picture comes once in a pass', () => {
  const order = new TrainingOrder(5, 9);
  const first = Array.from({ length: 10 }, (_, n) => order.at(n));
  expect(first.map((o) => o.pass)).toEqual([0, 0, 0, 0, 0, 1, 1, 1, 1, 1]);
  for (const pass of [0, 5]) expect(new Set(first.slice(pass, pass + 5).map((o) => o.picture)).size).toBe(5);
  // From anywhere, as a resumed run asks.
  expect(new TrainingOrder(5, 9).at(7)).toEqual(first[7]);
});
