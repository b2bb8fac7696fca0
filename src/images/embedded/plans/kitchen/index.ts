import { wordsOf } from '../sketch.js';
import type { Words } from '../words.js';
import * as boards from './boards.js';
import * as bowls from './bowls.js';
import * as coffee from './coffee.js';
import * as counter from './countertop.js';
import * as cups from './cups.js';
import { electricKettle, kettle, pitcher, stoveKettle, teapot } from './kettles.js';
import * as large from './large.js';
import { cooker, fryingPan, pot, saucepan, wok } from './pans.js';
import * as utensils from './utensils.js';

const artefact = { category: 'artefact' } as const;

/** Pots, pans, and what stands on the counter. */
const COOKING: Words = wordsOf([
  [
    'frying pan, frypan, skillet, pan, griddle, omelette pan, crepe pan, cooking utensil',
    fryingPan,
    { as: 'frying pan', ...artefact },
  ],
  ['wok', wok, { as: 'wok' }],
  ['saucepan, sauce pan, milk pan', saucepan, { as: 'saucepan' }],
  [
    'pot, stockpot, dutch oven, casserole, cookware, soup pot, stew pot, double boiler, steamer, cooking pot, cauldron',
    pot,
    { as: 'cooking pot', ...artefact },
  ],
  ['pressure cooker, rice cooker, slow cooker, multicooker, crock pot, instant pot', cooker, { as: 'electric cooker' }],
  ['kettle, boiler', kettle, { as: 'kettle', ...artefact }],
  ['electric kettle, water boiler', electricKettle, { as: 'electric kettle' }],
  ['tea kettle, teakettle, whistling kettle', stoveKettle, { as: 'kettle' }],
  ['teapot', teapot, { as: 'teapot' }],
  ['pitcher, jug, ewer, carafe, decanter, water jug, milk jug, creamer', pitcher, { as: 'jug', ...artefact }],
  ['french press, cafetiere, coffee press, press pot', coffee.frenchPress, { as: 'French press' }],
  [
    'coffee maker, coffeemaker, coffee machine, drip coffee maker, filter machine',
    coffee.coffeeMaker,
    { as: 'coffee maker' },
  ],
  ['espresso machine, espresso maker, cappuccino machine', coffee.espressoMachine, { as: 'espresso machine' }],
  ['moka pot, stovetop espresso maker, percolator', coffee.mokaPot, { as: 'moka pot' }],
  ['coffee grinder, coffee mill', coffee.coffeeGrinder, { as: 'coffee grinder' }],
  ['coffee dripper, pour over, pour-over, chemex, coffee filter', coffee.pourOver, { as: 'coffee dripper' }],
  ['coffeepot, coffee pot, coffee urn', coffee.coffeePot, { as: 'coffee pot' }],
  ['toaster, toaster oven, kitchen appliance', counter.toaster, { as: 'toaster' }],
  ['blender, smoothie maker, liquidizer', counter.blender, { as: 'blender' }],
  ['food processor, food mill', counter.foodProcessor, { as: 'food processor' }],
  ['stand mixer, kitchen mixer, electric mixer, mixer', counter.standMixer, { as: 'stand mixer', ...artefact }],
  ['hand mixer, handheld mixer', counter.handMixer, { as: 'hand mixer' }],
  ['stick blender, immersion blender, hand blender', counter.stickBlender, { as: 'stick blender' }],
  ['juicer, citrus juicer, squeezer, reamer', counter.juicer, { as: 'juicer', ...artefact }],
  ['air fryer, deep fryer', counter.airFryer, { as: 'air fryer' }],
  ['microwave, microwave oven', counter.microwave, { as: 'microwave oven' }],
  ['waffle iron, waffle maker, sandwich maker, panini press', counter.waffleIron, { as: 'waffle iron' }],
  [
    'refrigerator, fridge, electric refrigerator, icebox, freezer, deep-freeze, mini fridge',
    large.refrigerator,
    { as: 'refrigerator' },
  ],
  [
    'oven, stove, cooker, kitchen stove, range, kitchen range, cookstove, gas stove, electric stove',
    large.oven,
    { as: 'oven', ...artefact },
  ],
  ['cooktop, hob, hot plate, induction hob, gas ring', large.cooktop, { as: 'cooktop' }],
  ['dishwasher, dish washer, dishwashing machine', large.dishwasher, { as: 'dishwasher', ...artefact }],
  [
    'washing machine, washer, dryer, tumble dryer, clothes dryer, automatic washer, white goods',
    large.washingMachine,
    { as: 'washing machine', ...artefact },
  ],
  ['range hood, cooker hood, extractor hood', large.rangeHood, { as: 'range hood' }],
]);

