import { describe, expect, it } from 'vitest';
import { mirrored, naiveResize, planes } from '../../test/naive-views.js';
import { testSeed } from '../../test/numbers.js';
import { settingsSchema } from '../config/schema.js';
import { Rng } from '../rng.js';
import { Cropper, drawPlace, type Place, randomBox } from './crop.js';
import type { Rgb } from './image.js';
import { Kernels } from './kernels.js';
import { integerTaps, tapsOf } from './taps.js';

const seed = testSeed('crop.test.ts');
const rng = Rng.of(seed, 'crop test');

/** Noise of full range is what rounding and clamping show most in. */
const noise = (width: number, height: number): Rgb => ({
  width,
  height,
  data: Uint8Array.from({ length: width * height * 3 }, () => (rng.chance(0.3) ? 255 * rng.int(2) : rng.int(256))),
});

const cropper = new Cropper();
function cut(image: Rgb, place: Place, size: number): number[] {
  cropper.load(image);
  return [...Kernels.get().bytes(cropper.cut(place, size), 3 * size * size)];
}

/** Largest difference, how many samples differ by more than one, and the share of those that differ. */
function differences(a: readonly number[], b: readonly number[]): { most: number; over: number; share: number } {
  expect(a.length).toBe(b.length);
  const d = a.map((v, i) => Math.abs(v - b[i]));
  const share = d.filter((v) => v > 0).length / d.length;
  return { most: Math.max(...d), over: d.filter((v) => v > 1).length, share };
}

describe('crops', () => {
  it.each([
    [40, 30, 16],
    [12, 20, 24],
    [32, 32, 32],
    [7, 5, 9],
    [1, 1, 5],
    [2, 3, 4],
    [90, 11, 13],
    [201, 170, 96],
  ])('are those of double precision from %i × %i to %i, to one level', (w, h, to) => {
    // Of a few samples no share can be told: small crops are cut from many images.
    const images = Math.ceil(2000 / (3 * to * to));
    let differing = 0;
    for (let n = 0; n < images; n++) {
      const image = noise(w + 9, h + 6);
      const box = { x: rng.int(10), y: rng.int(7), width: w, height: h };
      const expected = planes(naiveResize(image, box, to, to));
      const { most, over, share } = differences(cut(image, { box, flip: false }, to), expected);
      // A rounding that the first pass moved by one is weighed by up to 1.3 in the second, and rounded again.
      expect(most).toBeLessThanOrEqual(2);
      expect(over).toBeLessThanOrEqual(1);
      differing += share / images;
      expect(cut(image, { box, flip: true }, to)).toEqual(mirrored(cut(image, { box, flip: false }, to), to));
    }
    // Integer weights of 14 bits move a rounding now and then.
    expect(differing).toBeLessThan(0.05);
  });

  it('come from the image made smaller, where that was drawn', () => {
    for (const [width, height] of [
      [21, 14],
      [16, 16],
      [9, 23],
    ]) {
      const image = noise(40, 30);
      const box = { x: 2, y: 3, width: 7, height: 6 };
      const small = naiveResize(image, { x: 0, y: 0, width: 40, height: 30 }, width, height);
      const { most, share } = differences(
        cut(image, { shrunk: { width, height }, box, flip: false }, 11),
        planes(naiveResize(small, box, 11, 11)),
      );
      expect(most).toBeLessThanOrEqual(2);
      expect(share).toBeLessThan(0.1);
    }
  });

  it('are PIL’s', () => {
    // torchvision 0.29.2 on PIL 13.0.0: resized_crop(image, top 2, left 3, height 13, width 16, [7, 7], BICUBIC), planes.
    const pil = [
      144, 141, 96, 151, 130, 98, 96, 147, 144, 124, 141, 166, 113, 129, 125, 105, 152, 181, 156, 98, 119, 107, 110,
      162, 133, 104, 143, 145, 154, 81, 104, 129, 143, 114, 117, 112, 79, 129, 109, 129, 104, 132, 61, 118, 141, 84, 74,
      159, 174, 159, 140, 193, 170, 136, 70, 148, 115, 152, 147, 102, 108, 87, 165, 104, 54, 164, 98, 71, 141, 120, 58,
      129, 143, 143, 87, 172, 151, 158, 104, 119, 112, 108, 132, 114, 120, 126, 149, 136, 94, 134, 104, 110, 146, 101,
      157, 179, 151, 93, 113, 89, 154, 108, 141, 84, 117, 111, 108, 121, 106, 118, 137, 148, 135, 134, 141, 141, 98,
      122, 94, 102, 132, 96, 169, 81, 163, 96, 165, 119, 123, 98, 105, 150, 63, 151, 144, 105, 78, 166, 96, 69, 142,
      115, 147, 106, 104, 115, 95,
    ];
    const data = Uint8Array.from({ length: 23 * 17 * 3 }, (_, i) => (i * i * 7919 + i * 104729) % 65521);
    const image = { width: 23, height: 17, data };
    const { most, share } = differences(
      cut(image, { box: { x: 3, y: 2, width: 16, height: 13 }, flip: false }, 7),
      pil,
    );
    expect(most).toBeLessThanOrEqual(1);
    expect(share).toBeLessThan(0.05);
  });

  it('of one colour stay that colour', () => {
    for (const level of [0, 1, 127, 254, 255]) {
      const image = { width: 31, height: 19, data: new Uint8Array(31 * 19 * 3).fill(level) };
      for (const size of [5, 32, 50]) {
        const crop = cut(image, { box: { x: 1, y: 0, width: 30, height: 19 }, flip: false }, size);
        expect(new Set(crop)).toEqual(new Set([level]));
      }
    }
  });

  it('do not depend on what was cut before', () => {
    const [small, large] = [noise(20, 20), noise(300, 200)];
    const place = { box: { x: 3, y: 3, width: 14, height: 16 }, flip: false };
    const before = cut(small, place, 12);
    cut(large, { shrunk: { width: 250, height: 170 }, box: { x: 0, y: 0, width: 250, height: 170 }, flip: true }, 128);
    expect(cut(small, place, 12)).toEqual(before);
  });
});

