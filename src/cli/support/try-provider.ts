import '../../runtime/ort/no-telemetry.js';

import { InferenceSession, Tensor } from 'onnxruntime-node';
import { ops } from '../../graph/index.js';
import { type Provider, toOnnx } from '../../runtime/ort/onnx.js';
import { gigaflops } from './checks.js';

/** Run by doctor in a process of its own: starts the provider named on the command line, without falling back, and multiplies matrices. */
const name = process.argv[2] as Provider;
const n = 512;
try {
  const product = ops.gemm(ops.input('a', [n, n]), ops.input('b', [n, n]));
  const { bytes } = toOnnx({ c: product }, name);
  const session = await InferenceSession.create(bytes, { executionProviders: [name], logSeverityLevel: 4 });
  const a = new Tensor('float32', new Float32Array(n * n).fill(0.5), [n, n]);
  const b = new Tensor('float32', new Float32Array(n * n).fill(2), [n, n]);
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 8; i++) {
    const start = performance.now();
    const { c } = await session.run({ a, b });
    best = Math.min(best, performance.now() - start);
    const value = (c.data as Float32Array)[n + 1];
    if (Math.abs(value - n) > 1e-2) throw new Error(`computes wrongly: ${value} instead of ${n}`);
  }
  console.log(`ok ${gigaflops(n, best)}`);
} catch (e) {
  console.log(`failed ${(e instanceof Error ? e.message : String(e)).replace(/\s+/g, ' ')}`);
}
process.exit();
