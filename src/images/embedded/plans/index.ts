import { type Category, KINDS, type Kind } from '../../../concepts/kinds.js';
import type { Plan } from '../plan.js';
import * as creatures from './creatures.js';
import * as food from './food.js';
import * as mammals from './mammals.js';
import * as plants from './plants.js';
import * as things from './things.js';
import * as vehicles from './vehicles.js';
import type { Words } from './words.js';

/** The body plan of each kind of concept. */
const BY_KIND: Readonly<Partial<Record<Kind, Plan>>> = {
  dog: mammals.quadruped,
  cat: mammals.quadruped,
  livestock: mammals.quadruped,
  pig: mammals.quadruped,
  'forest mammal': mammals.quadruped,
  'savanna mammal': mammals.quadruped,
  'mountain mammal': mammals.quadruped,
  'desert mammal': mammals.quadruped,
  'polar mammal': mammals.quadruped,
  'small mammal': mammals.quadruped,
  'river mammal': mammals.quadruped,
  bat: creatures.bird,
  primate: mammals.primate,
  whale: creatures.fish,
  seal: creatures.fish,
  bird: creatures.bird,
  'tropical bird': creatures.bird,
  raptor: creatures.bird,
  waterbird: creatures.bird,
  penguin: creatures.bird,
  poultry: creatures.bird,
  ostrich: creatures.bird,
  'river fish': creatures.fish,
  'sea fish': creatures.fish,
  'sea creature': creatures.shelled,
  jellyfish: creatures.medusa,
  'flying insect': creatures.butterfly,
  crawler: creatures.insect,
  snail: creatures.shelled,
  amphibian: creatures.frog,
  reptile: creatures.reptile,
  crocodile: creatures.reptile,
  'sea turtle': creatures.shelled,
  dinosaur: creatures.reptile,
  tree: plants.tree,
  shrub: plants.shrub,
  flower: plants.flower,
  herb: plants.shrub,
  cactus: plants.cactus,
  'water plant': plants.flower,
  seaweed: plants.shrub,
  fungus: plants.fungus,
  fern: plants.shrub,
  'plant part': food.fruit,
  fruit: food.fruit,
  vegetable: food.fruit,
  nut: food.fruit,
  bakery: food.bakery,
  dish: food.dish,
  sauce: food.dish,
  drink: food.drink,
  car: vehicles.car,
  bus: vehicles.bus,
  truck: vehicles.truck,
  machine: vehicles.truck,
  bicycle: vehicles.cycle,
  cart: vehicles.cycle,
  train: vehicles.bus,
  aircraft: vehicles.aircraft,
  spacecraft: vehicles.spacecraft,
  boat: vehicles.boat,
  furniture: things.furniture,
  appliance: things.box,
  'household appliance': things.box,
  'kitchen appliance': things.box,
  electronics: things.box,
  stationery: things.box,
  instrument: things.instrument,
  clothing: things.clothing,
  shoe: things.shoe,
  bag: things.vessel,
  textile: things.clothing,
  jewellery: things.round,
  kitchenware: things.vessel,
  container: things.vessel,
  tool: things.tool,
  'machine part': things.round,
  'garden tool': things.tool,
  planter: things.vessel,
  'cleaning tool': things.tool,
  'pet supply': things.thing,
  'baby gear': things.thing,
  'gym gear': things.round,
  'camping gear': things.thing,
  candle: things.stand,
  'bath accessory': things.vessel,
  toy: things.thing,
  'sports gear': things.round,
  weapon: things.tool,
  lamp: things.stand,
  ornament: things.vessel,
  'bathroom fixture': things.vessel,
  toiletry: things.vessel,
  apparatus: things.tool,
  'street object': things.stand,
  building: things.building,
  stone: things.stone,
};

/** Kinds about which their plan says no more than that there is something. */
const SHAPELESS: ReadonlySet<Kind> = new Set([
  'thing',
  'toy',
  'apparatus',
  'accessory',
  'pet supply',
  'baby gear',
  'camping gear',
  'machine part',
]);

/** Words whose plan is another than their kind's, from all rooms; the first table that has a word wins. */
const BY_WORD: readonly Words[] = [
  {
    snake: { plan: creatures.worm },
    serpent: { plan: creatures.worm },
    worm: { plan: creatures.worm },
    eel: { plan: creatures.worm },
    caterpillar: { plan: creatures.worm },
    beetle: { plan: creatures.insect },
    turtle: { plan: creatures.shelled },
    ball: { plan: things.round },
    clock: { plan: things.round },
    timepiece: { plan: things.round },
    person: { plan: mammals.person },
    house: { plan: things.building },
    motorcycle: { plan: vehicles.cycle },
  },
];

/** What will be drawn for a concept. */
export interface Drawing {
  plan: Plan;
  /** In words: what somebody who sees it would call it, e.g. `office chair`. */
  as: string;
  /** Nobody could tell from it what was meant: only that there is a thing, or something of its kind. */
  generic: boolean;
}

/** Hypernyms that are asked for a drawing, near to far. */
const NEAR = 4;

/**
 * What the embedded painter draws for a concept.
 * @param words the name and what it is a case of, near to far: the whole name, its head where WordNet does not know the whole, then hypernyms
 */
export function drawingOf(kind: Kind | undefined, words: readonly string[]): Drawing {
  const category = kind && KINDS[kind].category;
  for (const word of words.slice(0, NEAR + 1)) {
    const found = wordDrawing(word, category);
    if (found) return { plan: found.plan, as: found.as ?? word, generic: false };
  }
  const plan = kind && BY_KIND[kind];
  if (plan) return { plan, as: kind, generic: SHAPELESS.has(kind) };
  return { plan: things.thing, as: 'thing', generic: true };
}

function wordDrawing(word: string, category: Category | undefined): Words[string] | undefined {
  for (const table of BY_WORD) {
    if (!Object.hasOwn(table, word)) continue;
    const entry = table[word];
    if (!entry.category || !category || entry.category === category) return entry;
  }
  return undefined;
}

/** Words that have a drawing of their own: what `draw as` may name. */
export const drawableWords = (): string[] => [...new Set(BY_WORD.flatMap((t) => Object.keys(t)))].sort();

export { face } from './mammals.js';
