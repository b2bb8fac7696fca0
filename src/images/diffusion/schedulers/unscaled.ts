/** Input scaling of the schedulers that have none: a copy, unless in place. */
export function unscaled(sample: Float32Array, _i: number, out: Float32Array): void {
  if (out !== sample) out.set(sample);
}
