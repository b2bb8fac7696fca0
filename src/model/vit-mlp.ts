import { type DType, ops, type Tensor } from '../graph/index.js';
import type { VitConfig } from './vit-config.js';

/** What lies between the two layers of an MLP. x [rows, hidden], of a SwiGLU [rows, 2·hidden] */
export function activate(c: VitConfig, x: Tensor, precision: DType): Tensor {
  switch (c.activation ?? 'gelu') {
    case 'gelu':
      return ops.gelu(x);
    case 'quick_gelu':
      return ops.cast(swish(x, ops.scale(x, 1.702)), precision);
    case 'gelu_tanh': {
      // ½x(1 + tanh u) = x·σ(2u) with u = √(2/π)(x + 0.044715x³).
      const cubed = ops.mul(ops.mul(x, x), x);
      const twice = ops.scale(ops.add(x, ops.scale(cubed, 0.044715)), 2 * Math.sqrt(2 / Math.PI));
      return ops.cast(swish(x, twice), precision);
    }
    case 'swiglu': {
      const hidden = x.shape[1] / 2;
      const [gate, value] = [ops.slice(x, 1, 0, hidden), ops.slice(x, 1, hidden, hidden)];
      return ops.cast(ops.mul(swish(gate, gate), value), precision);
    }
  }
}

/** x·σ(z). The exponential stays finite, as its gradient needs it. */
function swish(x: Tensor, z: Tensor): Tensor {
  const exponent = ops.minimum(ops.neg(z), ops.filled(80, []));
  return ops.div(x, ops.offset(ops.exp(exponent), 1));
}
