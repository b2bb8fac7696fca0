import { type Shape, sameShape } from '../../graph/tensor.js';
import type { ElementType } from './program.js';

/** Element types inside a program: those that go in and out, and truth values. */
export type HloType = ElementType | 'i1';

/** A value of the program: its name, and what it is. */
export interface Value {
  readonly name: string;
  readonly shape: Shape;
  readonly dtype: HloType;
}

type Elementwise = 'add' | 'subtract' | 'multiply' | 'divide' | 'maximum' | 'minimum';
type Unary = 'exponential' | 'log' | 'sqrt' | 'rsqrt' | 'negate';
type Comparison = 'GT' | 'EQ' | 'NE';

/** Axes of the two operands of a matrix product: those that pair samples, and those that are summed over. */
export interface DotAxes {
  batch?: readonly [readonly number[], readonly number[]];
  sum: readonly [readonly number[], readonly number[]];
}

type Pair = readonly [number, number];

/** A convolution of maps: how axes are read (as MLIR writes it), and where the window is laid; what is absent is 1. */
export interface Convolution {
  axes: string;
  pad: readonly (readonly [number, number])[];
  stride?: Pair;
  lhsDilation?: Pair;
  rhsDilation?: Pair;
  groups?: number;
  batchGroups?: number;
}

/** MLIR's names of element types. */
const NAMES: Record<HloType, string> = { f32: 'f32', bf16: 'bf16', u8: 'ui8', i64: 'i64', i32: 'i32', i1: 'i1' };

/** MLIR's name of the type of a tensor. */
export function tensorType(shape: Shape, dtype: HloType): string {
  return `tensor<${[...shape, NAMES[dtype]].join('x')}>`;
}

export const typeOf = (v: Value): string => tensorType(v.shape, v.dtype);

/**
 * Writes the body of a StableHLO function, one operation a line (openxla/stablehlo, docs/spec.md). Every method adds
 * operations and gives their value; shapes follow from the operands, so a program that is written is well typed.
 */
export class HloText {
  readonly lines: string[] = [];
  private readonly prefix: string;
  private count = 0;
  private readonly constants = new Map<string, Value>();

  /** @param prefix begins the names of values, so that a text inside another has names of its own */
  constructor(prefix = '%') {
    this.prefix = prefix;
  }

  /** One operation with one result. */
  op(text: string, shape: Shape, dtype: HloType): Value {
    const name = `${this.prefix}${this.count++}`;
    this.lines.push(`${name} = ${text}`);
    return { name, shape, dtype };
  }

  /** One operation with several results. */
  ops(text: string, results: readonly Omit<Value, 'name'>[]): Value[] {
    const name = `${this.prefix}${this.count++}`;
    this.lines.push(`${name}:${results.length} = ${text}`);
    return results.map((r, i) => ({ ...r, name: `${name}#${i}` }));
  }

  /** A scalar; written once for all its uses. */
  scalar(value: number, dtype: HloType): Value {
    const text = `stablehlo.constant dense<${literal(value, dtype)}> : ${tensorType([], dtype)}`;
    let v = this.constants.get(text);
    if (!v) {
      v = this.op(text, [], dtype);
      this.constants.set(text, v);
    }
    return v;
  }

  /** The same number everywhere. */
  filled(value: number, shape: Shape, dtype: HloType): Value {
    return this.broadcast(this.scalar(value, dtype), shape, []);
  }

  /** Values given one by one, written as the hexadecimal digits of their bytes. */
  dense(data: Float32Array | Int32Array, shape: Shape): Value {
    const dtype = data instanceof Float32Array ? 'f32' : 'i32';
    if (data.every((x) => Object.is(x, data[0]))) return this.filled(data[0], shape, dtype);
    const hex = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('hex').toUpperCase();
    return this.op(`stablehlo.constant dense<"0x${hex}"> : ${tensorType(shape, dtype)}`, shape, dtype);
  }

