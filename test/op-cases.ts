import { type DType, gradients, ops, type Shape, sizeOf, type Tensor } from '../src/graph/index.js';
import type { OpKind } from '../src/graph/tensor.js';
import type { Rng } from '../src/rng.js';
import { IMAGE_OP_CASES } from './image-op-cases.js';

type Feed = Float32Array | BigInt64Array | Uint8Array;

export interface DrawOptions {
  /** How float inputs are stored before anything is computed of them. */
  precision?: DType;
  /** Begins the names of inputs, for several cases in one program. */
  prefix?: string;
}

/** Makes graph inputs with random values. */
export class Draw {
  readonly feeds: Record<string, Feed> = {};
  readonly inputs: Tensor[] = [];
  readonly rng: Rng;
  private readonly o: DrawOptions;

  constructor(rng: Rng, o: DrawOptions = {}) {
    this.rng = rng;
    this.o = o;
  }

  /** Values uniform in [low, high). */
  values(shape: Shape, low = -1, high = 1): Tensor {
    const data = Float32Array.from({ length: sizeOf(shape) }, () => this.rng.range(low, high));
    return ops.cast(this.input(shape, data), this.o.precision ?? 'f32');
  }

  /** Bytes. */
  bytes(shape: Shape): Tensor {
    return this.input(
      shape,
      Uint8Array.from({ length: sizeOf(shape) }, () => this.rng.int(256)),
    );
  }

  /** Distinct row numbers below `rows`. */
  rows(count: number, rows: number): Tensor {
    const all = this.rng.shuffle(Array.from({ length: rows }, (_, i) => i)).slice(0, count);
    return this.input([count], BigInt64Array.from(all, BigInt));
  }

  /** An integer in [low, high]. */
  size(low = 1, high = 4): number {
    return low + this.rng.int(high - low + 1);
  }

  /** A shape of `rank` axes. */
  shape(rank = this.size(1, 4)): number[] {
    return Array.from({ length: rank }, () => this.size());
  }

  /** A shape that broadcasts to `shape`: some axes are 1, some leading ones are missing. */
  narrower(shape: Shape): number[] {
    const kept = shape.map((n) => (this.rng.chance(0.4) ? 1 : n));
    return kept.slice(this.rng.int(shape.length + 1));
  }

  private input(shape: Shape, data: Feed): Tensor {
    const name = `${this.o.prefix ?? ''}in${Object.keys(this.feeds).length}`;
    const dtype = data instanceof BigInt64Array ? 'i64' : data instanceof Uint8Array ? 'u8' : 'f32';
    const t = ops.input(name, shape, dtype);
    this.feeds[name] = data;
    this.inputs.push(t);
    return t;
  }
}

type Case = (d: Draw) => Tensor | Tensor[];

/** Two shapes of which either may be the narrower. */
function pair(d: Draw, low: number, high: number): [Tensor, Tensor] {
  const shape = d.shape();
  const other = d.narrower(shape);
  return d.rng.chance(0.5)
    ? [d.values(shape, low, high), d.values(other, low, high)]
    : [d.values(other, low, high), d.values(shape, low, high)];
}

const unary =
  (op: (x: Tensor) => Tensor, low = -2, high = 2): Case =>
  (d) =>
    op(d.values(d.shape(), low, high));

/** [tokens, samples, heads, d] */
const heads = (d: Draw, tokens: number, samples: number, count: number, dim: number) =>
  d.values([tokens, samples, count, dim]);

