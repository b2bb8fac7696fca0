import type { Kind } from '../concepts/kinds.js';

export { OWN_COLOURS, OWN_MATERIALS } from './own-looks.js';

/**
 * How things of a kind look: colours, adjectives, materials and features that a caption may give them. Colours and materials are words of
 * lexicon.ts. Features follow `with`; `{x}` becomes plural with its subject.
 */
export interface Looks {
  readonly colours: readonly string[];
  readonly adjectives: readonly string[];
  readonly materials: readonly string[];
  readonly features: readonly string[];
}

const split = (list: string) => (list === '' ? [] : list.split(', '));
const looks = (colours: string, adjectives: string, features = '', materials = ''): Looks => ({
  colours: split(colours),
  adjectives: split(adjectives),
  features: split(features),
  materials: split(materials),
});

const PAINT =
  'red, blue, green, yellow, white, black, grey, silver, orange, dark blue, dark green, light blue, maroon, beige, teal, cream';
const DYE =
  'red, blue, green, yellow, white, black, grey, pink, purple, orange, brown, navy, teal, beige, turquoise, maroon, olive, cream, lavender, light blue, dark green, crimson';
const FUR = 'brown, black, white, grey, tan, golden, cream, dark brown, light brown, black and white, brown and white';
const WILD = 'brown, grey, dark brown, tan, light brown, golden';
const ANIMAL = 'small, large, young, old, alert, sleepy, playful, curious, lone, calm';
const FURRY = `${ANIMAL}, fluffy, shaggy, wet, muddy, scruffy`;
const OBJECT = 'small, large, old, new, shiny, worn, dusty, scratched, antique, clean, simple, broken';
const BLOOM = 'red, pink, white, yellow, purple, orange, violet, magenta, lavender, blue, crimson, cream';
const METAL = 'metal, steel, brass, iron, aluminium';
const MADE = 'wooden, metal, plastic, glass, ceramic';

