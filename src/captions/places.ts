import { article, plural } from '../concepts/inflect.js';
import type { Rng } from '../rng.js';
import { contradicts } from './atmosphere.js';
import { COLOURS, TIMES, WEATHER } from './lexicon.js';
import { nounOf } from './nouns.js';
import { capital, isOpposite } from './phrases.js';

/** Captions of places and of textures: what is seen in them, in what light, from where. */

const split = (list: string) => list.split(', ');

type Land = 'deep' | 'room' | 'street' | 'water' | 'woods' | 'green' | 'heights' | 'sand' | 'ice' | 'sky';

/** What sort of place a name speaks of; the first that matches wins, a room if none does. */
const LANDS: readonly (readonly [RegExp, Land])[] = [
  [/\b(underwater|coral reef|reef|seabed|ocean floor|kelp)\b/, 'deep'],
  [
    /\b(indoor|interior|room|shop|store|office|bedroom|kitchen|hall|lobby|cabin|museum|gallery|library|studio)\b/,
    'room',
  ],
  [/\b(sky|heaven|cloud|night sky)\b/, 'sky'],
  [/\b(glacier|iceberg|ice|snow|snowfield|tundra|ski slope|ice floe|igloo|ice shelf|crevasse)\b/, 'ice'],
  [
    /\b(desert|dune|sand|sandbar|beach|seashore|shore|coast|oasis|badlands?|lakeshore|seacoast|shoreline|salt flat)\b/,
    'sand',
  ],
  [
    /\b(lake|river|ocean|sea|waterfall|pond|creek|canal|bay|lagoon|harbou?r|marina|marsh|swamp|delta|spring|geyser|wave|dock|cove|fjord|island|archipelago|islet|floodplain|stream|brook|pool|boardwalk|swimming hole|watering hole|moat|raft|bayou|inlet|strait|gulf|reservoir|dam|fishpond|wetland|estuary|rapids?)\b/,
    'water',
  ],
  [/\b(forest|jungle|rainforest|woods?|woodland|grove|bamboo|tree farm|tree house|wild|thicket)\b/, 'woods'],
  [
    /\b(mountain|hill|cliff|canyon|valley|volcano|gorge|ravine|plateau|peak|promontory|peninsula|butte|mesa|ridge|crag|alp|mountain range|rock arch|cave|cavern|grotto|quarry|slope|crater|moor|heath|excavation)\b/,
    'heights',
  ],
  [
    /\b(meadow|garden|park|farm|field|pasture|orchard|vineyard|prairie|plain|savanna|lawn|yard|courtyard|playground|cemetery|hayfield|cornfield|golf course|campsite|zoo|baseball diamond|rice paddy|hedgerow|corral|picnic area|campus|pavilion|patio|racecourse|racetrack|stadium|topiary|zen garden|ranch|diamond)\b/,
    'green',
  ],
  [
    /\b(street|road|highway|city|village|town|alley|plaza|square|bridge|railway|railroad|track|parking lot|construction site|driveway|sidewalk|crosswalk|crossroads|airport|station|market|downtown|skyscraper|tower|building|house|facade|rooftop|terrace|porch|balcony|outdoor|exterior|ruin|castle|church|temple|bus stop|gas station|viaduct|aqueduct|tunnel|arch|runway|airfield|landfill|dump|junkyard|industrial area|oil rig|power plant|windmill|wind farm|amusement park|carousel|fountain|slum|ghetto|suburb|neighborhood|motel|hotel|mansion|palace|cottage|chalet|barn|shed|wharf|pier|promenade|fence|gate|promenade|plaza|court)\b/,
    'street',
  ],
];

