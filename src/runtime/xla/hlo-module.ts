import { readProto, readVarints } from '../../formats/protobuf.js';

/** What a compiled program does beside computing, of one kind. */
export interface Transfer {
  count: number;
  /** Of the results, on one device. */
  bytes: number;
}

/** What can be read off an optimised program. */
export interface HloSummary {
  /** Exchanges between devices, by their HLO opcode: `all-reduce`, `all-gather`, `reduce-scatter` … */
  collectives: Record<string, Transfer>;
  /** Calls of libraries by target, such as `__cudnn$fmhaSoftmax`. */
  calls: Record<string, number>;
}

const COLLECTIVE =
  /^(all-reduce|all-gather|reduce-scatter|all-to-all|collective-permute|collective-broadcast)(-start)?$/;

/** Bytes of an element by XLA's PrimitiveType (`xla/xla_data.proto`); what is not listed has one or is none. */
const BYTES: Readonly<Record<number, number>> = {
  ...{ 3: 2, 4: 4, 5: 8, 7: 2, 8: 4, 9: 8 },
  ...{ 10: 2, 11: 4, 12: 8, 15: 8, 16: 2, 18: 16 },
};
const TUPLE = 13;

/** Numbers of fields that are read (`xla/service/hlo.proto`, `xla/xla_data.proto`). */
const FIELD = {
  withConfig: { module: 1 },
  module: { computation: 3 },
  computation: { instruction: 2 },
  instruction: { opcode: 2, shape: 3, target: 28 },
  shape: { type: 2, dimension: 3, part: 4 },
} as const;

/**
 * Reads an optimised program as plugins give it.
 * @param bytes a `HloModuleProtoWithConfig` (format `hlo_with_config`) or, otherwise, a `HloModuleProto`
 */
export function summarize(bytes: Uint8Array, format: string): HloSummary {
  const summary: HloSummary = { collectives: {}, calls: {} };
  const modules = format === 'hlo_with_config' ? parts(bytes, FIELD.withConfig.module) : [bytes];
  for (const module of modules)
    for (const computation of parts(module, FIELD.module.computation))
      for (const instruction of parts(computation, FIELD.computation.instruction)) count(instruction, summary);
  return summary;
}

function count(instruction: Uint8Array, { collectives, calls }: HloSummary): void {
  let opcode = '';
  let target = '';
  let shape: Uint8Array | undefined;
  for (const { field, value } of readProto(instruction)) {
    if (typeof value === 'bigint') continue;
    if (field === FIELD.instruction.opcode) opcode = text(value);
    else if (field === FIELD.instruction.target) target = text(value);
    else if (field === FIELD.instruction.shape) shape = value;
  }
  if (opcode === 'custom-call') calls[target] = (calls[target] ?? 0) + 1;
  const found = COLLECTIVE.exec(opcode);
  if (!found) return;
  const of = (collectives[found[1]] ??= { count: 0, bytes: 0 });
  of.count++;
  // What is begun gives its operands back, too; those of an all-reduce are where its results are.
  const pairs = found[2] !== undefined && found[1] !== 'all-reduce';
  if (shape) of.bytes += pairs ? bytesOf(lastPart(shape)) : bytesOf(shape);
}

/** Of an array, its bytes; of a tuple, those of its parts. */
function bytesOf(shape: Uint8Array): number {
  let type = 0;
  let elements = 1;
  let inside = 0;
  for (const { field, value } of readProto(shape)) {
    if (field === FIELD.shape.type && typeof value === 'bigint') type = Number(value);
    else if (field === FIELD.shape.dimension)
      for (const n of typeof value === 'bigint' ? [value] : readVarints(value)) elements *= Number(n);
    else if (field === FIELD.shape.part && typeof value !== 'bigint') inside += bytesOf(value);
  }
  return type === TUPLE ? inside : elements * (BYTES[type] ?? 1);
}

/** Of the tuple (operands, results, …): the results. */
const lastPart = (shape: Uint8Array): Uint8Array => parts(shape, FIELD.shape.part)[1] ?? shape;

function parts(message: Uint8Array, wanted: number): Uint8Array[] {
  const found: Uint8Array[] = [];
  for (const { field, value } of readProto(message))
    if (field === wanted && typeof value !== 'bigint') found.push(value);
  return found;
}

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');
