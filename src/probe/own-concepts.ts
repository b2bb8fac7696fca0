import { contentWords } from '../captions/content-words.js';
import type { CaptionRecord, Draw } from '../captions/record.js';
import { type ConceptBank, usualBackgrounds } from '../concepts/bank.js';
import type { Concept } from '../concepts/concept.js';
import type { Settings } from '../config/schema.js';
import { drawRng } from '../corpus/caption-source.js';
import { sha256 } from '../files/digest.js';
import { paintsOnThreads } from '../images/registry.js';
import { Rng } from '../rng.js';
import { written } from './heldout.js';
import { inCorpus, type Named, plainly } from './named.js';
import { PAINTED, type PaintHooks, type ProbeCaption, paintSet } from './painted-set.js';

/** Images of test captions and of training captions, all classes together: one a caption, so that test images are independent. */
interface Sizes {
  train: number;
  test: number;
}

/** The concepts of the probe, and the captions of each on either side; or why there is no such probe. */
export type OwnPlan = { classes: readonly Concept[]; each: Sizes; images: number } | { none: string };

/** Numbers of its captions: beyond those of any corpus. */
const FIRST = 1_000_000_000;
/** Least share of the test images that a painter which takes seconds an image is asked for, of the corpus's. */
const DEAR_SHARE = 0.1;
const DEAR_LEAST = 400;

/**
 * What the probe of the run's own concepts will be: concepts drawn by the seed from those that training names, all of a short list.
 * @param named what the run's captions name, where they are written: of a long list, captions may not have named every concept
 */
export function ownPlan(settings: Settings, bank: ConceptBank, named?: Named): OwnPlan {
  const { ownClasses, ownTrain, ownTest } = settings.probe;
  if (ownClasses < 2) return { none: `probe.ownClasses ${ownClasses}` };
  const byName = new Map(bank.concepts.map((c) => [c.name.toLowerCase(), c]));
  if (byName.size < 2) {
    const [only] = byName.values();
    return { none: `the list has one concept (${only.name}), and a classifier needs two to tell apart: add another` };
  }
  const drawn = [...byName].filter(([name]) => named?.concepts.has(name) ?? true).map(([, c]) => c);
  if (drawn.length < 2)
    return {
      none: `the run's captions are about ${drawn.length === 1 ? 'one' : 'none'} of the ${byName.size} concepts of concepts.source: more captions, or the concepts they were written with, are needed`,
    };
  const classes = Rng.of(settings.seed, 'own concepts', 'classes').shuffle(drawn).slice(0, ownClasses);
  const affordable = paintsOnThreads(settings)
    ? 1
    : Math.min(
        1,
        Math.max(DEAR_LEAST, DEAR_SHARE * settings.captions.count * settings.images.perCaption) / (ownTrain + ownTest),
      );
  const share = (n: number) => Math.max(2, Math.ceil((affordable * n) / classes.length));
  const each = { train: share(ownTrain), test: share(ownTest) };
  return { classes, each, images: classes.length * (each.train + each.test) };
}

/**
 * Paints the data set of the run's own concepts: captions that training never saw, by another seed, in places that are on one side of the
 * split alone, painted anew. Kept in `dir/own-concepts/{train,test}/<concept>/`, whole or not at all.
 * @returns the folder
 * @throws UserError where `own-concepts` holds anything that synclr did not put there
 */
export function paintOwnConcepts(
  settings: Settings,
  dir: string,
  bank: ConceptBank,
  { classes, each }: { classes: readonly Concept[]; each: Sizes },
  named: Named | undefined,
  hooks: PaintHooks,
): Promise<string> {
  const { concepts, captions, images, seed } = settings;
  const { perCaption: _, captionsPerShard: _2, ...painting } = images;
  const apart = Rng.of(seed, 'own concepts', 'seed').u32();
  const { count: _3, perShard: _4, seenMb: _5, ...writing } = captions;
  const parts = [1, seed, concepts, writing, painting, each, classes, named?.hash];
  return paintSet(
    settings,
    dir,
    {
      folder: PAINTED.own,
      what: 'a set of own concepts',
      key: sha256(JSON.stringify(parts)),
      classes,
      perCaption: 1,
      seed: apart,
      captions: () => newCaptions(settings, dir, bank, classes, each, apart, hooks),
    },
    hooks,
  );
}

