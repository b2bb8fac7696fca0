import type { Template, TemplateSlots } from './templates.js';

/** In-context demonstrations, three of which stand before every draw that a language model completes. All sentences are our own. */
export interface Demonstration extends TemplateSlots {
  caption: string;
}

/** `concept | caption` */
const CONCEPT = `
otter | an otter floats on its back in a green river and cracks a shell on its belly
tram | a yellow tram climbs a steep street between tiled houses in the rain
pomegranate | a split pomegranate spills red seeds over a grey stone slab
armchair | a worn leather armchair by a tall window, dust hanging in the light
barn owl | a barn owl glides low over a frosty field at first light
lighthouse | waves break white around a striped lighthouse under a black sky
ukulele | a small ukulele with a cracked body leans against a striped beach chair
cumulus | huge white cumulus clouds pile up above a flat brown plain
kettle | a dented copper kettle steams on a gas flame in a dark kitchen
zebra | three zebras drink side by side, their stripes doubled in the water
raincoat | a child in a yellow raincoat jumps into a muddy puddle
excavator | a muddy excavator rests its bucket on a heap of red earth
waffle | a stack of golden waffles with melting butter and blueberries, seen from above
hourglass | the last blue sand runs through an hourglass on a judge's desk
cactus | a round cactus with one pink flower in a cracked clay pot
ferry | a white ferry leaves the harbour, trailed by gulls and a wide wake
mantis | close-up of a green mantis with folded arms on a bending blade of grass
bookcase | an overfull bookcase sags under rows of faded paperbacks
penguin | a penguin chick, grey and fluffy, hides between the feet of its parent
pagoda | a red pagoda rises out of morning fog among dark cedars
sneaker | one muddy sneaker with untied laces lies on a gym floor
snow leopard | a snow leopard, nearly invisible, watches from a ledge of grey rock
chandelier | a crystal chandelier throws specks of light across a painted ceiling
hot-air balloon | a checkered hot-air balloon drifts over vineyards in the evening sun
typewriter | an old black typewriter with a half-written page still in it
lobster | a blue lobster in a wet wooden trap on the deck of a boat
dandelion | a dandelion gone to seed, backlit, losing its first parachutes to the wind
skateboard | an upside-down skateboard with scratched wheels on hot asphalt
iceberg | a turquoise iceberg with a tunnel worn through it by the sea
teapot | a round white teapot with a chipped spout beside two empty cups
camel | a line of camels crosses a dune, their shadows longer than they are
violin | an unvarnished violin hangs from a wire in the maker's workshop
lemon | half a lemon, squeezed flat, on a blue plate
tractor | a red tractor pulls a plough, crows settling behind it
jellyfish | dozens of pale jellyfish pulse upward through dark water
umbrella | a broken black umbrella lies in the gutter after a storm
sloth | a sloth hangs from a wet branch and smiles, eyes half closed
greenhouse | an abandoned greenhouse with vines pushing through its broken panes
sushi | six pieces of sushi in a row on a slate board, shot from a low angle
bicycle | a blue bicycle without a front wheel, still chained to a railing
waterfall | a thin waterfall turns to mist before it reaches the valley floor
scarecrow | a scarecrow in a torn suit leans over a field of stubble
hedgehog | a hedgehog noses through fallen leaves at the edge of a lawn
submarine | a grey submarine breaks the surface between plates of ice
lantern | paper lanterns of every colour hang over a crowded night market
sunflower | one drooping sunflower stands taller than the rest of the field
chess piece | a carved wooden chess piece, a knight, casts a horse-shaped shadow
crocodile | a crocodile with open jaws lies motionless on a mud bank
telescope | a brass telescope on a balcony points at a thin moon
doughnut | a pink doughnut with sprinkles and one large bite missing
windmill | four windmills along a canal, their sails frozen and white with rime
moth | a grey moth, its wings like bark, rests on a birch trunk
locomotive | a steam locomotive bursts from a tunnel in a cloud of white
carpet | a worn red carpet with a pattern of birds hangs over a wall to dry
mushroom | a ring of brown mushrooms in short wet grass, seen from the ground
gondola | a black gondola slides under a low stone bridge
tortoise | an ancient tortoise stretches its wrinkled neck toward a leaf
typhoon | palm trees bend flat as a typhoon drives rain across the road
beehive | smoke curls from a wooden beehive while bees crowd its entrance
ambulance | an ambulance with blue lights waits at a crossing in heavy snow
pear | two green pears lean together on a white sill, watercolour
igloo | an igloo glows orange from within on a blue arctic night
dragonfly | a red dragonfly balances on a reed, its wings like glass
accordion | an old man's hands on the keys of a mother-of-pearl accordion
goat | a white goat with crooked horns stands on the roof of a parked car
street sign | a bent street sign, its letters hidden under stickers
peacock | a peacock drags its closed tail across a palace courtyard
canoe | an overturned green canoe on a pebble beach at low tide
croissant | a flaky croissant and its crumbs on a newspaper at breakfast
satellite dish | rows of satellite dishes on a block of flats, all turned the same way
fox | a young fox looks back over its shoulder on an empty night street
anchor | a rusty anchor, furred with weed, on the sand beside an old rope
orchid | a spotted orchid with water beads, isolated against black
bulldozer | a yellow bulldozer pushes a wave of gravel, dust behind it
wolf | a lone grey wolf trots along a frozen river
sofa | a green velvet sofa stands in the middle of an empty white room
kingfisher | a kingfisher dives, orange and blue, its beak just touching the pond
cathedral | the dark nave of a cathedral with coloured light on the floor
corn | ears of yellow corn drying on strings under the eaves of a farmhouse
helicopter | a red helicopter hovers over a cliff with a swaying rope below
scissors | a pair of tailor's scissors on a bolt of grey cloth
whale | the scarred tail of a whale rises from a calm grey sea
clock | a station clock without hands above an empty platform
bison | a herd of bison in falling snow, breath steaming
pizza | a thin pizza with blistered edges slides out of a stone oven
lizard | a lizard the colour of sand does a push-up on a hot rock
airplane | a small airplane with one wing low lands on a strip of grass
blanket | a knitted blanket of many colours over the foot of an iron bed
squirrel | a squirrel with full cheeks freezes on a fence post
truck | a logging truck, heavily loaded, rounds a bend in the fog
hummingbird | a hummingbird hangs before a red flower, wings blurred to nothing
bonsai | a bonsai pine with a bent trunk on a black lacquer table
swimming pool | an empty swimming pool at dusk, lit turquoise from below
alley | a narrow alley crossed by washing lines, a cat asleep in the only sun
bamboo forest | a path through a bamboo forest, tall green stems closing overhead
harbour | fishing boats crowd a small harbour ringed with coloured houses
airport terminal | travellers asleep on their bags in an airport terminal at night
canyon | a river like a thread at the bottom of a striped red canyon
kitchen | a narrow kitchen with yellow cupboards and steam on the window
desert | wind draws lines in the orange sand of a desert at sunrise
library | green lamps along the tables of a silent library
cracked | cracked grey mud, each plate curling at its edges, seen from above
woven | a close view of a woven basket, light and dark straw crossing
polka-dotted | a polka-dotted fabric, white on navy, with one soft fold
marbled | marbled paper in swirls of red, cream and gold
scaly | the scaly side of a fish, silver turning pink, filling the frame
frosted | a frosted window pane with feathers of ice around a clear spot
rusty | a rusty iron door, orange streaks running down from its bolts
`;

