import { type Category, KINDS, type Kind } from '../../../concepts/kinds.js';
import type { Plan } from '../plan.js';
import { bird } from './animals/bird.js';
import { butterfly } from './animals/butterfly.js';
import { fish } from './animals/fish.js';
import { frog } from './animals/frog.js';
import { insect } from './animals/insect.js';
import * as mammals from './animals/mammals.js';
import { medusa } from './animals/medusa.js';
import { reptile } from './animals/reptile.js';
import { shelled } from './animals/shelled.js';
import { worm } from './animals/worm.js';
import { sink } from './bathroom/fixtures.js';
import { BATHROOM } from './bathroom/index.js';
import { shampoo, soapDispenser, tubeOfPaste } from './bathroom/toiletries.js';
import { CARE } from './care/index.js';
import { basket } from './containers/bins.js';
import { bottle, jar, vase } from './containers/bottles.js';
import { box as cardboardBox, crate } from './containers/boxes.js';
import { CONTAINERS } from './containers/index.js';
import { planter } from './containers/pots.js';
import { ELECTRONICS } from './electronics/index.js';
import * as food from './food.js';
import { cupboard, dresser } from './furniture/cabinets.js';
import { chair } from './furniture/chairs.js';
import { FURNITURE } from './furniture/index.js';
import { shelvingUnit } from './furniture/shelves.js';
import { table } from './furniture/tables.js';
import { airPurifier, heater } from './household/air.js';
import { vacuum } from './household/cleaning.js';
import { HOUSEHOLD } from './household/index.js';
import { bowl } from './kitchen/bowls.js';
import { airFryer, foodProcessor, microwave, toaster } from './kitchen/countertop.js';
import { KITCHEN } from './kitchen/index.js';
import { oven, washingMachine } from './kitchen/large.js';
import { pot } from './kitchen/pans.js';
import { spatula, woodenSpoon } from './kitchen/utensils.js';
import { LAMPS } from './lamps/index.js';
import { floorLamp, tableLamp } from './lamps/shades.js';
import { candle } from './lamps/small.js';
import { MUSIC } from './music/index.js';
import { OFFICE } from './office/index.js';
import * as plants from './plants.js';
import { PLAY } from './play/index.js';
import { kite } from './play/toys.js';
import { TEXTILES } from './textiles/index.js';
import { box } from './things/box.js';
import { building } from './things/building.js';
import { clothing } from './things/clothing.js';
import { instrument } from './things/instrument.js';
import { round } from './things/round.js';
import { shoe } from './things/shoe.js';
import { stand } from './things/stand.js';
import { stone } from './things/stone.js';
import { surfaceOf } from './things/surface.js';
import { thing } from './things/thing.js';
import { tool } from './things/tool.js';
import { vessel } from './things/vessel.js';
import { TOOLS } from './tools/index.js';
import { aircraft } from './vehicles/aircraft.js';
import { boat } from './vehicles/boat.js';
import { bus } from './vehicles/bus.js';
import { car } from './vehicles/car.js';
import { cycle } from './vehicles/cycle.js';
import { spacecraft } from './vehicles/spacecraft.js';
import { truck } from './vehicles/truck.js';
import { WEAR } from './wear/index.js';
import type { Words } from './words.js';

/** What is known only by its kind is drawn as one of the kind's common things, always the same for one word. */
const oneOf =
  (...plans: Plan[]): Plan =>
  (pen, look) =>
    look.choose('one of its kind', plans)(pen, look);

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
  bat: bird,
  primate: mammals.primate,
  whale: fish,
  seal: fish,
  bird: bird,
  'tropical bird': bird,
  raptor: bird,
  waterbird: bird,
  penguin: bird,
  poultry: bird,
  ostrich: bird,
  'river fish': fish,
  'sea fish': fish,
  'sea creature': shelled,
  jellyfish: medusa,
  'flying insect': butterfly,
  crawler: insect,
  snail: shelled,
  amphibian: frog,
  reptile: reptile,
  crocodile: reptile,
  'sea turtle': shelled,
  dinosaur: reptile,
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
  car: car,
  bus: bus,
  truck: truck,
  machine: truck,
  bicycle: cycle,
  cart: cycle,
  train: bus,
  aircraft: aircraft,
  spacecraft: spacecraft,
  boat: boat,
  furniture: oneOf(chair, table, cupboard, shelvingUnit, dresser),
  appliance: oneOf(washingMachine, oven, heater, vacuum),
  'household appliance': oneOf(airPurifier, heater, vacuum),
  'kitchen appliance': oneOf(toaster, foodProcessor, airFryer, microwave),
  electronics: box,
  stationery: box,
  instrument: instrument,
  clothing: clothing,
  shoe: shoe,
  bag: vessel,
  textile: clothing,
  jewellery: round,
  kitchenware: oneOf(bowl, spatula, pot, woodenSpoon),
  container: oneOf(cardboardBox, jar, basket, bottle, crate),
  tool: tool,
  'machine part': round,
  'garden tool': tool,
  planter: planter,
  'cleaning tool': tool,
  'pet supply': thing,
  'baby gear': thing,
  'gym gear': round,
  'camping gear': thing,
  candle: candle,
  'bath accessory': soapDispenser,
  toy: thing,
  'sports gear': round,
  weapon: tool,
  lamp: oneOf(tableLamp, floorLamp),
  ornament: vase,
  'bathroom fixture': sink,
  toiletry: oneOf(shampoo, tubeOfPaste, soapDispenser),
  apparatus: tool,
  'street object': stand,
  building: building,
  stone: stone,
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
export const BY_WORD: readonly Words[] = [
  FURNITURE,
  LAMPS,
  ...KITCHEN,
  CONTAINERS,
  HOUSEHOLD,
  BATHROOM,
  TOOLS,
  ELECTRONICS,
  OFFICE,
  WEAR,
  TEXTILES,
  PLAY,
  MUSIC,
  CARE,
  {
    snake: { plan: worm },
    serpent: { plan: worm },
    worm: { plan: worm },
    eel: { plan: worm },
    caterpillar: { plan: worm },
    beetle: { plan: insect },
    turtle: { plan: shelled },
    clock: { plan: round },
    timepiece: { plan: round },
    person: { plan: mammals.person },
    house: { plan: building },
    motorcycle: { plan: cycle },
    // Not a bird, though WordNet files it with aircraft.
    kite: { plan: kite, category: 'vehicle' },
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
  if (kind === 'texture') return { plan: surfaceOf(words[0] ?? ''), as: 'a surface', generic: false };
  for (const word of words.slice(0, NEAR + 1)) {
    const found = wordDrawing(word, category);
    if (found) return { plan: found.plan, as: found.as ?? word, generic: false };
  }
  const plan = kind && BY_KIND[kind];
  if (plan) return { plan, as: kind, generic: SHAPELESS.has(kind) };
  return { plan: thing, as: 'thing', generic: true };
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

export { face } from './animals/mammals.js';