  unary(op: Unary, x: Value): Value {
    return this.op(`stablehlo.${op} ${x.name} : ${typeOf(x)}`, x.shape, x.dtype);
  }

  /** Error function; of StableHLO's companion CHLO, which every plugin expands or has an instruction for. */
  erf(x: Value): Value {
    return this.op(`chlo.erf ${x.name} : ${typeOf(x)} -> ${typeOf(x)}`, x.shape, x.dtype);
  }

  /** a op b for values of one shape and type. */
  binary(op: Elementwise, a: Value, b: Value): Value {
    return this.op(`stablehlo.${op} ${a.name}, ${b.name} : ${typeOf(a)}`, a.shape, a.dtype);
  }

  /** x op number */
  with(op: Elementwise, x: Value, by: number): Value {
    return this.binary(op, x, this.filled(by, x.shape, x.dtype));
  }

  compare(how: Comparison, a: Value, b: Value): Value {
    const kind = a.dtype === 'f32' || a.dtype === 'bf16' ? 'FLOAT' : a.dtype === 'u8' ? 'UNSIGNED' : 'SIGNED';
    const types = `(${typeOf(a)}, ${typeOf(b)}) -> ${tensorType(a.shape, 'i1')}`;
    return this.op(`stablehlo.compare ${how}, ${a.name}, ${b.name}, ${kind} : ${types}`, a.shape, 'i1');
  }

  isFinite(x: Value): Value {
    const types = `(${typeOf(x)}) -> ${tensorType(x.shape, 'i1')}`;
    return this.op(`stablehlo.is_finite ${x.name} : ${types}`, x.shape, 'i1');
  }

  select(mask: Value, a: Value, b: Value): Value {
    const names = [mask, a, b].map((v) => v.name).join(', ');
    return this.op(`stablehlo.select ${names} : ${typeOf(mask)}, ${typeOf(a)}`, a.shape, a.dtype);
  }

  /** x stored as another type; x itself where it is one. */
  convert(x: Value, dtype: HloType): Value {
    if (x.dtype === dtype) return x;
    const to = tensorType(x.shape, dtype);
    return this.op(`stablehlo.convert ${x.name} : (${typeOf(x)}) -> ${to}`, x.shape, dtype);
  }

  /** x with axis i becoming axis `axes[i]` of `shape`, repeated along the others and where its size is 1. */
  broadcast(x: Value, shape: Shape, axes: readonly number[]): Value {
    if (sameShape(x.shape, shape) && axes.every((a, i) => a === i)) return x;
    const types = `(${typeOf(x)}) -> ${tensorType(shape, x.dtype)}`;
    return this.op(`stablehlo.broadcast_in_dim ${x.name}, dims = [${axes.join(', ')}] : ${types}`, shape, x.dtype);
  }

  /** x repeated up to `shape` by NumPy's rules. */
  spread(x: Value, shape: Shape): Value {
    const lead = shape.length - x.shape.length;
    return this.broadcast(
      x,
      shape,
      x.shape.map((_, i) => lead + i),
    );
  }

  reshape(x: Value, shape: Shape): Value {
    if (sameShape(x.shape, shape)) return x;
    const types = `(${typeOf(x)}) -> ${tensorType(shape, x.dtype)}`;
    return this.op(`stablehlo.reshape ${x.name} : ${types}`, shape, x.dtype);
  }

  transpose(x: Value, order: readonly number[]): Value {
    if (order.every((a, i) => a === i)) return x;
    const shape = order.map((a) => x.shape[a]);
    const types = `(${typeOf(x)}) -> ${tensorType(shape, x.dtype)}`;
    return this.op(`stablehlo.transpose ${x.name}, dims = [${order.join(', ')}] : ${types}`, shape, x.dtype);
  }

