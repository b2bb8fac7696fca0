import {
  type Attrs,
  broadcastShapes,
  commonType,
  type DType,
  type OpKind,
  type RowOrder,
  type Shape,
  sameShape,
  sizeOf,
  Tensor,
} from './tensor.js';

/** A value fed at every run. */
export function input(name: string, shape: Shape, dtype: DType = 'f32'): Tensor {
  return new Tensor('input', shape, [], { name }, dtype);
}

/** A value fixed when the graph is built. */
export function constant(data: Float32Array | BigInt64Array, shape: Shape): Tensor {
  check(data.length === sizeOf(shape), `constant: ${data.length} values for shape [${shape}]`);
  return new Tensor('constant', shape, [], { data }, data instanceof BigInt64Array ? 'i64' : 'f32');
}

export function filled(value: number, shape: Shape): Tensor {
  return constant(new Float32Array(sizeOf(shape)).fill(value), shape);
}

export const add = (a: Tensor, b: Tensor): Tensor => elementwise('add', a, b);
export const sub = (a: Tensor, b: Tensor): Tensor => elementwise('sub', a, b);
export const mul = (a: Tensor, b: Tensor): Tensor => elementwise('mul', a, b);
export const div = (a: Tensor, b: Tensor): Tensor => elementwise('div', a, b);

/** The larger of each two. */
export const maximum = (a: Tensor, b: Tensor): Tensor => elementwise('maximum', a, b);
/** The smaller of each two. */
export const minimum = (a: Tensor, b: Tensor): Tensor => elementwise('minimum', a, b);
/** 1 where a > b, else 0. */
export const greater = (a: Tensor, b: Tensor): Tensor => elementwise('greater', a, b, 'f32');
/** 1 where a = b, else 0; both floats or both i64. */
export function equal(a: Tensor, b: Tensor): Tensor {
  check((a.dtype === 'i64') === (b.dtype === 'i64'), `equal: ${a.dtype} and ${b.dtype}`);
  return elementwise('equal', a, b, 'f32');
}
function elementwise(kind: OpKind, a: Tensor, b: Tensor, dtype = commonType(a.dtype, b.dtype)): Tensor {
  const shape = broadcastShapes(a.shape, b.shape, kind);
  // What was repeated only to be combined element by element need not be written out.
  const [x, y] = [unrepeated(a), unrepeated(b)];
  const lazy = sameShape(broadcastShapes(x.shape, y.shape, kind), shape);
  return new Tensor(kind, shape, lazy ? [x, y] : [a, b], {}, dtype);
}

/** a where the mask is not zero, else b; the three broadcast. What is not chosen has no influence, even where it is no number. */
export function where(mask: Tensor, a: Tensor, b: Tensor): Tensor {
  const shape = broadcastShapes(mask.shape, broadcastShapes(a.shape, b.shape, 'where'), 'where');
  return new Tensor('where', shape, [mask, a, b], {}, commonType(a.dtype, b.dtype));
}

/** 1 where x is a finite number, else 0. */
export const finite = (x: Tensor): Tensor => new Tensor('isFinite', x.shape, [x]);

/** The same values stored in another type; floats to bf16 are rounded to the nearest (ties to even). */
export function cast(x: Tensor, dtype: DType): Tensor {
  check(dtype !== 'u8' && dtype !== 'i64', `cast: to ${dtype}`);
  return x.dtype === dtype ? x : new Tensor('cast', x.shape, [x], {}, dtype);
}

/** x, to be computed only after `after` is: keeps an executor from merging what is computed again with what was computed before. */
export function barrier(x: Tensor, after: Tensor): Tensor {
  return new Tensor('barrier', x.shape, [x, after], {}, x.dtype);
}

function unrepeated(x: Tensor): Tensor {
  return x.kind === 'broadcast' ? x.inputs[0] : x;
}

const floatType = (x: Tensor): DType => (x.dtype === 'bf16' ? 'bf16' : 'f32');

