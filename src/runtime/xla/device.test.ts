import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { manySorts, sayNotRun, smallProgram, xlaPlugin } from '../../../test/xla.js';
import { XlaDevice } from './device.js';
import { OutOfDeviceMemory } from './errors.js';
import type { ElementType } from './program.js';

const plugin = xlaPlugin();
if (!plugin) sayNotRun('programs on one XLA device');

/** state ← state + x, and the sum of the new state. */
const accumulate = (n: number) =>
  smallProgram(
    [
      { name: 'state', shape: [n], dtype: 'f32', kept: 'state' },
      { name: 'x', shape: [n], dtype: 'f32' },
    ],
    [
      { name: 'state', shape: [n], dtype: 'f32', kept: 'state' },
      { name: 'sum', shape: [], dtype: 'f32' },
      { name: 'twice', shape: [n], dtype: 'f32', onDemand: true },
    ],
    `    %0 = stablehlo.add %state, %x : tensor<${n}xf32>
    %c = stablehlo.constant dense<0.0> : tensor<f32>
    %1 = stablehlo.reduce(%0 init: %c) applies stablehlo.add across dimensions = [0] : (tensor<${n}xf32>, tensor<f32>) -> tensor<f32>
    %2 = stablehlo.add %0, %0 : tensor<${n}xf32>
    return %0, %1, %2 : tensor<${n}xf32>, tensor<f32>, tensor<${n}xf32>`,
  );

/** Wants more memory than any machine has. */
const huge = (n: number) =>
  smallProgram(
    [
      { name: 'state', shape: [n], dtype: 'f32', kept: 'state' },
      { name: 'x', shape: [], dtype: 'f32' },
    ],
    [
      { name: 'state', shape: [n], dtype: 'f32', kept: 'state' },
      { name: 'big', shape: [2 ** 25, 2 ** 25], dtype: 'f32', onDemand: true },
    ],
    `    %0 = stablehlo.add %state, %state : tensor<${n}xf32>
    %1 = stablehlo.broadcast_in_dim %x, dims = [] : (tensor<f32>) -> tensor<33554432x33554432xf32>
    return %0, %1 : tensor<${n}xf32>, tensor<33554432x33554432xf32>`,
  );

const filled = (n: number, value: number) => new Float32Array(n).fill(value);

