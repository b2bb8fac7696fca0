import { type ConceptBank, TEMPLATE_MIX, usualBackgrounds } from '../concepts/bank.js';
import { contentWords, hasContent, hashLanes } from './content-words.js';
import { SIMILAR, WINDOW } from './duplicates.js';
import { IMPLAUSIBLE, type Oddity, Plausibility } from './plausible.js';
import { RecentSets } from './recent-sets.js';
import type { CaptionRecord } from './record.js';
import { Repeats } from './repeats.js';
import type { CaptionReport, Share } from './report.js';
import { type Counted, Tally } from './tally.js';
import { TEMPLATES } from './templates.js';

/** Limits of what is counted one by one; what they leave out is said. */
const MOST = { words: 1_000_000, openings: 200_000, backgrounds: 200_000, pairs: 100_000, texts: 20_000, writers: 100 };
/** Longest caption that has a bin of its own, words. */
const LONGEST = 250;
/** Names listed of each kind. */
const SHOWN = 8;

/** What reading the captions themselves tells. */
export type Surveyed = Omit<CaptionReport, 'captions' | 'wanted' | 'shards' | 'rejected'>;

/** Everything that is counted of captions, one after the other, in bounded memory. */
export class Survey {
  private readonly bank: ConceptBank;
  private readonly every: number;
  private readonly plausibility: Plausibility;
  private readonly writers = new Tally(MOST.writers);
  private readonly texts = new Repeats();
  private readonly wordSets = new Repeats();
  private readonly repeated = new Tally(MOST.texts);
  private readonly recent = new RecentSets(WINDOW);
  private similar = 0;
  private readonly concepts: Tally;
  private readonly known: ReadonlySet<string>;
  private readonly heldOut: ReadonlySet<string>;
  private foreign = 0;
  private outside = 0;
  private readonly backgrounds = new Tally(MOST.backgrounds);
  private readonly templates = new Tally(TEMPLATES.length);
  private readonly sources: Tally;
  private readonly lengths = new Float64Array(LONGEST + 1);
  private shortest = Number.POSITIVE_INFINITY;
  private longest = 0;
  private wordCount = 0;
  private captions = 0;
  private readonly words = new Tally(MOST.words);
  private readonly openings = new Tally(MOST.openings);
  private readonly odd: Readonly<Record<Oddity['what'], Tally>> = {
    background: new Tally(MOST.pairs),
    relation: new Tally(MOST.pairs),
    text: new Tally(MOST.pairs),
  };
  private readonly samples: CaptionRecord[] = [];
  private readonly lanes = new Uint32Array(4);

  constructor(bank: ConceptBank, captions: number, samples: number) {
    this.bank = bank;
    this.every = captions / Math.max(1, Math.min(samples, captions));
    if (samples === 0) this.every = Number.POSITIVE_INFINITY;
    this.plausibility = new Plausibility([...bank.concepts, ...bank.heldOut]);
    this.known = new Set(bank.concepts.map((c) => c.name.toLowerCase()));
    this.heldOut = new Set(bank.heldOut.map((c) => c.name.toLowerCase()));
    this.concepts = new Tally(this.known.size);
    this.sources = new Tally(Object.keys(bank.describe().sources).length + 1);
  }

