import type { Tensor } from '../graph/index.js';
import {
  classifier,
  classifierParameters,
  convModule,
  convModuleParameters,
  type MapMode,
  normStatistics,
} from './map-layers.js';
import type { ParameterSpec } from './parameters.js';
import type { Parameters } from './vit.js';

/** The auxiliary head (Long et al. 2015, arXiv 1411.4038, as mmsegmentation's FCNHead with one layer): what helps a decoder to be trained. */

const NAME = 'auxiliary_head';

export interface FcnConfig {
  /** Width of the map that comes in. */
  dim: number;
  channels: number;
  classes: number;
}

export const fcnParameters = (c: FcnConfig): ParameterSpec[] => [
  ...convModuleParameters(`${NAME}.convs.0`, c.channels, c.dim, 3),
  ...classifierParameters(NAME, c.classes, c.channels),
];

export const fcnStatistics = (c: FcnConfig): ParameterSpec[] => normStatistics(`${NAME}.convs.0.bn`, c.channels);

/**
 * x [n, dim, h, w] → logits [n, classes, h, w]
 * @param dropout [n, channels] factor of each map before the last layer
 */
export function fcnHead(p: Parameters, x: Tensor, mode: MapMode, dropout?: Tensor): Tensor {
  return classifier(p, NAME, convModule(p, `${NAME}.convs.0`, x, mode), mode, dropout);
}
