import { expect, test } from 'vitest';
import { bicubic, naiveVit, sourceAt } from '../../test/naive-vit.js';
import { relativeDifference, testSeed } from '../../test/numbers.js';
import { randomParameters, type Values } from '../../test/small-step.js';
import { ops, type RowOrder, sizeOf } from '../graph/index.js';
import { interpret } from '../graph/interpret.js';
import { Rng } from '../rng.js';
import { layoutOf, viewsOf } from '../runtime/layout.js';
import { initialise } from './parameters.js';
import { positionResampling } from './position.js';
import { type VitConfig, vit, vitParameters } from './vit.js';

const seed = testSeed('vit.test.ts');
const CONFIG: VitConfig = { dim: 12, depth: 2, heads: 3, patch: 4, imageSize: 16, mlpRatio: 2.5 };

/** The graph's tokens in the order [batch][tokens, dim]. */
function ours(
  c: VitConfig,
  parameters: Values,
  images: Float32Array,
  batch: number,
  size: number,
  o: { mask?: Float32Array; dropPath?: Float32Array; order?: RowOrder } = {},
) {
  const n = (size / c.patch) ** 2;
  const nodes = new Map(vitParameters(c).map((s) => [s.name, ops.input(s.name, s.shape)]));
  const graph = vit(c, (name) => nodes.get(name)!, ops.input('images', [batch, 3, size, size]), {
    mask: o.mask && ops.input('mask', o.order === 'sample' ? [batch, n, 1] : [n, batch, 1]),
    dropPath: o.dropPath && ops.input('dropPath', [c.depth, 2, batch]),
    order: o.order,
  });
  const feeds: Record<string, Float32Array> = { ...Object.fromEntries(parameters), images };
  if (o.mask) feeds.mask = o.mask;
  if (o.dropPath) feeds.dropPath = o.dropPath;
  const { tokens, cls, patches } = interpret({ tokens: graph.tokens, cls: graph.cls, patches: graph.patches }, feeds);
  const row = (values: Float64Array, of: number, t: number, b: number) => {
    const at = o.order === 'sample' ? b * of + t : t * batch + b;
    return [...values.subarray(at * c.dim, (at + 1) * c.dim)];
  };
  const found = Array.from({ length: batch }, (_, b) =>
    Array.from({ length: n + 1 }, (_, t) => row(tokens, n + 1, t, b)),
  );
  // Of each sample CLS comes first, then the patches.
  found.forEach((sample, b) => {
    expect(row(cls, 1, 0, b)).toEqual(sample[0]);
    for (let t = 0; t < n; t++) expect(row(patches, n, t, b)).toEqual(sample[t + 1]);
  });
  return found;
}

const noise = (rng: Rng, length: number) => Float32Array.from({ length }, () => rng.normal());

test.each([
  ['at the size of its positions', 16],
  ['on smaller crops, with positions resampled', 8],
  ['on larger images, with positions resampled', 28],
])('equals a plain ViT %s', (_, size) => {
  const rng = Rng.of(seed, 'vit', size);
  const batch = 2;
  const parameters = randomParameters(vitParameters(CONFIG), rng);
  const images = noise(rng, batch * 3 * size * size);
  const actual = ours(CONFIG, parameters, images, batch, size);
  const other = ours(CONFIG, parameters, images, batch, size, { order: 'sample' });
  for (let b = 0; b < batch; b++) {
    const image = images.subarray(b * 3 * size * size, (b + 1) * 3 * size * size);
    const expected = naiveVit(CONFIG, (name) => parameters.get(name)!, image, size);
    // Resampling weights are kept in float32.
    expect(relativeDifference(actual[b].flat(), expected.flat())).toBeLessThan(size === 16 ? 1e-13 : 1e-6);
    expect(other[b]).toEqual(actual[b]);
  }
});

test('equals a plain ViT with masked patches and dropped branches', () => {
  const rng = Rng.of(seed, 'masked');
  const [batch, size, n] = [3, 16, 16];
  const parameters = randomParameters(vitParameters(CONFIG), rng);
  const images = noise(rng, batch * 3 * size * size);
  const mask = Float32Array.from({ length: n * batch }, () => (rng.chance(0.4) ? 1 : 0));
  const dropPath = Float32Array.from({ length: CONFIG.depth * 2 * batch }, () => (rng.chance(0.5) ? 0 : 2));
  const actual = ours(CONFIG, parameters, images, batch, size, { mask, dropPath });
  const turned = Float32Array.from({ length: n * batch }, (_, i) => mask[(i % n) * batch + Math.floor(i / n)]);
  expect(ours(CONFIG, parameters, images, batch, size, { mask: turned, dropPath, order: 'sample' })).toEqual(actual);
  for (let b = 0; b < batch; b++) {
    const expected = naiveVit(
      CONFIG,
      (name) => parameters.get(name)!,
      images.subarray(b * 3 * size * size, (b + 1) * 3 * size * size),
      size,
      (patch) => mask[patch * batch + b] === 1,
      (block, branch) => dropPath[(block * 2 + branch) * batch + b],
    );
    expect(relativeDifference(actual[b].flat(), expected.flat())).toBeLessThan(1e-13);
  }
});

