import { expect, test } from 'vitest';
import { testSeed } from '../../test/numbers.js';
import { settingsSchema } from '../config/schema.js';
import { EmbeddedPainter } from '../images/embedded/embedded-painter.js';
import { featureHealth } from '../learn/health.js';
import { layoutOf, viewsOf } from '../runtime/layout.js';
import { initialise } from './parameters.js';
import { sincosPositions, startingAs } from './start.js';
import { vitParameters } from './vit.js';

const seed = testSeed('start.test.ts');

const SPECS = vitParameters({ dim: 64, depth: 2, heads: 2, patch: 4, imageSize: 24, mlpRatio: 4 });
const { mean, std } = settingsSchema.parse({}).views;

/** Patches of painted captions, normalised: [rows, 48]. */
async function patches(): Promise<Float32Array[]> {
  const captions = ['a red fox in the snow', 'two boats on a lake at dusk', 'a wooden chair', 'a bowl of lemons'];
  const requests = captions.map((caption, captionId) => ({ caption, captionId, image: 0, attempt: 0, seed, size: 32 }));
  return (await new EmbeddedPainter().paint(requests)).flatMap(({ data }) =>
    Array.from({ length: 64 }, (_, k) => {
      const [top, left] = [4 * Math.floor(k / 8), 4 * (k % 8)];
      return Float32Array.from({ length: 48 }, (_, i) => {
        const [c, y, x] = [Math.floor(i / 16), top + Math.floor((i % 16) / 4), left + (i % 4)];
        return (data[(y * 32 + x) * 3 + c] / 255 - mean[c]) / std[c];
      });
    }),
  );
}

/** Tokens of the patches under fresh filters: [rows, 64]. */
function embed(rows: Float32Array[], kind: 'uniform' | 'whitening'): Float32Array {
  const layout = layoutOf(startingAs(SPECS, { patches: kind, positions: 'normal' }));
  const w = viewsOf(layout, initialise(layout, seed)).get('backbone.patch_embed.proj.weight')!;
  return Float32Array.from({ length: rows.length * 64 }, (_, at) => {
    const [row, k] = [rows[Math.floor(at / 64)], at % 64];
    return row.reduce((s, x, i) => s + x * w[k * 48 + i], 0);
  });
}

test('whitening filters see more of a painted image than its colours', async () => {
  const rows = await patches();
  const plain = featureHealth(embed(rows, 'uniform'), 64).feature_rank;
  const whitened = embed(rows, 'whitening');
  expect(featureHealth(whitened, 64).feature_rank).toBeGreaterThan(2 * plain);
  const size = Math.sqrt(whitened.reduce((s, x) => s + x * x, 0) / whitened.length);
  expect(size).toBeGreaterThan(0.2);
  expect(size).toBeLessThan(1.8);
});

test('sines and cosines tell every position apart, neighbours the least', () => {
  for (const [side, dim] of [
    [6, 64],
    [3, 10],
    [1, 4],
  ]) {
    const x = sincosPositions([1, side * side + 1, dim], 0.5);
    expect(x.every(Number.isFinite)).toBe(true);
    expect(x.slice(0, dim).every((v) => v === 0)).toBe(true);
    const row = (t: number) => x.subarray((t + 1) * dim, (t + 2) * dim);
    const distance = (a: number, b: number) => Math.hypot(...row(a).map((v, i) => v - row(b)[i]));
    for (let a = 0; a < side * side; a++)
      for (let b = 0; b < a; b++) expect(distance(a, b), `${a} and ${b} of ${side}²`).toBeGreaterThan(0.1);
    if (side > 3) expect(distance(0, 1)).toBeLessThan(distance(0, side * side - 1));
  }
  const x = sincosPositions([1, 37, 64], 0.5).subarray(64);
  expect(Math.sqrt(x.reduce((s, v) => s + v * v, 0) / x.length)).toBeCloseTo(0.5, 1);
});

test('a start changes what it names and nothing else', () => {
  const values = (patches: 'uniform' | 'whitening', positions: 'normal' | 'sincos') => {
    const layout = layoutOf(startingAs(SPECS, { patches, positions }));
    return viewsOf(layout, initialise(layout, seed));
  };
  const plain = values('uniform', 'normal');
  const both = values('whitening', 'sincos');
  const changed = [...plain.keys()].filter((name) => plain.get(name)!.some((v, i) => v !== both.get(name)![i]));
  expect(changed.sort()).toEqual(['backbone.patch_embed.proj.weight', 'backbone.pos_embed']);
});
