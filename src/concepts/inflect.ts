/** English noun inflection: plurals for the writer, singulars for looking words up. */

const IRREGULAR: Readonly<Record<string, string>> = {
  axe: 'axes',
  bacterium: 'bacteria',
  brother: 'brothers',
  bus: 'buses',
  cactus: 'cacti',
  calf: 'calves',
  child: 'children',
  crisis: 'crises',
  die: 'dice',
  dwarf: 'dwarves',
  elf: 'elves',
  foot: 'feet',
  fungus: 'fungi',
  gas: 'gases',
  goose: 'geese',
  half: 'halves',
  hippopotamus: 'hippopotamuses',
  hoof: 'hooves',
  knife: 'knives',
  larva: 'larvae',
  leaf: 'leaves',
  life: 'lives',
  loaf: 'loaves',
  louse: 'lice',
  man: 'men',
  mouse: 'mice',
  octopus: 'octopuses',
  ox: 'oxen',
  person: 'people',
  quiz: 'quizzes',
  scarf: 'scarves',
  sheaf: 'sheaves',
  shelf: 'shelves',
  thief: 'thieves',
  tooth: 'teeth',
  wharf: 'wharves',
  wife: 'wives',
  wolf: 'wolves',
  woman: 'women',
};
const SINGULAR = new Map(Object.entries(IRREGULAR).map(([one, many]) => [many, one]));

/** Nouns in -o that take -es; the others (photo, piano, flamingo, …) take -s. */
const OES = new Set('potato tomato hero echo torpedo mosquito volcano mango buffalo domino tornado veto'.split(' '));

/** One form for both numbers. */
const UNCHANGED = new Set(
  (
    'sheep deer fish moose bison aircraft spacecraft hovercraft watercraft salmon trout swine elk squid shrimp cod tuna bass ' +
    'pike perch carp plaice halibut mackerel reindeer series species scissors pliers tweezers shears binoculars goggles glasses ' +
    'eyeglasses sunglasses spectacles pants trousers shorts jeans pajamas pyjamas tights leggings overalls underpants knickers ' +
    'headquarters barracks gallows chassis offspring quail grouse plankton krill chopsticks'
  ).split(' '),
);

/**
 * The plural of a noun phrase by its last word, or by the word before `of`, `with` and the like: `apple pies`, `cups of tea`.
 * @param noun as it stands after `a` or `an`.
 */
export function plural(noun: string): string {
  const joint = /\s(of|with|in|on|from|for|at|de|du|à)\s/.exec(noun);
  if (joint) return plural(noun.slice(0, joint.index)) + noun.slice(joint.index);
  const cut = Math.max(noun.lastIndexOf(' '), noun.lastIndexOf('-')) + 1;
  return noun.slice(0, cut) + pluralWord(noun.slice(cut));
}

function pluralWord(word: string): string {
  const lower = word.toLowerCase();
  if (
    UNCHANGED.has(lower) ||
    /(fish|craft|sheep|deer|grouse|trout|salmon|squid|moose|legs|wings|thrips|sides|swine)$/.test(lower)
  )
    return word;
  if (Object.hasOwn(IRREGULAR, lower))
    return word[0] === lower[0] ? IRREGULAR[lower] : word[0] + IRREGULAR[lower].slice(1);
  const tail = /(wolf|leaf|loaf|knife|shelf|mouse|goose|foot|tooth|woman|child)$/.exec(lower);
  if (tail && !/mongoose$/.test(lower)) return word.slice(0, tail.index) + IRREGULAR[tail[1]];
  if (/(?<!hu|ger|ro|otto|sha|tali)man$/.test(lower) && lower.length > 4) return `${word.slice(0, -2)}en`;
  if (/(s|x|z|ch|sh)$/.test(lower)) return lower.endsWith('z') && !lower.endsWith('zz') ? `${word}zes` : `${word}es`;
  if (/[^aeiou]y$/.test(lower)) return `${word.slice(0, -1)}ies`;
  if (/o$/.test(lower) && OES.has(lower)) return `${word}es`;
  return `${word}s`;
}

/** Candidates for the singular of a word in lower case, likeliest first; empty if it does not look like a plural. */
export function singulars(word: string): string[] {
  const irregular = SINGULAR.get(word);
  if (irregular) return [irregular];
  const out: string[] = [];
  // Detachment rules of WordNet's own morphology (morphy(7WN)).
  if (word.endsWith('ies') && word.length > 4) out.push(`${word.slice(0, -3)}y`);
  if (word.endsWith('ves') && word.length > 4) out.push(`${word.slice(0, -3)}f`, `${word.slice(0, -3)}fe`);
  if (word.endsWith('men') && word.length > 3) out.push(`${word.slice(0, -3)}man`);
  if (/(ses|xes|zes|ches|shes|oes)$/.test(word)) out.push(word.slice(0, -2));
  if (/[^su]s$/.test(word) && word.length > 3) out.push(word.slice(0, -1));
  return out;
}

/** `a` or `an` before a phrase, by sound as far as spelling tells. */
export function article(phrase: string): 'a' | 'an' {
  const first = /^[^\s-]+/.exec(phrase)?.[0] ?? '';
  const lower = first.toLowerCase();
  // Letters and numbers read out: an SUV, an 18-wheeler, a US flag.
  if (/^[A-Z]{2,}\d*$/.test(first) || /^[A-Z]\d*$/.test(first)) return /^[AEFHILMNORSX]/.test(first) ? 'an' : 'a';
  if (/^\d/.test(first)) return /^(8|11(\D|$)|18(\D|$)|11\d\d(\D|$)|18\d\d(\D|$))/.test(first) ? 'an' : 'a';
  if (/^(hour|honest|honou?r|heir|herb$|x-?ray)/.test(lower)) return lower === 'herb' ? 'a' : 'an';
  if (/^(uni(?!n|m)|use|usu|ute|uti|ura|uku|uro|ubiq|eu|ewe|one(?!i)|once|ufo|oui)/.test(lower)) return 'a';
  return /^[aeiouàáâäæèéêëìíîïòóôöùúûü]/.test(lower) ? 'an' : 'a';
}