  /** Reduces axes, which vanish. The result keeps the type: sums are only taken of f32. */
  reduce(op: 'add' | 'maximum', x: Value, axes: readonly number[]): Value {
    if (axes.length === 0) return x;
    const start = this.scalar(op === 'add' ? 0 : Number.NEGATIVE_INFINITY, x.dtype);
    const shape = x.shape.filter((_, i) => !axes.includes(i));
    const types = `(${typeOf(x)}, ${typeOf(start)}) -> ${tensorType(shape, x.dtype)}`;
    const over = `applies stablehlo.${op} across dimensions = [${axes.join(', ')}]`;
    return this.op(`stablehlo.reduce(${x.name} init: ${start.name}) ${over} : ${types}`, shape, x.dtype);
  }

  /** Reduces the last axis, and repeats the result along it. */
  overLast(op: 'add' | 'maximum', x: Value): Value {
    return this.over(op, x, x.shape.length - 1);
  }

  /** Reduces an axis, and repeats the result along it. */
  over(op: 'add' | 'maximum', x: Value, axis: number): Value {
    const rest = x.shape.flatMap((_, i) => (i === axis ? [] : [i]));
    return this.broadcast(this.reduce(op, x, [axis]), x.shape, rest);
  }

  /**
   * Matrix product: axes that pair, then what is left of a, then of b. Products of bf16 are summed in f32 and may be
   * kept so; f32 is multiplied as f32, not in the shorter formats that accelerators like better.
   */
  dot(a: Value, b: Value, axes: DotAxes, dtype: HloType): Value {
    const [pairA, pairB] = axes.batch ?? [[], []];
    const [sumA, sumB] = axes.sum;
    const free = (v: Value, used: readonly number[]) => v.shape.filter((_, i) => !used.includes(i));
    const shape = [...pairA.map((i) => a.shape[i]), ...free(a, [...pairA, ...sumA]), ...free(b, [...pairB, ...sumB])];
    const list = (axes: readonly number[]) => `[${axes.join(', ')}]`;
    const pairs = pairA.length > 0 ? `batching_dims = ${list(pairA)} x ${list(pairB)}, ` : '';
    const precision = a.dtype === 'f32' ? ', precision = [HIGHEST, HIGHEST]' : '';
    const what = `${pairs}contracting_dims = ${list(sumA)} x ${list(sumB)}${precision}`;
    const types = `(${typeOf(a)}, ${typeOf(b)}) -> ${tensorType(shape, dtype)}`;
    return this.op(`stablehlo.dot_general ${a.name}, ${b.name}, ${what} : ${types}`, shape, dtype);
  }

  concat(parts: readonly Value[], axis: number): Value {
    const shape = parts[0].shape.with(
      axis,
      parts.reduce((n, p) => n + p.shape[axis], 0),
    );
    const types = `(${parts.map(typeOf).join(', ')}) -> ${tensorType(shape, parts[0].dtype)}`;
    const names = parts.map((p) => p.name).join(', ');
    return this.op(`stablehlo.concatenate ${names}, dim = ${axis} : ${types}`, shape, parts[0].dtype);
  }

  /** `length` entries of an axis, from `start`. */
  slice(x: Value, axis: number, start: number, length: number): Value {
    if (start === 0 && length === x.shape[axis]) return x;
    const bounds = x.shape.map((n, i) => (i === axis ? `${start}:${start + length}` : `0:${n}`));
    const shape = x.shape.with(axis, length);
    const types = `(${typeOf(x)}) -> ${tensorType(shape, x.dtype)}`;
    return this.op(`stablehlo.slice ${x.name} [${bounds.join(', ')}] : ${types}`, shape, x.dtype);
  }

  /** Zeros, or another number, before and after along an axis. */
  pad(x: Value, axis: number, before: number, after: number, fill = 0): Value {
    if (before === 0 && after === 0) return x;
    const at = (n: number) => `[${x.shape.map((_, i) => (i === axis ? n : 0)).join(', ')}]`;
    const edge = this.scalar(fill, x.dtype);
    const shape = x.shape.with(axis, x.shape[axis] + before + after);
    const types = `(${typeOf(x)}, ${typeOf(edge)}) -> ${tensorType(shape, x.dtype)}`;
    const amounts = `low = ${at(before)}, high = ${at(after)}, interior = ${at(0)}`;
    return this.op(`stablehlo.pad ${x.name}, ${edge.name}, ${amounts} : ${types}`, shape, x.dtype);
  }

