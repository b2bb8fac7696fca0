import { erf } from './erf.js';
import { imageRules } from './interpret-image.js';
import { type OpKind, type RowOrder, reachable, type Shape, sizeOf, type Tensor } from './tensor.js';

/**
 * What every op computes, in the plainest loops and in double precision: the definition that executors are held to.
 * A rule gets the node, the values of its inputs and gives the values of its outputs, each row-major.
 */
type Rule = (node: Tensor, inputs: Values[]) => Values[];
type Values = Float64Array;

/**
 * Computes `outputs` in double precision. Slow: for tests and for looking things up.
 * @param feeds a value for every input that the outputs need, by name, row-major
 * @returns each output's values, row-major
 * @throws Error when an input is missing or of another size
 */
export function interpret(
  outputs: Record<string, Tensor>,
  feeds: Record<string, ArrayLike<number> | BigInt64Array>,
): Record<string, Float64Array> {
  const values = new Map<Tensor, Values[]>();
  for (const node of reachable(Object.values(outputs))) {
    const inputs = node.inputs.map((x) => values.get(x)![0]);
    if (node.kind === 'input') values.set(node, [fed(node, feeds)]);
    else if (node.kind === 'output') values.set(node, [values.get(node.inputs[0])![node.attrs.index!]]);
    else values.set(node, rules[node.kind](node, inputs));
  }
  return Object.fromEntries(Object.entries(outputs).map(([name, t]) => [name, values.get(t)![0].slice()]));
}

function fed(node: Tensor, feeds: Record<string, ArrayLike<number> | BigInt64Array>): Values {
  const name = node.attrs.name!;
  const value = feeds[name];
  if (!value) throw new Error(`interpret: no value for input ${name}`);
  if (value.length !== node.size)
    throw new Error(`interpret: ${value.length} values for input ${name} of shape [${node.shape}]`);
  return Float64Array.from(value as ArrayLike<number>, Number);
}

