import type { Pool } from './bank.js';
import { type Concept, toConcept } from './concept.js';
import { EVERYDAY, TEXTURES } from './everyday.js';
import { type Category, KINDS, type Kind, kindOf } from './kinds.js';
import { openWordnet, type Synset, verbsAndAdjectives, type Wordnet } from './wordnet.js';

/**
 * The built-in bank: everyday things first (everyday.ts), then the rest of WordNet's visible nouns by how familiar their words are.
 */

/** Share of a category among the draws, and among the concepts up to any limit. Objects, places and textures as in the paper's Table 11. */
interface Share {
  category: Category;
  draws: number;
  concepts: number;
  /** Lexicographer file in which the everyday names are looked up. */
  file: string;
  /** Sort of the everyday names that WordNet puts elsewhere. */
  sort?: Kind;
}

const SHARES: Readonly<Record<string, Share>> = {
  animal: { category: 'animal', draws: 0.3, concepts: 0.29, file: 'noun.animal' },
  vehicle: { category: 'vehicle', draws: 0.16, concepts: 0.08, file: 'noun.artifact' },
  artefact: { category: 'artefact', draws: 0.19, concepts: 0.28, file: 'noun.artifact' },
  building: { category: 'artefact', draws: 0.04, concepts: 0.05, file: 'noun.artifact', sort: 'building' },
  food: { category: 'food', draws: 0.12, concepts: 0.12, file: 'noun.food' },
  plant: { category: 'plant', draws: 0.1, concepts: 0.11, file: 'noun.plant' },
  place: { category: 'place', draws: 0.088, concepts: 0.05, file: 'noun.object' },
  texture: { category: 'texture', draws: 0.002, concepts: 0.02, file: '' },
};

/** Hypernyms of what is never drawn: groups, parts of bodies, drugs, weapons of terror and words for undressed people. */
const NEVER = new Set(
  (
    'taxonomic group,body part,drug,medicine,animal skin,person,group,plant part,animal tissue,controlled substance,contraceptive,' +
    'undergarment,instrument of execution,instrument of torture,sex organ,excretion,female animal body,young,male,female,larva,prostitute,' +
    'device of punishment,body covering,chemical,compound,explosive device,bomb,feed,game bird,pack animal,domestic animal,insect body,creation'
  ).split(','),
);

/** Words that nobody wants in a corpus. */
const RUDE =
  'ass|bitch|cock|tit|booby|dick|pussy|slave|whore|brothel|bordello|nazi|swastika|noose|gallows|gibbet|torture|execution' +
  '|suicide|concentration|condom|bra|brassiere|thong|panty|enema|bedpan|coffin|corpse|feces|dung|dildo|vibrator|pubic|gypsy' +
  '|negro|jew|coon|squaw|eskimo|hottentot|kaffir|darky|cannabis|marijuana|heroin|cocaine|opium|homo|straitjacket|bidet' +
  '|urinal|catheter|speculum|tampon|napkin|jockstrap|guillotine|rape|bastard|kamikaze|jewfish';
/** Words that WordNet files under visible things and that no picture shows, or not as such. */
const FORMLESS =
  'diet|fare|eats|menu|topping|rind|cuts|leftovers|ration|potherb|carrion|snuff|pet food|cud|slop|poison|virus|bacteri\\w*' +
  '|fetus|embryo|egg white|hemp|coca|poppy|simple|chess|rue|thrift|louse|lice|parasite|footage|assembly|receiver' +
  '|transducer|starter|rotor|armature|moldboard|rectifier|transformer|diode|damper|aperture|fulcrum|diaphragm|porcelain' +
  '|tracery|entablature|fuselage|fipple|rings|bars|rooms|quarters|stocks|lager|sash|rink|knob|flue|eaves|masonry' +
  '|architecture|headquarters|tails|cords|weeds|threads|bones|colors|crossbar|major suit|minor suit|toilet bowl' +
  '|storage ring|photographic plate|camphor ball|railroad bed|motif|dungeon|gauze|weft|wick|worsted|rayon|mechanical' +
  '|control key|break seal|candida|rhizoctinia|basidiomycete|gasteromycete|wagon train|funny wagon' +
  '|welcome wagon|herbage|tin can|training table|high tea|cuisine|provisions|supper|garden truck|black tea|green tea' +
  '|trimmings|outlet box|porcupines|livestock|game bird|harvest fly|pinniped|crocodilian|pelagic bird' +
  '|superstructure|capital ship|commuter|cookout|nightclothes|free-reed|topgallant|jean|stopping|entree|forequarter|object' +
  '|capsid|monilia|butty|reactor|architrave|curd|flying bird|aquatic bird|ways|megalith|delicatessen|refreshment|potion' +
  '|potluck|furnishing|handwear|headwear|neckwear|enamelware|chordophone|aerophone|idiophone|humanoid|stallion|fissiped' +
  '|ruminant|ungulate|wildfowl|seabird|cephalopod|isopod|protoceratops|arthropod|vespid|sciaenid|quadruped|biped|monotreme' +
  '|hexapod';
