import type { Settings } from '../config/schema.js';
import type { VitConfig } from './vit.js';

/** The backbone that the settings ask for. */
export function vitConfig(s: Settings): VitConfig {
  const { dim, depth, heads, patch, mlpRatio } = s.model;
  return { dim, depth, heads, patch, mlpRatio, imageSize: s.views.globalSize };
}
