import { UserError } from '../errors.js';
import { type DType, ops, type Tensor } from '../graph/index.js';
import type { ParameterSpec } from './parameters.js';
import type { Parameters } from './vit.js';

/** Layers of heads that work on maps [samples, channels, height, width]; names and beginnings as in mmsegmentation 1.2. */

const EPS = 1e-5;
/** Share of a batch's statistics in the running ones, as in PyTorch: running ← 0.9·running + 0.1·batch. */
export const STATISTICS_MOMENTUM = 0.1;

/** How the layers of a head are computed. */
export interface MapMode {
  /** Batch norm by the batch's statistics; else by running ones. */
  training: boolean;
  /** How maps and operands of convolutions are stored; default f32. */
  precision?: DType;
  /**
   * Where training leaves what running statistics take from the batch, [1, channels] each: `NAME.running_mean`, and `NAME.running_var`, which is
   * unbiased.
   */
  statistics: Record<string, Tensor>;
}

/** A convolution without bias, batch norm and ReLU: mmsegmentation's ConvModule. */
export function convModuleParameters(name: string, out: number, into: number, kernel: number): ParameterSpec[] {
  // He et al. 2015 (arXiv 1502.01852), by what a place is handed on to.
  const init = { normal: Math.sqrt(2 / (out * kernel * kernel)) };
  return [
    { name: `${name}.conv.weight`, shape: [out, into, kernel, kernel], init },
    ...normParameters(`${name}.bn`, out),
  ];
}

export const normParameters = (name: string, channels: number): ParameterSpec[] => [
  { name: `${name}.weight`, shape: [channels], init: { fill: 1 } },
  { name: `${name}.bias`, shape: [channels], init: { fill: 0 } },
];

/** Running statistics of a batch norm: what evaluation reads, and training moves. */
export const normStatistics = (name: string, channels: number): ParameterSpec[] => [
  { name: `${name}.running_mean`, shape: [1, channels], init: { fill: 0 } },
  { name: `${name}.running_var`, shape: [1, channels], init: { fill: 1 } },
];

/** Of a convolution module; odd kernels keep the map's size. x [n, in, h, w] → [n, out, h, w] */
export function convModule(p: Parameters, name: string, x: Tensor, mode: MapMode): Tensor {
  const weight = p(`${name}.conv.weight`);
  return relu(norm(p, `${name}.bn`, conv(x, weight, mode, { padding: (weight.shape[2] - 1) / 2 }), mode));
}

/** A convolution of operands as they are to be stored. */
export function conv(x: Tensor, weight: Tensor, { precision = 'f32' }: MapMode, o: { padding?: number } = {}): Tensor {
  return ops.conv2d(ops.cast(x, precision), ops.cast(weight, precision), undefined, o);
}

/** Batch norm of a map's channels. @throws UserError where a channel has one value in the whole batch, which has no variance */
export function norm(p: Parameters, name: string, x: Tensor, mode: MapMode): Tensor {
  const [weight, bias] = [p(`${name}.weight`), p(`${name}.bias`)];
  const stored = mode.precision ?? 'f32';
  if (!mode.training) {
    const running = { mean: p(`${name}.running_mean`), variance: p(`${name}.running_var`) };
    return ops.cast(ops.batchNormEvaluation(x, running, weight, bias, EPS), stored);
  }
  if (x.size === x.shape[1])
    throw new UserError(`${name} has one value of each channel to normalise: a batch of at least two images is needed`);
  const y = ops.batchNorm2d(x, weight, bias, EPS);
  const { mean, variance } = ops.batchStatistics(y);
  mode.statistics[`${name}.running_mean`] = mean;
  mode.statistics[`${name}.running_var`] = variance;
  return ops.cast(y, stored);
}

export const relu = (x: Tensor): Tensor => ops.cast(ops.maximum(x, ops.filled(0, [])), x.dtype);

/** The last layer of a head: a class's logit of each place, in f32. */
export const classifierParameters = (name: string, classes: number, channels: number): ParameterSpec[] => [
  { name: `${name}.conv_seg.weight`, shape: [classes, channels, 1, 1], init: { normal: 0.01 } },
  { name: `${name}.conv_seg.bias`, shape: [classes], init: { fill: 0 } },
];

/**
 * x [n, channels, h, w] → [n, classes, h, w]
 * @param dropout [n, channels] factor of each map: 0 or 1/(1 − p); absent: none is dropped
 */
export function classifier(p: Parameters, name: string, x: Tensor, mode: MapMode, dropout?: Tensor): Tensor {
  const [n, channels] = x.shape;
  const kept = dropout ? ops.mul(x, ops.reshape(dropout, [n, channels, 1, 1])) : x;
  const logits = ops.cast(conv(kept, p(`${name}.conv_seg.weight`), mode), 'f32');
  return ops.add(logits, ops.reshape(p(`${name}.conv_seg.bias`), [1, logits.shape[1], 1, 1]));
}
