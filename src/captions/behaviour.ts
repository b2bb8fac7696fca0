import type { Kind } from '../concepts/kinds.js';

/**
 * What things of a kind do or how they lie about. Verb phrases in the base form (`sit`), or after `=` a participle that is used with
 * `be` (`=curled up`). `{x}`: its x, or their x's.
 * rest: anywhere that bears it; move: in the open; water, under, air: in and under water, in the air; road: vehicles under way.
 */
export interface Behaviour {
  readonly rest: readonly string[];
  readonly move: readonly string[];
  readonly water: readonly string[];
  readonly under: readonly string[];
  readonly air: readonly string[];
}

const split = (list: string) => (list === '' ? [] : list.split(', '));
const acts = (rest: string, move = '', water = '', under = '', air = ''): Behaviour => ({
  rest: split(rest),
  move: split(move),
  water: split(water),
  under: split(under),
  air: split(air),
});

const BEAST_REST = 'sit, stand still, lie down, rest, sleep, look back, look at the camera, yawn, stretch, look around';
const BEAST_MOVE = 'walk, run, wander, trot, graze, sniff the ground, turn around, stand guard';
const BIRD_REST =
  '=perched, sit, preen {its} feathers, sing, look around, rest, flap {its} wings, ruffle {its} feathers';
const BIRD_AIR = 'fly, glide, soar, hover, swoop down, circle';
const FISH_UNDER = 'swim, glide, drift, hover, dart, turn, hide, feed';
const STANDS = 'stand, =seen up close, =placed at an angle, =lit from the side';
const LIES = 'lie, rest, =arranged neatly, =lit from the side, =seen up close, =placed at an angle';
const GROWS = 'grow, stand, sway, bloom, =covered in dew, =bathed in light';
const SERVED = '=served, =freshly prepared, =ready to eat, =arranged neatly, =seen up close, =lit from the side';
const DRIVES = 'drive, turn, =stopped, wait, speed past, roll along';

