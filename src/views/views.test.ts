import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCanvas } from '@napi-rs/canvas';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testSeed } from '../../test/numbers.js';
import { Rng } from '../rng.js';
import { readForEval } from './eval.js';
import { decode, decodeSmall, type Rgb } from './image.js';
import { maskTokens } from './masks.js';
import { CaptionOrder } from './order.js';
import { cropResize } from './resample.js';

const seed = testSeed('views.test.ts');
const rng = Rng.of(seed, 'views test');
const noise = (width: number, height: number): Rgb => ({
  width,
  height,
  data: Uint8Array.from({ length: width * height * 3 }, () => rng.int(256)),
});

/** Direct evaluation of one output sample of the antialiased bicubic (a = −0.5) at the same box. */
function sampleAt(
  image: Rgb,
  box: { x: number; y: number; width: number; height: number },
  to: number,
  x: number,
  y: number,
  c: number,
): number {
  const kernel = (t: number) => {
    const d = Math.abs(t);
    return d < 1 ? 1.5 * d ** 3 - 2.5 * d ** 2 + 1 : d < 2 ? -0.5 * d ** 3 + 2.5 * d ** 2 - 4 * d + 2 : 0;
  };
  const taps = (n: number, i: number) => {
    const stretch = Math.max(1, n / to);
    const w = Array.from({ length: n }, (_, j) => kernel((j + 0.5 - ((i + 0.5) * n) / to) / stretch));
    const total = w.reduce((a, b) => a + b, 0);
    return w.map((v) => v / total);
  };
  const wx = taps(box.width, x);
  const wy = taps(box.height, y);
  let sum = 0;
  for (let v = 0; v < box.height; v++)
    for (let u = 0; u < box.width; u++)
      sum += wx[u] * wy[v] * image.data[((box.y + v) * image.width + box.x + u) * 3 + c];
  return Math.min(1, Math.max(0, sum / 255));
}

describe('cropResize', () => {
  it.each([
    [40, 30, 16],
    [12, 20, 24],
    [32, 32, 32],
    [7, 5, 9],
  ])('equals the direct bicubic from %i × %i to %i', (w, h, to) => {
    const image = noise(w + 9, h + 6);
    const box = { x: 4, y: 3, width: w, height: h };
    const out = cropResize(image, box, to);
    for (let k = 0; k < 40; k++) {
      const [x, y, c] = [rng.int(to), rng.int(to), rng.int(3)];
      expect(out[(c * to + y) * to + x]).toBeCloseTo(sampleAt(image, box, to, x, y, c), 4);
    }
  });
});

describe('masks', () => {
  it.each(['block', 'random'] as const)('%s masks are exact, ascending and in range', (style) => {
    for (let i = 0; i < 200; i++) {
      const side = 2 + rng.int(13);
      const count = rng.int(side * side + 1);
      const tokens = [...maskTokens(side, count, style, rng)];
      expect(tokens).toHaveLength(count);
      expect(tokens.every((t, k) => t >= 0 && t < side * side && (k === 0 || t > tokens[k - 1]))).toBe(true);
    }
  });

  it('blocks hang together more than random tokens', () => {
    const together = (style: 'block' | 'random') => {
      let pairs = 0;
      for (let i = 0; i < 100; i++) {
        const on = new Set(maskTokens(14, 98, style, Rng.of(seed, style, i)));
        for (const t of on) if (t % 14 < 13 && on.has(t + 1)) pairs++;
      }
      return pairs;
    };
    expect(together('block')).toBeGreaterThan(1.3 * together('random'));
  });
});

describe('CaptionOrder', () => {
  it.each([1, 2, 5, 64, 1000])('each epoch of %i captions is a permutation, new each time', (n) => {
    const order = new CaptionOrder(n, 1, seed);
    const epoch = (e: number) => Array.from({ length: n }, (_, i) => order.batch(e * n + i)[0]);
    expect([...epoch(0)].sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
    if (n > 5) expect(epoch(1)).not.toEqual(epoch(0));
  });

  it('a batch does not depend on what was asked before', () => {
    const a = new CaptionOrder(100, 8, seed);
    const b = new CaptionOrder(100, 8, seed);
    for (let t = 0; t < 30; t++) a.batch(t);
    expect(b.batch(29)).toEqual(a.batch(29));
    expect(new Set(b.batch(3)).size).toBe(8);
  });
});

describe('decoding', () => {
  let dir: string;
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'synclr-views-'));
  });
  afterAll(() => rmSync(dir, { recursive: true }));
  const seen = (bytes: Uint8Array): Promise<Float32Array> => {
    const file = join(dir, 'image');
    writeFileSync(file, bytes);
    return readForEval(file, 16);
  };

  it('Skia and libvips give the same pixels of a painted JPEG', async () => {
    const canvas = createCanvas(40, 40);
    const ctx = canvas.getContext('2d');
    for (let i = 0; i < 30; i++) {
      ctx.fillStyle = `rgb(${rng.int(256)},${rng.int(256)},${rng.int(256)})`;
      ctx.fillRect(rng.int(40), rng.int(40), 9, 9);
    }
    const bytes = canvas.encodeSync('jpeg', 90);
    // Another in between: the canvas is used again.
    await decodeSmall(createCanvas(40, 40).encodeSync('png'));
    const [a, b] = [await decodeSmall(bytes), await decode(bytes)];
    expect(a.data.length).toBe(b.data.length);
    expect(Math.max(...a.data.map((v, i) => Math.abs(v - b.data[i])))).toBeLessThanOrEqual(2);
  });

  it('grey, transparent, CMYK, tiny and oblong images are seen; half a JPEG is an error', async () => {
    const raw = { create: { width: 30, height: 20, channels: 3 as const, background: '#204080' } };
    const grey = await sharp(raw).toColourspace('b-w').png().toBuffer();
    const clear = await sharp({
      create: { ...raw.create, channels: 4 as const, background: { r: 0, g: 0, b: 0, alpha: 0 } },
    })
      .png()
      .toBuffer();
    const cmyk = await sharp(raw).toColourspace('cmyk').jpeg().toBuffer();
    const tiny = await sharp({ create: { ...raw.create, width: 3, height: 1 } })
      .png()
      .toBuffer();
    for (const bytes of [grey, clear, cmyk, tiny]) expect(await seen(bytes)).toHaveLength(3 * 256);
    expect((await seen(clear))[0]).toBeCloseTo(1, 2);
    const photo = await sharp(Buffer.from(noise(64, 64).data), { raw: { width: 64, height: 64, channels: 3 } })
      .jpeg()
      .toBuffer();
    await expect(seen(photo.subarray(0, photo.length >> 1))).rejects.toThrow();
    const png = await sharp(Buffer.from(noise(64, 64).data), { raw: { width: 64, height: 64, channels: 3 } })
      .png()
      .toBuffer();
    for (const bytes of [photo, png])
      for (const share of [0.1, 0.5, 0.9])
        await expect(decodeSmall(bytes.subarray(0, Math.floor(bytes.length * share)))).rejects.toThrow();
    await expect(decodeSmall(Buffer.from('no picture'))).rejects.toThrow('no picture');
  });
});
