import { article } from '../concepts/inflect.js';

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

/** Rows `preposition scene: names`. `*` before a name: no article (plural or mass); `^`: the definite article. */
const HABITATS = {
  freshwater: [
    'in water: mountain stream, clear stream, shallow river, quiet pond, muddy river, lowland lake, reedy backwater, fast-flowing creek, lily pond, forest stream, cold mountain lake, canal, fishpond, rocky brook',
    'in underwater: glass aquarium, planted fish tank, murky lake bed',
    'among underwater: *water weeds, *submerged roots, *river stones',
  ],
  sea: [
    'in underwater: ^open ocean, coral reef, ^deep blue sea, kelp forest, shallow lagoon, large aquarium, underwater cave',
    'over underwater: sandy seabed, coral reef, bed of seagrass, rocky sea floor',
    'near underwater: sunken ship, ^surface of the sea, coral wall',
    'in water: tropical bay, *shallow coastal waters, *clear turquoise waters, *calm seas',
  ],
  seafloor: [
    'on underwater: sandy seabed, coral reef, rocky sea floor, ^ocean floor',
    'in underwater: tide pool, saltwater aquarium, rock crevice, kelp forest, shallow lagoon',
    'on sand: wet beach, sandy shore, pebble beach, muddy tidal flat',
    'on rock: wet rock by the sea, *rocks covered in seaweed',
  ],
  openwater: [
    'in water: frozen bay, sheltered cove, ^open ocean, cold fjord, calm bay, *choppy waters',
    'near water: rocky coast, iceberg, buoy',
    'on rock: rocky shore, rock by the sea',
    'on sand: sandy beach, pebble beach',
  ],
  shore: [
    'on sand: sandy beach, mudflat, pebble beach, windswept shore, sandbank',
    'on rock: sea cliff, rocky shore, breakwater, rock by the sea',
    'on water: calm lake, still pond, river, quiet lagoon, wooden pier',
    'in water: marsh, wetland, estuary, salt marsh, rice paddy, shallow lagoon, flooded meadow, reed bed',
    'by water: ^edge of a lake, river, pond, ^water’s edge',
  ],
  skies: [
    'in sky: ^blue sky, ^cloudy sky, ^evening sky, ^open sky, ^sky above the hills',
    'against sky: pale sky, bank of clouds, stormy sky, clear blue sky',
    'above forest: pine forest',
    'above mountain: mountain ridge, deep valley',
    'above water: ^sea, lake',
  ],
  perches: [
    'in forest: leafy tree, pine forest, birch wood, old oak tree, rainforest, beech forest, mangrove, thicket',
    'in garden: suburban garden, flowering bush, cherry tree in bloom, hedge, apple orchard, city park, backyard',
    'near garden: bird feeder, stone birdbath',
    'in grass: wildflower meadow, field of tall grass, stubble field',
    'against sky: pale sky, clear blue sky',
    'in snow: snow-covered garden, frosty hedge',
    'in mountain: mountain valley',
    'on city: rooftop, telephone wire, city balcony',
  ],
  woodland: [
    'in forest: pine forest, birch forest, beech forest, misty forest, autumn forest, dense thicket, old-growth forest, mossy clearing, ^woods, forest clearing, bamboo grove, fir plantation',
    'on forest: forest trail, mossy log, *fallen leaves',
    'at grass: ^edge of a forest, ^edge of a meadow',
    'in grass: meadow, field of ferns, grassy valley, heath',
    'in snow: snowy forest, snow-covered clearing, frozen meadow',
    'in mountain: mountain valley, alpine meadow',
    'by water: forest stream, woodland pond',
  ],
  jungle: [
    'in forest: tropical rainforest, dense jungle, cloud forest, mangrove forest, tree canopy, bamboo forest, banana grove',
    'on forest: thick branch, mossy log, tangle of vines',
    'near water: jungle river, waterfall',
    'in garden: zoo enclosure, botanical garden',
    'on rock: temple ruin',
  ],
  savanna: [
    'on grass: dry savanna, grassy plain, ^African plains',
    'in grass: *tall dry grass, *golden grassland, nature reserve, game park',
    'near water: waterhole, muddy river bank',
    'under forest: acacia tree',
    'in sand: dry riverbed, *dusty scrubland, semi-desert',
    'on rock: granite outcrop, sun-warmed rock',
    'in garden: zoo enclosure',
  ],
  mountains: [
    'on mountain: mountain slope, rocky ridge, steep hillside, high plateau, alpine pasture, mountain pass',
    'in mountain: alpine valley, mountain meadow, rocky canyon, ^highlands',
    'on rock: cliff ledge, rocky outcrop, boulder, scree slope',
    'in snow: *deep snow, snow-covered valley',
  ],
  polar: [
    'on snow: ice floe, snowfield, frozen lake, glacier, snowy shore, drifting iceberg',
    'in snow: *deep snow, *arctic tundra, blizzard, snowdrift',
    'near water: ^icy sea, hole in the ice',
    'on rock: rocky shore, pebble beach',
  ],
  desert: [
    'in sand: sandy desert, *sand dunes, dry riverbed, rocky desert, desert canyon, ^badlands',
    'on sand: sand dune, cracked salt flat, dusty track',
    'on rock: sun-baked rock, sandstone ledge, stone wall',
    'among sand: *cacti, *dry shrubs',
  ],
  damp: [
    'on forest: mossy log, wet leaf, fern frond, damp forest floor, tree stump, broad green leaf',
    'on water: lily pad, floating leaf, muddy bank',
    'in water: garden pond, marsh, puddle, swamp, shallow ditch, roadside pool',
    'on rock: wet stone, mossy rock',
    'in grass: *wet grass',
    'in indoor-room: glass terrarium',
  ],
  leaves: [
    'on garden: flower, green leaf, rose bush, flowering thistle, blade of grass, sunflower, lavender sprig, flower bed, garden path, daisy, ripe apple',
    'in garden: vegetable patch, cottage garden, herb garden, greenhouse',
    'in grass: summer meadow, *tall grass, clover field',
    'on forest: tree trunk, mossy log, piece of bark, dry leaf, fallen branch',
    'on rock: warm stone, brick wall',
    'against garden: blurred green background',
    'on indoor-room: window pane, wooden windowsill',
  ],
  home: [
    'on indoor-room: sofa, windowsill, patterned rug, bed, wooden floor, armchair, doormat, living room carpet, tiled floor',
    'in indoor-room: living room, sunny bedroom, hallway, kitchen, cardboard box, wicker basket',
    'by indoor-room: fireplace, window, front door',
  ],
  dogs: [
    'on sand: sandy beach, dusty track',
    'in grass: grassy park, meadow, field of wildflowers, cornfield',
    'on grass: green lawn, soccer field, grassy hill',
    'in garden: backyard, fenced garden, city park',
    'in snow: *fresh snow, snowy park',
    'on road: sidewalk, country lane, gravel driveway',
    'in forest: autumn forest, *fallen leaves',
    'on water: wooden dock',
    'in water: shallow creek, lake',
  ],
  cats: [
    'in garden: garden, backyard, flower bed',
    'on city: rooftop, stone wall, city balcony',
    'on road: cobbled alley, doorstep',
    'on garden: wooden fence, garden bench',
    'in grass: *long grass',
    'under road: parked car',
  ],
  pasture: [
    'in grass: green pasture, meadow, grassy field, hillside paddock, clover field, *lush grassland, stubble field',
    'on grass: grassy hillside, green hill, village green',
    'in garden: farmyard, fenced paddock, apple orchard',
    'near garden: red barn, wooden fence, stone wall, hay bale',
    'in indoor-room: barn, stable',
    'on road: country lane, dirt track, gravel road',
    'in mountain: alpine pasture, mountain valley',
    'in snow: snowy field, frosty pasture',
    'by water: river, farm pond',
  ],
  burrows: [
    'in grass: *dry grass, meadow, wheat field, *tall grass',
    'on forest: forest floor, tree stump, fallen log, pile of leaves, low branch',
    'in garden: vegetable patch, compost heap, backyard, garden shed, city park',
    'on garden: garden path, wooden fence post, bird feeder',
    'in snow: *fresh snow',
    'on rock: dry stone wall, mossy rock',
    'in sand: sandy burrow, dry field',
    'in indoor-room: barn, straw-lined cage',
  ],
  farmyard: [
    'in garden: farmyard, fenced yard, chicken run, apple orchard, cottage garden',
    'on grass: grassy bank, village green',
    'in indoor-room: barn, henhouse',
    'on road: dirt track, gravel path',
    'near garden: wooden fence, haystack, rusty tractor',
  ],
  woods: [
    'in forest: forest clearing, dense forest, misty valley, old woodland',
    'on grass: grassy hill, village green, lawn, ^edge of a field',
    'in grass: meadow, open field, park, prairie',
    'in garden: city park, botanical garden, churchyard, courtyard, walled garden, schoolyard',
    'by water: lake, slow river, village pond, canal',
    'on mountain: rocky slope, mountain ridge, windswept hill',
    'along road: country road, city street, gravel avenue',
    'against sky: clear blue sky, dramatic sky, stormy sky',
    'in snow: snowy field, snow-covered park',
  ],
  flowerbeds: [
    'in garden: cottage garden, flower bed, botanical garden, sunny border, rock garden, greenhouse, walled garden, window box, hanging basket, raised bed',
    'in grass: wildflower meadow, alpine meadow, grassy verge, spring meadow, *tall grass',
    'in forest: shady woodland, forest clearing',
    'on indoor-room: windowsill, bedside table, dining table',
    'in indoor-room: glass vase, clay pot, sunlit room',
    'along road: garden path, country lane',
    'against garden: white picket fence, brick wall, blurred green background',
    'against studio: black background, plain white background',
  ],
  waterplants: [
    'in water: quiet pond, still lake, garden pond, marsh, slow stream, swamp, stone basin',
    'on water: ^surface of a pond, calm lake',
    'at water: ^edge of a lake, ^water’s edge',
  ],
  dry: [
    'in sand: sandy desert, rocky desert, desert garden, dry wash, gravel bed',
    'on rock: sunny rock ledge, canyon rim',
    'on indoor-room: windowsill, office desk, wooden shelf',
    'in indoor-room: clay pot, glass terrarium',
    'in garden: greenhouse, rock garden, botanical garden',
  ],
  undergrowth: [
    'on forest: forest floor, mossy log, rotting stump, tree trunk, bed of moss, pile of leaves',
    'in forest: pine forest, damp woodland, beech forest',
    'in grass: *wet grass, meadow, shady lawn',
    'among forest: *fallen leaves, *ferns, *pine needles',
    'in kitchen-table: wicker basket, frying pan',
    'on kitchen-table: cutting board',
  ],
  table: [
    'on kitchen-table: wooden table, marble countertop, kitchen counter, white tablecloth, checkered tablecloth, rustic wooden board, cafe table, picnic table, breakfast tray, dark slate board, linen napkin, bamboo mat',
    'in kitchen-table: cozy kitchen, restaurant, small cafe, diner',
    'at kitchen-table: street food stall, picnic, buffet',
    'against studio: dark background, plain white background',
  ],
  produce: [
    'on kitchen-table: wooden table, cutting board, kitchen counter, white plate, windowsill, checkered tablecloth, market stall, rustic wooden board, linen cloth',
    'in kitchen-table: wicker basket, ceramic bowl, wooden crate, glass bowl, paper bag, metal colander',
    'at city: farmers’ market, street market, roadside stall',
    'in garden: vegetable patch, kitchen garden, sunny orchard',
    'against studio: black background, plain white background, pale blue background',
  ],
  roads: [
    'on road: city street, country road, highway, winding mountain road, gravel road, wet road, tree-lined avenue, cobbled street, bridge, coastal road, dirt track, desert highway',
    'in road: parking lot, driveway, narrow alley, tunnel, traffic jam',
    'at road: gas station, traffic light, busy intersection, parking garage',
    'outside city: brick house, shop, office building, old warehouse',
    'in front of city: garage door, glass building, row of houses',
    'in indoor-room: showroom, repair shop, garage',
    'in grass: open field, grassy meadow',
    'on sand: sandy beach, dusty plain',
    'in snow: snowy parking lot',
    'near mountain: mountain lake, rocky canyon',
    'in city: city square, suburb, harbour',
  ],
  heavy: [
    'at city: construction site, warehouse, loading dock, container port, building site',
    'on road: highway, gravel road, dirt track, wet city street, ring road',
    'in garden: farmyard, muddy field',
    'in grass: wheat field, open field, green pasture',
    'in rock: quarry, gravel pit',
    'in snow: snowy yard',
  ],
  cycling: [
    'on road: city street, bike lane, bridge, cobbled street, country lane, wet sidewalk, mountain trail, gravel path',
    'in city: city square, quiet courtyard, old town',
    'outside city: bakery, brick house, cafe, bookshop',
    'in grass: grassy park, sunflower field',
    'on sand: beach promenade',
    'on forest: forest trail',
    'in indoor-room: garage, bike shop, hallway',
  ],
  rails: [
    'on road: railway track, steel bridge, railway viaduct, curved track',
    'at city: train station, platform, railway depot, level crossing',
    'in mountain: mountain valley, rocky gorge',
    'in grass: *rolling green hills, wheat field',
    'in city: city centre, industrial district, freight yard',
    'in snow: snowy landscape',
    'along water: river, ^coast',
  ],
  airfields: [
    'in sky: ^blue sky, ^cloudy sky, ^sunset sky, ^open sky, hazy sky',
    'above sky: *white clouds, ^clouds',
    'on road: runway, airport tarmac, wet runway, grass airstrip, taxiway',
    'at road: airport, small airfield, airport gate',
    'over mountain: mountain range, *snowy peaks',
    'over water: ^sea, tropical island, bay',
    'over city: city, harbour',
    'over grass: *green fields, ^countryside',
    'in indoor-room: hangar, aviation museum',
    'over sand: desert, beach',
  ],
  seaways: [
    'on water: calm sea, open ocean, stormy sea, mountain lake, wide river, quiet bay, turquoise lagoon, foggy lake, canal',
    'in water: harbour, marina, rocky cove, fishing port, fjord, shipyard',
    'at water: wooden pier, stone quay, dock',
    'near water: lighthouse, rocky coast, tropical island, sandbar, suspension bridge',
    'on sand: sandy beach, pebble beach',
  ],
  space: [
    'in sky: *outer space, ^night sky, starry sky, low orbit',
    'above sky: ^Earth, ^clouds, ^moon',
    'on sand: launch pad, dusty red plain',
    'in indoor-room: space museum',
  ],
  rooms: [
    'in indoor-room: living room, bedroom, bright attic, study, dining room, empty room, hotel lobby, loft, waiting room, library, sunroom, nursery, hallway, furniture shop, old farmhouse',
    'on indoor-room: wooden floor, patterned rug, tiled floor, stage',
    'by indoor-room: window, fireplace, staircase',
    'against indoor-room: white wall, brick wall, blue wall, wood-panelled wall',
    'in garden: garden, courtyard',
    'on city: terrace, balcony, front porch',
    'against studio: plain grey background',
  ],
  desks: [
    'on indoor-room: desk, wooden table, office desk, bookshelf, bedside table, workbench, glass table, kitchen counter, metal shelf, windowsill, coffee table, conference table',
    'in indoor-room: office, home office, classroom, living room, electronics shop, laboratory, control room',
    'against studio: plain white background, black background, pale blue background, grey background',
  ],
  workshops: [
    'on indoor-room: workbench, concrete floor, wooden table, pegboard, garage shelf, metal tray, toolbox, sawhorse',
    'in indoor-room: workshop, garage, garden shed, wooden crate, factory, hardware store, barn',
    'at city: construction site',
    'in garden: vegetable garden, backyard, *loose soil',
    'on grass: lawn',
    'against indoor-room: brick wall, wooden wall',
    'against studio: plain white background, grey background',
  ],
  kitchens: [
    'on kitchen-table: kitchen counter, wooden table, gas stove, marble countertop, dish rack, checkered tablecloth, kitchen shelf, cutting board, dining table, white tablecloth, breakfast tray',
    'in kitchen-table: rustic kitchen, modern kitchen, cupboard, sink, restaurant kitchen, cafe, picnic basket',
    'against studio: plain white background, grey background, black background',
  ],
  wardrobes: [
    'on indoor-room: wooden hanger, bed, chair back, clothes rail, mannequin, wooden floor, shop shelf, coat hook, folded blanket, marble surface',
    'in indoor-room: wardrobe, clothing shop, laundry basket, fitting room, shop window, drawer',
    'on garden: clothesline',
    'against studio: plain white background, grey background, pink background, beige background',
    'on road: street market stall, park bench',
  ],
  stages: [
    'on indoor-room: stage, wooden chair, music stand, recording studio floor, velvet cloth, wooden floor, sofa',
    'in indoor-room: concert hall, music shop, recording studio, rehearsal room, jazz club, open case, orchestra pit',
    'against indoor-room: brick wall, bedroom wall',
    'against studio: plain white background, black background',
    'on road: street corner',
    'in garden: city park',
  ],
  playrooms: [
    'on indoor-room: playroom floor, bed, wooden shelf, colourful rug, sofa, toy chest, nursery floor, classroom table',
    'in indoor-room: nursery, toy shop, cardboard box, playroom, shop window',
    'in garden: backyard, sandbox, playground',
    'on grass: green lawn, picnic blanket',
    'on sand: beach',
    'against studio: plain white background, pale blue background',
  ],
  sports: [
    'on grass: green lawn, soccer field, grassy park, baseball field, golf course',
    'in indoor-room: gym, sports hall, locker room, sports shop, garage',
    'on indoor-room: wooden gym floor, bench',
    'on road: tennis court, basketball court, running track, skate park',
    'on sand: beach, volleyball court',
    'in snow: *fresh snow',
    'against studio: plain white background',
  ],
  streets: [
    'on city: city square, street corner, hilltop, riverbank, busy avenue, main street',
    'in city: old town, quiet village, suburb, modern business district, harbour town, historic centre, medieval town, industrial district',
    'on grass: grassy hill, ^edge of a meadow, village green',
    'in garden: city park, walled garden, university campus',
    'by water: lake, ^sea, wide river, canal',
    'on mountain: rocky cliff, mountain ridge, terraced hillside',
    'against sky: clear blue sky, cloudy sky, evening sky',
    'in snow: snowy village, snow-covered valley',
    'in forest: pine forest, forest clearing',
    'in sand: desert',
  ],
  outside: [
    'on city: street corner, rooftop, city square, balcony, front porch',
    'on road: sidewalk, quiet street, gravel path, wet pavement',
    'in garden: garden, courtyard, backyard, city park',
    'on grass: lawn, grassy field',
    'against city: brick wall, concrete wall, wooden fence',
    'against sky: cloudy sky, clear blue sky',
  ],
  shelves: [
    'on indoor-room: wooden shelf, windowsill, table, stone floor, bookshelf, mantelpiece, workbench, antique dresser',
    'in indoor-room: living room, attic, antique shop, museum, storeroom, hallway, workshop',
    'on kitchen-table: kitchen counter, wooden table',
    'on city: market stall, front porch',
    'against studio: plain white background, grey background, black background, beige background',
  ],
  boxes: [
    'on indoor-room: velvet cushion, dressing table, glass shelf, wooden table, marble surface, silk cloth',
    'in indoor-room: jewellery box, shop window, museum case, open palm',
    'against studio: black background, plain white background, grey background',
  ],
  bathrooms: [
    'in indoor-room: bathroom, tiled bathroom, hotel bathroom, laundry room, guest bathroom',
    'on indoor-room: bathroom shelf, tiled floor, marble sink, windowsill',
    'against indoor-room: white tiled wall, blue tiled wall',
    'against studio: plain white background',
  ],
  clinics: [
    'in indoor-room: laboratory, clinic, hospital room, classroom, science museum, workshop',
    'on indoor-room: laboratory bench, metal tray, glass shelf, white table, desk',
    'against studio: plain white background, black background, grey background',
  ],
  armouries: [
    'in indoor-room: museum, castle hall, display case, wooden rack, armoury',
    'on indoor-room: stone wall, wooden table, museum stand',
    'on grass: battlefield, grassy rampart',
    'against studio: black background, plain grey background',
  ],
  rocks: [
    'on rock: rocky outcrop, stone wall, gravel path, dry riverbed',
    'on sand: pebble beach, sandy shore, dusty ground',
    'on indoor-room: museum shelf, wooden table, laboratory bench',
    'in water: shallow stream',
    'on forest: mossy ground',
    'against studio: black background, plain white background, grey background',
  ],
  land: [
    'in mountain: remote valley, ^highlands, national park, ^mountains',
    'under sky: cloudy sky, clear blue sky, stormy sky, starry sky, pink sky',
    'near water: lake, ^coast, wide river',
    'in grass: *rolling hills, ^countryside',
    'in sand: arid landscape',
    'in snow: frozen landscape, snowy landscape',
  ],
  people: [
    'in city: city square, busy market, old town',
    'on road: city street, crosswalk, country road, bridge',
    'in garden: park, garden, playground',
    'in indoor-room: living room, office, workshop, cafe, classroom, train',
    'on sand: sandy beach',
    'in grass: meadow, wheat field',
    'in mountain: mountain valley',
    'in snow: *fresh snow',
    'against studio: plain grey background',
  ],
} as const;

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
