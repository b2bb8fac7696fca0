import { COLOURS, GAZETTEER, MATERIALS, RELATIONS, sameHead } from '../../captions/lexicon.js';
import { nounOf } from '../../captions/nouns.js';
import type { Draw } from '../../captions/record.js';
import { freeSetting } from '../../captions/setting.js';
import { formsOf } from '../../concepts/head.js';
import { KINDS, type Kind } from '../../concepts/kinds.js';
import { openWordnet } from '../../concepts/wordnet.js';
import { type Attributes, CaptionWords, FUNCTION_WORDS, TABLES, wordsOf } from './caption-text.js';
import { placesOf, type SceneSpec } from './scene.js';
import type { Subject } from './subject.js';

/**
 * What a caption asks to be painted, by its record: the record says what is there, where and in which relation; the text adds how many, in which
 * colours, when, in what weather and how it is seen. Whoever wrote the text, the thing is the one that was drawn.
 */
export function sceneOfRecord(caption: string, record: Draw): SceneSpec {
  const text = new CaptionWords(caption);
  const own = thingOf(record);
  const other =
    record.template === 'relation' && record.related && record.relation && Object.hasOwn(RELATIONS, record.relation)
      ? relatedOf(record, record.related)
      : undefined;
  const at = mentionOf(text, own);
  if (at) text.use(at.start, at.end);
  const otherAt = other && mentionOf(text, other);
  if (otherAt) text.use(otherAt.start, otherAt.end);

  const frame = text.frame();
  const acts = text.acts();
  const subject = subjectOf(own, text, at, { acts, key: caption });
  const related = other && subjectOf(other, text, otherAt, { acts: new Set(), key: caption });
  const place = placeOf(record, text, at?.end ?? 0);
  return {
    subject,
    ...(related ? { related, relation: RELATIONS[record.relation!] } : {}),
    place: place?.scene,
    places: placesOf(subject.kind),
    background: place?.name ?? subject.name,
    caption,
    ...frame,
  };
}

/** What a record says of one of its things. */
interface Thing {
  /** As the record has it. */
  name: string;
  head?: string;
  synset?: string;
  kind: Kind;
  drawAs?: string;
}

const kindNamed = (sort: string | undefined): Kind =>
  sort !== undefined && Object.hasOwn(KINDS, sort) ? (sort as Kind) : 'thing';
const synsetNamed = (id: string | undefined): string | undefined =>
  id !== undefined && /^n\d{8}$/.test(id) && openWordnet().has(id) ? id : undefined;

const thingOf = ({ concept, head, synset, sort, drawAs }: Draw): Thing => ({
  name: concept,
  head,
  synset: synsetNamed(synset),
  kind: kindNamed(sort),
  drawAs,
});
const relatedOf = (record: Draw, related: string): Thing => ({
  name: related,
  head: record.relatedHead,
  synset: synsetNamed(record.relatedSynset),
  kind: kindNamed(record.relatedSort),
  drawAs: record.relatedDrawAs,
});

/** A thing with what the text says of it. */
function subjectOf(
  thing: Thing,
  text: CaptionWords,
  at: Mention | undefined,
  shared: Pick<Subject, 'acts' | 'key'>,
): Subject {
  const { name, head, synset, kind, drawAs } = thing;
  // A caption of a texture is about nothing else.
  const said = kind === 'texture' ? text.attributes(0, text.words.length) : attributesAt(text, at);
  const own = ownAttributes(thing);
  const { count, ...rest } = said;
  const words = synset
    ? openWordnet()
        .synset(synset)
        .words.map((w) => w.toLowerCase())
    : [];
  const phrases = formsOf((head ?? name).toLowerCase());
  const known = phrases.find((form) => words.includes(form));
  return {
    // Of a name that its synset does not have, the synset is the first thing that it is a kind of.
    name: known ?? phrases.at(-1)!,
    kind,
    hypernyms: synset ? [...(known ? [] : words.slice(0, 1)), ...openWordnet().hypernyms(synset)] : [],
    phrase: name.toLowerCase(),
    ...(head ? { head } : {}),
    ...(drawAs ? { drawAs } : {}),
    count: count ?? (at?.many ? 3 : 1),
    ...shared,
    ...own,
    ...Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined)),
  };
}

/** Where a thing stands in a caption: words[start … end); `many`: in the plural. */
interface Mention {
  start: number;
  end: number;
  many: boolean;
}

