import type { Kind } from './kinds.js';

/**
 * Words that say where a thing belongs (`salad`, `toothbrush`, `cable`), and heads that follow them: a spice rack is for the
 * kitchen, a shoe rack is furniture.
 */
const ROOM_WORDS = {
  kitchen: `
    salad, gravy, roasting, cooling, splatter, champagne, drinks, beeswax, spice, dish, egg, wine, garlic, pizza,
    bread, coffee, tea, espresso, knife, lemon, lime, citrus, vegetable, veggie, fruit, cheese, meat, potato, apple,
    avocado, mango, melon, pineapple, banana, butter, cake, cookie, cupcake, baking, bakeware, kitchen, cutlery,
    utensil, utensils, silverware, flatware, cup, mug, pot, pan, wok, lunch, food, oil, vinegar, salt, pepper,
    sugar, flour, cereal, rice, pasta, spaghetti, noodle, burger, bacon, taco, tortilla, waffle, sandwich, hotdog,
    milk, honey, ice, grill, bbq, turkey, chicken, fish-slice, pie, dough, pastry, nut, nutmeg, herb, onion, tomato,
    corn, cherry, olive, bottle, can, jar, plate, bowl, napkin, sink, fridge, freezer, pantry, produce, cocktail,
    bar, steak, fondue, sushi, yogurt, syrup, soup, sauce, grain, kitchenware, cooking, serving, dining, table,
    beer, whiskey, water, juice, microwave, oven, stove, stovetop, glass, nonstick, non-stick, cast-iron, chef,
    butcher, popcorn, peanut, dessert, breakfast, beverage`,
  bath: `
    toilet, body, beard, shaving, shower, bath, bathroom, bathtub, tub, soap, toothbrush, towel, toothpaste, loofah,
    shampoo, lotion, makeup, make-up, cosmetic, cosmetics, vanity, razor, hair, facial, face, skin, beauty, nail,
    tissue, sponge`,
  office: `
    desk, desktop, pen, pencil, paper, document, file, folder, card, business, letter, mail, magazine, binder, book,
    label, tape, note, memo, stapler, office, envelope, whiteboard, index, badge, school, drawing, art, sketch,
    craft, writing, calligraphy`,
  tech: `
    phone, security, nvme, iphone, smartphone, cellphone, mobile, cell, tablet, ipad, laptop, macbook, cable, usb,
    monitor, tv, headphone, headset, camera, battery, hdmi, wireless, charging, computer, pc, console, controller,
    speaker, keyboard, gaming, webcam, microphone, mic, earbud, ereader, kindle, airpods, airpod, watch, smartwatch,
    ssd, sd, power, dvd, cd, vr, drone, ethernet, bluetooth, wifi, wi-fi, usb-c, optical, digital, smart, led, rgb,
    mechanical, qwerty, 4k, hd, network, audio, video, screen`,
  pet: 'dog, cat, puppy, kitten, pet, hamster, rabbit, litter, aquarium, bird, horse, parrot, reptile, ferret, doggy',
  garden: `
    garden, gardening, plant, lawn, hose, patio, flower, tree, hedge, weed, leaf, grass, outdoor, seed, compost,
    yard, greenhouse, herb-garden, succulent, snow`,
  cleaning: `
    laundry, ironing, cleaning, dust, floor, window, vacuum, trash, garbage, rubbish, waste, recycling, lint,
    carpet, gutter, tile, grout, drain, pool`,
  bed: `
    bed, mattress, pillow, duvet, sofa, couch, chair, cushion, futon, bedroom, furniture, ottoman, memory, foam,
    plush, fleece, cotton`,
  baby: 'dummy, pacifier, baby, infant, toddler, diaper, nappy, newborn, nursery, teething, nursing, feeding',
  gym: 'yoga, gym, fitness, exercise, pilates, workout, weight, squat, dip, resistance, stretching, bench-press',
  sports: `
    golf, tennis, football, soccer, basketball, hockey, baseball, boxing, climbing, badminton, ski, surf, swim,
    swimming, cricket, rugby, lacrosse, volleyball, archery, diving, recurve, ping-pong, squash, billiard, snowboard`,
  camp: 'camp, camping, tent, hiking, backpacking, trail, trekking, survival, fishing, beach, picnic, pop-up',
  tool: `
    tool, drill, saw, socket, bit, screw, workbench, garage, angle, bench, belt, orbital, torque, power-tool, wood,
    woodworking, metal, welding, masonry, concrete, drywall, pipe, tile, nail, framing, rivet`,
  machine: `
    hex, linear, guide, bicycle, gearbox, lock, wing, flange, flat, rubber, oil, shaft, hydraulic, mechanical-seal,
    compression, extension, torsion, coil, leaf, timing, drive, conveyor, v, roller, bike, engine, car, truck,
    piston, snap, retaining, steel, stainless, brass, m3, m4, m5, m6, m8, m10, m12, zinc, nylon, fender, spring, t,
    cap, rotary, pneumatic, air, industrial, bearing, valve, transmission, auto, motorcycle, machine, weld, castle,
    galvanized, galvanised, threaded, serrated`,
  wear: `
    nose, ear, hat, coat, shoe, boot, tie, jewelry, jewellery, ring, necklace, scarf, earring, gold, silver,
    diamond, pearl, men’s, women’s, mens, womens, men's, women's, ladies, leather, suede, wedding, ballet, court,
    engagement, clothes, garment, baby-bib, bridal, sterling, platform, hair`,
  music: `
    guitar, violin, drum, piano, music, midi, bass, jazz, alto, soprano, tenor, electric-bass, french, acoustic,
    effects, string`,
  lab: 'laboratory, lab, medical, volumetric, erlenmeyer, blood, heart, glucose, oxygen, surgical, pressure, conical',
  tree: 'christmas, artificial, xmas',
  ornament: 'hanging, christmas, decorative, wall, home, decor, resin, bronze, porcelain, garden-gnome',
  street: 'playground, kids, backyard, road, street, traffic, warning, stop, metal-sign, swing, bicycle',
  toy: 'toy, kids, children’s, childrens, children, wooden, lego, stuffed, miniature, anime, collectible, superhero',
} as const;
export type Room = keyof typeof ROOM_WORDS;

