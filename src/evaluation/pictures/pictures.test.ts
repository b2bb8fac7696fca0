import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MICRO } from '../../../test/micro.js';
import { testSeed } from '../../../test/numbers.js';
import { writeEncoder } from '../../../test/tiny-encoder.js';
import { resolveSettings } from '../../config/resolve.js';
import { openEvalSet } from '../../data/open.js';
import type { EvalSet } from '../../data/set.js';
import { openEncoder } from '../../encoders/open-encoder.js';
import { Interrupted } from '../../errors.js';
import { interpret, ops, type Tensor } from '../../graph/index.js';
import { initialise } from '../../model/parameters.js';
import { vit, vitParameters } from '../../model/vit.js';
import type { VitConfig } from '../../model/vit-config.js';
import { clsAttention } from '../../model/vit-maps.js';
import { encoderSource } from '../../probe/sources.js';
import { Rng } from '../../rng.js';
import { layoutOf, viewsOf } from '../../runtime/layout.js';
import { cpuExecutors } from '../../runtime/open-executors.js';
import { extractFeatures, readFeatures } from '../features.js';
import { confusion } from '../metrics/accuracy.js';
import { umapOf } from './map.js';
import { surestMistakes, worstPairs } from './mistakes.js';
import { nearOf, neighbourPictures } from './neighbours.js';
import { picturesPage } from './page.js';
import { heat } from './patches.js';
import { picturesFor } from './pictures.js';
import { Thumbnails } from './thumbnails.js';

const seed = testSeed('pictures.test.ts');
const signal = new AbortController().signal;

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'synclr-pictures-'));
});
afterAll(() => rmSync(dir, { recursive: true }));

const PLAIN: VitConfig = { dim: 12, depth: 2, heads: 3, patch: 2, imageSize: 6, mlpRatio: 2 };
const CASES: [string, VitConfig][] = [
  ['plain', PLAIN],
  ['with registers', { ...PLAIN, registers: 2 }],
  ['with relative positions', { ...PLAIN, positions: false, relative: 'both' }],
  ['with rotary positions', { ...PLAIN, rotary: { base: 100 } }],
];

test.each(CASES)('attention of CLS is what its output is the mean of values by: %s', (_, c) => {
  const specs = vitParameters(c);
  const layout = layoutOf(specs);
  const values = viewsOf(layout, initialise(layout, seed));
  // Initial biases of positions and of queries are zero, and so would say nothing.
  for (const s of specs) {
    const rng = Rng.of(seed, s.name);
    const own = values.get(s.name)!;
    for (let i = 0; i < own.length; i++) own[i] += 0.3 * rng.normal();
  }
  const p = (name: string) => ops.constant(values.get(name)!, specs.find((s) => s.name === name)!.shape);
  const rng = Rng.of(seed, 'image');
  const images = ops.constant(
    Float32Array.from({ length: 2 * 3 * 36 }, () => rng.normal()),
    [2, 3, 6, 6],
  );
  const maps = clsAttention(c, p, images);
  const [batch, heads, tokens] = maps.shape;
  const { blocks } = vit(c, p, images, { order: 'sample' });
  const name = 'backbone.blocks.1';
  const y = ops.layerNorm(blocks[1].input, p(`${name}.norm1.weight`), p(`${name}.norm1.bias`), c.eps ?? 1e-6);
  const v = ops.linear(
    y,
    ops.slice(p(`${name}.attn.qkv.weight`), 0, 2 * c.dim, c.dim),
    ops.slice(p(`${name}.attn.qkv.bias`), 0, 2 * c.dim, c.dim),
  );
  // What the block adds to CLS, from our weights: values summed by them, and the output layer.
  const width = c.dim / c.heads;
  const summed = ops.sum(
    ops.mul(
      ops.reshape(ops.transpose(maps, [0, 2, 1]), [batch, tokens, heads, 1]),
      ops.reshape(v, [batch, tokens, heads, width]),
    ),
    [1],
    false,
  );
  const out = ops.linear(
    ops.reshape(summed, [batch, c.dim]),
    p(`${name}.attn.proj.weight`),
    p(`${name}.attn.proj.bias`),
  );
  // And from the network: what lies between the block's input and its second half.
  const half = ops.sub(middleOf(blocks[1].output, blocks[1].input), blocks[1].input);
  const cls = ops.slice(ops.reshape(half, [batch, tokens, c.dim]), 1, 0, 1);
  const found = interpret({ maps, out, cls: ops.reshape(cls, [batch, c.dim]) }, {});
  const rows = Array.from(found.maps);
  for (let r = 0; r < batch * heads; r++)
    expect(rows.slice(r * tokens, (r + 1) * tokens).reduce((s, w) => s + w, 0)).toBeCloseTo(1, 5);
  found.out.forEach((w, i) => {
    expect(w).toBeCloseTo(found.cls[i], 4);
  });
});

