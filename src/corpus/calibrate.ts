export interface Calibration {
  /** Things done by the first call. */
  first: number;
  /** Most things done at once. */
  most: number;
  /** A call that takes as long is believed. */
  seconds: number;
}

/**
 * Times an action on growing numbers of things, `first`, twice that …, until one call takes long enough to be believed or `most` things
 * are done at once; so a fast writer is timed on hundreds of captions and a slow server on a few.
 * @returns seconds a thing, of the last call, and how many things that call did
 */
export async function calibrate(
  { first, most, seconds }: Calibration,
  action: (n: number) => Promise<void>,
): Promise<{ each: number; n: number }> {
  for (let n = Math.min(first, most); ; n = Math.min(most, n * 2)) {
    const began = performance.now();
    await action(n);
    const took = (performance.now() - began) / 1000;
    if (took >= seconds || n === most) return { each: took / n, n };
  }
}

/** Seconds and their unit, with two digits: `0.14 s`, `35 ms`. */
export function shownSeconds(s: number): string {
  return s >= 0.1 ? `${Number(s.toPrecision(2))} s` : `${Number((s * 1000).toPrecision(2))} ms`;
}
