import type { Company } from './kinds.js';

/**
 * The second thing of the relation template: what a thing of this company may plausibly be in, on, under, over or beside.
 * Names are singular count nouns. A held-out concept is never drawn as a companion: see bank.ts.
 */
export type Side = 'inside' | 'on' | 'under' | 'over' | 'beside';

/** Relations of the third template (paper, section 3.1) → the side they speak of. */
export const SIDES: Readonly<Record<string, Side>> = {
  in: 'inside',
  on: 'on',
  'next to': 'beside',
  behind: 'beside',
  'in front of': 'beside',
  over: 'over',
  under: 'under',
  above: 'over',
  below: 'under',
  besides: 'beside',
};

/** The side of a relation, whose name may come from a file; of one that is not known, beside. */
export const sideOf = (relation: string): Side => (Object.hasOwn(SIDES, relation) ? SIDES[relation] : 'beside');
type Row = Readonly<Record<Side, readonly string[]>>;

const row = (inside: string, on: string, under: string, over: string, beside: string): Row => ({
  inside: inside.split(', '),
  on: on.split(', '),
  under: under.split(', '),
  over: over.split(', '),
  beside: beside.split(', '),
});

export const COMPANIONS: Readonly<Record<Company, Row>> = {
  aquatic: row(
    'coral reef, kelp forest, fishing net, glass aquarium, rock pool, sunken ship, sea cave',
    'flat rock, sandy seabed, bed of seaweed, coral, wet deck',
    'wooden boat, rock ledge, pier, sheet of ice, coral arch, buoy',
    'coral reef, sandy seabed, sunken ship, bed of seagrass, old anchor',
    'rock, coral, sea anemone, anchor, large shell, diver, buoy, piece of driftwood, starfish, kelp plant',
  ),
  flyer: row(
    'nest, birdcage, hollow tree, bush, old barn, apple tree, hedge, birdbath',
    'branch, wooden post, fence, chimney, rock, roof, telephone wire, gate, stump, windowsill',
    'leafy branch, bridge, roof, garden table, bush, eave',
    'river, pine tree, field, hill, chimney, fishing boat, barn, fence, pond, church tower',
    'nest, flower pot, bird feeder, tree trunk, rock, puddle, window, weather vane, stump, lantern',
  ),
  'small animal': row(
    'basket, cardboard box, wooden crate, hollow log, flower pot, straw nest, bucket, hat, drawer',
    'rock, log, chair, blanket, wooden table, tree stump, wall, garden bench, pillow, doormat',
    'bench, table, chair, parked car, bush, bridge, umbrella, bed, wheelbarrow',
    'puddle, fallen log, small stream, flower pot, low wall, garden hose',
    'fence, watering can, tree, pumpkin, rock, boot, bucket, food bowl, flower pot, toy, candle, basket',
  ),
  'large animal': row(
    'barn, cage, river, wooden pen, pickup truck, cave, pond, wagon, trailer, tent',
    'hill, rock, bridge, wooden platform, sand dune, snowbank, haystack, patch of grass',
    'tree, bridge, wooden shelter, archway, large umbrella, rock overhang',
    'low fence, fallen log, small stream, ditch, stone wall, puddle, hedge',
    'fence, tree, tractor, bicycle, rock, wooden gate, car, haystack, tent, barrel, bench, red door, water trough, cactus',
  ),
  insect: row(
    'glass jar, flower, crack in the bark, matchbox, rolled leaf, spider web, teacup',
    'leaf, flower, stone, blade of grass, fingertip, apple, twig, sleeve, window pane, mushroom',
    'leaf, stone, magnifying glass, mushroom, petal, lamp',
    'flower bed, leaf, puddle, slice of cake, picnic blanket, pond',
    'drop of water, acorn, flower, pebble, coin, seed, mushroom, berry, pencil, twig',
  ),
  plant: row(
    'clay pot, glass vase, basket, wheelbarrow, old boot, bucket, window box, greenhouse, glass jar',
    'windowsill, wooden table, stone wall, balcony, rock, shelf, garden step',
    'tree, window, glass dome, garden bench, archway, lamp',
    'small pond, stone wall, garden path, low fence, doorway',
    'watering can, stone, fence, garden gnome, book, teacup, lantern, bench, birdbath, candle, garden chair, window',
  ),
  tree: row(
    'walled courtyard, large pot, field, garden, town square',
    'hill, small island, cliff, riverbank, rocky slope',
    'rocky cliff, bridge, street lamp, power line, church tower',
    'river, wooden bench, parked car, small house, tent, pond, picnic table',
    'farmhouse, lake, fence, bench, barn, road, tent, tractor, church, rock, swing, stone wall',
  ),
  food: row(
    'bowl, basket, lunch box, paper bag, glass jar, wooden crate, frying pan, baking dish, tin',
    'plate, cutting board, napkin, tray, wooden table, cake stand, paper towel, saucer, baking sheet',
    'glass dome, napkin, lamp, wire rack, shelf',
    'grill, stove, plate, campfire, sink, tray of ice',
    'glass of water, fork, knife, coffee cup, napkin, teapot, candle, salt shaker, vase, jug, notebook, bottle',
  ),
  road: row(
    'garage, parking lot, tunnel, car wash, barn, showroom, shipping yard, narrow alley',
    'bridge, ferry, trailer, muddy road, hill, ramp, dirt track, parking deck',
    'bridge, street lamp, tree, railway bridge, carport, billboard, traffic light, awning',
    'river, tunnel, railway line, narrow valley, stream',
    'traffic light, tree, gas pump, brick wall, bicycle, fire hydrant, motorcycle, street sign, bus, house, tent, barn, fence, phone booth',
  ),
  rail: row(
    'station, tunnel, depot, forest, valley, snowy cutting, rail yard',
    'stone viaduct, steel bridge, embankment, curved track, turntable',
    'footbridge, signal gantry, highway bridge, glass roof, rock overhang',
    'river, road, valley, canyon, canal',
    'platform, water tower, signal box, grain silo, factory, clock, river, brick warehouse, road, row of trees, truck',
  ),
  aircraft: row(
    'hangar, museum, thundercloud, clear sky, airfield',
    'runway, tarmac, grass field, trailer, landing pad, aircraft carrier',
    'bank of clouds, hangar roof, rainbow, full moon, boarding bridge',
    'mountain, city, lake, forest, wheat field, airport, desert, island, bridge, harbour, village',
    'fuel truck, control tower, hangar, windsock, ladder, fire engine, fence, rainbow, cloud, pilot',
  ),
  boat: row(
    'harbour, bay, lock, dry dock, bottle, boathouse, canal, river',
    'lake, beach, trailer, calm sea, river, slipway, sandbank',
    'bridge, cliff, crane, pier, dark cloud, lighthouse',
    'coral reef, deep wreck, sandbank',
    'lighthouse, wooden dock, buoy, rocky island, pier, fishing hut, bridge, iceberg, barrel, stack of nets, whale',
  ),
  'small thing': row(
    'drawer, wooden box, basket, glass case, cardboard box, backpack, toolbox, suitcase, shop window',
    'table, shelf, desk, chair, windowsill, book, stool, tray, bench, stack of books, rug',
    'table, lamp, chair, newspaper, shelf, cloth, bench, bed',
    'desk, sink, fireplace, bed, workbench, doorway, radiator',
    'cup, book, lamp, plant, clock, candle, vase, notebook, bottle, box, pair of glasses, apple, radio, picture frame, teapot, cat, hat, toy car',
  ),
  'large thing': row(
    'garage, attic, living room, shipping crate, moving van, shop window, courtyard',
    'rug, stage, wooden floor, balcony, platform, trailer, porch, patch of grass',
    'window, chandelier, skylight, awning, large painting, staircase, tree, lamp, shelf',
    'rug, cellar door, garden path, doorway, wooden crate, staircase',
    'window, plant, lamp, door, bicycle, brick wall, ladder, bookcase, cat, dog, curtain, chair, vase, stack of boxes, mirror',
  ),
  worn: row(
    'suitcase, wardrobe, drawer, laundry basket, cardboard box, shop window, backpack',
    'bed, chair, hanger, hook, mannequin, wooden floor, clothesline, bench, table',
    'bed, coat, chair, bench, blanket, shelf',
    'chair, radiator, bathtub, doorway, banister, railing',
    'hat, suitcase, mirror, lamp, umbrella, pair of boots, handbag, vase, cat, iron, book, wooden chair',
  ),
  'soft thing': row(
    'laundry basket, linen cupboard, wicker basket, drawer, cardboard box, shop window',
    'bed, sofa, armchair, wooden chair, wooden floor, clothesline, bench, table',
    'bed, chair, bench, lamp, window, shelf',
    'radiator, bathtub, banister, railing, bed, sofa',
    'lamp, vase, book, wooden chair, candle, plant, cat, basket, mirror, teddy, window',
  ),
  building: row(
    'valley, forest clearing, old town, park, harbour, wheat field, snow globe',
    'hill, cliff, island, riverbank, rocky ridge, beach',
    'bridge, cliff, dark cloud, rainbow, large tree, mountain',
    'river, village, harbour, bay, valley, lake, vineyard',
    'tree, river, car, fountain, lake, bicycle, statue, row of trees, bus stop, hedge, lamppost, fence, pond, boat, windmill, haystack',
  ),
  person: row(
    'boat, doorway, tent, car, garden, phone booth, cornfield',
    'bench, horse, bridge, ladder, chair, rock, bicycle, stage',
    'umbrella, tree, bridge, street lamp, archway',
    'puddle, low fence, small stream, desk',
    'tree, bicycle, dog, car, horse, window, statue, bench, fountain, table, mailbox, suitcase',
  ),
};
