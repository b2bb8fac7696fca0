import { Rng } from '../rng.js';

/**
 * A part of the pictures with the same share of each class, at least one of each. Parts of one seed are nested: a larger one holds every
 * smaller one.
 * @param labels [n] @param fraction above 0, up to 1 @returns numbers of pictures, ascending
 */
export function subset(labels: Int32Array, fraction: number, seed: number): Int32Array {
  const byClass = new Map<number, number[]>();
  for (const [i, label] of labels.entries()) {
    const own = byClass.get(label);
    if (own) own.push(i);
    else byClass.set(label, [i]);
  }
  const chosen: number[] = [];
  for (const [label, own] of byClass) {
    const count = Math.min(own.length, Math.max(1, Math.round(fraction * own.length)));
    chosen.push(...Rng.of(seed, 'subset', label).shuffle(own).slice(0, count));
  }
  return Int32Array.from(chosen).sort();
}
