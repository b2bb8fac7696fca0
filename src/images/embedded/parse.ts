import { COLOURS, GAZETTEER, MATERIALS, NUMBERS, RELATIONS, sameHead } from '../../captions/lexicon.js';
import { isGoods } from '../../concepts/goods.js';
import { formsOf } from '../../concepts/head.js';
import { KINDS, type Kind, kindOf } from '../../concepts/kinds.js';
import { senseOfName } from '../../concepts/sense.js';
import { type Lexeme, openWordnet } from '../../concepts/wordnet.js';
import { CaptionWords, type Found, FUNCTION_WORDS, MEASURES, TABLES, TALK } from './caption-text.js';
import { placesOf, type SceneSpec } from './scene.js';
import type { Subject } from './subject.js';

/** Captions of which nothing is known but their text: what they are about is read as well. */

const VISIBLE = new Set([
  'noun.animal',
  'noun.plant',
  'noun.food',
  'noun.artifact',
  'noun.object',
  'noun.person',
  'noun.body',
  'noun.substance',
]);

/** Reads a caption in plain English; whatever it does not know it leaves to chance, never fails. */
export function parseCaption(caption: string): SceneSpec {
  const text = new CaptionWords(caption);
  const { words } = text;
  const frame = text.frame();
  let subjectAt = nounAt(text, 0);
  if (subjectAt && MEASURES.has(words[subjectAt.end - 1]) && words[subjectAt.end] === 'of')
    subjectAt = nounAt(text, subjectAt.end + 1) ?? subjectAt;
  if (subjectAt) text.use(subjectAt.start, subjectAt.end);
  const relation = subjectAt ? text.first(TABLES.relation, false, subjectAt.end) : undefined;
  const place = text.place(subjectAt?.end ?? 0);
  const related =
    relation && (!place || relation.end < place.start - 2 || relation.start > place.end)
      ? nounAt(text, relation.end)
      : undefined;

  // Attributes belong to the noun that follows them: those before the related noun's phrase are the subject's.
  const split = related ? relation!.end : words.length;
  const acts = text.acts();
  const make = (at: Noun | undefined, from: number, to: number): Subject => {
    const { count, ...rest } = text.attributes(from, to);
    const isMany = at ? isPlural(words[at.end - 1], at.name) : false;
    return {
      name: at?.name ?? at?.text ?? caption.trim(),
      kind: at?.kind,
      hypernyms: at?.hypernyms ?? [],
      count: count ?? (isMany ? 3 : 1),
      acts,
      key: caption,
      ...rest,
    };
  };
  const subject = make(subjectAt, 0, split);
  const spoken = place && (GAZETTEER.get(place.key) ?? sameHead(place.key));
  const scenic =
    subject.kind === 'place' ? (sameHead(subject.name)?.scene ?? GAZETTEER.get(subject.name)?.scene) : undefined;
  return {
    subject,
    ...(related ? { related: make(related, split, words.length), relation: RELATIONS[relation!.key] } : {}),
    place: spoken?.scene ?? scenic,
    places: placesOf(subject.kind),
    background: place?.key ?? subject.name,
    caption,
    ...frame,
  };
}

const isPlural = (word: string | undefined, name: string | undefined): boolean =>
  name !== undefined && word !== name.split(' ').at(-1) && word?.endsWith('s') === true;

interface Noun extends Omit<Found, 'key'> {
  text: string;
  /** As a singular; absent for a word that nobody knows. */
  name?: string;
  kind?: Kind;
  hypernyms?: readonly string[];
}

/** The first noun that names something to be seen, as long a phrase as is known. */
function nounAt(text: CaptionWords, from: number): Noun | undefined {
  const { words, used } = text;
  let unknown: Noun | undefined;
  for (let start = from; start < words.length; start++) {
    if (used[start] || FUNCTION_WORDS.has(words[start])) continue;
    for (let length = Math.min(3, words.length - start); length > 0; length--) {
      const end = start + length;
      if (used.subarray(start, end).some((u) => u) || FUNCTION_WORDS.has(words[end - 1]) || TALK.has(words[end - 1]))
        continue;
      const phrase = words.slice(start, end).join(' ');
      if (
        length === 1 &&
        (Object.hasOwn(COLOURS, phrase) || Object.hasOwn(MATERIALS, phrase) || Object.hasOwn(NUMBERS, phrase)) &&
        end < words.length &&
        !FUNCTION_WORDS.has(words[end])
      )
        continue;
      const lexeme = known(phrase);
      if (lexeme && VISIBLE.has(lexeme.lexname)) {
        const { name, hypernyms } = lexeme;
        return (
          compoundAt(text, start, end, lexeme) ?? { start, end, text: phrase, name, kind: kindOf(lexeme), hypernyms }
        );
      }
      const goods = length > 1 || !lexeme ? goodsAt(text, start, end) : undefined;
      if (goods) return goods;
      if (!lexeme && length === 1 && phrase.length > 3) unknown ??= { start, end, text: phrase };
    }
  }
  return unknown;
}

/** Verbs that goods are called like. */
const VERBS = new Set(
  'stands rests holds covers lies plugs tracks lights hooks watches steps packs rings rocks tops'.split(' '),
);

/** A noun is not yet the thing where what goods are called follows it: a desk lamp is no desk, a salad spinner no salad. */
function compoundAt(text: CaptionWords, start: number, end: number, first: Lexeme): Noun | undefined {
  if (/animal|person/.test(KINDS[kindOf(first)].category)) return undefined;
  const { words, used } = text;
  for (let to = Math.min(end + 2, words.length); to > end; to--) {
    const between = words.slice(end, to);
    if (
      between.some((w) => FUNCTION_WORDS.has(w) || TALK.has(w) || VERBS.has(w)) ||
      used.subarray(end, to).some((u) => u)
    )
      continue;
    const found = goodsAt(text, start, to);
    if (found) return found;
  }
  return undefined;
}

/** What goods are called by words[start … end). */
function goodsAt({ words }: CaptionWords, start: number, end: number): Noun | undefined {
  const phrase = words.slice(start, end).join(' ');
  if (!formsOf(words[end - 1]).some(isGoods) && !formsOf(phrase).some(isGoods)) return undefined;
  const { sort, lexeme, head, by } = senseOfName(phrase);
  if (by === 'nothing' || !phrase.endsWith(head)) return undefined;
  const name = formsOf(head).at(-1)!;
  return { start, end, text: phrase, name, kind: sort, hypernyms: lexeme?.hypernyms ?? [] };
}

const lookups = new Map<string, Lexeme | undefined>();
function known(text: string): Lexeme | undefined {
  if (!lookups.has(text)) {
    if (lookups.size > 20_000) lookups.clear();
    const lexeme = openWordnet().lookup(text);
    lookups.set(text, lexeme && !lexeme.partial ? lexeme : undefined);
  }
  return lookups.get(text);
}
