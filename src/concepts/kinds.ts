import type { Habitat } from './gazetteer.js';
import { type Lexeme, openWordnet } from './wordnet.js';

/**
 * What kind of thing a concept is, as far as captions care: where it can be, what it can do, what can be beside it.
 * A kind is found from the nearest hypernym that RULES knows.
 */

export const CATEGORIES = [
  'animal',
  'plant',
  'food',
  'vehicle',
  'artefact',
  'place',
  'person',
  'natural',
  'texture',
] as const;
export type Category = (typeof CATEGORIES)[number];

/** Who keeps whom company in the relation template: see companions.ts. */
export type Company =
  | 'aquatic'
  | 'flyer'
  | 'small animal'
  | 'large animal'
  | 'insect'
  | 'plant'
  | 'tree'
  | 'food'
  | 'road'
  | 'rail'
  | 'aircraft'
  | 'boat'
  | 'small thing'
  | 'large thing'
  | 'worn'
  | 'soft thing'
  | 'building'
  | 'person';

export interface KindFacts {
  readonly category: Category;
  readonly habitats: readonly Habitat[];
  readonly company: Company;
}

const k = (category: Category, company: Company, ...habitats: Habitat[]): KindFacts => ({
  category,
  habitats,
  company,
});

export const KINDS = {
  dog: k('animal', 'large animal', 'dogs', 'home'),
  cat: k('animal', 'small animal', 'home', 'cats'),
  livestock: k('animal', 'large animal', 'pasture'),
  pig: k('animal', 'large animal', 'farmyard', 'pasture'),
  'forest mammal': k('animal', 'large animal', 'woodland', 'mountains'),
  'savanna mammal': k('animal', 'large animal', 'savanna'),
  'mountain mammal': k('animal', 'large animal', 'mountains'),
  'desert mammal': k('animal', 'large animal', 'desert'),
  'polar mammal': k('animal', 'large animal', 'polar'),
  'small mammal': k('animal', 'small animal', 'burrows', 'woodland'),
  bat: k('animal', 'flyer', 'skies', 'jungle'),
  primate: k('animal', 'large animal', 'jungle'),
  'river mammal': k('animal', 'small animal', 'freshwater', 'shore'),
  whale: k('animal', 'aquatic', 'openwater', 'sea'),
  seal: k('animal', 'aquatic', 'openwater', 'shore'),
  bird: k('animal', 'flyer', 'perches'),
  'tropical bird': k('animal', 'flyer', 'jungle'),
  raptor: k('animal', 'flyer', 'mountains', 'skies', 'perches'),
  waterbird: k('animal', 'flyer', 'shore'),
  penguin: k('animal', 'small animal', 'polar'),
  poultry: k('animal', 'small animal', 'farmyard'),
  ostrich: k('animal', 'large animal', 'savanna'),
  'river fish': k('animal', 'aquatic', 'freshwater'),
  'sea fish': k('animal', 'aquatic', 'sea'),
  'sea creature': k('animal', 'aquatic', 'seafloor'),
  jellyfish: k('animal', 'aquatic', 'sea'),
  'flying insect': k('animal', 'insect', 'leaves'),
  crawler: k('animal', 'insect', 'leaves', 'undergrowth'),
  snail: k('animal', 'insect', 'damp', 'leaves'),
  amphibian: k('animal', 'small animal', 'damp'),
  reptile: k('animal', 'small animal', 'desert', 'damp'),
  crocodile: k('animal', 'large animal', 'shore'),
  'sea turtle': k('animal', 'aquatic', 'sea', 'openwater'),
  dinosaur: k('animal', 'large animal', 'savanna', 'jungle'),
  tree: k('plant', 'tree', 'woods'),
  shrub: k('plant', 'plant', 'flowerbeds', 'woods'),
  flower: k('plant', 'plant', 'flowerbeds'),
  herb: k('plant', 'plant', 'flowerbeds'),
  cactus: k('plant', 'plant', 'dry'),
  'water plant': k('plant', 'plant', 'waterplants'),
  seaweed: k('plant', 'plant', 'seafloor'),
  fungus: k('plant', 'plant', 'undergrowth'),
  fern: k('plant', 'plant', 'undergrowth', 'woodland'),
  'plant part': k('plant', 'food', 'undergrowth', 'produce'),
  fruit: k('food', 'food', 'produce'),
  vegetable: k('food', 'food', 'produce'),
  nut: k('food', 'food', 'produce'),
  bakery: k('food', 'food', 'table'),
  dish: k('food', 'food', 'table'),
  sauce: k('food', 'food', 'table'),
  drink: k('food', 'food', 'table'),
  car: k('vehicle', 'road', 'roads'),
  bus: k('vehicle', 'road', 'roads'),
  truck: k('vehicle', 'road', 'heavy', 'roads'),
  machine: k('vehicle', 'road', 'heavy'),
  bicycle: k('vehicle', 'road', 'cycling'),
  cart: k('vehicle', 'road', 'pasture', 'heavy'),
  train: k('vehicle', 'rail', 'rails'),
  aircraft: k('vehicle', 'aircraft', 'airfields'),
  spacecraft: k('vehicle', 'aircraft', 'space'),
  boat: k('vehicle', 'boat', 'seaways'),
  furniture: k('artefact', 'large thing', 'rooms'),
  appliance: k('artefact', 'large thing', 'galleys'),
  'household appliance': k('artefact', 'small thing', 'households'),
  'kitchen appliance': k('artefact', 'small thing', 'counters'),
  electronics: k('artefact', 'small thing', 'desks'),
  stationery: k('artefact', 'small thing', 'desks'),
  instrument: k('artefact', 'large thing', 'stages'),
  clothing: k('artefact', 'worn', 'wardrobes'),
  accessory: k('artefact', 'worn', 'wardrobes', 'shelves'),
  shoe: k('artefact', 'worn', 'wardrobes', 'shelves'),
  bag: k('artefact', 'small thing', 'halls'),
  textile: k('artefact', 'soft thing', 'linens'),
  jewellery: k('artefact', 'small thing', 'boxes'),
  kitchenware: k('artefact', 'small thing', 'kitchens'),
  container: k('artefact', 'small thing', 'shelves', 'households'),
  tool: k('artefact', 'small thing', 'workshops'),
  'machine part': k('artefact', 'small thing', 'benches'),
  'garden tool': k('artefact', 'small thing', 'gardens'),
  planter: k('artefact', 'small thing', 'terraces'),
  'cleaning tool': k('artefact', 'small thing', 'utility rooms'),
  'pet supply': k('artefact', 'small thing', 'pet corners'),
  'baby gear': k('artefact', 'small thing', 'nurseries'),
  toy: k('artefact', 'small thing', 'playrooms'),
  'sports gear': k('artefact', 'small thing', 'sports'),
  'gym gear': k('artefact', 'small thing', 'gyms'),
  'camping gear': k('artefact', 'large thing', 'camps'),
  weapon: k('artefact', 'small thing', 'armouries'),
  lamp: k('artefact', 'small thing', 'lamp places'),
  candle: k('artefact', 'small thing', 'shelves', 'table'),
  ornament: k('artefact', 'small thing', 'shelves'),
  'bathroom fixture': k('artefact', 'large thing', 'bathrooms'),
  'bath accessory': k('artefact', 'small thing', 'bathrooms'),
  toiletry: k('artefact', 'small thing', 'bathrooms'),
  apparatus: k('artefact', 'small thing', 'clinics'),
  'street object': k('artefact', 'large thing', 'outside'),
  building: k('artefact', 'building', 'streets'),
  thing: k('artefact', 'small thing', 'shelves'),
  stone: k('natural', 'small thing', 'rocks'),
  place: k('place', 'building', 'land'),
  room: k('place', 'building', 'land'),
  person: k('person', 'person', 'people'),
  texture: k('texture', 'small thing', 'shelves'),
} as const satisfies Record<string, KindFacts>;

