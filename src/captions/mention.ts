import { plural, singulars } from '../concepts/inflect.js';
import { openWordnet } from '../concepts/wordnet.js';
import type { Draw } from './record.js';

/**
 * Whether a caption says what it was asked to be about.
 *
 * A concept counts as named by (a) its name or one of its alternatives (`great white shark, white shark`), (b) a WordNet synonym, i.e.
 * another word of its synset, (c) all words of its name in any places (`a shark with a hammerhead`, `a chair in the garden`); of names with
 * four or more words (car models), three quarters of them, years left out. Singular or plural, hyphens, spaces or one word, accents,
 * apostrophes and British or American spelling make no difference. The second thing of a relation may also be named by its head word alone
 * where the whole is no lemma of WordNet (`boat` for `wooden boat`). Backgrounds are not looked for: paraphrase is wanted there.
 */
export function mentions(caption: string, draw: Draw): boolean {
  const names = namesOf(draw.concept, draw.kind, draw.synset, draw.head);
  const { template, related, relatedSynset, relatedHead } = draw;
  const second =
    template === 'relation' && related ? namesOf(related, 'related', relatedSynset, relatedHead) : undefined;
  const lower = caption.toLowerCase();
  let tokens: readonly string[] | undefined;
  for (const each of second ? [names, second] : [names]) {
    if (each.plain.some((name) => standsIn(lower, name))) continue;
    tokens ??= fold(caption);
    if (!isNamed(tokens, each)) return false;
  }
  return true;
}

interface Names {
  /** In lower case, as they usually stand in a caption: looked for first, as they are. */
  readonly plain: readonly string[];
  /** Folded names written as one word, singular: `hammerheadshark`, `hammerhead`. */
  readonly joined: ReadonlySet<string>;
  /** First two letters of those. */
  readonly starts: ReadonlySet<string>;
  /** Alternatives as lists of folded words, each in all its singulars; `least` of them must be there. */
  readonly words: readonly { parts: readonly (readonly string[])[]; least: number }[];
  /** Textures: stems, so that `stripes` is `striped`. */
  readonly stems: ReadonlySet<string>;
}

const CACHE = new Map<string, Names>();

function namesOf(concept: string, kind: Draw['kind'] | 'related', synset?: string, head?: string): Names {
  const key = `${kind} ${synset ?? ''} ${head ?? ''} ${concept}`;
  let names = CACHE.get(key);
  if (!names) {
    names = make(concept, kind, synset, head);
    // A bank has a bounded number of names, but one process may open several.
    if (CACHE.size > 200_000) CACHE.clear();
    CACHE.set(key, names);
  }
  return names;
}

/** Words that say which side of a place is seen; a caption says it in other ways. */
const SIDE_OF_PLACE = /^(?:indoor|outdoor|interior|exterior|natural|urban)s?$/;
const LITTLE = new Set('a an the of with and or in on at by for de la le du s'.split(' '));
const YEAR = /^(?:19|20)\d\d$/;

function make(concept: string, kind: Draw['kind'] | 'related', given?: string, head?: string): Names {
  // The hint of `crane (bird)` chooses a sense and is not said.
  const name = concept.replace(/(?<!\s)\s*\([^()]*\)/g, '').trim() || concept;
  // Of `Mesh Office Chair, Black` nobody says all.
  const own = [name, ...(head ? [head] : []), ...name.split(/[,;/]|\sor\s/).map((x) => x.trim())].filter((x) =>
    /[\p{L}\p{N}]/u.test(x),
  );
  const wordnet = openWordnet();
  const lexeme = kind === 'texture' ? undefined : wordnet.lookup(concept);
  const synset = given ?? (lexeme && !lexeme.partial ? lexeme.synset : undefined);
  const all = [...new Set([...own, ...(synset ? wordnet.synset(synset).words : [])])];

  const joined = new Set<string>();
  for (const one of all) {
    const folded = fold(one);
    for (const last of oneOf(folded.at(-1) ?? '')) joined.add(folded.slice(0, -1).join('') + last);
    // `cups of tea`: the word before `of` takes the plural.
    joined.add(fold(plural(one)).join(''));
  }
  joined.delete('');
  const words = own.map((one) => {
    const content = fold(one).filter((w) => !LITTLE.has(w) && !(kind === 'place' && SIDE_OF_PLACE.test(w)));
    const parts = content.filter((w, _, whole) => !(YEAR.test(w) && whole.length > 1)).map(oneOf);
    return { parts, least: Math.ceil(parts.length * (parts.length > 3 ? 0.75 : 1)) };
  });
  if (kind === 'related' && (!lexeme || lexeme.partial)) {
    const last = fold(name.replace(/\s(?:of|with|in|on|by|from|for|at)\s.*$/i, '')).at(-1);
    if (last) words.push({ parts: [oneOf(last)], least: 1 });
  }
  return {
    plain: [...new Set(own.flatMap((x) => [x.toLowerCase(), plural(x).toLowerCase()]))],
    joined,
    starts: new Set([...joined].map((j) => j.slice(0, 2))),
    words: words.filter(({ parts }) => parts.length > 0),
    stems: new Set(kind === 'texture' ? fold(name).map(stem) : []),
  };
}

