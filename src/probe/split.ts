import { Rng } from '../rng.js';

/**
 * Sets rows aside for validation, of every class the same share (of a class of two or more at least one row, never all of them).
 * @param share 0…1; 0 sets none aside
 * @returns row numbers, ascending
 */
export function stratifiedSplit(
  labels: Int32Array,
  classes: number,
  share: number,
  seed: number,
): { fit: Int32Array; held: Int32Array } {
  const byClass: number[][] = Array.from({ length: classes }, () => []);
  labels.forEach((c, i) => {
    byClass[c].push(i);
  });
  const held = new Set<number>();
  if (share > 0)
    byClass.forEach((rows, c) => {
      const count = Math.min(rows.length - 1, Math.max(1, Math.round(rows.length * share)));
      for (const i of Rng.of(seed, 'validation split', c)
        .shuffle([...rows])
        .slice(0, Math.max(0, count)))
        held.add(i);
    });
  const all = [...labels.keys()];
  return {
    fit: Int32Array.from(all.filter((i) => !held.has(i))),
    held: Int32Array.from(all.filter((i) => held.has(i))),
  };
}
