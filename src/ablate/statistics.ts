/** A mean over seeds. */
export interface Estimate {
  mean: number;
  /** Half of the interval that holds 95 % of such means; absent where the spread of seeds is not known. */
  half?: number;
  /** One a seed. */
  values: readonly number[];
}

/** Spread of seeds: its deviation, and how many differences it rests on. */
export interface Deviation {
  deviation: number;
  freedom: number;
}

/**
 * The deviation between seeds, over all groups together, each about its own mean.
 * @param groups values of one cell each @returns undefined where no group has two values
 */
export function pooledDeviation(groups: readonly (readonly number[])[]): Deviation | undefined {
  let squares = 0;
  let freedom = 0;
  for (const values of groups) {
    if (values.length < 2) continue;
    const mean = meanOf(values);
    for (const v of values) squares += (v - mean) ** 2;
    freedom += values.length - 1;
  }
  return freedom > 0 ? { deviation: Math.sqrt(squares / freedom), freedom } : undefined;
}

/** Mean and 95 % interval by Student's t. @returns undefined without values */
export function estimate(values: readonly number[], spread: Deviation | undefined): Estimate | undefined {
  if (values.length === 0) return undefined;
  const mean = meanOf(values);
  if (!spread) return { mean, values };
  return { mean, half: (studentT(spread.freedom) * spread.deviation) / Math.sqrt(values.length), values };
}

const meanOf = (values: readonly number[]): number => values.reduce((s, v) => s + v, 0) / values.length;

/** Two-sided 95 % points of Student's t, by degrees of freedom from 1. */
const T = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131, 2.12, 2.11,
  2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042,
];

/** @param freedom degrees of freedom, at least 1 */
export function studentT(freedom: number): number {
  // Beyond the table, Cornish and Fisher's expansion about the normal's 1.95996: off by less than 1e-3 from 30 on.
  return T[freedom - 1] ?? 1.95996 + 2.37227 / freedom + 2.8225 / freedom ** 2;
}