/** Tools of the kitchen. */
const UTENSILS: Words = wordsOf([
  ['spatula, turner, pancake turner, fish slice, kitchen utensil', utensils.spatula, { as: 'spatula' }],
  ['ladle, soup ladle, scoop, skimmer', utensils.ladle, { as: 'ladle', ...artefact }],
  ['whisk, egg whisk, balloon whisk, eggbeater, egg beater', utensils.whisk, { as: 'whisk', ...artefact }],
  ['tongs, pair of tongs, kitchen tongs, salad tongs', utensils.tongs, { as: 'tongs' }],
  ['wooden spoon, mixing spoon, cooking spoon', utensils.woodenSpoon, { as: 'wooden spoon' }],
  ['spoon, teaspoon, tablespoon, soup spoon, cutlery, flatware', utensils.spoon, { as: 'spoon', ...artefact }],
  ['fork, table fork, salad fork', utensils.fork, { as: 'fork', ...artefact }],
  ['chopsticks, chopstick', utensils.chopsticks, { as: 'chopsticks' }],
  [
    "knife, kitchen knife, chef's knife, chef knife, carving knife, paring knife, cleaver",
    utensils.knife,
    { as: 'kitchen knife', ...artefact },
  ],
  ['bread knife, table knife, butter knife, steak knife', utensils.breadKnife, { as: 'bread knife' }],
  ['peeler, vegetable peeler, potato peeler', utensils.peeler, { as: 'peeler', ...artefact }],
  ['can opener, tin opener', utensils.canOpener, { as: 'can opener' }],
  ['corkscrew, bottle screw, wine opener, bottle opener', utensils.corkscrew, { as: 'corkscrew', ...artefact }],
  ['rolling pin', utensils.rollingPin, { as: 'rolling pin' }],
  ['grater, cheese grater, box grater, zester', utensils.grater, { as: 'grater', ...artefact }],
  ['pizza cutter, pizza wheel, pastry wheel', utensils.pizzaCutter, { as: 'pizza cutter' }],
  ['potato masher, masher', utensils.masher, { as: 'potato masher', ...artefact }],
  ['ice cream scoop', utensils.iceCreamScoop, { as: 'ice cream scoop' }],
  [
    'cutting board, chopping board, breadboard, bread board, cheese board',
    boards.cuttingBoard,
    { as: 'cutting board' },
  ],
  ['knife block, knife holder', boards.knifeBlock, { as: 'knife block' }],
  [
    'baking tray, baking sheet, cookie sheet, sheet pan, oven tray, broiler pan',
    boards.bakingTray,
    { as: 'baking tray' },
  ],
  ['muffin tin, muffin pan, cupcake tin, cupcake pan', boards.muffinTin, { as: 'muffin tin' }],
  ['loaf tin, loaf pan, bread pan, baking dish, roasting pan, roaster', boards.loafTin, { as: 'loaf tin' }],
  ['cake tin, cake pan, springform pan, pie dish, pie pan', boards.cakeTin, { as: 'cake tin' }],
  [
    'pepper mill, salt mill, pepper grinder, salt grinder, spice grinder, peppermill',
    boards.mill,
    { as: 'pepper mill' },
  ],
  [
    'salt shaker, pepper shaker, saltshaker, salt and pepper shakers, shaker',
    boards.shaker,
    { as: 'salt shaker', ...artefact },
  ],
  ['spice rack, spice shelf', boards.spiceRack, { as: 'spice rack' }],
  ['dish rack, drying rack, dish drainer, plate rack', boards.dishRack, { as: 'dish rack' }],
  [
    'kitchen scale, kitchen scales, food scale, scale, weighing machine',
    boards.kitchenScale,
    { as: 'kitchen scale', ...artefact },
  ],
  ['kitchen timer, egg timer, timer', boards.kitchenTimer, { as: 'kitchen timer', ...artefact }],
]);

/** What food and drink are served in. */
const TABLEWARE: Words = wordsOf([
  [
    'bowl, soup bowl, salad bowl, cereal bowl, fruit bowl, pasta bowl, crockery',
    bowls.bowl,
    { as: 'bowl', ...artefact },
  ],
  ['mixing bowl, punch bowl', bowls.mixingBowl, { as: 'mixing bowl' }],
  [
    'plate, dinner plate, dessert plate, side plate, dish, platter, saucer, tableware',
    bowls.plate,
    { as: 'plate', ...artefact },
  ],
  ['colander, cullender, strainer', bowls.colander, { as: 'colander', ...artefact }],
  ['salad spinner', bowls.saladSpinner, { as: 'salad spinner' }],
  ['measuring cup, measuring jug, graduate', bowls.measuringCup, { as: 'measuring cup', ...artefact }],
  ['measuring spoon, measuring spoons', bowls.measuringSpoons, { as: 'measuring spoons' }],
  ['sieve, sifter, flour sifter, tea strainer', bowls.sieve, { as: 'sieve', ...artefact }],
  ['tray, serving tray, tea tray', bowls.servingTray, { as: 'tray', ...artefact }],
  ['mug, coffee mug, tea mug, drinking vessel', cups.mug, { as: 'mug', ...artefact }],
  ['cup, teacup, coffee cup, espresso cup, tea cup, demitasse', cups.cup, { as: 'cup', ...artefact }],
  [
    'tumbler, drinking glass, water glass, glass, highball glass, whiskey glass, juice glass, shot glass',
    cups.tumbler,
    { as: 'glass', ...artefact },
  ],
  ['wine glass, wineglass, red wine glass, white wine glass, balloon glass', cups.wineGlass, { as: 'wine glass' }],
  ['champagne flute, champagne glass, flute glass', cups.flute, { as: 'champagne flute', ...artefact }],
  ['cocktail glass, martini glass, margarita glass, coupe glass', cups.cocktailGlass, { as: 'cocktail glass' }],
  ['goblet, chalice', cups.goblet, { as: 'goblet', ...artefact }],
  ['beer mug, beer glass, stein, tankard, beer stein', cups.beerMug, { as: 'beer mug' }],
  ['water bottle, canteen, drinking bottle, sports bottle', cups.waterBottle, { as: 'water bottle', ...artefact }],
  ['thermos, thermos flask, vacuum flask, thermos bottle, vacuum bottle', cups.thermos, { as: 'thermos' }],
  ['travel mug, tumbler cup, insulated mug, coffee tumbler', cups.travelMug, { as: 'travel mug' }],
  ['lunch box, lunchbox, bento box, bento, dinner pail', cups.lunchBox, { as: 'lunch box', ...artefact }],
]);

/** What is in a kitchen, by name. */
export const KITCHEN: readonly Words[] = [COOKING, UTENSILS, TABLEWARE];