describe('taps', () => {
  it('in integers are those in numbers, of whole weight', () => {
    for (let i = 0; i < 100; i++) {
      const [from, to] = [1 + rng.int(400), 1 + rng.int(300)];
      const exact = tapsOf(from, to);
      const { count, first, weights } = integerTaps(from, to);
      expect(count % 2).toBe(0);
      for (let o = 0; o < to; o++) {
        expect(first[o]).toBeGreaterThanOrEqual(0);
        expect(first[o] + exact.count).toBeLessThanOrEqual(from);
        const row = weights.subarray(o * count, (o + 1) * count);
        expect(row.reduce((a, b) => a + b, 0)).toBe(2 ** 14);
        for (let k = 0; k < count; k++)
          expect(Math.abs(row[k] - (k < exact.count ? exact.weights[o * exact.count + k] : 0) * 2 ** 14)).toBeLessThan(
            0.6 + exact.count / 2,
          );
      }
    }
  });
});

describe('places', () => {
  it('have the areas and aspects asked for and stay inside', () => {
    const ratios: number[] = [];
    for (let i = 0; i < 2000; i++) {
      const b = randomBox(60, 50, [0.2, 0.6], [3 / 4, 4 / 3], rng);
      expect(b.x >= 0 && b.y >= 0 && b.x + b.width <= 60 && b.y + b.height <= 50).toBe(true);
      ratios.push((b.width * b.height) / 3000);
    }
    expect(ratios.reduce((a, b) => a + b, 0) / 2000).toBeCloseTo(0.4, 1);
    expect(Math.min(...ratios)).toBeGreaterThan(0.17);
    expect(randomBox(100, 10, [0.9, 1], [0.9, 1.1], rng)).toEqual({ x: 44, y: 0, width: 11, height: 10 });
  });

  it('are as often mirrored and made smaller as asked for', () => {
    const { views } = settingsSchema.parse({});
    const places = Array.from({ length: 4000 }, () => drawPlace(64, 48, views, views.globalScale, rng));
    expect(places.filter((p) => p.flip).length / 4000).toBeCloseTo(views.flip, 1);
    const shrunk = places.flatMap((p) => p.shrunk ?? []);
    expect(shrunk.length / 4000).toBeCloseTo(views.downsample.probability, 1);
    for (const s of shrunk) {
      expect(s.width).toBeGreaterThanOrEqual(Math.round(0.3 * 64));
      expect(Math.abs(s.width / s.height - 64 / 48)).toBeLessThan(0.1);
    }
  });
});