export const BEHAVIOUR: Readonly<Record<Kind, Behaviour>> = {
  dog: acts(
    `${BEAST_REST}, pant, tilt {head}, lick {paw}, chew on a bone, =curled up asleep, beg, bark`,
    'run, play, chase a ball, carry a stick, dig a hole, jump, roll over, trot, sniff the ground, fetch a frisbee, walk on a leash',
    'swim, paddle, splash, play, stand knee-deep',
  ),
  cat: acts(
    `${BEAST_REST}, lick {paw}, =curled up asleep, purr, stare, groom, arch {back}, wash {face}`,
    'creep, hunt, play with a leaf, stalk a bird, walk, leap, chase a butterfly, sunbathe',
  ),
  livestock: acts(
    'stand, lie down, rest, chew, look at the camera, turn {head}, sleep, wait',
    'graze, walk, trot, run, gallop, feed, eat grass, gather, roam',
    'drink, wade, stand knee-deep',
  ),
  pig: acts(
    'lie down, sleep, rest, stand, sniff, eat',
    'root in the mud, run, walk, wallow, feed, trot',
    'wade, bathe',
  ),
  'forest mammal': acts(
    BEAST_REST,
    `${BEAST_MOVE}, leap, search for food, peer out`,
    'drink, wade, stand knee-deep, fish',
  ),
  'savanna mammal': acts(
    BEAST_REST,
    'walk, run, graze, wander, roam, stand guard, charge, shake {head}, cross a track',
    'drink, wade, bathe, stand knee-deep',
  ),
  'mountain mammal': acts(BEAST_REST, 'climb, leap, graze, walk, balance, descend', 'drink'),
  'desert mammal': acts('kneel, rest, stand, sit, look around, chew', 'walk, wander, stride, run, dig', 'drink'),
  'polar mammal': acts(
    'sit, lie down, sleep, rest, stand, sniff the air, yawn',
    'walk, trudge, play, wander, roll over, hunt',
    'swim, paddle',
  ),
  'small mammal': acts(
    'sit up, nibble, rest, sleep, groom, hide, look around, clean {its} whiskers, freeze',
    'run, hop, scurry, dig, forage, gather nuts, leap, peek out',
    'swim, drink',
  ),
  bat: acts('hang upside down, sleep, rest, cling on', 'fly, flutter', '', '', 'fly, flutter, swoop, hunt'),
  primate: acts(
    'sit, eat fruit, groom, sleep, look around, scratch {head}, yawn, stare, rest',
    'climb, swing, walk, leap, play, forage',
    'drink, wade, bathe',
  ),
  'river mammal': acts(
    'rest, eat, groom, sit up, look around',
    'run, play, dig, waddle',
    'swim, float, dive, play, paddle',
    'swim, dive, hunt',
  ),
  whale: acts(
    'surface, rest',
    '',
    'swim, surface, breach, leap, dive, blow, slap {tail}',
    'swim, glide, dive, sing, turn',
  ),
  seal: acts(
    'lie, rest, bask, sleep, bark, look around, yawn',
    'slide, crawl, play',
    'swim, float, dive, play',
    'swim, dive, twist, hunt',
  ),
  bird: acts(
    BIRD_REST,
    `${BIRD_REST}, hop, peck at seeds, take off, land, look for worms`,
    'bathe, drink, splash',
    '',
    BIRD_AIR,
  ),
  'tropical bird': acts(
    `${BIRD_REST}, crack a nut, hang upside down`,
    'take off, fly, climb, feed',
    'bathe, drink',
    '',
    BIRD_AIR,
  ),
  raptor: acts(
    '=perched, look around, spread {its} wings, stare, sit, rest',
    'take off, land, hunt, stand, swoop down',
    'fish',
    '',
    `${BIRD_AIR}, hunt`,
  ),
  waterbird: acts(
    'stand on one leg, rest, preen {its} feathers, spread {its} wings, stand, sleep, stretch {neck}',
    'wade, walk, take off, land, feed, wander',
    'swim, float, wade, dive, fish, feed, glide, drift, stand',
    'dive',
    BIRD_AIR,
  ),
  penguin: acts(
    'stand, rest, huddle, preen {its} feathers, call, look around',
    'waddle, slide, walk, march, jump',
    'swim, dive',
    'swim, dive',
  ),
  poultry: acts(
    'rest, sit, stand, ruffle {its} feathers, preen, crow',
    'peck at grain, scratch the ground, walk, strut, run, wander, forage',
    'drink',
  ),
  ostrich: acts('stand, sit, look around, stretch {neck}', 'run, walk, stride, peck, graze', 'drink'),
  'river fish': acts('rest, gasp', '', 'swim, leap, glide, feed, jump, drift, turn', FISH_UNDER),
  'sea fish': acts('rest', '', 'swim, leap, surface, glide, turn', FISH_UNDER),
  'sea creature': acts(
    'rest, cling on, lie still, =half buried, open up',
    'crawl, wander, dig, scuttle',
    'crawl, drift, float',
    'crawl, rest, drift, cling on, feed, sway, hide',
  ),
  jellyfish: acts('rest', '', 'drift, float', 'drift, float, pulse, glow, rise, sink'),
  'flying insect': acts(
    'rest, sit, land, feed, collect pollen, spread {its} wings, clean {its} antennae, sip nectar, =perched',
    'hover, fly, flutter, land, feed, buzz',
    'hover, skim',
    '',
    'fly, hover, flutter',
  ),
  crawler: acts(
    'crawl, rest, climb, wait, sit still, feed, hide, creep',
    'crawl, climb, wander, creep, feed, hunt',
    'float, drift',
  ),
  snail: acts('crawl, rest, creep, slide, cling on, hide, feed', 'crawl, creep, slide, feed', 'float, drift'),
  amphibian: acts(
    'sit, rest, croak, hide, wait, stare, cling on',
    'hop, leap, sit, crawl, hide',
    'swim, float, rest, croak',
    'swim, dive',
  ),
  reptile: acts(
    'bask, rest, sit still, =coiled up, stare, hide, climb, stick out {tongue}, sleep',
    'crawl, hunt, bask, hide, creep',
    'swim, float',
  ),
  crocodile: acts(
    'bask, rest, lie still, sleep, open {its} jaws',
    'crawl, wait, bask',
    'swim, float, lurk, drift, wait',
    'swim',
  ),
  'sea turtle': acts('rest, bask, lie', 'crawl, bask', 'swim, float, surface, glide', 'swim, glide, dive, drift, feed'),
  dinosaur: acts('stand, rest, look around, roar', 'walk, run, roar, hunt, graze, charge', 'drink, wade'),
  tree: acts(
    GROWS,
    'grow, stand, sway in the wind, shed {its} leaves, cast a long shadow, lean to one side, tower',
    'grow, stand',
  ),
  shrub: acts(GROWS, 'grow, bloom, sway in the wind, =covered in frost, =lit by the sun, =covered in blossoms', 'grow'),
  flower: acts(
    GROWS,
    'bloom, grow, sway in the wind, open, wilt, =lit by the sun, =covered in dew, droop',
    'grow, bloom, float',
  ),
  herb: acts(
    'grow, =lit by the sun, =covered in dew, sprout',
    'grow, sway in the wind, sprout, =lit by the sun, =covered in frost, bend in the wind',
    'grow',
  ),
  cactus: acts('grow, stand, bloom', 'grow, stand, bloom, cast a long shadow', ''),
  'water plant': acts('float, bloom, grow', 'grow, bloom', 'float, bloom, grow, open, drift', 'sway'),
  seaweed: acts('lie, cling on, dry', 'lie, dry', 'float, drift, sway', 'sway, drift, grow, wave'),
  fungus: acts('grow, =covered in dew, sprout, =seen up close', 'grow, sprout, =covered in dew', ''),
  fern: acts('grow, unfurl, =covered in dew', 'grow, unfurl, sway, =lit by the sun', ''),
  'plant part': acts(
    'lie, rest, dry, =seen up close, =covered in frost, =lit by the sun',
    'lie, dry, =covered in frost',
    'float',
  ),
  fruit: acts(
    `${LIES}, ripen, =cut in half, =piled up, =covered in waterdrops`,
    'ripen, hang from a branch, lie',
    'float',
  ),
  vegetable: acts(
    `${LIES}, =cut in half, =freshly harvested, =covered in waterdrops, =piled up`,
    'grow, ripen, =freshly harvested',
    'float',
  ),
  nut: acts(`${LIES}, =cracked open, =piled up, =scattered`, 'lie, =scattered', ''),
  bakery: acts(`${SERVED}, cool, =cut into slices, =fresh from the oven`, 'rest', ''),
  dish: acts(`${SERVED}, steam, =garnished with herbs`, 'rest', ''),
  sauce: acts(`${LIES}, =freshly made, =ready to serve`, 'rest', ''),
  drink: acts(`${SERVED}, stand, =poured to the brim, sparkle`, 'stand', ''),
  car: acts(
    '=parked, stand, =polished to a shine, =covered in dust',
    `${DRIVES}, =parked, race, overtake, =covered in dust, raise dust, =stuck in mud`,
    'wade',
  ),
  bus: acts('=parked, stand, wait', `${DRIVES}, =parked, pick up passengers, arrive, depart`, ''),
  truck: acts(
    '=parked, stand, =covered in mud',
    `${DRIVES}, =parked, unload, reverse, carry logs, =covered in mud, tow a car`,
    '',
  ),
  machine: acts(
    '=parked, stand, =covered in mud',
    'work, dig, =parked, move earth, turn, roll along, lift a load, =covered in mud',
    '',
  ),
  bicycle: acts(
    '=parked, lean, stand, =chained up, =propped up',
    '=parked, lean on a post, =left behind, =chained up, =covered in dust, roll along',
    '',
  ),
  cart: acts(
    'stand, =left behind, =parked, =loaded with hay',
    'stand, roll along, =parked, =left behind, =loaded with hay',
    '',
  ),
  train: acts(
    'stand, wait, =stopped',
    'pass, arrive, depart, speed past, wait, curve around a bend, blow smoke, cross a bridge, roll along',
    '',
  ),
  aircraft: acts(
    '=parked, stand, =on display',
    'land, take off, taxi, =parked, wait, =lined up',
    'land',
    '',
    'fly, climb, bank, descend, turn, soar, cruise, leave a white trail',
  ),
  spacecraft: acts('=on display, stand', 'lift off, stand, land', '', '', 'fly, orbit, drift, hover, climb, float'),
  boat: acts(
    '=pulled ashore, lie, rest, =moored',
    'lie, rest, =moored, =pulled ashore',
    'sail, float, drift, =anchored, =moored, rock gently, cut through the waves, glide, turn',
    'lie',
  ),
  furniture: acts(
    'stand, =pushed into a corner, =lit from the side, =covered with a sheet, =freshly painted, =bathed in light',
    'stand, =left behind, =covered in snow, =weathered by rain',
  ),
  appliance: acts(
    'stand, hum, =switched on, =left open, =lit from the side, =polished to a shine',
    'stand, =left behind, rust',
  ),
  'household appliance': acts(
    'stand, hum, =switched on, =plugged in, =lit from the side, =seen up close',
    'stand, =left behind',
  ),
  'kitchen appliance': acts(
    'stand, =switched on, =plugged in, =polished to a shine, =lit from the side, =seen up close',
    'stand',
  ),
  electronics: acts(`${LIES}, stand, glow, =switched on, =plugged in, =left open`, 'lie, stand'),
  stationery: acts(`${LIES}, =left open, =stacked, =scattered`, 'lie'),
  instrument: acts(
    'lean, stand, rest, =ready to be played, =lit from the side, =on display, =bathed in light',
    'stand, rest, =propped up, =left behind',
  ),
  clothing: acts(
    'hang, lie, =folded neatly, =spread out, =on display, =crumpled, =lit from the side',
    'hang, =spread out, flutter, dry',
  ),
  accessory: acts(
    'lie, hang, =on display, =left behind, =seen up close, =lit from the side',
    'lie, =left behind, hang',
  ),
  shoe: acts('stand, lie, =lined up, =left behind, =on display, =thrown down', 'lie, =left behind, stand, dry'),
  textile: acts(
    'lie, =folded neatly, =spread out, =rolled up, =seen up close, =lit from the side',
    'hang, dry, =spread out',
  ),
  bag: acts(
    'stand, lie, =left open, =packed, =left behind, =on display, =lit from the side',
    'stand, lie, =left behind',
  ),
  jewellery: acts('lie, glitter, =on display, sparkle, rest, =seen up close, shine', 'lie, glitter'),
  kitchenware: acts(`${LIES}, stand, shine, =stacked, =left to dry, =filled to the brim`, 'stand, lie'),
  container: acts(
    `${LIES}, stand, =left open, =filled to the brim, =tipped over, =stacked`,
    'stand, lie, =tipped over, =left behind',
  ),
  tool: acts(`${LIES}, hang, lean, =covered in dust, =ready for use`, 'lie, =left behind, rust, =stuck in the ground'),
  'machine part': acts(`${LIES}, =freshly machined, =covered in grease`, 'lie, rust'),
  'garden tool': acts(
    'stand, lean, =left behind, =seen up close, =lit from the side, =ready for use',
    'stand, lie, lean, =left behind, =ready for use, =wet with rain',
  ),
  planter: acts(
    'stand, =lit from the side, =seen up close, =filled with soil',
    'stand, =wet with rain, =filled with soil',
  ),
  'cleaning tool': acts('stand, lean, lie, =ready for use, =left behind, =seen up close', 'stand, lean'),
  'pet supply': acts(`${LIES}, stand, =ready for use`, 'lie, stand, =left behind'),
  'baby gear': acts(`${LIES}, stand, =ready for use`, 'stand, =left behind'),
  toy: acts('sit, lie, stand, =left behind, =lined up, =scattered, =lit from the side', 'lie, =left behind, stand'),
  'sports gear': acts(`${LIES}, =left behind, =covered in dust`, 'lie, =left behind, =ready for use'),
  'gym gear': acts(`${LIES}, =ready for use, =left behind`, 'lie, =left behind, =ready for use'),
  'camping gear': acts('stand, =set up, =packed, =seen up close', 'stand, =set up, =wet with rain, =ready for use'),
  weapon: acts('hang, lie, rest, =on display, gleam, lean', 'lie, =left behind, stand, =half buried'),
  lamp: acts('glow, stand, shine, =switched on, =switched off, =seen up close', 'glow, shine'),
  candle: acts('glow, stand, burn, flicker, =freshly lit, =seen up close', 'glow, stand, burn'),
  ornament: acts(`${STANDS}, =on display, gleam, =covered in dust`, 'stand, =covered in moss'),
  'bathroom fixture': acts(
    'gleam, =scrubbed clean, =lit from the side, =filled with water, drip',
    'stand, =left behind',
  ),
  toiletry: acts(`${LIES}, stand`, 'lie'),
  'bath accessory': acts('stand, gleam, =scrubbed clean, =lit from the side, =seen up close', 'stand'),
  apparatus: acts(`${LIES}, stand, =ready for use, =on display`, 'stand, lie'),
  'street object': acts(
    'stand, lean, =lit from the side',
    'stand, rust, =covered in snow, lean to one side, cast a long shadow, =wet with rain',
  ),
  building: acts(
    'stand, =lit from within',
    'stand, rise, tower, =lit from within, =surrounded by trees, cast a long shadow, =covered in snow, =reflected in a window, crumble',
    'stand',
  ),
  thing: acts(LIES, 'lie, stand, =left behind'),
  stone: acts(
    'lie, rest, glitter, =seen up close, =half buried, =covered in frost',
    'lie, =half buried, =covered in moss',
    'lie',
  ),
  place: acts('', ''),
  room: acts('', ''),
  person: acts(
    'sit, stand, read, rest, smile, look at the camera, laugh, talk',
    'walk, run, stand, wait, work, dance, carry a bag, wave',
    'swim, wade',
    'dive, swim',
  ),
  texture: acts('', ''),
};

