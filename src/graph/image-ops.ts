import { averagingMatrix, bilinearMatrix } from './axis-matrices.js';
import { add, constant, div, filled, mul, offset, output, pad, reshape, scale, sqrt, sub } from './ops.js';
import { commonType, type DType, type Shape, sameShape, Tensor, type Window2d } from './tensor.js';

/** Ops on maps [samples, channels, height, width]. */

/** A size, or that of rows and that of columns. */
export type Size2d = number | readonly [number, number];

export interface ConvOptions {
  /** Default 1. */
  stride?: Size2d;
  /** Zeros beyond each edge; default 0. */
  padding?: Size2d;
  /** Default 1. */
  dilation?: Size2d;
  /** Default 1. */
  groups?: number;
}

const pair = (size: Size2d): readonly [number, number] => (typeof size === 'number' ? [size, size] : size);

const windowOf = (kernel: readonly [number, number], o: ConvOptions): Window2d => ({
  kernel,
  stride: pair(o.stride ?? 1),
  padding: pair(o.padding ?? 0),
  dilation: pair(o.dilation ?? 1),
  groups: o.groups ?? 1,
});

/** Places of a window along the two sides of a map. */
const places = (sides: Shape, { kernel, stride, padding, dilation }: Window2d) =>
  [0, 1].map((i) => Math.floor((sides[i] + 2 * padding[i] - dilation[i] * (kernel[i] - 1) - 1) / stride[i]) + 1);

/**
 * Cross-correlation, as networks' convolution is. x [n, in, h, w], weight [out, in/groups, kh, kw] → [n, out, h₂, w₂] with
 * h₂ = ⌊(h + 2·padding − dilation·(kh − 1) − 1) / stride⌋ + 1
 * @param bias [out]
 */
export function conv2d(x: Tensor, weight: Tensor, bias?: Tensor, o: ConvOptions = {}): Tensor {
  check(x.rank === 4 && weight.rank === 4, `conv2d: [${x.shape}] and [${weight.shape}]`);
  const [out, perGroup, kh, kw] = weight.shape;
  const window = windowOf([kh, kw], o);
  const { groups } = window;
  check(
    out % groups === 0 && x.shape[1] === perGroup * groups,
    `conv2d: weight [${weight.shape}] in ${groups} groups for [${x.shape}]`,
  );
  const sides = places(x.shape.slice(2), window);
  check(Math.min(...sides) > 0, `conv2d: a map [${x.shape}] smaller than the window [${kh},${kw}]`);
  const y = new Tensor(
    'conv2d',
    [x.shape[0], out, ...sides],
    [x, weight],
    { window },
    commonType(x.dtype, weight.dtype),
  );
  return biased(y, bias);
}

export interface ConvTransposeOptions extends ConvOptions {
  /** Rows and columns added at the far edges: which of the sizes that the convolution brings to this one is meant. Default 0. */
  outputPadding?: Size2d;
}

/**
 * Transposed convolution: what carries gradients back through a convolution of this weight. x [n, in, h, w], weight [in, out/groups, kh, kw] →
 * [n, out, h₂, w₂] with h₂ = (h − 1)·stride − 2·padding + dilation·(kh − 1) + 1 + outputPadding
 * @param bias [out]
 */
export function convTranspose2d(x: Tensor, weight: Tensor, bias?: Tensor, o: ConvTransposeOptions = {}): Tensor {
  check(x.rank === 4 && weight.rank === 4, `convTranspose2d: [${x.shape}] and [${weight.shape}]`);
  const window = windowOf([weight.shape[2], weight.shape[3]], o);
  const { kernel, stride, padding, dilation } = window;
  const more = pair(o.outputPadding ?? 0);
  const sides = [0, 1].map(
    (i) => (x.shape[2 + i] - 1) * stride[i] - 2 * padding[i] + dilation[i] * (kernel[i] - 1) + 1 + more[i],
  );
  // Where more is added than a stride, the convolution of so large a map would have places that x has not.
  const whole = [2, 3].reduce((y, axis) => pad(y, axis, 0, places(sides, window)[axis - 2] - y.shape[axis]), x);
  return biased(transposed(whole, weight, window, sides), bias);
}