export type Kind = keyof typeof KINDS;

/** Lexicographer file → kind: the hypernyms (first word of the synset) that decide it, the nearest one winning. */
const RULES: Readonly<Record<string, Readonly<Partial<Record<Kind, string>>>>> = {
  'noun.animal': {
    dog: 'dog',
    cat: 'cat,domestic cat',
    livestock: 'horse,cattle,sheep,goat,equine,bovine,domestic ass,mule,llama,alpaca,ox',
    pig: 'swine,hog',
    'forest mammal':
      'deer,bear,fox,wolf,canine,wildcat,badger,raccoon,mammal,placental,wild boar,marsupial,lynx,procyonid',
    'savanna mammal':
      'zebra,antelope,big cat,feline,giraffe,elephant,rhinoceros,hippopotamus,hyena,Old World buffalo,warthog,kangaroo,bison,baboon,odd-toed ungulate,pachyderm,viverrine,wallaby',
    'mountain mammal': 'wild sheep,wild goat,goat antelope,guanaco,snow leopard,vicuna,yak,chamois',
    'desert mammal': 'camel,Arabian camel,jerboa,armadillo,meerkat',
    'polar mammal': 'ice bear,musk ox,arctic fox,caribou',
    'small mammal':
      'rodent,lagomorph,insectivore,musteline mammal,hedgehog,echidna,skunk,opossum,weasel,mole,shrew,lemming,squirrel',
    bat: 'bat',
    primate: 'primate,sloth,tapir,anteater,koala,edentate,lemur,tree shrew,lesser panda,giant panda',
    'river mammal': 'otter,beaver,platypus,muskrat,monotreme',
    whale: 'cetacean,whale,dolphin,aquatic mammal,sirenian',
    seal: 'pinniped mammal,seal,walrus',
    bird: 'bird,pigeon,dove,columbiform bird,woodpecker',
    'tropical bird': 'parrot,toucan,hummingbird,hornbill,macaw,quetzal,bird of paradise,piciform bird',
    raptor: 'bird of prey,owl',
    waterbird: 'aquatic bird,seabird,wading bird,waterfowl,stork,flamingo,kingfisher,heron,gull',
    penguin: 'penguin,sphenisciform seabird',
    poultry: 'domestic fowl,gallinaceous bird,poultry,chicken,chick,hen',
    ostrich: 'ratite,emu',
    'river fish':
      'salmonid,cyprinid,cypriniform fish,freshwater bass,catfish,percid fish,pike,piranha,sturgeon,guppy,perch,sunfish,loach,cichlid,eel,carp,freshwater fish',
    'sea fish': 'fish,elasmobranch,aquatic vertebrate,seahorse,sea snake',
    'sea creature': 'crustacean,mollusk,coelenterate,echinoderm,cephalopod,sponge,anthozoan,invertebrate,sea urchin',
    jellyfish: 'jellyfish,ctenophore',
    'flying insect':
      'lepidopterous insect,bee,wasp,dipterous insect,odonate,hymenopterous insect,lacewing,neuropteron,mayfly,cicada,firefly,ladybug',
    crawler: 'insect,arachnid,arthropod,ant,worm,spider,caterpillar,woodlouse,larva',
    snail: 'snail,slug,gastropod',
    amphibian: 'amphibian,frog,toad',
    reptile: 'reptile,snake,lizard,turtle,tortoise',
    crocodile: 'crocodilian reptile',
    'sea turtle': 'sea turtle',
    dinosaur: 'dinosaur,archosaur,ichthyosaur,pterosaur',
  },
  'noun.plant': {
    tree: 'tree,palm,wood',
    shrub: 'shrub,vine,hedge,climber,bamboo',
    flower:
      'flower,wildflower,orchid,composite,liliaceous plant,rose,bulbous plant,iridaceous plant,inflorescence,lily,tulip,iris,blossom,marigold,carnation,poppy,hydrangea,lavender,geranium,begonia',
    herb: 'herb,vascular plant,plant,houseplant,gramineous plant,legume,subshrub',
    cactus: 'cactus,succulent',
    'water plant': 'aquatic plant,water lily,lotus,cattail',
    seaweed: 'seaweed,alga,protoctist',
    fungus: 'fungus,mushroom,agaric,basidiomycete',
    fern: 'fern,moss,bryophyte,pteridophyte,lichen,horsetail',
    'plant part': 'plant part,leaf,fruit,seed,cone,nut,plant organ,branch,reproductive structure,stick',
  },
  'noun.food': {
    fruit: 'edible fruit,berry,citrus,melon,drupe',
    vegetable:
      'vegetable,root vegetable,cruciferous vegetable,legume,mushroom,green,herb,solanaceous vegetable,produce,pepper',
    nut: 'edible nut,nut,edible seed',
    bakery:
      'bread,pastry,cake,cookie,dessert,baked goods,sweet,confection,candy,pie,frozen dessert,cracker,pancake,pudding',
    dish: 'dish,sandwich,pasta,soup,stew,salad,sausage,meat,food,nutriment,seafood,foodstuff,substance,snack food,meal,egg,cheese',
    sauce:
      'condiment,sauce,spice,flavorer,ingredient,flour,grain,dairy product,spread,starches,sweetening,fat,feed,oil,rice,butter,honey',
    drink: 'beverage,alcohol,liquid,coffee,milk',
  },
  'noun.artifact': {
    car: 'car,motor vehicle,self-propelled vehicle,van',
    bus: 'bus,public transport,ambulance,school bus,minibus',
    truck: 'truck,fire engine,trailer truck,trailer',
    machine:
      'tractor,tank,military vehicle,forklift,bulldozer,crane,tracked vehicle,earthmover,harvester,steamroller,power shovel',
    bicycle: 'bicycle,motorcycle,velocipede,wheeled vehicle,scooter,tricycle,unicycle,skateboard',
    cart: 'wagon,cart,horse-drawn vehicle,sled,vehicle,conveyance,handcart,carriage,baby buggy,wheelbarrow',
    train: 'train,locomotive,railcar,rolling stock,streetcar,car train',
    aircraft: 'aircraft,heavier-than-air craft,lighter-than-air craft,glider,kite,balloon,parachute',
    spacecraft: 'spacecraft,satellite,rocket,missile,spaceship',
    boat: 'boat,ship,warship,craft,sailing vessel,raft,hovercraft',
    furniture: 'furniture,seat,furnishing,bed,shelf,cabinet,mirror,cradle,hammock',
    appliance: 'home appliance,white goods,oven,refrigerator,stove,appliance,furnace,fireplace',
    'household appliance':
      'heater,space heater,fan,vacuum,humidifier,dehumidifier,iron,sewing machine,dryer,hand blower,air conditioner',
    'kitchen appliance': 'kitchen appliance,toaster,coffee maker,blender,mixer,waffle iron,microwave,juicer',
    electronics:
      'electronic equipment,computer,telephone,camera,electronic device,peripheral,timepiece,clock,calculator,optical instrument,keyboard,display,machine,television,sound reproduction,photographic equipment,electrical device,headphone,typewriter,loudspeaker',
    stationery: 'writing implement,stationery,book,publication,creation,paper,envelope,eraser,clip',
    instrument: 'musical instrument',
    clothing: 'clothing,garment,headdress,hat,neckwear,handwear,attire',
    accessory: 'accessory,helmet,spectacles,umbrella,sunglasses,eyeglasses,goggles,belt',
    bag: 'bag,backpack,wallet,purse,baggage,briefcase,suitcase,satchel,saddlebag,clutch bag',
    shoe: 'footwear,shoe,boot,hosiery,sandal',
    textile:
      'fabric,cloth covering,bedclothes,blanket,pillow,curtain,rug,towel,linen,cushion,flag,quilt,rope,cord,bath mat,shower curtain',
    jewellery: 'jewelry,gem,ring,adornment,necklace,bracelet,crown,coin',
    kitchenware:
      'kitchen utensil,cookware,tableware,crockery,cutlery,pot,pan,bowl,plate,cup,spoon,fork,teapot,mug,kettle,glass',
    container: 'container,bottle,jar,box,basket,case,bin,barrel,bucket,can,cage',
    tool: 'tool,hand tool,edge tool,implement,hardware,fastener,cutter,brush,power tool,ladder,lock,mechanism,pump,screw,hook',
    'machine part': 'bolt,screw,rivet,gear,bearing,valve,piston,gasket,gear wheel,flange,axle,electrical device part',
    'garden tool':
      'garden tool,rake,hoe,watering can,lawn mower,pruner,sprinkler,secateurs,pruning saw,edger,hedge trimmer,hose',
    'cleaning tool': 'broom,mop,dustpan,sponge,cleaning implement,sweeper,duster,squeegee,swab',
    planter: 'flowerpot,planter,window box',
    'pet supply': 'leash,dog collar,birdcage,litterbin',
    'baby gear': 'diaper,pacifier,bib,bassinet',
    toy: 'toy,plaything,doll,game,puppet,balloon,puzzle',
    'sports gear':
      'ball,game equipment,sports equipment,racket,golf club,sports implement,ski,skate,playing card,dice,surfboard',
    'gym gear': 'gymnastic apparatus,weight,exercise device,treadmill,punching bag',
    'camping gear': 'tent,sleeping bag,camp,barbecue,fishing gear,fishing rod',
    weapon: 'weapon,gun,sword,armor,arms,weaponry,shield,cannon',
    lamp: 'lamp,source of illumination,lighting fixture,light',
    candle: 'candle,lantern,candlestick,oil lamp',
    ornament: 'decoration,sculpture,art,statue,vase,painting,picture,creche,work of art',
    'bathroom fixture': 'plumbing fixture,bathtub,toilet,washbasin,shower',
    toiletry: 'toiletry,cosmetic,soap,comb,hairbrush,toothbrush,perfume',
    apparatus:
      'medical instrument,measuring instrument,scientific instrument,instrument,laboratory apparatus,magnifier,globe,scale,thermometer',
    'street object':
      'sign,signboard,lamppost,fence,barrier,gate,post,street sign,mailbox,fire hydrant,fountain,pole,wheel,signaling device,traffic light,door,window,movable barrier,cable,playground,swing,arch,column',
    building:
      'building,structure,house,tower,bridge,monument,dwelling,shrine,fortification,housing,memorial,shelter,shed,lighthouse,windmill,establishment,mill',
    room: 'room,area,floor,enclosure,facility,compartment,passage',
    place: 'way,road,thoroughfare,excavation,tract,line,outdoor area,course,track,field,garden',
    thing: 'artifact,instrumentality,device,equipment,covering,commodity,object',
  },
  'noun.object': {
    stone: 'rock,stone,natural object,mineral,crystal,gem',
    place: 'object,geological formation,land,body of water,location,celestial body,thing',
    'plant part': 'nest',
  },
  'noun.location': { place: 'location,region,tract,point,thing,physical entity,entity' },
  'noun.phenomenon': { place: 'phenomenon' },
  'noun.substance': { stone: 'rock,mineral,solid', thing: 'substance,matter,material' },
  'noun.person': { person: 'person,organism,causal agent' },
  'noun.body': { thing: 'body part,part,thing,body' },
  'noun.group': { place: 'biome,land', thing: 'group' },
  'noun.Tops': { person: 'person', herb: 'plant', 'forest mammal': 'animal', dish: 'food', thing: 'entity' },
};