/** Verbs that double their last letter before `-ing`. */
const DOUBLES = new Set(
  'sit,run,swim,stop,hop,dig,chat,sip,nap,rub,drip,skim,slip,shed,cut,beg,hum,slap,strut,trot'
    .split(',')
    .filter((v) => v !== ''),
);

/** `run fast` → `running fast`. */
export function progressive(phrase: string): string {
  return inflectFirst(phrase, (verb) => {
    if (verb === 'lie') return 'lying';
    if (DOUBLES.has(verb)) return `${verb}${verb[verb.length - 1]}ing`;
    if (/[^eoy]e$/.test(verb)) return `${verb.slice(0, -1)}ing`;
    return `${verb}ing`;
  });
}

/** `run fast` → `runs fast`. */
export function thirdPerson(phrase: string): string {
  return inflectFirst(phrase, (verb) => {
    if (/(s|x|z|ch|sh|o)$/.test(verb)) return `${verb}es`;
    if (/[^aeiou]y$/.test(verb)) return `${verb.slice(0, -1)}ies`;
    return `${verb}s`;
  });
}

function inflectFirst(phrase: string, inflect: (verb: string) => string): string {
  const cut = phrase.indexOf(' ');
  return cut < 0 ? inflect(phrase) : inflect(phrase.slice(0, cut)) + phrase.slice(cut);
}
