import { type DType, ops, type Tensor } from '../graph/index.js';
import { fcnHead, fcnParameters, fcnStatistics } from './fcn-head.js';
import { featurePyramid, pyramidParameters, pyramidStatistics } from './feature-pyramid.js';
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

/**
 * UperNet (Xiao et al. 2018, arXiv 1807.10221) on a plain ViT: a feature pyramid, pyramid pooling of its coarsest level, a top-down path, and all
 * levels fused at the finest; as mmsegmentation 1.2 has it, under its names (`neck.…`, `decode_head.…`, `auxiliary_head.…`).
 */

const NAME = 'decode_head';
/** Level of the pyramid that the auxiliary head reads: that of the patches themselves. */
const AUXILIARY_LEVEL = 2;

export interface UperConfig {
  /** Width of the backbone. */
  dim: number;
  classes: number;
  /** Channels of the decoder; default 512. */
  channels?: number;
  /** Channels of the auxiliary head; default 256. */
  auxiliaryChannels?: number;
  /** Sides of the grids of pyramid pooling; default 1, 2, 3, 6. */
  pools?: readonly number[];
}

/** Channels of the decoder and of the auxiliary head, and the grids pooled. */
const withDefaults = (c: UperConfig) => ({ channels: 512, auxiliaryChannels: 256, pools: [1, 2, 3, 6], ...c });

const auxiliaryOf = (c: UperConfig) => ({
  dim: c.dim,
  classes: c.classes,
  channels: withDefaults(c).auxiliaryChannels,
});

/** Convolution modules of the decoder: name, output, input, kernel. */
function modules(c: UperConfig): [name: string, out: number, into: number, kernel: number][] {
  const { dim, channels, pools } = withDefaults(c);
  return [
    ...pools.map((_, i): [string, number, number, number] => [`${NAME}.psp_modules.${i}.1`, channels, dim, 1]),
    [`${NAME}.bottleneck`, channels, dim + pools.length * channels, 3],
    ...[0, 1, 2].map((i): [string, number, number, number] => [`${NAME}.lateral_convs.${i}`, channels, dim, 1]),
    ...[0, 1, 2].map((i): [string, number, number, number] => [`${NAME}.fpn_convs.${i}`, channels, channels, 3]),
    [`${NAME}.fpn_bottleneck`, channels, 4 * channels, 3],
  ];
}

/** All that is trained beside the backbone: pyramid, decoder, auxiliary head. */
export function uperParameters(c: UperConfig): ParameterSpec[] {
  return [
    ...pyramidParameters(c.dim),
    ...modules(c).flatMap(([name, out, into, kernel]) => convModuleParameters(name, out, into, kernel)),
    ...classifierParameters(NAME, c.classes, withDefaults(c).channels),
    ...fcnParameters(auxiliaryOf(c)),
  ];
}

/** Running statistics of the batch norms, [1, channels] each: not trained, but moved by every batch, and read in evaluation. */
export function uperStatistics(c: UperConfig): ParameterSpec[] {
  return [
    ...pyramidStatistics(c.dim),
    ...modules(c).flatMap(([name, out]) => normStatistics(`${name}.bn`, out)),
    ...fcnStatistics(auxiliaryOf(c)),
  ];
}

export interface UperOptions {
  /** Batch norms take the batch's statistics and give them out; else they read `….running_mean` and `….running_var` from `p`. */
  training: boolean;
  /** How maps and operands of convolutions are stored; default f32. Logits are f32 in any case. */
  precision?: DType;
  /** [n, channels] factor of each map before the last layer, 0 or 1/(1 − p) (mmsegmentation: p = 0.1); absent: none is dropped. */
  dropout?: Tensor;
  /** [n, auxiliaryChannels] the same of the auxiliary head. */
  auxiliaryDropout?: Tensor;
}

export interface UperOutput {
  /** Finest first: [n, dim, 4h, 4w], 2h, h, ⌊h/2⌋. */
  pyramid: Tensor[];
  /** [n, classes, 4h, 4w] */
  logits: Tensor;
  /** [n, classes, h, w] */
  auxiliary: Tensor;
  /** In training what running statistics take from the batch, by name, [1, channels]: running ← (1 − m)·running + m·batch, m = 0.1. */
  statistics: Record<string, Tensor>;
}

/**
 * Pyramid, decoder and auxiliary head.
 * @param maps four of [n, dim, h, w], finest level's first: `tokenMaps` of the outputs of the blocks that `pyramidBlocks` names
 * @throws UserError for maps under 2 × 2, or in training a batch of which a batch norm would see one value alone
 */
export function uperHead(c: UperConfig, p: Parameters, maps: readonly Tensor[], o: UperOptions): UperOutput {
  const mode: MapMode = { training: o.training, precision: o.precision, statistics: {} };
  const pyramid = featurePyramid(p, maps, mode);
  const logits = classifier(p, NAME, fused(c, p, pyramid, mode), mode, o.dropout);
  const auxiliary = fcnHead(p, pyramid[AUXILIARY_LEVEL], mode, o.auxiliaryDropout);
  return { pyramid, logits, auxiliary, statistics: mode.statistics };
}

/** All levels at the size of the finest, as [n, channels, 4h, 4w]. */
function fused(c: UperConfig, p: Parameters, levels: readonly Tensor[], mode: MapMode): Tensor {
  const module = (name: string, x: Tensor) => convModule(p, `${NAME}.${name}`, x, mode);
  const like = (x: Tensor, y: Tensor) => ops.resizeBilinear(x, [y.shape[2], y.shape[3]]);
  const coarsest = levels[3];
  const pooled = withDefaults(c).pools.map((size, i) =>
    like(module(`psp_modules.${i}.1`, ops.adaptiveAvgPool2d(coarsest, size)), coarsest),
  );
  const lateral = [0, 1, 2].map((i) => module(`lateral_convs.${i}`, levels[i]));
  lateral.push(module('bottleneck', ops.concat([coarsest, ...pooled], 1)));
  for (let i = 3; i > 0; i--) lateral[i - 1] = ops.add(lateral[i - 1], like(lateral[i], lateral[i - 1]));
  // The coarsest has its three by three already, in the bottleneck.
  const outs = [0, 1, 2].map((i) => module(`fpn_convs.${i}`, lateral[i])).concat(lateral[3]);
  return module(
    'fpn_bottleneck',
    ops.concat(
      outs.map((x) => like(x, outs[0])),
      1,
    ),
  );
}