export const LOOKS: Readonly<Record<Kind, Looks>> = {
  dog: looks(
    FUR,
    FURRY,
    'a red collar, a blue collar, a floppy {ear}, muddy paws, a wagging {tail}, a stick in {mouth}, a bandana, one raised {paw}',
  ),
  cat: looks(
    `${FUR}, orange`,
    `${ANIMAL}, fluffy, striped, spotted, sleek`,
    'green eyes, yellow eyes, long whiskers, a white chest, a small bell, a bushy {tail}',
  ),
  livestock: looks(
    'brown, black, white, grey, cream, chestnut, black and white, brown and white, tan',
    'young, old, sturdy, muddy, large, small, spotted, calm',
    'a thick {coat}, a white patch, a leather halter, a muddy {coat}, a white {face}, a long {shadow}',
  ),
  pig: looks(
    'pink, black, brown, pink and black, white',
    'fat, muddy, young, large, small, spotted, bristly',
    'floppy ears, a curly {tail}, a muddy {snout}',
  ),
  'forest mammal': looks(
    `${WILD}, black`,
    `${FURRY}, stocky`,
    'a thick winter {coat}, pricked ears, dark eyes, wet fur',
  ),
  'savanna mammal': looks(
    WILD,
    'large, young, old, dusty, majestic, alert, muscular, scarred, lone',
    'a dusty {coat}, a long {shadow}, pricked ears, birds on {back}',
  ),
  'mountain mammal': looks(
    `${WILD}, white`,
    'sure-footed, young, old, shaggy, sturdy, lone',
    'long curved horns, a thick {coat}, a snowy {beard}',
  ),
  'desert mammal': looks(
    'tan, beige, light brown, brown, golden',
    'dusty, old, young, tall, lone, shaggy',
    'a woven {saddle}, a dusty {coat}, long lashes',
  ),
  'polar mammal': looks(
    'white, cream, grey',
    'large, young, shaggy, wet, lone',
    'a thick {coat}, snow on {muzzle}, wet fur',
  ),
  'small mammal': looks(
    'brown, grey, tan, white, black, light brown, golden',
    'tiny, small, fluffy, plump, timid, young, bushy-tailed, wet',
    'bright eyes, long whiskers, a nut in {paw}, pink ears, round ears',
  ),
  bat: looks('black, brown, grey, dark brown', 'small, large, furry, sleepy', 'spread wings, folded wings, large ears'),
  primate: looks(
    'brown, black, grey, golden, dark brown',
    'young, old, large, small, shaggy, curious, playful',
    'a long {tail}, expressive eyes, a baby on {back}, a banana in {hand}',
  ),
  'river mammal': looks(
    'brown, dark brown, grey',
    'wet, sleek, small, playful, whiskered',
    'wet fur, a fish in {paw}, a flat {tail}',
  ),
  whale: looks(
    'grey, blue, black, black and white, dark grey',
    'huge, massive, young, old, sleek',
    'a scarred {back}, a raised {tail}, barnacles, spray rising from {blowhole}',
  ),
  seal: looks(
    'grey, brown, spotted grey, silver, dark grey',
    'fat, young, old, sleek, wet, whiskered',
    'long whiskers, big dark eyes, wet flippers',
  ),
  bird: looks(
    'brown, red, blue, yellow, grey, black, white, green, orange, black and white',
    'small, tiny, plump, young, fluffy, sleek, speckled, colourful',
    'spread wings, ruffled feathers, a berry in {beak}, a long {tail}, a yellow {beak}, a worm in {beak}, folded wings',
  ),
  'tropical bird': looks(
    'red, green, blue, yellow, orange, turquoise, purple',
    'colourful, bright, large, small, exotic, iridescent',
    'spread wings, a curved {beak}, long tail feathers, a seed in {claw}',
  ),
  raptor: looks(
    'brown, white, grey, dark brown, golden',
    'large, fierce, majestic, young, old, speckled',
    'spread wings, sharp talons, a hooked {beak}, piercing yellow eyes',
  ),
  waterbird: looks(
    'white, grey, black, brown, black and white, light grey, blue',
    'large, graceful, long-legged, young, elegant, fluffy',
    'spread wings, a long {neck}, an orange {beak}, a fish in {beak}, wet feathers',
  ),
  penguin: looks(
    'black and white',
    'small, plump, young, fluffy, wet',
    'raised flippers, an orange {beak}, a yellow {crest}, snow on the feathers',
  ),
  poultry: looks(
    'brown, white, black, red, golden, speckled brown',
    'plump, fat, young, old, feathery, scruffy',
    'a red {comb}, ruffled feathers, a fanned {tail}, yellow legs',
  ),
  ostrich: looks(
    'brown, black, grey, black and white',
    'tall, long-legged, young, old',
    'a long {neck}, ruffled feathers, large eyes',
  ),
  'river fish': looks(
    'silver, brown, golden, olive, orange, grey, green',
    'small, large, fat, shiny, spotted, slender, young',
    'shiny scales, red fins, a spotted back, a broad {tail}',
  ),
  'sea fish': looks(
    'silver, blue, grey, yellow, orange, red, turquoise',
    'large, small, sleek, striped, spotted, shiny, flat, colourful',
    'shiny scales, long fins, a forked {tail}, yellow fins, big eyes',
  ),
  'sea creature': looks(
    'red, orange, brown, purple, pink, white, blue',
    'small, large, spiny, bright, pale, colourful',
    'long arms, a rough {shell}, bright spots, tiny bubbles around {it}',
  ),
  jellyfish: looks(
    'pink, blue, white, purple, orange',
    'translucent, glowing, large, small, delicate',
    'long trailing tentacles, a domed {bell}',
  ),
  'flying insect': looks(
    'yellow, black, blue, orange, green, white, red, yellow and black',
    'tiny, small, large, delicate, fuzzy, iridescent',
    'spread wings, transparent wings, pollen on the legs, spotted wings, folded wings, long antennae',
  ),
  crawler: looks(
    'black, brown, green, red, dark green, yellow',
    'tiny, small, large, shiny, hairy, spotted',
    'long antennae, thin legs, a shiny {shell}, tiny hairs',
  ),
  snail: looks(
    'brown, grey, yellow, orange, black, tan',
    'small, large, slimy, glistening, slow',
    'a glistening {trail}, outstretched tentacles, a wet {skin}',
  ),
  amphibian: looks(
    'green, brown, dark green, yellow, red, olive, orange',
    'tiny, small, wet, spotted, fat, glossy',
    'bulging eyes, wet skin, orange spots, webbed feet',
  ),
  reptile: looks(
    'green, brown, grey, black, olive, tan, yellow, red',
    'long, small, large, scaly, patterned, young',
    'rough scales, patterned skin, bright eyes, a flicking {tongue}',
  ),
  crocodile: looks(
    'green, olive, grey, dark green, brown',
    'large, huge, old, young, muddy',
    'open jaws, rough scales, half-closed eyes',
  ),
  'sea turtle': looks(
    'green, brown, olive',
    'large, old, young, graceful',
    'a patterned {shell}, wide flippers, barnacles on {shell}',
  ),
  dinosaur: looks(
    'green, brown, grey, olive, tan',
    'huge, young, scaly, fierce',
    'sharp teeth, rough skin, bony plates, a long {tail}',
  ),
  tree: looks(
    'green, dark green, golden, red, orange',
    'tall, old, young, gnarled, leafy, bare, windswept, crooked, blossoming, snow-covered',
    'a twisted {trunk}, yellow leaves, spreading branches, moss on {trunk}, exposed roots, a swing, red leaves',
  ),
  shrub: looks(
    'green, dark green, red, golden, light green',
    'dense, leafy, trimmed, overgrown, flowering, thorny, dewy',
    'glossy leaves, small berries, white blossoms, pink blossoms, thorns, new shoots',
  ),
  flower: looks(
    BLOOM,
    'blooming, wilting, dewy, fresh, delicate, tall, small, half-open, wild',
    'dew on {petal}, a bee on {petal}, a broken {stem}, green leaves, curled petals, raindrops',
  ),
  herb: looks(
    'green, light green, dark green, golden, yellow',
    'leafy, fresh, tall, dewy, young, dry, lush, wild',
    'narrow leaves, small white flowers, dewdrops on the leaves, a drooping {stem}, new shoots',
  ),
  cactus: looks(
    'green, dark green, light green, olive',
    'small, tall, spiny, round, branching, flowering',
    'a pink {flower}, long spines, a yellow {flower}, many arms',
  ),
  'water plant': looks(
    'white, pink, green, purple, yellow',
    'floating, blooming, tall, delicate, half-open',
    'round leaves, a frog beside {it}, waterdrops',
  ),
  seaweed: looks(
    'green, brown, dark green, red, olive',
    'long, tangled, wet, slimy, swaying',
    'broad fronds, small air bladders',
  ),
  fungus: looks(
    'brown, white, red, orange, yellow, tan, cream',
    'small, large, wild, wet, spotted, glossy, young',
    'a broad {cap}, white spots, a thick {stem}, delicate gills, dew on {cap}',
  ),
  fern: looks(
    'green, dark green, light green, brown',
    'lush, dewy, young, curled, soft, dense',
    'curled fronds, dew on {frond}, tiny leaves',
  ),
  'plant part': looks(
    'brown, green, golden, red, yellow, orange',
    'dry, fallen, small, large, wet, curled, fresh',
    'fine veins, a rough {surface}, dew on {surface}',
  ),
  fruit: looks(
    'red, green, yellow, orange, purple',
    'ripe, fresh, juicy, sliced, whole, halved, wet, bruised, glossy',
    'a green {leaf}, waterdrops, a short {stem}, a bite mark, a missing slice',
  ),
  vegetable: looks(
    'green, red, yellow, orange, white, purple, dark green',
    'fresh, chopped, ripe, roasted, whole, sliced, wet, muddy, organic',
    'green leaves, waterdrops, soil on {root}, a knife beside {it}',
  ),
  nut: looks(
    'brown, tan, light brown, golden',
    'roasted, cracked, whole, salted, shelled',
    'cracked shells, a nutcracker beside {it}',
  ),
  bakery: looks(
    'golden, brown, white, pink, chocolate brown, cream',
    'fresh, warm, homemade, sliced, glazed, crispy, soft, frosted',
    'powdered sugar, chocolate sauce, fresh berries, whipped cream, a missing slice, sprinkles, melted butter, a lit candle',
  ),
  dish: looks(
    'golden, brown, red, golden brown, orange, yellow',
    'steaming, fresh, homemade, crispy, hot, spicy, grilled, half-eaten',
    'chopped herbs, a wedge of lemon, melted cheese, a side of salad, sesame seeds, red sauce, steam rising',
  ),
  sauce: looks(
    'red, white, golden, brown, green, yellow',
    'fresh, smooth, thick, homemade, creamy',
    'a wooden spoon, a sprig of mint, a pinch of pepper',
  ),
  drink: looks(
    'golden, red, amber, brown, orange, pink',
    'cold, fresh, fizzy, frothy, iced, half-empty',
    'ice cubes, a slice of lemon, foam on top, a paper straw, a sprig of mint',
  ),
  car: looks(
    PAINT,
    'old, new, shiny, vintage, dusty, compact, muddy, dented, polished, sporty, wet',
    'open doors, bright headlights, tinted windows, a roof rack, a dented {bumper}, chrome rims, a surfboard on {roof}',
  ),
  bus: looks(
    PAINT,
    'old, new, crowded, empty, vintage, muddy, bright',
    'bright headlights, large windows, open doors, an advert on {side}',
  ),
  truck: looks(
    PAINT,
    'old, new, heavy, rusty, muddy, loaded, shiny, large, dusty',
    'a full load, bright headlights, muddy tyres, a chrome grille, a covered {bed}',
  ),
  machine: looks(
    'yellow, orange, red, green, olive, blue',
    'old, heavy, rusty, muddy, huge, new',
    'muddy tracks, a raised {arm}, huge tyres, a flashing {light}',
  ),
  bicycle: looks(
    DYE,
    'old, new, rusty, vintage, shiny, muddy, small',
    'a wicker {basket}, a leather {saddle}, shiny spokes, a bell, muddy tyres, a child seat',
  ),
  cart: looks(
    'brown, red, green, blue, white, black',
    'old, rusty, loaded, empty, antique, creaky, small',
    'large wheels, a load of hay, a canvas {cover}, a broken {wheel}, a pile of sacks',
    'wooden, metal, iron',
  ),
  train: looks(
    'red, blue, green, silver, black, yellow, white, orange',
    'old, long, modern, vintage, fast, crowded, rusty',
    'steam rising, bright headlights, a row of windows, many carriages',
  ),
  aircraft: looks(
    'white, silver, grey, red, blue, yellow, green, red and white, blue and white',
    'small, large, old, modern, vintage, sleek, distant',
    'spinning propellers, red stripes, lowered wheels, a white {trail}, blinking lights, a painted {tail}',
  ),
  spacecraft: looks(
    'white, silver, grey, black, golden',
    'huge, small, gleaming, old, futuristic',
    'open panels, a trail of fire, glowing lights, solar panels',
  ),
  boat: looks(
    'white, blue, red, green, black, yellow, brown, red and white',
    'small, large, old, rusty, weathered, sleek, empty, crowded',
    'white sails, a red {stripe}, a tall {mast}, a pile of nets, a flag, peeling paint, folded sails',
    'wooden, steel',
  ),
  furniture: looks(
    DYE,
    'old, antique, modern, sturdy, worn, elegant, simple, small, large, cosy, broken',
    'carved legs, a soft cushion, peeling paint, brass fittings, a folded blanket on {it}, a cat on {it}',
    'wooden, oak, metal, wicker, leather, velvet, bamboo, plastic, steel',
  ),
  appliance: looks(
    'white, silver, black, red, grey, cream, light green',
    'old, new, modern, shiny, vintage, large, compact',
    'an open {door}, glowing lights, a tangled {cord}, chrome handles',
    'steel, plastic, metal, enamel',
  ),
  'household appliance': looks(
    'white, silver, black, grey, red, light blue, cream',
    'old, new, modern, small, compact, quiet, sleek, dusty',
    'a tangled {cord}, a round {knob}, a glowing {light}, large buttons, a dusty {grille}',
    'plastic, metal, steel',
  ),
  'kitchen appliance': looks(
    'white, silver, black, red, grey, cream, light green, copper',
    'old, new, modern, shiny, compact, clean, sleek, retro',
    'a glass {lid}, a coiled {cord}, a round {knob}, a glowing {light}, a steel {handle}',
    'steel, plastic, metal, glass',
  ),
  electronics: looks(
    'black, white, silver, grey, red, blue, golden',
    'old, new, vintage, modern, sleek, small, broken, dusty',
    'a glowing {screen}, a tangled {cable}, large buttons, a cracked {screen}, a red {light}',
    'plastic, metal, aluminium',
  ),
  stationery: looks(
    DYE,
    'old, new, small, worn, open, thick, colourful',
    'a folded {corner}, ink stains, torn edges, a ribbon, handwritten notes',
    'paper, leather, plastic, wooden, cardboard',
  ),
  instrument: looks(
    'brown, black, red, white, golden, silver, blue, dark brown',
    'old, polished, antique, small, large, shiny, worn',
    'a worn {strap}, shiny keys, a carved {body}, scratched varnish, sheet music beside {it}',
    'wooden, brass, metal',
  ),
  clothing: looks(
    DYE,
    'old, new, folded, wrinkled, striped, checkered, patterned, plain, oversized, warm, stylish, polka-dot, wet',
    'shiny buttons, a torn {pocket}, floral embroidery, white stripes, a price tag, a frayed {edge}',
    'cotton, woollen, silk, leather, denim, linen, knitted, velvet',
  ),
  accessory: looks(
    DYE,
    'old, new, stylish, worn, shiny, striped, small, large, plain, patterned, dusty',
    'a shiny buckle, scratches, a worn {edge}, a silver clasp, a white {stripe}, a small {label}',
    'leather, canvas, plastic',
  ),
  bag: looks(
    DYE,
    'old, new, stylish, worn, small, large, plain, striped, patterned, packed, open, sturdy',
    'a shiny buckle, a long {strap}, side pockets, a silver zipper, worn corners, a leather tag',
    'leather, canvas, denim, suede',
  ),
  shoe: looks(
    DYE,
    'old, new, muddy, polished, worn, striped, wet, small',
    'untied laces, thick soles, silver buckles, white stripes, muddy soles',
    'leather, suede, canvas, rubber, woollen',
  ),
  textile: looks(
    DYE,
    'soft, folded, striped, patterned, worn, checkered, embroidered, plain, thick, faded',
    'long fringes, floral embroidery, a torn {corner}, tassels, a geometric pattern',
    'cotton, woollen, silk, linen, velvet, knitted',
  ),
  jewellery: looks(
    'golden, silver, red, blue, green, bronze, copper',
    'delicate, shiny, antique, small, sparkling, ornate, simple',
    'a red {stone}, tiny pearls, an engraved {edge}, a fine chain',
    'brass, crystal, glass',
  ),
  kitchenware: looks(
    'white, blue, red, green, black, silver, copper, yellow, light green, grey',
    'clean, old, chipped, shiny, antique, stacked, small, large, patterned, dirty',
    'a wooden {handle}, a floral pattern, a chipped {edge}, waterdrops, a blue {rim}, a long {handle}',
    'ceramic, porcelain, steel, wooden, glass, enamel, cast-iron',
  ),
  container: looks(
    DYE,
    'empty, full, old, small, large, dented, open, closed, dusty, cracked',
    'a tight {lid}, a worn {label}, a broken {handle}, rusty hinges, a floral pattern, a ribbon',
    'wooden, metal, glass, plastic, cardboard, wicker, tin, clay, leather',
  ),
  tool: looks(
    'red, yellow, blue, green, black, silver, orange, grey',
    'old, rusty, new, worn, heavy, small, dirty, well-used',
    'a wooden {handle}, a rubber {grip}, a chipped {edge}, paint stains, a long {handle}',
    `${METAL}, wooden, plastic`,
  ),
  'machine part': looks(
    'silver, grey, black, dark grey, copper, bronze',
    'new, used, shiny, greasy, rusty, heavy, small, large, worn, clean',
    'sharp edges, a polished {surface}, traces of oil, an engraved number, a rough {edge}',
    'steel, brass, iron, aluminium, metal',
  ),
  'garden tool': looks(
    'green, red, orange, yellow, black, dark green, brown',
    'old, rusty, new, worn, muddy, sturdy, dirty, well-used',
    'a wooden {handle}, a long {handle}, traces of soil, a rubber {grip}',
    'metal, steel, wooden, plastic',
  ),
  planter: looks(
    'white, brown, grey, green, blue, black, orange, beige',
    'small, large, round, old, empty, mossy, cracked, simple, tall',
    'a saucer, a chipped {rim}, fresh soil, a small plant, a painted pattern',
    'clay, terracotta, ceramic, wooden, concrete, plastic, metal',
  ),
  'cleaning tool': looks(
    'blue, red, green, yellow, white, grey, pink, turquoise',
    'new, old, worn, clean, wet, dusty, simple, small',
    'a long {handle}, soft bristles, a wooden {handle}, frayed edges, a white {grip}',
    'plastic, wooden, metal',
  ),
  'pet supply': looks(
    DYE,
    'small, large, new, soft, worn, sturdy, simple, chewed',
    'a paw print, a name tag, a metal buckle, short hairs, a bright {edge}',
    'plastic, metal, wooden',
  ),
  'baby gear': looks(
    'white, grey, light blue, pink, mint, beige, yellow, light green, lavender',
    'small, new, soft, clean, cute, folded, simple, pastel',
    'tiny stars, a soft {edge}, rounded corners, animal prints, a padded {strap}',
    'plastic, cotton, wooden',
  ),
  toy: looks(
    DYE,
    'small, old, colourful, worn, new, cute, soft, broken',
    'big round eyes, a missing {button}, painted spots, a red {bow}, bright stripes',
    'wooden, plastic, plush, felt, rubber, tin, knitted',
  ),
  'sports gear': looks(
    'white, red, blue, yellow, orange, black, green, brown',
    'old, new, worn, muddy, scuffed, striped, shiny',
    'a scuffed {surface}, white stripes, worn edges, grass stains',
    'leather, rubber, wooden, plastic',
  ),
  'gym gear': looks(
    'black, grey, red, blue, purple, green, pink, orange, yellow',
    'new, worn, heavy, light, sturdy, small, large, dusty',
    'a rubber {grip}, white numbers, scuffed edges, a shiny {handle}',
    'rubber, steel, iron, plastic',
  ),
  'camping gear': looks(
    'green, orange, blue, red, yellow, dark green, grey, olive, tan',
    'small, large, old, new, wet, light, sturdy, muddy, well-used',
    'taut ropes, a padded {strap}, worn edges, morning dew, a metal {buckle}',
    'canvas, metal, plastic',
  ),
  weapon: looks(
    'black, silver, grey, brown, golden, bronze',
    'old, antique, rusty, heavy, ornate, polished',
    'an engraved {grip}, a carved {handle}, a leather {strap}, dents',
    'steel, iron, wooden, brass',
  ),
  lamp: looks(
    'white, yellow, red, green, black, golden, blue, copper',
    'glowing, small, tall, antique, modern, dim, ornate',
    'a warm {glow}, a fringed {shade}, a heavy {base}, a dusty {shade}, a curved {base}, a long {cord}',
    'brass, glass, paper, metal, wooden, crystal',
  ),
  candle: looks(
    'white, yellow, red, green, cream, golden, blue, black',
    'glowing, small, tall, antique, thin, thick, dim, half-burnt',
    'a warm {glow}, a small {flame}, melting wax, a dusty {base}, a carved {base}',
    'brass, glass, metal, wooden, crystal',
  ),
  ornament: looks(
    'white, blue, green, golden, red, black, bronze, grey',
    'ornate, small, large, antique, cracked, weathered, painted, delicate',
    'carved details, a chipped {edge}, gold leaf, a floral pattern, moss on {base}',
    'stone, marble, clay, glass, porcelain, wooden, brass, terracotta',
  ),
  'bathroom fixture': looks(
    'white, pink, light blue, grey, light green, beige',
    'clean, old, modern, antique, cracked, small, large',
    'brass taps, a dripping {tap}, claw feet, folded towels on {it}',
    'porcelain, marble, steel, enamel',
  ),
  toiletry: looks(
    'white, pink, blue, green, purple, golden',
    'small, new, wet, used, scented, elegant',
    'a silver {cap}, soap bubbles, a worn {handle}',
    'plastic, glass, wooden',
  ),
  'bath accessory': looks(
    'white, silver, black, grey, light blue, copper, beige, light green',
    'clean, new, simple, modern, wet, small, elegant, old',
    'waterdrops, a silver {rim}, rounded corners, a chrome {edge}',
    'steel, ceramic, plastic, glass, wooden, brass, metal',
  ),
  apparatus: looks(
    'black, white, silver, golden, grey',
    'old, precise, new, antique, small, scratched',
    'a round {dial}, fine markings, a long {tube}, polished knobs',
    'brass, glass, metal, steel',
  ),
  'street object': looks(
    'red, green, blue, white, black, yellow, grey, brown',
    'old, rusty, weathered, new, tall, broken, freshly painted, small',
    'peeling paint, ivy growing on {it}, stickers, rust stains, snow on top',
    'wooden, metal, iron, stone, steel, wrought-iron, concrete',
  ),
  building: looks(
    'white, red, grey, yellow, brown, beige, cream, blue, pink',
    'old, tall, abandoned, modern, small, ruined, grand, weathered, snow-covered, ivy-covered',
    'a red {roof}, arched windows, a tiled {roof}, stone walls, lit windows, broken windows, a green {door}, tall columns',
    'stone, wooden, brick',
  ),
  thing: looks(DYE, OBJECT, 'worn edges, a smooth {surface}, scratches, a small {label}', MADE),
  stone: looks(
    'grey, white, black, red, brown, green, purple, blue',
    'smooth, rough, round, polished, cracked, mossy, wet, jagged',
    'white veins, sharp edges, patches of lichen, glittering flecks',
  ),
  place: looks('', 'quiet, empty, remote, misty, sunlit, windswept, vast, rugged, peaceful, lonely, wild', ''),
  room: looks('', 'quiet, empty, crowded, sunlit, dim, tidy, cluttered, spacious, narrow, old, modern', ''),
  person: looks(
    '',
    'young, old, tall, elderly',
    'a red {coat}, a straw {hat}, a blue {scarf}, a heavy {backpack}, rolled-up sleeves, a yellow {jacket}',
  ),
  texture: looks(DYE, 'rough, smooth, fine, coarse, dense, irregular, weathered, glossy, matte, faded', ''),
};
