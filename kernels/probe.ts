/**
 * The loops of `src/probe` that no matrix product is, compiled by `scripts/kernels.js` to probe/kernels.wasm. Everything is an address in the
 * imported memory, which `src/wasm.ts` lays out.
 */
export { inverseNorms, keepLargest } from './nearest';
export { accumulate, reduce } from './symmetric';