/** Is `name` in the text, with no letter or digit before it and none but a plural s after it? */
function standsIn(text: string, name: string): boolean {
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
    if (at > 0 && isWordCode(text.charCodeAt(at - 1))) continue;
    const end = at + name.length;
    if (end === text.length || !isWordCode(text.charCodeAt(end))) return true;
    if (text[end] === 's' && (end + 1 === text.length || !isWordCode(text.charCodeAt(end + 1)))) return true;
  }
  return false;
}

/** ASCII letters and digits, and everything beyond Latin-1's punctuation but general punctuation (’, –, “). */
function isWordCode(c: number): boolean {
  return (c >= 48 && c <= 57) || (c >= 97 && c <= 122) || (c >= 0xc0 && (c < 0x2000 || c > 0x206f));
}

/** American spellings for the words that WordNet does not list both ways within a name. */
const SPELLINGS: Readonly<Record<string, string>> = {
  grey: 'gray',
  aluminium: 'aluminum',
  aeroplane: 'airplane',
  storey: 'story',
  tyre: 'tire',
};

/** Words in lower case without accents and apostrophes, one spelling for two: `Crème-brûlée` → `creme`, `brulee`. */
export function fold(text: string): string[] {
  let plain = text.toLowerCase();
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range is ASCII
  if (/[^\x00-\x7f]/.test(plain))
    plain = plain
      .normalize('NFKD')
      .replace(/\p{M}+/gu, '')
      .replace(/’/g, "'");
  const words = plain.replaceAll("'", '').match(/[\p{L}\p{N}]+/gu) ?? [];
  return words.map((w) => {
    if (Object.hasOwn(SPELLINGS, w)) return SPELLINGS[w];
    // The same is done to a name and to the text, so `flour` may become `flor`.
    const s = w.includes('our') ? w.replace(/our(?=s$|$|ed$|ful$|s?ing$)/, 'or') : w;
    return s.endsWith('tre') ? `${s.slice(0, -2)}er` : s.endsWith('tres') ? `${s.slice(0, -3)}ers` : s;
  });
}

/** A word and what it may be the plural of, Latin and Greek plurals among it. */
function oneOf(word: string): string[] {
  const out = [word, ...singulars(word)];
  if (word.length > 4) {
    if (word.endsWith('i')) out.push(`${word.slice(0, -1)}us`);
    if (word.endsWith('ae')) out.push(word.slice(0, -1));
    if (word.endsWith('ices')) out.push(`${word.slice(0, -4)}ex`, `${word.slice(0, -4)}ix`);
    if (word.endsWith('eaux')) out.push(word.slice(0, -1));
    if (word.endsWith('a')) out.push(`${word.slice(0, -1)}um`, `${word.slice(0, -1)}on`);
    if (word.endsWith('es')) out.push(`${word.slice(0, -2)}is`, word.slice(0, -2));
    if (word.endsWith('us') || word.endsWith('is')) out.push(`${word}es`);
  }
  return out;
}

function isNamed(tokens: readonly string[], names: Names): boolean {
  const { joined, starts, words, stems } = names;
  for (let i = 0; i < tokens.length; i++) {
    if (!starts.has(tokens[i].slice(0, 2)) && tokens[i].length > 1) continue;
    let before = '';
    for (let j = i; j < Math.min(i + 6, tokens.length); j++) {
      for (const last of oneOf(tokens[j])) if (joined.has(before + last)) return true;
      before += tokens[j];
    }
  }
  if (stems.size > 0 && tokens.some((t) => stems.has(stem(t)))) return true;
  if (words.length === 0) return false;
  const there = new Set(tokens.flatMap(oneOf));
  return words.some(({ parts, least }) => parts.filter((forms) => forms.some((f) => there.has(f))).length >= least);
}

/** A crude stem for textures: `dotted`, `dots` → `dot`; `bubbly`, `bubbles` → `bubbl`. */
function stem(word: string): string {
  const cut = word.replace(/(?:edly|ed|ing|ers?|es|s|y|ous|al|ation|ated|ate|like)$/, '');
  return (cut.length < 3 ? word : cut).replace(/(.)\1$/, '$1').replace(/e$/, '');
}
