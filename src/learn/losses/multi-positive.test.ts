import { expect, test } from 'vitest';
import { testSeed } from '../../../test/numbers.js';
import { gradients, ops } from '../../graph/index.js';
import { interpret } from '../../graph/interpret.js';
import { Rng } from '../../rng.js';
import { contrastive } from './multi-positive.js';

const seed = testSeed('contrastive.test.ts');
const DIM = 5;
const TEMPERATURE = 0.1;

/** Equations 1-3 of the paper, anchor by anchor; a candidate left out is not in any sum. */
function naive(anchors: number[][], candidates: number[][], labels: number[], same: boolean): number {
  const cosine = (a: number[], b: number[]) =>
    a.reduce((s, x, i) => s + x * b[i], 0) / Math.hypot(...a) / Math.hypot(...b);
  const losses = anchors.map((a, row) => {
    const image = row % labels.length;
    const others = candidates.map((_, j) => j).filter((j) => !(same && j === image));
    const logits = new Map(others.map((j) => [j, cosine(a, candidates[j]) / TEMPERATURE]));
    const z = Math.log([...logits.values()].reduce((s, x) => s + Math.exp(x), 0));
    const positives = others.filter((j) => labels[j] === labels[image]);
    // An anchor without positives has nothing to be pulled to.
    return positives.reduce((s, j) => s - (logits.get(j)! - z), 0) / Math.max(1, positives.length);
  });
  return losses.reduce((a, b) => a + b) / losses.length;
}

const CASES: [string, number[], number, boolean][] = [
  ['two captions of three images, the own image left out', [0, 1, 0, 1, 0, 1], 1, true],
  ['local crops, nothing left out', [0, 1, 0, 1], 3, false],
  ['local crops, the own image left out', [0, 1, 2, 0, 1, 2], 2, true],
  ['one positive only', [3, 1, 3, 1], 1, true],
  ['captions of one image: their anchors have no positives', [7, 2, 5, 2], 1, true],
  ['no positives at all', [0, 1, 2], 1, true],
];

test.each(CASES)('the loss equals a loop over anchors: %s', (_, labels, groups, same) => {
  const rng = Rng.of(seed, labels.length, groups);
  const vectors = (n: number) => Array.from({ length: n }, () => Array.from({ length: DIM }, () => rng.normal()));
  const [b, rows] = [labels.length, labels.length * groups];
  const [anchors, candidates] = [vectors(rows), vectors(b)];
  const a = ops.input('a', [rows, DIM]);
  const loss = contrastive(a, ops.input('c', [b, DIM]), ops.input('labels', [b]), {
    temperature: TEMPERATURE,
    leaveOwnOut: same,
  });
  expect(loss.shape).toEqual([1, 1]);
  const [da] = gradients(loss, [a]);
  const out = interpret({ loss, da: da! }, { a: anchors.flat(), c: candidates.flat(), labels });
  expect(out.loss[0]).toBeCloseTo(naive(anchors, candidates, labels, same), 10);
  expect(out.da.every(Number.isFinite)).toBe(true);
  for (let row = 0; row < rows; row++) {
    const g = out.da.subarray(row * DIM, (row + 1) * DIM);
    const alone = labels.filter((l) => l === labels[row % b]).length === 1 && same;
    // The loss depends on directions alone, and not at all where there is no positive.
    expect(g.reduce((s, x, i) => s + x * anchors[row][i], 0)).toBeCloseTo(0, 12);
    expect(g.some((x) => Math.abs(x) > 1e-9)).toBe(!alone);
  }
});
