import { UserError } from '../errors.js';
import { shown } from './concept-name.js';
import type { Entry } from './entry.js';
import { formsOf, partsOf } from './head.js';
import { openWordnet } from './wordnet.js';

/** The file's own hints on what a name means: a column `sense`, and a word in brackets. */

/** Senses of the words that a name ends in, the longest phrase first. */
function sensesOfName(name: string): string[] {
  const wordnet = openWordnet();
  const out: string[] = [];
  for (const { words } of partsOf(name))
    for (let from = 0; from < words.length; from++)
      for (const form of formsOf(words.slice(from).join(' '))) out.push(...wordnet.senses(form));
  return [...new Set(out)];
}

/** Words of a hint that say something. */
const content = (text: string): string[] =>
  text
    .toLowerCase()
    .split(/[^\p{L}\p{N}-]+/u)
    .filter((w) => w.length > 2 && !/^(the|for|and|with|that|which)$/.test(w));

/**
 * The sense that a column `sense` describes by words of its gloss, of its synonyms or of what it is a kind of.
 * @returns its id in WordNet 3.1; undefined where the entry has no such column
 * @throws UserError where no sense of the name has these words
 */
export function meantSense({ meaning, where }: Entry, name: string): string | undefined {
  if (meaning === undefined) return undefined;
  const wordnet = openWordnet();
  const wanted = content(meaning);
  const ids = sensesOfName(name);
  const among = (texts: readonly string[]) => {
    const words = new Set(texts.flatMap(content));
    return wanted.length > 0 && wanted.every((w) => words.has(w));
  };
  const found =
    ids.find((id) => among([...wordnet.synset(id).words, ...wordnet.hypernyms(id)])) ??
    ids.find((id) => among([...wordnet.synset(id).words, ...wordnet.hypernyms(id), wordnet.gloss(id)]));
  if (found !== undefined) return found;
  const choices = ids.slice(0, MOST_SHOWN).map((id) => `${id} (${wordnet.gloss(id).split(';', 1)[0]})`);
  throw new UserError(
    `${where}: sense ${shown(meaning)} fits no meaning of ${shown(name)}${choices.length > 0 ? `; WordNet has ${choices.join(', ')}` : ', which WordNet does not know'}: give one of these, a word of its gloss, or a column kind`,
  );
}
/** Senses that a message names. */
const MOST_SHOWN = 4;

/** What a word in brackets may tell apart; colours and sizes do not. */
const TELLING = /^noun\.(animal|plant|food|artifact|object)$/;

/** The sense that a word in brackets chooses: `crane (bird)`. Undefined for `chair (set of 2)`, `mug (12 oz)`. */
export function hintedSense(written: string): string | undefined {
  const hinted = /^(.*\S)\s*\(([^()]+)\)$/.exec(written.toLowerCase());
  if (!hinted || /\d|^set of/.test(hinted[2])) return undefined;
  const wordnet = openWordnet();
  const [, name, hint] = hinted;
  const ids = sensesOfName(name);
  const above = ids.find((id) => wordnet.hypernyms(id).includes(hint));
  if (above !== undefined) return above;
  // `crane (machine)`: no such hypernym, but a sense of the same sort as a machine.
  const file = wordnet.lookup(hint)?.lexname ?? '';
  if (!TELLING.test(file) || ids.every((id) => wordnet.synset(id).lexname === file)) return undefined;
  const sense = wordnet.lookup(written);
  return sense && !sense.partial && sense.lexname === file ? sense.synset : undefined;
}
