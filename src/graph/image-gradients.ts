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
    const inner = ops.sub(ops.sub(dy, ops.scale(shift, 1 / count)), ops.mul(centred, tilt));
    const dx = ops.mul(inner, ops.div(ops.reshape(w, variance.shape), deviation));
    const dw = w.kind === 'constant' ? undefined : ops.reshape(slope, w.shape);
    return [dx, dw, ...(b ? [ops.reshape(shift, b.shape)] : [])];
  },
} satisfies Partial<Record<OpKind, (node: Tensor, dy: Tensor) => (Tensor | undefined)[]>>;
