import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { relativeDifference, testSeed } from '../../../test/numbers.js';
import { sayNotRun, xlaPlugin } from '../../../test/xla.js';
import { gradients, interpret, ops, type Tensor } from '../../graph/index.js';
import { Rng } from '../../rng.js';
import { XlaDevice } from './device.js';
import { toStableHlo } from './stablehlo.js';

const seed = testSeed('sharding.test.ts');
const plugin = xlaPlugin();
if (!plugin) sayNotRun('programs split over devices');

const DEVICES = 4;

/** A miniature of a step: attention over samples, chosen tokens against all, a loss over the whole batch, a new weight. */
function miniature() {
  const [b, t, h, d, chosen] = [8, 3, 2, 8, 12];
  const dim = h * d;
  const x = ops.input('x', [b * t, dim]);
  const w = ops.input('w', [dim, dim]);
  const rows = ops.input('rows', [chosen], 'i64');
  const y = ops.reshape(ops.linear(x, w), [b, t, h, d]);
  const z = ops.reshape(ops.attention(y, y, y, 0.5, 'sample'), [b * t, dim]);
  const some = ops.l2Normalise(ops.takeRows(z, rows));
  const all = ops.l2Normalise(ops.reshape(ops.mean(ops.reshape(z, [b, t, dim]), [1]), [b, dim]));
  const logits = ops.gemm(some, all, { transB: true, alpha: 3 });
  const loss = ops.mean(ops.mul(ops.softmax(logits), ops.logSoftmax(logits)), [0, 1]);
  const g = gradients(loss, [w])[0]!;
  const outputs: Record<string, Tensor> = { loss, z, w: ops.sub(w, ops.scale(g, 0.1)) };
  const rng = Rng.of(seed, 'miniature');
  const noise = (n: number) => Float32Array.from({ length: n }, () => rng.normal());
  const feeds = {
    x: noise(b * t * dim),
    w: noise(dim * dim),
    rows: BigInt64Array.from(rng.shuffle(Array.from({ length: b * t }, (_, i) => BigInt(i))).slice(0, chosen)),
  };
  return { outputs, feeds };
}

describe.skipIf(!plugin)('four devices give what one does', () => {
  let device: XlaDevice;
  beforeAll(async () => {
    device = await XlaDevice.start({ plugin: plugin!, devices: DEVICES, options: { cpu_device_count: DEVICES } });
  });
  afterAll(() => device?.close());

  // The weight whole on each, or in four parts.
  test.each([undefined, 0, 1])('weights split along axis %s', async (axis) => {
    const { outputs, feeds } = miniature();
    const split = { x: 0, z: 0, ...(axis === undefined ? {} : { w: axis }) };
    const program = toStableHlo(outputs, { devices: DEVICES, split, kept: { w: 'w' }, replaces: { w: 'w' } });
    const { w, ...fed } = feeds;
    await device.keep('w', { shape: [16, 16], dtype: 'f32', split: axis }, w);
    await device.compile('miniature', program);
    const exact = interpret(outputs, feeds);
    const { loss, z } = await device.run('miniature', fed);
    expect(relativeDifference(loss, exact.loss)).toBeLessThan(1e-5);
    expect(relativeDifference(z, exact.z)).toBeLessThan(1e-5);
    expect(relativeDifference(await device.read('w'), exact.w)).toBeLessThan(1e-5);
  });
});

describe('the text of a program for several devices', () => {
  const options = { devices: DEVICES, split: { x: 0, z: 0 }, kept: { w: 'w' }, replaces: { w: 'w' } };

  test('says how arguments and results lie', () => {
    const p = toStableHlo(miniature().outputs, options);
    expect(p.text).toContain('mhlo.num_partitions = 4 : i32');
    expect(p.text).toContain('sdy.mesh @mesh = <["data"=4]>');
    const [, args, results] = p.text.match(/@main\((.*)\) -> \((.*)\) \{/)!;
    const whole = 'sdy.sharding = #sdy.sharding<@mesh, [{}, {}]>';
    const parts = 'sdy.sharding = #sdy.sharding<@mesh, [{"data"}, {}]>';
    expect(args).toContain(`tensor<24x16xf32> {${parts}}`);
    expect(args).toContain(`tensor<16x16xf32> {${whole}, tf.aliasing_output = 2 : i32}`);
    expect(args).toContain('tensor<12xi32> {sdy.sharding = #sdy.sharding<@mesh, [{}]>}');
    expect(results).toBe(`tensor<1x1xf32> {${whole}}, tensor<24x16xf32> {${parts}}, tensor<16x16xf32> {${whole}}`);
    expect(p.results.map((r) => r.split)).toEqual([undefined, 0, undefined]);
  });

  test('rows that are taken from a batch in parts are shared out again', () => {
    const taken = /sdy\.sharding_constraint .* <@mesh, \[\{"data"\}, \{\}\]> : tensor<12x16xf32>/;
    expect(toStableHlo(miniature().outputs, options).text).toMatch(taken);
    // Not where they are no multiple of the devices, nor where the batch is whole.
    expect(toStableHlo(miniature().outputs, { ...options, devices: 8 }).text).not.toContain('sharding_constraint');
    expect(toStableHlo(miniature().outputs, { ...options, split: {} }).text).not.toContain('sharding_constraint');
  });

  test('a weight kept in parts is made whole for products, as what they take of it, and moves in parts', () => {
    const w = ops.input('w', [16, 16]);
    const y = ops.gemm(ops.cast(ops.input('x', [8, 16]), 'bf16'), ops.cast(w, 'bf16'));
    const outputs = { y, w: ops.scale(w, 0.5) };
    const { text } = toStableHlo(outputs, { ...options, split: { x: 0, w: 0 } });
    const constraints = [...text.matchAll(/sharding_constraint \S+ <@mesh, (.*?)> : (\S+)/g)].map(([, where, type]) => [
      where,
      type,
    ]);
    expect(constraints).toEqual([
      ['[{"data"}, {}]', 'tensor<16x16xbf16>'],
      ['[{}, {}]', 'tensor<16x16xbf16>'],
    ]);
  });

  test('one device needs no annotations', () => {
    expect(toStableHlo(miniature().outputs).text).not.toContain('sdy.');
  });

  test('an axis that is not split evenly is refused', () => {
    expect(() => toStableHlo(miniature().outputs, { ...options, devices: 7 })).toThrow(
      /x \[24,16\].*axis 0 over 7 devices/,
    );
  });
});
