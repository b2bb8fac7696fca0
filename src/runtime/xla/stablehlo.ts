import { type DType, type OpKind, reachable, type Tensor } from '../../graph/tensor.js';
import { type AttentionForm, logSoftmax, type Place, plain, softmax } from './attention.js';
import { cudnn, cudnnPadded, suitsCudnn } from './cudnn-attention.js';
import { HloText, typeOf, type Value } from './hlo-text.js';
import { imageOperations } from './image.js';
import type { Argument, ElementType, Result, XlaProgram } from './program.js';
import { batchNodes, EACH, Mesh, stateNodes } from './sharding.js';

export type AttentionKind = 'plain' | 'cudnn' | 'cudnn-padded';

export interface StableHloOptions {
  /** Devices that the program runs on together. Default 1. */
  devices?: number;
  /**
   * Inputs and outputs of which each device has a part, by name: the axis that is split. Others are whole on every
   * device.
   */
  split?: Readonly<Record<string, number>>;
  /** Inputs that are read from a value kept on the device, by name: that value's name. */
  kept?: Readonly<Record<string, string>>;
  /** Outputs that replace a kept value, by name: that value's name. */
  replaces?: Readonly<Record<string, string>>;
  /** Outputs that are read back only when a run asks for them. */
  onDemand?: readonly string[];
  /**
   * `cudnn`: NVIDIA's fused kernels, where an attention's operands are bf16 and suit them; needs their plugin.
   * `cudnn-padded`: the same with tokens made up to a multiple of eight. Default `plain`: scores are written out, as
   * any device can.
   */
  attention?: AttentionKind;
}

/**
 * Writes the graph that computes `outputs` as a StableHLO program. Every value is stored as its node says; arithmetic
 * is f32. i64 inputs are i32 in the program: they number rows.
 * @throws Error when an output cannot replace what it is said to replace, an axis cannot be split evenly, or a size is
 *   open
 */
export function toStableHlo(outputs: Readonly<Record<string, Tensor>>, options: StableHloOptions = {}): XlaProgram {
  return new Lowering(outputs, options).program();
}

class Lowering {
  readonly hlo = new HloText();
  readonly mesh: Mesh;
  readonly batch: ReadonlySet<Tensor>;
  private readonly outputs: Readonly<Record<string, Tensor>>;
  private readonly o: StableHloOptions;
  private readonly nodes: Tensor[];
  private readonly users = new Map<Tensor, Tensor[]>();
  private readonly values = new Map<Tensor, Value[]>();
  /** Values in f32, and values that are whole on every device, by the name of what they are made of. */
  private readonly wides = new Map<string, Value>();
  private readonly wholes = new Map<string, Value>();
  /** Kept values of which each device has a part, and what follows from them one by one; with the axis. */
  private readonly state: ReadonlyMap<Tensor, number>;
  private current: Tensor | undefined;
  private readonly attentions = new Map<Tensor, { form: AttentionForm<unknown>; saved: unknown }>();

  constructor(outputs: Readonly<Record<string, Tensor>>, o: StableHloOptions) {
    this.outputs = outputs;
    this.o = o;
    this.mesh = new Mesh(o.devices ?? 1);
    this.nodes = reachable(Object.values(outputs));
    for (const n of this.nodes) {
      if (n.shape.some((size) => size < 1)) throw new Error(`internal: ${n.kind} of open shape [${n.shape}]`);
      for (const x of n.inputs) this.users.set(x, [...(this.users.get(x) ?? []), n]);
    }
    const axisOf = (x: Tensor) => o.split?.[x.attrs.name!];
    const isKept = (x: Tensor) => o.kept?.[x.attrs.name!] !== undefined;
    this.batch = batchNodes(this.nodes, (x) => axisOf(x) !== undefined && !isKept(x));
    this.state = stateNodes(this.nodes, this.batch, (x) => (isKept(x) ? axisOf(x) : undefined));
  }

