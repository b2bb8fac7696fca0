/** What a learner must be brought in every batch. */
export interface BatchNeeds {
  /** All images of each caption, or one of them, drawn anew for every batch. */
  imagesPerCaption: 'all' | 1;
  /** Global crops of each image. */
  globals: 1 | 2;
  /** Local crops of each image. */
  locals: number;
  /** Masked tokens. */
  masks: boolean;
  /** The class of each image. */
  classes: boolean;
  /** The captions' text. */
  text: boolean;
}

/**
 * One training batch, as the authors order it: B = captions × n images, view-major (image v of caption c is row
 * v·captions + c); crops crop-major (local crop j of row r is row j·B + r, so too a second global crop). Channels first.
 */
interface Rows {
  /** Micro-batch number from the start of the run. */
  index: number;
  /** [captions] which captions of the corpus. */
  captions: Int32Array;
  /** [B] which image of its caption each row is. */
  images: Int32Array;
  /** [B] caption index within the batch. */
  labels: Int32Array;
  /** [B] class of each image, −1 unknown; empty where no classes are asked for. */
  classes: Int32Array;
  /** Text of each caption; empty where none is asked for. */
  texts: string[];
  /**
   * Masked tokens, row-major over [B, N], ascending; always the same number: floor(B·maskProbability) rows (the first
   * ones) × floor(N·maskRatio). Empty where none are asked for.
   */
  masked: Int32Array;
}

/** A batch whose crops are what the network sees: augmented and normalised. */
export interface Batch extends Rows {
  /** [B·globals, 3, globalSize, globalSize] */
  globalCrops: Float32Array;
  /** [B·locals, 3, localSize, localSize] */
  localCrops: Float32Array;
}

/**
 * The same batch as crops of bytes and what is still to be done to their colours (`photometric.ts`), a quarter of its
 * size.
 */
export interface ByteBatch extends Rows {
  /** [B·globals, 3, globalSize, globalSize] */
  globalCrops: Uint8Array;
  /** [B·locals, 3, localSize, localSize] */
  localCrops: Uint8Array;
  /** [B·globals, photometricWidth(globalSize)] */
  globalPhotometric: Float32Array;
  /** [B·locals, photometricWidth(localSize)] */
  localPhotometric: Float32Array;
}

/** What of a batch is moved between threads, and used again for later batches. */
export function memoryOf(batch: Batch | ByteBatch): (Float32Array | Uint8Array)[] {
  const crops = [batch.globalCrops, batch.localCrops];
  return 'globalPhotometric' in batch ? [...crops, batch.globalPhotometric, batch.localPhotometric] : crops;
}
