import type { Rgb } from '../views/image.js';

/** What is asked about a picture: its one class, all classes that are in it, or the class of every pixel. */
export type Task = 'single' | 'multi-label' | 'segmentation';

/** The figure by which a data set is judged, as its authors or the paper (appendix B) prescribe. */
export type MetricName = 'top-1' | 'mean per class' | '11-point mAP' | 'mIoU';

/**
 * A picture as it lies on the disk: a file's bytes, known by their content, or pixels of a format without coding
 * (CIFAR, IDX).
 */
export type Picture = Uint8Array | Rgb;

/** Pictures of a data set that serve one purpose, listed but not decoded. */
export interface EvalSplit {
  /** Number of pictures. */
  readonly length: number;
  /** single: [n] the class of each; else empty. */
  readonly labels: Int32Array;
  /** multi-label: [n, classes] 1 there, −1 not there, 0 difficult (only challenge rules leave it out). */
  readonly present?: Int8Array;
  /** What messages and tables call a picture: its path within the data set, or `file: entry`. */
  nameOf(i: number): string;
  /** @throws UserError where its file is gone or damaged as a whole */
  read(i: number): Promise<Picture>;
  /** segmentation: the picture of labels, one byte a pixel: the class, or 255 for what counts nowhere. */
  readMask?(i: number): Promise<{ width: number; height: number; data: Uint8Array }>;
}

/** A data set as evaluation takes it, whatever it lies in. */
export interface EvalSet extends AsyncDisposable {
  /** Name in tables and files. */
  readonly name: string;
  /** The registry's entry that it is read by (`cifar10`, `voc2007`, `folder` …). */
  readonly kind: string;
  readonly dir: string;
  readonly task: Task;
  readonly metric: MetricName;
  readonly classes: readonly string[];
  readonly train: EvalSplit;
  /** For choices (rates, penalties); absent: a part of `train` is set aside by whoever chooses. */
  readonly val?: EvalSplit;
  readonly test: EvalSplit;
  /**
   * SHA-256 over what decides pictures and labels: names, sizes, times, or the content of label files. Features are
   * kept under it.
   */
  readonly hash: string;
  /** Whom to cite, in one line. */
  readonly citation?: string;
  /** How it is understood where that may surprise, and what is left out: lines for the user. */
  readonly remarks: readonly string[];
  close(): Promise<void>;
}
