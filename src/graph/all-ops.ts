/** Every function that makes a node. */
export * from './image-ops.js';
export * from './ops.js';
