import { toHalf } from '../../formats/half.js';
import { ProtoWriter } from '../../formats/protobuf.js';
import { type DType, type OpKind, type RowOrder, reachable, type Shape, type Tensor } from '../../graph/tensor.js';
import { imageOperators } from './onnx-image.js';
import {
  type AttrValue,
  attribute,
  BOOL,
  elementType,
  FLOAT,
  namedShape,
  tensorProto,
  valueInfo,
} from './onnx-messages.js';
import { lowerPictures, type Pictures } from './pictures.js';

export type Provider = 'cpu' | 'webgpu' | 'cuda';

export interface LoweringOptions {
  /** Only operators of the ONNX standard, for files that leave the house. */
  portable?: boolean;
  /** This input is not given but computed, from pictures of any size that take its name: `pictures.ts`. */
  pictures?: { input: string } & Pictures;
  /** Constants of more than a thousand numbers are kept as halves and widened when the model is loaded: half the file. */
  halfWeights?: boolean;
}

/** A graph ready for a session: ONNX bytes and the names by which values go in and out. */
export interface OnnxModel {
  bytes: Uint8Array;
  inputs: { name: string; shape: Shape; dtype: DType }[];
  outputs: { name: string; shape: Shape }[];
}

const OPSET = 20;
const IR_VERSION = 9;
/** Numbers of a constant that are not worth a conversion. */
const FEW = 1000;

/**
 * Serialises the graph that computes `outputs` as an ONNX model.
 * @param provider kernels differ: the CPU has FusedMatMul, which spares the transposes around attention; others get MatMul between transposes
 */
export function toOnnx(
  outputs: Record<string, Tensor>,
  provider: Provider = 'cpu',
  options: LoweringOptions = {},
): OnnxModel {
  return new Lowering(provider, options).model(outputs);
}

class Lowering {
  private readonly graph = new ProtoWriter();
  /** Where nodes go: the graph, or a branch of it. */
  private nodes = this.graph;
  /** Names of our own begin with an underscore, which no input or output does. */
  private readonly names = new Map<Tensor, string>();
  private readonly shared = new Map<string, string>();
  private temporaries = 0;
  private inputs: readonly Tensor[] = [];
  private batch: string | undefined;
  private readonly provider: Provider;
  private readonly options: LoweringOptions;

  constructor(provider: Provider, options: LoweringOptions) {
    this.provider = provider;
    this.options = options;
  }

  model(outputs: Record<string, Tensor>): OnnxModel {
    const nodes = reachable(Object.values(outputs));
    const inputs = nodes.filter((n) => n.kind === 'input');
    const { pictures } = this.options;
    nodes.forEach((n, i) => {
      if (n.kind === 'input') this.names.set(n, n.attrs.name === pictures?.input ? '_images' : n.attrs.name!);
      else if (n.kind === 'output') this.names.set(n, `${this.name(n.inputs[0])}_${n.attrs.index}`);
      else this.names.set(n, `_t${i}`);
    });
    this.inputs = inputs;
    if (pictures) lowerPictures(this, pictures.input, '_images', pictures);
    for (const n of nodes) {
      if (n.dtype === 'bf16') throw new Error(`internal: ${n.kind} in bfloat16, which ONNX Runtime does not compute`);
      lower[n.kind](this, n);
    }
    for (const [name, t] of Object.entries(outputs)) this.node('Identity', [this.name(t)], [name]);

    const g = this.graph.string(2, 'synclr');
    for (const n of inputs) {
      const name = n.attrs.name!;
      const dims = name === pictures?.input ? ['batch', 'channels', 'height', 'width'] : namedShape(n.shape);
      g.message(11, valueInfo(name, n.dtype, dims));
    }
    for (const [name, t] of Object.entries(outputs)) g.message(12, valueInfo(name, t.dtype, namedShape(t.shape)));
    const model = new ProtoWriter()
      .varint(1, IR_VERSION)
      .string(2, 'synclr')
      .message(7, g)
      .message(8, new ProtoWriter().string(1, '').varint(2, OPSET));
    if (!this.portable) model.message(8, new ProtoWriter().string(1, 'com.microsoft').varint(2, 1));
    return {
      bytes: model.finish(),
      inputs: inputs.map((n) => ({ name: n.attrs.name!, shape: n.shape, dtype: n.dtype })),
      outputs: Object.entries(outputs).map(([name, t]) => ({ name, shape: t.shape })),
    };
  }