/** Captions written for one wanted: what is a duplicate falls out, and of test captions those with the newest words are kept. */
const SPARE = { train: 1.1, test: 1.1, free: 2 };

async function newCaptions(
  settings: Settings,
  dir: string,
  bank: ConceptBank,
  classes: readonly Concept[],
  each: Sizes,
  seed: number,
  hooks: PaintHooks,
): Promise<ProbeCaption[]> {
  const free = settings.captions.writer === 'embedded';
  const train = Math.ceil(each.train * SPARE.train);
  const test = Math.ceil(each.test * (free ? SPARE.free : SPARE.test));
  const both = train + test;
  const places = classes.map((c) => placesOf(c, seed));
  const records = await written(
    settings,
    seed,
    classes.length * both,
    hooks,
    (id, redraw) => {
      const rng = drawRng(seed, id, redraw);
      const label = Math.floor((id - FIRST) / both);
      const side = (id - FIRST) % both < train ? 'train' : 'test';
      return placed(bank.drawOf(classes[label], rng, id), places[label]?.[side], rng);
    },
    FIRST,
  );
  const known = await inCorpus(
    dir,
    records.map((r) => r.caption),
  );
  const out: ProbeCaption[] = [];
  for (const [label, concept] of classes.entries()) {
    const own = records.slice(label * both, (label + 1) * both);
    const seen = new Set(known);
    const fresh = (some: CaptionRecord[]) =>
      some.filter(({ caption }) => {
        const text = plainly(caption);
        if (seen.has(text)) return false;
        seen.add(text);
        return true;
      });
    const learnt = fresh(own.slice(0, train)).slice(0, each.train);
    const asked = newest(fresh(own.slice(train)), learnt, concept.name).slice(0, each.test);
    const add = (part: 'train' | 'test', from: number) => (record: CaptionRecord, i: number) =>
      out.push({ record, part, label, number: from + i });
    learnt.forEach(add('train', 0));
    asked.forEach(add('test', learnt.length));
  }
  return out;
}

/**
 * Backgrounds of a concept on either side: by a place of each name that is the same for all concepts, so that no test image is where
 * training images of another class are; where that leaves a side without any, halves of its own. Of one background there is nothing to divide.
 */
function placesOf(concept: Concept, seed: number): Record<'train' | 'test', readonly string[]> | undefined {
  if (concept.kind !== 'object') return undefined;
  const names = [...new Set(concept.backgrounds ?? usualBackgrounds(concept.sort).map((b) => b.name))];
  if (names.length < 2) return undefined;
  const ranked = names.map((name) => ({ name, at: Rng.of(seed, 'place', name.toLowerCase()).uniform() }));
  ranked.sort((a, b) => a.at - b.at);
  let cut = ranked.filter((r) => r.at < 0.5).length;
  if (cut === 0 || cut === ranked.length) cut = ranked.length >> 1;
  const side = (some: typeof ranked) => some.map((r) => r.name);
  return { train: side(ranked.slice(0, cut)), test: side(ranked.slice(cut)) };
}

/** The draw in one of these places, or in its own where there is no choice. A second thing beside it could be another class. */
function placed(draw: Draw, places: readonly string[] | undefined, rng: Rng): Draw {
  const alone = Object.entries(draw).filter(([key]) => !key.startsWith('relat'));
  const { background, ...rest } = Object.fromEntries(alone) as unknown as Draw;
  const where = places === undefined ? background : rng.pick(places);
  return where === undefined
    ? { ...rest, template: 'concept' }
    : { ...rest, template: 'background', background: where };
}

/** Those whose words training captions of the class have least of first; of equals, in their order. */
function newest(captions: CaptionRecord[], training: readonly CaptionRecord[], name: string): CaptionRecord[] {
  const own = new Set(contentWords(name));
  const known = new Set(training.flatMap((r) => contentWords(r.caption)));
  const share = (caption: string): number => {
    const words = contentWords(caption).filter((w) => !own.has(w));
    return words.length === 0 ? 1 : words.filter((w) => known.has(w)).length / words.length;
  };
  return captions
    .map((record, i) => ({ record, i, share: share(record.caption) }))
    .sort((a, b) => a.share - b.share || a.i - b.i)
    .map((x) => x.record);
}