  /** Rows of a matrix. x [rows, dim], index [n] → [n, dim] */
  takeRows(x: Value, index: Value): Value {
    const [n] = index.shape;
    const dim = x.shape[1];
    const at = this.reshape(index, [n, 1]);
    const where =
      '#stablehlo.gather<offset_dims = [1], collapsed_slice_dims = [0], start_index_map = [0], index_vector_dim = 1>';
    const attrs = `<{dimension_numbers = ${where}, indices_are_sorted = false, slice_sizes = array<i64: 1, ${dim}>}>`;
    const types = `(${typeOf(x)}, ${typeOf(at)}) -> ${tensorType([n, dim], x.dtype)}`;
    return this.op(`"stablehlo.gather"(${x.name}, ${at.name}) ${attrs} : ${types}`, [n, dim], x.dtype);
  }

  /**
   * A matrix of zeros with these rows put in. Indices are distinct, so nothing is added and no order matters; unless `repeated`, which adds
   * rows of one index.
   */
  putRows(x: Value, index: Value, rows: number, repeated = false): Value {
    const [n, dim] = x.shape;
    const into = this.filled(0, [rows, dim], x.dtype);
    const at = this.reshape(index, [n, 1]);
    const where =
      '#stablehlo.scatter<update_window_dims = [1], inserted_window_dims = [0], ' +
      'scatter_dims_to_operand_dims = [0], index_vector_dim = 1>';
    const attrs = `<{indices_are_sorted = false, scatter_dimension_numbers = ${where}, unique_indices = ${!repeated}}>`;
    const scalar = tensorType([], x.dtype);
    const sum = repeated ? `%sum = stablehlo.add %old, %new : ${scalar} ` : '';
    const result = repeated ? '%sum' : '%new';
    const body = `({^bb0(%old: ${scalar}, %new: ${scalar}): ${sum}stablehlo.return ${result} : ${scalar}})`;
    const types = `(${typeOf(into)}, ${typeOf(at)}, ${typeOf(x)}) -> ${typeOf(into)}`;
    const operands = [into, at, x].map((v) => v.name).join(', ');
    return this.op(`"stablehlo.scatter"(${operands}) ${attrs} ${body} : ${types}`, into.shape, x.dtype);
  }

  /** x with these axes read backwards. */
  reverse(x: Value, axes: readonly number[]): Value {
    return this.op(`stablehlo.reverse ${x.name}, dims = [${axes.join(', ')}] : ${typeOf(x)}`, x.shape, x.dtype);
  }

  /** Convolution of x by a window of weights; f32 is multiplied as f32, as in {@link dot}. */
  convolution(x: Value, weight: Value, o: Convolution, shape: Shape, dtype: HloType): Value {
    const list = (sides: readonly number[] = [1, 1]) => `[${sides.join(', ')}]`;
    const pad = o.pad.map(([low, high]) => `[${low}, ${high}]`).join(', ');
    const window =
      `{stride = ${list(o.stride)}, pad = [${pad}], lhs_dilate = ${list(o.lhsDilation)}, ` +
      `rhs_dilate = ${list(o.rhsDilation)}, reverse = [false, false]}`;
    const groups = `batch_group_count = ${o.batchGroups ?? 1} : i64, feature_group_count = ${o.groups ?? 1} : i64`;
    const highest = '#stablehlo<precision HIGHEST>';
    const precision = x.dtype === 'f32' ? `, precision_config = [${highest}, ${highest}]` : '';
    const types = `(${typeOf(x)}, ${typeOf(weight)}) -> ${tensorType(shape, dtype)}`;
    const head = `stablehlo.convolution(${x.name}, ${weight.name}) dim_numbers = ${o.axes}, window = ${window}`;
    return this.op(`${head} {${groups}${precision}} : ${types}`, shape, dtype);
  }