const rules: Record<Exclude<OpKind, 'input' | 'output'>, Rule> = {
  constant: (n) => [Float64Array.from(n.attrs.data as ArrayLike<number>, Number)],
  add: elementwise((a, b) => a + b),
  sub: elementwise((a, b) => a - b),
  mul: elementwise((a, b) => a * b),
  div: elementwise((a, b) => a / b),
  scale: (n, [x]) => [x.map((a) => a * n.attrs.by!)],
  offset: (n, [x]) => [x.map((a) => a + n.attrs.by!)],
  maximum: elementwise(Math.max),
  minimum: elementwise(Math.min),
  greater: elementwise((a, b) => (a > b ? 1 : 0)),
  equal: elementwise((a, b) => (a === b ? 1 : 0)),
  isFinite: (_, [x]) => [x.map((a) => (Number.isFinite(a) ? 1 : 0))],
  where: (n, [mask, a, b]) => {
    const [on, left, right] = n.inputs.map((x) => place(x.shape));
    return [fill(n.shape, (at) => (mask[on(at)] !== 0 ? a[left(at)] : b[right(at)]))];
  },
  cast: (_, [x]) => [x],
  barrier: (_, [x]) => [x],
  exp: (_, [x]) => [x.map(Math.exp)],
  log: (_, [x]) => [x.map(Math.log)],
  sqrt: (_, [x]) => [x.map(Math.sqrt)],
  erf: (_, [x]) => [x.map(erf)],
  gelu: (_, [x]) => [x.map((a) => 0.5 * a * (1 + erf(a / Math.SQRT2)))],

  gemm: (n, [a, b, bias]) => {
    const [rows, columns] = n.shape;
    const { transA, transB, alpha } = n.attrs;
    const inner = n.inputs[0].shape[transA ? 0 : 1];
    const y = new Float64Array(rows * columns);
    for (let i = 0; i < rows; i++)
      for (let j = 0; j < columns; j++) {
        let sum = 0;
        for (let k = 0; k < inner; k++)
          sum += (transA ? a[k * rows + i] : a[i * inner + k]) * (transB ? b[j * inner + k] : b[k * columns + j]);
        y[i * columns + j] = alpha! * sum + (bias ? bias[j] : 0);
      }
    return [y];
  },

  attention: (n, [q, k, v, bias]) => [attend(n, q, k, v, bias).y],
  attentionGradient: (n, [q, k, v, , dy, bias]) => {
    const { order, alpha } = n.attrs;
    const [qs, ks, vs] = n.inputs.map((x) => byToken(x.shape, order!));
    const [qt, kt, vt, dt] = [q, k, v, dy].map((x, i) => toToken(x, n.inputs[i === 3 ? 4 : i].shape, order!));
    const { p } = attend(n, q, k, v, bias);
    const shape = [qs[1], qs[2], qs[0], ks[0]];
    const dp = scores(qs, dt, vs, vt, 1);
    const ds = new Float64Array(p.length);
    for (let at = 0; at < p.length; at += ks[0]) {
      let total = 0;
      for (let j = at; j < at + ks[0]; j++) total += p[j] * dp[j];
      for (let j = at; j < at + ks[0]; j++) ds[j] = p[j] * (dp[j] - total);
    }
    const three = [
      mix(shape, ds, ks, kt, false, alpha!),
      mix(shape, ds, qs, qt, true, alpha!),
      mix(shape, p, qs, dt, true, 1),
    ].map((x, i) => toToken(x, i === 0 ? qs : ks, order!));
    const pairs = n.attrs.shapes![2];
    if (!pairs) return three;
    const db = new Float64Array(sizeOf(pairs));
    const to = place(pairs);
    each(shape, ([, head, t, t2], i) => {
      db[to([head, t, t2])] += ds[i];
    });
    return [...three, db];
  },

  layerNorm: (n, [x, weight, bias]) => {
    const dim = n.shape[n.rank - 1];
    const rows = n.size / dim;
    const y = new Float64Array(n.size);
    const means = new Float64Array(rows);
    const inverses = new Float64Array(rows);
    for (let r = 0; r < rows; r++) {
      const row = x.subarray(r * dim, (r + 1) * dim);
      means[r] = row.reduce((s, a) => s + a, 0) / dim;
      const variance = row.reduce((s, a) => s + (a - means[r]) ** 2, 0) / dim;
      inverses[r] = 1 / Math.sqrt(variance + n.attrs.eps!);
      for (let i = 0; i < dim; i++)
        y[r * dim + i] = (row[i] - means[r]) * inverses[r] * weight[i] + (bias ? bias[i] : 0);
    }
    return [y, means, inverses];
  },
  softmax: (n, [x]) => [byRow(x, n.shape[n.rank - 1], softmax)],
  logSoftmax: (n, [x]) => {
    const { axis } = n.attrs;
    const stride = sizeOf(n.shape.slice(axis! + 1));
    const along = n.shape[axis!];
    const y = new Float64Array(n.size);
    for (let row = 0; row < n.size / along; row++) {
      const start = Math.floor(row / stride) * along * stride + (row % stride);
      const values = Float64Array.from({ length: along }, (_, i) => x[start + i * stride]);
      logSoftmax(values).forEach((value, i) => {
        y[start + i * stride] = value;
      });
    }
    return [y];
  },

  sum: (n, [x]) => {
    const y = new Float64Array(n.size);
    const to = place(n.shape);
    each(n.inputs[0].shape, (at, i) => {
      y[to(at.map((a, axis) => (n.attrs.axes!.includes(axis) ? 0 : a)))] += x[i];
    });
    return [y];
  },
  reshape: (_, [x]) => [x],
  transpose: (n, [x]) => {
    const from = place(n.inputs[0].shape);
    return [
      fill(n.shape, (at) => {
        const there: number[] = [];
        n.attrs.perm!.forEach((axis, i) => {
          there[axis] = at[i];
        });
        return x[from(there)];
      }),
    ];
  },
  concat: (n, inputs) => {
    const { axis } = n.attrs;
    const y = new Float64Array(n.size);
    const to = place(n.shape);
    let start = 0;
    n.inputs.forEach((part, p) => {
      each(part.shape, (at, i) => {
        y[to(at.with(axis!, at[axis!] + start))] = inputs[p][i];
      });
      start += part.shape[axis!];
    });
    return [y];
  },
  slice: (n, [x]) => {
    const { axis, start } = n.attrs;
    const from = place(n.inputs[0].shape);
    return [fill(n.shape, (at) => x[from(at.with(axis!, at[axis!] + start!))])];
  },
  pad: (n, [x]) => {
    const { axis, before } = n.attrs;
    const y = new Float64Array(n.size);
    const to = place(n.shape);
    each(n.inputs[0].shape, (at, i) => {
      y[to(at.with(axis!, at[axis!] + before!))] = x[i];
    });
    return [y];
  },
  takeRows: (n, [x, index]) => [fill(n.shape, ([row, column]) => x[index[row] * n.shape[1] + column])],
  putRows: (n, [x, index]) => {
    const y = new Float64Array(n.size);
    each(n.inputs[0].shape, ([row, column], i) => {
      const at = index[row] * n.shape[1] + column;
      y[at] = n.attrs.repeated ? y[at] + x[i] : x[i];
    });
    return [y];
  },
  broadcast: (n, [x]) => {
    const from = place(n.inputs[0].shape);
    return [fill(n.shape, (at) => x[from(at)])];
  },
  ...imageRules,
};