  add(record: CaptionRecord): void {
    const { caption, concept } = record;
    if (this.captions === Math.floor((this.samples.length + 0.5) * this.every)) this.samples.push(record);
    this.captions++;
    this.writers.add(record.writerModel ? `${record.writer} ${record.writerModel}` : record.writer);

    const name = concept.toLowerCase();
    if (this.known.has(name)) this.concepts.add(name);
    else if (this.heldOut.has(name)) this.outside++;
    else this.foreign++;
    this.sources.add(record.source);
    if (record.kind === 'object') this.templates.add(record.template);
    if (record.background !== undefined) this.backgrounds.add(record.background);

    const lower = caption.toLowerCase();
    const words = lower.match(/[\p{L}\p{N}]+(?:['’-][\p{L}\p{N}]+)*/gu) ?? [];
    this.lengths[Math.min(words.length, LONGEST)]++;
    this.shortest = Math.min(this.shortest, words.length);
    this.longest = Math.max(this.longest, words.length);
    this.wordCount += words.length;
    for (const word of words) this.words.add(word);
    this.openings.add(words.slice(0, 3).join(' '));

    this.compare(caption, name);
    const odd = this.plausibility.check(record, lower.match(/[\p{L}\p{N}]+/gu) ?? []);
    if (odd) this.odd[odd.what].add(odd.pair);
  }

  private compare(caption: string, concept: string): void {
    hashLanes(codes(caption), this.lanes);
    if (this.texts.add(this.lanes)) this.repeated.add(caption);
    const set = contentWords(caption);
    hashLanes(set, this.lanes);
    const same = this.wordSets.add(this.lanes) === true;
    if (same || this.recent.hasSimilar(set, concept, SIMILAR)) this.similar++;
    this.recent.add(set, concept);
  }

  result(): Surveyed {
    const { bank, captions } = this;
    const missing = bank.concepts.filter((c) => this.concepts.get(c.name.toLowerCase()) === 0).map((c) => c.name);
    const objects = Math.max(1, this.templates.total);
    const { possible, undrawn } = this.backgroundCoverage();
    return {
      writers: this.writers.top(SHOWN),
      duplicates: {
        identical: this.texts.repeats,
        sameWords: this.wordSets.repeats,
        similar: this.similar,
        exact: this.texts.exact && this.wordSets.exact,
        examples: this.repeated.top(3).map(({ name, count }) => ({ name, count: count + 1 })),
      },
      concepts: {
        bank: this.known.size,
        drawn: this.concepts.distinct,
        expectedMissing: expectedMissing(bank, captions),
        missing,
        most: this.concepts.top(SHOWN),
        least: least(this.concepts, SHOWN),
        foreign: this.foreign,
        heldOut: this.outside,
      },
      backgrounds: {
        possible,
        drawn: this.backgrounds.distinct,
        missing: undrawn,
        most: this.backgrounds.top(SHOWN),
        capped: this.backgrounds.beyond > 0,
      },
      templates: TEMPLATES.map((t) => share(t, TEMPLATE_MIX[t], this.templates.get(t), objects)),
      sources: Object.entries(bank.describe().sources)
        .filter(([, s]) => s.share > 0)
        .map(([name, s]) => share(name, s.share, this.sources.get(name), Math.max(1, captions))),
      lengths: {
        min: captions > 0 ? this.shortest : 0,
        median: quantile(this.lengths, captions, 0.5),
        mean: this.wordCount / Math.max(1, captions),
        p95: quantile(this.lengths, captions, 0.95),
        max: this.longest,
      },
      vocabulary: {
        words: this.words.total,
        distinct: this.words.distinct,
        typeToken: this.words.distinct / Math.max(1, this.words.total),
        once: this.words.once / Math.max(1, this.words.distinct),
        most: this.words.top(2 * SHOWN, hasContent),
        openings: this.openings.top(SHOWN),
        capped: this.words.beyond > 0 || this.openings.beyond > 0,
      },
      implausible: (Object.keys(IMPLAUSIBLE) as Oddity['what'][]).map((what) => ({
        what,
        about: IMPLAUSIBLE[what],
        captions: this.odd[what].total,
        most: this.odd[what].top(5),
      })),
      samples: this.samples,
    };
  }

  /** All backgrounds that draws of the bank can have, and those among them that none had. */
  private backgroundCoverage(): { possible: number; undrawn: string[] } {
    const possible = new Set<string>();
    for (const c of this.bank.concepts) {
      if (c.kind !== 'object') continue;
      if (c.backgrounds) for (const name of c.backgrounds) possible.add(name);
      else for (const { name } of usualBackgrounds(c.sort)) possible.add(name);
    }
    return { possible: possible.size, undrawn: [...possible].filter((name) => this.backgrounds.get(name) === 0) };
  }
}

function codes(text: string): number[] {
  const out = new Array<number>(text.length);
  for (let i = 0; i < text.length; i++) out[i] = text.charCodeAt(i);
  return out;
}

function share(name: string, asked: number, count: number, of: number): Share {
  const got = count / of;
  const tolerance = 3 * Math.sqrt((asked * (1 - asked)) / of);
  // A single caption is no deviation.
  return { name, asked, got, tolerance, within: Math.abs(got - asked) <= tolerance + 1 / of };
}

/** Concepts of the bank that `draws` random draws leave out, on average: a concept with probability p is missed with (1 − p)^draws. */
function expectedMissing(bank: ConceptBank, draws: number): number {
  const { sources } = bank.describe();
  const weights = new Map<string, number>();
  for (const { source, frequency } of bank.concepts) weights.set(source, (weights.get(source) ?? 0) + frequency);
  let sum = 0;
  for (const { source, frequency } of bank.concepts)
    sum += Math.exp(draws * Math.log1p(-((sources[source].share * frequency) / weights.get(source)!) + 1e-15));
  return sum;
}

function least(tally: Tally, n: number): Counted[] {
  return [...tally.names()]
    .map((name) => ({ name, count: tally.get(name) }))
    .sort((x, y) => x.count - y.count || (x.name < y.name ? -1 : 1))
    .slice(0, n);
}

/** The value below which that share of the values lies; the histogram's last bin holds all larger ones. */
function quantile(histogram: Float64Array, total: number, q: number): number {
  let sum = 0;
  for (let value = 0; value < histogram.length; value++) {
    sum += histogram[value];
    if (sum >= q * total) return value;
  }
  return histogram.length - 1;
}