const DETAILS: Readonly<Record<Land, readonly string[]>> = {
  deep: split(
    'with colourful fish, with blue water, with shafts of light, with red corals, with swaying seaweed, with a sea turtle, with white sand, with rising bubbles, with purple sponges, with a diver in the distance',
  ),
  room: split(
    'with rows of chairs, with large windows, with a wooden floor, with a red carpet, with white walls, with blue walls, with bright lamps, with a high ceiling, with a few people inside, with green plants, with tall shelves, with a long table, with framed pictures, with yellow curtains, with brick walls, with tiled walls, with a grey floor, full of boxes, without people',
  ),
  street: split(
    'with parked cars, with a few people, with red roofs, with tall buildings behind, with street lamps, with wet pavement, with green trees along it, with a yellow taxi, with bicycles along the wall, with white walls, with laundry hanging above, with colourful signs, without people, with long shadows',
  ),
  water: split(
    'with calm water, with clear turquoise water, with wooden boats, with green hills behind, with mountains in the distance, with reeds along the edge, with clouds mirrored in the water, with dark rocks, with gentle waves, with white foam, with birds above, with a wooden dock, with dark blue water',
  ),
  woods: split(
    'with tall trees, with a winding path, with green moss, with red autumn leaves, with ferns on the ground, with thin white trunks, with fallen logs, with rays of light between the trees, with a narrow stream, with yellow leaves, with thick fog between the trees, covered in snow',
  ),
  green: split(
    'with tall grass, with yellow flowers, with a wooden fence, with a lone tree, with rows of trees, with a winding path, with a stone wall, with freshly cut grass, with a few people, with purple flowers, with a red barn, with rolling hills behind, with benches, with bare trees',
  ),
  heights: split(
    'with steep cliffs, with snowy peaks, with bare rock, with green slopes, with a winding trail, with pine trees, with low clouds, with red rock walls, with a deep valley below, with patches of snow, with a small hut, with dark shadows',
  ),
  sand: split(
    'with golden sand, with white sand, with palm trees, with blue water, with footprints, with gentle waves, with scattered rocks, with dry grass, with long shadows, with red rocks, with driftwood, with colourful umbrellas, with ripples in the sand',
  ),
  ice: split(
    'with deep blue cracks, with fresh snow, with jagged edges, with dark water around, with a clear sky above, with snowy mountains behind, with drifting snow, with footprints, with a pale sun',
  ),
  sky: split(
    'with white clouds, with dark clouds, with pink clouds, with a bright sun, with countless stars, with a flock of birds, with a thin moon, with orange stripes',
  ),
};
const LOOK: Readonly<Record<Land, readonly string[]>> = {
  deep: split('blue, deep, murky, clear, sunlit, colourful, dark, quiet, turquoise'),
  room: split(
    'quiet, empty, crowded, sunlit, dim, tidy, cluttered, spacious, narrow, old, modern, bright, large, small, dusty',
  ),
  street: split(
    'quiet, empty, busy, crowded, old, modern, narrow, wide, rainy, sunlit, dusty, snow-covered, colourful, run-down',
  ),
  water: split('calm, quiet, misty, frozen, wide, remote, sunlit, muddy, clear, stormy, shallow, peaceful'),
  woods: split('misty, dense, quiet, dark, sunlit, green, snow-covered, autumn, lush, old'),
  green: split('green, quiet, sunny, overgrown, lush, empty, wide, neat, frosty, windswept, snow-covered, blooming'),
  heights: split('rugged, misty, steep, remote, snow-covered, green, barren, windswept, sunlit, vast, rocky'),
  sand: split('sandy, empty, sunlit, windswept, wide, remote, quiet, rocky, tropical, vast'),
  ice: split('frozen, vast, snow-covered, blue, windswept, remote, cracked, glittering'),
  sky: split('clear, cloudy, pale, dramatic, stormy, colourful, hazy, vast'),
};
const OUTDOOR_OPENINGS = split(
  'an aerial view, a wide shot, a wide-angle view, a distant view, a photo, a photograph, a panoramic view, a quiet scene, a postcard view, an oil painting, a watercolour painting, a snapshot, a vintage photo, a black and white photo, a detailed photo, a bird’s-eye view, a low-angle view, a pencil sketch',
);
const INDOOR_OPENINGS = split(
  'a wide shot, a wide-angle view, a photo, a photograph, a snapshot, an interior view, a vintage photo, a black and white photo, a watercolour painting, a detailed photo, a blurry photo, a view from the corner, a 3D rendering, an oil painting',
);
const DEEP_LIGHT = split(
  'in clear blue water, in dim light, in shafts of sunlight, in murky water, in deep blue light, in clear turquoise water, in sunlit water, at night',
);
const ROOM_LIGHT = split(
  'in soft window light, in dim light, under bright lights, by candlelight, in warm lamplight, in morning light, at night, in the early morning, in the evening, lit by a single lamp, in cool fluorescent light, in bright daylight, in the afternoon',
);
const LAND_LIGHT = [
  ...Object.keys(TIMES).flatMap((t) => [t, t]),
  ...Object.keys(WEATHER).filter((w) => !/snow/.test(w)),
  ...split(
    'in golden light, under a pink sky, under a pale sky, in soft morning light, under a starry sky, in warm evening light, after the rain, under an orange sky, in early autumn, in late spring, in midsummer',
  ),
];
const COLD_LIGHT = LAND_LIGHT.filter((l) => !/summer|rain|drizzle|downpour|thunder|spring|autumn/.test(l));

const LAND_OF = new Map<string, Land>();

function landOf(name: string): Land {
  let land = LAND_OF.get(name);
  if (!land) {
    const lower = name.toLowerCase();
    land = LANDS.find(([words]) => words.test(lower))?.[1] ?? 'room';
    LAND_OF.set(name, land);
  }
  return land;
}

