/**
 * Times an action on growing numbers of things, 1, 2, 4 …, until one call takes long enough to be believed or `most` things
 * are done at once; so a fast writer is timed on hundreds of captions and a slow server on a few.
 * @returns seconds a thing, of the last call, and how many things that call did
 */
export async function calibrate(
  most: number,
  seconds: number,
  action: (n: number) => Promise<void>,
): Promise<{ each: number; n: number }> {
  for (let n = Math.min(4, most); ; n = Math.min(most, n * 2)) {
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
