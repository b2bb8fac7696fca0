import { UserError } from '../errors.js';
import { floatsOf, refuseNotFinite } from '../formats/floats.js';
import type { SafeTensor } from '../formats/safetensors.js';
import type { TensorInfo, WeightsFile } from '../formats/weights-file.js';

/**
 * Where a piece of one of our parameters comes from: a tensor of the file, rows of one (first and number), one turned around, or zeros, so many,
 * where a family has none. Pieces are laid one after the other.
 */
export type Part =
  | string
  | { name: string; rows: readonly [number, number] }
  | { name: string; turned: true }
  | { zeros: number };

/** Our parameters by name, with the pieces that they are made of and their shapes. */
export type Sources = Map<string, { shape: readonly number[]; parts: readonly Part[] }>;

export const nameOf = (part: Part): string | undefined =>
  typeof part === 'string' ? part : 'name' in part ? part.name : undefined;

/** @returns how many numbers a piece has */
function lengthOf(part: Part, tensors: ReadonlyMap<string, TensorInfo>): number {
  if (typeof part !== 'string' && 'zeros' in part) return part.zeros;
  const shape = tensors.get(nameOf(part)!)?.shape ?? [];
  const size = shape.reduce((a, b) => a * b, 1);
  return typeof part !== 'string' && 'rows' in part ? (size / shape[0]) * part.rows[1] : size;
}

/**
 * Compares what a family's names promise with the file's tensors, before anything is read.
 * @param tensors by the names that parts use
 * @throws UserError naming the tensor that is missing or of another shape
 */
export function checkSources(sources: Sources, tensors: ReadonlyMap<string, TensorInfo>, where: string): void {
  for (const [ours, { shape, parts }] of sources) {
    for (const part of parts) {
      const name = nameOf(part);
      if (name !== undefined && !tensors.has(name)) throw new UserError(`${where}: ${name} is missing`);
    }
    const wanted = shape.reduce((a, b) => a * b, 1);
    const found = parts.reduce((sum, part) => sum + lengthOf(part, tensors), 0);
    const single = parts.length === 1 ? nameOf(parts[0]) : undefined;
    const isOther = single !== undefined && !fits(tensors.get(single)!.shape, shape, parts[0]);
    if (found !== wanted || isOther) {
      const names = parts.flatMap((p) => nameOf(p) ?? []);
      const shapes = names.map((n) => `${n} [${tensors.get(n)!.shape}]`).join(', ');
      throw new UserError(
        `${where}: ${shapes || ours} does not fit: expected [${shape}] for ${ours.replace(/^backbone\./, '')}`,
      );
    }
  }
}

/** Whether a tensor is the shape that is wanted, but for axes of size 1. */
function fits(there: readonly number[], wanted: readonly number[], part: Part): boolean {
  if (typeof part !== 'string') return true;
  const plain = (shape: readonly number[]) => shape.filter((n) => n !== 1).join();
  return plain(there) === plain(wanted);
}

/**
 * Reads and assembles parameters; halves are widened.
 * @param original gives the file's own name of a tensor
 * @throws UserError or DamagedFile: a type that holds no numbers, a number that is none
 */
export async function assemble(
  file: WeightsFile,
  group: string,
  sources: Sources,
  original: (name: string) => string,
): Promise<Map<string, Float32Array>> {
  const names = new Set<string>();
  for (const { parts } of sources.values()) for (const part of parts) if (nameOf(part)) names.add(nameOf(part)!);
  const stored = await file.read(group, [...names].map(original));
  const widened = new Map<string, Float32Array>();
  const floats = (name: string): Float32Array => {
    let data = widened.get(name);
    if (data) return data;
    const t = stored.get(original(name))!;
    data = floatsOf(t);
    if (!data)
      throw new UserError(
        `${file.path}: ${original(name)} is ${t.dtype}, which is not supported: save it as F32, F16 or BF16`,
      );
    refuseNotFinite(file.path, original(name), data);
    widened.set(name, data);
    return data;
  };
  const out = new Map<string, Float32Array>();
  const given = new Set<string>();
  for (const [ours, { shape, parts }] of sources) {
    const [only] = parts;
    if (parts.length === 1 && typeof only === 'string') {
      // Handed over as it is, unless another parameter has it, or it is a part of more.
      const data = floats(only);
      const isItsOwn = data.byteLength === data.buffer.byteLength && !given.has(only);
      given.add(only);
      out.set(ours, isItsOwn ? data : data.slice());
      continue;
    }
    const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
    let at = 0;
    for (const part of parts) {
      const piece = pieceOf(part, floats, (name) => stored.get(original(name))!);
      data.set(piece, at);
      at += piece.length;
    }
    out.set(ours, data);
  }
  return out;
}

function pieceOf(
  part: Part,
  floats: (name: string) => Float32Array,
  tensor: (name: string) => SafeTensor,
): Float32Array {
  if (typeof part === 'string') return floats(part);
  if ('zeros' in part) return new Float32Array(part.zeros);
  const data = floats(part.name);
  const { shape } = tensor(part.name);
  if ('rows' in part) {
    const row = data.length / shape[0];
    return data.subarray(part.rows[0] * row, (part.rows[0] + part.rows[1]) * row);
  }
  const [rows, columns] = shape;
  const turned = new Float32Array(data.length);
  for (let y = 0; y < rows; y++) for (let x = 0; x < columns; x++) turned[x * rows + y] = data[y * columns + x];
  return turned;
}
