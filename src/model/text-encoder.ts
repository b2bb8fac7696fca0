import { createHash } from 'node:crypto';
import { closing } from '../disposable.js';
import { ops } from '../graph/index.js';
import type { Executors } from '../runtime/executor.js';
import { placed, type TextConfig, textParameters, textTower } from './text.js';

/** A frozen text tower. */
export interface TextEncoder extends AsyncDisposable {
  readonly config: TextConfig;
  /** Of its weights and sizes. */
  readonly hash: string;
  /**
   * @param ids [rows·context], padded texts one after the other
   * @returns [rows, out], not normalised
   */
  encode(ids: BigInt64Array): Promise<Float32Array>;
  close(): Promise<void>;
}

/** Texts of one run of a program. */
const BATCHES = [64, 8, 1];

/**
 * Opens a text tower.
 * @param tower its form and its parameters by graph name, `text.…`
 * @param on executors that are open, and stay so
 */
export async function openTextEncoder(
  tower: { config: TextConfig; parameters: ReadonlyMap<string, Float32Array> },
  on: Executors,
): Promise<TextEncoder> {
  const { config } = tower;
  const specs = textParameters(config);
  const nodes = new Map(specs.map((s) => [s.name, ops.input(s.name, s.shape)]));
  // Whatever order its fields were read in.
  const form = JSON.stringify(Object.entries(config).sort(([a], [b]) => (a < b ? -1 : 1)));
  const hash = createHash('sha256').update(form).update(on.precision);
  const executor = await on.open();
  try {
    for (const { name, shape } of specs) {
      const values = tower.parameters.get(name);
      if (!values) throw new Error(`internal: the text tower lacks ${name}`);
      hash.update(name).update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
      await executor.keep(name, shape, values.slice());
    }
  } catch (e) {
    await executor.close();
    throw e;
  }
  const programs = new Map<number, Promise<void>>();
  const program = (rows: number): Promise<void> => {
    let known = programs.get(rows);
    if (!known) {
      const tokens = ops.input('tokens', [rows * config.context], 'i64');
      const ends = ops.input('ends', [rows], 'i64');
      const { order, precision } = on;
      const features = textTower(config, (name) => nodes.get(name)!, tokens, ends, { order, precision });
      known = executor.load(`texts ${rows}`, { features: ops.cast(features, 'f32') });
      programs.set(rows, known);
    }
    return known;
  };
  return closing<Omit<TextEncoder, typeof Symbol.asyncDispose>>({
    config,
    hash: hash.digest('hex'),
    async encode(ids) {
      const count = ids.length / config.context;
      const out = new Float32Array(count * config.out);
      for (let at = 0; at < count; ) {
        const left = count - at;
        // Where compiling takes its time, there are two programs only.
        const rows = on.order === 'sample' ? (left > 1 ? BATCHES[0] : 1) : BATCHES.find((batch) => left * 2 > batch)!;
        const used = Math.min(rows, left);
        // What is over repeats the first text.
        const batch = new BigInt64Array(rows * config.context);
        for (let row = 0; row < rows; row++) {
          const from = (at + (row < used ? row : 0)) * config.context;
          batch.set(ids.subarray(from, from + config.context), row * config.context);
        }
        await program(rows);
        const { features } = await executor.run(`texts ${rows}`, { ...placed(config, batch, on.order) });
        out.set(features.subarray(0, used * config.out), at * config.out);
        at += used;
      }
      return out;
    },
    close: () => executor.close(),
  });
}
