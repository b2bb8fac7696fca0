/** Layer-wise rates (Clark et al. 2020; Bao et al. 2022) and what decays, by a parameter's name (timm's, with or without `backbone.`). */
export interface GroupSettings {
  depth: number;
  /** Factor from one layer to the one below it; 1: all learn at one rate. */
  layerDecay: number;
  /** The final norm learns as the head does (the authors'), or as the last block (timm's own grouping). */
  finalNorm: 'head' | 'block';
}

/** What pictures are embedded by. */
const EMBEDDING = /^(?:cls_token|pos_embed|dist_token|reg_token|mask_token|patch_embed\.|norm_pre\.)/;
const NOT_DECAYED = /^(?:cls_token|pos_embed|dist_token|reg_token)$|relative_position_bias_table$/;

const plain = (name: string): string => name.replace(/^backbone\./, '');

/**
 * Factor on a parameter's rate: `layerDecay`^(depth + 1 − i), where i is 0 for the embedding, b + 1 for block b and depth + 1 for what comes
 * after the blocks.
 */
export function lrScale(name: string, { depth, layerDecay, finalNorm }: GroupSettings): number {
  const own = plain(name);
  const block = /^blocks\.(\d+)\./.exec(own)?.[1];
  let layer = depth + 1;
  if (EMBEDDING.test(own)) layer = 0;
  else if (block !== undefined) layer = Number(block) + 1;
  else if (finalNorm === 'block' && /^norm\./.test(own)) layer = depth;
  return layerDecay ** (depth + 1 - layer);
}

/** Whether a parameter decays: matrices and higher, but no token, position or bias of positions. */
export const isDecayed = (name: string, shape: readonly number[]): boolean =>
  shape.length >= 2 && !NOT_DECAYED.test(plain(name));