/** x · by */
export function scale(x: Tensor, by: number): Tensor {
  return by === 1 ? x : new Tensor('scale', x.shape, [x], { by }, floatType(x));
}

/** x + by */
export function offset(x: Tensor, by: number): Tensor {
  return new Tensor('offset', x.shape, [x], { by }, floatType(x));
}

export const neg = (x: Tensor): Tensor => scale(x, -1);
export const exp = (x: Tensor): Tensor => new Tensor('exp', x.shape, [x]);
export const log = (x: Tensor): Tensor => new Tensor('log', x.shape, [x]);
export const sqrt = (x: Tensor): Tensor => new Tensor('sqrt', x.shape, [x]);
export const erf = (x: Tensor): Tensor => new Tensor('erf', x.shape, [x]);

/** Exact GELU, x·Φ(x). */
export const gelu = (x: Tensor): Tensor => new Tensor('gelu', x.shape, [x], {}, floatType(x));

/** alpha·op(a)·op(b) + bias of matrices; bias [columns] is added to every row. Two bf16 operands give bf16, summed in float32; a bias is rounded to it, too. */
export function gemm(
  a: Tensor,
  b: Tensor,
  options: { transA?: boolean; transB?: boolean; alpha?: number; bias?: Tensor } = {},
): Tensor {
  const { transA = false, transB = false, alpha = 1, bias } = options;
  check(a.rank === 2 && b.rank === 2, `gemm: [${a.shape}] and [${b.shape}] are not matrices`);
  const [m, k] = transA ? [a.shape[1], a.shape[0]] : a.shape;
  const [k2, n] = transB ? [b.shape[1], b.shape[0]] : b.shape;
  check(k === k2, `gemm: inner sizes ${k} and ${k2} differ`);
  check(!bias || (bias.rank === 1 && bias.shape[0] === n), `gemm: bias [${bias?.shape}] for ${n} columns`);
  const operands = bias ? [a, b, bias] : [a, b];
  return new Tensor('gemm', [m, n], operands, { transA, transB, alpha }, commonType(a.dtype, b.dtype));
}

/** x·wᵀ + bias. x [rows, in], w [out, in], bias [out] → [rows, out] */
export function linear(x: Tensor, w: Tensor, bias?: Tensor): Tensor {
  return gemm(x, w, { transB: true, bias });
}

/**
 * softmax(alpha·q·kᵀ + bias)·v within each sample and head. With `order` token q is [tokens, samples, heads, d], k and v are
 * [tokens₂, samples, heads, d]; with sample the first two axes are exchanged. The result is like q.
 * @param bias [heads or 1, tokens, tokens₂], f32, the same for every sample: a large negative number keeps a token from being looked at
 */
export function attention(
  q: Tensor,
  k: Tensor,
  v: Tensor,
  alpha: number,
  order: RowOrder = 'token',
  bias?: Tensor,
): Tensor {
  const like = (x: Tensor) =>
    x.rank === 4 && x.shape.every((n, i) => n === q.shape[i] || i === (order === 'token' ? 0 : 1));
  check(
    q.rank === 4 && like(k) && sameShape(v.shape, k.shape),
    `attention: [${q.shape}], [${k.shape}] and [${v.shape}]`,
  );
  const axis = order === 'token' ? 0 : 1;
  const pairs = [q.shape[axis], k.shape[axis]];
  check(
    !bias || [1, q.shape[2]].some((heads) => sameShape(bias.shape, [heads, ...pairs])),
    `attention: bias [${bias?.shape}] for [${q.shape}] and [${k.shape}]`,
  );
  return new Tensor('attention', q.shape, bias ? [q, k, v, bias] : [q, k, v], { alpha, order }, q.dtype);
}

/**
 * Gradients of an attention node's q, k and v (outputs 0, 1 and 2) from that of its result; of its bias (output 3), too, unless that is a
 * constant. A node of its own, since executors have kernels for it and differ in what they keep from the forward pass.
 */
