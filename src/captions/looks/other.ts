import { DYE, looks, MADE, OBJECT, PAINT } from './words.js';

/** Food, vehicles, buildings, places, persons, surfaces. */
export const OTHERS = {
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
} as const;