/** `concept | background | caption` */
const BACKGROUND = `
heron | rice field | a grey heron stands on one leg in a flooded rice field, mirrored in the still water
moped | fishing port | a turquoise moped loaded with crates is parked in a fishing port at dawn
cello | empty stage | a single cello leans on a chair in the centre of an empty stage
tiger | tall grass | the face of a tiger, half hidden in tall grass, stares straight ahead
cupcake | windowsill | a lopsided cupcake with one candle on a windowsill, rain behind the glass
school bus | snowy street | a yellow school bus inches along a snowy street with its lights on
crab | tidal flat | a small crab waves one large claw on a shining tidal flat
grand piano | hotel lobby | a white grand piano stands closed in the hotel lobby under a palm
goldfish | garden pond | orange goldfish gather where the shade ends in a garden pond
tent | mountain ridge | a lit tent glows green on a mountain ridge below the stars
dachshund | hallway | a dachshund carries a shoe twice its size down the hallway
toucan | rainforest | a toucan tosses a berry into the air, high in the rainforest
freight train | desert | a freight train a mile long crosses the desert in wavering heat
tulip | flower market | bundles of red and white tulip buds in buckets at a flower market
chainsaw | workshop | an orange chainsaw lies in pieces on newspaper in a workshop
flamingo | salt lake | hundreds of flamingo legs reflected in a pink salt lake
wheelbarrow | vegetable garden | a wheelbarrow full of pumpkins in a vegetable garden in October
kayak | fjord | a red kayak, tiny below black cliffs, in the silence of a fjord
ladybug | rose leaf | a ladybug lifts its spotted shell on the edge of a rose leaf
espresso | marble counter | a short espresso with a golden rim on a marble counter, morning light
polar bear | ice floe | a wet polar bear and her cub balance on a drifting ice floe
rocking chair | porch | an empty rocking chair moves a little on the porch before the storm
fire engine | city bridge | a fire engine forces its way through traffic on a city bridge
snail | wet pavement | a snail crosses wet pavement beside a child's chalk drawing
biplane | evening sky | a silver biplane rolls upside down in the evening sky
eagle | cliff ledge | an eagle folds its wings on a cliff ledge above the clouds
oak | village green | one broad oak shades the whole village green at noon
drum kit | garage | a dusty drum kit between bicycles and paint cans in a garage
seal | pebble beach | a fat speckled seal yawns on a pebble beach
vintage car | country lane | a cream vintage car stops for sheep on a country lane
jar | pantry shelf | jars of plum jam with handwritten labels on a pantry shelf, one jar open
monkey | temple steps | a monkey peels a stolen banana on the temple steps
sailboat | stormy sea | a sailboat leans hard, its sail torn, in a stormy sea
laptop | hospital bed | a laptop glows on a hospital bed beside a half-eaten apple
cow | alpine meadow | a brown cow with a bell looks up from an alpine meadow
sandal | sandy beach | a lost sandal, half filled by the tide, on a sandy beach
lemur | zoo enclosure | a ring-tailed lemur sunbathes cross-legged in its zoo enclosure
backpack | train station | a blue backpack sits alone on a bench in the train station
crocus | melting snow | the first purple crocus stands open in melting snow
dumpling | bamboo steamer | pleated dumpling skins glisten in a bamboo steamer, steam rising
shark | coral reef | a reef shark passes slowly over a coral reef, small fish parting before it
stool | jazz club | a wooden stool under a single spotlight in a jazz club
horse | foggy pasture | a chestnut horse appears from the mist of a foggy pasture
robot | shop window | a tin robot with red eyes stands in a shop window at Christmas
turtle | muddy bank | a turtle pushes itself up a muddy bank, trailing weed
mosque | old town | the blue dome of a mosque above the flat roofs of the old town
raccoon | back porch | a raccoon caught by a torch beam on the back porch, hands in a bowl
ice cream | seaside promenade | a melting ice cream held against a seaside promenade full of people
spider | garden gate | a striped spider waits in a web strung across the garden gate
tractor | sunflower field | an old blue tractor up to its bonnet in a sunflower field
pelican | wooden pier | a pelican spreads its wings to dry on a wooden pier
bulldog | city park | a bulldog in a red harness refuses to walk any further in the city park
`;

