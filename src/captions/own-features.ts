/**
 * Which things of a kind have a feature that not all of them have: hammers have handles, tape measures have none. A
 * feature that stands here is said only of things whose name, head or hypernym has one of the words; of kinds that do
 * not stand here every feature is.
 */

import type { Kind } from '../concepts/kinds.js';

interface Rule {
  readonly feature: RegExp;
  readonly of: ReadonlySet<string>;
}

const of = (list: string): ReadonlySet<string> => new Set(list.trim().split(/,\s+/));
const PAPERS = of(`
        book, notebook, journal, diary, planner, paper, notepad, pad, calendar, card, envelope, magazine,
        newspaper, novel, comic, letter, sketchbook, folder, map, cookbook, atlas, textbook, paperback, ledger,
        album, dictionary, poster, note, bible`);

const RULES: Readonly<Partial<Record<Kind, readonly Rule[]>>> = {
  tool: [
    {
      feature: /handle|grip/,
      of: of(`
        hammer, mallet, sledgehammer, screwdriver, saw, handsaw, hacksaw, axe, ax, hatchet, knife, chisel, file,
        rasp, scraper, trowel, brush, paintbrush, roller, drill, pliers, wrench, cutter, shears, scissors,
        crowbar, awl, plunger, magnifier, shovel, pick, adze, sickle, scythe, gun, stripper, driver, edge tool,
        hand tool`),
    },
    {
      feature: /chipped/,
      of: of(`
        chisel, axe, ax, knife, saw, blade, hatchet, scraper, trowel, file, plane, edge tool`),
    },
    {
      feature: /paint/,
      of: of(
        'brush, paintbrush, roller, tray, ladder, stepladder, scraper, trowel, hammer, knife, tarp, workbench, bucket',
      ),
    },
  ],
  kitchenware: [
    {
      feature: /handle/,
      of: of(`
        pan, skillet, saucepan, wok, pot, spoon, ladle, whisk, spatula, turner, knife, fork, grater, peeler,
        cleaver, masher, strainer, colander, sieve, slicer, opener, corkscrew, scoop, brush, tongs, kettle,
        griddle, teaspoon, tablespoon, cutter, tenderizer, mug, jug, pitcher, teapot, press, server, skimmer,
        roller, zester, cutlery, spork`),
    },
    {
      feature: /pattern|rim|chipped/,
      of: of(`
        plate, bowl, cup, mug, saucer, teapot, teacup, pot, jug, pitcher, dish, platter, tray, ramekin, casserole,
        tureen, creamer, tumbler, goblet, dinnerware, tableware, crockery, coaster, jar, vessel, glass, stand`),
    },
  ],
  'garden tool': [
    {
      feature: /handle|grip/,
      of: of(`
        rake, shovel, spade, fork, hoe, shears, pruner, pruners, lopper, loppers, trowel, mower, lawnmower,
        trimmer, edger, weeder, cultivator, pitchfork, secateurs, blower, saw, cart, spreader, sprayer, can,
        scythe, sickle, digger, chainsaw, hand tool, edge tool`),
    },
  ],
  'cleaning tool': [
    { feature: /bristles|frayed/, of: of('brush, broom, mop, duster, sweeper') },
    {
      feature: /handle|grip/,
      of: of(`
        brush, broom, mop, duster, sweeper, squeegee, roller, dustpan, scrubber, grabber, swatter, remover`),
    },
  ],
  toy: [
    {
      feature: /eyes|button|bow/,
      of: of(`
        plush, plushie, bear, teddy, doll, puppet, animal, duck, dinosaur, unicorn, elephant, rabbit, bunny, dog,
        cat, horse, figure, figurine, robot, marionette, rattle, monkey, lion, penguin, frog, dragon, pig, sheep,
        lamb, fox, owl, giraffe, ball python, matryoshka, soldier, panda, koala, whale`),
    },
  ],
  electronics: [
    {
      feature: /screen/,
      of: of(`
        laptop, computer, phone, smartphone, tablet, tv, television, monitor, screen, watch, smartwatch, camera,
        console, calculator, tracker, reader, display, player, navigator, gps, camcorder, chromebook, ipad,
        desktop, frame, radio, telephone`),
    },
    {
      feature: /cable/,
      of: of(`
        laptop, computer, mouse, keyboard, headphone, headset, earphone, earbud, charger, controller, speaker,
        microphone, console, tv, television, monitor, printer, router, modem, hub, scanner, amplifier, turntable,
        radio, projector, adapter, soundbar, phone, drive, receiver, telephone, joystick`),
    },
    {
      feature: /buttons/,
      of: of(`
        remote, control, phone, telephone, calculator, controller, radio, console, player, camera, keyboard,
        gamepad, recorder, amplifier, printer, keypad, joystick, receiver, clock`),
    },
  ],
  appliance: [
    {
      feature: /door/,
      of: of(
        `refrigerator, fridge, freezer, oven, dishwasher, washer, machine, dryer, stove, cooler, microwave, range,
          fireplace`,
      ),
    },
  ],
  'household appliance': [
    {
      feature: /grille/,
      of: of(`
        fan, heater, humidifier, dehumidifier, conditioner, purifier, cooler, dryer`),
    },
    {
      feature: /buttons|knob/,
      of: of(
        `fan, heater, humidifier, dehumidifier, conditioner, purifier, vacuum, cleaner, iron, machine, cooler,
          radiator`,
      ),
    },
  ],
  'kitchen appliance': [
    {
      feature: /lid/,
      of: of(
        `cooker, blender, pot, steamer, fryer, kettle, maker, grinder, juicer, processor, oven, popper, chopper,
          boiler`,
      ),
    },
    {
      feature: /knob|light/,
      of: of(
        `toaster, oven, microwave, blender, mixer, cooker, maker, machine, fryer, grill, griddle, plate, steamer,
          processor`,
      ),
    },
    {
      feature: /handle/,
      of: of(`
        kettle, toaster, oven, microwave, fryer, grill, mixer, pot, maker, cooker, griddle`),
    },
  ],
  stationery: [{ feature: /corner|torn|notes/, of: PAPERS }],
  'gym gear': [
    { feature: /numbers/, of: of('dumbbell, kettlebell, plate, barbell, weight, ball') },
    {
      feature: /handle|grip/,
      of: of(`
        dumbbell, kettlebell, barbell, rope, bar, roller, bike, machine, treadmill, wheel, grip, band`),
    },
  ],
  'camping gear': [
    { feature: /ropes/, of: of('tent, canopy, hammock, gazebo, tarp') },
    { feature: /strap|buckle/, of: of('bag, pad, chair, mat, cooler, backpack, cot, pole, binoculars, basket') },
  ],
  toiletry: [
    {
      feature: /bubbles/,
      of: of(`
        soap, wash, shampoo, gel, bar, conditioner, bath, foam, sponge, loofah`),
    },
    { feature: /handle/, of: of('brush, razor, comb, hairbrush, toothbrush, shaver, trimmer, file') },
    {
      feature: /cap/,
      of: of(
        `shampoo, lotion, cream, perfume, lipstick, deodorant, wash, gel, polish, oil, conditioner, spray, mascara,
          cologne, mouthwash, toothpaste`,
      ),
    },
  ],
  furniture: [
    {
      feature: /legs/,
      of: of(
        `chair, table, desk, sofa, armchair, stool, bench, bed, nightstand, cabinet, dresser, ottoman, couch,
          sideboard, recliner, seat`,
      ),
    },
    {
      feature: /cushion/,
      of: of(
        `chair, sofa, armchair, couch, bench, stool, recliner, loveseat, daybed, rocker, ottoman, seat, lounger,
          settee`,
      ),
    },
    {
      feature: /brass/,
      of: of(
        `cabinet, dresser, desk, table, wardrobe, bed, chest, drawer, nightstand, sideboard, cupboard, bookcase,
          armoire`,
      ),
    },
    {
      feature: /blanket|cat/,
      of: of(
        `chair, sofa, armchair, couch, bench, stool, recliner, loveseat, bed, daybed, ottoman, mattress, rocker,
          seat, bunk, futon, lounger, table, desk`,
      ),
    },
  ],
  instrument: [
    { feature: /strap/, of: of('guitar, bass, ukulele, banjo, accordion, saxophone, drum') },
    {
      feature: /keys/,
      of: of(
        'piano, keyboard, saxophone, clarinet, flute, accordion, organ, trumpet, oboe, synthesizer, wind instrument',
      ),
    },
    {
      feature: /varnish|carved/,
      of: of(`
        guitar, violin, cello, viola, bass, ukulele, banjo, piano, mandolin, lute, harp, stringed instrument`),
    },
  ],
  accessory: [
    { feature: /buckle|clasp/, of: of('belt, strap, watch, helmet, band, suspenders, collar, wristwatch') },
    {
      feature: /stripe/,
      of: of(`
        headband, scrunchie, belt, helmet, umbrella, bandana, hat, strap, band, scarf`),
    },
  ],
  container: [
    { feature: /hinges/, of: of('box, chest, trunk, crate, safe') },
    {
      feature: /lid/,
      of: of(
        `box, jar, bottle, bin, canister, can, container, flask, barrel, tin, thermos, crate, hamper, pail, drum,
          chest, jug`,
      ),
    },
    { feature: /handle/, of: of('basket, bucket, pail, box, crate, hamper, can, chest, jug, trunk, bin') },
  ],
  clothing: [
    {
      feature: /pocket|buttons/,
      of: of(
        `shirt, jacket, coat, jeans, trousers, pants, cardigan, dress, vest, shorts, blouse, blazer, suit,
          overalls, hoodie, skirt, parka, waistcoat, chinos`,
      ),
    },
  ],
  shoe: [
    { feature: /laces/, of: of('shoe, boot, sneaker, trainer, trainers, oxford, brogue, cleats') },
    { feature: /buckles/, of: of('sandal, boot, shoe, clog, loafer, mary jane, heels, pump, mule') },
  ],
};

/**
 * The features of a kind that a thing can have.
 * @param names what it is called, its head and its hypernyms, in lower case and singular, plural forms beside them
 */
export function featuresOf(kind: Kind, features: readonly string[], names: readonly string[]): readonly string[] {
  const rules = RULES[kind];
  if (!rules) return features;
  const words = new Set(names.flatMap((name) => [name, name.slice(name.lastIndexOf(' ') + 1)]));
  const has = (rule: Rule) => [...rule.of].some((word) => words.has(word));
  return features.filter((feature) => rules.every((rule) => !rule.feature.test(feature) || has(rule)));
}
