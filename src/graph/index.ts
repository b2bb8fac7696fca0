export { gradients } from './gradients.js';
export { interpret } from './interpret.js';
export * as ops from './ops.js';
export { type DType, OPEN, type RowOrder, reachable, type Shape, sizeOf, Tensor } from './tensor.js';
