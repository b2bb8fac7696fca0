import { expect, test } from 'vitest';
import { microOf } from '../../test/micro.js';
import { LEARNER_NAMES, type LearnerName } from '../config/names.js';
import { resolveSettings } from '../config/resolve.js';
import { ops, reachable, sizeOf, type Tensor } from '../graph/index.js';
import { learnerOf } from './learners/index.js';

/** Operations of the matrix products and attentions that a graph really has; a multiply-add is two. */
function counted(outputs: readonly Tensor[]): number {
  let sum = 0;
  for (const t of reachable(outputs)) {
    const [a, b] = t.inputs;
    if (t.kind === 'gemm') sum += 2 * sizeOf(t.shape) * (t.attrs.transA ? a.shape[0] : a.shape[1]);
    const tokens = (of: Tensor) => of.shape[t.attrs.order === 'token' ? 0 : 1];
    // Two products forward, and twice as many backward.
    if (t.kind === 'attention') sum += 4 * sizeOf(a.shape) * tokens(b);
    if (t.kind === 'attentionGradient') sum += 8 * sizeOf(a.shape) * tokens(b);
  }
  return sum;
}

const CASES: [string, LearnerName, Record<string, string | number | boolean>][] = [
  ...LEARNER_NAMES.map((name): [string, LearnerName, Record<string, number>] => [name, name, {}]),
  ['synclr with DINO and local crops', 'synclr', { 'learn.dino': 1, 'views.localCount': 3 }],
  ['synclr without a teacher', 'synclr', { 'learn.ema': false, 'learn.ibot': 0, 'views.localCount': 0 }],
];

test.each(CASES)('%s: estimated operations are those of its graphs', (_, method, changes) => {
  const sizes = { 'model.dim': 96, 'model.heads': 3, 'views.globalSize': 32, 'train.captionsPerBatch': 16 };
  const settings = resolveSettings({ flags: microOf(method, { ...sizes, ...changes }) });
  const learner = learnerOf(settings);
  const objective = learner.objective();
  const options = { order: 'token', crops: 'float', precision: 'f32', recompute: false } as const;
  const teacher = objective.teacher?.(options);
  const inputs = Object.entries(teacher?.handed ?? {}).map(([name, t]) => [name, ops.input(name, t.shape)] as const);
  const student = objective.student(Object.fromEntries(inputs), options);
  const forward = teacher ? counted(Object.values(teacher.handed)) : 0;
  const real = forward + counted([student.losses.loss, ...student.gradients.values()]);
  // Losses themselves are products, too, which estimates leave out.
  expect(learner.operations / real).toBeGreaterThan(0.85);
  expect(learner.operations / real).toBeLessThan(1.15);
  expect(learner.activationBytes).toBeGreaterThan(0);
});
