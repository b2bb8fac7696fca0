import { InferenceSession, Tensor } from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { naiveVit } from '../../test/naive-vit.js';
import { relativeDifference, testSeed } from '../../test/numbers.js';
import { randomParameters } from '../../test/small-step.js';
import { Rng } from '../rng.js';
import { encoderOnnx } from './export.js';
import { type VitConfig, vitParameters } from './vit.js';

const seed = testSeed('export.test.ts');

test('the exported model takes any batch, equals a plain ViT, and has operators of the standard only', async () => {
  const rng = Rng.of(seed, 'export');
  const vit: VitConfig = { dim: 16, depth: 2, heads: 2, patch: 4, imageSize: 12, mlpRatio: 4 };
  const parameters = randomParameters(vitParameters(vit), rng);
  const bytes = encoderOnnx({ vit, parameters, mean: [0, 0, 0], std: [1, 1, 1], origin: 'test' });
  expect(Buffer.from(bytes).includes('com.microsoft')).toBe(false);
  const session = await InferenceSession.create(bytes, { graphOptimizationLevel: 'disabled', intraOpNumThreads: 1 });
  try {
    expect(session.inputNames).toEqual(['pixel_values']);
    for (const batch of [1, 3]) {
      const size = 3 * 12 * 12;
      const pixels = Float32Array.from({ length: batch * size }, () => rng.normal());
      const { last_hidden_state: y } = await session.run({ pixel_values: new Tensor(pixels, [batch, 3, 12, 12]) });
      expect(y.dims).toEqual([batch, 10, 16]);
      const expected = Array.from({ length: batch }, (_, b) =>
        naiveVit(vit, (name) => parameters.get(name)!, pixels.subarray(b * size, (b + 1) * size), 12),
      );
      expect(relativeDifference(y.data as Float32Array, expected.flat(2))).toBeLessThan(1e-5);
    }
  } finally {
    await session.release();
  }
});
