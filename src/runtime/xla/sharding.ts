import type { OpKind, Shape, Tensor } from '../../graph/tensor.js';
import { HloText, tensorType, typeOf, type Value } from './hlo-text.js';

/** The one axis of the mesh of devices, along which batches (and what is asked for beside them) are split. */
const AXIS = 'data';

/**
 * How values lie on several devices, written as Shardy annotations (openxla/shardy, dialect `sdy`). What goes in and
 * out is annotated; XLA propagates that through the program, splits each operation and puts the collectives where they
 * are needed.
 */
export class Mesh {
  readonly devices: number;

  constructor(devices: number) {
    this.devices = devices;
  }

  /** Attributes of the module and the line that declares the mesh. */
  get attributes(): string {
    return `mhlo.num_partitions = ${this.devices} : i32, mhlo.num_replicas = 1 : i32`;
  }

  get declaration(): string | undefined {
    return this.devices > 1 ? `sdy.mesh @mesh = <["${AXIS}"=${this.devices}]>` : undefined;
  }

  /**
   * The attribute of an argument or result of which each device has the part along `axis`, or the whole.
   * @throws Error when the axis cannot be split evenly
   */
  attribute(name: string, shape: Shape, axis: number | undefined): string | undefined {
    if (this.devices === 1) return undefined;
    if (axis !== undefined && !this.divides(shape, axis))
      throw new Error(
        `internal: ${name} [${shape}] is not split evenly along axis ${axis} over ${this.devices} devices`,
      );
    return `sdy.sharding = #sdy.sharding${placement(shape.length, axis)}`;
  }

  divides(shape: Shape, axis: number): boolean {
    return shape[axis] !== undefined && shape[axis] % this.devices === 0;
  }

  /** x, computed in shares along `axis` and then gathered on every device. */
  gather(hlo: HloText, x: Value, axis: number): Value {
    // Said twice: of one annotation XLA would make that of the operation before, and gather what that is computed from.
    return this.constrain(hlo, this.constrain(hlo, x, axis), undefined);
  }

  /** x, computed in shares along `axis`; undefined: whole on every device. */
  constrain(hlo: HloText, x: Value, axis: number | undefined): Value {
    const where = placement(x.shape.length, axis);
    const text = `sdy.sharding_constraint ${x.name} ${where} : ${tensorType(x.shape, x.dtype)}`;
    return hlo.op(text, x.shape, x.dtype);
  }

  /**
   * Operations that each device does on its own, on its share of what lies along the first axis of operands and
   * results: for calls that XLA cannot split, and would gather everything for.
   */
  apart(hlo: HloText, operands: readonly Value[], body: (inner: HloText, shares: Value[]) => Value[]): Value[] {
    const count = (v: Value, n: number) => ({ ...v, shape: v.shape.with(0, n) });
    const inner = new HloText('%own');
    const shares = operands.map((v, i) => ({ ...count(v, v.shape[0] / this.devices), name: `%share${i}` }));
    const made = body(inner, shares);
    const whole = made.map((v) => count(v, v.shape[0] * this.devices));
    const lie = (values: readonly Value[]) => `[${values.map((v) => placement(v.shape.length, 0)).join(', ')}]`;
    const head = `sdy.manual_computation(${operands.map((v) => v.name).join(', ')})`;
    const places = `in_shardings=${lie(operands)} out_shardings=${lie(whole)} manual_axes={"${AXIS}"}`;
    const block = [
      `(${shares.map((v) => `${v.name}: ${typeOf(v)}`).join(', ')}) {`,
      ...inner.lines.map((line) => `  ${line}`),
      `  sdy.return ${made.map((v) => v.name).join(', ')} : ${made.map(typeOf).join(', ')}`,
    ];
    const types = `(${operands.map(typeOf).join(', ')}) -> (${whole.map(typeOf).join(', ')})`;
    return hlo.ops(`${head} ${places} ${block.join('\n    ')}\n    } : ${types}`, whole);
  }
}

function placement(rank: number, axis: number | undefined): string {
  const axes = Array.from({ length: rank }, (_, i) => (i === axis ? `{"${AXIS}"}` : '{}'));
  return `<@mesh, [${axes.join(', ')}]>`;
}

/** Nodes that are computed from inputs of which each device is fed a part: what a batch is made into. */
export function batchNodes(nodes: readonly Tensor[], isBatch: (input: Tensor) => boolean): Set<Tensor> {
  const found = new Set<Tensor>();
  for (const n of nodes) if (n.kind === 'input' ? isBatch(n) : n.inputs.some((x) => found.has(x))) found.add(n);
  return found;
}

/** Kinds that compute each value, or the sum of some, where it lies. */
export const EACH: readonly OpKind[] = [
  ...(['add', 'sub', 'mul', 'div', 'maximum', 'minimum', 'where', 'scale', 'offset', 'sqrt', 'sum'] as const),
];

/**
 * Nodes of state that lies in parts (moments, masters) and of what is computed from it value by value, without the
 * batch, each with the axis that is split. Whoever else needs it, a matrix product of the forward pass say, is given the
 * whole; left alone, XLA would spread the parts into the activations.
 * @param nodes inputs before users
 * @param axisOf the axis of an input that is state in parts
 */
export function stateNodes(
  nodes: readonly Tensor[],
  batch: ReadonlySet<Tensor>,
  axisOf: (input: Tensor) => number | undefined,
): Map<Tensor, number> {
  const found = new Map<Tensor, number>();
  for (const n of nodes) {
    const from = n.inputs.find((x) => found.has(x) && x.rank === n.rank);
    const follows = from && EACH.includes(n.kind) && !batch.has(n) ? found.get(from) : undefined;
    const axis = n.kind === 'input' ? axisOf(n) : follows;
    if (axis !== undefined && n.shape[axis] > 1) found.set(n, axis);
  }
  return found;
}
