import { plural, singulars } from '../concepts/inflect.js';
import type { Kind } from '../concepts/kinds.js';
import { openWordnet } from '../concepts/wordnet.js';

/** How a concept's name behaves in a sentence: counted, measured (`a bowl of rice`), paired (`a pair of jeans`), or plural already. */
export interface Noun {
  readonly name: string;
  readonly number: 'count' | 'mass' | 'pair' | 'plural';
  /** For `count`. */
  readonly plural: string;
  /** For `mass`: `a bowl of`, `some` … */
  readonly units: readonly string[];
}

const UNITS: Readonly<Record<string, string>> = {
  rice: 'a bowl of, a plate of, a sack of',
  'bread,toast,garlic bread,rye bread,white bread,cornbread': 'a slice of, a loaf of, a piece of, a basket of',
  'butter,margarine': 'a stick of, a dish of',
  'milk,chocolate milk,buttermilk': 'a glass of, a bottle of, a jug of',
  'coffee,tea,espresso,cappuccino,latte,cocoa,hot chocolate,green tea,black coffee': 'a cup of, a mug of, a pot of',
  'juice,orange juice,apple juice,tomato juice,lemonade,cola,iced tea,eggnog,mineral water,smoothie,soda,soda water,lemon juice':
    'a glass of, a jug of, a bottle of',
  'beer,cider,ale,lager,stout': 'a glass of, a pint of, a bottle of, a mug of',
  'wine,red wine,white wine,champagne,sake,rum,whiskey,vodka,brandy,port,sherry,liquor,gin,punch,mead':
    'a glass of, a bottle of',
  'cheese,cheddar,swiss cheese,cream cheese,goat cheese,mozzarella,ham,bacon,cake,fruitcake,gingerbread,fudge,toffee,meat loaf,tofu,chocolate,caramel,nougat,steak tartare,cheese cake,marzipan':
    'a piece of, a slice of, a plate of',
  'spaghetti,pasta,lasagna,macaroni,popcorn,cereal,oatmeal,soup,stew,curry,salad,fruit salad,sushi,sashimi,tempura,paella,risotto,ramen,miso soup,clam chowder,chowder,gazpacho,borsch,consomme,fondue,guacamole,hummus,coleslaw,sauerkraut,potato salad,caviar,pudding,custard,gelatin,bread pudding,mashed potato,fried rice,french fries,granola,porridge,chili con carne,couscous,tapioca,broth,gumbo,goulash,ravioli,chicken curry,caesar salad,greek salad,seaweed salad,fried calamari,hot and sour soup,pho,pad thai,spaghetti bolognese,spaghetti carbonara,lobster bisque,french onion soup,edamame,beef tartare,ceviche,macaroni and cheese,poutine,beef carpaccio,carbonara,yogurt,frozen yogurt,whipped cream,ice cream,sherbet,sorbet,chocolate mousse,panna cotta,tiramisu,cotton candy,candy,kale,fish and chips,shrimp and grits,pork,beef,chicken salad,potato chips,trifle':
    'a bowl of, a plate of, a dish of, a serving of',
  'honey,jam,ketchup,mustard,mayonnaise,maple syrup,syrup,molasses,peanut butter,jelly,salsa,chocolate syrup,chocolate sauce,sauce,soy sauce,hot sauce,gravy,vinegar,pesto,marmalade,olive oil,salt,sugar,brown sugar,flour,cinnamon,paprika,ginger,cream,sour cream':
    'a jar of, a bowl of, a spoonful of, a jug of',
  'corn,asparagus,spinach,kale,celery,parsley,basil,mint,lettuce,broccoli,cauliflower,garlic,okra,cress,rhubarb,fennel,thyme,rosemary,dill':
    'a bunch of, a plate of, a basket of, some',
  'grass,wheat,barley,rye,oats,moss,clover,heather,lavender,ivy,bamboo,seaweed,kelp,hay,cotton,flax,hemp,papyrus,rice plant,sagebrush,mistletoe,lichen,tobacco,algae,straw,duckweed,honeysuckle,wisteria,jasmine,holly,bougainvillea,lilac,mint plant':
    'a patch of, some, a tangle of, a clump of',
  'coral,brain coral': 'a piece of, a branch of, a colony of',
  'soap,toilet tissue,toilet paper,chalk,wood,paper towel,sealing wax': 'a piece of, some',
  'perfume,lotion,sunscreen,hair spray,shampoo,nail polish,toothpaste,face powder,ink,paint,cologne':
    'a bottle of, a tube of, some',
  'armor,chain mail,jewelry,furniture,clothing,underwear,lingerie,sportswear,footwear,equipment,cutlery,silverware,crockery,tableware,glassware,china,luggage,machinery,hardware,hosiery,bedding,lace,velvet,wool,silk,denim,linen,leather,cloth,fabric,felt,wallpaper,paper,rope,string,wire,yarn,thread,canvas,burlap,tweed,cashmere,tinsel,gravel,sand,mud,snow,ice,clay,coal,quartz,marble,granite,limestone,sandstone,slate,amber,jade,ivory,plywood,lumber,glass fiber,fur,newspaper clippings,knitwear,nightwear,outerwear,swimwear,headgear,ironware,earthenware,stoneware,pottery,poetry,artillery,weaponry,camouflage,mail,baggage,garbage,stationery,scaffolding,confetti,bunting,mosquito netting,netting,tape,duct tape,gauze,cardboard,corduroy,flannel,satin,taffeta,terry,tulle,chiffon,mohair,gingham':
    'a piece of, some, a pile of',
  'chewing gum,popcorn ball mix,hot cereal': 'a piece of, some',
};
const MASS = new Map(
  Object.entries(UNITS).flatMap(([names, units]) => names.split(',').map((name) => [name, units.split(', ')] as const)),
);
/** Last words that make a compound a mass noun too: `tomato soup`. */
const MASS_HEADS =
  /\b(soup|salad|juice|sauce|bread|rice|butter|milk|tea|coffee|wine|beer|syrup|cheese|flour|grass|moss|oil|sugar|cream|curry|pudding|chowder|bacon|pasta|spaghetti|seaweed|wheat|clover|corn|spinach|celery|sorbet|sherbet|soda|water|whiskey|rum|gin|brandy|vodka|champagne|algae|coral|cake mix|jelly|jam|honey|vinegar|salt|dressing|gravy|wool|cloth|paper|silk|lace|barley|bamboo|cereal|liquor|chocolate|meat|pork|beef|tofu|yogurt|armor|ware|wear|clothing|bedding|cutlery|luggage|jewelry|furniture|tape|glue|wallpaper|detergent|shampoo|lotion|perfume|soap|yarn|twine|sandpaper|paint|ink|litter|jewellery|flatware|glassware|cookware|dinnerware)$/;
