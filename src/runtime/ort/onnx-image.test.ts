import './no-telemetry.js';

import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { IMAGE_OP_CASES } from '../../../test/image-op-cases.js';
import { relativeDifference, testSeed } from '../../../test/numbers.js';
import { program, WITHOUT_GRADIENT } from '../../../test/op-cases.js';
import { interpret } from '../../graph/index.js';
import type { OpKind } from '../../graph/tensor.js';
import { Rng } from '../../rng.js';
import { toOnnx } from './onnx.js';

const seed = testSeed('onnx-image.test.ts');

// Agreement on a WebGPU device is tested where there is one. That what it is given says the same can be told without.
test.each(Object.entries(IMAGE_OP_CASES))('%s as WebGPU is given it', async (kind, cases) => {
  for (const [variant, make] of cases.entries()) {
    const differentiate = !WITHOUT_GRADIENT.includes(kind as OpKind);
    const { outputs, feeds } = program(make, Rng.of(seed, kind, variant), differentiate);
    const { bytes, inputs } = toOnnx(outputs, 'webgpu');
    const session = await InferenceSession.create(bytes, { logSeverityLevel: 3 });
    const given = inputs.map(({ name, shape }) => [name, new OrtTensor(feeds[name] as Float32Array, shape)]);
    const found = await session.run(Object.fromEntries(given));
    for (const [name, values] of Object.entries(interpret(outputs, feeds))) {
      if (name === 'loss') continue;
      const size = Math.min(1, Math.hypot(...values) || 1);
      const by = relativeDifference(found[name].data as Float32Array, values) * size;
      expect(by, `case ${variant}: ${name}`).toBeLessThan(1e-5);
    }
    await session.release();
  }
});
