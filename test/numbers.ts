/** ‖a − b‖ / ‖b‖ over all elements; ‖a − b‖ when b is zero. */
export function relativeDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  let off = 0;
  let size = 0;
  for (let i = 0; i < b.length; i++) {
    off += (a[i] - b[i]) ** 2;
    size += b[i] ** 2;
  }
  return Math.sqrt(off) / (Math.sqrt(size) || 1);
}

/**
 * The seed of a test's random input: SYNCLR_TEST_SEED, or a new one; printed, so that a failure can be repeated.
 * @param usual in place of a new one, where what is asserted is not true of every draw
 */
export function testSeed(file: string, usual = Date.now() % 1_000_000): number {
  const seed = Number(process.env.SYNCLR_TEST_SEED ?? usual);
  console.log(`${file}: seed ${seed} (SYNCLR_TEST_SEED)`);
  return seed;
}
