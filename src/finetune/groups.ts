const NOT_DECAYED = /^(?:cls_token|pos_embed|dist_token|reg_token)$|relative_position_bias_table$/;

/**
 * Whether a parameter decays: matrices and higher, but no token, position or bias of positions.
 * @param name timm's, with or without `backbone.`
 */
export const isDecayed = (name: string, shape: readonly number[]): boolean =>
  shape.length >= 2 && !NOT_DECAYED.test(name.replace(/^backbone\./, ''));