const KIND_OF = new Map<string, Kind>();
for (const [file, kinds] of Object.entries(RULES)) {
  for (const [kind, names] of Object.entries(kinds))
    for (const name of names.split(',')) KIND_OF.set(`${file} ${name}`, kind as Kind);
}

/** When no hypernym is known to RULES. */
const OF_CATEGORY: Readonly<Record<Category, Kind>> = {
  animal: 'forest mammal',
  plant: 'herb',
  food: 'dish',
  vehicle: 'cart',
  artefact: 'thing',
  place: 'place',
  person: 'person',
  natural: 'stone',
  texture: 'texture',
};

/** The kind of a category about which no more is known. */
export function kindOfCategory(category: Category): Kind {
  return OF_CATEGORY[category];
}

/** The kind of what WordNet found. */
export function kindOf(lexeme: Lexeme): Kind {
  const { lexname } = lexeme;
  const own =
    KIND_OF.get(`${lexname} ${lexeme.name}`) ??
    KIND_OF.get(`${lexname} ${openWordnet().synset(lexeme.synset).words[0]}`);
  if (own) return own;
  if (lexname === 'noun.plant' && / tree$/.test(lexeme.name)) return 'tree';
  for (const name of lexeme.hypernyms) {
    // Bowls and boats are both vessels.
    if (name === 'vessel' && lexname === 'noun.artifact')
      return lexeme.hypernyms.includes('craft') ? 'boat' : 'container';
    if (name === 'tank' && lexname === 'noun.artifact' && !lexeme.hypernyms.includes('vehicle')) return 'container';
    if (name === 'car' && !lexeme.hypernyms.includes('motor vehicle')) return 'train';
    const kind = KIND_OF.get(`${lexname} ${name}`);
    if (kind) return kind;
  }
  if (lexname === 'noun.animal') return 'sea creature';
  if (lexname === 'noun.plant') return 'herb';
  if (lexname === 'noun.food') return 'dish';
  return 'thing';
}
