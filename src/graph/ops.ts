import { type Attrs, broadcastShapes, type DType, type Shape, sameShape, sizeOf, Tensor } from './tensor.js';

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

function elementwise(kind: 'add' | 'sub' | 'mul' | 'div', a: Tensor, b: Tensor): Tensor {
  const shape = broadcastShapes(a.shape, b.shape, kind);
  // What was repeated only to be combined element by element need not be written out.
  const [x, y] = [unrepeated(a), unrepeated(b)];
  const lazy = sameShape(broadcastShapes(x.shape, y.shape, kind), shape);
  return new Tensor(kind, shape, lazy ? [x, y] : [a, b]);
}

function unrepeated(x: Tensor): Tensor {
  return x.kind === 'broadcast' ? x.inputs[0] : x;
}

/** x · by */
export function scale(x: Tensor, by: number): Tensor {
  return by === 1 ? x : new Tensor('scale', x.shape, [x], { by });
}

/** x + by */
export function offset(x: Tensor, by: number): Tensor {
  return new Tensor('offset', x.shape, [x], { by });
}

export const neg = (x: Tensor): Tensor => scale(x, -1);
export const exp = (x: Tensor): Tensor => new Tensor('exp', x.shape, [x]);
export const log = (x: Tensor): Tensor => new Tensor('log', x.shape, [x]);
export const sqrt = (x: Tensor): Tensor => new Tensor('sqrt', x.shape, [x]);
export const erf = (x: Tensor): Tensor => new Tensor('erf', x.shape, [x]);

/** Exact GELU, x·Φ(x). */
export const gelu = (x: Tensor): Tensor => new Tensor('gelu', x.shape, [x]);

/** alpha·op(a)·op(b) + bias of matrices; bias [columns] is added to every row. */
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
  return new Tensor('gemm', [m, n], bias ? [a, b, bias] : [a, b], { transA, transB, alpha });
}

/** x·wᵀ + bias. x [rows, in], w [out, in], bias [out] → [rows, out] */
export function linear(x: Tensor, w: Tensor, bias?: Tensor): Tensor {
  return gemm(x, w, { transB: true, bias });
}

/** alpha·q·kᵀ within each sample and head. q [tokens, samples, heads, d], k [tokens₂, samples, heads, d] → [samples, heads, tokens, tokens₂] */
export function scores(q: Tensor, k: Tensor, alpha = 1): Tensor {
  check(q.rank === 4 && k.rank === 4, 'scores: operands have four axes');
  check(
    q.shape.slice(1).every((n, i) => n === k.shape[i + 1]),
    `scores: [${q.shape}] and [${k.shape}]`,
  );
  return new Tensor('scores', [q.shape[1], q.shape[2], q.shape[0], k.shape[0]], [q, k], { alpha });
}

/** alpha·p·v (p transposed if asked) within each sample and head. p [samples, heads, tokens, tokens₂], v [tokens₂, samples, heads, d] → [tokens, samples, heads, d] */
export function mix(p: Tensor, v: Tensor, options: { transP?: boolean; alpha?: number } = {}): Tensor {
  const { transP = false, alpha = 1 } = options;
  const [s, h, t, t2] = p.shape;
  check(p.rank === 4 && v.rank === 4, 'mix: operands have four axes');
  check(v.shape[0] === (transP ? t : t2) && v.shape[1] === s && v.shape[2] === h, `mix: [${p.shape}] and [${v.shape}]`);
  return new Tensor('mix', [transP ? t2 : t, s, h, v.shape[3]], [p, v], { transA: transP, alpha });
}

/**
 * softmax(alpha·q·kᵀ)·v. q [tokens, samples, heads, d], k and v [tokens₂, samples, heads, d] → [tokens, samples, heads, d].
 * A second output holds the probabilities [samples, heads, tokens, tokens₂].
 */
