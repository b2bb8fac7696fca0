import * as ops from './all-ops.js';
import type { OpKind, Tensor } from './tensor.js';

/** Derivatives of the ops on maps: gradient of the node's output → gradients of its inputs. */
export const imageRules = {
  // A convolution, what carries its gradient to its input and what carries it to its weight are one sum over triples of (input, weight,
  // output), taken over one of the three: each is the derivative of the others.
  conv2d: ({ inputs: [x, weight], attrs: { window } }, dy) => [
    ops.transposed(dy, weight, window!, x.shape.slice(2)),
    ops.convWeight2d(x, dy, window!),
  ],
  convTranspose2d: ({ inputs: [x, weight], attrs: { window } }, dy) => [
    ops.conv2d(dy, weight, undefined, window!),
    ops.convWeight2d(dy, x, window!),
  ],
  convWeight2d: ({ inputs: [x, dy], attrs: { window } }, dw) => [
    ops.transposed(dy, dw, window!, x.shape.slice(2)),
    ops.conv2d(x, dw, undefined, window!),
  ],
  maxPool2d: (n, dy) => [ops.maxPool2dGradient(n, dy)],
  alongAxis: ({ inputs: [x, matrix], attrs }, dy) => {
    const axis = attrs.axis!;
    const dx = ops.alongAxis(dy, ops.transpose(matrix, [1, 0]), axis);
    if (matrix.kind === 'constant') return [dx];
    const rows = (t: Tensor) => {
      const axes = t.shape.map((_, i) => i).filter((i) => i !== axis);
      return ops.reshape(ops.transpose(t, [axis, ...axes]), [t.shape[axis], t.size / t.shape[axis]]);
    };
    return [dx, ops.gemm(rows(dy), rows(x), { transB: true })];
  },
  batchNorm2d: (n, dy) => {
    const [x, w, b] = n.inputs;
    const axes = n.shape.flatMap((_, i) => (i === 1 ? [] : [i]));
    const variance = ops.output(n, 2);
    const deviation = ops.sqrt(ops.offset(variance, n.attrs.eps!));
    const centred = ops.sub(x, ops.output(n, 1));
    // Sums over a channel: of dy, and of dy times what is normalised.
    const shift = ops.sum(dy, axes);
    const slope = ops.div(ops.sum(ops.mul(dy, centred), axes), deviation);
    const count = x.size / x.shape[1];
    const tilt = ops.scale(ops.div(slope, deviation), 1 / count);
    const inner =
      count > FEW
        ? ops.sub(ops.sub(dy, ops.scale(shift, 1 / count)), ops.mul(centred, tilt))
        : innerOfFew(dy, centred, variance, n.attrs.eps!);
    const dx = ops.mul(inner, ops.div(ops.reshape(w, variance.shape), deviation));
    const dw = w.kind === 'constant' ? undefined : ops.reshape(slope, w.shape);
    return [dx, dw, ...(b ? [ops.reshape(shift, b.shape)] : [])];
  },
} satisfies Partial<Record<OpKind, (node: Tensor, dy: Tensor) => (Tensor | undefined)[]>>;

/** Values of a channel up to which what is left of a gradient behind batch normalisation may be rounding alone. */
const FEW = 16;

/**
 * Of two values of a channel, which are normalised to ±1, whatever gradient comes leaves ε / (σ² + ε) of itself, and rounding is of that order. So
 * what lies along the values is taken out twice, and put back times that share.
 * @param dy [n, channels, …] gradient of what is normalised @param variance [1, channels, …] @returns the same as dy − mean − x̂·mean(dy·x̂)
 */
function innerOfFew(dy: Tensor, values: Tensor, variance: Tensor, eps: number): Tensor {
  const axes = dy.shape.flatMap((_, i) => (i === 1 ? [] : [i]));
  const count = dy.size / dy.shape[1];
  const level = (v: Tensor) => ops.sub(v, ops.scale(ops.sum(v, axes), 1 / count));
  const x = level(values);
  const squares = ops.offset(ops.sum(ops.mul(x, x), axes), TINY);
  const share = (v: Tensor) => ops.div(ops.sum(ops.mul(v, x), axes), squares);
  const flat = level(dy);
  const along = share(flat);
  const once = level(ops.sub(flat, ops.mul(x, along)));
  const rest = ops.sub(once, ops.mul(x, share(once)));
  const kept = ops.div(ops.filled(eps, variance.shape), ops.offset(variance, eps));
  return ops.add(rest, ops.mul(x, ops.mul(along, kept)));
}

/** Keeps a channel of equal values, which have no direction, from dividing 0 by 0. */
const TINY = 1e-30;