  /** The largest of every window of a map [n, c, h, w]; places beyond the edges are never the largest. */
  largest(x: Value, kernel: Pair, stride: Pair, padding: Pair, shape: Shape): Value {
    const start = this.scalar(Number.NEGATIVE_INFINITY, x.dtype);
    const pad = [[0, 0], [0, 0], ...padding.map((p) => [p, p])].map(([low, high]) => `[${low}, ${high}]`).join(', ');
    const attrs = `<{${windows(kernel, stride)}, padding = dense<[${pad}]> : tensor<4x2xi64>}>`;
    const scalar = tensorType([], x.dtype);
    const body =
      `({^bb0(%one: ${scalar}, %two: ${scalar}): %most = stablehlo.maximum %one, %two : ${scalar} ` +
      `stablehlo.return %most : ${scalar}})`;
    const types = `(${typeOf(x)}, ${scalar}) -> ${tensorType(shape, x.dtype)}`;
    return this.op(`"stablehlo.reduce_window"(${x.name}, ${start.name}) ${attrs} ${body} : ${types}`, shape, x.dtype);
  }

  /** Zeros like x, to which dy is added where the first of the largest entries of each window of x is. */
  toLargest(x: Value, dy: Value, kernel: Pair, stride: Pair): Value {
    const zero = this.scalar(0, x.dtype);
    const scalar = tensorType([], x.dtype);
    const truth = tensorType([], 'i1');
    const select =
      `{^bb0(%one: ${scalar}, %two: ${scalar}): %not = stablehlo.compare GE, %one, %two, FLOAT : ` +
      `(${scalar}, ${scalar}) -> ${truth} stablehlo.return %not : ${truth}}`;
    const scatter =
      `{^bb0(%one: ${scalar}, %two: ${scalar}): %sum = stablehlo.add %one, %two : ${scalar} ` +
      `stablehlo.return %sum : ${scalar}}`;
    const types = `(${typeOf(x)}, ${typeOf(dy)}, ${scalar}) -> ${typeOf(x)}`;
    const names = [x, dy, zero].map((v) => v.name).join(', ');
    const head = `"stablehlo.select_and_scatter"(${names}) <{${windows(kernel, stride)}}>`;
    return this.op(`${head} (${select}, ${scatter}) : ${types}`, x.shape, x.dtype);
  }

  /** The values themselves, each only once all are computed; nothing is moved or merged across. */
  barrier(values: readonly Value[]): Value[] {
    const names = values.map((v) => v.name).join(', ');
    return this.ops(`stablehlo.optimization_barrier ${names} : ${values.map(typeOf).join(', ')}`, values);
  }
}

/** Attributes of windows on maps [n, c, h, w]. */
const windows = (kernel: Pair, stride: Pair): string =>
  [
    `window_dimensions = array<i64: 1, 1, ${kernel.join(', ')}>`,
    `window_strides = array<i64: 1, 1, ${stride.join(', ')}>`,
  ].join(', ');

/** A number as MLIR reads it; bits where decimals would not say it. */
function literal(value: number, dtype: HloType): string {
  if (dtype !== 'f32' && dtype !== 'bf16') return String(value);
  const x = Math.fround(value);
  if (!Number.isFinite(x)) {
    const bits = new DataView(new ArrayBuffer(4));
    bits.setFloat32(0, x);
    const all = bits.getUint32(0).toString(16).toUpperCase();
    return `0x${dtype === 'bf16' ? all.slice(0, 4) : all}`;
  }
  const [digits, power] = x.toExponential().split('e');
  // MLIR wants a point, and has a sign of zero.
  const sign = Object.is(x, -0) ? '-' : '';
  return `${sign}${digits.includes('.') ? digits : `${digits}.0`}e${power}`;
}
