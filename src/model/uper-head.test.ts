import { describe, expect, test } from 'vitest';
import { testSeed } from '../../test/numbers.js';
import { gradients, interpret, ops, type Tensor } from '../graph/index.js';
import { Rng } from '../rng.js';
import { layoutOf, viewsOf } from '../runtime/layout.js';
import { pyramidBlocks, tokenMaps } from './feature-pyramid.js';
import { initialise, type ParameterSpec } from './parameters.js';
import { segmentationLoss } from './segmentation-loss.js';
import { type UperConfig, uperHead, uperParameters, uperStatistics } from './uper-head.js';

const seed = testSeed('uper-head.test.ts');
const rng = Rng.of(seed, 'uper');
const random = (n: number) => Float64Array.from({ length: n }, () => rng.normal());

const SMALL: UperConfig = { dim: 4, classes: 3, channels: 2, auxiliaryChannels: 3 };

/** A head whose parameters are inputs; what it asked for, and values for that. */
function built(c: UperConfig, maps: number[], o: Partial<Parameters<typeof uperHead>[3]> = {}) {
  const specs = new Map([...uperParameters(c), ...uperStatistics(c)].map((s) => [s.name, s]));
  const asked = new Map<string, Tensor>();
  const p = (name: string) => {
    const made = asked.get(name) ?? ops.input(name, specs.get(name)!.shape);
    asked.set(name, made);
    return made;
  };
  const inputs = [0, 1, 2, 3].map((i) => ops.input(`map${i}`, maps));
  return { ...uperHead(c, p, inputs, { training: true, ...o }), asked, inputs };
}

const valuesOf = (specs: readonly ParameterSpec[]) => {
  const layout = layoutOf(specs);
  return Object.fromEntries(viewsOf(layout, initialise(layout, seed)));
};

const feedsOf = (c: UperConfig, maps: Tensor[]) => ({
  ...valuesOf([...uperParameters(c), ...uperStatistics(c)]),
  ...Object.fromEntries(maps.map((m) => [m.attrs.name!, random(m.size)])),
});

test('it asks for the parameters that are named, and for running statistics in evaluation alone', () => {
  const trained = uperParameters(SMALL).map((s) => s.name);
  const running = uperStatistics(SMALL).map((s) => s.name);
  const training = built(SMALL, [2, 4, 4, 5]);
  expect([...training.asked.keys()].sort()).toEqual([...trained].sort());
  expect(Object.keys(training.statistics).sort()).toEqual([...running].sort());
  const evaluation = built(SMALL, [2, 4, 4, 5], { training: false });
  expect([...evaluation.asked.keys()].sort()).toEqual([...trained, ...running].sort());
  expect(evaluation.statistics).toEqual({});
  for (const { name, shape } of uperStatistics(SMALL)) expect(training.statistics[name].shape, name).toEqual(shape);
});

test.each([
  [2, 2],
  [5, 7],
  [8, 3],
])('of %i × %i patches logits are four times as large, whatever is odd', (height, width) => {
  const { pyramid, logits, auxiliary } = built({ ...SMALL, classes: 21 }, [2, 4, height, width]);
  expect(pyramid.map((x) => x.shape.slice(2))).toEqual([
    [4 * height, 4 * width],
    [2 * height, 2 * width],
    [height, width],
    [Math.floor(height / 2), Math.floor(width / 2)],
  ]);
  expect(logits.shape).toEqual([2, 21, 4 * height, 4 * width]);
  expect(auxiliary.shape).toEqual([2, 21, height, width]);
});

test('evaluation with the statistics of a batch gives what training gives', () => {
  const training = built(SMALL, [2, 4, 2, 3]);
  const evaluation = built(SMALL, [2, 4, 2, 3], { training: false });
  const feeds = feedsOf(SMALL, training.inputs);
  const { logits, ...batch } = interpret({ logits: training.logits, ...training.statistics }, feeds);
  // Values a channel, of which the running variance is the unbiased one.
  const values = (name: string) => {
    const [, , h, w] = training.logits.shape;
    const at = /psp_modules\.(\d)/.exec(name);
    if (at) return 2 * [1, 2, 3, 6][Number(at[1])] ** 2;
    const scale = /upsample|lateral_convs\.1|fpn_convs\.1/.test(name)
      ? 4
      : /lateral_convs\.2|fpn_convs\.2|auxiliary/.test(name)
        ? 16
        : 1;
    return /decode_head\.bottleneck/.test(name) ? 2 * 1 * 1 : (2 * h * w) / scale;
  };
  const statistics = Object.fromEntries(
    Object.entries(batch).map(([name, x]) => {
      const n = values(name);
      return [name, name.endsWith('var') ? x.map((v) => (v * (n - 1)) / n) : x];
    }),
  );
  const found = interpret({ logits: evaluation.logits }, { ...feeds, ...statistics }).logits;
  found.forEach((value, i) => {
    expect(value).toBeCloseTo(logits[i], 8);
  });
});