const NEVER_WORDS = new RegExp(`\\b(${RUDE}|${FORMLESS})s?\\b`, 'i');

/**
 * @param limit concepts to keep, the most everyday ones of every category.
 * @returns one pool a category, in order of frequency; weights sum to 1.
 */
export function wordnetPools(limit: number): Pool[] {
  const wordnet = openWordnet();
  const taken = new Set<string>();
  const names = new Set<string>();
  const lists = new Map<string, Concept[]>();
  for (const source of Object.keys(SHARES)) lists.set(source, []);

  for (const [source, rows] of Object.entries(EVERYDAY)) {
    for (const entry of rows.flatMap((r) => r.split(', '))) {
      const [, name, hint, own] = /^([^/=]+)(?:\/([^=]+))?(?:=(.+))?$/.exec(entry)!;
      const { category, file, sort: usual } = SHARES[source];
      const sort = (own as Kind | undefined) ?? usual;
      const lexeme = wordnet.lookup(hint ? `${name} (${hint})` : name, file);
      if (names.has(name.toLowerCase()) || (lexeme && !lexeme.partial && taken.has(lexeme.synset))) continue;
      names.add(name.toLowerCase());
      if (lexeme) taken.add(lexeme.synset);
      const kind = source === 'place' ? 'place' : 'object';
      lists
        .get(source)!
        .push(toConcept({ name, lexeme, category, sort, sure: own !== undefined, kind, source: `wordnet/${source}` }));
    }
  }
  for (const name of TEXTURES.split(', ')) {
    lists.get('texture')!.push(toConcept({ name, category: 'texture', kind: 'texture', source: 'wordnet/texture' }));
  }
  const everyday = [...lists.values()].reduce((n, list) => n + list.length, 0);
  if (limit > everyday)
    for (const concept of tail(wordnet, taken, names))
      lists.get(concept.source.slice('wordnet/'.length))?.push(concept);
  return keepMost(lists, limit);
}

/** Keeps `limit` concepts, each category in proportion to its share as long as it lasts; frequency falls slowly with the rank. */
function keepMost(lists: ReadonlyMap<string, Concept[]>, limit: number): Pool[] {
  const order: { concept: Concept; at: number; source: string }[] = [];
  for (const [source, list] of lists) {
    for (const [i, concept] of list.entries()) order.push({ concept, at: (i + 0.5) / SHARES[source].concepts, source });
  }
  order.sort((x, y) => x.at - y.at);
  const pools = new Map<string, Concept[]>();
  order.slice(0, limit).forEach(({ concept, source }, rank) => {
    const kept = pools.get(source) ?? [];
    kept.push({ ...concept, frequency: 1 / Math.sqrt(1 + rank / 1000) });
    pools.set(source, kept);
  });
  const total = [...pools.keys()].reduce((sum, s) => sum + SHARES[s].draws, 0);
  return [...pools].map(([source, concepts]) => ({
    source: `wordnet/${source}`,
    share: SHARES[source].draws / total,
    concepts,
  }));
}

