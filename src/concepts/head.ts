import { singulars } from './inflect.js';

/**
 * What of a name is the thing itself: shops write `Acme Mesh Office Chair, Black (Set of 2)` and mean a chair. The thing stands at the end of the
 * part before commas and joints, less sizes, codes, colours and words such as `set` or `pro` that follow it.
 */

/** A joint ends the head; what follows says what it is for, made of or has. */
const JOINT = /^(with|w\/|for|from|by|in|on|to|without|featuring|of|that|at|de|du|à|et|und)$/;
/** `set of 6 plates`: what is counted is meant. */
const COLLECTION =
  /^(sets?|pairs?|packs?|bundles?|lots?|collections?|assortments?|pieces?|boxes|dozens?|pcs|trio|duo)$/;
/** Sizes, counts and codes: `12-inch`, `500ml`, `2-pack`, `x200`, `mk2`. */
const CODE = /^(?:[\d#.]|[^\d]*\d)/;
const AFTER = new Set(
  `
  inch inches cm mm m oz ml l litre litres liter liters lb lbs kg g ft foot feet gallon gallons quart qt count ct pcs piece pieces pack packs
  set sets pair pairs bundle kit kits combo duo trio collection assortment lot refill refills replacement system unit units assorted
  black white red blue green grey gray pink purple navy beige brown silver gold golden yellow orange teal ivory charcoal natural walnut
  oak espresso multicolor multicolour clear transparent turquoise mint rose matte glossy chrome
  xl xxl xs small medium large mini size queen king twin single double full adult adults men women kids unisex
  pro plus max ultra deluxe premium classic edition series model version gen generation style lite elite basic original new v2 ii iii iv
  each per box-set standard tier tiers grit roll rolls watt watts volt volts layer layers
  ply way seater person drawer drawers
  wide long tall
  variety assortments reversible washable waterproof foldable adjustable portable rechargeable cordless wireless
  `
    .trim()
    .split(/\s+/),
);
/** One part of a name that may name the thing: its words in lower case, and how many at the end are not the thing. */
export interface Part {
  readonly words: readonly string[];
  /** Words that may be left off at the end, 0 …: they follow the thing where the rest names one. */
  readonly after: number;
}

/**
 * The parts of a name in which the thing is looked for, in this order.
 * @param name as the list has it, a hint in brackets left out
 */
export function partsOf(name: string): Part[] {
  const plain = name
    .normalize('NFKC')
    .replace(/[’`´]/g, "'")
    // A motto in quotes is printed on the thing; two quotes alone are inches.
    .replace(/(?<=\s)["“][\p{L}][^"“”]*["”]/gu, ' ')
    .replace(/[™®©"“”]/g, '')
    .replace(/[([{][^()[\]{}]*[)\]}]/g, ' ')
    .replace(/\b[wW]\//g, 'with ')
    .toLowerCase();
  const parts: Part[] = [];
  for (const segment of plain.split(/[,;|:+]|\s[-–—]\s/)) {
    let words = segment.split(/[\s/&_]+/).filter((w) => /[\p{L}\p{N}]/u.test(w));
    const joint = words.findIndex((w, i) => i > 0 && JOINT.test(w));
    if (joint > 0) {
      const rest = words.slice(joint + 1).filter((w, i) => !(i === 0 && /^(\d+|two|three|four|six|eight)$/.test(w)));
      const counted = words[joint] === 'of' && COLLECTION.test(words[joint - 1]);
      words = counted && rest.length > 0 ? rest.slice(0, untilJoint(rest)) : words.slice(0, joint);
    }
    while (words.length > 1 && /^(a|an|the|some|my|our|your)$/.test(words[0])) words = words.slice(1);
    if (words.length === 0) continue;
    let after = 0;
    while (after < words.length - 1 && isAfter(words[words.length - 1 - after])) after++;
    parts.push({ words, after });
  }
  return parts;
}

const untilJoint = (words: readonly string[]): number => {
  const at = words.findIndex((w, i) => i > 0 && JOINT.test(w));
  return at < 0 ? words.length : at;
};

const isAfter = (word: string): boolean => CODE.test(word) || AFTER.has(word);

/** A phrase and its singular forms, as written, with hyphens as blanks, and as one word. */
export function formsOf(phrase: string): string[] {
  const out = new Set<string>();
  for (const spelling of [phrase, phrase.replaceAll('-', ' ')]) {
    out.add(spelling);
    const cut = spelling.lastIndexOf(' ') + 1;
    for (const one of singulars(spelling.slice(cut))) out.add(spelling.slice(0, cut) + one);
  }
  // `barbeque's`, `men's`: the owner is not the thing.
  return [...out];
}