/** The first sum of two, of a block: x + attention, before the MLP is added. */
function middleOf(output: Tensor, input: Tensor) {
  const [first] = output.inputs;
  expect(first.kind).toBe('add');
  expect(first.inputs[0]).toBe(input);
  return first;
}

test('mistakes are counted, the worst pairs first, the surest first', () => {
  const labels = Int32Array.of(0, 0, 0, 1, 1, 2, 2);
  const classes = Int32Array.of(0, 1, 1, 1, 2, 0, 2);
  const confidences = Float32Array.of(0.9, 0.5, 0.8, 0.7, 0.8, 0.6, 1);
  const counts = confusion(classes, labels, 3);
  expect([...counts]).toEqual([1, 2, 0, 0, 1, 1, 1, 0, 1]);
  expect(worstPairs(counts, 3, 2)).toEqual([
    { is: 0, taken: 1, n: 2 },
    { is: 1, taken: 2, n: 1 },
  ]);
  expect(surestMistakes(labels, { by: '', classes, confidences }, 3)).toEqual([2, 4, 5]);
  expect(surestMistakes(labels, { by: '', classes: labels, confidences }, 3)).toEqual([]);
});

test('a map keeps groups together, the same one for a seed, and stops when asked', async () => {
  const dim = 8;
  const n = 60;
  const x = new Float32Array(n * dim);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < dim; j++) x[i * dim + j] = (j === i % 3 ? 5 : 0) + 0.3 * Rng.of(seed, i, j).normal();
  const on = cpuExecutors(1);
  try {
    const o = { seed, on, signal };
    const map = (await umapOf(x, dim, o))!;
    expect(await umapOf(x, dim, o)).toEqual(map);
    const distance = (a: number, b: number) => Math.hypot(map[a][0] - map[b][0], map[a][1] - map[b][1]);
    // The nearest other point on the map is of the same group.
    const nearest = map.map((_, i) => {
      const others = map.map((_, j) => j).filter((j) => j !== i);
      return others.reduce((best, j) => (distance(i, j) < distance(i, best) ? j : best));
    });
    expect(nearest.filter((j, i) => j % 3 === i % 3).length).toBeGreaterThan(0.95 * n);
    expect(await umapOf(x.slice(0, 4 * dim), dim, o)).toBeUndefined();
    expect(await umapOf(x.slice(0, 6 * dim), dim, o)).toHaveLength(6);
    await expect(umapOf(x, dim, { ...o, signal: AbortSignal.abort() })).rejects.toBeInstanceOf(Interrupted);
  } finally {
    await on.close();
  }
});