export function attentionGradient(of: Tensor, dy: Tensor): Tensor {
  check(of.kind === 'attention' && sameShape(of.shape, dy.shape), `attentionGradient: of ${of.kind} [${of.shape}]`);
  const [q, k, v, bias] = of.inputs;
  const shapes = [k.shape, v.shape];
  if (bias && bias.kind !== 'constant') shapes.push(bias.shape);
  return new Tensor(
    'attentionGradient',
    q.shape,
    bias ? [q, k, v, of, dy, bias] : [q, k, v, of, dy],
    { ...of.attrs, shapes },
    q.dtype,
  );
}

/** Normalises the last axis to mean 0, variance 1; weight and bias [dim]. Further outputs: mean and 1/std, [..., 1]. */
export function layerNorm(x: Tensor, weight: Tensor | undefined, bias: Tensor | undefined, eps: number): Tensor {
  const dim = x.shape[x.rank - 1];
  for (const p of [weight, bias])
    check(!p || sameShape(p.shape, [dim]), `layerNorm: parameters of shape [${p?.shape}] for [${x.shape}]`);
  const w = weight ?? filled(1, [dim]);
  const stat = [...x.shape.slice(0, -1), 1];
  return new Tensor('layerNorm', x.shape, bias ? [x, w, bias] : [x, w], { eps, shapes: [stat, stat] }, floatType(x));
}

/** A further output of a node that has several; 0 is the node itself. */
export function output(of: Tensor, index: number): Tensor {
  const shape = of.attrs.shapes?.[index - 1];
  check(shape !== undefined, `${of.kind} has no output ${index}`);
  const wide = of.kind === 'layerNorm' || of.kind === 'batchNorm2d' || (of.kind === 'attentionGradient' && index === 3);
  return new Tensor('output', shape!, [of], { index }, wide ? 'f32' : of.dtype);
}

/** Softmax over the last axis. */
export const softmax = (x: Tensor): Tensor => new Tensor('softmax', x.shape, [x]);
/** Log-softmax over an axis; default the last. */
export const logSoftmax = (x: Tensor, axis = -1): Tensor =>
  new Tensor('logSoftmax', x.shape, [x], { axis: axis < 0 ? axis + x.rank : axis });

/** Sum over axes, which stay with size 1 unless `keep` is false. */
export function sum(x: Tensor, axes: readonly number[], keep = true): Tensor {
  const all = axes.map((a) => (a < 0 ? a + x.rank : a)).sort((a, b) => a - b);
  const summed = new Tensor(
    'sum',
    x.shape.map((n, i) => (all.includes(i) ? 1 : n)),
    [x],
    { axes: all },
  );
  return keep
    ? summed
    : reshape(
        summed,
        x.shape.filter((_, i) => !all.includes(i)),
      );
}

/** Mean over axes, which stay with size 1 unless `keep` is false. */
export function mean(x: Tensor, axes: readonly number[], keep = true): Tensor {
  const n = axes.reduce((product, a) => product * x.shape[a < 0 ? a + x.rank : a], 1);
  check(n > 0, `mean: over an open axis of [${x.shape}]`);
  return scale(sum(x, axes, keep), 1 / n);
}

export function reshape(x: Tensor, shape: Shape): Tensor {
  check(sizeOf(shape) === x.size, `reshape: [${x.shape}] to [${shape}]`);
  if (x.rank === shape.length && x.shape.every((n, i) => n === shape[i])) return x;
  return new Tensor('reshape', shape, [x], {}, x.dtype);
}

export function transpose(x: Tensor, perm: readonly number[]): Tensor {
  check(perm.length === x.rank && new Set(perm).size === x.rank, `transpose: order [${perm}] for [${x.shape}]`);
  return new Tensor(
    'transpose',
    perm.map((p) => x.shape[p]),
    [x],
    { perm },
    x.dtype,
  );
}

