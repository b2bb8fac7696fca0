import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { relativeDifference, testSeed } from '../../../test/numbers.js';
import { OP_CASES, program, WITHOUT_GRADIENT } from '../../../test/op-cases.js';
import { sayNotRun, xlaPlugin } from '../../../test/xla.js';
import { type DType, gradients, interpret, ops, type Tensor } from '../../graph/index.js';
import { OP_KINDS } from '../../graph/interpret.js';
import { Rng } from '../../rng.js';
import { type Data, XlaDevice } from './device.js';
import { toStableHlo } from './stablehlo.js';

const seed = testSeed('stablehlo.test.ts');
const plugin = xlaPlugin();
if (!plugin) sayNotRun('ops on XLA');

/** ‖a − b‖ over ‖b‖, or over 1 where the values are small or cancel. */
function difference(a: Float32Array, b: Float64Array): number {
  return relativeDifference(a, b) * Math.min(1, Math.hypot(...b) || 1);
}

/** The nearest bf16 (ties to even). */
function rounded(values: Float32Array): Float32Array {
  const bits = new Uint32Array(Float32Array.from(values).buffer);
  return new Float32Array(bits.map((b) => (b + 0x7fff + ((b >>> 16) & 1)) & 0xffff0000).buffer);
}

type Feeds = Record<string, Data & ArrayLike<number>>;

describe.skipIf(!plugin)('XLA and the interpreter agree', () => {
  let device: XlaDevice;
  beforeAll(async () => {
    device = await XlaDevice.start({ plugin: plugin! });
  });
  afterAll(() => device?.close());

  async function run(outputs: Record<string, Tensor>, feeds: Feeds): Promise<Record<string, Float32Array>> {
    await device.compile('case', toStableHlo(outputs));
    return device.run('case', feeds);
  }

  // A value stored as bf16 is off by up to 2⁻⁹ of itself, and a case's gradients have been rounded some ten times on
  // their way; where values are normalised, differences of them magnify that.
  test.each<[DType, number]>([
    ['f32', 1e-5],
    ['bf16', 2 ** -5],
  ])('on every op, forward and backward, stored as %s', { timeout: 240_000 }, async (precision, bar) => {
    // All cases in one program, which is compiled faster than a hundred.
    const outputs: Record<string, Tensor> = {};
    const feeds: Feeds = {};
    for (const kind of OP_KINDS)
      for (const [variant, make] of OP_CASES[kind].entries()) {
        const prefix = `${kind}.${variant}.`;
        const rng = Rng.of(seed, kind, variant);
        const made = program(make, rng, !WITHOUT_GRADIENT.includes(kind), { precision, prefix });
        for (const [name, t] of Object.entries(made.outputs)) outputs[prefix + name] = t;
        for (const [name, x] of Object.entries(made.feeds))
          feeds[name] = (precision === 'bf16' && x instanceof Float32Array ? rounded(x) : x) as Feeds[string];
      }
    const actual = await run(outputs, feeds);
    let largest = { what: '', by: 0 };
    for (const [name, values] of Object.entries(interpret(outputs, feeds))) {
      const by = difference(actual[name], values);
      expect(by, name).toBeLessThan(bar);
      if (by > largest.by) largest = { what: name, by };
    }
    console.log(
      `XLA, ${precision}: largest relative difference of an op ${largest.by.toExponential(1)} (${largest.what})`,
    );
  });

  test('on layer norm of values far from zero', async () => {
    const rng = Rng.of(seed, 'far');
    const y = ops.layerNorm(ops.input('x', [8, 96]), undefined, undefined, 1e-6);
    const outputs = { y, inverse: ops.output(y, 2) };
    const feeds = { x: Float32Array.from({ length: 8 * 96 }, () => 100 + rng.range(-1, 1)) };
    const actual = await run(outputs, feeds);
    // A float32 near 100 is itself rounded by 4e-6 of the deviations.
    for (const [name, exact] of Object.entries(interpret(outputs, feeds)))
      expect(relativeDifference(actual[name], exact)).toBeLessThan(5e-5);
  });

  test('on logits far apart, and what is no number', async () => {
    const x = ops.input('x', [2, 3]);
    const outputs = { p: ops.softmax(x), log: ops.logSoftmax(x), finite: ops.finite(ops.input('y', [4])) };
    const y = Float32Array.of(1, Number.NaN, Number.POSITIVE_INFINITY, -3e38);
    const actual = await run(outputs, { x: Float32Array.of(1e4, 0, -1e4, -1e9, 5, 5), y });
    expect([...actual.p]).toEqual([1, 0, 0, 0, 0.5, 0.5]);
    expect([...actual.log.slice(0, 3)]).toEqual([0, -1e4, -2e4]);
    expect([...actual.finite]).toEqual([1, 0, 0, 1]);
  });

  test('constants come through to the bit', async () => {
    const values = Float32Array.of(0.1, -0, 1e-40, 3.4028235e38, -1e-24, 7, Number.POSITIVE_INFINITY);
    const outputs: Record<string, Tensor> = { all: ops.constant(values, [7]) };
    values.forEach((v, i) => {
      outputs[`v${i}`] = ops.filled(v, [2]);
    });
    const actual = await run(outputs, {});
    expect(actual.all).toEqual(values);
    values.forEach((v, i) => {
      expect([...actual[`v${i}`]]).toEqual([Math.fround(v), Math.fround(v)]);
    });
  });

  test('on the passes of Sinkhorn-Knopp over logits stored as bf16', async () => {
    const rng = Rng.of(seed, 'passes');
    const [rows, k] = [12, 40];
    const e = ops.exp(ops.cast(ops.input('x', [rows, k]), 'bf16'));
    const u = ops.input('u', [1, rows]);
    const v = ops.gemm(u, e);
    const outputs = { v, w: ops.gemm(e, v, { transB: true }), scaled: ops.mul(e, v) };
    const noise = (n: number, low: number, high: number) =>
      Float32Array.from({ length: n }, () => rng.range(low, high));
    const feeds = { x: rounded(noise(rows * k, -9, 9)), u: noise(rows, 0.1, 2) };
    const actual = await run(outputs, feeds);
    for (const [name, exact] of Object.entries(interpret(outputs, feeds)))
      expect(relativeDifference(actual[name], exact), name).toBeLessThan(1e-5);
  });
});

