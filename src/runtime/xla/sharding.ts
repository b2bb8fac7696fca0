import { reachable, type Shape, type Tensor } from '../../graph/tensor.js';
import { type HloText, tensorType, type Value } from './hlo-text.js';

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
   * What each device computes of its own part alone, for calls of libraries, which XLA would give the whole. Operands
   * and results are split along their first axis.
   * @param body writes it; makes no scalars, which are written once for the whole program
   */
  alone(hlo: HloText, operands: readonly Value[], body: (parts: Value[]) => Value[]): Value[] {
    const began = hlo.lines.length;
    const sized = (x: Value, factor: number) => x.shape.with(0, x.shape[0] * factor);
    const parts = operands.map((x, i) => ({ ...x, name: `%part${i}`, shape: sized(x, 1 / this.devices) }));
    const made = body(parts);
    const inside = hlo.lines.splice(began);
    const results = made.map((x) => ({ ...x, shape: sized(x, this.devices) }));
    const where = (values: readonly Value[]) => `[${values.map((x) => placement(x.shape.length, 0)).join(', ')}]`;
    const types = (values: readonly Value[]) => values.map((x) => tensorType(x.shape, x.dtype)).join(', ');
    const names = (values: readonly Value[]) => values.map((x) => x.name).join(', ');
    const given = parts.map((x) => `${x.name}: ${tensorType(x.shape, x.dtype)}`).join(', ');
    const shardings = `in_shardings=${where(operands)} out_shardings=${where(results)} manual_axes={"${AXIS}"}`;
    const text = [
      `sdy.manual_computation(${names(operands)}) ${shardings} (${given}) {`,
      ...inside.map((line) => `  ${line}`),
      `  sdy.return ${names(made)} : ${types(made)}`,
      `} : (${types(operands)}) -> (${types(results)})`,
    ];
    return hlo.ops(text.join('\n'), results);
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
