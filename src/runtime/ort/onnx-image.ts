import type { OpKind, Tensor, Window2d } from '../../graph/tensor.js';
import { type AttrValue, FLOAT } from './onnx-messages.js';

/** The part of a writer of ONNX graphs that ops on maps need. */
interface MapWriter {
  readonly cpu: boolean;
  readonly webgpu: boolean;
  name(t: Tensor): string;
  node(type: string, inputs: string[], outputs: string[], attrs?: Record<string, AttrValue>): string;
  step(type: string, inputs: string[], attrs?: Record<string, AttrValue>, domain?: string): string;
  scalar(value: number): string;
  ints(values: readonly number[]): string;
  floats(shape: readonly number[], values: readonly number[]): string;
}

/** Before the first entry of an axis that is read backwards. */
const BEGIN = -(2 ** 31);

const both = (sides: readonly number[]): number[] => [...sides, ...sides];

const windowAttrs = (w: Window2d): Record<string, AttrValue> => ({
  kernel_shape: w.kernel,
  strides: w.stride,
  pads: both(w.padding),
  dilations: w.dilation,
  group: w.groups,
});

/** Operators of the ops on maps. ONNX Runtime has the forward ones; gradients are written with those. */
export const imageOperators = {
  conv2d: (l, n) =>
    l.node(
      'Conv',
      n.inputs.map((x) => l.name(x)),
      [l.name(n)],
      windowAttrs(n.attrs.window!),
    ),
  convTranspose2d: (l, n) => {
    const [dy, weight] = n.inputs.map((x) => l.name(x));
    const w = n.attrs.window!;
    const beyond = [0, 1].map((i) => w.dilation[i] * (w.kernel[i] - 1) - w.padding[i]);
    // A convolution is twice as fast as what ONNX Runtime has for its transpose, where it can be one.
    if (Math.max(...w.stride) === 1 && Math.min(...beyond) >= 0) {
      const attrs = { ...windowAttrs(w), pads: both(beyond) };
      return l.node('Conv', [dy, turned(l, weight, n.inputs[1].shape, w)], [l.name(n)], attrs);
    }
    const more = [0, 1].map(
      (i) => n.shape[2 + i] + w.padding[i] - beyond[i] - 1 - (n.inputs[0].shape[2 + i] - 1) * w.stride[i],
    );
    return l.node('ConvTranspose', [dy, weight], [l.name(n)], { ...windowAttrs(w), output_padding: more });
  },
  // One product an entry of the window, of dy and what that entry saw: both as [channels, samples · places].
  convWeight2d: (l, n) => {
    const [x, dy] = n.inputs;
    const w = n.attrs.window!;
    const [out, perGroup, kh, kw] = n.shape;
    const columns = dy.size / out;
    const gradient = l.step('Reshape', [channelsFirst(l, dy), l.ints(grouped(w, out, columns))]);
    const isTiled = [0, 1].every((i) => w.stride[i] === w.kernel[i] && w.padding[i] === 0 && w.dilation[i] === 1);
    const product = (seen: string, entries: number) => {
      const rows = l.step('Reshape', [seen, l.ints(grouped(w, x.shape[1] * entries, columns))]);
      if (w.groups === 1) return l.step('Gemm', [gradient, rows], { transB: 1 });
      if (l.cpu) return l.step('FusedMatMul', [gradient, rows], { transB: 1 }, 'com.microsoft');
      return l.step('MatMul', [gradient, l.step('Transpose', [rows], { perm: [0, 2, 1] })]);
    };
    if (isTiled) {
      const [, , rows, cols] = dy.shape;
      const cut = l.step('Slice', [
        l.name(x),
        ...[
          [0, 0],
          [rows * kh, cols * kw],
          [2, 3],
        ].map((v) => l.ints(v)),
      ]);
      const tiles = l.step('Reshape', [cut, l.ints([x.shape[0], x.shape[1], rows, kh, cols, kw])]);
      const all = l.step('Transpose', [tiles], { perm: [1, 3, 5, 0, 2, 4] });
      l.node('Reshape', [product(all, kh * kw), l.ints(n.shape)], [l.name(n)]);
      return;
    }
    const padded = padding(l, channelsFirst(l, x), w);
    const entries: string[] = [];
    for (let r = 0; r < kh; r++)
      for (let c = 0; c < kw; c++) {
        const start = [r * w.dilation[0], c * w.dilation[1]];
        const end = start.map((s, i) => s + (dy.shape[2 + i] - 1) * w.stride[i] + 1);
        const seen = l.step('Slice', [padded, ...[start, end, [2, 3], w.stride].map((v) => l.ints(v))]);
        entries.push(l.step('Reshape', [product(seen, 1), l.ints([out, perGroup, 1])]));
      }
    l.node('Reshape', [l.step('Concat', entries, { axis: 2 }), l.ints(n.shape)], [l.name(n)]);
  },
  maxPool2d: (l, n) => l.node('MaxPool', [l.name(n.inputs[0])], [l.name(n)], poolAttrs(n.attrs.window!)),
  maxPool2dGradient: (l, n) => {
    if (l.webgpu) return pooledBack(l, n);
    const [x, dy] = n.inputs.map((t) => l.name(t));
    const y = l.name(n);
    const places = `${y}_places`;
    l.node('MaxPool', [x], [`${y}_largest`, places], poolAttrs(n.attrs.window!));
    const [index, values] = [places, dy].map((v) => l.step('Reshape', [v, l.ints([-1])]));
    const zeros = l.step('Expand', [l.scalar(0), l.ints([n.size])]);
    const flat = l.step('ScatterElements', [zeros, index, values], { axis: 0, reduction: 'add' });
    l.node('Reshape', [flat, l.ints(n.shape)], [y]);
  },
  alongAxis: (l, n) => {
    const [x, matrix] = n.inputs.map((t) => l.name(t));
    const fromEnd = n.rank - 1 - n.attrs.axis!;
    if (fromEnd === 1) {
      l.node('MatMul', [matrix, x], [l.name(n)]);
      return;
    }
    const turnedMatrix = l.step('Transpose', [matrix], { perm: [1, 0] });
    if (fromEnd === 0) {
      l.node('MatMul', [x, turnedMatrix], [l.name(n)]);
      return;
    }
    const perm = n.shape.map((_, i) => i);
    [perm[n.attrs.axis!], perm[n.rank - 1]] = [n.rank - 1, n.attrs.axis!];
    const product = l.step('MatMul', [l.step('Transpose', [x], { perm }), turnedMatrix]);
    l.node('Transpose', [product], [l.name(n)], { perm });
  },
  batchNorm2d: (l, n) => {
    const [x, weight, bias] = n.inputs.map((t) => l.name(t));
    const y = l.name(n);
    const axes = l.ints(n.shape.flatMap((_, i) => (i === 1 ? [] : [i])));
    const perChannel = (v: string) => l.step('Reshape', [v, l.ints(n.attrs.shapes![0])]);
    const mean = l.node('ReduceMean', [x, axes], [`${y}_1`], { keepdims: 1 });
    const centred = l.step('Sub', [x, mean]);
    // The variance of what is centred: E[x²] − E[x]² leaves few digits where the mean is large.
    const variance = l.node('ReduceMean', [l.step('Mul', [centred, centred]), axes], [`${y}_2`], { keepdims: 1 });
    const deviation = l.step('Sqrt', [l.step('Add', [variance, l.scalar(n.attrs.eps!)])]);
    const scaled = [centred, l.step('Div', [perChannel(weight), deviation])];
    if (bias) l.node('Add', [l.step('Mul', scaled), perChannel(bias)], [y]);
    else l.node('Mul', scaled, [y]);
  },
} satisfies Partial<Record<OpKind, (l: MapWriter, n: Tensor) => unknown>>;