test('maps that are dropped say nothing', () => {
  const dropout = ops.input('dropout', [2, 2]);
  const head = built(SMALL, [2, 4, 2, 2], { dropout });
  const feeds = feedsOf(SMALL, head.inputs);
  const bias = feeds['decode_head.conv_seg.bias'];
  bias.set([1, 2, 3]);
  const { logits } = interpret({ logits: head.logits }, { ...feeds, dropout: [0, 0, 1, 2] });
  const places = 64;
  expect([0, 1, 2].map((k) => logits[k * places + 5])).toEqual([1, 2, 3]);
  // At one place alone, rectified features may all be nothing, too.
  expect([...logits.slice(3 * places, 4 * places)].some((logit) => logit !== 1)).toBe(true);
});

test('every parameter has a gradient, from main loss and auxiliary', () => {
  const head = built(SMALL, [2, 4, 3, 3]);
  const labels = ops.input('labels', [2, 24, 24], 'u8');
  const loss = ops.add(segmentationLoss(head.logits, labels), segmentationLoss(head.auxiliary, labels));
  for (const [i, g] of gradients(loss, [...head.asked.values()]).entries())
    expect(g?.shape, [...head.asked.keys()][i]).toEqual([...head.asked.values()][i].shape);
});

test('what cannot be normalised or halved is refused by name', () => {
  expect(() => built(SMALL, [1, 4, 4, 4])).toThrow(
    /decode_head\.psp_modules\.0\.1\.bn has one value.*at least two images/,
  );
  expect(() => built(SMALL, [2, 4, 1, 9])).toThrow('1 × 9 patches');
  expect(built(SMALL, [1, 4, 4, 4], { training: false }).logits.shape).toEqual([1, 3, 16, 16]);
});

test('levels are blocks at a third, half, two thirds and the end', () => {
  expect(pyramidBlocks(12)).toEqual([3, 5, 7, 11]);
  expect(pyramidBlocks(24)).toEqual([7, 11, 15, 23]);
  expect(pyramidBlocks(4)).toEqual([0, 1, 2, 3]);
  expect(pyramidBlocks(1)).toEqual([0, 0, 0, 0]);
});

test('patches become the same maps from both orders of rows', () => {
  const [batch, prefix, dim, grid] = [2, 3, 4, [2, 5] as const];
  const tokens = prefix + 10;
  const value = (sample: number, token: number, d: number) => 1000 * sample + 10 * token + d;
  const rows = ops.input('rows', [tokens * batch, dim]);
  for (const order of ['token', 'sample'] as const) {
    const x = Float64Array.from({ length: rows.size }, (_, i) => {
      const [d, row] = [i % dim, Math.floor(i / dim)];
      return order === 'token'
        ? value(row % batch, Math.floor(row / batch), d)
        : value(Math.floor(row / tokens), row % tokens, d);
    });
    const maps = tokenMaps(rows, { order, batch, prefix, grid });
    const found = interpret({ maps }, { rows: x }).maps;
    expect(maps.shape).toEqual([batch, dim, 2, 5]);
    // Sample 1, number 2 of its tokens, second row, column 3.
    expect(found[((1 * dim + 2) * 2 + 1) * 5 + 3]).toBe(value(1, prefix + 5 + 3, 2));
  }
});

describe('the loss of segmentation', () => {
  const logits = ops.input('logits', [1, 3, 2, 2]);
  const scores = random(12);
  const loss = (labels: number[], o = {}, dtype: 'u8' | 'i64' | 'f32' = 'u8') =>
    interpret({ y: segmentationLoss(logits, ops.input('labels', [1, 2, 2], dtype), o) }, { logits: scores, labels })
      .y[0];
  const nll = (pixel: number, k: number) => {
    const own = [0, 1, 2].map((c) => scores[c * 4 + pixel]);
    return Math.log(own.reduce((s, x) => s + Math.exp(x), 0)) - own[k];
  };

  test('divides by all pixels, or by those that count', () => {
    const sum = nll(0, 2) + nll(3, 1);
    expect(loss([2, 255, 255, 1])).toBeCloseTo(sum / 4, 9);
    expect(loss([2, 255, 255, 1], { average: 'valid' })).toBeCloseTo(sum / 2, 9);
    expect(loss([2, 0, 0, 1], { ignore: 0 })).toBeCloseTo(sum / 4, 9);
  });

  test('is 0, or no number, where no pixel counts', () => {
    expect(loss([255, 255, 255, 255])).toBeCloseTo(0, 12);
    expect(loss([255, 255, 255, 255], { average: 'valid' })).toBeNaN();
  });

  test('takes labels of any type', () => {
    for (const dtype of ['i64', 'f32'] as const) expect(loss([2, 255, 0, 1], {}, dtype)).toBe(loss([2, 255, 0, 1]));
  });

  test('resizes logits to the labels', () => {
    const labels = Array.from({ length: 24 }, (_, i) => i % 3);
    const own = (x: Tensor) => segmentationLoss(x, ops.input('labels', [1, 4, 6], 'u8'));
    const { a, b } = interpret(
      { a: own(logits), b: own(ops.resizeBilinear(logits, [4, 6])) },
      { logits: scores, labels },
    );
    expect(a[0]).toBe(b[0]);
  });
});
