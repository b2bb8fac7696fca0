/**
 * One training batch, as the authors order it: B = captions × n images, view-major (image v of caption c is row
 * v·captions + c); local crops crop-major (crop j of row r is row j·B + r). Channels first.
 */
interface Rows {
  /** Micro-batch number from the start of the run. */
  index: number;
  /** [B] caption index within the batch. */
  labels: Int32Array;
  /**
   * Masked tokens, row-major over [B, N], ascending; always the same number: floor(B·maskProbability) rows (the first
   * ones) × floor(N·maskRatio).
   */
  masked: Int32Array;
}

/** A batch whose crops are what the network sees: augmented and normalised. */
export interface Batch extends Rows {
  /** [B, 3, globalSize, globalSize] */
  globalCrops: Float32Array;
  /** [B·localCount, 3, localSize, localSize] */
  localCrops: Float32Array;
}

/**
 * The same batch as crops of bytes and what is still to be done to their colours (`photometric.ts`), a quarter of its
 * size.
 */
export interface ByteBatch extends Rows {
  /** [B, 3, globalSize, globalSize] */
  globalCrops: Uint8Array;
  /** [B·localCount, 3, localSize, localSize] */
  localCrops: Uint8Array;
  /** [B, photometricWidth(globalSize)] */
  globalPhotometric: Float32Array;
  /** [B·localCount, photometricWidth(localSize)] */
  localPhotometric: Float32Array;
}

/** What of a batch is moved between threads, and used again for later batches. */
export function memoryOf(batch: Batch | ByteBatch): (Float32Array | Uint8Array)[] {
  const crops = [batch.globalCrops, batch.localCrops];
  return 'globalPhotometric' in batch ? [...crops, batch.globalPhotometric, batch.localPhotometric] : crops;
}