/**
 * The gradient of pooling without the places of the largest, which WebGPU's kernel does not give: of every entry of the windows what it gets, put
 * back by a transposed convolution whose weights are one at that entry.
 */
function pooledBack(l: MapWriter, n: Tensor): void {
  const w = n.attrs.window!;
  const [kh, kw] = w.kernel;
  const [samples, channels, ...sides] = n.shape;
  const sizes = n.inputs[1].shape.slice(2);
  const [x, dy] = n.inputs.map((t) => l.name(t));
  const largest = l.step('MaxPool', [x], poolAttrs(w));
  const edges = l.ints([0, 0, ...w.padding, 0, 0, ...w.padding]);
  const padded = l.step('Pad', [x, edges, l.scalar(Number.NEGATIVE_INFINITY)]);
  const parts: string[] = [];
  let taken: string | undefined;
  for (let r = 0; r < kh; r++)
    for (let c = 0; c < kw; c++) {
      const end = [r, c].map((s, i) => s + (sizes[i] - 1) * w.stride[i] + 1);
      const seen = l.step('Slice', [padded, ...[[r, c], end, [2, 3], w.stride].map((v) => l.ints(v))]);
      const equals = l.step('Cast', [l.step('Equal', [seen, largest])], { to: FLOAT });
      const first = taken ? l.step('Mul', [equals, l.step('Sub', [l.scalar(1), taken])]) : equals;
      taken = taken ? l.step('Add', [taken, first]) : first;
      parts.push(l.step('Reshape', [l.step('Mul', [first, dy]), l.ints([samples * channels, 1, ...sizes])]));
    }
  const count = kh * kw;
  const one = Array.from({ length: count * count }, (_, i) => (i % (count + 1) === 0 ? 1 : 0));
  const back = l.step('ConvTranspose', [l.step('Concat', parts, { axis: 1 }), l.floats([count, 1, kh, kw], one)], {
    kernel_shape: w.kernel,
    strides: w.stride,
  });
  const missing = sides.map((side, i) => side + 2 * w.padding[i] - ((sizes[i] - 1) * w.stride[i] + w.kernel[i]));
  const whole = l.step('Pad', [back, l.ints([0, 0, 0, 0, 0, 0, ...missing])]);
  const end = sides.map((side, i) => side + w.padding[i]);
  const inner = l.step('Slice', [whole, ...[w.padding, end, [2, 3]].map((v) => l.ints(v))]);
  l.node('Reshape', [inner, l.ints(n.shape)], [l.name(n)]);
}

