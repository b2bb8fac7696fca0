import { goodsOf } from './goods.js';
import { HEADS } from './goods-heads.js';
import { formsOf } from './head.js';
import { KINDS, type Kind } from './kinds.js';

/**
 * Words that say where a thing belongs (`salad`, `toothbrush`, `cable`), and heads that follow them: a spice rack is for the
 * kitchen, a shoe rack is furniture.
 */
const ROOM_WORDS = {
  kitchen: `
    salad, gravy, roasting, cooling, splatter, champagne, drinks, beeswax, spice, dish, egg, wine, garlic, pizza,
    bread, coffee, tea, espresso, knife, lemon, lime, citrus, vegetable, veggie, fruit, cheese, meat, potato, apple,
    avocado, mango, melon, pineapple, banana, butter, cake, cookie, cupcake, baking, bakeware, kitchen, cutlery,
    utensil, utensils, silverware, flatware, cup, mug, pot, pan, wok, lunch, food, oil, vinegar, salt, pepper, gin,
    tonic, whisky, martini, margarita, highball, tequila, cognac, ramen, paella, crepe, omelette, jam, jelly, sake,
    broth, curry, tapas, ravioli, gnocchi, sugar, flour, cereal, rice, pasta, spaghetti, noodle, burger, bacon,
    taco, tortilla, waffle, sandwich, hotdog, milk, honey, ice, grill, bbq, turkey, chicken, fish-slice, pie, dough,
    pastry, nut, nutmeg, herb, onion, tomato, corn, cherry, olive, bottle, can, jar, plate, bowl, napkin, sink,
    fridge, freezer, pantry, produce, cocktail, bar, steak, fondue, sushi, yogurt, syrup, soup, sauce, grain,
    kitchenware, cooking, serving, dining, table, beer, whiskey, water, juice, microwave, oven, stove, stovetop,
    glass, nonstick, non-stick, cast-iron, chef, butcher, popcorn, peanut, dessert, breakfast, beverage`,
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
    microsd, micro-sd, sata, pcie, m.2, memory, lightning, magsafe, android, samsung, galaxy, pixel, stylus, gimbal,
    tripod, vlogging, atx, ddr4, ddr5, motherboard, gpu, cpu, mesh-wifi, soundbar, subwoofer, turntable, lens,
    karaoke, mechanical, qwerty, 4k, hd, network, audio, video, screen`,
  pet: 'dog, cat, puppy, kitten, pet, hamster, rabbit, litter, aquarium, bird, horse, parrot, reptile, ferret, doggy',
  garden: `
    garden, gardening, plant, lawn, hose, patio, flower, tree, hedge, weed, leaf, grass, outdoor, seed, compost,
    yard, greenhouse, herb-garden, succulent, snow, cactus, orchid, bonsai, planter, irrigation, pruning, vine,
    soil, shrub`,
  cleaning: `
    laundry, ironing, cleaning, dust, floor, window, vacuum, trash, garbage, rubbish, waste, recycling, lint,
    carpet, gutter, tile, grout, drain, pool`,
  bed: `
    bed, mattress, pillow, duvet, sofa, couch, chair, cushion, futon, bedroom, furniture, ottoman, memory, foam,
    plush, fleece, cotton`,
  baby: 'dummy, pacifier, baby, infant, toddler, diaper, nappy, newborn, nursery, teething, nursing, feeding',
  gym: `
    yoga, gym, fitness, exercise, pilates, workout, weight, squat, pull-up, pullup, crossfit, ab, cardio,
    kettlebell, dumbbell, barbell, dip, resistance, stretching, bench-press`,
  sports: `
    golf, tennis, football, soccer, basketball, hockey, baseball, boxing, climbing, badminton, ski, surf, swim,
    swimming, cricket, rugby, lacrosse, volleyball, archery, diving, recurve, ping-pong, squash, billiard,
    snowboard, sup, kayak, paddle, skate, skating, skateboard, goalie, goalkeeper, pickleball, padel, darts,
    fencing, karate, judo, mma, running, cycling, wakeboard, snorkel, scuba, bowling`,
  camp: 'camp, camping, tent, hiking, backpacking, trail, trekking, survival, fishing, beach, picnic, pop-up',
  tool: `
    tool, drill, saw, socket, bit, screw, workbench, garage, angle, bench, belt, orbital, torque, power-tool, wood,
    woodworking, metal, welding, sanding, sander, drilling, grinding, soldering, plumbing, paint, painting, wrench,
    chisel, masonry, concrete, drywall, pipe, tile, nail, framing, rivet`,
  machine: `
    hex, linear, guide, bicycle, gearbox, lock, wing, flange, flat, rubber, oil, shaft, hydraulic, mechanical-seal,
    compression, extension, torsion, coil, leaf, timing, drive, conveyor, v, roller, bike, engine, car, truck,
    piston, snap, retaining, steel, stainless, brass, m3, m4, m5, m6, m8, m10, m12, zinc, nylon, fender, spring, t,
    cap, rotary, pneumatic, air, industrial, bearing, valve, transmission, auto, motorcycle, machine, weld, castle,
    pex, crimp, plumbing, tow, radiator, exhaust, ignition, suspension, wiper, tire, tyre, axle, brake, clutch,
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
  for (const word of nearestFirst(before)) {
    const kind = ROOMS_OF.get(word)
      ?.map((room) => KIND_OF_ROOM[room])
      .find((k) => k !== undefined);
    if (kind) return kind;
  }
  return undefined;
}