const ROOMS_OF = new Map<string, Room[]>();
for (const [room, words] of Object.entries(ROOM_WORDS)) {
  for (const word of words.trim().split(/,\s+/)) ROOMS_OF.set(word, [...(ROOMS_OF.get(word) ?? []), room as Room]);
}

/** What a thing of a room is, whatever it is called. */
const KIND_OF_ROOM: Readonly<Partial<Record<Room, Kind>>> = {
  kitchen: 'kitchenware',
  bath: 'bath accessory',
  office: 'stationery',
  tech: 'electronics',
  pet: 'pet supply',
  garden: 'garden tool',
  cleaning: 'cleaning tool',
  bed: 'textile',
  baby: 'baby gear',
  gym: 'gym gear',
  sports: 'sports gear',
  camp: 'camping gear',
  tool: 'tool',
  machine: 'machine part',
  wear: 'accessory',
  music: 'instrument',
  lab: 'apparatus',
  toy: 'toy',
};

/** The kind that the nearest of these words suggests for a thing that is not known itself. */
export function kindOfRoom(before: readonly string[]): Kind | undefined {
  for (const word of [...before].reverse()) {
    const kind = ROOMS_OF.get(word)
      ?.map((room) => KIND_OF_ROOM[room])
      .find((k) => k !== undefined);
    if (kind) return kind;
  }
  return undefined;
}

/** Whether one of the words before a head says that it belongs there. */
export const belongs = (before: readonly string[], room: string): boolean =>
  before.some((word) => ROOMS_OF.get(word)?.includes(room as Room));

