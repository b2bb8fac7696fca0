import { ANIMAL, BLOOM, FUR, FURRY, looks, WILD } from './words.js';

/** Animals and plants. */
export const LIVING = {
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
} as const;