/** Things whose names tell nothing of the things they are said of: materials, and what is bought as a case of it. */
const SAYS_NOTHING = /^(container|textile|thing|stationery|ornament|planter)$/;

/** The kind of the thing that the words before a head name: `gimbal stabilizer`, `stylus tips`. */
export function kindOfThing(before: readonly string[]): Kind | undefined {
  for (let from = Math.max(0, before.length - 2); from < before.length; from++) {
    const goods = formsOf(before.slice(from).join(' ')).flatMap(goodsOf);
    const kind = goods.find((g) => g.room === undefined)?.kind;
    if (kind && KINDS[kind].category === 'artefact' && !SAYS_NOTHING.test(kind)) return kind;
  }
  return undefined;
}

/** Whether one of the words before a head says that it belongs there. */
export const belongs = (before: readonly string[], room: string): boolean =>
  nearestFirst(before).some((word) => ROOMS_OF.get(word)?.includes(room as Room));

/** What a thing is made of says where it belongs only right before it: a leather strap, but a steel buckle belt. */
export const MATERIALS = new Set(
  `
    steel stainless iron cast cast-iron ceramic copper silicone bamboo linen brass zinc nylon rubber leather suede
    gold silver pearl diamond glass paper wood wooden metal concrete cotton fleece foam memory plush galvanised
    galvanized sterling
  `
    .trim()
    .split(/\s+/),
);

/** Words before a head, the nearest first; those of a compound behind it: `3-hole`, `bench-top`. */
const nearestFirst = (before: readonly string[]): string[] =>
  [...before]
    .reverse()
    .filter((word, i) => i === 0 || !MATERIALS.has(word))
    .flatMap((word) => (word.includes('-') ? [word, ...word.split('-').reverse()] : [word]));

const OF_HEAD = new Map(
  Object.entries(HEADS).map(([head, row]) => {
    const [usual, ...others] = row.split(/,\s+/);
    return [head, { usual, others: others.map((o) => o.split(': ') as [string, string]) }] as const;
  }),
);

/** The kind of a head after these words, nearest last: `['spice'], 'rack'`; undefined for a head that stands for itself. */
export function kindOfHead(
  before: readonly string[],
  head: string,
): { kind: Kind; sure: boolean; told?: true } | undefined {
  const row = OF_HEAD.get(head);
  if (!row) return undefined;
  // What is for pets is so wherever that stands: a pet cooling mat.
  const forPets = before.some((w) => /^(pet|dog|cat|puppy|kitten)s?$/.test(w)) && row.others.find(([r]) => r === 'pet');
  if (forPets) return { kind: forPets[1] as Kind, sure: true, told: true };
  // The nearest word that says something decides: a garden hose holder is for a hose, whatever else it is.
  for (const word of nearestFirst(before)) {
    const rooms = ROOMS_OF.get(word);
    const found = row.others.find(([room]) => room === word || rooms?.includes(room as Room));
    if (found) return { kind: found[1] as Kind, sure: true, told: true };
  }
  return row.usual === '-' ? undefined : { kind: row.usual as Kind, sure: row.usual !== 'thing' };
}
