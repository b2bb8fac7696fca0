import {
  COLOURS,
  GAZETTEER,
  MATERIALS,
  NUMBERS,
  OUTDOORS,
  PATTERNS,
  type Scene as Place,
  RELATIONS,
  STYLES,
  sameHead,
  TIMES,
  VIEWS,
  WEATHER,
} from '../../captions/lexicon.js';
import { backgroundsOf } from '../../concepts/gazetteer.js';
import { KINDS, type Kind, kindOf } from '../../concepts/kinds.js';
import { type Lexeme, openWordnet } from '../../concepts/wordnet.js';
import { Rng } from '../../rng.js';
import type { Subject } from './subject.js';

/** What a caption asks to be painted. The same for all images of a caption. */
export interface SceneSpec {
  subject: Subject;
  related?: Subject;
  relation?: (typeof RELATIONS)[string];
  /** Undefined: anywhere plausible, drawn anew for each image. */
  place?: Place;
  /** Plausible places when the caption names none. */
  places: readonly Place[];
  /** Keeps backgrounds of one caption alike beyond the kind of place. */
  background: string;
  caption: string;
  time?: (typeof TIMES)[string];
  weather?: (typeof WEATHER)[string];
  style?: (typeof STYLES)[string];
  view?: (typeof VIEWS)[string];
}

/** Nouns of picture-talk, never what is in the picture. */
const TALK = new Set(
  'photo photograph picture image view shot close-up closeup snapshot portrait background foreground light day morning evening night noon group pair couple front side top lot part frame surface pattern patterns colour color camera lens focus style scene number kind type pile row bunch bit piece middle edge center centre corner distance shade shadow detail mist rain snow fog sun sunlight lamplight candlelight glow spotlight moonlight dusk dawn sunset sunrise air wind weather sky ground finish texture look fashion'.split(
    ' ',
  ),
);
const FUNCTION_WORDS = new Set(
  'a an the this that these those of in on at by with and or from to into over under above below beside besides behind near next is are was were be being been has have it its their there here we see shows show featuring features captures some several few many one two its his her very while as during against between among around through across along for up out off down not no'.split(
    ' ',
  ),
);
/** Words before `of` that measure or hold the thing that is meant: a plate of salad, a flock of sheep. */
const MEASURES = new Set(
  'plate bowl cup glass mug basket bottle jar tray box bag slice piece field flock herd group pack school swarm bunch pile heap stack set'.split(
    ' ',
  ),
);
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
const ACTS = [
  'flying',
  'running',
  'swimming',
  'sleeping',
  'standing',
  'sitting',
  'jumping',
  'gliding',
  'soaring',
  'galloping',
  'taking off',
];

/** @param table phrases of one to five words */
function phrases(table: Iterable<string>): ReadonlySet<string> {
  return new Set([...table].map((p) => p.toLowerCase()));
}
const TABLES = {
  style: phrases(Object.keys(STYLES)),
  view: phrases(Object.keys(VIEWS)),
  time: phrases(Object.keys(TIMES)),
  weather: phrases(Object.keys(WEATHER)),
  place: phrases(GAZETTEER.keys()),
  relation: phrases(Object.keys(RELATIONS)),
  number: phrases(Object.keys(NUMBERS)),
  colour: phrases(Object.keys(COLOURS)),
  material: phrases(Object.keys(MATERIALS)),
  pattern: phrases(PATTERNS),
};

interface Found {
  key: string;
  start: number;
  end: number;
}

/** Of a caption from elsewhere, what is read of it: its first words, and none that no dictionary has. */
const MOST_CHARACTERS = 2000;
const LONGEST_WORD = 40;