test.each([
  [14, 6],
  [8, 4],
  [2, 7],
  [3, 3],
  [1, 2],
])('positions resampled from %i to %i agree with bicubic interpolation point by point', (from, to) => {
  const rng = Rng.of(seed, 'bicubic', from, to);
  const grid = noise(rng, from * from);
  const weights = positionResampling(from, to);
  expect(weights.length).toBe(to * to * from * from);
  for (let y = 0; y < to; y++)
    for (let x = 0; x < to; x++) {
      const row = weights.subarray((y * to + x) * from * from, (y * to + x + 1) * from * from);
      const at = (r: number, c: number) => grid[r * from + c];
      const expected = bicubic(at, from, sourceAt(y, from, to), sourceAt(x, from, to));
      expect(row.reduce((s, w, i) => s + w * grid[i], 0)).toBeCloseTo(expected, 5);
      expect(row.reduce((s, w) => s + w, 0)).toBeCloseTo(1, 6);
    }
});

// timm's published counts at 224 px with 1,000 classes, less the classifier's dim·1000 + 1000.
test.each([
  ['ViT-Ti/16', 192, 12, 3, 5_717_416],
  ['ViT-S/16', 384, 12, 6, 22_050_664],
  ['ViT-B/16', 768, 12, 12, 86_567_656],
  ['ViT-L/16', 1024, 24, 16, 304_326_632],
])('%s has as many parameters as timm’s', (_, dim, depth, heads, published) => {
  const specs = vitParameters({ dim, depth, heads, patch: 16, imageSize: 224, mlpRatio: 4 });
  const count = specs.filter((s) => s.name !== 'backbone.mask_token').reduce((s, p) => s + sizeOf(p.shape), 0);
  expect(count).toBe(published - (dim * 1000 + 1000));
  expect(new Set(specs.map((s) => s.name)).size).toBe(specs.length);
});

test('fresh values depend on the seed and the name alone', () => {
  const specs = vitParameters(CONFIG);
  const values = (chosen: typeof specs, key = seed) => {
    const layout = layoutOf(chosen);
    return viewsOf(layout, initialise(layout, key));
  };
  const all = values(specs);
  const some = values([...specs].reverse().filter((_, i) => i % 3 === 0));
  for (const [name, value] of some) expect(value).toEqual(all.get(name));
  expect(values(specs)).toEqual(all);
  const drawn = specs.filter((s) => !('fill' in s.init)).map((s) => s.name);
  const other = values(specs, seed + 1);
  for (const name of drawn) expect(other.get(name)).not.toEqual(all.get(name));
  const [a, b] = ['backbone.blocks.0.mlp.fc1.weight', 'backbone.blocks.1.mlp.fc1.weight'];
  expect(all.get(a)).not.toEqual(all.get(b));
});

test('fresh values have their distributions', () => {
  const specs = [
    { name: 'n', shape: [200, 100], init: { normal: 0.02 } },
    { name: 'u', shape: [200, 100], init: { uniform: 0.3 } },
    { name: 'f', shape: [3], init: { fill: 1 } },
  ];
  const layout = layoutOf(specs);
  const flat = initialise(layout, seed);
  const values = viewsOf(layout, flat);
  const n = values.get('n')!;
  const std = (x: Float32Array) => Math.sqrt(x.reduce((s, v) => s + v * v, 0) / x.length);
  expect(Math.max(...n.map(Math.abs))).toBeLessThanOrEqual(Math.fround(0.04));
  // A normal variable cut at ±2 deviations has 0.8796 of its deviation.
  expect(std(n) / 0.02).toBeCloseTo(0.8796, 1);
  expect(Math.max(...values.get('u')!.map(Math.abs))).toBeLessThan(0.3);
  expect(std(values.get('u')!)).toBeCloseTo(0.3 / Math.sqrt(3), 2);
  expect([...values.get('f')!]).toEqual([1, 1, 1]);
  for (const offset of layout.offset.values()) expect(offset % 16).toBe(0);
  expect(flat.length).toBe(layout.length);
});