/** Pooling has neither dilation nor groups. */
function poolAttrs(w: Window2d): Record<string, AttrValue> {
  const { kernel_shape, strides, pads } = windowAttrs(w);
  return { kernel_shape, strides, pads };
}

/** The weight [out, in/groups, kh, kw] as the transposed convolution's: [in, out/groups, kh, kw], read backwards. */
function turned(l: MapWriter, weight: string, shape: readonly number[], w: Window2d): string {
  const [out, perGroup, kh, kw] = shape;
  const { groups } = w;
  let t = weight;
  if (groups === 1) t = l.step('Transpose', [t], { perm: [1, 0, 2, 3] });
  else {
    t = l.step('Reshape', [t, l.ints([groups, out / groups, perGroup, kh, kw])]);
    t = l.step('Transpose', [t], { perm: [0, 2, 1, 3, 4] });
    t = l.step('Reshape', [t, l.ints([perGroup * groups, out / groups, kh, kw])]);
  }
  if (kh * kw === 1) return t;
  return l.step('Slice', [
    t,
    ...[
      [-1, -1],
      [BEGIN, BEGIN],
      [2, 3],
      [-1, -1],
    ].map((v) => l.ints(v)),
  ]);
}

/** A map with channels before samples. */
function channelsFirst(l: MapWriter, t: Tensor): string {
  const [n, channels, ...sides] = t.shape;
  if (n === 1 || channels === 1) return l.step('Reshape', [l.name(t), l.ints([channels, n, ...sides])]);
  return l.step('Transpose', [l.name(t)], { perm: [1, 0, 2, 3] });
}

function padding(l: MapWriter, map: string, { padding: [rows, columns] }: Window2d): string {
  if (rows + columns === 0) return map;
  return l.step('Pad', [map, l.ints([0, 0, rows, columns, 0, 0, rows, columns])]);
}

/** Rows of a matrix, in groups where there are several. */
const grouped = ({ groups }: Window2d, rows: number, columns: number): number[] =>
  groups === 1 ? [rows, columns] : [groups, rows / groups, columns];