describe('the text of a program', () => {
  const x = ops.input('x', [4, 8]);
  const w = ops.input('w', [8, 8]);
  const main = (text: string) => text.match(/@main\((.*)\) -> \((.*)\) \{/)!.slice(1);

  test('what is replaced is given away; inputs that read one value share an argument', () => {
    const again = ops.input('other name', [8, 8]);
    const outputs = { y: ops.gemm(x, w), next: ops.add(again, ops.scale(w, 0.5)), fresh: ops.sum(x, [1]) };
    const p = toStableHlo(outputs, {
      kept: { w: 'weights', 'other name': 'weights' },
      replaces: { next: 'weights', fresh: 'never read' },
      onDemand: ['y'],
    });
    expect(p.arguments.map(({ name, kept }) => [name, kept])).toEqual([
      ['x', undefined],
      ['w', 'weights'],
      ['fresh', 'never read'],
    ]);
    expect(p.results.map(({ name, kept, onDemand }) => [name, kept, onDemand])).toEqual([
      ['y', undefined, true],
      ['next', 'weights', undefined],
      ['fresh', 'never read', undefined],
    ]);
    expect(main(p.text)[0]).toBe(
      '%arg0: tensor<4x8xf32>, %arg1: tensor<8x8xf32> {tf.aliasing_output = 1 : i32}, ' +
        '%arg2: tensor<4x1xf32> {tf.aliasing_output = 2 : i32}',
    );
  });

  test('what cannot be replaced, or is not there, is refused', () => {
    const outputs = { y: ops.gemm(x, w), z: ops.scale(x, 2) };
    const kept = { x: 'x', w: 'w' };
    expect(() => toStableHlo(outputs, { kept, replaces: { y: 'w' } })).toThrow(/y \[4,8\].*\[8,8\]|y.*w/);
    expect(() => toStableHlo(outputs, { kept, replaces: { y: 'x', z: 'x' } })).toThrow(
      'output z [4,8] f32 cannot replace x',
    );
    expect(() => toStableHlo(outputs, { kept, replaces: { nothing: 'x' } })).toThrow('no output nothing');
    expect(() => toStableHlo({ y: ops.exp(ops.input('open', [-1, 2])) })).toThrow('open shape');
  });

  test('products: f32 in full precision, bf16 with f32 sums; rounded only where it is stored', () => {
    const [a, b] = [x, w].map((t) => ops.cast(t, 'bf16'));
    expect(toStableHlo({ y: ops.gemm(x, w) }).text).toMatch(/dot_general .*HIGHEST.*-> tensor<4x8xf32>/);
    const half = toStableHlo({ y: ops.gelu(ops.gemm(a, b)) }).text;
    expect(half).toMatch(/dot_general .*\(tensor<4x8xbf16>, tensor<8x8xbf16>\) -> tensor<4x8xbf16>/);
    expect(half).not.toContain('HIGHEST');
    // All that becomes of it is float32, by way of another shape.
    const wide = toStableHlo({ y: ops.cast(ops.reshape(ops.gemm(a, b), [2, 16]), 'f32') }).text;
    expect(wide).toMatch(/dot_general .*-> tensor<4x8xf32>/);
    expect(wide.match(/convert .*xf32>\)? -> tensor<.*xbf16>/g)).toHaveLength(2);
  });

  test('a product with a vector is no matrix product', () => {
    const u = ops.input('u', [1, 4]);
    expect(toStableHlo({ y: ops.gemm(u, ops.exp(x)) }).text).not.toContain('dot_general');
  });

  test('the same graph is the same text', () => {
    const make = () => {
      const y = ops.input('y', [2, 2]);
      return toStableHlo({ loss: ops.sum(ops.gelu(y), [0, 1]), g: gradients(ops.sum(ops.gelu(y), [0, 1]), [y])[0]! })
        .text;
    };
    expect(make()).toBe(make());
  });
});