  program(): XlaProgram {
    const args = this.arguments();
    for (const n of this.nodes) {
      this.current = n;
      const made = lower[n.kind](this, n);
      if (made) this.values.set(n, Array.isArray(made) ? made : [made]);
    }
    this.current = undefined;
    const results = this.results(args);
    const returned = Object.values(this.outputs).map((t) => this.value(t));

    const sharding = (v: Argument) => this.mesh.attribute(v.name, v.shape, v.split);
    const signature = args.map((a, i) => {
      const replacedBy = results.findIndex((r) => r.kept !== undefined && r.kept === a.kept);
      const alias = replacedBy < 0 ? undefined : `tf.aliasing_output = ${replacedBy} : i32`;
      return `%arg${i}: ${typeOf(a)}${attributes(sharding(a), alias)}`;
    });
    const types = returned.map((v, i) => `${typeOf(v)}${attributes(sharding(results[i]))}`);
    const lines = [
      `module @synclr attributes {${this.mesh.attributes}} {`,
      ...(this.mesh.declaration ? [`  ${this.mesh.declaration}`] : []),
      `  func.func public @main(${signature.join(', ')}) -> (${types.join(', ')}) {`,
      ...this.hlo.lines.map((line) => `    ${line}`),
      `    return ${returned.map((v) => v.name).join(', ')} : ${returned.map(typeOf).join(', ')}`,
      '  }',
      '}',
      '',
    ];
    return { text: lines.join('\n'), arguments: args, results, devices: this.mesh.devices };
  }

  /** Arguments in the order of the graph's inputs; inputs of one name, or that read one kept value, share one. */
  private arguments(): Argument[] {
    const { kept = {}, replaces = {}, split = {} } = this.o;
    const args: Argument[] = [];
    const add = (name: string, t: Tensor, from: string | undefined): Value => {
      let at = args.findIndex((a) => a.kept === from && (from !== undefined || a.name === name));
      if (at < 0) at = args.push({ name, shape: t.shape, dtype: stored(t.dtype), split: split[name], kept: from }) - 1;
      const { shape, dtype } = args[at];
      if (dtype !== stored(t.dtype) || String(shape) !== String(t.shape))
        throw new Error(`internal: ${name} [${t.shape}] ${t.dtype} is kept as [${shape}] ${dtype}`);
      return { name: `%arg${at}`, shape, dtype };
    };
    for (const n of this.nodes)
      if (n.kind === 'input') this.values.set(n, [add(n.attrs.name!, n, kept[n.attrs.name!])]);
    // What is replaced without being read is given away, too.
    for (const [name, to] of Object.entries(replaces)) if (this.outputs[name]) add(name, this.outputs[name], to);
    return args;
  }

  private results(args: readonly Argument[]): Result[] {
    const { replaces = {}, onDemand = [], split = {} } = this.o;
    for (const name of [...Object.keys(replaces), ...onDemand])
      if (!this.outputs[name]) throw new Error(`internal: there is no output ${name}`);
    const taken = new Set<string>();
    return Object.entries(this.outputs).map(([name, t]): Result => {
      const { shape, dtype } = this.value(t);
      const kept = replaces[name];
      if (kept === undefined)
        return {
          name,
          shape,
          dtype: dtype as ElementType,
          split: split[name],
          onDemand: onDemand.includes(name) || undefined,
        };
      const a = args.find((a) => a.kept === kept)!;
      const same = a.dtype === dtype && String(a.shape) === String(shape) && (split[name] ?? a.split) === a.split;
      if (!same || taken.has(kept))
        throw new Error(`internal: output ${name} [${shape}] ${dtype} cannot replace ${kept}`);
      taken.add(kept);
      return { name, shape, dtype: a.dtype, split: a.split, kept };
    });
  }

  value(t: Tensor, output = 0): Value {
    const v = this.values.get(t)![output];
    const by = this.current?.kind;
    // What is computed value by value needs no more than the parts; a cast is made whole after it, when it is smaller.
    if (!this.state.has(t) || by === undefined || by === 'cast' || EACH.includes(by)) return v;
    return this.whole(t, v);
  }

  /** x, which is t or t in another type, gathered on every device where t is state in parts. */
  whole(t: Tensor, x: Value): Value {
    const axis = this.state.get(t);
    return axis === undefined ? x : once(this.wholes, x.name, () => this.mesh.gather(this.hlo, x, axis));
  }

  /** The value for arithmetic, in f32. */
  wide(t: Tensor): Value {
    const v = this.value(t);
    return once(this.wides, v.name, () => this.hlo.convert(v, 'f32'));
  }

