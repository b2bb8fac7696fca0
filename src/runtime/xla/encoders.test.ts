import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { relativeDifference, testSeed } from '../../../test/numbers.js';
import {
  LOSSES,
  randomBatch,
  randomPair,
  randomParameters,
  SMALL,
  significant,
  tracedGradients,
  updateOf,
} from '../../../test/small-step.js';
import { sayNotRun, xlaPlugin } from '../../../test/xla.js';
import { imageFeatures } from '../../encoders/run.js';
import { type StepConfig, synclrLearner } from '../../learn/learners/synclr.js';
import { TrainingStep } from '../../learn/step.js';
import { type VitConfig, vitParameters } from '../../model/vit.js';
import { Rng } from '../../rng.js';
import type { Executors } from '../executor.js';
import { openExecutors } from '../open-executors.js';

/** Encoders of other forms than a plain ViT, used and trained through XLA beside ONNX Runtime. */

const seed = testSeed('xla/encoders.test.ts');
const plugin = xlaPlugin();
if (!plugin) sayNotRun('encoders of other forms, used and trained through XLA');

const FORMS: [string, Partial<VitConfig>][] = [
  ['registers, layer scale, SwiGLU', { registers: 2, layerScale: true, activation: 'swiglu', resampling: 'antialias' }],
  ['no CLS, attention pooling', { cls: false, pool: 'attention', activation: 'gelu_tanh' }],
  ['relative positions', { positions: false, relative: 'both', activation: 'quick_gelu' }],
  ['rotary positions', { positions: false, rotary: { base: 100 }, registers: 1, activation: 'swiglu', gate: 'gelu' }],
  ['a distillation token, norm before', { dist: true, prefixPositions: 2, normBefore: true }],
  ['the mean, normed', { pool: 'mean', norm: false, poolNorm: true }],
];

describe.skipIf(!plugin)('through XLA as through ONNX Runtime', () => {
  let on: { xla: Executors; ort: Executors };
  beforeAll(async () => {
    const settings = { threads: 1, plugin, precision: 'float32' } as const;
    on = {
      xla: await openExecutors({ ...settings, provider: 'xla' }),
      ort: await openExecutors({ ...settings, provider: 'cpu' }),
    };
  }, 60_000);
  afterAll(async () => {
    await on?.xla.close();
    await on?.ort.close();
  });

  describe.each(FORMS)('%s', (name, form) => {
    const vit: VitConfig = { ...SMALL.vit, ...form };
    // To compile a step takes seconds: one each time, the others at night.
    const tier = name === FORMS[0][0] ? {} : { tags: 'nightly' };

    test.each([
      [16, 16],
      [8, 24],
    ])('features of %i × %i pixels', { timeout: 120_000 }, async (...sides) => {
      const parameters = randomParameters(vitParameters(vit), Rng.of(seed, name));
      const shape = [2, 3, ...sides];
      const rng = Rng.of(seed, 'pixels');
      const pixels = Float32Array.from({ length: shape.reduce((n, s) => n * s) }, () => rng.normal());
      const [ours, theirs] = [
        await imageFeatures({ vit, parameters }, pixels, shape, on.xla),
        await imageFeatures({ vit, parameters }, pixels, shape, on.ort),
      ];
      expect(Object.keys(ours).sort()).toEqual(Object.keys(theirs).sort());
      for (const [what, x] of Object.entries(theirs))
        expect(relativeDifference(ours[what as 'pooled'], x), what).toBeLessThan(1e-5);
    });

    test('losses and gradients of a training step', { timeout: 240_000, ...tier }, async () => {
      const config: StepConfig = { ...SMALL, vit, localCount: 1 };
      const rng = Rng.of(seed, 'step');
      const state = randomPair(config, rng);
      const batch = randomBatch(config, 3, rng);
      const results = [];
      for (const provider of ['xla', 'cpu'] as const) {
        const runtime = {
          provider,
          plugin: provider === 'xla' ? plugin : undefined,
          threads: 1,
          precision: 'float32',
          trace: true,
        } as const;
        await using step = await TrainingStep.start(synclrLearner(config), state, runtime);
        results.push(await step.update([batch], updateOf({ numbers: { teacher_temperature: 0.07 } })));
      }
      const [ours, theirs] = results;
      for (const loss of LOSSES)
        expect(relativeDifference([ours.losses[loss]], [theirs.losses[loss]]), loss).toBeLessThan(1e-5);
      const [a, b] = [tracedGradients(ours.traced!), tracedGradients(theirs.traced!)];
      expect([...a.keys()].sort()).toEqual([...b.keys()].sort());
      for (const parameter of significant(new Map([...b].map(([n, x]) => [n, Float64Array.from(x)]))))
        expect(relativeDifference(a.get(parameter)!, b.get(parameter)!), parameter).toBeLessThan(1e-4);
    });
  });
});
