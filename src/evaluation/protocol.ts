import type { EvalSet, MetricName, Task } from '../data/set.js';
import type { OpenedEncoder } from '../encoders/open-encoder.js';
import type { Interval } from '../probe/intervals.js';
import type { Executors } from '../runtime/executor.js';
import type { ExecutorSettings } from '../runtime/open-executors.js';
import type { StageHooks } from '../stage.js';

/**
 * A protocol is a way to ask what an encoder is worth: one file in `protocols/` and one line in `protocols/index.ts`. It is run cell by
 * cell: one encoder, one data set, one protocol.
 */
export interface Protocol {
  /** Key in flags, files and tables. */
  readonly name: string;
  /** In a few words, for tables and pages; `source` says where it is from (paper table, equation, other work). */
  readonly title: string;
  readonly source: string;
  readonly tasks: readonly Task[];
  /** `features`: CLS features of the splits alone; `network`: the encoder's graph and weights, and the pictures. */
  readonly needs: 'features' | 'network';
  /** All that decides a result beside encoder, data and seed: part of the cell's key. */
  settings(o: ProtocolOptions): Readonly<Record<string, unknown>>;
  /** Files and folders that options name: what is in them decides a result, too. */
  files?(o: ProtocolOptions): readonly string[];
  /** Why it can't be measured here (no text tower, no masks, too few images a class), in one line; undefined: it can. */
  refuses?(cell: Pick<Cell, 'encoder' | 'set'>): string | undefined;
  /** Removes from `dir` of a cell what `run` would have gone on from: called once its result is kept. */
  clear?(dir: string, o: ProtocolOptions): Promise<void>;
  /** @throws Interrupted; what was paid for by then is kept in `cell.dir` and found by the next call */
  run(cell: Cell): Promise<CellResult>;
}

/** What users may set of protocols; absent: the paper's. Each protocol reads its own part. */
export type ProtocolOptions = Readonly<Record<string, unknown>>;

/** Features of one split; pictures that cannot be decoded are left out of both sides. */
export interface SplitFeatures {
  /** [n, dim] row-major */
  x: Float32Array;
  dim: number;
  /** [n]; single-label sets */
  labels: Int32Array;
  /** [n, classes] 1, −1, 0; multi-label sets */
  present?: Int8Array;
  /** [n] which picture of the split each row is */
  index: Int32Array;
}

/** One encoder, one data set, one protocol. */
export interface Cell {
  readonly encoder: OpenedEncoder;
  readonly set: EvalSet;
  /** CLS features at the encoder's own size; kept by encoder and data hash, so that a second call costs nothing. */
  features(): Promise<{ train: SplitFeatures; val?: SplitFeatures; test: SplitFeatures }>;
  readonly options: ProtocolOptions;
  readonly seed: number;
  /** A folder of the cell's own, for checkpoints and pictures; made by who needs it. */
  readonly dir: string;
  readonly executors: Executors;
  /** What training inside the cell runs on. */
  readonly runtime: ExecutorSettings;
  readonly hooks: StageHooks;
}

/** What a cell gave. All shares 0…1. */
export interface CellResult {
  /** Every figure by name: `top-1`, `mean per class`, `11-point mAP`, `mIoU`, `R@1`, `NMI`, `ECE` … */
  metrics: Readonly<Record<string, number>>;
  /** Which of them the table shows: the data set's where the protocol measures it. */
  main: MetricName | (string & {});
  /** 95 % interval of `main`. */
  interval?: Interval;
  /** What paired comparison on the same pictures takes; absent: none is made. */
  perImage?: PerImage;
  /** What was chosen or drawn, curves, counts: small and plain, for JSON. */
  details: Readonly<Record<string, unknown>>;
  /** Images of the test split that were left out since they cannot be decoded. */
  skipped?: readonly { name: string; why: string }[];
}

/** Per picture, in the order of the test split's rows. */
export type PerImage =
  /** `main` is the mean of values (0 or 1 for top-1). */
  | { of: 'mean'; values: Float32Array; index: Int32Array }
  /** `main` is the mean over classes of the mean of values. */
  | { of: 'mean per class'; values: Float32Array; labels: Int32Array; index: Int32Array }
  /** `main` is the mean over classes of ΣI / Σ(L + P − I). [n, classes, 3]: intersection, label, prediction in pixels. */
  | { of: 'mIoU'; areas: Float64Array; classes: number; index: Int32Array }
  /** `main` is a mean over classes of average precisions. [n, classes] each. */
  | { of: 'mAP'; scores: Float32Array; present: Int8Array; classes: number; index: Int32Array };
