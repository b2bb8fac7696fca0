/** Layer-wise rates (Clark et al. 2020; Bao et al. 2022). */
export interface LayerDecay {
  depth: number;
  /** Factor from one layer to the one below it; 1: all learn at one rate. */
  layerDecay: number;
  /** The final norm learns as the head does (the authors', mmsegmentation's), or as the last block (timm's own grouping). */
  finalNorm: 'head' | 'block';
}

/** What pictures are embedded by. */
const EMBEDDING = /^(?:cls_token|pos_embed|dist_token|reg_token|mask_token|patch_embed\.|norm_pre\.)/;

/**
 * Factor on a parameter's rate: `layerDecay`^(depth + 1 − i), where i is 0 for the embedding, b + 1 for block b and depth + 1 for what comes
 * after the blocks.
 * @param name timm's or mmsegmentation's (`layers`), with or without `backbone.`
 */
export function lrScale(name: string, { depth, layerDecay, finalNorm }: LayerDecay): number {
  const own = name.replace(/^backbone\./, '');
  const block = /^(?:blocks|layers)\.(\d+)\./.exec(own)?.[1];
  let layer = depth + 1;
  if (EMBEDDING.test(own)) layer = 0;
  else if (block !== undefined) layer = Number(block) + 1;
  else if (finalNorm === 'block' && /^norm\./.test(own)) layer = depth;
  return layerDecay ** (depth + 1 - layer);
}
