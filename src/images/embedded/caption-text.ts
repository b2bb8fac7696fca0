import {
  COLOURS,
  GAZETTEER,
  MATERIALS,
  NUMBERS,
  OUTDOORS,
  PATTERNS,
  RELATIONS,
  STYLES,
  sameHead,
  TIMES,
  VIEWS,
  WEATHER,
} from '../../captions/lexicon.js';
import type { SceneSpec } from './scene.js';

/** What a caption says in words of the lexicon: how it is seen, when, where, in which colours. Which thing it is about is not asked here. */

/** Nouns of picture-talk, never what is in the picture. */
export const TALK = new Set(
  `
    photo photograph picture image view shot close-up closeup snapshot portrait background foreground light day
    morning evening night noon group pair couple front side top lot part frame surface pattern patterns colour color
    camera lens focus style scene number kind type pile row bunch bit piece middle edge center centre corner
    distance shade shadow detail mist rain snow fog sun sunlight lamplight candlelight glow spotlight moonlight dusk
    dawn sunset sunrise air wind weather sky ground finish texture look fashion`
    .trim()
    .split(/\s+/),
);
export const FUNCTION_WORDS = new Set(
  `
    a an the this that these those of in on at by with and or from to into over under above below beside besides
    behind near next is are was were be being been has have it its their there here we see shows show featuring
    features captures some several few many one two its his her very while as during against between among around
    through across along for up out off down not no`
    .trim()
    .split(/\s+/),
);
/** Words before `of` that measure or hold the thing that is meant: a plate of salad, a flock of sheep. */
export const MEASURES = new Set(
  `
    plate bowl cup glass mug basket bottle jar tray box bag slice piece field flock herd group pack school swarm
    bunch pile heap stack set`
    .trim()
    .split(/\s+/),
);
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
export const TABLES = {
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

export interface Found {
  key: string;
  start: number;
  end: number;
}

/** Of a caption from elsewhere, what is read of it: its first words, and none that no dictionary has. */
const MOST_CHARACTERS = 2000;
const MOST_WORDS = 80;
const LONGEST_WORD = 40;

/** The words of a caption, in lower case, and which of them are spoken for. */
export class CaptionWords {
  readonly words: readonly string[];
  /** By word: 1 where it has been read as something. */
  readonly used: Uint8Array;

  /** @param caption any text; what is too long is cut */
  constructor(caption: string) {
    this.words = wordsOf(caption.slice(0, MOST_CHARACTERS)).slice(0, MOST_WORDS);
    this.used = new Uint8Array(this.words.length);
  }

  use(start: number, end: number): void {
    this.used.fill(1, start, end);
  }

  /** The first phrase of a table that is not spoken for; `mark`: it is from now on. */
  first(table: ReadonlySet<string>, mark = true, from = 0): Found | undefined {
    for (let start = from; start < this.words.length; start++)
      for (let length = Math.min(5, this.words.length - start); length > 0; length--) {
        if (this.used[start]) continue;
        const key = this.words.slice(start, start + length).join(' ');
        if (!table.has(key)) continue;
        if (mark) this.use(start, start + length);
        return { key, start, end: start + length };
      }
    return undefined;
  }

  /** All phrases of a table in words[from … to), in order. */
  within(table: ReadonlySet<string>, from: number, to: number): string[] {
    const all: string[] = [];
    for (let i = from; i < to; i++)
      for (const length of [3, 2, 1]) {
        const key = this.words.slice(i, i + length).join(' ');
        if (i + length <= to && table.has(key)) {
          all.push(key);
          i += length - 1;
          break;
        }
      }
    return all;
  }

  /** How the picture is made and seen, when and in what weather; what says so is spoken for from now on. */
  frame(): Pick<SceneSpec, 'style' | 'view' | 'time' | 'weather'> {
    const style = this.first(TABLES.style);
    const view = this.first(TABLES.view);
    const time = this.first(TABLES.time);
    const weather = this.first(TABLES.weather);
    return {
      style: style && STYLES[style.key],
      view: view && VIEWS[view.key],
      time: time && TIMES[time.key],
      weather: weather && WEATHER[weather.key],
    };
  }

  /** A place of the gazetteer, whole or by its last word after a preposition. */
  place(from: number): Found | undefined {
    return this.first(TABLES.place) ?? this.headOfPlace(from);
  }

  /** A place that the gazetteer knows by its last word only (`on the sea`, `in a wide field`): after a preposition, out of doors. */
  private headOfPlace(from: number): Found | undefined {
    for (let i = from; i < this.words.length; i++) {
      const scene = sameHead(this.words[i])?.scene;
      if (!scene || !OUTDOORS.has(scene) || this.used[i]) continue;
      if (!this.words.slice(Math.max(0, i - 4), i).some((w) => PREPOSITIONS.has(w))) continue;
      this.used[i] = 1;
      return { key: this.words[i], start: i, end: i + 1 };
    }
    return undefined;
  }

  /** What the thing does, for all of the caption. */
  acts(): ReadonlySet<string> {
    const text = this.words.join(' ');
    const acts = new Set(ACTS.filter((a) => text.includes(a)));
    if (['gliding', 'soaring', 'taking off'].some((a) => acts.has(a))) acts.add('flying');
    return acts;
  }

  /** Colours, material, pattern and number that words[from … to) say. */
  attributes(from: number, to: number): Attributes {
    const [colour, secondColour] = this.within(TABLES.colour, from, to);
    const [material] = this.within(TABLES.material, from, to);
    const [pattern] = this.within(TABLES.pattern, from, to);
    const [number] = this.within(TABLES.number, from, to);
    const count = number === undefined ? undefined : Math.min(7, Math.max(1, NUMBERS[number]));
    return { colour, secondColour, material, pattern, count };
  }
}

/** What a caption says of one thing. */
export interface Attributes {
  colour?: string;
  secondColour?: string;
  material?: string;
  pattern?: string;
  /** 1 … 7; absent where no number word stands there. */
  count?: number;
}

/** Words in lower case, apostrophes and hyphens within them. */
export const wordsOf = (text: string): string[] =>
  (
    text
      .toLowerCase()
      .normalize('NFKC')
      .match(/[\p{L}\p{N}’'-]+/gu) ?? []
  ).filter((w) => w.length <= LONGEST_WORD);

export const PREPOSITIONS = new Set(
  'in on at by near over above against through along across under inside outside'.split(' '),
);
