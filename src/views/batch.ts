/**
 * One training batch, as the authors order it: B = captions × n images, view-major (image v of caption c is row v·captions + c);
 * local crops crop-major (crop j of row r is row j·B + r). Pixels are normalised, channels first.
 */
export interface Batch {
  /** Micro-batch number from the start of the run. */
  index: number;
  /** [B, 3, globalSize, globalSize] */
  globalCrops: Float32Array;
  /** [B·localCount, 3, localSize, localSize] */
  localCrops: Float32Array;
  /** [B] caption index within the batch. */
  labels: Int32Array;
  /** Masked tokens, row-major over [B, N], ascending; always the same number: floor(B·maskProbability) rows (the first ones) × floor(N·maskRatio). */
  masked: Int32Array;
}
