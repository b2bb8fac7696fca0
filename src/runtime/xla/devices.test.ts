import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sayNotRun, smallProgram, xlaPlugin } from '../../../test/xla.js';
import { XlaDevice } from './device.js';
import type { Argument, Result } from './program.js';

const plugin = xlaPlugin();
if (!plugin) sayNotRun('programs on several XLA devices');

const DEVICES = 4;
const f32 = (name: string, shape: number[], rest: Partial<Argument & Result> = {}) =>
  ({ name, shape, dtype: 'f32', ...rest }) as const;
const ramp = (n: number, step = 1) => Float32Array.from({ length: n }, (_, i) => Math.sin(i * step));

/** rows [8, 3] over the devices × weights [3, 2], whole: rows again, and xᵀ(xw), which needs all rows. */
const program = smallProgram(
  [f32('x', [8, 3], { split: 0 }), f32('w', [3, 2], { kept: 'w' })],
  [f32('w', [3, 2], { kept: 'w' }), f32('y', [8, 2], { split: 0 }), f32('t', [2, 8], { split: 1 })],
  `    %y = stablehlo.dot_general %x, %w, contracting_dims = [1] x [0] : (tensor<8x3xf32>, tensor<3x2xf32>) -> tensor<8x2xf32>
    %g = stablehlo.dot_general %x, %y, contracting_dims = [0] x [0] : (tensor<8x3xf32>, tensor<8x2xf32>) -> tensor<3x2xf32>
    %n = stablehlo.add %w, %g : tensor<3x2xf32>
    %t = stablehlo.transpose %y, dims = [1, 0] : (tensor<8x2xf32>) -> tensor<2x8xf32>
    return %n, %y, %t : tensor<3x2xf32>, tensor<8x2xf32>, tensor<2x8xf32>`,
  DEVICES,
);

/** The same by plain loops. */
function expected(x: Float32Array, w: Float32Array): { w: number[]; y: number[]; t: number[] } {
  const y = Array.from({ length: 16 }, (_, k) => {
    const [i, j] = [k >> 1, k & 1];
    return x[3 * i] * w[j] + x[3 * i + 1] * w[2 + j] + x[3 * i + 2] * w[4 + j];
  });
  const g = Array.from({ length: 6 }, (_, k) => {
    const [a, j] = [k >> 1, k & 1];
    return Array.from({ length: 8 }, (_, i) => x[3 * i + a] * y[2 * i + j]).reduce((s, v) => s + v, 0);
  });
  return { w: g.map((v, k) => w[k] + v), y, t: Array.from({ length: 16 }, (_, k) => y[2 * (k % 8) + (k >> 3)]) };
}

const near = (a: ArrayLike<number>, b: ArrayLike<number>) => {
  expect(a.length).toBe(b.length);
  for (let i = 0; i < a.length; i++) expect(a[i]).toBeCloseTo(b[i], 4);
};

describe.skipIf(!plugin)('four devices', () => {
  let device: XlaDevice;
  beforeAll(async () => {
    device = await XlaDevice.start({ plugin: plugin!, devices: DEVICES });
  });
  afterAll(() => device?.close());

  test('are there', () => {
    expect(device.info.devices.map((d) => d.id)).toHaveLength(DEVICES);
    expect(new Set(device.info.devices.map((d) => d.id)).size).toBe(DEVICES);
  });

  test('share a batch, and the sum over it reaches all', async () => {
    await device.compile('p', program);
    let w: Float32Array = ramp(6);
    await device.keep('w', { shape: [3, 2], dtype: 'f32' }, w);
    for (let i = 0; i < 3; i++) {
      const x = ramp(24, 0.3 + i);
      const right = expected(x, w);
      const { y, t } = await device.run('p', { x });
      near(y, right.y);
      near(t, right.t);
      w = await device.read('w');
      near(w, right.w);
    }
  });

  test.each([0, 1, 2, undefined])('a value split along axis %s comes back as it was', async (split) => {
    const value = ramp(4 * 8 * 12);
    await device.keep('v', { shape: [4, 8, 12], dtype: 'f32', split }, value);
    expect(await device.read('v')).toEqual(value);
  });

  test('a program for another number of devices, and an axis that cannot be split, are refused', async () => {
    await expect(device.compile('one', { ...program, devices: 1 })).rejects.toThrow('is for 1 devices, here are 4');
    await expect(device.keep('v', { shape: [6], dtype: 'f32', split: 0 }, ramp(6))).rejects.toThrow(
      'axis 0 of v [6] cannot be split over 4 devices',
    );
  });
});