/** `concept | relation | related | caption` */
const RELATION = `
kitten | in | boot | a striped kitten has fallen asleep in a rubber boot
parrot | on | globe | a green parrot sits on an old globe in a schoolroom
bicycle | next to | haystack | a red bicycle left next to a haystack under a hot white sky
moon | behind | chimney | a huge orange moon rises behind a crooked chimney
cow | in front of | barn | a black and white cow stands in front of a weathered barn
drone | over | vineyard | a small drone hovers over a vineyard in neat green rows
puppy | under | table | a wet puppy hides under a kitchen table, only its nose showing
clock | above | fireplace | a round brass clock hangs above a stone fireplace
boat | below | cliff | a rowing boat drifts below a chalk cliff in clear water
teacup | besides | candle | a blue teacup stands besides a burning candle on a dark table
orange | in | bowl | a single orange in a wide black bowl, lit from the left
cat | on | piano | a black cat walks on the keys of an upright piano
tree | next to | phone booth | a bare tree grows next to a red phone booth in the snow
child | behind | curtain | a child stands behind a curtain, bare feet visible below the hem
truck | in front of | factory | a blue truck waits in front of a brick factory, engine smoking
dragonfly | over | pond | a green dragonfly darts over a pond covered in duckweed
bench | under | cherry tree | a stone bench under a cherry tree, white with fallen petals
lamp | above | desk | a bent metal lamp leans above a desk covered in sketches
diver | below | boat | a diver with a torch swims below a boat, bubbles rising
suitcase | besides | bed | a half-packed suitcase lies open besides an unmade bed
gull | on | statue | a gull stands on the head of a bronze statue
pumpkin | in | wheelbarrow | a fat pumpkin with a long crack in a green wheelbarrow
`;

const rows = (text: string) =>
  text
    .trim()
    .split('\n')
    .map((line) => line.split(' | '));

/** The demonstrations by template: at least 106, 50 and 20, as many as the paper used. */
export const DEMONSTRATIONS: Readonly<Record<Template, readonly Demonstration[]>> = {
  concept: rows(CONCEPT).map(([concept, caption]) => ({ concept, caption })),
  background: rows(BACKGROUND).map(([concept, background, caption]) => ({ concept, background, caption })),
  relation: rows(RELATION).map(([concept, relation, related, caption]) => ({ concept, relation, related, caption })),
};