/** Sorts that the rest of WordNet may add to: what has a look of its own. */
const WITH_A_LOOK = new Set<Kind>(
  (
    'dog,cat,livestock,pig,forest mammal,savanna mammal,mountain mammal,desert mammal,polar mammal,small mammal,bat,primate,river mammal,whale,' +
    'seal,bird,tropical bird,raptor,waterbird,penguin,poultry,ostrich,river fish,sea fish,sea creature,jellyfish,flying insect,crawler,snail,' +
    'amphibian,reptile,crocodile,sea turtle,dinosaur,tree,shrub,flower,herb,cactus,water plant,fungus,fern,fruit,vegetable,nut,bakery,dish,' +
    'drink,car,bus,truck,machine,bicycle,cart,train,aircraft,spacecraft,boat,furniture,appliance,electronics,instrument,clothing,accessory,shoe,textile,' +
    'jewellery,kitchenware,container,tool,toy,sports gear,lamp,ornament,building,bag,household appliance,kitchen appliance,machine part,' +
    'garden tool,planter,cleaning tool,pet supply,baby gear,gym gear,camping gear,candle,bath accessory'
  ).split(',') as Kind[],
);
/** Of animals and plants: one of these above, so that no bacterium, breed of stock or garden word slips in. */
const LIVING = new Set(
  'mammal,bird,fish,reptile,amphibian,insect,arachnid,crustacean,mollusk,echinoderm,coelenterate,tree,shrub,flower,herb,cactus,fungus,fern,aquatic plant,gramineous plant'.split(
    ',',
  ),
);

/** Visible nouns beyond the everyday ones, the most familiar first. */
function tail(wordnet: Wordnet, taken: ReadonlySet<string>, names: ReadonlySet<string>): Concept[] {
  const candidates: Synset[] = [];
  const children = new Map<string, number>();
  for (const synset of wordnet.all(TAIL_FILES)) {
    for (const parent of synset.parents) children.set(parent, (children.get(parent) ?? 0) + 1);
    if (!synset.instance && !taken.has(synset.id)) candidates.push(synset);
  }
  const glosses = wordnet.glossWords();
  const others = verbsAndAdjectives();
  const scored: { concept: Concept; score: number }[] = [];
  const seen = new Set(names);
  for (const synset of candidates) {
    // Words like `container` stand for everything and look like nothing.
    if ((children.get(synset.id) ?? 0) > 6) continue;
    let best: string | undefined;
    let score = 0;
    for (const word of synset.words) {
      if (!/^[a-z][a-z' -]+$/.test(word) || word.length < 3 || NEVER_WORDS.test(word)) continue;
      const parts = word.split(/[ -]/);
      if (parts.length === 1 && (others.has(word) || /(ing|ware|wear|clothes)$/.test(word))) continue;
      // A compound is as clear as its head: `barn swallow`, `wing chair`.
      if (parts.length > 2 || (parts.length === 2 && !names.has(parts[1]))) continue;
      const s =
        parts.length === 2
          ? Math.min(3, 0.1 * (glosses.get(parts[1]) ?? 0), 0.3 * (glosses.get(parts[0]) ?? 0))
          : (glosses.get(word) ?? 0);
      if (s > score) [best, score] = [word, s];
    }
    // Only the first meaning of a word: `jolly` is a mood before it is a boat.
    if (!best || score < 0.3 || seen.has(best) || wordnet.senses(best)[0] !== synset.id) continue;
    const lexeme = wordnet.lookup(best);
    if (lexeme?.synset !== synset.id || lexeme.partial || lexeme.hypernyms.some((h) => NEVER.has(h))) continue;
    const kind = kindOf(lexeme);
    const { category } = KINDS[kind];
    if (!WITH_A_LOOK.has(kind)) continue;
    // Of compounds that end in `house` or `shop`, most are institutions.
    if (
      kind === 'building' &&
      best.includes(' ') &&
      !/ (bridge|tower|temple|cabin|barn|mill|cottage|church)$/.test(best)
    )
      continue;
    if ((category === 'animal' || category === 'plant') && !lexeme.hypernyms.some((h) => LIVING.has(h))) continue;
    seen.add(best);
    const source = kind === 'building' ? 'building' : category;
    scored.push({
      concept: toConcept({ name: best, lexeme, category, kind: 'object', source: `wordnet/${source}` }),
      score,
    });
  }
  return scored.sort((x, y) => y.score - x.score || (x.concept.name < y.concept.name ? -1 : 1)).map((s) => s.concept);
}

const TAIL_FILES: ReadonlySet<string> = new Set(['noun.animal', 'noun.plant', 'noun.food', 'noun.artifact']);
