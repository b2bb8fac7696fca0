import type { OpKind, Tensor } from '../../graph/tensor.js';
import type { HloText, HloType, Value } from './hlo-text.js';

/** The part of a writer of StableHLO programs that ops on maps need. */
interface MapWriter {
  readonly hlo: HloText;
  /** The value as it is stored. */
  value(t: Tensor): Value;
  /** The value in f32. */
  wide(t: Tensor): Value;
  /** x as its node is stored. */
  store(n: Tensor, x: Value): Value;
}

/** How the axes of a convolution's operands and of its result are read: b samples, f channels, i and o those of a weight. */
const FORWARD = '[b, f, 0, 1]x[o, i, 0, 1]->[b, f, 0, 1]';
const TRANSPOSED = '[b, f, 0, 1]x[i, o, 0, 1]->[b, f, 0, 1]';
/** Samples are summed over as channels are else, which leaves [out, in, kh, kw]. */
const WEIGHT = '[f, b, 0, 1]x[i, o, 0, 1]->[f, b, 0, 1]';

/** Operations of the ops on maps. */
export const imageOperations = {
  conv2d: (l, n) => {
    const { stride, padding, dilation, groups } = n.attrs.window!;
    const [x, weight] = operands(l, n);
    const pad = padding.map((p) => [p, p] as const);
    const o = { axes: FORWARD, stride, pad, rhsDilation: dilation, groups };
    return l.store(n, l.hlo.convolution(x, weight, o, n.shape, sumType(n)));
  },
  convTranspose2d: (l, n) => {
    const { kernel, stride, padding, dilation, groups } = n.attrs.window!;
    const [dy, weight] = operands(l, n);
    const pad = [0, 1].map((i) => {
      const low = dilation[i] * (kernel[i] - 1) - padding[i];
      const seen = (dy.shape[2 + i] - 1) * stride[i] + 1 + low;
      return [low, n.shape[2 + i] + dilation[i] * (kernel[i] - 1) - seen] as const;
    });
    const o = { pad, lhsDilation: stride, rhsDilation: dilation, groups };
    const backwards = l.hlo.reverse(weight, [2, 3]);
    if (groups === 1)
      return l.store(n, l.hlo.convolution(dy, backwards, { ...o, axes: TRANSPOSED }, n.shape, sumType(n)));
    const [out, perGroup] = weight.shape;
    const parts = l.hlo.reshape(backwards, [groups, out / groups, perGroup, ...kernel]);
    const turned = l.hlo.reshape(l.hlo.transpose(parts, [0, 2, 1, 3, 4]), [perGroup * groups, out / groups, ...kernel]);
    return l.store(n, l.hlo.convolution(dy, turned, { ...o, axes: FORWARD }, n.shape, sumType(n)));
  },
  convWeight2d: (l, n) => {
    const { kernel, stride, padding, dilation, groups } = n.attrs.window!;
    const [x, dy] = operands(l, n);
    const pad = [0, 1].map((i) => {
      const seen = stride[i] * (dy.shape[2 + i] - 1) + 1 + dilation[i] * (kernel[i] - 1);
      return [padding[i], seen - x.shape[2 + i] - padding[i]] as const;
    });
    const o = { axes: WEIGHT, stride: dilation, pad, rhsDilation: stride, batchGroups: groups };
    return l.store(n, l.hlo.convolution(x, dy, o, n.shape, 'f32'));
  },
  maxPool2d: (l, n) => {
    const { kernel, stride, padding } = n.attrs.window!;
    return l.hlo.largest(l.value(n.inputs[0]), kernel, stride, padding, n.shape);
  },
  maxPool2dGradient: (l, n) => {
    const { kernel, stride, padding } = n.attrs.window!;
    const { hlo } = l;
    const edge = (x: Value, axis: number) =>
      hlo.pad(x, axis, padding[axis - 2], padding[axis - 2], Number.NEGATIVE_INFINITY);
    const x = edge(edge(l.wide(n.inputs[0]), 2), 3);
    const dx = hlo.toLargest(x, l.wide(n.inputs[1]), kernel, stride);
    return l.store(
      n,
      [2, 3].reduce((y, axis) => hlo.slice(y, axis, padding[axis - 2], n.shape[axis]), dx),
    );
  },
  alongAxis: (l, n) => {
    const axis = n.attrs.axis!;
    const product = l.hlo.dot(l.wide(n.inputs[1]), l.wide(n.inputs[0]), { sum: [[1], [axis]] }, 'f32');
    const order = n.shape.map((_, i) => (i === axis ? 0 : i < axis ? i + 1 : i));
    return l.store(n, l.hlo.transpose(product, order));
  },
  batchNorm2d: (l, n) => {
    const { hlo } = l;
    const [x, weight, bias] = n.inputs.map((t) => l.wide(t));
    const axes = n.shape.flatMap((_, i) => (i === 1 ? [] : [i]));
    const channels = n.shape[1];
    const average = (v: Value) => hlo.with('multiply', hlo.reduce('add', v, axes), channels / n.size);
    const mean = average(x);
    const centred = hlo.binary('subtract', x, hlo.broadcast(mean, n.shape, [1]));
    const variance = average(hlo.binary('multiply', centred, centred));
    const inverse = hlo.unary('rsqrt', hlo.with('add', variance, n.attrs.eps!));
    const scaled = hlo.broadcast(hlo.binary('multiply', inverse, weight), n.shape, [1]);
    let y = hlo.binary('multiply', centred, scaled);
    if (bias) y = hlo.binary('add', y, hlo.broadcast(bias, n.shape, [1]));
    return [l.store(n, y), ...[mean, variance].map((v) => hlo.reshape(v, n.attrs.shapes![0]))];
  },
} satisfies Partial<Record<OpKind, (l: MapWriter, n: Tensor) => Value | Value[]>>;

/** Two operands as bf16 where both are, which a device's matrix units multiply and sum in f32; else as f32. */
function operands(l: MapWriter, n: Tensor): Value[] {
  const narrow = n.inputs.every((t) => t.dtype === 'bf16');
  return n.inputs.map((t) => (narrow ? l.value(t) : l.wide(t)));
}

/** As products of matrices: bf16 of bf16, rounded once. */
const sumType = (n: Tensor): HloType => (n.dtype === 'bf16' ? 'bf16' : 'f32');
