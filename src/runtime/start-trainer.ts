import { type Chosen, chooseProvider, type ProviderName, precisionOf } from './choose.js';
import { OrtTrainer } from './ort/trainer.js';
import type { CropForm, Objective, Trainer, TrainingState } from './training.js';
import type { Compiled } from './xla/device.js';
import { OutOfDeviceMemory } from './xla/errors.js';
import { programsFolder } from './xla/plugins.js';
import type { AttentionKind } from './xla/stablehlo.js';

/** The settings of a training step that change its speed, not its meaning, and how it is looked at. */
export interface TrainerOptions {
  provider: ProviderName;
  /** Threads of one operator of ONNX Runtime; 0 = all cores. */
  threads: number;
  /** Threads of AdamW beside ONNX Runtime; default 1. */
  optimizerThreads?: number;
  /** See `ExecutorOptions`. */
  spinning?: boolean;
  profile?: string;
  /** An XLA plugin's library; default: what is found. */
  plugin?: string;
  precision?: 'auto' | 'float32' | 'bfloat16';
  attention?: 'auto' | AttentionKind;
  recompute?: boolean;
  /** On GPUs, only kernels that give the same bits every time. Default false. */
  deterministic?: boolean;
  /** Devices that share each batch; 0 = all. */
  devices?: number;
  shard?: 'none' | 'optimizer';
  /** Batches of one update. Default 1. */
  accumulate?: number;
  /** How XLA is fed; default: bytes, on a CPU floats. ONNX Runtime takes floats. */
  crops?: CropForm;
  /** Give intermediate values and gradients with each update. */
  trace?: boolean;
  signal?: AbortSignal;
  /** Hears what runs the step, and how compiling goes. */
  onCompile?: (what: string, seconds: number, done?: Compiled) => void;
}

/**
 * Compiles an objective for the executor that the options name, and puts the state there.
 * @throws UserError where that executor is not here, or has no room
 */
export async function startTrainer(objective: Objective, state: TrainingState, o: TrainerOptions): Promise<Trainer> {
  const { provider, plugin = '', signal } = o;
  const chosen = await chooseProvider({ provider, plugin }, { signal });
  const precision = precisionOf(chosen, o.precision ?? 'auto');
  if (chosen.kind === 'ort') return OrtTrainer.start(objective, state, { ...o, provider: chosen.provider });
  const { WHAT_HELPS, XlaTrainer } = await import('./xla/trainer.js');
  try {
    return await XlaTrainer.start(objective, state, {
      device: {
        plugin: chosen.plugin.path,
        devices: o.devices || undefined,
        cache: programsFolder(),
        flags: gpuFlags(chosen.trial.platform, o.deterministic ?? false),
        signal,
      },
      precision,
      attention: attentionOf(chosen, precision, o.attention ?? 'auto'),
      recompute: o.recompute,
      shard: o.shard,
      accumulate: o.accumulate,
      trace: o.trace,
      crops: o.crops,
      onCompile: o.onCompile,
    });
  } catch (e) {
    if (e instanceof OutOfDeviceMemory) throw e.because(WHAT_HELPS);
    throw e;
  }
}

/** XLA's flags of a platform. Among what is excluded is cuDNN's faster gradient of attention, which adds up in any order. */
export function gpuFlags(platform: string | undefined, deterministic: boolean): string | undefined {
  const isGpu = platform === 'cuda' || platform === 'rocm';
  return isGpu && deterministic ? '--xla_gpu_exclude_nondeterministic_ops=true' : undefined;
}

/** cuDNN's kernels are NVIDIA's, and for bfloat16. */
export function attentionOf(
  chosen: Chosen & { kind: 'xla' },
  precision: 'float32' | 'bfloat16',
  setting: 'auto' | AttentionKind,
): AttentionKind {
  if (setting !== 'auto') return setting;
  return chosen.trial.platform === 'cuda' && precision === 'bfloat16' ? 'cudnn' : 'plain';
}