  /** Kernels of ONNX Runtime's CPU provider beyond the standard may be used. */
  get cpu(): boolean {
    return this.provider === 'cpu' && !this.options.portable;
  }

  /** ONNX Runtime's WebGPU provider lacks some kernels of the standard; what falls back to the CPU is copied to and fro. */
  get webgpu(): boolean {
    return this.provider === 'webgpu' && !this.options.portable;
  }

  get portable(): boolean {
    return this.options.portable === true;
  }

  /** The shape as a value: its open axis is read from an input that has one too. */
  shapeOf(shape: Shape): string {
    if (shape.every((n) => n >= 0)) return this.ints(shape);
    const parts = shape.map((n) => (n < 0 ? this.step('Mul', [this.openBatch(), this.ints([-n])]) : this.ints([n])));
    return this.step('Concat', parts, { axis: 0 });
  }

  /** How many the open batch is, [1]. */
  private openBatch(): string {
    if (this.batch) return this.batch;
    const source = this.inputs.find((t) => t.shape.some((n) => n < 0));
    if (!source) throw new Error('internal: no input has the open batch');
    const axis = source.shape.findIndex((n) => n < 0);
    const size = this.step('Slice', [
      this.step('Shape', [this.name(source)]),
      this.ints([axis]),
      this.ints([axis + 1]),
    ]);
    this.batch = this.step('Div', [size, this.ints([-source.shape[axis]])]);
    return this.batch;
  }

  name(t: Tensor): string {
    return this.names.get(t)!;
  }

  temporary(): string {
    return `_x${this.temporaries++}`;
  }

  node(type: string, inputs: string[], outputs: string[], attrs: Record<string, AttrValue> = {}, domain = ''): string {
    const n = new ProtoWriter();
    for (const i of inputs) n.string(1, i);
    for (const o of outputs) n.string(2, o);
    n.string(4, type);
    for (const [key, value] of Object.entries(attrs)) n.message(5, attribute(key, value));
    if (domain) n.string(7, domain);
    this.nodes.message(1, n);
    return outputs[0];
  }

  /** A node whose single output is a temporary. */
  step(type: string, inputs: string[], attrs: Record<string, AttrValue> = {}, domain = ''): string {
    return this.node(type, inputs, [this.temporary()], attrs, domain);
  }

  scalar(value: number): string {
    return this.once(`f${value}`, (name) => tensorProto(name, [], new Float32Array([value])));
  }

  ints(values: readonly number[]): string {
    return this.once(`i${values}`, (name) => tensorProto(name, [values.length], BigInt64Array.from(values, BigInt)));
  }

  initializer(name: string, shape: Shape, data: Float32Array | BigInt64Array): void {
    if (this.options.halfWeights && data instanceof Float32Array && data.length > FEW) {
      this.graph.message(5, tensorProto(`${name}_half`, shape, toHalf(data)));
      this.node('Cast', [`${name}_half`], [name], { to: FLOAT });
    } else this.graph.message(5, tensorProto(name, shape, data));
  }

  floats(shape: Shape, values: readonly number[]): string {
    return this.once(`[${shape}] ${values}`, (name) => tensorProto(name, shape, Float32Array.from(values)));
  }

  branch(build: () => string): ProtoWriter {
    const outside = this.nodes;
    // Its constants are the whole graph's: a branch sees them.
    const inside = new ProtoWriter();
    this.nodes = inside;
    const result = build();
    this.nodes = outside;
    const type = new ProtoWriter().message(1, new ProtoWriter().varint(1, FLOAT));
    return inside.string(2, 'branch').message(12, new ProtoWriter().string(1, result).message(2, type));
  }