const COUNTED =
  /\b(beach grass|rubber bread|tea|cheese|water) (cup|cart)\b|^(club sandwich|chocolate|newspaper|wallpaper|sandpaper)$/;

const PAIRS =
  /\b(scissors|pliers|tweezers|shears|binoculars|goggles|glasses|eyeglasses|sunglasses|spectacles|pants|trousers|shorts|jeans|pajamas?|pyjamas|tights|leggings|overalls|tongs|chopsticks|trunks|slacks|knickers|breeches|headphones|earphones|earbuds|secateurs|loppers|snips|nail clippers|cufflinks|trainers|sneakers|loafers|wellies|earmuffs|forceps|calipers|clippers|handcuffs|swimming trunks|blue jeans|bermuda shorts|skis|mittens|socks|sandals|clogs|slippers|shoes|boots|gloves|flip flops|maracas|castanets|dungarees|chinos|corduroys)$/i;
const PLURAL =
  /\b(fries|nachos|brussels sprouts|chips|parallel bars|stairs|cold cuts|jelly beans|stitches|matches|bagpipes|castanets|rollerskates|oats|groceries|noodles|lentils|drums|churros|dumplings|pancakes|waffles|donuts|tacos|wings|ribs|rolls|oysters|mussels|scallops|gnocchi|beignets|cupcakes|macarons|deviled eggs|eggs benedict|huevos rancheros|onion rings|grapes|peas|sprouts|cannoli|gyoza|takoyaki|samosas)$/i;