test('a picture that one encoder alone was not shown has no neighbours there, and is said', async () => {
  const on = cpuExecutors(1);
  const rows = (index: number[], dim = 2) => ({
    ...{ x: Float32Array.from(index.flatMap((i) => [i === 0 ? 1 : 0, i])), dim, index: Int32Array.from(index) },
    labels: new Int32Array(index.length),
  });
  try {
    const train = rows([0, 1, 2]);
    const near = await nearOf('mine', { train, test: rows([0, 2]) }, [2, 1, 0], on);
    expect(near.queries[1]).toBeUndefined();
    // (0, 2) points where (0, 1) and (0, 2) do, (1, 0) where (1, 0) does.
    expect(
      near.queries[0]!.map((n) => n.picture)
        .slice(0, 2)
        .sort(),
    ).toEqual([1, 2]);
    expect(near.queries[2]![0]).toEqual({ picture: 0, cosine: 1 });
    expect(await nearOf('mine', { train, test: rows([7]) }, [2], on)).toEqual({ label: 'mine', queries: [undefined] });
    const plain = { width: 2, height: 2, data: new Uint8Array(12) };
    const split = { length: 3, labels: new Int32Array(3), nameOf: String, read: async () => plain };
    const set = { classes: ['a'], train: split, test: split } as unknown as EvalSet;
    const shown = await neighbourPictures(set, [near], [2, 1, 0], new Thumbnails(set));
    expect(shown.text.match(/this picture was left out/g)).toHaveLength(1);
    expect(shown.text.match(/class="pic same"/g)).toHaveLength(6);
  } finally {
    await on.close();
  }
});

test('shades go from dark to light, and a flat map is dark', () => {
  const shades = heat(Float32Array.from({ length: 100 }, (_, i) => i));
  expect(shades[0]).toBeLessThan(10);
  expect(shades[297]).toBeGreaterThan(240);
  expect([...heat(new Float32Array(4).fill(0.25))].slice(0, 3)).toEqual([0, 0, 8]);
});

test('a page of an encoder beside raw pixels holds all of it, and asks for nothing', async () => {
  const colours = { 'red <b>': [200, 40, 40], green: [40, 180, 60], blue: [40, 60, 200] };
  for (const [name, rgb] of Object.entries(colours))
    for (const [part, each] of [
      ['train', 6],
      ['test', 5],
    ] as const) {
      mkdirSync(join(dir, 'set', part, name), { recursive: true });
      for (let i = 0; i < each; i++) {
        const rng = Rng.of(seed, name, part, i);
        const data = Uint8Array.from({ length: 24 * 20 * 3 }, (_, k) => rgb[k % 3] + rng.int(50));
        const file = await sharp(data, { raw: { width: 24, height: 20, channels: 3 } })
          .png()
          .toBuffer();
        writeFileSync(join(dir, 'set', part, name, `${i}.png`), file);
      }
    }
  writeFileSync(join(dir, 'set', 'test', 'green', 'broken.png'), 'no picture');
  const settings = resolveSettings({ flags: MICRO });
  await writeEncoder(join(dir, 'encoder'), settings);
  const executors = cpuExecutors(1);
  await using set = await openEvalSet({ name: 'colours', dir: join(dir, 'set') });
  const encoder = await openEncoder({ checkpoint: join(dir, 'encoder'), executors });
  try {
    const source = encoderSource('trained', encoder);
    const features = async () => {
      const o = { dir: join(dir, 'features'), hooks: { signal } };
      await extractFeatures([source], set, o);
      return (await readFeatures(source, set, o.dir))!;
    };
    const one = { open: async () => encoder, features };
    const o = { set, executors, seed, hooks: { signal } };
    const encoders = [
      { label: 'mine', hasNetwork: true, ...one },
      { label: 'pixels', hasNetwork: false, ...one },
    ];
    const section = await picturesFor({ ...o, encoders });
    expect((await picturesFor({ ...o, encoders })).text).toBe(section.text);
    const page = picturesPage('colours', [{ label: 'mine', origin: 'x' }], [['colours', section]], seed);
    for (const title of ['What patches see', 'What the CLS token attends to', 'Nearest training', 'Mistakes', 'Maps'])
      expect(page).toContain(title);
    // Colours are told apart by any weights.
    expect(page).toMatch(/kNN, k = 18: (9\d|100)\.\d % of 15 right/);
    expect(page).toContain('red &lt;b&gt;');
    expect(page).not.toContain('red <b>');
    for (const [, address] of page.matchAll(/(?:src|href)="([^"]*)"/g)) expect(address).toMatch(/^(data:|#)/);
    expect(page.length).toBeLessThan(400_000);
  } finally {
    await executors.close();
  }
});
