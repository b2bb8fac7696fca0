import { UserError } from '../errors.js';
import type { Pool } from './bank.js';
import { className } from './class-names.js';
import { type Concept, toConcept } from './concept.js';
import { readConceptList } from './concept-list.js';
import { conceptName, shown } from './concept-name.js';
import type { Entry } from './entry.js';
import { hintedSense, meantSense } from './hints.js';
import { KINDS } from './kinds.js';
import { type Sense, sensesOfList } from './sense.js';
import { openWordnet } from './wordnet.js';
import { sensesOf } from './wordnet-ids.js';

/** An entry with what is said of it, and the sense that the list itself tells. */
interface Candidate {
  entry: Entry;
  /** As it is said. */
  name: string;
  sense?: string;
}

/**
 * Concepts of a user's own file; see {@link readConceptList} for what it may look like.
 * @param limit most concepts: those of the greatest weight, the first of equal ones
 * @throws UserError naming file, line and what is expected.
 */
export async function filePools(path: string, limit = Number.POSITIVE_INFINITY): Promise<Pool[]> {
  const entries = await readConceptList(path);
  if (entries.length === 0) throw new UserError(`${path}: no concept in it (one a line, or a JSON list of names)`);
  return poolsOf(entries, limit);
}

/** A name alone, read as a list of it would be. @throws UserError where it is none */
export const namedPools = (name: string): Pool[] =>
  poolsOf([{ ...className(name, 'the query'), where: 'the query' }], 1);

function poolsOf(entries: readonly Entry[], limit: number): Pool[] {
  const candidates = distinct(entries);
  const kept = heaviest(candidates, limit);
  const senses = sensesOfList(
    kept.map(({ entry }) => entry),
    kept.map(({ name }) => name),
    kept.map(({ sense }) => sense),
  );
  return [{ source: 'file', share: 1, concepts: kept.map((candidate, i) => conceptOf(candidate, senses[i])) }];
}

/** Each concept once, where it comes first. @throws UserError where it comes again with another weight */
function distinct(entries: readonly Entry[]): Candidate[] {
  const wordnet = openWordnet();
  const listed = entries.flatMap(({ id, name, synonyms, where }) =>
    id === undefined ? [] : [{ id, where, names: synonyms.length > 0 ? synonyms : name === '' ? [] : [name] }],
  );
  const senses = sensesOf(listed).values();
  const seen = new Map<string, Candidate>();
  for (const entry of entries) {
    const told = entry.id === undefined ? entry.sense : senses.next().value;
    const written = entry.name || conceptName(wordnet.synset(told!).words[0], entry.where);
    // `crane (bird)`: the hint chooses the sense and is not said.
    const name = written.replace(/(?<!\s)\s*\([^()]*\)$/, '').trim() || written;
    const sense = told ?? meantSense(entry, name) ?? (name === written ? undefined : hintedSense(written));
    // One name may stand for several senses: `crane`, the bird and the machine.
    const other = sense !== undefined && sense !== wordnet.lookup(name)?.synset ? sense : '';
    const key = `${name.toLowerCase()} ${other}`;
    const twin = seen.get(key);
    if (!twin) seen.set(key, { entry, name, sense });
    else if (entry.weight !== undefined && entry.weight !== twin.entry.weight)
      throw new UserError(
        `${entry.where}: ${shown(name)} has weight ${entry.weight}, and ${twin.entry.weight ?? 1} before (${twin.entry.where}): make them one`,
      );
  }
  return [...seen.values()];
}

/** The `limit` of the greatest weight, in the list's order. */
function heaviest(candidates: readonly Candidate[], limit: number): readonly Candidate[] {
  if (candidates.length <= limit) return candidates;
  const byWeight = candidates.map((candidate, at) => ({ candidate, at, weight: candidate.entry.weight ?? 1 }));
  byWeight.sort((x, y) => y.weight - x.weight || x.at - y.at);
  return byWeight
    .slice(0, limit)
    .sort((x, y) => x.at - y.at)
    .map(({ candidate }) => candidate);
}

function conceptOf({ entry, name }: Candidate, { sort, lexeme, head, by, doubt }: Sense): Concept {
  const { weight: frequency, kind, backgrounds, drawAs } = entry;
  const category = entry.category ?? (kind === 'place' || kind === 'texture' ? kind : KINDS[sort].category);
  return toConcept({
    name,
    lexeme,
    category,
    // A place of which no more is known, and not the kind of its name.
    ...(KINDS[sort].category === category ? { sort, sure: true } : {}),
    kind,
    frequency,
    backgrounds,
    source: 'file',
    head: head === name.toLowerCase() ? undefined : head,
    drawAs,
    reading: { by, ...(doubt === undefined ? {} : { doubt }) },
  });
}
