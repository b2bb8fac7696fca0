import { UserError } from '../errors.js';
import { openWordnet } from './wordnet.js';
import { RUNS } from './wordnet-30.js';

/**
 * WordNet ids in lists of classes (`n01443537`). ImageNet and what was named after it use the offsets of WordNet 3.0, synclr's draws those of
 * 3.1; where a sense lies in 3.1 follows from the sense keys that both have (wordnet-30.ts).
 */

/** Versions whose ids are understood, the likelier one first. */
const VERSIONS = ['3.0', '3.1'] as const;
type Version = (typeof VERSIONS)[number];

/** An id of a list, with the names that stand beside it. */
export interface NamedId {
  /** `n` and eight digits. */
  id: string;
  /** Synonyms; empty where the id stands alone. */
  names: readonly string[];
  /** Where it stands, for messages. */
  where: string;
}

const runs = RUNS.trim()
  .split(/[;\n]/)
  .map((run) => run.split(',').map((n) => Number.parseInt(n, 36)));

/** The noun sense that had this id in WordNet 3.0, by its id in 3.1; undefined for what is no id there, or is no more in 3.1. */
export function of30(id: string): string | undefined {
  const offset = Number(id.slice(1));
  let end = 0;
  for (const [gap, length, by] of runs) {
    const start = end + gap;
    end = start + length;
    if (offset > end) continue;
    return offset < start ? undefined : existing(offset + by);
  }
  return undefined;
}

/** The id in 3.1 at an offset, if a noun sense begins there. */
function existing(offset: number): string | undefined {
  const id = `n${String(offset).padStart(8, '0')}`;
  return openWordnet().has(id) ? id : undefined;
}

const senseIn = (version: Version, id: string) => (version === '3.0' ? of30(id) : existing(Number(id.slice(1))));

const spelt = (name: string) => name.toLowerCase().replace(/[_\s-]+/g, ' ');

/** Whether one of the names is a word of the sense. */
function agrees(sense: string, names: readonly string[]): boolean {
  const words = openWordnet().synset(sense).words.map(spelt);
  return names.some((name) => words.includes(spelt(name)));
}

/**
 * The senses that a list's ids mean, by their ids in WordNet 3.1. One list is of one version: of 3.0, unless more of its ids (and of the names
 * beside them) are right in 3.1. Undefined for an id that is none in this version and has a name beside it, which then speaks for itself.
 * @throws UserError for ids that stand alone and are none
 */
export function sensesOf(list: readonly NamedId[]): (string | undefined)[] {
  const score = (version: Version) =>
    list.filter(({ id, names }) => {
      const sense = senseIn(version, id);
      return sense !== undefined && (names.length === 0 || agrees(sense, names));
    }).length;
  const version = score('3.1') > score('3.0') ? '3.1' : '3.0';
  const senses = list.map(({ id }) => senseIn(version, id));
  const lost = list.filter(({ names }, i) => senses[i] === undefined && names.length === 0);
  if (lost.length > 0) {
    const shown = lost.slice(0, SHOWN).map(({ id }) => id);
    const more = lost.length > SHOWN ? ` and ${lost.length - SHOWN} more` : '';
    throw new UserError(
      `${lost[0].where}: ${shown.join(', ')}${more}: no noun of WordNet ${version} that 3.1 has too: write a name beside it, or leave it out`,
    );
  }
  return senses;
}
/** Ids that a message names. */
const SHOWN = 8;

/** The sense that two synonyms or more share (`crane`, `Grus grus` …), by its id in 3.1; undefined where there is none. */
export function sharedSense(names: readonly string[]): string | undefined {
  const [first, ...others] = names;
  return others.length === 0
    ? undefined
    : openWordnet()
        .senses(first)
        .find((sense) => agrees(sense, others));
}
