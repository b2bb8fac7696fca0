import { reachable, type Shape, type Tensor } from '../../graph/tensor.js';
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

  /** x, computed in shares along `axis`. */
  constrain(hlo: HloText, x: Value, axis: number): Value {
    const where = placement(x.shape.length, axis);
    const text = `sdy.sharding_constraint ${x.name} ${where} : ${tensorType(x.shape, x.dtype)}`;
    return hlo.op(text, x.shape, x.dtype);
  }

  /**
   * Operations that each device does on its own, on its share of what lies along the first axis of operands and
   * results: for calls that XLA cannot split, and would gather everything for.
   */
  apart(hlo: HloText, operands: readonly Value[], body: (inner: HloText, shares: Value[]) => Value[]): Value[] {
    if (this.devices === 1) return body(hlo, [...operands]);
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
export function batchNodes(outputs: Iterable<Tensor>, isSplit: (input: Tensor) => boolean): Set<Tensor> {
  const found = new Set<Tensor>();
  for (const n of reachable(outputs))
    if (n.kind === 'input' ? isSplit(n) : n.inputs.some((x) => found.has(x))) found.add(n);
  return found;
}
