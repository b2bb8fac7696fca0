import { spawn } from 'node:child_process';
import { Worker } from 'node:worker_threads';
import { afterEach, expect, test } from 'vitest';
import { testSeed } from '../../../test/numbers.js';
import { randomBatch, randomPair, SMALL, still } from '../../../test/small-step.js';
import { ops } from '../../graph/index.js';
import { synclrLearner } from '../../learn/learners/synclr.js';
import { TrainingStep } from '../../learn/step.js';
import { Rng } from '../../rng.js';
import { OrtExecutor } from './executor.js';

const seed = testSeed('executor.test.ts');
const open: OrtExecutor[] = [];
const start = () => {
  const e = OrtExecutor.start({ provider: 'cpu', threads: 1 });
  open.push(e);
  return e;
};
afterEach(async () => {
  await Promise.all(open.splice(0).map((e) => e.close()));
});

const x = ops.input('x', [2]);
const w = ops.input('w', [2]);

test('programs read and write resident buffers where they lie', async () => {
  const e = start();
  await e.put('weights', Float32Array.of(9, 9, 10, 20, 9));
  await e.put('grads', new Float32Array(4).fill(-1));
  await e.load(
    'p',
    { y: ops.mul(x, w), g: ops.scale(ops.add(x, w), 2) },
    { inputs: { w: { buffer: 'weights', offset: 2 } }, outputs: { g: { buffer: 'grads', offset: 1 } } },
  );
  expect(await e.run('p', { x: Float32Array.of(1, 2) })).toEqual({ y: Float32Array.of(10, 40) });
  expect(await e.peek({ buffer: 'grads', offset: 0 }, 4)).toEqual(Float32Array.of(-1, 22, 44, -1));
  // What is fed goes before what is bound.
  expect((await e.run('p', { x: Float32Array.of(1, 2), w: Float32Array.of(3, 4) })).y).toEqual(Float32Array.of(3, 8));
  expect(await e.peek({ buffer: 'grads', offset: 1 }, 2)).toEqual(Float32Array.of(8, 12));

  const weights = await e.take('weights');
  expect(weights).toEqual(Float32Array.of(9, 9, 10, 20, 9));
  weights[2] = 100;
  await e.put('weights', weights);
  expect(weights.length).toBe(0);
  expect((await e.run('p', { x: Float32Array.of(1, 2) })).y).toEqual(Float32Array.of(100, 40));
});

test('a peek is a copy, and outputs of earlier runs stay as they were', async () => {
  const e = start();
  await e.put('b', Float32Array.of(1, 2));
  const peeked = await e.peek({ buffer: 'b', offset: 0 }, 2);
  peeked[0] = 50;
  expect(await e.take('b')).toEqual(Float32Array.of(1, 2));
  await e.load('p', { y: ops.neg(x), same: ops.neg(x), passed: x });
  const feed = Float32Array.of(1, 2);
  const first = await e.run('p', { x: feed });
  await e.run('p', { x: Float32Array.of(5, 6) });
  expect(feed).toEqual(Float32Array.of(1, 2));
  expect(first).toEqual({ y: Float32Array.of(-1, -2), same: Float32Array.of(-1, -2), passed: Float32Array.of(1, 2) });
});

test('errors of a run reach the caller, and the executor goes on', async () => {
  const e = start();
  const rows = ops.input('rows', [1], 'i64');
  await e.load('take', { y: ops.takeRows(ops.input('m', [2, 2]), rows) });
  await e.load('bound', { y: ops.neg(w) }, { inputs: { w: { buffer: 'gone', offset: 0 } } });
  const m = Float32Array.of(1, 2, 3, 4);
  await expect(e.run('take', { m })).rejects.toThrow('no value for input rows');
  await expect(e.run('take', { m, rows: BigInt64Array.of(7n) })).rejects.toThrow(/out of .*bounds/);
  await expect(e.run('take', { m: m.subarray(1), rows: BigInt64Array.of(0n) })).rejects.toThrow(/size|length/);
  await expect(e.run('bound', {})).rejects.toThrow('buffer gone is not here');
  await expect(e.run('unknown', {})).rejects.toThrow('no program unknown');
  await expect(e.take('gone')).rejects.toThrow('buffer gone is not here');
  await e.put('gone', Float32Array.of(1));
  await expect(e.run('bound', {})).rejects.toThrow('0+2 of buffer gone, which has 1 values');
  await expect(e.peek({ buffer: 'gone', offset: 1 }, 1)).rejects.toThrow('1+1 of buffer gone');
  expect((await e.run('take', { m, rows: BigInt64Array.of(1n) })).y).toEqual(Float32Array.of(3, 4));
});

