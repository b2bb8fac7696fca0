import sharp, { type Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';
import { testSeed } from '../../test/numbers.js';
import { Rng } from '../rng.js';
import { decodeForEval, forEval } from './eval.js';
import { decode } from './image.js';

const seed = testSeed('eval.test.ts');

/** 1,600 × 1,200 pixels with detail at every scale. */
function painted(width = 1600, height = 1200): Promise<Buffer> {
  const rng = Rng.of(seed, 'picture');
  const spots = Array.from({ length: 30 }, () => [rng.int(width), rng.int(height), 10 + rng.int(200), rng.int(3)]);
  const data = Buffer.alloc(width * height * 3);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * 3;
      for (let c = 0; c < 3; c++) data[at + c] = 90 + rng.int(40);
      for (const [sx, sy, r, c] of spots) if ((x - sx) ** 2 + (y - sy) ** 2 < r * r) data[at + c] = 220;
    }
  return sharp(data, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 92 })
    .toBuffer();
}

let made: Promise<Buffer> | undefined;
const picture = (): Promise<Buffer> => (made ??= painted());

const apart = (a: Float32Array, b: Float32Array): number =>
  Math.sqrt(a.reduce((sum, v, i) => sum + (v - b[i]) ** 2, 0) / a.length);

const furthest = (a: Float32Array, b: Float32Array): number =>
  a.reduce((most, v, i) => Math.max(most, Math.abs(v - b[i])), 0);

describe('a large picture is made smaller while it is decoded', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])('and looks as if it had not been, whatever EXIF says (%i)', async (orientation) => {
    const bytes = await sharp(await picture())
      .withMetadata({ orientation })
      .jpeg({ quality: 92 })
      .toBuffer();
    const [fast, exact] = [await decodeForEval(bytes, 32), forEval(await decode(bytes), 32)];
    // A decoder that scales rounds to 8 bits twice; a picture half a pixel beside itself would be ten times as far apart.
    expect(apart(fast, exact)).toBeLessThan(0.002);
    expect(furthest(fast, exact)).toBeLessThan(0.03);
  });

  it.each([
    ['WebP', (p: Sharp) => p.webp({ quality: 95 })],
    ['PNG', (p: Sharp) => p.png()],
    ['16-bit PNG', (p: Sharp) => p.toColourspace('rgb16').png()],
    ['grey JPEG', (p: Sharp) => p.toColourspace('b-w').jpeg({ quality: 92 })],
    ['odd sides', (p: Sharp) => p.extract({ left: 3, top: 1, width: 1531, height: 1003 }).jpeg({ quality: 92 })],
    ['upright', (p: Sharp) => p.extract({ left: 3, top: 1, width: 901, height: 1199 }).jpeg({ quality: 92 })],
  ])('as %s too', async (_, make) => {
    const bytes = await make(sharp(await picture())).toBuffer();
    for (const size of [32, 96]) {
      const [fast, exact] = [await decodeForEval(bytes, size), forEval(await decode(bytes), size)];
      expect(apart(fast, exact)).toBeLessThan(0.004);
      expect(furthest(fast, exact)).toBeLessThan(0.04);
    }
  });
});
