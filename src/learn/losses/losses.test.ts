import { expect, test } from 'vitest';
import { relativeDifference, testSeed } from '../../../test/numbers.js';
import {
  differences,
  plainImageText,
  plainMultiPositive,
  plainNtXent,
  plainSupervised,
  rowsOf,
} from '../../../test/plain-losses.js';
import { gradients, ops, type Tensor } from '../../graph/index.js';
import { interpret } from '../../graph/interpret.js';
import { Rng } from '../../rng.js';
import { imageText } from './image-text.js';
import { contrastive } from './multi-positive.js';
import { ntXent } from './nt-xent.js';
import { accuracyOf, smoothedCrossEntropy } from './smoothed.js';
import { supcon } from './supcon.js';

const seed = testSeed('losses.test.ts');

/** Rounded to float32, as graphs hold their inputs. */
const draw = (rng: Rng, n: number) => Float32Array.from({ length: n }, () => rng.normal());

/** A graph of one input, in double precision, against plain loops: its value and its gradient. */
function holds(loss: (x: Tensor) => Tensor, shape: number[], data: Float32Array, plain: (x: number[]) => number): void {
  const x = ops.input('x', shape);
  const built = loss(x);
  const [gradient] = gradients(built, [x]);
  const { value, grad } = interpret({ value: built, grad: gradient! }, { x: data });
  const at = Array.from(data);
  expect(value[0]).toBeCloseTo(plain(at), 9);
  expect(relativeDifference(grad, differences(plain, at))).toBeLessThan(1e-6);
}

test.each([0, 1, 2, 3])('the contrastive losses of random sizes and labels agree with plain loops, case %i', (n) => {
  const rng = Rng.of(seed, 'contrastive', n);
  const [views, images, dim] = [2 + rng.int(3), 2 + rng.int(4), 3 + rng.int(6)];
  const temperature = rng.range(0.15, 1);
  const rows = views * images;
  const features = draw(rng, rows * dim);
  // Some labels come once, some often.
  const labels = Array.from({ length: images }, () => rng.int(Math.max(2, images - 1)));
  const all = Array.from({ length: rows }, (_, i) => labels[i % images]);
  const constant = (x: number[]) => ops.constant(Float32Array.from(x), [x.length]);
  const of = (x: number[]) => rowsOf(x, dim);
  holds(
    (x) => contrastive(x, x, constant(all), { temperature, leaveOwnOut: true }),
    [rows, dim],
    features,
    (x) => plainMultiPositive(of(x), all, temperature),
  );
  const base = rng.range(0.15, 1);
  holds(
    (x) => supcon(x, constant(labels), { temperature, baseTemperature: base }),
    [rows, dim],
    features,
    (x) => plainMultiPositive(of(x), all, temperature, { base }),
  );
  holds(
    (x) => supcon(x, constant(labels), { temperature, anchors: 'one' }),
    [rows, dim],
    features,
    (x) => plainMultiPositive(of(x), all, temperature, { anchors: images }),
  );
  holds(
    (x) => ntXent(x, all, temperature),
    [rows, dim],
    features,
    (x) => plainNtXent(of(x), all, temperature),
  );
  const pairs = Array.from({ length: 2 * images }, (_, i) => i % images);
  holds(
    (x) => ntXent(x, pairs, temperature),
    [2 * images, dim],
    draw(rng, 2 * images * dim),
    (x) => plainNtXent(of(x), pairs, temperature),
  );
});

test('images none of which has a positive give no loss and no gradient', () => {
  const rng = Rng.of(seed, 'alone');
  const data = draw(rng, 5 * 4);
  const x = ops.input('x', [5, 4]);
  const labels = ops.constant(Float32Array.from([0, 1, 2, 3, 4]), [5]);
  for (const loss of [
    contrastive(x, x, labels, { temperature: 0.1, leaveOwnOut: true }),
    ntXent(x, [0, 1, 2, 3, 4], 0.1),
  ]) {
    const [gradient] = gradients(loss, [x]);
    const { value, grad } = interpret({ value: loss, grad: gradient! }, { x: data });
    expect(value[0]).toBeCloseTo(0, 12);
    expect(Math.max(...grad.map(Math.abs))).toBeLessThan(1e-12);
  }
});

test.each([0, 1, 2])('images and texts of random sizes agree with plain loops, case %i', (n) => {
  const rng = Rng.of(seed, 'image-text', n);
  const [texts, each, dim] = [2 + rng.int(4), 1 + n, 3 + rng.int(5)];
  const images = texts * each;
  const textOf = Array.from({ length: images }, (_, i) => i % texts);
  const logScale = rng.range(-1, 4.6);
  const [ti, tt] = [images * dim, texts * dim];
  // Images, texts and the scale in one row of numbers, so that all gradients are compared.
  holds(
    (x) => {
      const part = (start: number, length: number, shape: number[]) =>
        ops.reshape(ops.slice(x, 0, start, length), shape);
      const labels = ops.constant(Float32Array.from(textOf), [images]);
      return imageText(part(0, ti, [images, dim]), part(ti, tt, [texts, dim]), labels, part(ti + tt, 1, [1]));
    },
    [ti + tt + 1],
    Float32Array.from([...draw(rng, ti + tt), logScale]),
    (x) => plainImageText(rowsOf(x.slice(0, ti), dim), rowsOf(x.slice(ti, ti + tt), dim), textOf, x[ti + tt]),
  );
});

test.each([0, 0.1, 0.5])('cross entropy with smoothing %f leaves rows of unknown class out', (smoothing) => {
  const rng = Rng.of(seed, 'supervised', smoothing * 10);
  const [rows, dim, k] = [4 + rng.int(6), 3 + rng.int(4), 2 + rng.int(6)];
  const classes = Array.from({ length: rows }, (_, i) => (i === 1 ? -1 : rng.int(k)));
  const [xs, ws] = [rows * dim, k * dim];
  holds(
    (x) => {
      const part = (start: number, length: number, shape: number[]) =>
        ops.reshape(ops.slice(x, 0, start, length), shape);
      const logits = ops.linear(part(0, xs, [rows, dim]), part(xs, ws, [k, dim]), part(xs + ws, k, [k]));
      return smoothedCrossEntropy(logits, ops.constant(Float32Array.from(classes), [rows]), smoothing);
    },
    [xs + ws + k],
    draw(rng, xs + ws + k),
    (x) =>
      plainSupervised(
        rowsOf(x.slice(0, xs), dim),
        rowsOf(x.slice(xs, xs + ws), dim),
        x.slice(xs + ws),
        classes,
        smoothing,
      ),
  );
});

test('accuracy counts rows of known class alone', () => {
  const logits = ops.constant(Float32Array.from([3, 1, 0, 0, 2, 1, 5, 4, 6, 1, 2, 3]), [4, 3]);
  const { value } = interpret({ value: accuracyOf(logits, ops.constant(Float32Array.of(0, 2, -1, 2), [4])) }, {});
  expect(value[0]).toBeCloseTo(2 / 3, 12);
});
