import { dirname, join } from 'node:path';
import { UserError } from '../../errors.js';
import { readSafetensors, type SafeTensor } from '../../formats/safetensors.js';
import type { Tensor } from '../../graph/index.js';
import { OrtExecutor } from '../../runtime/ort/executor.js';
import type { Feeds } from '../../runtime/training.js';
import { refuseNaN } from './finetune-compare.js';

/** Recorded cases whose values are a graph's. */

/** Runs a graph once. */
export type RunGraph = (outputs: Record<string, Tensor>, feeds: Feeds) => Promise<Record<string, Float32Array>>;

/** Runs what `use` asks for on ONNX Runtime's CPU provider, one thread. */
export async function* onOnnxRuntime<T>(use: (run: RunGraph) => AsyncIterable<T>): AsyncGenerator<T> {
  const executor = OrtExecutor.start({ provider: 'cpu', threads: 1 });
  try {
    yield* use(async (outputs, feeds) => {
      const { inputs } = await executor.load('case', outputs);
      return executor.run('case', Object.fromEntries(inputs.map((name) => [name, feeds[name]])));
    });
  } finally {
    await executor.close();
  }
}

/** The tensors of a case. */
export class CaseTensors {
  private readonly all: ReadonlyMap<string, SafeTensor>;
  private readonly file: string;

  private constructor(all: ReadonlyMap<string, SafeTensor>, file: string) {
    this.all = all;
    this.file = file;
  }

  /** @param file NAME.json, which NAME.safetensors lies beside */
  static async beside(file: string): Promise<CaseTensors> {
    const path = join(dirname(file), `${file.slice(dirname(file).length + 1).replace(/\.json$/, '')}.safetensors`);
    return new CaseTensors((await readSafetensors(path)).tensors, path);
  }

  names(): string[] {
    return [...this.all.keys()];
  }

  has(name: string): boolean {
    return this.all.has(name);
  }

  shape(name: string): readonly number[] {
    return this.get(name).shape;
  }

  /** @throws UserError where there is none of that name, or it is not float32 */
  floats(name: string): Float32Array {
    const { data } = this.get(name);
    if (!(data instanceof Float32Array)) throw new UserError(`${this.file}: ${name} is not of float32`);
    // Only what comes of a loss of no pixel may be no number.
    if (!/(?:^|\/)(?:out|grad)\b/.test(name)) refuseNaN(data, `${this.file}: ${name}`);
    return data;
  }

  /** Whole numbers of any type. */
  integers(name: string): BigInt64Array {
    return BigInt64Array.from(Array.from(this.get(name).data as ArrayLike<number>, (x) => BigInt(x)));
  }

  private get(name: string): SafeTensor {
    const tensor = this.all.get(name);
    if (!tensor) throw new UserError(`${this.file}: there is no tensor ${name}`);
    return tensor;
  }
}

/**
 * The largest difference, over the largest value of what is expected (over 1 where all of it is 0); NaN where one side alone has one: a loss
 * of no pixel is none on both.
 */
export function largestOff(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  let [off, most] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    if (Number.isNaN(expected[i]) && Number.isNaN(actual[i])) continue;
    const by = Math.abs(actual[i] - expected[i]);
    // What is no number is not let by, whatever comes after it.
    if (Number.isNaN(by)) return Number.NaN;
    if (by > off) off = by;
    most = Math.max(most, Math.abs(expected[i]));
  }
  return off / (most || 1);
}