/** Graphs that exercise each kind of op; a kind without one does not compile. */
export const OP_CASES: Record<OpKind, Case[]> = {
  input: [(d) => d.values(d.shape())],
  constant: [
    (d) => ops.add(d.values([2, 3]), ops.constant(Float32Array.of(1, -2, 0.5), [3])),
    (d) => ops.takeRows(d.values([3, 2]), ops.constant(BigInt64Array.of(2n, 0n), [2])),
  ],
  output: [
    (d) => ops.output(ops.layerNorm(d.values([3, 5]), undefined, undefined, 1e-3), 1),
    (d) => ops.output(ops.layerNorm(d.values([3, 5]), undefined, undefined, 1e-3), 2),
    (d) => {
      const x = heads(d, 3, 2, 2, 4);
      const dq = ops.attentionGradient(ops.attention(x, heads(d, 3, 2, 2, 4), x, 0.5), heads(d, 3, 2, 2, 4));
      return [dq, ops.output(dq, 1), ops.output(dq, 2)];
    },
  ],
  add: [
    (d) => ops.add(...pair(d, -1, 1)),
    (d) => {
      const x = d.values([3, 2]);
      return ops.add(x, x);
    },
    // What is repeated only to be added is not written out.
    (d) => ops.add(ops.broadcast(d.values([1, 3]), [2, 3]), d.values([2, 3])),
    (d) => ops.add(ops.broadcast(d.values([1, 3]), [2, 3]), d.values([1, 3])),
  ],
  sub: [(d) => ops.sub(...pair(d, -1, 1))],
  mul: [
    (d) => ops.mul(...pair(d, -1, 1)),
    (d) => {
      const x = d.values([4]);
      return ops.mul(x, x);
    },
  ],
  div: [
    (d) => ops.div(...pair(d, 0.5, 2)),
    // Normalisation over the batch is made of other operations.
    (d) => ops.batchNorm(d.values([6, 3]), d.values([3]), d.values([3]), 1e-2),
    (d) => ops.batchNorm(d.values([6, 3]), undefined, undefined, 1e-2),
  ],
  maximum: [(d) => ops.maximum(...pair(d, -1, 1))],
  minimum: [(d) => ops.minimum(...pair(d, -1, 1))],
  greater: [(d) => ops.greater(...pair(d, -1, 1))],
  equal: [
    (d) => {
      const [a, b] = [d.rows(4, 6), d.rows(4, 6)];
      return ops.equal(ops.reshape(a, [4, 1]), ops.reshape(b, [1, 4]));
    },
    (d) => ops.equal(ops.greater(d.values([2, 3]), d.values([3])), ops.filled(1, [])),
  ],
  isFinite: [
    (d) => ops.finite(ops.log(d.values([3, 4], -1, 1))),
    (d) => {
      const x = d.values([6], -1, 1);
      return ops.finite(ops.div(x, ops.maximum(x, ops.filled(0, []))));
    },
  ],
  where: [
    (d) => {
      const [a, b] = pair(d, -1, 1);
      return ops.where(ops.greater(a, b), ops.mul(a, b), a);
    },
    // What is not chosen may be no number.
    (d) => {
      const x = d.values([6], -1, 1);
      const ok = ops.greater(x, ops.filled(0.1, []));
      return ops.where(ok, ops.log(ops.where(ok, x, ops.filled(1, []))), ops.filled(-3, [1]));
    },
  ],
  cast: [(d) => ops.cast(d.bytes([3, 4]), 'f32'), (d) => ops.add(ops.cast(d.rows(3, 5), 'f32'), d.values([3]))],
  barrier: [
    (d) => {
      const x = d.values([2, 3]);
      return ops.exp(ops.barrier(x, ops.sum(x, [0])));
    },
  ],
  scale: [(d) => ops.scale(d.values(d.shape()), d.rng.range(-2, 2))],
  offset: [(d) => ops.offset(d.values(d.shape()), d.rng.range(-2, 2))],
  exp: [unary(ops.exp)],
  log: [unary(ops.log, 0.5, 2)],
  sqrt: [unary(ops.sqrt, 0.5, 2)],
  erf: [unary(ops.erf)],
  gelu: [unary(ops.gelu, -4, 4)],
  gemm: [false, true].flatMap((transA) =>
    [false, true].map(
      (transB): Case =>
        (d) => {
          const [m, k, n] = [d.size(), d.size(), d.size()];
          const a = d.values(transA ? [k, m] : [m, k]);
          const b = d.values(transB ? [n, k] : [k, n]);
          const bias = d.rng.chance(0.5) ? d.values([n]) : undefined;
          return ops.gemm(a, b, { transA, transB, alpha: d.rng.range(0.5, 2), bias });
        },
    ),
  ),
  attention: (['token', 'sample'] as const).flatMap((order): Case[] => {
    const rows = (d: Draw, tokens: number, samples: number, count: number, dim: number) =>
      order === 'token' ? heads(d, tokens, samples, count, dim) : heads(d, samples, tokens, count, dim);
    return [
      (d) => {
        const [s, h, e, t, t2] = [d.size(), d.size(), d.size(), d.size(), d.size()];
        const [q, k, v] = [t, t2, t2].map((tokens) => rows(d, tokens, s, h, e));
        return ops.attention(q, k, v, d.rng.range(0.5, 2), order);
      },
      (d) => {
        const x = rows(d, 3, 2, 2, 2);
        return ops.attention(x, x, x, 0.7, order);
      },
      // With a bias of each head or of all, which may keep tokens from each other (the diagonal stays).
      (d) => {
        const [s, h, e, t, t2] = [d.size(), d.size(), d.size(), d.size(), d.size()];
        const [q, k, v] = [t, t2, t2].map((tokens) => rows(d, tokens, s, h, e));
        return ops.attention(q, k, v, d.rng.range(0.5, 2), order, d.values([d.rng.chance(0.5) ? 1 : h, t, t2]));
      },
      (d) => {
        const x = rows(d, 3, 2, 2, 2);
        const causal = ops.constant(Float32Array.of(0, -1e9, -1e9, 0, 0, -1e9, 0, 0, 0), [1, 3, 3]);
        return ops.attention(x, x, x, 0.7, order, causal);
      },
    ];
  }),
  attentionGradient: (['token', 'sample'] as const).map(
    (order): Case =>
      (d) => {
        const [a, b, h, e] = [d.size(), d.size(), d.size(), d.size()];
        const [q, k, v, dy] = [0, 1, 2, 3].map(() => heads(d, a, b, h, e));
        const dq = ops.attentionGradient(ops.attention(q, k, v, d.rng.range(0.5, 2), order), dy);
        return [dq, ops.output(dq, 1), ops.output(dq, 2)];
      },
  ),
  layerNorm: [
    (d) => {
      const shape = [...d.shape(d.size(0, 2)), d.size(2, 5)];
      const dim = [shape.at(-1)!];
      return ops.layerNorm(d.values(shape), d.values(dim), d.values(dim), 1e-2);
    },
    (d) => ops.layerNorm(d.values([3, 5]), undefined, undefined, 1e-2),
    (d) => ops.layerNorm(d.values([3, 5]), d.values([5]), undefined, 1e-2),
    (d) => ops.layerNorm(d.values([3, 5]), undefined, d.values([5]), 1e-2),
  ],
  softmax: [unary(ops.softmax)],
  logSoftmax: [
    unary(ops.logSoftmax),
    (d) => {
      const shape = d.shape();
      return ops.logSoftmax(d.values(shape, -2, 2), d.rng.int(shape.length));
    },
    // Candidates are left out by a large negative number.
    (d) => ops.exp(ops.logSoftmax(ops.add(d.values([2, 3]), ops.constant(Float32Array.of(0, -1e9, 0), [3])))),
  ],
  sum: [
    (d) => {
      const shape = d.shape();
      const axes = shape.flatMap((_, i) => (d.rng.chance(0.5) ? [d.rng.chance(0.5) ? i : i - shape.length] : []));
      return ops.sum(d.values(shape), axes.length > 0 ? axes : [-1], d.rng.chance(0.5));
    },
    (d) => ops.mean(d.values([3, 2, 4]), [0, -1]),
    (d) => ops.mean(d.values([3, 2, 4]), [1, 2], false),
  ],
  reshape: [
    (d) => {
      const [a, b, c] = [d.size(), d.size(), d.size()];
      return ops.reshape(d.values([a, b, c]), [c, a * b]);
    },
    (d) => ops.takeRows(d.values([4, 2]), ops.reshape(d.rows(3, 4), [3])),
  ],
  transpose: [
    (d) => {
      const shape = d.shape();
      return ops.transpose(d.values(shape), d.rng.shuffle(shape.map((_, i) => i)));
    },
  ],
  concat: [
    (d) => {
      const shape = d.shape();
      const axis = d.rng.int(shape.length);
      const parts = Array.from({ length: d.size(1, 3) }, () => d.values(shape.with(axis, d.size())));
      return ops.concat([...parts, parts[0]], axis);
    },
  ],
  slice: [
    (d) => {
      const shape = d.shape();
      const axis = d.rng.int(shape.length);
      const start = d.rng.int(shape[axis]);
      return ops.slice(d.values(shape), axis, start, 1 + d.rng.int(shape[axis] - start));
    },
  ],
  pad: [
    (d) => {
      const shape = d.shape();
      return ops.pad(d.values(shape), d.rng.int(shape.length), d.size(0, 2), d.size(1, 2));
    },
  ],
  takeRows: [
    (d) => {
      const rows = d.size(2, 6);
      return ops.takeRows(d.values([rows, d.size()]), d.rows(d.size(1, rows), rows));
    },
    (d) => {
      const rows = d.size(2, 6);
      const index = ops.reshape(ops.concat([d.rows(rows, rows), d.rows(1, rows), d.rows(1, rows)], 0), [rows + 2]);
      return ops.takeRows(d.values([rows, d.size()]), index, { repeated: true });
    },
  ],
  putRows: [
    (d) => {
      const rows = d.size(2, 6);
      const n = d.size(1, rows);
      return ops.putRows(d.values([n, d.size()]), d.rows(n, rows), rows);
    },
    (d) => {
      const rows = d.size(2, 6);
      const index = ops.concat([d.rows(rows, rows), d.rows(1, rows)], 0);
      return ops.putRows(d.values([rows + 1, d.size()]), index, rows, { repeated: true });
    },
  ],
  broadcast: [
    (d) => {
      const shape = d.shape();
      return ops.broadcast(d.values(d.narrower(shape)), shape);
    },
  ],
  ...IMAGE_OP_CASES,
};

