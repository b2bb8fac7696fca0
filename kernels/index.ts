/**
 * The pixel loops of `src/views`, in AssemblyScript: WebAssembly with 128-bit vectors. Compiled by `scripts/kernels.js`
 * to views/kernels.wasm. Everything is an address in the imported memory, which `src/views/kernels.ts` lays out. Loads
 * may run past what they need by up to 16 bytes, and stores past the end of a plane by less than 16: the layout leaves
 * room. Images are unsigned bytes, 0…255; real numbers are 32-bit, 0…1.
 */
export { dropAlpha, horizontal, vertical, interleave } from './resample';
export { pointwise } from './pointwise';
export { blurRows, blurColumns } from './blur';
