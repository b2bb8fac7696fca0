import { describe, expect, test } from 'vitest';
import { testSeed } from '../../test/numbers.js';
import { settingsSchema } from '../config/schema.js';
import { Rng } from '../rng.js';
import { isBlank } from './blank.js';
import { paintSamples } from './paint-samples.js';
import type { Painter, PaintRequest, Pixels } from './painter.js';

const seed = testSeed('blank.test.ts');

const flat = (size: number, colour = [0, 0, 0], noise = 0): Pixels => {
  const rng = Rng.of(seed, size, noise);
  const data = Uint8Array.from(
    { length: 3 * size * size },
    (_, i) => colour[i % 3] + Math.round(noise * rng.uniform()),
  );
  return { width: size, height: size, data };
};
/** A square of another colour in the middle. */
const dotted = (size: number, side: number): Pixels => {
  const image = flat(size, [200, 200, 200]);
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++) image.data.fill(20, 3 * (y * size + x), 3 * (y * size + x) + 3);
  return image;
};

describe('a blank image', () => {
  test('is of one colour, or nearly', () => {
    for (const size of [8, 64, 512]) {
      expect(isBlank(flat(size))).toBe(true);
      expect(isBlank(flat(size, [255, 255, 255]))).toBe(true);
      expect(isBlank(flat(size, [10, 90, 200], 4))).toBe(true);
    }
  });

  test('is not one that shows something, however small', () => {
    expect(isBlank(dotted(64, 6))).toBe(false);
    expect(isBlank(dotted(512, 40))).toBe(false);
    expect(isBlank(flat(64, [100, 100, 100], 60))).toBe(false);
    const gradient: Pixels = {
      width: 64,
      height: 64,
      data: Uint8Array.from({ length: 3 * 64 * 64 }, (_, i) => 100 + Math.floor(i / 3 / 64)),
    };
    expect(isBlank(gradient)).toBe(false);
  });
});

describe('painting samples', () => {
  const settings = settingsSchema.parse({ seed: 5, images: { perCaption: 3, size: 16, repaint: 2 } });
  const painter = (blank: (r: PaintRequest) => boolean): Painter & { asked: PaintRequest[] } => ({
    name: 'test',
    asked: [],
    async paint(requests) {
      this.asked.push(...requests);
      return requests.map((r) => (blank(r) ? flat(16) : dotted(16, 4 + r.image)));
    },
  });
  const captions = [
    { id: 7, caption: 'a fox' },
    { id: 8, caption: 'a tram' },
  ];

  test('blank images are painted again with their next noise key, the others not', async () => {
    const p = painter(
      (r) =>
        (r.captionId === 8 && r.image === 1 && r.attempt < 2) ||
        (r.captionId === 7 && r.image === 0 && r.attempt === 0),
    );
    const [first, second] = await paintSamples(p, captions, settings);
    expect(first).toMatchObject({ attempts: [1, 0, 0], rejected: { blank: 1 } });
    expect(second).toMatchObject({ attempts: [0, 2, 0], rejected: { blank: 2 } });
    expect([...first.images, ...second.images].some(isBlank)).toBe(false);
    expect(p.asked.length).toBe(6 + 2 + 1);
    expect(second.images.map((i) => i.data.filter((v) => v === 20).length / 3)).toEqual([16, 25, 36]);
  });

  test('one that stays blank is kept in the end, and counted', async () => {
    const [sample] = await paintSamples(
      painter((r) => r.image === 2),
      captions.slice(0, 1),
      settings,
    );
    expect(sample).toMatchObject({ attempts: [0, 0, 2], rejected: { blank: 2, 'blank, kept': 1 } });
  });
});
