/** The module of {@link ProbeKernels}. */
export const KERNELS = 'probe/kernels.wasm';

/** What `kernels/probe.ts` exports: its sources say what the arguments are. */
export interface ProbeKernels {
  inverseNorms(x: number, dim: number, rows: number, out: number): void;
  keepLargest(...sRowsStrideCountFactorsBaseIndexValueK: number[]): void;
  reduce(a: number, size: number, diagonal: number, beside: number, betas: number, work: number): void;
  accumulate(a: number, size: number, betas: number, q: number, work: number): void;
}
