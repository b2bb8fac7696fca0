import type { Pool } from './bank.js';
import { type Concept, toConcept } from './concept.js';
import { EVERYDAY, TEXTURES } from './everyday.js';
import { type Category, KINDS, kindOf } from './kinds.js';
import { openWordnet, type Synset, type Wordnet } from './wordnet.js';

/**
 * The built-in bank: everyday things first (everyday.ts), then the rest of WordNet's visible nouns by how familiar their words are.
 */

/** Share of a category among the draws, and among the concepts up to any limit. Objects, places and textures as in the paper's Table 11. */
const SHARES: Readonly<Record<string, { category: Category; draws: number; concepts: number }>> = {
  animal: { category: 'animal', draws: 0.3, concepts: 0.27 },
  vehicle: { category: 'vehicle', draws: 0.16, concepts: 0.08 },
  artefact: { category: 'artefact', draws: 0.23, concepts: 0.34 },
  food: { category: 'food', draws: 0.12, concepts: 0.12 },
  plant: { category: 'plant', draws: 0.1, concepts: 0.11 },
  place: { category: 'place', draws: 0.088, concepts: 0.06 },
  texture: { category: 'texture', draws: 0.002, concepts: 0.02 },
};

/** Hypernyms of what is never drawn: groups, parts of bodies, drugs, weapons of terror and words for undressed people. */
const NEVER = new Set(
  (
    'taxonomic group,body part,drug,medicine,animal skin,person,group,plant part,animal tissue,controlled substance,contraceptive,' +
    'undergarment,instrument of execution,instrument of torture,sex organ,excretion,female animal body,young,male,female,larva,prostitute,' +
    'device of punishment,body covering,chemical,compound,explosive device,bomb,feed,game bird,pack animal,domestic animal,insect body,creation'
  ).split(','),
);

const NEVER_WORDS =
  /\b(ass|bitch|cock|tit|booby|dick|pussy|slave|whore|brothel|bordello|nazi|swastika|noose|gallows|gibbet|torture|execution|suicide|concentration|condom|bra|brassiere|thong|panty|enema|bedpan|coffin|corpse|feces|dung|dildo|vibrator|pubic|gypsy|negro|jew|coon|squaw|eskimo|hottentot|kaffir|darky|cannabis|marijuana|heroin|cocaine|opium|rubber eraser|homo|straitjacket|bidet|urinal|catheter|speculum|tampon|sanitary napkin|jockstrap|guillotine)s?\b/i;

/**
 * @param limit concepts to keep, the most everyday ones of every category.
 * @returns one pool a category, in order of frequency; weights sum to 1.
 */
export function wordnetPools(limit: number): Pool[] {
  const wordnet = openWordnet();
  const taken = new Set<string>();
  const names = new Set<string>();
  const lists = new Map<string, Concept[]>();
  for (const source of Object.keys(SHARES)) lists.set(source, []);

  for (const [source, rows] of Object.entries(EVERYDAY)) {
    for (const entry of rows.flatMap((r) => r.split(', '))) {
      const [name, hint] = entry.split('/');
      const lexeme = wordnet.lookup(hint ? `${name} (${hint})` : name);
      if (names.has(name.toLowerCase()) || (lexeme && !lexeme.partial && taken.has(lexeme.synset))) continue;
      names.add(name.toLowerCase());
      if (lexeme) taken.add(lexeme.synset);
      const { category } = SHARES[source];
      lists.get(source)!.push(
        toConcept({
          name,
          lexeme,
          category,
          kind: source === 'place' ? 'place' : 'object',
          source: `wordnet/${source}`,
        }),
      );
    }
  }
  for (const name of TEXTURES.split(', ')) {
    lists.get('texture')!.push(toConcept({ name, category: 'texture', kind: 'texture', source: 'wordnet/texture' }));
  }
  const everyday = [...lists.values()].reduce((n, list) => n + list.length, 0);
  if (limit > everyday) for (const concept of tail(wordnet, taken, names)) lists.get(concept.category)?.push(concept);
  return keepMost(lists, limit);
}

/** Keeps `limit` concepts, each category in proportion to its share as long as it lasts; frequency falls slowly with the rank. */
function keepMost(lists: ReadonlyMap<string, Concept[]>, limit: number): Pool[] {
  const order: { concept: Concept; at: number; source: string }[] = [];
  for (const [source, list] of lists) {
    for (const [i, concept] of list.entries()) order.push({ concept, at: (i + 0.5) / SHARES[source].concepts, source });
  }
  order.sort((x, y) => x.at - y.at);
  const pools = new Map<string, Concept[]>();
  order.slice(0, limit).forEach(({ concept, source }, rank) => {
    const kept = pools.get(source) ?? [];
    kept.push({ ...concept, frequency: 1 / Math.sqrt(1 + rank / 1000) });
    pools.set(source, kept);
  });
  const total = [...pools.keys()].reduce((sum, s) => sum + SHARES[s].draws, 0);
  return [...pools].map(([source, concepts]) => ({
    source: `wordnet/${source}`,
    share: SHARES[source].draws / total,
    concepts,
  }));
}

/** Visible nouns beyond the everyday ones, the most familiar first. */
function tail(wordnet: Wordnet, taken: ReadonlySet<string>, names: ReadonlySet<string>): Concept[] {
  const candidates: Synset[] = [];
  const children = new Map<string, number>();
  for (const synset of wordnet.all()) {
    for (const parent of synset.parents) children.set(parent, (children.get(parent) ?? 0) + 1);
    if (!synset.instance && /animal|plant|food|artifact/.test(synset.lexname) && !taken.has(synset.id))
      candidates.push(synset);
  }
  const glosses = wordnet.glossWords();
  const counts = wordnet.counts();
  const scored: { concept: Concept; score: number }[] = [];
  const seen = new Set(names);
  for (const synset of candidates) {
    // Words like `container` stand for everything and look like nothing.
    if ((children.get(synset.id) ?? 0) > 9) continue;
    let best: string | undefined;
    let score = 0;
    for (const word of synset.words) {
      if (!/^[a-z][a-z' -]+$/.test(word) || word.length < 3 || NEVER_WORDS.test(word)) continue;
      const parts = word.split(/[ -]/);
      if (parts.length > 2) continue;
      const rarest = Math.min(...parts.map((p) => glosses.get(p) ?? 0));
      const s = (counts.get(`${word} ${synset.id}`) ?? 0) * 4 + (parts.length > 1 ? 0.25 * rarest : rarest);
      if (s > score) [best, score] = [word, s];
    }
    if (!best || score < 1 || seen.has(best)) continue;
    const lexeme = wordnet.lookup(best);
    if (lexeme?.synset !== synset.id || lexeme.partial || lexeme.hypernyms.some((h) => NEVER.has(h))) continue;
    const kind = kindOf(lexeme);
    if (kind === 'thing' || kind === 'person') continue;
    const { category } = KINDS[kind];
    seen.add(best);
    const place = category === 'place';
    scored.push({
      concept: toConcept({
        name: best,
        lexeme,
        category,
        kind: place ? 'place' : 'object',
        source: `wordnet/${category}`,
      }),
      score,
    });
  }
  return scored.sort((x, y) => y.score - x.score || (x.concept.name < y.concept.name ? -1 : 1)).map((s) => s.concept);
}
