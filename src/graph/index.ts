export * as ops from './all-ops.js';
export { averagingMatrix, bilinearMatrix } from './axis-matrices.js';
export { gradients } from './gradients.js';
export { interpret } from './interpret.js';
export { type DType, OPEN, type RowOrder, reachable, type Shape, sizeOf, Tensor } from './tensor.js';
