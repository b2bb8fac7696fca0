import type { SchedulerConfig } from './config.js';

const f = Math.fround;

/** Keeps predicted clean samples in range, in place: [batch, …]. */
export type CleanLimit = (clean: Float32Array) => void;

/**
 * What the config asks for: dynamic thresholding (Saharia et al. 2022, section 2.3) before plain clipping before nothing.
 * @param clip the class's default for `clip_sample`; undefined for classes that cannot clip
 * @param batch images in a sample: thresholds are each image's own
 */
export function cleanLimit(config: SchedulerConfig, batch: number, clip?: boolean): CleanLimit | undefined {
  if (config.flag('thresholding', false)) return thresholding(config, batch);
  if (clip === undefined || !config.flag('clip_sample', clip)) return undefined;
  const range = f(config.within('clip_sample_range', 1, 0, undefined, { open: true }));
  return (clean) => {
    for (let j = 0; j < clean.length; j++) clean[j] = Math.min(Math.max(clean[j], -range), range);
  };
}

function thresholding(config: SchedulerConfig, batch: number): CleanLimit {
  const ratio = f(config.within('dynamic_thresholding_ratio', 0.995, 0, 1));
  const most = f(config.within('sample_max_value', 1, 0, undefined, { open: true }));
  let sorted = new Float32Array(0);
  return (clean) => {
    const size = clean.length / batch;
    if (!Number.isInteger(size)) throw new Error(`internal: ${clean.length} values are not ${batch} images`);
    if (sorted.length !== size) sorted = new Float32Array(size);
    for (let b = 0; b < batch; b++) {
      const image = clean.subarray(b * size, (b + 1) * size);
      for (let j = 0; j < size; j++) sorted[j] = Math.abs(image[j]);
      const limit = f(Math.min(Math.max(quantile(sorted.sort(), ratio), 1), most));
      for (let j = 0; j < size; j++) image[j] = Math.min(Math.max(image[j], -limit), limit) / limit;
    }
  };
}

/** torch.quantile of ascending values: linear between neighbours, rank and weight in float32. NaNs sort last and give NaN. */
function quantile(ascending: Float32Array, q: number): number {
  const last = ascending.length - 1;
  if (Number.isNaN(ascending[last])) return Number.NaN;
  const rank = f(q * last);
  const below = Math.floor(rank);
  const weight = f(rank - below);
  const low = ascending[below];
  const difference = f(ascending[Math.min(below + 1, last)] - low);
  return weight < 0.5 ? f(low + f(weight * difference)) : f(f(low + difference) - f(difference * f(1 - weight)));
}
