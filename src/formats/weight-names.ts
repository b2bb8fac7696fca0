/** What files of weights are called, on disk and on the hub: one order, so that both take the same of several. */

/** Names that are usual, the first that is there is taken. */
const USUAL = [
  'model.safetensors',
  'model.safetensors.index.json',
  'open_clip_model.safetensors',
  'pytorch_model.bin',
  'pytorch_model.bin.index.json',
  'open_clip_pytorch_model.bin',
];
const ENDINGS = /\.(safetensors|pth|pt|bin|ckpt|tar|pkl)$|\.index\.json$/i;
/** What training leaves beside weights. */
const NO_WEIGHTS = /^(training_args\.bin|optimizer\.(pt|bin)|scheduler\.(pt|bin)|rng_state.*\.pth|scaler\.pt)$/;

export const isWeights = (name: string): boolean => ENDINGS.test(name) && !NO_WEIGHTS.test(name);

/**
 * The files of weights among some names: the usual one alone, or an index alone in place of its shards, where there is one.
 * @returns none, one, or several to choose from
 */
export function weightsAmong(names: readonly string[]): string[] {
  const usual = USUAL.find((name) => names.includes(name));
  if (usual !== undefined) return [usual];
  const weights = names.filter(isWeights).sort();
  const index = weights.filter((name) => name.endsWith('.index.json'));
  return index.length === 1 ? index : weights;
}
