import { HABITATS } from './habitats/index.js';
import { article } from './inflect.js';

/**
 * Backgrounds by habitat: where things plausibly are. Each name stands in exactly one row of a habitat (a name may serve several
 * habitats) and carries the preposition it takes and the kind of scene a painter needs.
 */

export type Scene =
  | 'water'
  | 'underwater'
  | 'forest'
  | 'grass'
  | 'garden'
  | 'sand'
  | 'snow'
  | 'rock'
  | 'mountain'
  | 'sky'
  | 'road'
  | 'city'
  | 'indoor-room'
  | 'kitchen-table'
  | 'studio';

/** Where the sun, the hour and the weather can be seen. */
export const OUTDOORS: ReadonlySet<Scene> = new Set<Scene>([
  'water',
  'forest',
  'grass',
  'garden',
  'sand',
  'snow',
  'rock',
  'mountain',
  'sky',
  'road',
  'city',
]);

export interface Background {
  /** As a draw names it: `mountain stream`. */
  readonly name: string;
  /** As it stands in a sentence: `in a mountain stream`. */
  readonly phrase: string;
  /** Without preposition: `a mountain stream`. */
  readonly noun: string;
  readonly scene: Scene;
}

export type Habitat = keyof typeof HABITATS;

const BY_HABITAT = new Map<string, readonly Background[]>();
const BY_NAME = new Map<string, Background>();
/** For backgrounds that we do not know: scene and preposition by the last word. */
const BY_HEAD = new Map<string, Background>();

for (const [habitat, rows] of Object.entries(HABITATS)) {
  const places: Background[] = [];
  for (const row of rows) {
    const [, preposition, scene, names] = /^(.+) (\S+): (.+)$/.exec(row)!;
    for (const marked of names.split(', ')) {
      const name = marked.replace(/^[*^]/, '');
      const noun = marked[0] === '*' ? name : `${marked[0] === '^' ? 'the' : article(name)} ${name}`;
      const place: Background = { name, phrase: `${preposition} ${noun}`, noun, scene: scene as Scene };
      places.push(place);
      if (!BY_NAME.has(name)) BY_NAME.set(name, place);
      const head = name.slice(name.lastIndexOf(' ') + 1);
      if (!BY_HEAD.has(head)) BY_HEAD.set(head, place);
    }
  }
  BY_HABITAT.set(habitat, places);
}

/** All backgrounds of a habitat. */
export function backgroundsOf(habitat: Habitat): readonly Background[] {
  return BY_HABITAT.get(habitat)!;
}

/** The gazetteer: name → background, every name once. */
export const GAZETTEER: ReadonlyMap<string, Background> = BY_NAME;

/** A background that shares its last word with `name` (`alpine lake` for `turquoise lake`), if there is one. */
export function sameHead(name: string): Background | undefined {
  return BY_HEAD.get(name.slice(name.lastIndexOf(' ') + 1));
}