describe.skipIf(!plugin)('one device', () => {
  let device: XlaDevice;
  beforeAll(async () => {
    device = await XlaDevice.start({ plugin: plugin! });
  });
  afterAll(() => device?.close());

  test('says what it is', () => {
    expect(device.info.platform).toBe('cpu');
    expect(device.info.api[0]).toBe(0);
    expect(device.info.devices).toHaveLength(1);
    expect(device.info.devices[0].kind).toBe('cpu');
  });

  test('runs are in order however many are in flight, and read values are those of their moment', async () => {
    const n = 1000;
    const compiled = await device.compile('accumulate', accumulate(n));
    expect(compiled.cached).toBe(false);
    expect(compiled.memory).toMatchObject({ arguments: 8000, alias: 4000 });
    await device.keep('state', { shape: [n], dtype: 'f32' }, 0);
    const sums: Promise<Record<string, Float32Array>>[] = [];
    const states: Promise<Float32Array>[] = [];
    for (let i = 1; i <= 20; i++) {
      sums.push(device.run('accumulate', { x: filled(n, i) }));
      states.push(device.read('state'));
    }
    for (let i = 1; i <= 20; i++) {
      const total = (i * (i + 1)) / 2;
      const results = await sums[i - 1];
      expect(Object.keys(results)).toEqual(['sum']);
      expect(results.sum[0]).toBe(n * total);
      expect(await states[i - 1]).toEqual(filled(n, total));
    }
  });

  test('results on demand and kept ones are read when asked for', async () => {
    await device.compile('accumulate', accumulate(2));
    await device.keep('state', { shape: [2], dtype: 'f32' }, Float32Array.of(1, 2));
    const { twice, state, sum } = await device.run('accumulate', { x: filled(2, 1) }, { fetch: ['twice', 'state'] });
    expect([...state, ...twice, ...sum]).toEqual([2, 3, 4, 6, 5]);
    expect(await device.read('state')).toEqual(state);
  });

  test('feeds are copied unless they are to be moved, and shared memory is read where it is', async () => {
    await device.compile('accumulate', accumulate(2));
    await device.keep('state', { shape: [2], dtype: 'f32' }, 0);
    const kept = filled(2, 1);
    const moved = filled(2, 1);
    const shared = new Float32Array(new SharedArrayBuffer(8)).fill(1);
    await device.run('accumulate', { x: kept });
    await device.run('accumulate', { x: moved }, { move: true });
    await device.run('accumulate', { x: shared });
    expect([kept.length, moved.length, shared.length]).toEqual([2, 0, 2]);
    expect(await device.read('state')).toEqual(filled(2, 3));
  });

  const given: [ElementType, Parameters<XlaDevice['keep']>[2], number[]][] = [
    ['f32', Float32Array.of(1.5, -2, 1e-30), [1.5, -2, Math.fround(1e-30)]],
    // 1 + 2⁻⁸ lies between two: the even one is 1; 1 + 3·2⁻⁸ goes up.
    ['bf16', Float32Array.of(1 + 2 ** -8, 1 + 3 * 2 ** -8, -3), [1, 1 + 2 ** -6, -3]],
    ['u8', Uint8Array.of(0, 128, 255), [0, 128, 255]],
    ['i32', Int32Array.of(-5, 0, 2 ** 30), [-5, 0, 2 ** 30]],
    ['i32', BigInt64Array.of(-5n, 0n, 7n), [-5, 0, 7]],
    ['i64', BigInt64Array.of(-5n, 0n, 1n << 40n), [-5, 0, 2 ** 40]],
  ];
  test.each(given)('%s goes in and comes out', async (dtype, data, out) => {
    await device.keep('v', { shape: [3], dtype }, data);
    expect([...(await device.read('v'))]).toEqual(out);
    await device.drop('v');
    await expect(device.read('v')).rejects.toThrow('no value v is kept');
  });

  test('what does not fit is refused by name, and nothing is lost', async () => {
    await device.compile('accumulate', accumulate(3));
    await device.keep('state', { shape: [3], dtype: 'f32' }, 0);
    await expect(device.run('accumulate', {})).rejects.toThrow('no value for x of program accumulate');
    await expect(device.run('accumulate', { x: filled(4, 1) })).rejects.toThrow('x has 4 elements, [3] needs 3');
    await expect(device.run('accumulate', { x: Int32Array.of(1, 2, 3) })).rejects.toThrow('given as Int32Array');
    await expect(device.run('other', {})).rejects.toThrow('no program other');
    await device.keep('state', { shape: [4], dtype: 'f32' }, 0);
    await expect(device.run('accumulate', { x: filled(3, 1) })).rejects.toThrow('state is f32[4]');
    await device.keep('state', { shape: [3], dtype: 'f32' }, 0);
    expect((await device.run('accumulate', { x: filled(3, 1) })).sum[0]).toBe(3);
  });

  test('a program that is none is refused by the compiler', async () => {
    const wrong = { ...accumulate(3), text: 'module @m { func.func @main() { return } ' };
    await expect(device.compile('wrong', wrong)).rejects.toThrow('program wrong cannot be compiled');
    const fewer = accumulate(3);
    await expect(device.compile('fewer', { ...fewer, results: fewer.results.slice(1) })).rejects.toThrow(
      'gives 3 results, 2 are bound',
    );
  });

  test('out of memory is known as such; what was given away is refused until it is put again', async () => {
    const n = 4;
    await device.compile('accumulate', accumulate(n));
    await device.keep('state', { shape: [n], dtype: 'f32' }, 0);
    await device.compile('huge', huge(n));
    const failed = device.run('huge', { x: filled(1, 1) });
    const next = device.run('accumulate', { x: filled(n, 1) });
    const error = await failed.catch((e) => e);
    expect(error).toBeInstanceOf(OutOfDeviceMemory);
    expect(error.message).toContain('program huge');
    expect(error.wanted).toBeGreaterThanOrEqual(2 ** 52);
    // Dispatched before anybody knew: for the same reason, or untouched.
    await next.catch((e) => expect(e.message).toContain('program huge'));
    const state = await device.read('state').catch((e) => e);
    if (state instanceof Error) {
      expect(state.message).toMatch(/^state is gone from the device/);
      await expect(device.run('accumulate', { x: filled(n, 1) })).rejects.toThrow(/^state is gone/);
    }
    await device.keep('state', { shape: [n], dtype: 'f32' }, 0);
    expect((await device.run('accumulate', { x: filled(n, 1) })).sum[0]).toBe(n);
  });

  test('the main thread hears while the compiler runs', async () => {
    const heard: number[] = [];
    let ticks = 0;
    const timer = setInterval(() => ticks++, 10);
    const { seconds } = await device.compile('long', manySorts(600), (s) => heard.push(s));
    clearInterval(timer);
    console.log(`compiled in ${seconds.toFixed(2)} s, ${ticks} ticks of 10 ms`);
    expect(ticks).toBeGreaterThan(seconds * 20);
    expect(Math.abs(heard.length - Math.floor(seconds))).toBeLessThanOrEqual(1);
    expect(heard).toEqual([...heard].sort((a, b) => a - b));
  });
});
