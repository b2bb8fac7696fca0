/**
 * One XLA program: its text and how its arguments and results are bound. What the StableHLO writer hands to the
 * device; neither knows more of the other than this.
 */

/** Element types of the values that go in and out of a program. */
export type ElementType = 'f32' | 'bf16' | 'u8' | 'i64' | 'i32';

/** Shape and element type of a whole value, whatever part of it a device has. */
export interface ValueType {
  readonly shape: readonly number[];
  readonly dtype: ElementType;
  /** Axis that is split evenly over the devices; undefined: every device has the whole. */
  readonly split?: number;
}

/** One argument of the program's main function, in the function's order. */
export interface Argument extends ValueType {
  readonly name: string;
  /** Name of the value kept on the device that is read; undefined: fed with each run. */
  readonly kept?: string;
}

/** One result of the program's main function, in the function's order. */
export interface Result extends ValueType {
  readonly name: string;
  /**
   * Name of the kept value that this result replaces: an argument of the same shape, dtype and split, which the
   * program's text gives away (donates). Undefined: the result is read back.
   */
  readonly kept?: string;
  /** Read back only when a run asks for it, else dropped. Default: read back with every run. */
  readonly onDemand?: boolean;
}

/** A program as text, with the binding of its arguments and results. */
export interface XlaProgram {
  /** StableHLO, one module with `@main`; with several devices, Shardy annotations are in it. */
  readonly text: string;
  readonly arguments: readonly Argument[];
  readonly results: readonly Result[];
  /** Number of devices that run it (partitions). */
  readonly devices: number;
}
