import { Interrupted } from '../errors.js';
import type { Interval } from '../probe/intervals.js';
import { type CellRecord, readPerImage } from './cells.js';
import type { ComparedCell } from './compare.js';
import { AP_CONVENTIONS, type ApConvention } from './metrics/average-precision.js';
import { differenceOf } from './metrics/bootstrap.js';
import type { PerImage } from './protocol.js';

/** How an encoder differs from the first on one data set, measured on the same pictures. */
export interface ComparedDifference {
  protocol: string;
  set: string;
  /** Of this encoder less the first. */
  encoder: string;
  /** −1…1 */
  difference: number;
  /** 95 %, by drawing the pictures again for both at once. */
  interval: Interval;
  /** Two-sided, of this difference alone. */
  p: number;
  /** The same, with all differences of its protocol looked at together (Holm 1979). */
  holm: number;
  /** Pictures that both were measured on. */
  pictures: number;
}

export interface Differences {
  /** The encoder that the others are compared with. */
  against: string;
  /** A difference counts where `holm` is below this. */
  level: number;
  rows: ComparedDifference[];
}

const LEVEL = 0.05;
/** Draws of the bootstrap: no p is smaller than 2 over these, and Holm multiplies by the number of differences. */
const LEAST_DRAWS = 1000;
const DRAWS_EACH = 80;

/**
 * Every encoder against the first, protocol by protocol and set by set, on the pictures that both could decode.
 * @param dir the comparison's folder @throws Interrupted
 */
export async function differencesOf(
  dir: string,
  encoders: readonly { label: string }[],
  cells: readonly ComparedCell[],
  seed: number,
  signal: AbortSignal,
): Promise<Differences> {
  const [first, ...others] = encoders.map((e) => e.label);
  const measured = cells.filter((c): c is ComparedCell & { record: CellRecord } => c.record?.perImage === true);
  const rows: ComparedDifference[] = [];
  for (const protocol of new Set(measured.map((c) => c.protocol))) {
    const own = measured.filter((c) => c.protocol === protocol);
    const pairs = own.filter((c) => c.encoder !== first && own.some((a) => a.encoder === first && a.set === c.set));
    const draws = Math.max(LEAST_DRAWS, DRAWS_EACH * pairs.length);
    const found: ComparedDifference[] = [];
    for (const set of new Set(pairs.map((c) => c.set))) {
      const base = await readPerImage(dir, own.find((c) => c.encoder === first && c.set === set)!.record);
      for (const encoder of others) {
        const other = pairs.find((c) => c.encoder === encoder && c.set === set);
        const theirs = other && (await readPerImage(dir, other.record));
        if (!base || !theirs || base.of !== theirs.of || !meets(base, theirs)) continue;
        if (signal.aborted) throw new Interrupted('stopped while comparing');
        const { difference, interval, p, pictures } = differenceOf(theirs, base, {
          seed,
          draws,
          ap: apOf(other.record),
        });
        found.push({ protocol, set, encoder, difference, interval, p, holm: p, pictures });
      }
    }
    const adjusted = holm(found.map((d) => d.p));
    rows.push(...found.map((d, i) => ({ ...d, holm: adjusted[i] })));
  }
  return { against: first, level: LEVEL, rows };
}

/** How precision was averaged, where the figure is an mAP. */
function apOf({ result }: CellRecord): ApConvention | undefined {
  return AP_CONVENTIONS.find((ap) => ap === result.details.ap);
}

function meets(a: PerImage, b: PerImage): boolean {
  const there = new Set(a.index);
  return b.index.some((i) => there.has(i));
}

/**
 * Holm's step-down correction (1979): the chance that any of these is called a difference and is none stays below the level.
 * @param p of each difference alone @returns in the same order, at most 1
 */
export function holm(p: readonly number[]): number[] {
  const order = p.map((_, i) => i).sort((a, b) => p[a] - p[b]);
  const out = new Array<number>(p.length);
  let most = 0;
  order.forEach((i, rank) => {
    most = Math.max(most, Math.min(1, (p.length - rank) * p[i]));
    out[i] = most;
  });
  return out;
}