/** A caption of a place. */
export function placeCaption(name: string, rng: Rng): string {
  const land = landOf(name);
  const inside = land === 'room' || land === 'deep';
  const noun = nounOf(name, 'place', true);
  const look = rng.chance(0.7) ? rng.pick(LOOK[land]) : '';
  const second = look !== '' && rng.chance(0.2) ? rng.pick(LOOK[land]) : '';
  const words =
    look === '' || name.includes(look)
      ? name
      : second !== '' && second !== look && !isOpposite(look, second)
        ? `${look}, ${second} ${name}`
        : `${look} ${name}`;
  const many = noun.number === 'plural' || noun.number === 'pair';
  const bare = many || noun.number === 'mass' || /^(outer space|downtown|badlands|countryside|heaven)$/.test(name);
  const what = bare
    ? name === 'sky'
      ? `the ${words}`
      : words
    : name === 'sky'
      ? `the ${words}`
      : `${article(words)} ${words}`;
  const be = many ? 'are' : 'is';
  const cold = land === 'ice' || /snow|frozen|frosty/.test(words);
  let lit =
    rng.chance(0.7) || look === ''
      ? rng.pick(land === 'deep' ? DEEP_LIGHT : inside ? ROOM_LIGHT : cold ? COLD_LIGHT : LAND_LIGHT)
      : '';
  if (contradicts(words, lit)) lit = '';
  let detail = rng.chance(0.65) || lit === '' ? rng.pick(DETAILS[land]) : '';
  const head = name.slice(name.lastIndexOf(' ') + 1);
  // No dock with a dock, and no flowers in the snow.
  if (
    detail.includes(head) ||
    (cold && /flower|grass|leaves|turquoise|palm|waves|umbrella|golden|fern|boats/.test(detail))
  )
    detail = '';
  const after = (text: string) => (text === '' ? '' : ` ${text}`);
  const u = rng.uniform();
  if (u < 0.34)
    return `${capital(rng.pick(inside ? INDOOR_OPENINGS : OUTDOOR_OPENINGS))} of ${what}${after(detail)}${after(lit)}`;
  if (u < 0.58) return capital(`${what}${after(detail)}${after(lit)}`);
  if (u < 0.68 && lit !== '') return `${capital(lit)}, ${what}${after(detail)}`;
  if (u < 0.78)
    return `${rng.pick(['This photo shows', 'The picture shows', 'Here we see', 'The image shows', 'A traveller photographed', 'The camera looks into'].slice(0, inside ? 6 : 5))} ${what}${after(detail)}${after(lit)}.`;
  if (u < 0.88) return `There ${be} ${what}${after(detail)}${after(lit)}.`;
  if (u < 0.94 && lit !== '')
    return `${capital(what)} ${many ? 'lie' : 'lies'} ${rng.pick(['quiet', 'empty', 'still', 'deserted'])}${after(lit)}${detail === '' || /people|inside/.test(detail) ? '' : `, ${detail}`}.`;
  return capital(`${what}${after(lit)}${detail === '' ? '' : `, ${detail}`}`);
}

const COLOUR_NAMES = Object.keys(COLOURS);
const SURFACE_LOOKS = split(
  'rough, smooth, fine, coarse, dense, irregular, weathered, glossy, matte, faded, wet, dusty, worn, regular, bold, delicate',
);
const SURFACES = split('wall, sheet, cloth, panel, tile, floor, slab, paper, board, carpet, shell, ceiling');
const TEXTURE_LIGHT = split(
  'in soft light, lit from the side, in bright daylight, in low light, in harsh sunlight, filling the frame, seen from above, seen at an angle, in sharp focus, slightly out of focus, seen up close, with deep shadows',
);
const TEXTURE_OPENINGS = split(
  'a close-up, a macro shot, a close-up photo, a top-down view, a detailed photo, a photo, a tightly framed shot, an overhead shot, a flat illustration',
);

/** A caption of a texture: `striped`, `bark`. */
export function textureCaption(name: string, rng: Rng): string {
  const first = rng.pick(COLOUR_NAMES);
  let second = rng.pick(COLOUR_NAMES);
  if (second === first) second = 'white';
  const both = rng.chance(0.5) ? `${first} and ${second}` : first;
  const look = rng.pick(SURFACE_LOOKS);
  const lit = rng.pick(TEXTURE_LIGHT);
  const word = rng.pick(['texture', 'texture', 'pattern', 'surface']);
  const a = (words: string) => `${article(words)} ${words}`;
  const open = capital(rng.pick(TEXTURE_OPENINGS));
  switch (rng.int(7)) {
    case 0:
      return `${open} of ${a(`${look}, ${both} ${name} ${word}`)} ${lit}`;
    case 1:
      return capital(`${a(`${both} ${name} ${word}`)} ${lit}`);
    case 2:
      return `${open} of ${a(`${look} ${name} ${word}`)} in ${both}`;
    case 3:
      return `${capital(a(`${name} ${word}`))} in ${first} and ${second} covers ${a(`${look} ${rng.pick(SURFACES)}`)}.`;
    case 4:
      return capital(`${a(`${rng.pick(SURFACES)} with ${a(`${both} ${name} ${word}`)}`)} ${lit}`);
    case 5:
      return `${capital(plural(word))} like this ${both} ${name} one look ${look}, ${lit}.`;
    default:
      return `The picture shows ${a(`${both} ${name} ${word}`)}, ${look} and ${lit}.`;
  }
}
