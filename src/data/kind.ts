import type { Place } from './place.js';
import type { EvalSplit, MetricName, Task } from './set.js';

/** A split that can say what decides its pictures and labels. */
export interface ListedSplit extends EvalSplit {
  /** Tells names, sizes, times and labels, piece by piece, in order. */
  digest(add: (text: string) => void): void;
}

/** What lies in a data set's folder, listed. */
export interface Contents {
  classes: readonly string[];
  train: ListedSplit;
  val?: ListedSplit;
  test: ListedSplit;
  /** Lines for the user, beside those of the place. */
  remarks?: readonly string[];
  close?(): Promise<void>;
}

/**
 * How a data set lies on the disk: one file in `sets/` and one line in `sets/index.ts`. All that does not depend on the
 * copy at hand is said here, for tables, messages and the docs.
 */
export interface SetKind {
  /** Key in flags, files and tables. */
  readonly name: string;
  readonly title: string;
  readonly task: Task;
  /** What its authors or the paper (appendix B) judge it by. */
  readonly metric: MetricName;
  /** Where training, validation and test pictures come from, in a line. */
  readonly splits: string;
  /** Files and folders of it, in a line. */
  readonly layout: string;
  /** The page where it is had; none for forms that are nobody's. */
  readonly home?: string;
  readonly citation?: string;
  /** Other names that mean it: the paper's, libraries'. */
  readonly alias?: readonly string[];
  /**
   * Paths that tell it, relative to a root: all of any one line. Folders end in `/`, a `*` stands for some characters
   * of a name, and what begins with `!` must not be there. None: it is never guessed.
   */
  readonly marks: readonly (readonly string[])[];
  /** Where else than in the folder itself the root may lie, as archives unpack. */
  readonly roots?: readonly string[];
  /** Where it is named its marks need not be there: it is read as it lies. */
  readonly anywhere?: boolean;
  open(place: Place): Promise<Contents>;
}
