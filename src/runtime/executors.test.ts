import { afterEach, describe, expect, test } from 'vitest';
import { sayNotRun, xlaPlugin } from '../../test/xla.js';
import { ops } from '../graph/index.js';
import type { Executor, Executors } from './executor.js';
import { cpuExecutors, openExecutors } from './open-executors.js';

const plugin = xlaPlugin();
if (!plugin) sayNotRun('executors of XLA');

const KINDS: [string, () => Promise<Executors>][] = [
  ['ONNX Runtime', () => openExecutors({ provider: 'cpu', threads: 1 })],
  ['ONNX Runtime, each with a new thread', async () => cpuExecutors(1)],
  ...(plugin
    ? ([
        ['XLA', () => openExecutors({ provider: 'xla', plugin, threads: 0, devices: 1 })],
        ['XLA on two devices', () => openExecutors({ provider: 'xla', plugin, threads: 0, devices: 2 })],
      ] as [string, () => Promise<Executors>][])
    : []),
];

describe.each(KINDS)('executors of %s', { timeout: 120_000 }, (name, open) => {
  const ort = name.startsWith('ONNX Runtime');
  let all: Executors;
  afterEach(() => all.close());
  const start = async (): Promise<Executor> => {
    all = await open();
    return all.open();
  };

  test('say what they are', async () => {
    await start();
    expect(all.about).toMatch(ort ? /^ONNX Runtime on the CPU$/ : /^XLA on .+ \(float32\)$/);
    expect([all.order, all.precision, all.apart]).toEqual([ort ? 'token' : 'sample', 'f32', false]);
  });

  test('read kept values, and replace them after a run that reads the old ones', async () => {
    const e = await start();
    await e.keep('w', [1, 3], Float32Array.of(1, 2, 3));
    await e.keep('sum', [1], 0);
    const [x, w, sum] = [ops.input('x', [1, 3]), ops.input('w', [1, 3]), ops.input('sum', [1])];
    const y = ops.reshape(ops.linear(x, w), [1]);
    const outputs = { y, wNew: ops.add(w, x), sumNew: ops.add(sum, y) };
    await e.load('step', outputs, { replaces: { wNew: 'w', sumNew: 'sum' } });
    // Another program writes the same value, and a third one only reads it.
    await e.load('double', { twice: ops.scale(w, 2) }, { replaces: { twice: 'w' } });
    await e.load('peek', { same: ops.scale(w, 1) });

    const feeds = { x: Float32Array.of(1, 0, -1) };
    const both = [e.run('step', feeds), e.run('step', feeds)];
    expect(await both[0]).toEqual({ y: Float32Array.of(-2) });
    expect(await both[1]).toEqual({ y: Float32Array.of(0) });
    expect(await e.run('double', {})).toEqual({});
    expect([...(await e.read('w'))]).toEqual([6, 4, 2]);
    expect(await e.run('step', feeds)).toEqual({ y: Float32Array.of(4) });
    expect([...(await e.read('w'))]).toEqual([7, 4, 1]);
    expect([...(await e.read('sum'))]).toEqual([2]);
    await e.keep('w', [1, 3], Float32Array.of(5, 5, 5));
    expect([...(await e.read('w'))]).toEqual([5, 5, 5]);
    await e.drop('w');
    await e.drop('w');
    await expect(e.read('w')).rejects.toThrow('w');
    await expect(e.run('peek', {})).rejects.toThrow('w');
  });

  test('know nothing of those that were closed before them, which answer no more', async () => {
    const old = await start();
    await old.keep('v', [2], Float32Array.of(1, 2));
    await old.load('p', { y: ops.scale(ops.input('v', [2]), 3) });
    expect([...(await old.run('p', {})).y]).toEqual([3, 6]);
    await old.close();
    const next = await all.open();
    await expect(old.run('p', {})).rejects.toThrow(ort ? 'closed' : 'v');
    await expect(next.run('p', {})).rejects.toThrow();
    await expect(next.read('v')).rejects.toThrow('v');
    await next.load('p', { y: ops.scale(ops.input('v', [2]), 5) });
    await expect(next.run('p', {})).rejects.toThrow('v');
    expect([...(await next.run('p', { v: Float32Array.of(1, 2) })).y]).toEqual([5, 10]);
  });

  test('keep their values and programs apart, and are used again', async () => {
    const a = await start();
    const b = await all.open({ threads: 1, small: true });
    const program = { y: ops.scale(ops.input('v', [2]), 3) };
    for (const [e, at] of [
      [a, 1],
      [b, 10],
    ] as const) {
      await e.keep('v', [2], Float32Array.of(at, at + 1));
      await e.load('p', program);
    }
    expect([...(await a.run('p', {})).y]).toEqual([3, 6]);
    await a.close();
    await a.close();
    expect([...(await b.run('p', {})).y]).toEqual([30, 33]);
    // A value that is kept no more is fed.
    const c = await all.open();
    await c.load('p', program);
    expect([...(await c.run('p', { v: Float32Array.of(2, 2) })).y]).toEqual([6, 6]);
  });

  test('a batch may be shared, and one that cannot be is not', async () => {
    const e = await start();
    await e.keep('w', [2, 3], Float32Array.of(1, 0, 0, 0, 1, 1));
    for (const rows of [64, 7]) {
      const x = ops.input('x', [rows, 3]);
      await e.load(`p${rows}`, { y: ops.linear(x, ops.input('w', [2, 3])) }, { batch: ['x', 'y'] });
      const fed = Float32Array.from({ length: rows * 3 }, (_, i) => i);
      const { y } = await e.run(`p${rows}`, { x: fed });
      const expected = Array.from({ length: rows }, (_, r) => [3 * r, 6 * r + 3]).flat();
      expect([...y]).toEqual(expected);
    }
  });
});
