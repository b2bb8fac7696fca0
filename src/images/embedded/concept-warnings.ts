import type { ConceptBank } from '../../concepts/bank.js';
import type { Concept } from '../../concepts/concept.js';
import { shown } from '../../concepts/concept-name.js';
import { openWordnet } from '../../concepts/wordnet.js';
import { didYouMean } from '../../config/suggest.js';
import { UserError } from '../../errors.js';
import { drawAsChoices, hypernymsOf, intendedDrawing, isDrawable, isOnlyKind } from './intended.js';

/** What became of one name of a list. */
export interface UnderstoodConcept {
  name: string;
  /** `object`, `place` or `texture`. */
  what: Concept['kind'];
  /** Its kind, `kitchenware`, and the category of that. */
  kind: string;
  category: string;
  /** The end of the name that says what it is. */
  head: string;
  /** WordNet's sense: `office_chair.n.01`, and its gloss. Absent where WordNet has none. */
  sense?: string;
  gloss?: string;
  /** Where the meaning is from: `file`, `name`, `head`, `goods`, `nothing`; `bank` for banks of our own. */
  by: string;
  /** What the embedded painter draws, and whether no more can be told from it than the kind of thing. */
  draws: string;
  generic: boolean;
  /** What may not be as it was meant, one line each. */
  warnings: string[];
}

/** Concepts with what they are taken for and what will be drawn, in the bank's order. @throws UserError as {@link checkDrawAs} */
export function understood(concepts: readonly Concept[]): UnderstoodConcept[] {
  checkDrawAs(concepts);
  return concepts.map((concept) => {
    const { name, kind: what, sort, category, synset, reading, drawAs } = concept;
    const head = concept.head ?? name.toLowerCase();
    const draws = drawn(concept);
    const warnings: string[] = [];
    if (reading?.doubt) warnings.push(reading.doubt);
    if (draws.generic && !drawAs) warnings.push(`drawn as ${draws.as === 'thing' ? 'some thing' : `any ${draws.as}`}`);
    return {
      name,
      what,
      kind: sort,
      category,
      head,
      ...(synset ? { sense: senseName(synset, head), gloss: firstGloss(synset) } : {}),
      by: reading?.by ?? 'bank',
      draws: draws.as,
      generic: draws.generic,
      warnings,
    };
  });
}

function drawn({ name, head, kind, sort, synset, drawAs }: Concept): { as: string; generic: boolean } {
  // A place is a backdrop, a texture a surface.
  if (kind !== 'object') return { as: kind === 'place' ? `the place` : 'a surface', generic: false };
  const drawing = intendedDrawing({ name, head, kind: sort, hypernyms: hypernymsOf(synset, head ?? name), drawAs });
  return { as: drawing.as, generic: isOnlyKind(drawing, sort) };
}

/** `table.n.02`: the lemma that the head has, or the sense's first, and its number. */
function senseName(synset: string, head: string): string {
  const wordnet = openWordnet();
  const { words } = wordnet.synset(synset);
  const lemma = words.find((w) => w.toLowerCase() === head) ?? words[0];
  const number = wordnet.senses(lemma).indexOf(synset) + 1;
  return `${lemma.toLowerCase().replaceAll(' ', '_')}.n.${String(number).padStart(2, '0')}`;
}

const firstGloss = (synset: string): string => openWordnet().gloss(synset).split(/; "|;/, 1)[0].trim();

/** @throws UserError naming the first concept whose `draw as` nobody can draw, with what may have been meant */
export function checkDrawAs(concepts: readonly Concept[]): void {
  const wrong = concepts.find(({ drawAs }) => drawAs !== undefined && !isDrawable(drawAs));
  if (!wrong) return;
  const near = didYouMean(wrong.drawAs!, drawAsChoices());
  throw new UserError(
    `concept ${shown(wrong.name)}: draw as ${shown(wrong.drawAs)} is nothing that can be drawn; ${near.startsWith('did') ? near : 'give a word such as "lamp", or a kind such as "kitchenware"'}`,
  );
}

/** Names that a line of warnings shows. */
const MOST_NAMES = 5;

/**
 * What may be painted otherwise than meant, in a few lines for before a run; nothing for banks of our own.
 * @param painter of the settings: what the embedded one draws is of interest only where it paints
 * @throws UserError as {@link checkDrawAs}
 */
export function conceptWarnings(bank: ConceptBank, painter = 'embedded'): string[] {
  const all = [...bank.concepts, ...bank.heldOut].filter((c) => c.reading !== undefined);
  if (all.length === 0) return [];
  const list = understood(all);
  const doubtful = list.filter((_, i) => all[i].reading!.doubt !== undefined);
  const generic =
    painter === 'embedded' ? list.filter((u, i) => u.generic && !doubtful.includes(u) && !all[i].drawAs) : [];
  const lines: string[] = [];
  const line = (some: readonly UnderstoodConcept[], what: string, say: (u: UnderstoodConcept) => string) => {
    if (some.length === 0) return;
    const names = some.slice(0, MOST_NAMES).map(say).join(', ');
    const more = some.length > MOST_NAMES ? ` and ${some.length - MOST_NAMES} more` : '';
    lines.push(`${some.length} of ${list.length} concepts ${what}: ${names}${more}`);
  };
  line(doubtful, 'may mean something else than they are taken for', (u) => `${u.name} (${u.kind})`);
  line(generic, 'are drawn only as any thing of their kind', (u) => `${u.name} (${u.draws})`);
  if (lines.length > 0) lines.push('synclr concepts FILE shows all, and how to mend them');
  return lines;
}
