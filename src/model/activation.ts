import { ops, type Tensor } from '../graph/index.js';

/**
 * The forms of GELU (Hendrycks & Gimpel 2016, arXiv 1606.08415) that published encoders use: `gelu` is x·Φ(x); `quick_gelu` is
 * x·σ(1.702x), as OpenAI's CLIP has it; `gelu_tanh` the approximation by a hyperbolic tangent, as SigLIP has it. Their values differ by up to
 * 0.02, so a file's own is the one to use.
 */
export const ACTIVATIONS = ['gelu', 'quick_gelu', 'gelu_tanh'] as const;
export type Activation = (typeof ACTIVATIONS)[number];

/** The activation of each number. x of any shape; the result is f32, but for `gelu`, which is stored as x is. */
export function activate(x: Tensor, form: Activation): Tensor {
  if (form === 'gelu') return ops.gelu(x);
  if (form === 'quick_gelu') return gated(x, ops.scale(x, 1.702));
  // ½(1 + tanh u) is σ(2u).
  const cube = ops.mul(x, ops.mul(x, x));
  return gated(x, ops.scale(ops.add(x, ops.scale(cube, 0.044715)), 2 * Math.sqrt(2 / Math.PI)));
}

/** x·σ(x) (Elfwing et al. 2017, arXiv 1702.03118), the gate of SwiGLU. Stored in f32. */
export const silu = (x: Tensor): Tensor => gated(x, x);

/** Largest exponent: exp stays finite in float32, so no gradient becomes 0·∞, where σ is 0 long before. */
const MOST = 80;

/** x·σ(by) */
function gated(x: Tensor, by: Tensor): Tensor {
  const e = ops.exp(ops.minimum(ops.neg(by), ops.filled(MOST, [])));
  return ops.div(x, ops.offset(e, 1));
}
