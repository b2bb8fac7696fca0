import type { EvalSet } from '../../data/set.js';
import type { OpenedEncoder } from '../../encoders/open-encoder.js';
import type { Executors } from '../../runtime/executor.js';
import type { StageHooks } from '../../stage.js';
import type { SplitFeatures } from '../protocol.js';

/** What a classifier took test pictures for. */
export interface Predictions {
  /** What answered, in a few words: `kNN, k = 20`. */
  by: string;
  /** [n] the class of each row of the test features */
  classes: Int32Array;
  /** [n] how sure it is, 0…1 */
  confidences: Float32Array;
}

/** An encoder whose pictures stand beside others'. */
export interface PicturedEncoder {
  label: string;
  /** Opens it, or gives the open one; whoever opened it closes it. */
  open(): Promise<OpenedEncoder>;
  features(): Promise<{ train: SplitFeatures; test: SplitFeatures }>;
  /** Without a network (raw pixels) it has neither patches nor attention. */
  hasNetwork: boolean;
  /** Default: those of the nearest neighbours. */
  predictions?: Predictions;
}

export interface PicturesOptions {
  set: EvalSet;
  encoders: readonly PicturedEncoder[];
  executors: Executors;
  seed: number;
  hooks: Pick<StageHooks, 'signal'>;
}