/**
 * @param isLemma the name itself stands in WordNet; else a word in `-s` whose singular does is a plural
 * @param head the end of the name that says what it is, where more follows it: `office chair` of `Office Chair, Black`
 */
export function nounOf(name: string, sort: Kind, isLemma: boolean, head?: string): Noun {
  const at = head === undefined ? -1 : startOf(name.toLowerCase(), head);
  const end = head === undefined ? -1 : at + head.length;
  if (head === undefined || at < 0 || end === name.length) return plainNoun(name, sort, isLemma);
  const rest = name.slice(end);
  // Two paint roller kits, two dinner plates.
  if (/^ (set|kit|pack|bundle|pair|system|unit|edition)$/i.test(rest)) return plainNoun(name, sort, true);
  const noun = plainNoun(name.slice(0, end), sort, isLemma);
  return { ...noun, name, plural: noun.plural + rest };
}

/** Where the head stands as words of its own: the lamp of `Clamp Lamp` is not in the clamp. -1: nowhere. */
function startOf(name: string, head: string): number {
  let at = name.indexOf(head);
  while (at > 0 && /[\p{L}\p{N}]/u.test(name[at - 1])) at = name.indexOf(head, at + 1);
  return at;
}

function plainNoun(name: string, sort: Kind, isLemma: boolean): Noun {
  const lower = name.toLowerCase();
  const many = plural(name);
  // `a bucket of ice` is counted by the bucket.
  const joint = / (of|with) /.exec(lower);
  if (joint) {
    const head = lower.slice(0, joint.index).split(' ').at(-1)!;
    const isMany = /[^su]s$/.test(head) && singulars(head).some((one) => openWordnet().senses(one).length > 0);
    return { name, number: isMany ? 'plural' : 'count', plural: isMany ? name : many, units: [] };
  }
  if (!MASS.has(lower) && PAIRS.test(lower)) return { name, number: 'pair', plural: name, units: [] };
  if (!MASS.has(lower) && PLURAL.test(lower)) return { name, number: 'plural', plural: name, units: [] };
  const units =
    MASS.get(lower) ?? (MASS_HEADS.test(lower) && !COUNTED.test(lower) ? massUnits(lower, sort) : undefined);
  if (units) return { name, number: 'mass', plural: name, units };
  const last = lower.slice(Math.max(lower.lastIndexOf(' '), lower.lastIndexOf('-')) + 1);
  // Not a lemma of WordNet itself, but its singular is: `tulips`.
  if (!isLemma && /[^su]s$/.test(last) && last.length > 3 && singulars(last).length > 0) {
    return { name, number: 'plural', plural: name, units: [] };
  }
  return { name, number: 'count', plural: many, units: [] };
}

function massUnits(lower: string, sort: Kind): readonly string[] | undefined {
  if (sort === 'drink') return ['a glass of', 'a bottle of', 'a cup of'];
  if (sort === 'dish') return ['a bowl of', 'a plate of', 'a serving of'];
  if (sort === 'sauce') return ['a bowl of', 'a jar of', 'a spoonful of'];
  if (sort === 'bakery') return ['a piece of', 'a slice of', 'a plate of'];
  if (sort === 'vegetable' || sort === 'fruit' || sort === 'nut') return ['a bunch of', 'a bowl of', 'some'];
  if (sort === 'herb' || sort === 'fern' || sort === 'seaweed') return ['a patch of', 'a clump of', 'some'];
  if (sort === 'toiletry') return lower.endsWith('soap') ? ['a piece of', 'some'] : ['a bottle of', 'some'];
  if (sort === 'cleaning tool' && /detergent|soap$/.test(lower)) return ['a bottle of', 'some'];
  if (/(tape|twine|yarn|sandpaper)$/.test(lower)) return ['a roll of', 'some', 'a piece of'];
  if (/(glue|paint|ink|litter)$/.test(lower)) return ['some', 'a tin of'];
  if (/(luggage|furniture|jewelry|jewellery|bedding|cutlery|flatware)$/.test(lower)) return ['some', 'a piece of'];
  if (sort === 'textile' || sort === 'clothing' || sort === 'kitchenware') return ['a piece of', 'some', 'a pile of'];
  return MASS.get(lower.slice(lower.lastIndexOf(' ') + 1));
}
