export { gradients } from './gradients.js';
export * as ops from './ops.js';
export { type DType, reachable, type Shape, sizeOf, Tensor } from './tensor.js';
