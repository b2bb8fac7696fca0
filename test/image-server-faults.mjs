/**
 * The fault that strikes the n-th painting, if any. @param n from 1 @param starts how often the server was started so far, from 1
 * A fault strikes at the paintings of `at`, or at every `every`-th; dying happens in the server's first `times` lives.
 */
export function faultOf(faults, n, starts) {
  return faults.find((f) => {
    if (f.kind === 'die' && starts > (f.times ?? 1)) return false;
    if (f.at) return f.at.includes(n);
    if (f.times !== undefined && f.kind !== 'die' && n > f.times * (f.every ?? 1)) return false;
    return n % (f.every ?? 1) === 0;
  });
}
