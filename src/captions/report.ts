import type { ConceptBank } from '../concepts/bank.js';
import { type Counts, merge, thrownAway } from '../counts.js';
import { Interrupted } from '../errors.js';
import type { StageHooks } from '../stage.js';
import type { Oddity } from './plausible.js';
import type { CaptionRecord } from './record.js';
import { Survey } from './survey.js';
import type { Counted } from './tally.js';

/** The captions of a run on disk. */
export interface WrittenCaptions {
  /** Captions that are there. */
  readonly length: number;
  /** samples: captions of the whole stage; perShard: of each shard but the last. */
  readonly manifest: { samples: number; perShard: number; shards: readonly { rejected?: Counts }[] };
  /** Captions first … first + count − 1, or as many of them as there are. */
  range(first: number, count: number): Promise<CaptionRecord[]>;
}

/** A share that was asked for and what came of it. */
export interface Share {
  name: string;
  asked: number;
  got: number;
  /** Three standard errors of a share of so many draws: what chance alone may do, all but once in 370 times. */
  tolerance: number;
  within: boolean;
}

/** What a corpus of captions is like. Shares are 0…1. */
export interface CaptionReport {
  captions: number;
  /** Captions of the whole stage; more than `captions` where it is not finished. */
  wanted: number;
  shards: number;
  writers: Counted[];
  rejected: { total: number; share: number; reasons: Counted[] };
  duplicates: {
    /** Captions whose text is an earlier one's. */
    identical: number;
    /** Captions with the content words of an earlier one, identical ones included. */
    sameWords: number;
    /** Captions that share 80 % of their content words or more with a recent one of the concept, those above included. */
    similar: number;
    /** Otherwise the first two are estimates. */
    exact: boolean;
    examples: Counted[];
  };
  concepts: {
    bank: number;
    drawn: number;
    /** How many of the bank so many random draws would leave out. */
    expectedMissing: number;
    missing: string[];
    most: Counted[];
    least: Counted[];
    /** Captions of concepts that the bank does not have (any more). */
    foreign: number;
    /** Captions of concepts that are held out: should be none. */
    heldOut: number;
  };
  backgrounds: {
    possible: number;
    drawn: number;
    missing: string[];
    most: Counted[];
    capped: boolean;
  };
  templates: Share[];
  sources: Share[];
  lengths: { min: number; median: number; mean: number; p95: number; max: number };
  vocabulary: {
    words: number;
    distinct: number;
    /** Distinct words over words. */
    typeToken: number;
    /** Share of the distinct words that occur once. */
    once: number;
    most: Counted[];
    openings: Counted[];
    capped: boolean;
  };
  implausible: { what: Oddity['what']; about: string; captions: number; most: Counted[] }[];
  samples: CaptionRecord[];
}

/**
 * Reads a run's captions, one shard after another, and says what they are like. Memory does not grow with their number.
 * @param options samples: captions to show, evenly spread
 * @throws UserError naming a shard that is missing or corrupt
 * @throws Interrupted when asked to stop
 */
export async function reportCaptions(
  shards: WrittenCaptions,
  bank: ConceptBank,
  options: { samples: number; hooks: StageHooks },
): Promise<CaptionReport> {
  const { hooks } = options;
  const { manifest, length } = shards;
  const survey = new Survey(bank, length, options.samples);
  for (let at = 0; at < length; at += manifest.perShard) {
    if (hooks.signal.aborted) throw new Interrupted(`stopped after ${at} of ${length} captions`);
    hooks.progress({ stage: 'captions', done: at, total: length, unit: 'captions read' });
    for (const record of await shards.range(at, manifest.perShard)) survey.add(record);
  }
  hooks.progress({ stage: 'captions', done: length, total: length, unit: 'captions read' });
  const counts = manifest.shards.reduce<Counts>((sum, { rejected = {} }) => merge(sum, rejected), {});
  const total = thrownAway(counts);
  return {
    captions: length,
    wanted: manifest.samples,
    shards: manifest.shards.length,
    rejected: {
      total,
      share: total / Math.max(1, total + length),
      reasons: (Object.entries(counts) as [string, number][])
        .map(([name, count]) => ({ name, count }))
        .sort((x, y) => y.count - x.count),
    },
    ...survey.result(),
  };
}