  private once(key: string, make: (name: string) => ProtoWriter): string {
    let name = this.shared.get(key);
    if (!name) {
      name = `_c${this.shared.size}`;
      this.shared.set(key, name);
      this.graph.message(5, make(name));
    }
    return name;
  }

  /** alpha·q·kᵀ of [tokens, samples, heads, d] (or samples first) → [samples, heads, tokens, tokens₂] */
  scores(q: string, k: string, alpha: number, order: RowOrder, to?: string): string {
    const out = [to ?? this.temporary()];
    if (this.cpu && order === 'token') {
      const attrs = { alpha: { float: alpha }, transBatchA: 1, transBatchB: 1, transB: 1 };
      return this.node('FusedMatMul', [q, k], out, attrs, 'com.microsoft');
    }
    const [rows, columns] = order === 'token' ? [1, 0] : [0, 1];
    const scaled = alpha === 1 ? q : this.step('Mul', [q, this.scalar(alpha)]);
    const a = this.step('Transpose', [scaled], { perm: [rows, 2, columns, 3] });
    return this.node('MatMul', [a, this.step('Transpose', [k], { perm: [rows, 2, 3, columns] })], out);
  }

  /** alpha·p·v: [samples, heads, tokens, tokens₂], [tokens₂, samples, heads, d] → [tokens, samples, heads, d] (or samples first) */
  mix(p: string, v: string, alpha: number, transP: boolean, order: RowOrder, to: string): void {
    let product: string;
    const [rows, columns] = order === 'token' ? [1, 0] : [0, 1];
    if (this.cpu && order === 'token') {
      const attrs = { alpha: { float: alpha }, transA: transP ? 1 : 0, transBatchB: 1 };
      product = this.step('FusedMatMul', [p, v], attrs, 'com.microsoft');
    } else {
      const scaled = alpha === 1 ? v : this.step('Mul', [v, this.scalar(alpha)]);
      const a = transP ? this.step('Transpose', [p], { perm: [0, 1, 3, 2] }) : p;
      product = this.step('MatMul', [a, this.step('Transpose', [scaled], { perm: [rows, 2, columns, 3] })]);
    }
    this.node('Transpose', [product], [to], { perm: order === 'token' ? [2, 0, 1, 3] : [0, 2, 1, 3] });
  }
}

type Lower = (l: Lowering, n: Tensor) => void;

const simple =
  (type: string, attrs: Record<string, AttrValue> = {}, domain = ''): Lower =>
  (l, n) => {
    l.node(
      type,
      n.inputs.map((x) => l.name(x)),
      [l.name(n)],
      attrs,
      domain,
    );
  };