  /**
   * The value for arithmetic with `other`, of the same shape. Where several passes read the exp of a matrix that is
   * stored as bf16 (Sinkhorn-Knopp, on [tokens, prototypes]), XLA would write it down in f32 in the first and read that
   * in the others; computed again in each it moves half as much and takes no memory. Adding 0·other says nothing, but
   * keeps XLA from seeing that it is the same each time.
   */
  wideFor(t: Tensor, other: Value): Value {
    const users = this.users.get(t) ?? [];
    if (t.kind !== 'exp' || users.length < 2 || !isNarrow(t.inputs[0]) || String(t.shape) !== String(other.shape))
      return this.wide(t);
    const nothing = this.hlo.with('multiply', other, 0);
    return this.hlo.unary('exponential', this.hlo.binary('add', this.wide(t.inputs[0]), nothing));
  }

  /** x as its node is stored. */
  store(n: Tensor, x: Value): Value {
    return this.hlo.convert(x, stored(n.dtype));
  }

  /** Whether all that becomes of a bf16 value is its f32: then it need not be rounded in between. */
  onlyWidened(n: Tensor): boolean {
    if (Object.values(this.outputs).includes(n)) return false;
    return (this.users.get(n) ?? []).every(
      (u) => (u.kind === 'cast' && u.dtype === 'f32') || (MOVES.includes(u.kind) && this.onlyWidened(u)),
    );
  }

  /** Attention in the form that was asked for and that its operands suit. */
  attend(n: Tensor): Value {
    const fused = this.o.attention === 'cudnn-padded' ? cudnnPadded : cudnn;
    const wanted = (this.o.attention ?? 'plain') !== 'plain';
    const form = wanted && suitsCudnn(n, this.at(n).mesh?.devices ?? 1) ? fused : plain;
    const [q, k, v, bias] = n.inputs.map((x) => this.value(x));
    const trained = (this.users.get(n) ?? []).some((u) => u.kind === 'attentionGradient' && u.inputs[3] === n);
    const { y, saved } = form.forward(this.at(n), q, k, v, trained, bias && this.hlo.convert(bias, 'f32'));
    this.attentions.set(n, { form: form as AttentionForm<unknown>, saved });
    return y;
  }

  private at(node: Tensor): Place {
    return { hlo: this.hlo, node, mesh: this.mesh.devices > 1 && this.batch.has(node) ? this.mesh : undefined };
  }

  attentionGradient(n: Tensor): Value[] {
    const [, , , of, dy] = n.inputs;
    const { form, saved } = this.attentions.get(of)!;
    return form.backward(this.at(of), this.value(of), this.value(dy), saved, n.attrs.shapes![2]);
  }
}

/** Whether a value is stored as bf16, or follows from one element by element. */
function isNarrow(t: Tensor): boolean {
  const simple = ['cast', 'add', 'sub', 'scale', 'offset'].includes(t.kind);
  return t.dtype === 'bf16' || (simple && isNarrow(t.inputs[0]));
}

/** What only moves values. */
const MOVES: readonly OpKind[] = ['reshape', 'transpose', 'slice', 'pad'];

function once(made: Map<string, Value>, key: string, make: () => Value): Value {
  let v = made.get(key);
  if (!v) made.set(key, (v = make()));
  return v;
}

/** How a node's values are stored in the program. */
const stored = (dtype: DType): ElementType => (dtype === 'i64' ? 'i32' : dtype);

const attributes = (...all: (string | undefined)[]): string => {
  const given = all.filter((a) => a !== undefined);
  return given.length > 0 ? ` {${given.join(', ')}}` : '';
};

/** Gives the values of a node's outputs. */
type Lower = (l: Lowering, n: Tensor) => Value | Value[] | undefined;

/** Of one operand, in f32. */
const unary =
  (f: (hlo: HloText, x: Value, n: Tensor) => Value): Lower =>
  (l, n) =>
    l.store(n, f(l.hlo, l.wide(n.inputs[0]), n));

/** Of two operands that are repeated up to the result's shape, in f32. */
const binary =
  (f: (hlo: HloText, a: Value, b: Value) => Value): Lower =>
  (l, n) => {
    const { hlo } = l;
    const [a, b] = n.inputs;
    const right = hlo.spread(l.wide(b), n.shape);
    return l.store(n, f(hlo, hlo.spread(l.wideFor(a, right), n.shape), right));
  };

