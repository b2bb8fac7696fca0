import { expect, test } from 'vitest';
import { affine, gelu, norm } from '../../test/naive-vit.js';
import { relativeDifference, testSeed } from '../../test/numbers.js';
import { randomParameters } from '../../test/small-step.js';
import { ops, type Tensor } from '../graph/index.js';
import { interpret } from '../graph/interpret.js';
import { Rng } from '../rng.js';
import * as heads from './heads.js';
import type { ParameterSpec } from './parameters.js';
import type { Parameters } from './vit.js';

const seed = testSeed('heads.test.ts');
const ROWS = 3;

/** A head's output on random input, by the graph; with the values to work it out by hand. */
function run(specs: ParameterSpec[], into: number, head: (p: Parameters, x: Tensor) => Tensor) {
  const rng = Rng.of(seed, specs[0].name);
  const values = randomParameters(specs, rng);
  const nodes = new Map(specs.map((s) => [s.name, ops.input(s.name, s.shape)]));
  const x = Float32Array.from({ length: ROWS * into }, () => rng.normal());
  const used = new Set<string>();
  const get = (name: string) => {
    used.add(name);
    return nodes.get(name)!;
  };
  const y = head(get, ops.input('x', [ROWS, into]));
  expect([...used].sort()).toEqual(specs.map((s) => s.name).sort());
  const rows = Array.from({ length: ROWS }, (_, r) => [...x.subarray(r * into, (r + 1) * into)]);
  return { actual: interpret({ y }, { ...Object.fromEntries(values), x }).y, rows, at: (n: string) => values.get(n)! };
}

test('the projection head is Linear, LN, GELU twice, then Linear without bias and LN without affine', () => {
  const { actual, rows, at } = run(heads.projectionParameters(5, 8, 6), 5, heads.projection);
  let x = rows;
  for (const i of [0, 3]) {
    x = affine(x, at(`proj.mlp.${i}.weight`), at(`proj.mlp.${i}.bias`));
    x = norm(x, at(`proj.mlp.${i + 1}.weight`), at(`proj.mlp.${i + 1}.bias`), 1e-5).map((row) => row.map(gelu));
  }
  x = norm(affine(x, at('proj.mlp.6.weight')), undefined, undefined, 1e-5);
  expect(relativeDifference(actual, x.flat())).toBeLessThan(1e-13);
});

test('with batch normalisation every column of the batch is normalised, that of the input too', () => {
  const turned = (x: number[][]) => x[0].map((_, k) => x.map((row) => row[k]));
  // Normalising a column over the batch is normalising a row of the transpose; weight and bias belong to the columns.
  const columns = (x: number[][], weight?: ArrayLike<number>, bias?: ArrayLike<number>) =>
    turned(norm(turned(x), undefined, undefined, 1e-5)).map((row) =>
      row.map((v, k) => v * (weight?.[k] ?? 1) + (bias?.[k] ?? 0)),
    );
  const { actual, rows, at } = run(heads.projectionParameters(5, 8, 6), 5, (p, x) =>
    heads.projection(p, x, { norm: 'batch' }),
  );
  let x = columns(rows);
  for (const i of [0, 3]) {
    x = affine(x, at(`proj.mlp.${i}.weight`), at(`proj.mlp.${i}.bias`));
    x = columns(x, at(`proj.mlp.${i + 1}.weight`), at(`proj.mlp.${i + 1}.bias`)).map((row) => row.map(gelu));
  }
  x = columns(affine(x, at('proj.mlp.6.weight')));
  expect(relativeDifference(actual, x.flat())).toBeLessThan(1e-12);
});

test('the prediction head has one hidden layer', () => {
  const { actual, rows, at } = run(heads.predictionParameters(8, 6), 6, heads.prediction);
  let x = affine(rows, at('pred.mlp.0.weight'), at('pred.mlp.0.bias'));
  x = norm(x, at('pred.mlp.1.weight'), at('pred.mlp.1.bias'), 1e-5).map((row) => row.map(gelu));
  x = norm(affine(x, at('pred.mlp.3.weight')), undefined, undefined, 1e-5);
  expect(relativeDifference(actual, x.flat())).toBeLessThan(1e-13);
});

test.each(['a number', 'a value fed'])('prototypes are compared by cosine times weight_g; temperature %s', (kind) => {
  const temperature = Math.fround(0.07);
  const fed = ops.constant(Float32Array.of(temperature), [1, 1]);
  const { actual, rows, at } = run(heads.prototypeParameters(5, 8, 4, 7), 5, (p, x) =>
    heads.prototypes(p, x, kind === 'a number' ? temperature : fed),
  );
  let x = rows;
  for (const i of [0, 2, 4]) {
    x = affine(x, at(`dino_head.mlp.${i}.weight`), at(`dino_head.mlp.${i}.bias`));
    if (i < 4) x = x.map((row) => row.map(gelu));
  }
  const [g, v] = [at('dino_head.last_layer.weight_g'), at('dino_head.last_layer.weight_v')];
  const expected = x.flatMap((row) =>
    Array.from({ length: 7 }, (_, k) => {
      const prototype = v.subarray(k * 4, (k + 1) * 4);
      const dot = row.reduce((s, a, i) => s + a * prototype[i], 0);
      return (g[k] * dot) / Math.hypot(...row) / Math.hypot(...prototype) / temperature;
    }),
  );
  expect(relativeDifference(actual, expected)).toBeLessThan(1e-12);
});
