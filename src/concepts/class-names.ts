import { UserError } from '../errors.js';
import { checkEntry, conceptName, shown } from './concept-name.js';
import { plainName } from './plain-name.js';
import { openWordnet } from './wordnet.js';
import { sharedSense } from './wordnet-ids.js';

/** What one place of a list of classes says: a name, or a WordNet id with or without names. */
export interface ClassName {
  /** As it is said, `crane (bird)` with its hint; empty where an id stands alone. */
  name: string;
  /** A WordNet id, `n01443537`, of the version that the list is of. */
  id?: string;
  /** The sense, by its id in WordNet 3.1, where the names themselves tell it. */
  sense?: string;
  /** All names, where there are synonyms. */
  synonyms: readonly string[];
}

/** `n` and eight digits, alone or set off from a name: `n01443537 goldfish`, `n02085620-Chihuahua`, `wn:n01443537`. */
const ID = /(?<![\p{L}\p{N}])n(\d{8})(?![\p{L}\p{N}])/iu;
/** Offset first, as WordNet's own tools write it: `02084071-n`. */
const OFFSET_FIRST = /^(\d{8})-n$/;
/** NLTK's names of senses: `dog.n.01`. */
const SENSE_NAME = /^(\S+)\.([nvasr])\.(\d{1,2})$/;
/** Ids of verbs, adjectives and adverbs. */
const OTHER_ID = /^[vasr]\d{8}$/;
const AROUND = /^[\s,;:|/._-]+|(?<![\s,;:|/._-])[\s,;:|/._-]+$/g;

/**
 * Reads one name of a list.
 * @param where for messages
 * @param synonyms whether commas separate synonyms in this list, whatever WordNet says
 * @throws UserError as {@link conceptName}, and for senses that are no nouns
 */
export function className(raw: string, where: string, synonyms = false): ClassName {
  const text = raw.trim();
  checkEntry(text, where);
  if (OTHER_ID.test(text)) throw new UserError(`${where}: ${text} is no noun of WordNet: only nouns are concepts`);
  const named = SENSE_NAME.exec(text);
  if (named) return senseName(named, where);
  const id = text.replace(OFFSET_FIRST, 'n$1').match(ID);
  if (!id) return plainClass(text, where, synonyms);
  const found = { id: `n${id[1]}` };
  // A class's number may stand beside the id: `n02119789 1 kit_fox`, `0 n01440764 tench`.
  const rest = text
    .replace(OFFSET_FIRST, '')
    .replace(ID, ' ')
    .replace(/^wn:\s/i, '')
    .replace(AROUND, '')
    .replace(/^\d+[\s,;:|.)_-]+(?=.*\p{L})/u, '')
    .replace(/(?<![\s,;:|])(?=[\s,;:|]+\d+$)(?<=\p{L}[^\p{L}]*)[\s,;:|]+\d+$/u, '')
    .replace(AROUND, '');
  if (rest === '' || /^\d+$/.test(rest)) return { name: '', ...found, synonyms: [] };
  return { ...plainClass(rest, where, true), ...found };
}

function senseName([whole, lemma, pos, number]: readonly string[], where: string): ClassName {
  if (pos !== 'n') throw new UserError(`${where}: ${shown(whole)} is no noun of WordNet: only nouns are concepts`);
  const sense = openWordnet().senses(lemma)[Number(number) - 1];
  if (sense === undefined) throw new UserError(`${where}: WordNet has no such sense: ${shown(whole)}`);
  return { name: conceptName(plainName(lemma), where), sense, synonyms: [] };
}

function plainClass(text: string, where: string, synonyms: boolean): ClassName {
  const unquoted = /^(["'])(.*)\1$/.exec(text)?.[2] ?? text;
  if (!unquoted.includes(',')) return { name: conceptName(plainName(unquoted), where), synonyms: [] };
  const names = unquoted
    .split(',')
    .map((part) => plainName(part))
    .filter((part) => part !== '');
  const sense = sharedSense(names);
  if ((sense !== undefined || synonyms) && names.length > 0) {
    const all = names.map((part) => conceptName(part, where));
    return { name: all[0], sense, synonyms: all };
  }
  // Inverted, as registers have it: `cat, domestic`.
  const turned = names.length === 2 ? `${names[1]} ${names[0]}` : '';
  const known = turned !== '' && openWordnet().senses(turned).length > 0;
  return { name: conceptName(known ? turned.toLowerCase() : plainName(unquoted), where), synonyms: [] };
}
