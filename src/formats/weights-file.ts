import type { SafeTensor } from './safetensors.js';

/** What a file of weights says of a tensor before any of it is read. */
export interface TensorInfo {
  /** As safetensors call it: F64, F32, F16, BF16, I64, I32, I16, I8, U8, BOOL … */
  dtype: string;
  shape: readonly number[];
}

/**
 * A file (or a set of shards) of weights, of whichever format: names, types and shapes are known once it is open, numbers are read when they are
 * asked for. All sizes were checked against the file's length then.
 */
export interface WeightsFile {
  /** E.g. `safetensors`, `safetensors, 4 shards`, `torch zip`, `torch legacy`. */
  readonly format: string;
  /** The file that was opened, for messages. */
  readonly path: string;
  /**
   * Tensors by the path of the dictionary that they lie in, then by their name in it: '' is the file itself (safetensors have no other), `model`,
   * `state_dict`, `teacher`, `model_ema` … those of a training state. Dictionaries that hold no tensor are left out.
   */
  readonly groups: ReadonlyMap<string, ReadonlyMap<string, TensorInfo>>;
  /** Plain values beside them, by path (`epoch`, `args.arch`); inert, and only those that are short. */
  readonly values: ReadonlyMap<string, string | number | boolean | null>;
  /** Text metadata of a safetensors header; empty elsewhere. */
  readonly metadata: Readonly<Record<string, string>>;
  /**
   * Numbers of some tensors of a group, row-major and contiguous, of their own type.
   * @throws UserError or DamagedFile, one line: file, tensor, what is wrong
   */
  read(group: string, names: Iterable<string>): Promise<Map<string, SafeTensor>>;
}
