/**
 * A shape: sizes of the axes. All are known when the graph is built but for the batch, which may be left open: −k stands for k times that
 * number ({@link OPEN} for the number itself). Sizes multiply and add as numbers do, and at most one axis of a tensor is open.
 */
export type Shape = readonly number[];

/** The size of an axis that is known only when the program runs. */
export const OPEN = -1;

/**
 * How a value is stored. Arithmetic is done in float32 whatever is stored: bf16 (bfloat16) halves what activations and the operands of
 * matrix products take, whose sums are float32 all the same; u8 are bytes of pixels, i64 whole numbers.
 */
export type DType = 'f32' | 'bf16' | 'u8' | 'i64';

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
  | 'maximum'
  | 'minimum'
  | 'greater'
  | 'equal'
  | 'isFinite'
  | 'where'
  | 'cast'
  | 'barrier'
  | 'gemm'
  | 'attention'
  | 'attentionGradient'
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
  | 'broadcast'
  | 'alongAxis'
  | 'conv2d'
  | 'convTranspose2d'
  | 'convWeight2d'
  | 'maxPool2d'
  | 'maxPool2dGradient'
  | 'batchNorm2d';

/** Which of tokens and samples is the outer axis of a batch of sequences. Executors differ in what they run faster. */
export type RowOrder = 'token' | 'sample';

/** Where a window of a map is laid: of each, that of rows and that of columns. */
export interface Window2d {
  kernel: readonly [number, number];
  stride: readonly [number, number];
  /** Places beyond each of the two edges. */
  padding: readonly [number, number];
  dilation: readonly [number, number];
  /** Channels that are convolved with each other lie in one of so many groups. */
  groups: number;
}

export interface Attrs {
  name?: string;
  data?: Float32Array | BigInt64Array;
  index?: number;
  shapes?: Shape[];
  by?: number;
  alpha?: number;
  order?: RowOrder;
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
  repeated?: boolean;
  window?: Window2d;
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
    out.push(x === 1 ? y : x);
  }
  return out;
}

/** The type that holds values of both: elementwise results of like operands keep their type, of mixed ones are float32. */
export function commonType(a: DType, b: DType): DType {
  return a === b && a === 'bf16' ? 'bf16' : 'f32';
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
