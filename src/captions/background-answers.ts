import { linesOf, withoutMarkup } from './first-line.js';
import { fold } from './mention.js';

/** Most words of a background. */
const MOST_WORDS = 6;
/** Characters of an answer that are looked at: of a hundred backgrounds and much talk. */
const MOST_TEXT = 20_000;
const PREPOSITION =
  /^(?:(?:in front of|on top of|next to|in the middle of|inside|outside|in|on|at|under|near|by|over|along|beside|among|against|above|within|around|behind|across)\s+)+/;
const ARTICLE = /^(?:(?:a|an|the|its|their|some|any|your|his|her)\s+)+/;
/** Before a colon: the list comes after it. */
const ANNOUNCED = /\b(?:places|backgrounds|locations|settings|surroundings|list|answer)\b/i;
/** What is no place but filling. */
const NO_PLACE =
  /^(?:etc|and so on|(?:and )?more|others?|various(?: places| locations)?|places?|backgrounds?|locations?|settings?|surroundings?|anywhere|everywhere|none|n\/?a|unknown|example)$/;
const TALK = /\b(?:i|i'm|you|sorry|language model|as an ai|here is|here are|caption|separated by)\b/;

/**
 * The backgrounds in a completion, in its order: separated by commas or semicolons, one a line, numbered, as a list or as JSON; in lower case,
 * without articles and prepositions, each once, of one to six words, none of them the concept itself.
 * @param completion cut: it ended because it had its full number of tokens, so its last background may be half
 */
export function parseBackgrounds(completion: { text: string; cut: boolean }, concept: string): string[] {
  const items: string[] = [];
  const cut = completion.cut || completion.text.length > MOST_TEXT;
  for (const raw of linesOf(completion.text.slice(0, MOST_TEXT))) {
    let line = withoutMarkup(raw);
    const arrow = /(?<!=)=+>|->|→|⇒/.exec(line);
    if (arrow) {
      const left = line.slice(0, arrow.index).trimEnd().toLowerCase();
      // Another thing's line: the model goes on with the next example.
      if (left !== '' && left !== concept.toLowerCase()) break;
      line = line.slice(arrow.index + arrow[0].length).trimStart();
    }
    // `Sure, here are 12 places:`, with the list behind it or below.
    const colon = line.indexOf(':');
    if (colon > 0 && ANNOUNCED.test(line.slice(0, colon))) line = line.slice(colon + 1).trimStart();
    if (line.endsWith(':')) continue;
    items.push(...line.split(/[,;|]| \/ /));
  }
  if (cut) items.pop();
  const self = fold(concept).join('');
  const found = new Set<string>();
  for (const item of items) {
    const name = tidy(item);
    const joined = fold(name).join('');
    if (name !== '' && joined !== self && joined !== `${self}s`) found.add(name);
  }
  return [...found];
}

/** A background as a bank has it, or '' if it is none. */
function tidy(item: string): string {
  const text = withoutMarkup(item)
    .toLowerCase()
    .replace(/’/g, "'")
    // `lakes - where it swims`, `lakes (shallow ones)`, `lakes: calm water`
    .replace(/\s[-–—]\s.*$|[(:].*$/, '')
    .replace(/^[^\p{L}\p{N}]+|(?<![^\p{L}\p{N}])[^\p{L}\p{N}]+$/gu, '')
    .replace(/^(?:and|or)\s+/, '')
    .replace(PREPOSITION, '')
    .replace(ARTICLE, '')
    .trim();
  const words = text.split(' ').length;
  if (!/^\p{L}[\p{L}\p{M} '-]*$/u.test(text) || text.length < 2 || words > MOST_WORDS) return '';
  return NO_PLACE.test(text) || TALK.test(text) || /(\p{L})\1\1/u.test(text) ? '' : text;
}
