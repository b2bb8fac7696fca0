/** Features with their classes. */
export interface Labelled {
  /** [n, dim] row-major */
  x: Float32Array;
  dim: number;
  /** [n] class of each row */
  labels: Int32Array;
}
