import { UserError } from '../errors.js';

/**
 * Features that are not finite classify nothing, and JSON cannot hold them.
 * @param features [files, dim] @param whose begins the message: what the encoder is and where the files are
 * @throws UserError naming the first file whose features are not finite numbers
 */
export function requireFinite(features: Float32Array, files: readonly string[], whose: string): void {
  const at = features.findIndex((v) => !Number.isFinite(v));
  if (at < 0) return;
  const file = files[Math.floor(at / (features.length / files.length))];
  throw new UserError(
    `${whose}'s features of ${file} are not finite numbers (${features[at]}); its training diverged, or its weights or settings are damaged`,
  );
}