/** Every kind of op, for tables that must not forget one. */
export const OP_KINDS: readonly OpKind[] = ['input', 'output', ...(Object.keys(rules) as OpKind[])];

function elementwise(f: (a: number, b: number) => number): Rule {
  return (n, [a, b]) => {
    const [left, right] = n.inputs.map((x) => place(x.shape));
    return [fill(n.shape, (at) => f(a[left(at)], b[right(at)]))];
  };
}

/** The shape [tokens, samples, heads, d] of what is stored in this order, and back: both exchange the first two axes. */
const byToken = ([a, b, h, d]: Shape, order: RowOrder): Shape => (order === 'token' ? [a, b, h, d] : [b, a, h, d]);

/** Values of `shape` with the first two axes exchanged where samples are the outer one. */
function toToken(x: Values, shape: Shape, order: RowOrder): Values {
  if (order === 'token') return x;
  const from = place(shape);
  return fill(byToken(shape, order), ([a, b, h, d]) => x[from([b, a, h, d])]);
}

/** The result of an attention node (or of its gradient's), and its probabilities [samples, heads, tokens, tokens₂]. */
function attend(n: Tensor, q: Values, k: Values, v: Values, bias?: Values): { y: Values; p: Values } {
  const { order, alpha } = n.attrs;
  const [qs, ks, vs] = n.inputs.map((x) => byToken(x.shape, order!));
  const [qt, kt, vt] = [q, k, v].map((x, i) => toToken(x, n.inputs[i].shape, order!));
  const shape = [qs[1], qs[2], qs[0], ks[0]];
  const s = scores(qs, qt, ks, kt, alpha!);
  if (bias) {
    const from = place(n.inputs.at(-1)!.shape);
    each(shape, (at, i) => {
      s[i] += bias[from(at)];
    });
  }
  const p = byRow(s, ks[0], softmax);
  return { y: toToken(mix(shape, p, vs, vt, false, 1), qs, order!), p };
}

function scores(qs: Shape, q: Values, ks: Shape, k: Values, alpha: number): Values {
  const [tokens, samples, heads, d] = qs;
  const [qAt, kAt] = [place(qs), place(ks)];
  return fill([samples, heads, tokens, ks[0]], ([s, h, t, t2]) => {
    let sum = 0;
    for (let i = 0; i < d; i++) sum += q[qAt([t, s, h, i])] * k[kAt([t2, s, h, i])];
    return alpha * sum;
  });
}

function mix(ps: Shape, p: Values, vs: Shape, v: Values, transP: boolean, alpha: number): Values {
  const [samples, heads, t, t2] = ps;
  const [rows, inner] = transP ? [t2, t] : [t, t2];
  const [pAt, vAt] = [place(ps), place(vs)];
  return fill([rows, samples, heads, vs[3]], ([row, s, h, i]) => {
    let sum = 0;
    for (let j = 0; j < inner; j++) sum += p[pAt(transP ? [s, h, j, row] : [s, h, row, j])] * v[vAt([j, s, h, i])];
    return alpha * sum;
  });
}

function softmax(row: Values): Values {
  return logSoftmax(row).map(Math.exp);
}

function logSoftmax(row: Values): Values {
  const top = row.reduce((a, b) => Math.max(a, b));
  const total = row.reduce((s, a) => s + Math.exp(a - top), 0);
  return row.map((a) => a - top - Math.log(total));
}

function byRow(x: Values, dim: number, f: (row: Values) => Values): Values {
  const y = new Float64Array(x.length);
  for (let at = 0; at < x.length; at += dim) y.set(f(x.subarray(at, at + dim)), at);
  return y;
}

/** Calls `f` with the coordinates of every element of a shape, in row-major order, and its number. */
function each(shape: Shape, f: (at: number[], i: number) => void): void {
  const at = shape.map(() => 0);
  for (let i = 0; i < sizeOf(shape); i++) {
    f(at, i);
    for (let axis = shape.length - 1; axis >= 0 && ++at[axis] === shape[axis]; axis--) at[axis] = 0;
  }
}

function fill(shape: Shape, f: (at: number[]) => number): Values {
  const y = new Float64Array(sizeOf(shape));
  each(shape, (at, i) => {
    y[i] = f(at);
  });
  return y;
}

/** Where coordinates lie in a row-major array of this shape; axes of size 1 and missing leading axes are broadcast. */
function place(shape: Shape): (at: readonly number[]) => number {
  return (at) => {
    let i = 0;
    const lead = at.length - shape.length;
    for (let axis = 0; axis < shape.length; axis++) i = i * shape[axis] + (shape[axis] === 1 ? 0 : at[axis + lead]);
    return i;
  };
}
