import type { ProtoWriter } from '../../formats/protobuf.js';

/** What a model does to pictures of any size before its first layer: `model/preprocessing.ts` says what the words mean. */
export interface Pictures {
  /** Side of the square that comes out, pixels. */
  size: number;
  crop?: 'centre' | 'shortest' | 'squash';
  resize?: number;
  middle?: 'even';
  kernel?: 'bicubic' | 'bilinear';
  mean: readonly number[];
  std: readonly number[];
}

/** The part of a writer of ONNX graphs that is needed here. */
export interface NodeWriter {
  /** A node whose single output is a new name. */
  step(type: string, inputs: string[], attrs?: Record<string, number | readonly number[] | ProtoWriter>): string;
  node(type: string, inputs: string[], outputs: string[]): string;
  /** [] */
  scalar(value: number): string;
  /** [values] */
  ints(values: readonly number[]): string;
  floats(shape: readonly number[], values: readonly number[]): string;
  /** Nodes of a branch, as an attribute of `If`. @param build returns the name of the branch's result */
  branch(build: () => string): ProtoWriter;
}

/** Element types of the ONNX standard (TensorProto.DataType). */
const FLOAT = 1;
const BOOL = 9;
/** Behind every axis. */
const END = 2 ** 31 - 1;

/**
 * Pictures as they were decoded to what an encoder takes: alpha laid on white, cut and resized as `views/resample.ts` does, grey spread, normalised. Written as two products with matrices of weights that follow from the picture's sides: `Resize` with antialias
 * is not to be had from every runtime, and differs between them.
 * @param input [batch, channels, height, width] in 0…1; grey or RGB, each with or without alpha
 * @param output [batch, 3, size, size]
 */
export function lowerPictures(w: NodeWriter, input: string, output: string, o: Pictures): void {
  const { mean, std } = o;
  const shape = w.step('Shape', [input]);
  const at = (axis: number) => w.step('Slice', [shape, w.ints([axis]), w.ints([axis + 1])]);
  const [channels, height, width] = [at(1), at(2), at(3)];
  const side = w.step('Min', [height, width]);
  const down = axisWeights(w, height, side, o);
  const across = w.step('Transpose', [axisWeights(w, width, side, o)], { perm: [1, 0] });

  const odd = w.step('Mod', [channels, w.ints([2])]);
  const isOpaque = w.step('Reshape', [w.step('Cast', [odd], { to: BOOL }), w.ints([])]);
  const colours = w.step('Add', [w.step('Sub', [channels, w.ints([1])]), odd]);
  const rows = w.step('If', [isOpaque], {
    then_branch: w.branch(() => w.step('MatMul', [input, across])),
    else_branch: w.branch(() => {
      const axis = w.ints([1]);
      const alpha = w.step('Slice', [input, colours, w.ints([END]), axis]);
      const colour = w.step('Slice', [input, w.ints([0]), colours, axis]);
      // On white: c·a + (1 − a).
      const dark = w.step('Mul', [w.step('Sub', [w.scalar(1), colour]), alpha]);
      return w.step('MatMul', [w.step('Sub', [w.scalar(1), dark]), across]);
    }),
  });
  const square = w.step('Clip', [w.step('MatMul', [down, rows]), w.scalar(0), w.scalar(1)]);
  const last = w.step('Sub', [colours, w.ints([1])]);
  const rgb = w.step('Gather', [square, w.step('Min', [w.ints([0, 1, 2]), last])], { axis: 1 });
  const byChannel = (values: readonly number[]) => w.floats([1, 3, 1, 1], values);
  w.node('Div', [w.step('Sub', [rgb, byChannel(mean)]), byChannel(std)], [output]);
}

/**
 * Weights that cut and resample an axis, [size, length]: each row of sum 1, the kernel widened when shrinking.
 * @param length of the axis, and side: the shorter one's; [1], whole numbers
 */
function axisWeights(w: NodeWriter, length: string, side: string, o: Pictures): string {
  const { size, crop = 'centre' } = o;
  const float = (x: string) => w.step('Cast', [x], { to: FLOAT });
  const isLinear = o.kernel === 'bilinear';
  const [zero, one, two] = (isLinear ? [0, 1] : [0, 1, 2]).map((v) => w.scalar(v));
  const half = (x: string) => w.step('Div', [x, w.ints([2])]);
  // The samples that are resampled, from which one on and to how many; and which of those are kept.
  const isCut = crop === 'centre';
  const used = isCut ? side : length;
  const first = isCut ? float(half(w.step('Add', [w.step('Sub', [length, side]), w.ints([1])]))) : zero;
  const to = isCut ? '' : resizedTo(w, length, side, o);
  const ratio = w.step('Div', [float(used), isCut ? w.scalar(size) : float(to)]);
  const middles = w.floats(
    [size, 1],
    Array.from({ length: size }, (_, i) => i + 0.5),
  );
  const kept = isCut ? middles : w.step('Add', [middles, middleOf(w, w.step('Sub', [to, w.ints([size])]), o)]);
  const centre = w.step('Mul', [kept, ratio]);
  // Counted from the first sample of the square: small numbers are exact.
  const count = w.step('Reshape', [float(length), w.ints([])]);
  const samples = w.step('Sub', [w.step('Range', [zero, count, one]), first]);
  const away = w.step('Sub', [w.step('Add', [samples, w.scalar(0.5)]), centre]);
  const d = w.step('Abs', [w.step('Div', [away, w.step('Max', [ratio, one])])]);
  const weight = isLinear ? w.step('Sub', [one, d]) : cubic(w, d, one);
  const reach = isLinear ? one : two;
  const isInside = w.step('And', [w.step('GreaterOrEqual', [samples, zero]), w.step('Less', [samples, float(used)])]);
  const isTap = w.step('And', [isInside, w.step('Less', [d, reach])]);
  const weights = w.step('Where', [isTap, weight, zero]);
  const total = w.step('ReduceSum', [weights, w.ints([1])], { keepdims: 1 });
  return w.step('Div', [weights, total]);
}

/** Where the middle begins: half of what is cut off, a float of a whole number. */
function middleOf(w: NodeWriter, rest: string, { middle }: Pictures): string {
  const float = (x: string) => w.step('Cast', [x], { to: FLOAT });
  if (middle === undefined) return float(w.step('Div', [rest, w.ints([2])]));
  // The standard's Round takes halves to the even number.
  return w.step('Round', [w.step('Mul', [float(rest), w.scalar(0.5)])]);
}

/** To how many samples an axis is resized before the middle is cut out. */
function resizedTo(w: NodeWriter, length: string, side: string, { size, crop, resize = size }: Pictures): string {
  const target = w.ints([Math.max(size, resize)]);
  return crop === 'squash' ? target : w.step('Div', [w.step('Mul', [length, target]), side]);
}

/** Keys' cubic convolution, a = −0.5, of a distance below 2. */
function cubic(w: NodeWriter, d: string, one: string): string {
  const dd = w.step('Mul', [d, d]);
  const near = w.step('Add', [w.step('Mul', [polynomial(w, d, [1.5, -2.5]), dd]), one]);
  const far = polynomial(w, d, [-0.5, 2.5, -4, 2]);
  return w.step('Where', [w.step('Less', [d, one]), near, far]);
}

/** Horner's rule, the highest power first. */
function polynomial(w: NodeWriter, x: string, [highest, ...rest]: readonly number[]): string {
  return rest.reduce((sum, c, i) => {
    const product = w.step('Mul', [x, i === 0 ? w.scalar(highest) : sum]);
    return w.step('Add', [product, w.scalar(c)]);
  }, '');
}
