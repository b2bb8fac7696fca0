/** A shape: sizes of the axes, all known when the graph is built. */
export type Shape = readonly number[];
export type DType = 'f32' | 'i64';

/** What a node computes. The arithmetic of each kind is defined once, in `interpret.ts`; its derivative in `gradients.ts`. */
export type OpKind =
  | 'input'
  | 'constant'
  | 'output'
  | 'add'
  | 'sub'
  | 'mul'
  | 'div'
  | 'scale'
  | 'offset'
  | 'exp'
  | 'log'
  | 'sqrt'
  | 'erf'
  | 'gelu'
  | 'gemm'
  | 'scores'
  | 'mix'
  | 'attention'
  | 'layerNorm'
  | 'softmax'
  | 'logSoftmax'
  | 'sum'
  | 'reshape'
  | 'transpose'
  | 'concat'
  | 'slice'
  | 'pad'
  | 'takeRows'
  | 'putRows'
  | 'broadcast';

export interface Attrs {
  name?: string;
  data?: Float32Array | BigInt64Array;
  index?: number;
  shapes?: Shape[];
  by?: number;
  alpha?: number;
  transA?: boolean;
  transB?: boolean;
  eps?: number;
  axes?: readonly number[];
  perm?: readonly number[];
  axis?: number;
  start?: number;
  before?: number;
  after?: number;
  rows?: number;
}

let counter = 0;

/** A node of a graph: immutable, with a static shape. A graph is whatever is reachable from its outputs; ids grow from inputs to outputs. */
export class Tensor {
  readonly id = counter++;
  readonly kind: OpKind;
  readonly shape: Shape;
  readonly inputs: readonly Tensor[];
  readonly attrs: Attrs;
  readonly dtype: DType;

  constructor(kind: OpKind, shape: Shape, inputs: readonly Tensor[], attrs: Attrs = {}, dtype: DType = 'f32') {
    this.kind = kind;
    this.shape = shape;
    this.inputs = inputs;
    this.attrs = attrs;
    this.dtype = dtype;
  }

  get size(): number {
    return sizeOf(this.shape);
  }

  get rank(): number {
    return this.shape.length;
  }
}

export function sizeOf(shape: Shape): number {
  return shape.reduce((a, b) => a * b, 1);
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((n, i) => n === b[i]);
}

/** The shape both broadcast to, by NumPy's rules. */
export function broadcastShapes(a: Shape, b: Shape, what: string): Shape {
  const rank = Math.max(a.length, b.length);
  const out: number[] = [];
  for (let i = 0; i < rank; i++) {
    const x = a[i - rank + a.length] ?? 1;
    const y = b[i - rank + b.length] ?? 1;
    if (x !== y && x !== 1 && y !== 1) throw new Error(`internal: ${what}: shapes [${a}] and [${b}] do not broadcast`);
    out.push(Math.max(x, y));
  }
  return out;
}

/** Nodes that the outputs need, inputs before users. */
export function reachable(outputs: Iterable<Tensor>): Tensor[] {
  const seen = new Set<Tensor>();
  const stack = [...outputs];
  while (stack.length > 0) {
    const t = stack.pop()!;
    if (seen.has(t)) continue;
    seen.add(t);
    stack.push(...t.inputs);
  }
  return [...seen].sort((a, b) => a.id - b.id);
}
