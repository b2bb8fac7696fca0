import type { Solution } from './logistic-fit.js';

/** Penalty a row from which a fit begins at zeros: of weaker ones the way there leads over stronger ones. */
const UNAIDED = 1e-3;
/** How many times weaker the next of them is, which is about where a line through two solutions still tells where it lies. */
const CLOSER = 10;
/** Penalty a row below which a step closer says no more. */
const WEAKEST = 1e-10;

/**
 * Penalties over which a weak one is come to, from the strongest on. Straight from zeros steps would be as long, in directions that the
 * features hardly have, as rounding there is divided by the penalty, and a fit may stay where it began.
 * @param rows of the training features: what counts is the penalty a row
 * @returns none for a penalty that a fit reaches from zeros; l2 itself is not among them
 */
export function strongerThan(l2: number, rows: number): number[] {
  const out: number[] = [];
  for (let at = UNAIDED * rows; at > l2 * CLOSER; at /= CLOSER) {
    out.push(at);
    // Of no penalty at all there are no decades to go.
    if (at < WEAKEST * rows) break;
  }
  return out;
}

/**
 * Where the fit of a penalty starts: on the line through the two solutions before, which is straight in the penalty's logarithm for a while.
 * @returns undefined where there is none before
 */
export function along(l2: number, last?: Solution, before?: Solution): Float64Array | undefined {
  if (!last || !before) return last?.at;
  const by = Math.log(l2 / last.l2) / Math.log(last.l2 / before.l2);
  // A penalty of 0, and one that is told twice, lie on no line.
  return Number.isFinite(by) ? last.at.map((v, i) => v + by * (v - before.at[i])) : last.at;
}
