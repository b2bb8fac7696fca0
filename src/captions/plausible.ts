import { usualBackgrounds } from '../concepts/bank.js';
import { COMPANIONS, sideOf } from '../concepts/companions.js';
import type { Concept } from '../concepts/concept.js';
import { GAZETTEER, type Scene, sameHead } from '../concepts/gazetteer.js';
import { KINDS, type Kind, kindOf } from '../concepts/kinds.js';
import { openWordnet } from '../concepts/wordnet.js';
import type { CaptionRecord } from './record.js';

/** What makes a pair implausible, each with one line for reports. */
export const IMPLAUSIBLE = {
  background: 'drawn with a background that is not among its own, or the usual ones of its sort',
  relation: 'drawn beside, in, on, under or over a thing that such things are not usually with',
  text: 'the caption names a place of a kind (water, kitchen, road …) where such things are not',
} as const;

/** An implausible pair of a caption: `elephant – living room`. */
export interface Oddity {
  what: keyof typeof IMPLAUSIBLE;
  pair: string;
}

/** Finds pairs in captions that do not go together, as far as the bank and the gazetteer know. */
export class Plausibility {
  /** By name, and by source and name: `bamboo` is a plant and a vegetable. */
  private readonly byName = new Map<string, Concept>();
  private readonly sorts = new Map<string, Set<Kind>>();
  private readonly own = new Map<Concept, { names: ReadonlySet<string>; scenes: ReadonlySet<Scene> }>();

  constructor(concepts: readonly Concept[]) {
    for (const concept of concepts) {
      const name = concept.name.toLowerCase();
      this.byName.set(name, concept);
      this.byName.set(`${concept.source}/${name}`, concept);
      const sorts = this.sorts.get(name) ?? new Set();
      this.sorts.set(name, sorts.add(concept.sort));
    }
  }

  /** @param words of the caption, in lower case */
  check(record: CaptionRecord, words: readonly string[]): Oddity | undefined {
    const { kind, concept: name, source, template, background, relation, related } = record;
    const lower = name.toLowerCase();
    const concept = this.byName.get(`${source}/${lower}`) ?? this.byName.get(lower);
    if (kind !== 'object' || !concept) return undefined;
    const { names, scenes } = this.plausible(concept);
    if (template === 'relation') {
      if (!relation || !related || isCompany(concept.sort, relation, this.sortsOf(related), related)) return undefined;
      return { what: 'relation', pair: `${name} ${relation} ${related}` };
    }
    if (background !== undefined && !names.has(background.toLowerCase()))
      return { what: 'background', pair: `${name} – ${background}` };
    for (const place of placesIn(words)) {
      if (place === background || names.has(place) || scenes.has(GAZETTEER.get(place)!.scene)) continue;
      // A dining room table in a dining room, an aquarium that is a glass aquarium: the concept's own words.
      if (lower.includes(place) || place.includes(lower)) continue;
      return { what: 'text', pair: `${name} – ${place}` };
    }
    return undefined;
  }

  private plausible(concept: Concept): { names: ReadonlySet<string>; scenes: ReadonlySet<Scene> } {
    let found = this.own.get(concept);
    if (!found) {
      const usual = usualBackgrounds(concept.sort);
      const names = concept.backgrounds ?? usual.map((b) => b.name);
      const scenes = names.flatMap((n) => GAZETTEER.get(n)?.scene ?? sameHead(n)?.scene ?? []);
      found = {
        names: new Set(names.map((n) => n.toLowerCase())),
        scenes: new Set([...scenes, ...usual.map((b) => b.scene), 'studio' as const]),
      };
      this.own.set(concept, found);
    }
    return found;
  }

  private sortsOf(name: string): readonly Kind[] {
    const known = this.sorts.get(name.toLowerCase());
    if (known) return [...known];
    const lexeme = openWordnet().lookup(name);
    return lexeme ? [kindOf(lexeme)] : [];
  }
}

/** Usual for its company on that side, or, beside it, of the same company. */
function isCompany(sort: Kind, relation: string, others: readonly Kind[], related: string): boolean {
  const side = sideOf(relation);
  const { company } = KINDS[sort];
  if (COMPANIONS[company][side].includes(related)) return true;
  return side === 'beside' && others.some((other) => KINDS[other].company === company);
}

/**
 * Names of the gazetteer that are places beyond doubt, of two words or more, by their first word, longest first. The sky is none: it is over
 * everything.
 */
const PLACES = new Map<string, { name: string; words: string[] }[]>();
for (const { name, scene } of GAZETTEER.values()) {
  const words = name.split(/[ -]/);
  if (words.length < 2 || scene === 'sky') continue;
  const list = PLACES.get(words[0]) ?? [];
  list.push({ name, words });
  PLACES.set(
    words[0],
    list.sort((x, y) => y.words.length - x.words.length),
  );
}

function* placesIn(words: readonly string[]): Generator<string> {
  for (let i = 0; i < words.length; ) {
    const found = PLACES.get(words[i])?.find((place) => place.words.every((w, k) => words[i + k] === w));
    if (found) yield found.name;
    // Not the mountain lake in a cold mountain lake.
    i += found?.words.length ?? 1;
  }
}
