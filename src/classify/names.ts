import type { ConceptBank } from '../concepts/bank.js';
import type { Concept } from '../concepts/concept.js';
import { readConceptList } from '../concepts/concept-list.js';
import { singulars } from '../concepts/inflect.js';
import { openWordnet } from '../concepts/wordnet.js';
import { of30 } from '../concepts/wordnet-ids.js';
import { UserError } from '../errors.js';

/** Classes at most: a linear layer of more is another tool's work, and painting for them another day's. */
const MOST = 1000;

/** A concept as a class of the classifier. */
export interface ConceptClass {
  /** What the classifier answers with; no two classes have the same. */
  label: string;
  concept: Concept;
}

/**
 * The classes of a bank, in its order; one name in several senses becomes `crane (wading bird)` and `crane (lifting device)`.
 * @param source as the user named the bank, for messages
 * @throws UserError for fewer than two concepts, and for more than a thousand
 */
export function classesOf(bank: Pick<ConceptBank, 'concepts'>, source: string): ConceptClass[] {
  const { concepts } = bank;
  if (concepts.length < 2)
    throw new UserError(
      `--concepts ${source}: one concept (${concepts[0].name}), and a classifier needs two to tell apart: add another`,
    );
  if (concepts.length > MOST)
    throw new UserError(
      `--concepts ${source}: ${concepts.length} concepts, and a classifier takes ${MOST} at most: name those that it shall tell apart`,
    );
  const times = new Map<string, number>();
  for (const { name } of concepts) times.set(name, (times.get(name) ?? 0) + 1);
  const taken = new Set<string>();
  return concepts.map((concept) => {
    const { name, hypernyms } = concept;
    const plain = times.get(name) === 1 ? name : `${name} (${hypernyms[0] ?? concept.sort})`;
    let label = plain;
    for (let n = 2; taken.has(label); n++) label = `${plain} ${n}`;
    taken.add(label);
    return { label, concept };
  });
}

/** A word in the forms under which it may be written: without case, accents and what separates words; one or several of it. */
function forms(text: string): Set<string> {
  const plain = text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
    .toLowerCase()
    // `photographer's` is one word.
    .replace(/['’]/g, '')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
  const out = new Set<string>();
  const add = (words: string) => {
    if (words !== '') out.add(words.replaceAll(' ', ''));
  };
  // Of `001.Black_footed_Albatross` the number is no word.
  for (const said of [plain, plain.replace(/^\d+ (?=.*\p{L})/u, '')]) {
    add(said);
    const at = said.lastIndexOf(' ') + 1;
    for (const one of singulars(said.slice(at))) add(said.slice(0, at) + one);
  }
  return out;
}

/** Which class a folder's name means; or of none: whether several would do. */
export type Match = { label: number } | { among: readonly string[] };

/**
 * Finds the class of a folder's name: by its own name whatever the case, the number and what separates the words; else by another name that
 * the list gives, or WordNet knows for the concept's sense; else by the sense's id (`n02958343`, of WordNet 3.0 or 3.1).
 */
export class ClassNames {
  private readonly classes: readonly ConceptClass[];
  /** Forms of names, of the nearest kind first. */
  private readonly ranks: Map<string, Set<number>>[];

  private constructor(classes: readonly ConceptClass[], ranks: Map<string, Set<number>>[]) {
    this.classes = classes;
    this.ranks = ranks;
  }

  /** @param source the bank's file, for other names that it gives */
  static async of(classes: readonly ConceptClass[], source?: string): Promise<ClassNames> {
    const said = new Map<string, string[]>();
    // A folder of the authors' files and WordNet give no other names.
    for (const { name, synonyms } of source === undefined ? [] : await readConceptList(source).catch(() => []))
      for (const other of [name, ...synonyms])
        said.set(name.toLowerCase(), [...(said.get(name.toLowerCase()) ?? []), other]);
    const wordnet = openWordnet();
    const ranks = [new Map(), new Map(), new Map()] as Map<string, Set<number>>[];
    const add = (rank: number, name: string, label: number) => {
      for (const form of forms(name)) ranks[rank].set(form, (ranks[rank].get(form) ?? new Set()).add(label));
    };
    for (const [label, { label: own, concept }] of classes.entries()) {
      add(0, own, label);
      add(0, concept.name, label);
      for (const other of said.get(concept.name.toLowerCase()) ?? []) add(1, other, label);
      if (concept.synset) for (const other of wordnet.synset(concept.synset).words) add(2, other, label);
    }
    return new ClassNames(classes, ranks);
  }

  /** The class that a name means; undefined for none. */
  find(name: string): Match | undefined {
    const asked = forms(name);
    for (const rank of this.ranks) {
      const found = new Set([...asked].flatMap((form) => [...(rank.get(form) ?? [])]));
      if (found.size === 1) return { label: [...found][0] };
      if (found.size > 1) return { among: [...found].map((c) => this.classes[c].label) };
    }
    const id = /(?<![\p{L}\p{N}])n\d{8}(?![\p{L}\p{N}])/u.exec(name)?.[0];
    if (id === undefined) return undefined;
    const senses = [of30(id), id];
    for (const sense of senses) {
      const label = this.classes.findIndex((c) => c.concept.synset !== undefined && c.concept.synset === sense);
      if (label >= 0) return { label };
    }
    return undefined;
  }
}