/** Reads a caption in plain English; whatever it does not know it leaves to chance, never fails. */
export function parseCaption(caption: string): SceneSpec {
  const words =
    caption
      .slice(0, MOST_CHARACTERS)
      .toLowerCase()
      .normalize('NFKC')
      .match(/[\p{L}\p{N}’'-]+/gu)
      ?.slice(0, 80)
      .filter((word) => word.length <= LONGEST_WORD) ?? [];
  const used = new Uint8Array(words.length);
  const first = (table: ReadonlySet<string>, mark = true, from = 0): Found | undefined => {
    for (let start = from; start < words.length; start++)
      for (let length = Math.min(5, words.length - start); length > 0; length--) {
        if (used[start]) continue;
        const key = words.slice(start, start + length).join(' ');
        if (!table.has(key)) continue;
        if (mark) used.fill(1, start, start + length);
        return { key, start, end: start + length };
      }
    return undefined;
  };
  const style = first(TABLES.style);
  const view = first(TABLES.view);
  const time = first(TABLES.time);
  const weather = first(TABLES.weather);
  let subjectAt = nounAt(words, used, 0);
  if (subjectAt && MEASURES.has(words[subjectAt.end - 1]) && words[subjectAt.end] === 'of')
    subjectAt = nounAt(words, used, subjectAt.end + 1) ?? subjectAt;
  if (subjectAt) used.fill(1, subjectAt.start, subjectAt.end);
  let place = first(TABLES.place);
  const relation = subjectAt ? first(TABLES.relation, false, subjectAt.end) : undefined;
  place ??= headOfPlace(words, used, subjectAt?.end ?? 0);
  const relatedAt =
    relation && (!place || relation.end < place.start - 2 || relation.start > place.end)
      ? nounAt(words, used, relation.end)
      : undefined;
  const related = relatedAt && relation ? relatedAt : undefined;

  // Attributes belong to the noun that follows them: those before the related noun's phrase are the subject's.
  const split = related ? relation!.end : words.length;
  const attributes = (from: number, to: number) => {
    const within = (table: ReadonlySet<string>) => {
      const all: string[] = [];
      for (let i = from; i < to; i++)
        for (const length of [3, 2, 1]) {
          const key = words.slice(i, i + length).join(' ');
          if (i + length <= to && table.has(key)) {
            all.push(key);
            i += length - 1;
            break;
          }
        }
      return all;
    };
    const colours = within(TABLES.colour);
    const number = within(TABLES.number)[0];
    return {
      colour: colours[0],
      secondColour: colours[1],
      material: within(TABLES.material)[0],
      pattern: within(TABLES.pattern)[0],
      number,
    };
  };
  const acts = new Set(ACTS.filter((a) => words.join(' ').includes(a)));
  if (['gliding', 'soaring', 'taking off'].some((a) => acts.has(a))) acts.add('flying');
  const make = (at: Noun | undefined, from: number, to: number): Subject => {
    const { number, ...rest } = attributes(from, to);
    const plural = at
      ? words[at.end - 1] !== at.lexeme?.name.split(' ').at(-1) && words[at.end - 1]?.endsWith('s')
      : false;
    const count = number ? Math.min(7, Math.max(1, NUMBERS[number])) : plural ? 3 : 1;
    const kind: Kind | undefined = at?.lexeme ? kindOf(at.lexeme) : undefined;
    return {
      name: at?.lexeme?.name ?? at?.text ?? caption.trim(),
      kind,
      hypernyms: at?.lexeme?.hypernyms ?? [],
      count,
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
    time: time && TIMES[time.key],
    weather: weather && WEATHER[weather.key],
    style: style && STYLES[style.key],
    view: view && VIEWS[view.key],
  };
}

interface Noun extends Omit<Found, 'key'> {
  text: string;
  lexeme?: Lexeme;
}

const PREPOSITIONS = new Set(
  'in on at by near over above against through along across under inside outside'.split(' '),
);

/** A place that the gazetteer knows by its last word only (`on the sea`, `in a wide field`): after a preposition, out of doors. */
function headOfPlace(words: readonly string[], used: Uint8Array, from: number): Found | undefined {
  for (let i = from; i < words.length; i++) {
    const scene = sameHead(words[i])?.scene;
    if (!scene || !OUTDOORS.has(scene) || used[i]) continue;
    if (!words.slice(Math.max(0, i - 4), i).some((w) => PREPOSITIONS.has(w))) continue;
    used[i] = 1;
    return { key: words[i], start: i, end: i + 1 };
  }
  return undefined;
}

/** The first noun that names something to be seen, as long a phrase as WordNet knows. */
function nounAt(words: readonly string[], used: Uint8Array, from: number): Noun | undefined {
  let unknown: Noun | undefined;
  for (let start = from; start < words.length; start++) {
    if (used[start] || FUNCTION_WORDS.has(words[start])) continue;
    for (let length = Math.min(3, words.length - start); length > 0; length--) {
      const end = start + length;
      if (used.subarray(start, end).some((u) => u) || FUNCTION_WORDS.has(words[end - 1]) || TALK.has(words[end - 1]))
        continue;
      const text = words.slice(start, end).join(' ');
      if (
        length === 1 &&
        (Object.hasOwn(COLOURS, text) || Object.hasOwn(MATERIALS, text) || Object.hasOwn(NUMBERS, text)) &&
        end < words.length &&
        !FUNCTION_WORDS.has(words[end])
      )
        continue;
      const lexeme = known(text);
      if (lexeme && VISIBLE.has(lexeme.lexname)) return { start, end, text, lexeme };
      if (!lexeme && length === 1 && text.length > 3) unknown ??= { start, end, text };
    }
  }
  return unknown;
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

function placesOf(kind: Kind | undefined): readonly Place[] {
  const habitats = KINDS[kind ?? 'thing'].habitats;
  const all = habitats.flatMap((h) => backgroundsOf(h).map((b) => b.scene));
  return all.length > 0 ? all : ['studio'];
}

/** A number of the background's own, 0…1: backgrounds of one name are alike. */
export function backgroundTrait(spec: SceneSpec, name: string): number {
  return Rng.of(0, 'background', spec.background, name).uniform();
}

/** A number of the caption's own, 0…1, for what it leaves open: chosen once, the same in all its images. */
export function captionTrait(spec: SceneSpec, name: string): number {
  return Rng.of(0, 'caption', spec.caption, name).uniform();
}