/** Heads whose kind the words before them decide: `kind, room: kind, …`; the first is for all others, `-` leaves them to WordNet. */
const HEADS: Readonly<Record<string, string>> = {
  holder:
    'container, kitchen: kitchenware, bath: bath accessory, office: stationery, tech: electronics, garden: planter',
  rack: 'furniture, gym: gym gear, kitchen: kitchenware, bath: bath accessory, garden: garden tool, tool: container',
  stand: 'furniture, music: instrument, tech: electronics, kitchen: kitchenware',
  organizer: 'container, bath: bath accessory, office: stationery, tech: electronics',
  organiser: 'container, bath: bath accessory, office: stationery, tech: electronics',
  caddy: 'container, bath: bath accessory, office: stationery',
  dispenser: 'container, bath: bath accessory, office: stationery, kitchen: kitchenware, pet: pet supply',
  cover: 'textile, tech: electronics, wear: accessory',
  case: 'container, office: stationery, tech: electronics, music: container, bed: textile',
  mat: 'textile, gym: gym gear, tech: stationery, office: stationery, kitchen: kitchenware, pet: pet supply, baby: baby gear',
  pad: 'thing, bed: textile, office: stationery, tech: electronics, pet: pet supply, sports: sports gear, machine: machine part',
  tray: 'kitchenware, office: stationery, pet: pet supply, garden: planter, bath: bath accessory, tool: tool',
  hook: 'tool, bath: bath accessory, camp: camping gear',
  opener: 'kitchenware, office: stationery, garage: electronics',
  cutter: 'tool, kitchen: kitchenware, office: stationery',
  slicer: 'kitchenware',
  press: 'kitchenware, garlic: kitchenware, tool: tool, office: tool, gym: gym gear',
  grinder: 'kitchen appliance, tool: tool, pepper: kitchenware',
  squeezer: 'kitchenware',
  crusher: 'kitchenware',
  infuser: 'kitchenware',
  maker: 'kitchen appliance, office: electronics',
  warmer: 'kitchen appliance, wear: clothing, baby: baby gear',
  brush: 'tool, bath: toiletry, cleaning: cleaning tool, pet: pet supply, kitchen: kitchenware',
  roller: 'tool, machine: machine part, bath: toiletry, cleaning: cleaning tool, gym: gym gear',
  light: 'lamp',
  lights: 'lamp',
  board: 'thing, kitchen: kitchenware, office: stationery, sports: sports gear, cleaning: household appliance',
  stick: 'thing, sports: sports gear, tech: electronics, camp: camping gear',
  strap: 'accessory, music: instrument, gym: gym gear, machine: tool',
  band: 'accessory, gym: gym gear, tech: electronics, office: stationery',
  clip: 'stationery, bath: accessory, wear: accessory, kitchen: kitchenware',
  kit: 'container, tool: tool',
  mount: 'electronics, machine: machine part',
  gate: 'street object, baby: baby gear, pet: pet supply',
  seat: 'furniture, bath: bathroom fixture, baby: baby gear, machine: machine part',
  guard: 'thing, sports: sports gear, bed: baby gear',
  net: '-, sports: sports gear, camp: camping gear',
  pump: 'machine part, kitchen: kitchenware, bath: toiletry, baby: baby gear',
  filter: 'machine part, kitchen: kitchenware, pet: pet supply',
  meter: 'apparatus',
  gauge: 'apparatus',
  tester: 'apparatus',
  detector: 'electronics',
  sensor: 'machine part',
  switch: 'electronics',
  knob: 'tool',
  handle: 'tool',
  lid: 'kitchenware',
  liner: 'textile',
  protector: 'textile, tech: electronics, sports: sports gear',
  topper: 'textile, kitchen: kitchenware',
  bed: 'furniture, pet: pet supply, garden: planter',
  bowl: 'kitchenware, pet: pet supply, bath: bathroom fixture',
  ramp: 'thing, pet: pet supply',
  feeder: 'pet supply',
  carrier: 'bag, baby: baby gear, pet: pet supply',
  crate: 'container, pet: pet supply',
  cage: 'pet supply',
  house: '-, pet: pet supply',
  toy: 'toy, pet: pet supply',
  shaver: 'toiletry',
  trimmer: 'toiletry, garden: garden tool, office: stationery, tool: tool',
  clippers: 'toiletry, garden: garden tool',
  scale: 'apparatus, kitchen: kitchen appliance, bath: bath accessory',
  scales: 'apparatus, kitchen: kitchen appliance, bath: bath accessory',
  timer: 'electronics, kitchen: kitchenware',
  heater: 'household appliance, garden: garden tool',
  machine: 'household appliance, kitchen: kitchen appliance, gym: gym gear, tool: tool',
  cooker: 'kitchen appliance',
  oven: 'kitchen appliance',
  cleaner: 'cleaning tool',
  remover: 'cleaning tool',
  cloth: 'textile, cleaning: cleaning tool',
  wipes: 'cleaning tool, bath: toiletry, baby: baby gear',
  cream: 'toiletry, ice: dish',
  gel: 'toiletry',
  oil: 'sauce, bath: toiletry, machine: container',
  spray: 'toiletry, cleaning: cleaning tool',
  powder: 'toiletry, kitchen: sauce',
  bar: '-, gym: gym gear, bath: bath accessory, kitchen: bakery',
  wheel: 'machine part, kitchen: kitchenware',
  tube: 'thing, machine: machine part',
  string: '-',
  pick: 'instrument',
  pedal: 'instrument, machine: machine part',
  seeds: 'plant part',
  plant: '-, ornament: ornament',
  set: 'thing',
  separator: 'kitchenware, machine: machine part',
  server: '-, kitchen: kitchenware',
  dome: '-, kitchen: kitchenware, camp: camping gear',
  keeper: 'container, kitchen: kitchenware',
  saver: 'container, kitchen: kitchenware',
  mould: 'kitchenware, machine: machine part',
  mold: 'kitchenware, machine: machine part',
  wrap: 'textile, wear: clothing, kitchen: kitchenware, office: stationery, baby: textile',
  sleeve: 'bag, wear: clothing, lab: apparatus, machine: machine part',
  tie: 'clothing, cable: tool, zip: tool, bath: accessory, curtain: textile, twist: tool',
  extender: 'electronics, machine: machine part',
  ink: 'stationery',
  sheet: 'textile, tool: tool, kitchen: kitchenware, office: stationery, metal: machine part',
  puller: 'tool, garden: garden tool',
  tunnel: '-, pet: pet supply',
  wire: '-, garden: garden tool, music: instrument',
  sand: '-, kinetic: toy, play: toy, magic: toy',
  track: '-, machine: machine part',
  blaster: 'toy, cleaning: household appliance',
  paint: 'container, office: stationery, finger: stationery',
  bell: '-, machine: machine part, pet: pet supply',
  stud: 'jewellery, machine: machine part',
  housing: 'machine part',
  rail: '-, bath: bath accessory, bed: furniture, curtain: furniture, wear: furniture',
  rod: '-, bath: bath accessory, curtain: furniture, camp: camping gear',
  slide: '-, lab: apparatus, street: street object, toy: street object, baby: toy',
  cuff: '-, lab: apparatus',
  vac: 'household appliance',
  pounder: 'kitchenware',
  chopper: 'kitchen appliance',
  shredder: 'electronics, kitchen: kitchenware',
  blade: 'tool, bath: toiletry, kitchen: kitchenware',
  cap: '-, machine: machine part, kitchen: kitchenware, lens: electronics',
  plate: '-, machine: machine part, gym: gym gear, license: machine part, tech: electronics',
  block: '-, kitchen: kitchenware, gym: gym gear, machine: machine part, tool: tool',
  bag: 'bag, kitchen: bag, cleaning: container',
  box: 'container, pet: pet supply, music: toy',
  bin: 'container',
  basket: 'container, kitchen: kitchenware',
  bottle: 'container, baby: baby gear',
  cart: '-, kitchen: furniture, office: furniture, tool: tool, garden: garden tool',
  trolley: 'furniture, shopping: cart, golf: sports gear',
  chair: 'furniture, camp: camping gear',
  glove: 'clothing, sports: sports gear, garden: garden tool, kitchen: kitchenware, cleaning: cleaning tool',
  shoe: 'shoe',
  watch: 'accessory, smart: electronics',
  mirror: 'furniture, machine: machine part',
  camera: 'electronics',
  lock: 'tool',
  cable: 'electronics, machine: machine part, music: electronics',
  probe: 'apparatus',
  stopper: 'kitchenware, door: tool, bath: bath accessory, sink: bath accessory',
  plug: 'electronics, bath: bath accessory, sink: bath accessory, machine: machine part',
  deodorizer: 'household appliance',
  purifier: 'household appliance',
  dryer: 'appliance, bath: household appliance, kitchen: kitchenware',
  drier: 'appliance, bath: household appliance, kitchen: kitchenware',
  straightener: 'household appliance',
  curler: 'household appliance, bath: household appliance',
  sharpener: 'stationery, kitchen: kitchenware, tool: tool',
  thermometer: 'apparatus, kitchen: kitchenware',
  clock: 'electronics',
  tracker: 'electronics, sports: electronics',
  launcher: 'toy',
  shooter: 'toy',
  racer: 'toy',
  playset: 'toy',
  figure: 'toy',
  plush: 'toy',
  plushie: 'toy',
  costume: 'clothing',
  outfit: 'clothing, toy: toy',
  wear: 'clothing',
  sneaker: 'shoe',
  pack: 'bag',
  carafe: 'kitchenware',
  spinner: 'toy, kitchen: kitchenware',
  drainer: 'kitchenware',
  baller: 'kitchenware',
  pitter: 'kitchenware',
  stoner: 'kitchenware',
  mincer: 'kitchen appliance',
  smasher: 'kitchenware',
  tenderizer: 'kitchenware',
  tub: '-, kitchen: container, storage: container, ice: container',
  gland: 'machine part',
  reader: 'electronics',
  pistol: 'toy',
  base: 'thing, bed: furniture, lamp: lamp, machine: machine part',
  divider: 'container, room: furniture, office: stationery',
  insert: 'container, wear: accessory',
  station: '-, pet: pet supply, baby: furniture, tool: tool',
  tower: '-, pet: pet supply, tech: electronics',
  fountain: '-, pet: pet supply, kitchen: kitchen appliance',
  treat: 'pet supply',
  lead: 'electronics, pet: pet supply',
  tag: 'stationery, pet: pet supply',
  blower: 'household appliance, garden: garden tool',
  spreader: 'garden tool, kitchen: kitchenware',
  stake: 'garden tool, camp: camping gear',
  peg: 'tool, camp: camping gear, cleaning: cleaning tool',
  rest: 'furniture, kitchen: kitchenware, office: stationery',
  riser: 'furniture, office: stationery, tech: stationery',
  step: '-',
  bumper: '-, baby: textile',
};
const OF_HEAD = new Map(
  Object.entries(HEADS).map(([head, row]) => {
    const [usual, ...others] = row.split(', ');
    return [head, { usual, others: others.map((o) => o.split(': ') as [string, string]) }] as const;
  }),
);

/** The kind of a head after these words, nearest last: `['spice'], 'rack'`; undefined for a head that stands for itself. */
export function kindOfHead(before: readonly string[], head: string): { kind: Kind; sure: boolean } | undefined {
  const row = OF_HEAD.get(head);
  if (!row) return undefined;
  // The nearest word that says something decides: a garden hose holder is for a hose, whatever else it is.
  for (const word of [...before].reverse()) {
    const rooms = ROOMS_OF.get(word);
    const found = row.others.find(([room]) => room === word || rooms?.includes(room as Room));
    if (found) return { kind: found[1] as Kind, sure: true };
  }
  return row.usual === '-' ? undefined : { kind: row.usual as Kind, sure: row.usual !== 'thing' };
}