export function concat(parts: readonly Tensor[], axis: number): Tensor {
  if (parts.length === 1) return parts[0];
  const shape = parts[0].shape.map((n, i) => (i === axis ? parts.reduce((s, p) => s + p.shape[axis], 0) : n));
  for (const p of parts)
    check(
      p.dtype === parts[0].dtype && p.rank === shape.length && p.shape.every((n, i) => i === axis || n === shape[i]),
      `concat: [${p.shape}] to [${shape}]`,
    );
  return new Tensor('concat', shape, parts, { axis }, parts[0].dtype);
}

/** `length` entries of an axis, from `start`. */
export function slice(x: Tensor, axis: number, start: number, length: number): Tensor {
  const whole = x.shape[axis];
  // Of an open axis the parts are counted as its size is.
  check(
    Math.sign(length) === Math.sign(whole) && start * whole >= 0 && Math.abs(start + length) <= Math.abs(whole),
    `slice: ${start}+${length} of [${x.shape}] axis ${axis}`,
  );
  if (length === whole) return x;
  return new Tensor(
    'slice',
    x.shape.map((n, i) => (i === axis ? length : n)),
    [x],
    { axis, start },
    x.dtype,
  );
}

/** Zeros before and after along an axis. */
export function pad(x: Tensor, axis: number, before: number, after: number): Tensor {
  if (before === 0 && after === 0) return x;
  return new Tensor(
    'pad',
    x.shape.map((n, i) => (i === axis ? n + before + after : n)),
    [x],
    { axis, before, after },
    x.dtype,
  );
}

/**
 * Rows of a matrix. x [rows, dim], index [n] (i64) → [n, dim]
 * @param o `repeated`: an index may occur more than once (embeddings of words), so gradients of its rows are added up
 */
export function takeRows(x: Tensor, index: Tensor, o: { repeated?: boolean } = {}): Tensor {
  check(x.rank === 2 && index.rank === 1 && index.dtype === 'i64', 'takeRows: a matrix and integer indices');
  return new Tensor('takeRows', [index.shape[0], x.shape[1]], [x, index], o, x.dtype);
}

/**
 * A matrix of zeros with these rows put in. x [n, dim], index [n] → [rows, dim]
 * @param o `repeated`: rows of one index are added up, in float32; else indices must be distinct
 */
export function putRows(x: Tensor, index: Tensor, rows: number, o: { repeated?: boolean } = {}): Tensor {
  check(
    x.rank === 2 && index.rank === 1 && index.dtype === 'i64' && index.shape[0] === x.shape[0],
    `putRows: a matrix and an integer index for each row, not [${x.shape}] and [${index.shape}]`,
  );
  return new Tensor('putRows', [rows, x.shape[1]], [x, index], { rows, ...o }, o.repeated ? 'f32' : x.dtype);
}

/** Repeats axes of size 1 up to `shape`. */
export function broadcast(x: Tensor, shape: Shape): Tensor {
  check(sameShape(broadcastShapes(x.shape, shape, 'broadcast'), shape), `broadcast: [${x.shape}] to [${shape}]`);
  return new Tensor('broadcast', shape, [x], {}, x.dtype);
}

/** x / ‖x‖ over the last axis. */
export function l2Normalise(x: Tensor): Tensor {
  return div(x, sqrt(offset(sum(mul(x, x), [-1]), 1e-24)));
}

/** Normalises every column to mean 0, variance 1 over the rows (batch normalisation in training mode). x [rows, dim] */
export function batchNorm(x: Tensor, weight: Tensor | undefined, bias: Tensor | undefined, eps: number): Tensor {
  const centred = sub(x, mean(x, [0]));
  const normal = div(centred, sqrt(offset(mean(mul(centred, centred), [0]), eps)));
  const scaled = weight ? mul(normal, weight) : normal;
  return bias ? add(scaled, bias) : scaled;
}

function check(ok: boolean, message: string): void {
  if (!ok) throw new Error(`internal: ${message}`);
}

export type { Attrs };