/** Gradient of a convolution's input [n, in, ...sides] from that of its output. */
export function transposed(dy: Tensor, weight: Tensor, window: Window2d, sides: Shape): Tensor {
  const channels = weight.shape[1] * window.groups;
  check(
    weight.shape[0] === dy.shape[1] && weight.shape[0] % window.groups === 0 && Math.min(...sides) > 0,
    `convTranspose2d: weight [${weight.shape}] in ${window.groups} groups for [${dy.shape}]`,
  );
  check(
    sameShape(places(sides, window), dy.shape.slice(2)),
    `convTranspose2d: [${dy.shape}] is not what a map of [${sides}] is brought to`,
  );
  const shape = [dy.shape[0], channels, ...sides];
  return new Tensor('convTranspose2d', shape, [dy, weight], { window }, commonType(dy.dtype, weight.dtype));
}

/** Gradient of a convolution's weight [out, in/groups, kh, kw] from its input and the gradient of its output; summed in float32. */
export function convWeight2d(x: Tensor, dy: Tensor, window: Window2d): Tensor {
  const [kh, kw] = window.kernel;
  check(
    x.shape[0] === dy.shape[0] && sameShape(places(x.shape.slice(2), window), dy.shape.slice(2)),
    `convWeight2d: [${dy.shape}] is not what [${x.shape}] is brought to`,
  );
  return new Tensor('convWeight2d', [dy.shape[1], x.shape[1] / window.groups, kh, kw], [x, dy], { window });
}

function biased(y: Tensor, bias: Tensor | undefined): Tensor {
  check(!bias || sameShape(bias.shape, [y.shape[1]]), `bias [${bias?.shape}] for [${y.shape}]`);
  return bias ? add(y, perChannel(bias, y.rank)) : y;
}

/** [channels] as [1, channels, 1, 1] of so many axes. */
function perChannel(x: Tensor, rank: number): Tensor {
  return reshape(
    x,
    Array.from({ length: rank }, (_, i) => (i === 1 ? x.size : 1)),
  );
}

export interface PoolOptions {
  /** Default: the kernel, so that windows lie side by side. */
  stride?: Size2d;
  /** Places beyond each edge, which are never the largest; at most half the kernel. Default 0. */
  padding?: Size2d;
}

/**
 * The largest of each window; what no whole window covers at the far edges is left out. The gradient goes to the first of equals, row by row.
 * x [n, c, h, w] → [n, c, h₂, w₂], as {@link conv2d}
 */
export function maxPool2d(x: Tensor, kernel: Size2d, o: PoolOptions = {}): Tensor {
  const window = windowOf(pair(kernel), { stride: o.stride ?? kernel, padding: o.padding });
  check(
    x.rank === 4 && window.padding.every((p, i) => 2 * p <= window.kernel[i]),
    `maxPool2d: of [${x.shape}], padding ${window.padding} for a window of ${window.kernel}`,
  );
  const sides = places(x.shape.slice(2), window);
  check(Math.min(...sides) > 0, `maxPool2d: a map [${x.shape}] smaller than the window [${window.kernel}]`);
  return new Tensor('maxPool2d', [...x.shape.slice(0, 2), ...sides], [x], { window }, x.dtype);
}

/** Gradient of a pooling node's input. A node of its own, since executors know in their own ways which entry was the largest. */
export function maxPool2dGradient(of: Tensor, dy: Tensor): Tensor {
  check(of.kind === 'maxPool2d' && sameShape(of.shape, dy.shape), `maxPool2dGradient: of ${of.kind} [${of.shape}]`);
  const [x] = of.inputs;
  return new Tensor('maxPool2dGradient', x.shape, [x, dy], { window: of.attrs.window }, x.dtype);
}

/**
 * A linear map of the entries along one axis: y[…, i, …] = Σⱼ matrix[i, j]·x[…, j, …].
 * @param matrix [to, from] @returns x with `to` entries on that axis
 */
export function alongAxis(x: Tensor, matrix: Tensor, axis: number): Tensor {
  const at = axis < 0 ? axis + x.rank : axis;
  check(
    matrix.rank === 2 && matrix.shape[1] === x.shape[at],
    `alongAxis: [${matrix.shape}] on axis ${axis} of [${x.shape}]`,
  );
  const dtype: DType = x.dtype === 'bf16' ? 'bf16' : 'f32';
  return new Tensor('alongAxis', x.shape.with(at, matrix.shape[0]), [x, matrix], { axis: at }, dtype);
}

