import { type DType, ops, type Tensor } from '../graph/index.js';
import { activate, silu } from './activation.js';
import type { VitConfig } from './vit-config.js';

/** What lies between the two layers of an MLP. x [rows, hidden], of a SwiGLU [rows, 2·hidden] */
export function between(c: VitConfig, x: Tensor, precision: DType): Tensor {
  if (c.activation !== 'swiglu') return ops.cast(activate(x, c.activation ?? 'gelu'), precision);
  const hidden = x.shape[1] / 2;
  const [gate, value] = [ops.slice(x, 1, 0, hidden), ops.slice(x, 1, hidden, hidden)];
  return ops.cast(ops.mul(c.gate ? activate(gate, c.gate) : silu(gate), value), precision);
}
