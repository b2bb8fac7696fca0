/** Rates over training and depth, as the authors' fine-tuning sets them. */
export interface RateSchedule {
  /** The largest rate. */
  peak: number;
  least: number;
  warmupEpochs: number;
  epochs: number;
}

/**
 * The rate at a fractional epoch: from 0 to the peak in a line, then half a cosine to the least. Layer-wise factors multiply all of it.
 * @param epoch from 0; the very first step has rate 0
 */
export function rateAt({ peak, least, warmupEpochs, epochs }: RateSchedule, epoch: number): number {
  if (epoch < warmupEpochs) return (peak * epoch) / warmupEpochs;
  const share = epochs > warmupEpochs ? Math.min(1, (epoch - warmupEpochs) / (epochs - warmupEpochs)) : 1;
  return least + (peak - least) * 0.5 * (1 + Math.cos(Math.PI * share));
}
