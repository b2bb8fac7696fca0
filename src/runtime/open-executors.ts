import { type Closing, closing } from '../disposable.js';
import { chooseProvider, type ProviderName, precisionOf } from './choose.js';
import type { Executors } from './executor.js';
import { OrtExecutors } from './ort/executors.js';
import { attentionOf } from './start-trainer.js';
import { programsFolder } from './xla/plugins.js';
import type { AttentionKind } from './xla/stablehlo.js';

/** The settings (of `runtime`) that say what runs graphs. */
export interface ExecutorSettings {
  provider: ProviderName;
  /** Threads of one operator of ONNX Runtime; 0 = all cores. */
  threads: number;
  /** An XLA plugin's library; default: what is found. */
  plugin?: string;
  precision?: 'auto' | 'float32' | 'bfloat16';
  attention?: 'auto' | AttentionKind;
  /** Devices that share batches of images; 0 = all. */
  devices?: number;
}

export interface OpenExecutorsOptions {
  signal?: AbortSignal;
  /** Hears how compiling goes when it takes its time. */
  note?: (line: string) => void;
}

/**
 * Chooses what runs graphs, as `startTrainer` does for training.
 * @throws UserError where what the settings name is not here or does not work
 */
export async function openExecutors(s: ExecutorSettings, o: OpenExecutorsOptions = {}): Promise<Closing<Executors>> {
  return closing(await open(s, o));
}

async function open(s: ExecutorSettings, o: OpenExecutorsOptions): Promise<Executors> {
  const chosen = await chooseProvider({ provider: s.provider, plugin: s.plugin ?? '' }, { signal: o.signal });
  const precision = precisionOf(chosen, s.precision ?? 'auto');
  if (chosen.kind === 'ort')
    return new OrtExecutors({ provider: chosen.provider, threads: s.threads, about: chosen.says, reuse: true });
  const { XlaExecutors } = await import('./xla/executors.js');
  return XlaExecutors.start({
    device: { plugin: chosen.plugin.path, devices: s.devices || undefined, cache: programsFolder(), signal: o.signal },
    precision,
    attention: attentionOf(chosen, precision, s.attention ?? 'auto'),
    note: (line) => o.note?.(line),
  });
}

/**
 * ONNX Runtime on the CPU, which is always here. Nothing is left of it once its executors are closed:
 * it need not be closed itself.
 * @param threads 0 = all cores
 */
export function cpuExecutors(threads = 0): Executors {
  return new OrtExecutors({ provider: 'cpu', threads, about: 'ONNX Runtime on the CPU' });
}
