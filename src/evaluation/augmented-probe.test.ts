import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { colourSet, openSmallEncoder } from '../../test/finetune-fixture.js';
import type { EvalSet, EvalSplit } from '../data/set.js';
import type { OpenedEncoder } from '../encoders/open-encoder.js';
import { Interrupted } from '../errors.js';
import { encoderSource } from '../probe/sources.js';
import { cpuExecutors } from '../runtime/open-executors.js';
import { extractFeatures, readFeatures } from './features.js';
import type { Cell } from './protocol.js';
import { linear } from './protocols/linear.js';

const on = cpuExecutors(1);
let root: string;
let encoder: OpenedEncoder;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'synclr-augmented-'));
  encoder = await openSmallEncoder(1, on);
});
afterAll(async () => {
  await encoder.close();
  await on.close();
  rmSync(root, { recursive: true });
});

const EPOCHS = 6;
const OPTIONS = { augment: true, epochs: EPOCHS, batch: 10, lrs: [0.5, 5, 20] };

/** A cell, and what its encoder was shown in training: the first number of every picture. */
function cellOf(name: string, o: { options?: object; set?: EvalSet; stop?: { after: number; by: 'abort' | 'throw' } }) {
  const set = o.set ?? colourSet(40, 15);
  const stop = new AbortController();
  const seen: number[][] = [];
  const epochs: number[] = [];
  const shown: OpenedEncoder = {
    ...encoder,
    encode: (x, n) => {
      seen.push(Array.from({ length: n }, (_, i) => x[i * 3 * 64]));
      return encoder.encode(x, n);
    },
  };
  const cell: Cell = {
    ...{ set, encoder: shown, options: { linear: { ...OPTIONS, ...o.options } }, seed: 2, executors: on },
    ...{ dir: join(root, name), runtime: { provider: 'cpu', threads: 1 } },
    async features() {
      const source = encoderSource('trained', encoder);
      const at = { dir: join(root, 'features'), hooks: { signal: new AbortController().signal } };
      await extractFeatures([source], set, at);
      return (await readFeatures(source, set, at.dir))!;
    },
    hooks: {
      signal: stop.signal,
      warn: () => {},
      progress: ({ done, unit }) => {
        if (unit !== 'epochs') return;
        epochs.push(done);
        if (done !== o.stop?.after) return;
        if (o.stop.by === 'throw') throw new Error('killed');
        stop.abort();
      },
    },
  };
  return { cell, seen, epochs };
}

test('the encoder sees other crops at every epoch, and colours are told apart', async () => {
  const { cell, seen, epochs } = cellOf('whole', {});
  const found = await linear.run(cell);
  expect(found.metrics['top-1']).toBeGreaterThan(0.8);
  // 32 of 40 choose in batches of 10, then all 40 train.
  expect(seen.map((s) => s.length)).toEqual(new Array(EPOCHS * 3 + EPOCHS * 4).fill(10));
  expect(epochs).toEqual(Array.from({ length: 2 * EPOCHS }, (_, i) => i + 1));
  const first = seen.slice(0, 3).flat();
  const second = new Set(seen.slice(3, 6).flat());
  expect(first.filter((v) => second.has(v)).length).toBeLessThan(first.length / 3);
  expect(found.details).toMatchObject({ epoch: EPOCHS, images: 40 });
  // The second time nothing is shown, and once the result is kept nothing is gone on from.
  const again = cellOf('whole', {});
  expect(await linear.run(again.cell)).toEqual(found);
  expect(again.seen).toEqual([]);
  await linear.clear!(cell.dir, cell.options);
  expect(existsSync(join(cell.dir, 'linear.safetensors'))).toBe(false);
  const plain = await linear.run(cellOf('plain', { options: { augment: false } }).cell);
  expect(plain.metrics.NLL).not.toBe(found.metrics.NLL);
}, 60_000);

test.each([true, false])(
  'stopped or killed it goes on with the epoch, to the same numbers (refit %s)',
  async (refit) => {
    const options = { refit };
    const whole = await linear.run(cellOf(`unbroken ${refit}`, { options }).cell);
    const at = `broken ${refit}`;
    await expect(linear.run(cellOf(at, { options, stop: { after: 2, by: 'abort' } }).cell)).rejects.toThrow(
      Interrupted,
    );
    const last = refit ? EPOCHS + 2 : EPOCHS - 1;
    const second = cellOf(at, { options, stop: { after: last, by: 'throw' } });
    await expect(linear.run(second.cell)).rejects.toThrow('killed');
    expect(second.epochs[0]).toBe(3);
    const third = cellOf(at, { options });
    expect(await linear.run(third.cell)).toEqual(whole);
    expect(third.epochs[0]).toBe(last + 1);
  },
  60_000,
);

test('validation pictures choose, and train in the end', async () => {
  const set = colourSet(20, 9);
  const val = colourSet(10, 3, 3, 9).train;
  const read: string[] = [];
  const heard = (split: EvalSplit): EvalSplit => ({
    ...split,
    read: (i) => {
      read.push(`${split === val ? 'val' : 'train'} ${i}`);
      return split.read(i);
    },
  });
  const withVal = { ...set, hash: 'with val', train: heard(set.train), val: heard(val) };
  const { cell, seen } = cellOf('val', { set: withVal, options: { batch: 15, epochs: 2 } });
  await cell.features();
  read.length = 0;
  await linear.run(cell);
  expect(seen.map((s) => s.length)).toEqual([15, 15, 15, 15, 15, 15]);
  // Features were made before: what is read now is trained on.
  expect(new Set(read.filter((r) => r.startsWith('val'))).size).toBe(10);
}, 60_000);

test('batches of one, weights that are no numbers', async () => {
  const { cell } = cellOf('one', { options: { batch: 1 } });
  await expect(linear.run(cell)).rejects.toThrow(/linear with augment needs batches of two images at least/);
  const broken = cellOf('nan', {});
  const { encode } = broken.cell.encoder;
  Object.assign(broken.cell.encoder, {
    encode: async (x: Float32Array, n: number) => {
      const found = await encode(x, n);
      found.cls[0] = Number.NaN;
      return found;
    },
  });
  await expect(linear.run(broken.cell)).rejects.toThrow(/in epoch 1 the encoder's features of crop 1 .* not finite/);
});
