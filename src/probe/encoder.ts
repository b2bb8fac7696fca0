import type { Preprocessing } from '../model/preprocessing.js';

/** A frozen image encoder, as probes, embedding and reports use it. */
export interface Encoder extends AsyncDisposable {
  /** Width of the CLS feature. */
  readonly dim: number;
  readonly patch: number;
  /** How pictures come to it. */
  readonly preprocessing: Preprocessing;
  /** Of `preprocessing`: side of the images it takes, pixels. */
  readonly size: number;
  /** Of `preprocessing`: RGB, of pixels in 0…1. */
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
  /**
   * @param pixels [n, 3, size, size], normalised with mean and std; any n (batched inside).
   * @returns cls [n, dim] of the last block after the final norm; with `patches`, also [n, (size/patch)², dim].
   */
  encode(
    pixels: Float32Array,
    n: number,
    options?: { patches?: boolean },
  ): Promise<{ cls: Float32Array; patches?: Float32Array }>;
  close(): Promise<void>;
}