const lower: Record<OpKind, Lower> = {
  input: () => {},
  constant: (l, n) => l.initializer(l.name(n), n.shape, n.attrs.data!),
  // Written by the node that has several outputs, under these names.
  output: () => {},
  add: simple('Add'),
  sub: simple('Sub'),
  mul: simple('Mul'),
  div: simple('Div'),
  scale: (l, n) => l.node('Mul', [l.name(n.inputs[0]), l.scalar(n.attrs.by!)], [l.name(n)]),
  offset: (l, n) => l.node('Add', [l.name(n.inputs[0]), l.scalar(n.attrs.by!)], [l.name(n)]),
  maximum: simple('Max'),
  minimum: simple('Min'),
  greater: (l, n) => truth(l, n, l.step('Greater', [l.name(n.inputs[0]), l.name(n.inputs[1])])),
  equal: (l, n) => truth(l, n, l.step('Equal', [l.name(n.inputs[0]), l.name(n.inputs[1])])),
  // What is not finite, taken from itself, is no number.
  isFinite: (l, n) => {
    const x = l.name(n.inputs[0]);
    truth(l, n, l.step('Equal', [l.step('Sub', [x, x]), l.scalar(0)]));
  },
  where: (l, n) => {
    const [mask, a, b] = n.inputs.map((x) => l.name(x));
    l.node('Where', [l.step('Cast', [mask], { to: BOOL }), a, b], [l.name(n)]);
  },
  cast: (l, n) => l.node('Cast', [l.name(n.inputs[0])], [l.name(n)], { to: elementType(n.dtype) }),
  barrier: (l, n) => l.node('Identity', [l.name(n.inputs[0])], [l.name(n)]),
  exp: simple('Exp'),
  log: simple('Log'),
  sqrt: simple('Sqrt'),
  erf: simple('Erf'),
  gelu: (l, n) => {
    const x = l.name(n.inputs[0]);
    if (!l.portable) {
      l.node('Gelu', [x], [l.name(n)], {}, 'com.microsoft');
      return;
    }
    const cdf = l.step('Add', [l.step('Erf', [l.step('Mul', [x, l.scalar(Math.SQRT1_2)])]), l.scalar(1)]);
    l.node('Mul', [l.step('Mul', [x, cdf]), l.scalar(0.5)], [l.name(n)]);
  },
  gemm: (l, n) => {
    const { transA, transB, alpha } = n.attrs;
    const attrs = { alpha: { float: alpha! }, transA: transA ? 1 : 0, transB: transB ? 1 : 0 };
    l.node(
      'Gemm',
      n.inputs.map((x) => l.name(x)),
      [l.name(n)],
      attrs,
    );
  },
  attention: (l, n) => {
    const { alpha, order } = n.attrs;
    const [q, k, v, bias] = n.inputs.map((x) => l.name(x));
    const product = l.scores(q, k, alpha!, order!);
    const scores = bias ? l.step('Add', [product, bias]) : product;
    const p = l.node('Softmax', [scores], [probabilities(l, n)], { axis: -1 });
    l.mix(p, v, 1, false, order!, l.name(n));
  },
  // The softmax's Σ dP·P over a row equals Σ dO·O of that token, which is the smaller of the two sums.
  attentionGradient: (l, n) => {
    const { alpha, order } = n.attrs;
    const [q, k, v, y, dy] = n.inputs.map((x) => l.name(x));
    const p = probabilities(l, n.inputs[3]);
    const sums = l.step('ReduceSum', [l.step('Mul', [dy, y]), l.ints([3])], { keepdims: 1 });
    const delta = l.step('Transpose', [sums], { perm: order === 'token' ? [1, 2, 0, 3] : [0, 2, 1, 3] });
    const ds = l.step('Mul', [p, l.step('Sub', [l.scores(dy, v, 1, order!), delta])]);
    l.mix(ds, k, alpha!, false, order!, l.name(n));
    l.mix(ds, q, alpha!, true, order!, `${l.name(n)}_1`);
    l.mix(p, dy, 1, true, order!, `${l.name(n)}_2`);
    const pairs = n.attrs.shapes![2];
    if (!pairs) return;
    const heads = l.node('ReduceSum', [ds, l.ints(pairs[0] === 1 ? [0, 1] : [0])], [l.temporary()], { keepdims: 1 });
    l.node('Reshape', [heads, l.ints(pairs)], [`${l.name(n)}_3`]);
  },
  layerNorm: (l, n) => {
    const [x, w, b] = n.inputs.map((i) => l.name(i));
    const y = l.name(n);
    if (l.cpu || l.portable) {
      const attrs = { axis: -1, epsilon: { float: n.attrs.eps! } };
      l.node('LayerNormalization', b ? [x, w, b] : [x, w], l.portable ? [y] : [y, `${y}_1`, `${y}_2`], attrs);
      return;
    }
    // WebGPU's kernel takes the variance as E[x²] − E[x]², which leaves three digits where the mean is a hundred deviations.
    const mean = l.node('ReduceMean', [x, l.ints([n.rank - 1])], [`${y}_1`], { keepdims: 1 });
    const centred = l.step('Sub', [x, mean]);
    const variance = l.step('ReduceMean', [l.step('Mul', [centred, centred]), l.ints([n.rank - 1])], { keepdims: 1 });
    const std = l.step('Sqrt', [l.step('Add', [variance, l.scalar(n.attrs.eps!)])]);
    const inv = l.node('Div', [l.scalar(1), std], [`${y}_2`]);
    const scaled = l.node('Mul', [l.step('Mul', [centred, inv]), w], [b ? l.temporary() : y]);
    if (b) l.node('Add', [scaled, b], [y]);
  },
  softmax: simple('Softmax', { axis: -1 }),
  logSoftmax: (l, n) => {
    // ONNX Runtime's kernel moves another axis to the end and back.
    if (!l.webgpu && n.attrs.axis === n.rank - 1) return simple('LogSoftmax', { axis: -1 })(l, n);
    const axis = l.ints([n.attrs.axis!]);
    const x = l.name(n.inputs[0]);
    const centred = l.step('Sub', [x, l.step('ReduceMax', [x, axis], { keepdims: 1 })]);
    const total = l.step('ReduceSum', [l.step('Exp', [centred]), axis], { keepdims: 1 });
    l.node('Sub', [centred, l.step('Log', [total])], [l.name(n)]);
  },
  sum: (l, n) => l.node('ReduceSum', [l.name(n.inputs[0]), l.ints(n.attrs.axes!)], [l.name(n)], { keepdims: 1 }),
  reshape: (l, n) => {
    const shape = n.shape.map((size) => Math.max(size, -1));
    l.node('Reshape', [l.name(n.inputs[0]), l.ints(shape)], [l.name(n)]);
  },
  transpose: (l, n) => l.node('Transpose', [l.name(n.inputs[0])], [l.name(n)], { perm: n.attrs.perm! }),
  concat: (l, n) =>
    l.node(
      'Concat',
      n.inputs.map((x) => l.name(x)),
      [l.name(n)],
      { axis: n.attrs.axis! },
    ),
  slice: (l, n) => {
    const { axis, start } = n.attrs;
    if (n.shape[axis!] < 0) throw new Error(`internal: a slice of the open axis of [${n.inputs[0].shape}]`);
    const bounds = [[start!], [start! + n.shape[axis!]], [axis!]].map((v) => l.ints(v));
    l.node('Slice', [l.name(n.inputs[0]), ...bounds], [l.name(n)]);
  },
  pad: (l, n) => {
    const { axis, before, after } = n.attrs;
    const at = (amount: number) => n.shape.map((_, i) => (i === axis ? amount : 0));
    l.node('Pad', [l.name(n.inputs[0]), l.ints([...at(before!), ...at(after!)])], [l.name(n)]);
  },
  takeRows: (l, n) =>
    l.node(
      'Gather',
      n.inputs.map((x) => l.name(x)),
      [l.name(n)],
      { axis: 0 },
    ),
  putRows: (l, n) => {
    const zeros = l.step('Expand', [l.scalar(0), l.ints(n.shape)]);
    const index = l.step('Reshape', [l.name(n.inputs[1]), l.ints([n.inputs[1].size, 1])]);
    const attrs = n.attrs.repeated ? { reduction: 'add' } : undefined;
    l.node('ScatterND', [zeros, index, l.name(n.inputs[0])], [l.name(n)], attrs);
  },
  broadcast: (l, n) => l.node('Expand', [l.name(n.inputs[0]), l.shapeOf(n.shape)], [l.name(n)]),
  ...imageOperators,
};

/** Where an attention node leaves its probabilities for its gradient. */
const probabilities = (l: Lowering, attention: Tensor): string => `${l.name(attention)}_p`;

/** A truth value as 1 or 0. */
function truth(l: Lowering, n: Tensor, bool: string): void {
  l.node('Cast', [bool], [l.name(n)], { to: FLOAT });
}