/** Of values as they are stored. */
const moved =
  (f: (hlo: HloText, x: Value, n: Tensor) => Value): Lower =>
  (l, n) =>
    f(l.hlo, l.value(n.inputs[0]), n);

const lower: Record<OpKind, Lower> = {
  // Bound before all others.
  input: () => undefined,
  constant: (l, n) => {
    const data = n.attrs.data!;
    return l.hlo.dense(data instanceof BigInt64Array ? Int32Array.from(data, Number) : data, n.shape);
  },
  output: (l, n) => l.value(n.inputs[0], n.attrs.index!),
  add: (l, n) => {
    // Of two bf16 as bf16, which is rounded as their f32 sum is: XLA would keep the f32 of a chain, and write twice as much.
    const narrow = n.dtype === 'bf16';
    const [a, b] = n.inputs.map((x) => l.hlo.spread(narrow ? l.value(x) : l.wide(x), n.shape));
    return l.hlo.binary('add', a, b);
  },
  sub: binary((hlo, a, b) => hlo.binary('subtract', a, b)),
  mul: binary((hlo, a, b) => hlo.binary('multiply', a, b)),
  div: binary((hlo, a, b) => hlo.binary('divide', a, b)),
  maximum: binary((hlo, a, b) => hlo.binary('maximum', a, b)),
  minimum: binary((hlo, a, b) => hlo.binary('minimum', a, b)),
  greater: binary((hlo, a, b) => hlo.compare('GT', a, b)),
  equal: (l, n) => {
    const whole = n.inputs.every((x) => x.dtype === 'i64');
    const [a, b] = n.inputs.map((x) => l.hlo.spread(whole ? l.value(x) : l.wide(x), n.shape));
    return l.store(n, l.hlo.compare('EQ', a, b));
  },
  isFinite: unary((hlo, x) => hlo.isFinite(x)),
  where: (l, n) => {
    const [mask, a, b] = n.inputs.map((x) => l.hlo.spread(l.wide(x), n.shape));
    return l.store(n, l.hlo.select(l.hlo.compare('NE', mask, l.hlo.filled(0, n.shape, 'f32')), a, b));
  },
  cast: (l, n) => l.whole(n.inputs[0], l.store(n, l.value(n.inputs[0]))),
  barrier: (l, n) => l.hlo.barrier(n.inputs.map((x) => l.value(x)))[0],
  scale: unary((hlo, x, n) => hlo.with('multiply', x, n.attrs.by!)),
  offset: unary((hlo, x, n) => hlo.with('add', x, n.attrs.by!)),
  exp: unary((hlo, x) => hlo.unary('exponential', x)),
  log: unary((hlo, x) => hlo.unary('log', x)),
  sqrt: unary((hlo, x) => hlo.unary('sqrt', x)),
  erf: unary((hlo, x) => hlo.erf(x)),
  gelu: unary((hlo, x) => {
    const twice = hlo.with('add', hlo.erf(hlo.with('multiply', x, Math.SQRT1_2)), 1);
    return hlo.binary('multiply', hlo.with('multiply', x, 0.5), twice);
  }),
  gemm: (l, n) => (n.shape.includes(1) ? vectorProduct(l, n) : matrixProduct(l, n)),
  attention: (l, n) => l.attend(n),
  attentionGradient: (l, n) => l.attentionGradient(n),
  layerNorm: (l, n) => {
    const { hlo } = l;
    const [x, weight, bias] = n.inputs.map((i) => l.wide(i));
    const last = n.rank - 1;
    const rows = n.shape.slice(0, -1);
    const along = rows.map((_, i) => i);
    const average = (v: Value) => hlo.with('multiply', hlo.reduce('add', v, [last]), 1 / n.shape[last]);
    const mean = average(x);
    const centred = hlo.binary('subtract', x, hlo.broadcast(mean, n.shape, along));
    // The variance of what is centred: E[x²] − E[x]² leaves few digits where the mean is large.
    const variance = average(hlo.binary('multiply', centred, centred));
    const inverse = hlo.unary('rsqrt', hlo.with('add', variance, n.attrs.eps!));
    let y = hlo.binary('multiply', centred, hlo.broadcast(inverse, n.shape, along));
    y = hlo.binary('multiply', y, hlo.broadcast(weight, n.shape, [last]));
    if (bias) y = hlo.binary('add', y, hlo.broadcast(bias, n.shape, [last]));
    // For the backward pass as they are: XLA would compute them again beside products that it then has to write in f32.
    const kept = hlo.barrier([mean, inverse]).map((v) => hlo.reshape(v, [...rows, 1]));
    return [l.store(n, y), ...kept];
  },
  softmax: unary(softmax),
  logSoftmax: unary((hlo, x, n) => logSoftmax(hlo, x, n.attrs.axis!)),
  sum: unary((hlo, x, n) => hlo.reshape(hlo.reduce('add', x, n.attrs.axes!), n.shape)),
  reshape: moved((hlo, x, n) => hlo.reshape(x, n.shape)),
  transpose: moved((hlo, x, n) => hlo.transpose(x, n.attrs.perm!)),
  concat: (l, n) =>
    l.hlo.concat(
      n.inputs.map((x) => l.value(x)),
      n.attrs.axis!,
    ),
  slice: moved((hlo, x, n) => hlo.slice(x, n.attrs.axis!, n.attrs.start!, n.shape[n.attrs.axis!])),
  pad: moved((hlo, x, n) => hlo.pad(x, n.attrs.axis!, n.attrs.before!, n.attrs.after!)),
  takeRows: (l, n) => {
    const [x, index] = n.inputs;
    const rows = l.hlo.takeRows(l.value(x), l.value(index));
    // Rows of a batch that lies in parts end up everywhere; what follows from them is shared out again.
    const shared = l.mesh.devices > 1 && l.batch.has(x) && l.mesh.divides(n.shape, 0);
    return shared ? l.mesh.constrain(l.hlo, rows, 0) : rows;
  },
  putRows: (l, n) => {
    const [x, index] = n.inputs;
    const { repeated } = n.attrs;
    return l.hlo.putRows(repeated ? l.wide(x) : l.value(x), l.value(index), n.shape[0], repeated);
  },
  broadcast: moved((hlo, x, n) => hlo.spread(x, n.shape)),
  ...imageOperations,
};