/** The first mention of a thing: by its name, its head, a synonym, or at last the last word of its head. */
function mentionOf(text: CaptionWords, { name, head, synset, kind }: Thing): Mention | undefined {
  const synonyms = synset ? openWordnet().synset(synset).words : [];
  const last = wordsOf(head ?? name).at(-1);
  for (const target of [name, head, ...synonyms, last]) {
    const wanted = target === undefined ? [] : wordsOf(target);
    if (wanted.length === 0) continue;
    const found = find(text, wanted);
    if (!found) continue;
    const isOwnPlural = target === name && nounOf(name.toLowerCase(), kind, false).number === 'pair';
    return { ...found, many: found.many && !isOwnPlural };
  }
  return undefined;
}

function find({ words, used }: CaptionWords, wanted: readonly string[]): Mention | undefined {
  const n = wanted.length;
  const lastForms = new Set(formsOf(wanted[n - 1]));
  for (let start = 0; start + n <= words.length; start++) {
    if (used[start]) continue;
    if (!wanted.slice(0, -1).every((w, i) => words[start + i] === w)) continue;
    const last = words[start + n - 1];
    const forms = formsOf(last);
    if (!forms.some((form) => lastForms.has(form))) continue;
    return { start, end: start + n, many: forms.length > 1 && /s$|men$|ice$|eet$/.test(last) };
  }
  return undefined;
}

/** Words that a noun's own attributes do not reach across. */
const BOUNDARY = new Set(
  `in on at by with from to into over under above below beside besides behind near next front is are was were has have shows show while as
  during against between among around through across along for up out off down featuring features captures sits stands lies hangs rests`.split(
    /\s+/,
  ),
);
/** So far attributes stand from their noun, words. */
const REACH = 8;

/** What stands before the mention, up to where another phrase ends; a colour may follow it (`a mug in bright red`). */
function attributesAt(text: CaptionWords, at: Mention | undefined): Attributes {
  const { words, used } = text;
  if (!at) return text.attributes(0, words.length);
  let from = at.start;
  // An article begins the phrase.
  const isInside = () => !BOUNDARY.has(words[from - 1]) && !used[from - 1] && !/^(a|an|the)$/.test(words[from] ?? '');
  while (
    from > 0 &&
    at.start - from < REACH &&
    (from === at.start ? !BOUNDARY.has(words[from - 1]) && !used[from - 1] : isInside())
  )
    from--;
  const before = text.attributes(from, at.start);
  if (before.colour !== undefined) return before;
  for (let i = at.end; i < Math.min(words.length, at.end + 4); i++) {
    if (used[i]) break;
    const [colour] = text.within(TABLES.colour, i, Math.min(words.length, i + 2));
    const next = words[i + (colour?.split(' ').length ?? 0)];
    if (
      colour &&
      words[i] === colour.split(' ')[0] &&
      (next === undefined || FUNCTION_WORDS.has(next) || BOUNDARY.has(next))
    )
      return { ...before, colour };
    if (BOUNDARY.has(words[i]) && !/^(in|is|are)$/.test(words[i])) break;
  }
  return before;
}

/** Colours that are also plants, dishes or stuffs: in a name they mean those. */
const NOT_COLOURS = new Set(
  'orange mint olive chestnut amber lavender violet coral cream copper bronze ivory silver golden'.split(' '),
);

/** Colour and material that the name itself says before its head: `Black Office Chair`, `Stainless Steel Water Bottle`. */
function ownAttributes({ name, head }: Thing): Attributes {
  if (head === undefined) return {};
  const all = wordsOf(name);
  const first = wordsOf(head)[0];
  const upTo = all.indexOf(first);
  const modifiers = upTo < 0 ? [] : all.slice(0, upTo);
  const colour = modifiers.find((w) => Object.hasOwn(COLOURS, w) && !NOT_COLOURS.has(w));
  // Of `paper towel holder` the holder is not made of paper.
  const last = modifiers.at(-1);
  const material = last !== undefined && Object.hasOwn(MATERIALS, last) ? last : undefined;
  return { ...(colour ? { colour } : {}), ...(material ? { material } : {}) };
}

/** Where it is: by the record, else by the place that the text names; a place is its own. */
function placeOf(
  record: Draw,
  text: CaptionWords,
  from: number,
): { name: string; scene: SceneSpec['place'] } | undefined {
  if (record.kind === 'place') {
    const name = record.concept.toLowerCase();
    return { name, scene: GAZETTEER.get(name)?.scene ?? sameHead(name)?.scene };
  }
  if (record.background) return { name: record.background, scene: freeSetting(record.background).scene };
  const found = text.place(from);
  const place = found && (GAZETTEER.get(found.key) ?? sameHead(found.key));
  return place && { name: found!.key, scene: place.scene };
}
