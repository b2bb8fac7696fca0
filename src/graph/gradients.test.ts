import { afterAll, describe, expect, test } from 'vitest';
import { testSeed } from '../../test/numbers.js';
import { OP_CASES, program, WITHOUT_GRADIENT } from '../../test/op-cases.js';
import { Rng } from '../rng.js';
import { gradients, interpret, ops } from './index.js';
import { OP_KINDS } from './interpret.js';
import { type OpKind, reachable, type Tensor } from './tensor.js';

const seed = testSeed('gradients.test.ts');
const ROUNDS = 8;
const STEP = 1e-5;

test('every kind of op has a case, and its cases use it', () => {
  expect(Object.keys(OP_CASES).sort()).toEqual([...OP_KINDS].sort());
});

describe('gradients agree with central differences', () => {
  let largest = { kind: '', by: 0 };
  afterAll(() => console.log(`largest difference ${largest.by.toExponential(1)} (${largest.kind})`));
  for (const kind of OP_KINDS.filter((k) => !WITHOUT_GRADIENT.includes(k)))
    test(kind, () => {
      let worst = 0;
      OP_CASES[kind].forEach((make, variant) => {
        for (let round = 0; round < ROUNDS; round++) {
          const rng = Rng.of(seed, kind, variant, round);
          const { outputs, feeds, floats } = program(make, rng);
          const exact = interpret(outputs, feeds);
          floats.forEach((input, i) => {
            const name = input.attrs.name!;
            for (let k = 0; k < Math.min(6, input.size); k++) {
              const at = rng.int(input.size);
              const loss = (by: number) => {
                const moved = Float64Array.from(feeds[name] as Float32Array);
                moved[at] += by;
                return interpret({ loss: outputs.loss }, { ...feeds, [name]: moved }).loss[0];
              };
              const numeric = (loss(STEP) - loss(-STEP)) / (2 * STEP);
              worst = Math.max(worst, Math.abs(exact[`g${i}`][at] - numeric) / Math.max(1, Math.abs(numeric)));
            }
          });
        }
      });
      if (worst > largest.by) largest = { kind, by: worst };
      expect(worst).toBeLessThan(1e-7);
    });
});

test('a value used twice gets the sum of both gradients, an unused one none', () => {
  const x = ops.input('x', [2]);
  const unused = ops.input('unused', [3]);
  const y = ops.add(ops.mul(x, x), ops.scale(x, 3));
  const [dx, none] = gradients(ops.sum(y, [0]), [x, unused]);
  expect([...interpret({ dx: dx! }, { x: [1, -4] }).dx]).toEqual([5, -5]);
  expect(none).toBeUndefined();
});

test('stretches that are computed again give the same gradients, and nothing of them is kept', () => {
  const rng = Rng.of(seed, 'again');
  const x = ops.input('x', [3, 4]);
  const weights = [0, 1, 2].map((i) => ops.input(`w${i}`, [4, 4]));
  const outputs: Tensor[] = [];
  let y: Tensor = x;
  for (const w of weights) {
    y = ops.add(y, ops.gelu(ops.layerNorm(ops.linear(y, w), undefined, undefined, 1e-3)));
    outputs.push(y);
  }
  const loss = ops.sum(ops.mul(y, y), [0, 1]);
  const again = outputs.map((output, i) => ({ input: i === 0 ? x : outputs[i - 1], output }));
  const plain = gradients(loss, [x, ...weights]);
  const copied = gradients(loss, [x, ...weights], { again });
  const random = (n: number) => Float32Array.from({ length: n }, () => rng.normal());
  const feeds = { x: random(12), w0: random(16), w1: random(16), w2: random(16) };
  const values = (of: (Tensor | undefined)[]) => interpret(Object.fromEntries(of.map((g, i) => [`g${i}`, g!])), feeds);
  expect(values(copied)).toEqual(values(plain));
  // Of the forward pass the backward pass reads only where stretches begin and end.
  const forward = new Set(reachable([loss]));
  const backward = reachable(copied as Tensor[]).filter((t) => !forward.has(t));
  const read = new Set(backward.flatMap((t) => t.inputs.filter((i) => forward.has(i))));
  const kept = [...read].filter((t) => !['input', 'constant'].includes(t.kind));
  expect(kept.every((t) => outputs.includes(t))).toBe(true);
  // One a stretch, and one of each GELU, whose erf is computed again.
  expect(backward.filter((t) => t.kind === 'barrier').length).toBe(2 * outputs.length);
});

test('only what leads to a wanted value is differentiated', () => {
  const x = ops.input('x', [3]);
  const blocked = ops.output(ops.layerNorm(ops.input('y', [3]), undefined, undefined, 1), 1);
  const [dx] = gradients(ops.sum(ops.mul(x, blocked), [0]), [x]);
  expect([...interpret({ dx: dx! }, { x: [1, 2, 3], y: [3, 4, 5] }).dx]).toEqual([4, 4, 4]);
});

test('what cannot be differentiated is an error that says so', () => {
  const x = ops.input('x', [2, 2]);
  expect(() => gradients(x, [x])).toThrow('gradients of a tensor of shape [2,2]');
  const mean = ops.output(ops.layerNorm(x, undefined, undefined, 1), 1);
  expect(() => gradients(ops.sum(mean, [0, 1]), [x])).toThrow('output has no gradient');
});

test('cases use the op they are listed under', () => {
  for (const [kind, cases] of Object.entries(OP_CASES) as [OpKind, (typeof OP_CASES)[OpKind]][])
    cases.forEach((make, variant) => {
      let used = false;
      for (let round = 0; round < ROUNDS && !used; round++) {
        const { outputs } = program(make, Rng.of(seed, kind, variant, round), false);
        const seen = new Set<unknown>();
        const visit = (t: (typeof outputs)[string]) => {
          if (seen.has(t)) return;
          seen.add(t);
          used ||= t.kind === kind;
          t.inputs.forEach(visit);
        };
        Object.values(outputs).forEach(visit);
      }
      expect(used, `${kind}, case ${variant}`).toBe(true);
    });
});