test('inputs may be called what values of our own are called', async () => {
  const e = start();
  const names = ['t0', 't1', 'x0', 'c0'].map((name) => ops.input(name, [1]));
  await e.load('p', { t2: ops.scale(names.map((n) => ops.gelu(n)).reduce(ops.add), 2), t3: names[0] });
  const one = Float32Array.of(1);
  const { t2 } = await e.run('p', { t0: one, t1: one, x0: one, c0: one });
  expect(t2[0]).toBeCloseTo(8 * 0.8413447, 5);
});

test('requests that are not awaited are answered in their order', async () => {
  const e = start();
  const n = 64;
  const m = ops.input('m', [n, n]);
  // Slow enough that a run out of order would overtake.
  await e.load('slow', { y: ops.gemm(ops.gemm(m, m), ops.input('v', [n, n])) });
  await e.load(
    'count',
    { next: ops.offset(w, 1) },
    {
      inputs: { w: { buffer: 'n', offset: 0 } },
      outputs: { next: { buffer: 'n', offset: 0 } },
    },
  );
  const order: number[] = [];
  const done = [e.put('n', new Float32Array(2))];
  const square = new Float32Array(n * n);
  const seen: Promise<Float32Array>[] = [];
  for (let i = 0; i < 20; i++) {
    done.push(e.run('slow', { m: square, v: square }).then(() => void order.push(2 * i)));
    done.push(e.run('count', {}).then(() => void order.push(2 * i + 1)));
    seen.push(e.peek({ buffer: 'n', offset: 0 }, 1));
  }
  await Promise.all(done);
  expect(order).toEqual(Array.from({ length: 40 }, (_, i) => i));
  expect((await Promise.all(seen)).map((v) => v[0])).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
});

test('a program loaded again takes the place of the first', async () => {
  const e = start();
  await e.load('p', { y: ops.neg(x) });
  await e.load('p', { y: ops.scale(x, 3) });
  expect((await e.run('p', { x: Float32Array.of(1, 2) })).y).toEqual(Float32Array.of(3, 6));
});

test('when the thread dies, what waits and what comes later is refused, and closing is harmless', async () => {
  const e = start();
  await e.load('p', { y: ops.neg(x) });
  const waiting = Array.from({ length: 50 }, () => e.run('p', { x: Float32Array.of(1, 2) }));
  const outcomes = Promise.allSettled(waiting);
  await (Reflect.get(Reflect.get(e, 'thread'), 'worker') as Worker).terminate();
  const failed = (await outcomes).filter((o) => o.status === 'rejected');
  expect(failed.length).toBeGreaterThan(0);
  expect(String(failed[0].reason)).toContain('thread ended');
  await expect(e.run('p', { x: Float32Array.of(1, 2) })).rejects.toThrow('thread ended');
  await e.close();
});

test('after close nothing keeps the process alive', async () => {
  const at = (path: string) => new URL(`../../../dist/${path}`, import.meta.url);
  const script = `(async () => {
    const { OrtExecutor } = await import('${at('runtime/ort/executor.js')}');
    const { ops } = await import('${at('graph/index.js')}');
    const e = OrtExecutor.start({ provider: 'cpu', threads: 2 });
    const x = ops.input('x', [64, 64]);
    await e.load('p', { y: ops.gemm(x, x) });
    const last = e.run('p', { x: new Float32Array(64 * 64).fill(1) });
    await Promise.all([e.close(), e.close()]);
    console.log((await last).y[0]);
  })()`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const timer = setTimeout(() => child.kill('SIGKILL'), 30_000);
  let stdout = '';
  child.stdout.on('data', (d) => (stdout += d));
  const code = await new Promise((done) => child.on('close', done));
  clearTimeout(timer);
  expect(stdout).toBe('64\n');
  expect(code).toBe(0);
});

test('two runs of a step are bit-identical, also beside busy threads', async () => {
  const config = { ...SMALL, batch: 12, localCount: 2 };
  const rng = Rng.of(seed, 'determinism');
  const { student, teacher } = randomPair(config, rng);
  const batch = randomBatch(config, 3, rng);
  const run = async (spinning = true) => {
    const options = { provider: 'cpu', threads: 2, spinning, trace: true } as const;
    const step = await TrainingStep.start(synclrLearner(config), { student, teacher }, options);
    try {
      const { losses, traced } = await step.update([batch], still(0.05));
      expect((await step.update([batch], still(0.05))).traced).toEqual(traced);
      return { losses, traced };
    } finally {
      await step.close();
    }
  };
  const calm = await run();
  const busy = Array.from(
    { length: 3 },
    () => new Worker('for (const a = new Float32Array(1e5); ; ) a.sort().fill(Math.random())', { eval: true }),
  );
  try {
    expect(await run()).toEqual(calm);
    expect(await run(false)).toEqual(calm);
  } finally {
    await Promise.all(busy.map((b) => b.terminate()));
  }
});