export function attention(q: Tensor, k: Tensor, v: Tensor, alpha: number): Tensor {
  const [t, s, h, d] = q.shape;
  check(
    sameShape(k.shape, [k.shape[0], s, h, d]) && sameShape(v.shape, k.shape),
    `attention: [${q.shape}], [${k.shape}] and [${v.shape}]`,
  );
  return new Tensor('attention', q.shape, [q, k, v], { alpha, shapes: [[s, h, t, k.shape[0]]] });
}

/** Normalises the last axis to mean 0, variance 1; weight and bias [dim]. Further outputs: mean and 1/std, [..., 1]. */
export function layerNorm(x: Tensor, weight: Tensor | undefined, bias: Tensor | undefined, eps: number): Tensor {
  const dim = x.shape[x.rank - 1];
  for (const p of [weight, bias])
    check(!p || sameShape(p.shape, [dim]), `layerNorm: parameters of shape [${p?.shape}] for [${x.shape}]`);
  const w = weight ?? filled(1, [dim]);
  const stat = [...x.shape.slice(0, -1), 1];
  return new Tensor('layerNorm', x.shape, bias ? [x, w, bias] : [x, w], { eps, shapes: [stat, stat] });
}

/** A further output of a node that has several; 0 is the node itself. */
export function output(of: Tensor, index: number): Tensor {
  const shape = of.attrs.shapes?.[index - 1];
  check(shape !== undefined, `${of.kind} has no output ${index}`);
  return new Tensor('output', shape!, [of], { index });
}

/** Softmax over the last axis. */
export const softmax = (x: Tensor): Tensor => new Tensor('softmax', x.shape, [x]);
/** Log-softmax over the last axis. */
export const logSoftmax = (x: Tensor): Tensor => new Tensor('logSoftmax', x.shape, [x]);

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
  );
}

export function concat(parts: readonly Tensor[], axis: number): Tensor {
  if (parts.length === 1) return parts[0];
  const shape = parts[0].shape.map((n, i) => (i === axis ? parts.reduce((s, p) => s + p.shape[axis], 0) : n));
  for (const p of parts)
    check(
      p.rank === shape.length && p.shape.every((n, i) => i === axis || n === shape[i]),
      `concat: [${p.shape}] to [${shape}]`,
    );
  return new Tensor('concat', shape, parts, { axis });
}

/** `length` entries of an axis, from `start`. */
export function slice(x: Tensor, axis: number, start: number, length: number): Tensor {
  check(
    start >= 0 && length > 0 && start + length <= x.shape[axis],
    `slice: ${start}+${length} of [${x.shape}] axis ${axis}`,
  );
  if (length === x.shape[axis]) return x;
  return new Tensor(
    'slice',
    x.shape.map((n, i) => (i === axis ? length : n)),
    [x],
    { axis, start },
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
  );
}

/** Rows of a matrix. x [rows, dim], index [n] (i64) → [n, dim] */
export function takeRows(x: Tensor, index: Tensor): Tensor {
  check(x.rank === 2 && index.rank === 1 && index.dtype === 'i64', 'takeRows: a matrix and integer indices');
  return new Tensor('takeRows', [index.shape[0], x.shape[1]], [x, index]);
}

/** A matrix of zeros with these rows put in; indices must be distinct. x [n, dim], index [n] → [rows, dim] */
export function putRows(x: Tensor, index: Tensor, rows: number): Tensor {
  check(
    x.rank === 2 && index.rank === 1 && index.dtype === 'i64' && index.shape[0] === x.shape[0],
    `putRows: a matrix and an integer index for each row, not [${x.shape}] and [${index.shape}]`,
  );
  return new Tensor('putRows', [rows, x.shape[1]], [x, index], { rows });
}

/** Repeats axes of size 1 up to `shape`. */
export function broadcast(x: Tensor, shape: Shape): Tensor {
  check(sameShape(broadcastShapes(x.shape, shape, 'broadcast'), shape), `broadcast: [${x.shape}] to [${shape}]`);
  return new Tensor('broadcast', shape, [x]);
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
