import { UserError } from '../../errors.js';
import { floatsOf } from '../../formats/floats.js';
import { readSafetensors, type SafeTensor } from '../../formats/safetensors.js';

/** Tensors of a folder of cases, by name. */
export interface Tensors {
  has(name: string): boolean;
  names(): string[];
  /** @param rank axes that it must have @throws UserError where there is none, or it has other axes, or what is no number in it */
  get(name: string, rank?: number): { shape: number[]; data: Float32Array };
  /** In full precision. @throws UserError as `get` does */
  doubles(name: string): Float64Array;
  ints(name: string): Int32Array;
  bytes(name: string, rank?: number): { shape: number[]; data: Uint8Array };
}

/** @throws UserError naming the first value that is no number: of these the cases have none */
export function refuseNaN(data: ArrayLike<number>, where: string): void {
  for (let i = 0; i < data.length; i++)
    if (Number.isNaN(data[i])) throw new UserError(`${where} has a NaN, at place ${i}`);
}

/** NAME.safetensors beside NAME.json. */
export async function tensorsOf(json: string): Promise<Tensors> {
  const file = json.replace(/\.json$/, '.safetensors');
  const { tensors } = await readSafetensors(file);
  const one = (name: string): SafeTensor => {
    const t = tensors.get(name);
    if (!t) throw new UserError(`${file}: has no tensor ${name}`);
    return t;
  };
  const ranked = (name: string, rank?: number): SafeTensor => {
    const t = one(name);
    if (rank !== undefined && t.shape.length !== rank)
      throw new UserError(`${file}: ${name} is [${t.shape}], expected ${rank} axes`);
    return t;
  };
  const as = <T>(name: string, kind: abstract new (...args: never[]) => T, what: string): T => {
    const { data, dtype } = one(name);
    if (!(data instanceof kind)) throw new UserError(`${file}: ${name} is ${dtype}, expected ${what}`);
    return data;
  };
  return {
    has: (name) => tensors.has(name),
    names: () => [...tensors.keys()],
    get: (name, rank) => {
      const t = ranked(name, rank);
      const data = floatsOf(t);
      if (!data) throw new UserError(`${file}: ${name} is ${t.dtype}, expected floats`);
      refuseNaN(data, `${file}: ${name}`);
      return { shape: t.shape, data };
    },
    doubles: (name) => {
      const { data, dtype } = one(name);
      if (data instanceof Float64Array || data instanceof Float32Array) refuseNaN(data, `${file}: ${name}`);
      if (data instanceof Float64Array || data instanceof Float32Array) return Float64Array.from(data);
      throw new UserError(`${file}: ${name} is ${dtype}, expected F64 or F32`);
    },
    ints: (name) => as(name, Int32Array, 'I32'),
    bytes: (name, rank) => ({ shape: ranked(name, rank).shape, data: as(name, Uint8Array, 'U8') }),
  };
}

/** The largest difference; infinite where there are not as many numbers, NaN where one side has one. */
export function absolute(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  let most = 0;
  for (let i = 0; i < a.length; i++) {
    const off = Math.abs(a[i] - b[i]);
    if (Number.isNaN(off)) return Number.NaN;
    if (off > most) most = off;
  }
  return most;
}

/** The same over the largest size of `b`. */
export function ofLargest(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let size = 0;
  for (let i = 0; i < b.length; i++) size = Math.max(size, Math.abs(b[i]));
  const off = absolute(a, b);
  return size > 0 ? off / size : off;
}

/** Quantiles between the nearest values. @param sorted ascending */
export const quantiles = (sorted: ArrayLike<number>, levels: readonly number[]): number[] =>
  levels.map((q) => {
    const at = q * (sorted.length - 1);
    const down = Math.floor(at);
    const up = Math.min(sorted.length - 1, down + 1);
    return sorted[down] + (sorted[up] - sorted[down]) * (at - down);
  });

/** @throws UserError where a tensor of labels is of other rows than what it is the labels of */
export function rowsOf(file: string, name: string, found: number, expected: number): void {
  if (found !== expected) throw new UserError(`${file}: ${name} has ${found} values, expected ${expected}`);
}
