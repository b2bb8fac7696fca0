import { Rng } from '../rng.js';
import type { Prompt } from './language-model.js';

/** How a language model is asked where a concept can be, as the paper asked GPT-4 (section 3.1). The lists are our own. */

/** `concept | backgrounds` */
const LISTS = `
otter | river bank, kelp forest, mountain lake, muddy shore, fallen log, reed bed, wooden jetty, rocky coast, zoo pool, snowy stream, tidal creek, fishing harbour
tram | steep street, old town square, wet boulevard, depot, bridge, shopping street, terminus, night city, seaside promenade, suburban road, snowy avenue, tunnel
teapot | breakfast table, tea house, kitchen shelf, picnic blanket, market stall, hotel room, garden table, museum case, stove, wooden tray, windowsill, antique shop
sunflower | farm field, roadside, cottage garden, flower market, glass vase, city balcony, country fence, greenhouse, vegetable patch, railway embankment, painted wall, stormy horizon
bicycle | canal path, forest trail, bicycle shed, train station, cobbled lane, market square, garage, beach promenade, repair shop, university campus, mountain pass, rainy street
jellyfish | open ocean, public aquarium, shallow bay, wet beach, coral lagoon, dark deep sea, harbour basin, tide pool, surf, mangrove channel, fishing net, kelp bed
sofa | living room, hotel lobby, furniture shop, attic, waiting room, front porch, art studio, moving van, reading corner, theatre stage, empty loft, pavement
barn owl | old barn, church tower, moonlit meadow, hollow tree, fence post, stubble field, ruined castle, hayloft, quiet village, woodland edge, falconry show, frosty hedge
pizza | stone oven, restaurant table, cardboard box, picnic bench, kitchen counter, street food stall, sports bar, marble slab, delivery counter, wooden board, garden party, food court
excavator | building site, gravel pit, demolition site, muddy field, road works, river bank, quarry, rental yard, snowy slope, harbour, forest clearing, sand pile
penguin | ice shelf, pebble beach, antarctic sea, zoo enclosure, rocky island, snowfield, grassy slope, aquarium tunnel, iceberg, stormy coast, research station, nesting colony
violin | concert hall, workshop, music school, velvet case, street corner, orchestra pit, old attic, recording studio, church, living room, shop window, wooden chair
lizard | desert rock, garden wall, terrarium, sandy path, tree trunk, cactus, stone ruin, dry riverbed, windowsill, roof tile, forest floor, sunny terrace
lantern | night market, temple gate, camp site, stable door, garden path, fishing boat, cellar, tea house, snowy porch, festival street, mine tunnel, window ledge
sailboat | calm bay, stormy sea, marina, lake, river mouth, dry dock, regatta, tropical island, foggy harbour, boat trailer, rocky coast, sunset horizon
raincoat | coat rack, wet street, school corridor, shop display, bus stop, fishing boat, muddy field, washing line, wardrobe, forest walk, beach in the rain, doorway
`;

const DEMONSTRATIONS = LISTS.trim()
  .split('\n')
  .map((line) => line.split(' | '))
  .map(([concept, list]) => ({ concept, list: list.split(', ') }));
/** Demonstrations in a prompt, as for captions. */
const SHOTS = 3;

/**
 * Asks for `count` backgrounds of a concept.
 * @param seed decides which demonstrations stand in it, and their order
 */
export function backgroundPrompt(concept: string, count: number, seed: number): Prompt {
  const others = DEMONSTRATIONS.filter((d) => d.concept !== concept.toLowerCase());
  const chosen = Rng.of('background demonstrations', seed)
    .shuffle([...others])
    .slice(0, SHOTS);
  return {
    instruction: `Each line gives a thing and, after the arrow, ${count} different places or surroundings in which it could well be photographed, separated by commas.`,
    demonstrations: chosen.map(({ concept: c, list }) => ({ left: `${c} =>`, right: list.slice(0, count).join(', ') })),
    left: `${concept} =>`,
  };
}