/**
 * The device's matrix units: sums in f32, rounded once where the result is bf16. There the bias is bf16, too, and added
 * as bf16: then cuBLAS does both at the end of its kernel, where an f32 sum would be written out and read again (in f32
 * if all that follows is f32).
 */
function matrixProduct(l: Lowering, n: Tensor): Value {
  const { hlo } = l;
  const { transA, transB, alpha } = n.attrs;
  const [a, b, bias] = n.inputs;
  const narrow = n.dtype === 'bf16';
  const result = narrow && alpha === 1 && !l.onlyWidened(n) ? 'bf16' : 'f32';
  const [x, y] = [a, b].map((t) => (narrow ? l.value(t) : l.wide(t)));
  let product = hlo.dot(x, y, { sum: [[transA ? 0 : 1], [transB ? 1 : 0]] }, result);
  if (alpha !== 1) product = hlo.with('multiply', product, alpha!);
  if (bias) product = hlo.binary('add', product, hlo.broadcast(hlo.convert(l.value(bias), result), n.shape, [1]));
  return l.onlyWidened(n) ? product : l.store(n, product);
}

/**
 * a·b where the result has one row or column: products and their sum in f32. It reads the matrix once, as a product
 * would, but what makes the matrix is computed on the way and never written (exp in Sinkhorn-Knopp, on [tokens,
 * prototypes]).
 */
function vectorProduct(l: Lowering, n: Tensor): Value {
  const { hlo } = l;
  const { transA, transB, alpha } = n.attrs;
  const [a, b, bias] = n.inputs;
  const oneRow = n.shape[0] === 1;
  const [vector, matrix] = oneRow ? [a, b] : [b, a];
  // The axis of the matrix that is summed over.
  const axis = oneRow ? (transB ? 1 : 0) : transA ? 0 : 1;
  const v = hlo.broadcast(hlo.reshape(l.wide(vector), [vector.size]), matrix.shape, [axis]);
  const m = l.wideFor(matrix, v);
  let product = hlo.reshape(hlo.reduce('add', hlo.binary('multiply', m, v), [axis]), n.shape);
  if (alpha !== 1) product = hlo.with('multiply', product, alpha!);
  if (bias) product = hlo.binary('add', product, hlo.broadcast(l.wide(bias), n.shape, [1]));
  return l.store(n, product);
}