/** Kinds that no derivative passes through: leaves, and outputs that only the backward pass reads. */
export const WITHOUT_GRADIENT: readonly OpKind[] = [
  ...([
    'input',
    'constant',
    'output',
    'greater',
    'equal',
    'isFinite',
    'cast',
    'attentionGradient',
    'maxPool2dGradient',
  ] as const),
];

/** A case as a program: its outputs `y0…`, the loss Σ w·y for random w, and `g0…`, the loss's gradients by the float inputs; and `terms`, what the loss sums. */
export function program(make: Case, rng: Rng, differentiate = true, o: DrawOptions = {}) {
  const draw = new Draw(rng, o);
  const made = make(draw);
  const ys = Array.isArray(made) ? made : [made];
  const floats = draw.inputs.filter((t) => t.dtype === 'f32');
  const terms = ys.map((y) => ops.reshape(ops.mul(y, draw.values(y.shape)), [y.size]));
  const outputs: Record<string, Tensor> = Object.fromEntries(ys.map((y, i) => [`y${i}`, y]));
  outputs.loss = terms.map((t) => ops.sum(t, [0])).reduce(ops.add);
  if (differentiate)
    gradients(outputs.loss, floats).forEach((g, i) => {
      if (!g) throw new Error(`no gradient of input ${floats[i].attrs.name}`);
      outputs[`g${i}`] = g;
    });
  return { outputs, feeds: draw.feeds, floats, terms };
}