/** Both sides of a map, each by its matrix [to, from]; a side that stays is left alone. The side that shrinks most goes first. */
function bothSides(
  x: Tensor,
  size: readonly [number, number],
  matrix: (from: number, to: number) => Float32Array,
): Tensor {
  const order = [2, 3].sort((a, b) => size[a - 2] / x.shape[a] - size[b - 2] / x.shape[b]);
  return order.reduce((y, axis) => {
    const [from, to] = [x.shape[axis], size[axis - 2]];
    return from === to ? y : alongAxis(y, constant(matrix(from, to), [to, from]), axis);
  }, x);
}

/** Bilinear resizing without antialiasing to [n, c, ...size]: `bilinearMatrix` says how. x [n, c, h, w] */
export function resizeBilinear(x: Tensor, size: Size2d, o: { alignCorners?: boolean } = {}): Tensor {
  check(x.rank === 4, `resizeBilinear: of [${x.shape}]`);
  return bothSides(x, pair(size), (from, to) => bilinearMatrix(from, to, o.alignCorners));
}

/** Means over a grid of `size` parts of the map, which may overlap: `averagingMatrix` says where. x [n, c, h, w] → [n, c, ...size] */
export function adaptiveAvgPool2d(x: Tensor, size: Size2d): Tensor {
  check(x.rank === 4, `adaptiveAvgPool2d: of [${x.shape}]`);
  return bothSides(x, pair(size), averagingMatrix);
}

/**
 * Batch normalisation in training: every channel to mean 0, variance 1 (of the whole batch, not unbiased) over samples and places. Further
 * outputs: mean and that variance, [1, channels, 1, 1].
 * @param x [n, channels, …] @param weight [channels] @param bias [channels]
 */
export function batchNorm2d(x: Tensor, weight: Tensor | undefined, bias: Tensor | undefined, eps: number): Tensor {
  const channels = x.shape[1];
  for (const p of [weight, bias])
    check(!p || sameShape(p.shape, [channels]), `batchNorm2d: parameters of shape [${p?.shape}] for [${x.shape}]`);
  check(x.rank >= 2 && x.size > 0, `batchNorm2d: of [${x.shape}]`);
  const w = weight ?? filled(1, [channels]);
  const stat = x.shape.map((_, i) => (i === 1 ? channels : 1));
  const dtype: DType = x.dtype === 'bf16' ? 'bf16' : 'f32';
  return new Tensor('batchNorm2d', x.shape, bias ? [x, w, bias] : [x, w], { eps, shapes: [stat, stat] }, dtype);
}

/**
 * What running statistics take from a batch: its mean and its unbiased variance, [1, channels] each.
 * @param of a node of {@link batchNorm2d} @throws Error where a channel has one value alone, which has no variance
 */
export function batchStatistics(of: Tensor): { mean: Tensor; variance: Tensor } {
  const [channels, count] = [of.shape[1], of.size / of.shape[1]];
  check(of.kind === 'batchNorm2d' && count > 1, `batchStatistics: of ${of.kind} [${of.shape}]`);
  const row = (i: number) => reshape(output(of, i), [1, channels]);
  return { mean: row(1), variance: scale(row(2), count / (count - 1)) };
}

/** Batch normalisation in evaluation, by running statistics of `channels` values each. x [n, channels, …] */
export function batchNormEvaluation(
  x: Tensor,
  statistics: { mean: Tensor; variance: Tensor },
  weight: Tensor | undefined,
  bias: Tensor | undefined,
  eps: number,
): Tensor {
  const deviation = sqrt(offset(perChannel(statistics.variance, x.rank), eps));
  const scaled = weight ? div(perChannel(weight, x.rank), deviation) : div(filled(1, []), deviation);
  const y = mul(sub(x, perChannel(statistics.mean, x.rank)), scaled);
  return biased(y, bias);
}

function check(ok: boolean, message: string): void {
  if (!ok) throw new Error(`internal: ${message}`);
}
