import { expect, test } from 'vitest';
import { testSeed } from '../../../test/numbers.js';
import { SMALL } from '../../../test/small-step.js';
import { decays } from '../../learn/graph-parts.js';
import { synclrParameters } from '../../learn/learners/synclr.js';
import { Rng } from '../../rng.js';
import { type AdamwStep, adamwEma, sumOfSquares } from './adamw.js';

const seed = testSeed('adamw.test.ts');

/** Loshchilov & Hutter's algorithm 2 for one number, with a schedule's rate in place of α·η. */
class Scalar {
  m = 0;
  v = 0;
  x: number;
  teacher: number;

  constructor(x: number, teacher: number) {
    this.x = x;
    this.teacher = teacher;
  }

  update(s: AdamwStep, gradient: number, decay: boolean): void {
    const g = gradient * s.gradScale;
    this.m = s.beta1 * this.m + (1 - s.beta1) * g;
    this.v = s.beta2 * this.v + (1 - s.beta2) * g ** 2;
    const mHat = this.m / (1 - s.beta1 ** s.t);
    const vHat = this.v / (1 - s.beta2 ** s.t);
    this.x -= s.lr * (decay ? s.weightDecay * this.x : 0) + (s.lr * mHat) / (Math.sqrt(vHat) + s.eps);
    this.teacher = s.ema * this.teacher + (1 - s.ema) * this.x;
  }
}

test.each([
  ['with decay and teacher', true, true],
  ['without decay', false, true],
  ['without teacher', true, false],
])('an update is the formula’s, number by number: %s', (_, decay, teacher) => {
  const rng = Rng.of(seed, decay ? 1 : 0, teacher ? 1 : 0);
  const n = 40;
  const span = { start: 3, end: 35, decay, teacher };
  const values = () => Float32Array.from({ length: n }, () => rng.normal());
  const [x, t, m, v] = [values(), values(), new Float32Array(n), new Float32Array(n)];
  const [x0, t0] = [x.slice(), t.slice()];
  const scalars = Array.from(x, (value, i) => new Scalar(value, t[i]));
  for (let step = 1; step <= 6; step++) {
    // Gradients over many orders of magnitude, and zero.
    const grad = Float32Array.from({ length: n }, (_, i) => (i % 9 === 0 ? 0 : rng.normal() * 10 ** rng.range(-6, 2)));
    const s: AdamwStep = {
      lr: 0.01 * step,
      weightDecay: 0.1,
      beta1: 0.9,
      beta2: 0.98,
      eps: 1e-8,
      t: step,
      gradScale: 0.5,
      ema: 0.9,
    };
    adamwEma(span, s, x, t, grad, m, v);
    for (let i = span.start; i < span.end; i++) scalars[i].update(s, grad[i], decay);
  }
  for (let i = 0; i < n; i++) {
    const inside = i >= span.start && i < span.end;
    const close = (actual: number, expected: number) =>
      expect(Math.abs(actual - expected)).toBeLessThan(3e-6 * Math.max(1, Math.abs(expected)));
    if (inside) {
      close(x[i], scalars[i].x);
      close(m[i], scalars[i].m);
      close(v[i], scalars[i].v);
    } else expect([x[i], m[i], v[i]]).toEqual([x0[i], 0, 0]);
    if (inside && teacher) close(t[i], scalars[i].teacher);
    else expect(t[i]).toBe(t0[i]);
  }
});

test('decay falls on matrices whose names say neither bias, ln nor bn', () => {
  const decayed = synclrParameters(SMALL).flatMap((s) => (s.decayed ? [s.name] : []));
  const block = (i: number) =>
    ['attn.qkv', 'attn.proj', 'mlp.fc1', 'mlp.fc2'].map((l) => `backbone.blocks.${i}.${l}.weight`);
  expect(decayed).toEqual([
    'backbone.cls_token',
    'backbone.pos_embed',
    'backbone.mask_token',
    'backbone.patch_embed.proj.weight',
    ...block(0),
    ...block(1),
    'proj.mlp.0.weight',
    'proj.mlp.3.weight',
    'proj.mlp.6.weight',
    'pred.mlp.0.weight',
    'pred.mlp.3.weight',
    'dino_head.mlp.0.weight',
    'dino_head.mlp.2.weight',
    'dino_head.mlp.4.weight',
    'dino_head.last_layer.weight_g',
    'dino_head.last_layer.weight_v',
  ]);
  expect(decays('block.ln.weight', [4, 4])).toBe(false);
  expect(decays('block.bn1.weight', [4, 4])).toBe(false);
  expect(decays('relative.bias', [4, 4])).toBe(false);
});

test('sums of squares are in double precision', () => {
  const x = new Float32Array(10_001).fill(1e-4);
  x[0] = 100;
  expect(sumOfSquares(x, 0, x.length)).toBeCloseTo(1e4 + 1e-4, 7);
  expect(sumOfSquares(x, 1, 3)).toBeCloseTo(2e-8, 14);
});
