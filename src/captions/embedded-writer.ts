import { sideOf } from '../concepts/companions.js';
import { OUTDOORS } from '../concepts/gazetteer.js';
import type { Company } from '../concepts/kinds.js';
import { Rng } from '../rng.js';
import { contradicts, framing, light, type Stage } from './atmosphere.js';
import type { Behaviour } from './behaviour.js';
import { hasFace, opening } from './camera.js';
import type { Completion } from './language-model.js';
import {
  capital,
  featurePhrase,
  type NounPhrase,
  nounPhrase,
  placePhrase,
  type VerbPhrase,
  verbPhrase,
} from './phrases.js';
import { placeCaption, textureCaption } from './places.js';
import type { CaptionWriter, Draw, WriteOptions } from './record.js';
import { RELATION_VERBS } from './relations.js';
import { freeSetting, type Setting } from './setting.js';
import { type Traits, traitsOf } from './traits.js';

/**
 * The writer without weights: a grammar over what WordNet and our own tables know of a concept. A caption is a plan (who, how many, what
 * like, doing what, where, in what light, seen how), put into one of many sentence frames.
 */
export class EmbeddedWriter implements CaptionWriter {
  readonly name = 'embedded';

  async write(draws: readonly Draw[], { seed, attempt }: WriteOptions): Promise<Completion[]> {
    const again = attempt === 0 ? [] : [attempt];
    return draws.map((draw) => ({
      text: writeCaption(draw, Rng.of(seed, 'caption', draw.id, ...again)),
      cut: false,
    }));
  }
}

/** One caption; depends on the draw and the generator alone. */
export function writeCaption(draw: Draw, rng: Rng): string {
  if (draw.kind === 'place') return placeCaption(draw.concept, rng);
  if (draw.kind === 'texture') return textureCaption(draw.concept, rng);
  const traits = traitsOf(draw.concept, draw);
  if (draw.template === 'relation' && draw.relation && draw.related) return relationCaption(draw, traits, rng);
  return objectCaption(draw, traits, rng);
}

interface Plan {
  /** `a close-up`, or ''. */
  opening: string;
  subject: NounPhrase;
  /** ` with a red collar`, or ''. */
  feature: string;
  verb?: VerbPhrase;
  /** The act is a plain posture, so `on a wall sits a cat` works. */
  posture: boolean;
  place: string;
  light: string;
  /** `seen from behind`, or ''. */
  framing: string;
  /** See {@link lightStage}. */
  lightStage: Stage;
}

const POSTURES = new Set([
  'sit',
  'stand',
  'lie',
  'rest',
  'hang',
  'grow',
  'float',
  'stand still',
  'sleep',
  'hide',
  'swim',
  'drift',
]);

function objectCaption(draw: Draw, traits: Traits, rng: Rng): string {
  const { company } = traits.facts;
  let setting: Setting | undefined;
  if (draw.background !== undefined) setting = traits.byName.get(draw.background) ?? freeSetting(draw.background);
  else if (traits.settings.length > 0 && rng.chance(0.72)) setting = rng.pick(traits.settings);
  const stage: Stage = setting?.stage ?? 'nowhere';
  const outdoors = setting !== undefined && OUTDOORS.has(setting.scene);

  const open = rng.chance(0.5) ? opening(company, setting !== undefined, outdoors, rng) : undefined;
  const colourless = open?.monochrome === true;
  let subject = nounPhrase(traits, { colour: colourless ? 0 : 0.72, adjective: 0.4, material: 0.3 }, rng);
  const showLight = !setting || !/sky|evening|night|mist|fog|sun|frost|blizzard|space/.test(setting.name);
  let lit =
    showLight && rng.chance(setting ? 0.45 : 0.55)
      ? light(lightStage(stage, company), setting?.scene, hardyAt(traits, setting), rng)
      : '';
  // `Five bolts lie` alone is no picture.
  const bareish = !open && !setting && lit === '';
  const frame =
    !open && (bareish || rng.chance(0.3))
      ? framing(hasFace(company) && !/sea creature|jellyfish/.test(traits.sort), outdoors, rng)
      : '';
  // An image should follow from its caption: at least two things to see besides the concept.
  const seen = subject.attributes + (setting ? 1 : 0) + (lit ? 1 : 0) + (open ? 1 : 0) + (frame ? 1 : 0);
  if (seen < 2) {
    if (!lit && showLight) lit = light(lightStage(stage, company), setting?.scene, hardyAt(traits, setting), rng);
    if (subject.attributes === 0)
      subject = nounPhrase(traits, { colour: colourless ? 0 : 1, adjective: 0.7, material: 0.5 }, rng);
  }
  const acts = actsAt(traits.behaviour, stage, traits);
  const act = acts.length > 0 && rng.chance(0.72) ? rng.pick(acts) : undefined;
  const place = setting ? placePhrase(setting, rng) : '';
  if (contradicts(place, lit)) lit = '';
  return sentence(
    {
      opening: open?.text ?? '',
      subject,
      feature: rng.chance(0.24) ? featureOf(traits, subject, rng) : '',
      verb: act === undefined ? undefined : verbPhrase(act, subject.plural, subject.many),
      posture: act !== undefined && POSTURES.has(act),
      place,
      light: lit,
      framing: frame,
      lightStage: lightStage(stage, company),
    },
    rng,
  );
}

/** ` with a red collar`, unless the subject has said as much: no chipped cup with a chipped edge. */
function featureOf(traits: Traits, subject: NounPhrase, rng: Rng): string {
  const { features } = traits.looks;
  if (features.length === 0) return '';
  const feature = featurePhrase(rng.pick(features), subject.many);
  return feature.split(' ').some((word) => word.length > 3 && subject.text.includes(word)) ? '' : ` with ${feature}`;
}

/** Where no place is named, light is what it would be where such things usually are. */
function lightStage(stage: Stage, company: Company): Stage {
  if (stage !== 'nowhere') return stage;
  if (company === 'aquatic') return 'underwater';
  return /thing|food|worn/.test(company) ? 'indoor' : 'open';
}

function hardyAt(traits: Traits, setting: Setting | undefined): boolean {
  return (
    traits.hardy &&
    setting !== undefined &&
    !/autumn|summer|spring|bloom|flower|wheat|corn|leaves|tropical/.test(setting.name)
  );
}

function actsAt(behaviour: Behaviour, stage: Stage, traits: Traits): readonly string[] {
  const { rest, move, water, under, air } = behaviour;
  switch (stage) {
    case 'open':
      return move.length > 0 && (rest.length === 0 || traits.facts.category !== 'animal')
        ? move
        : restOrMove(behaviour);
    case 'water':
      return water;
    case 'underwater':
      return under.length > 0 ? under : water;
    case 'air':
      return air.length > 0 ? air : /tree|building/.test(traits.facts.company) ? rest : [];
    case 'nowhere':
      return traits.facts.company === 'aquatic' && under.length > 0 ? under : rest;
    default:
      return rest;
  }
}

const BOTH = new WeakMap<Behaviour, readonly string[]>();

function restOrMove(behaviour: Behaviour): readonly string[] {
  let both = BOTH.get(behaviour);
  if (!both) BOTH.set(behaviour, (both = [...behaviour.move, ...behaviour.move, ...behaviour.rest]));
  return both;
}

const SHOWS = [
  'This photo shows',
  'The picture shows',
  'The image shows',
  'Here we see',
  'You can see',
  'The photo captures',
  'This image features',
  'In view:',
].filter((s) => !s.endsWith(':'));
const LIGHT_ON: Readonly<Record<'out' | 'in', readonly string[]>> = {
  out: [
    'Soft morning light falls on',
    'The low sun lights up',
    'Warm evening light falls on',
    'Bright sunlight falls on',
    'Long shadows surround',
    'Moonlight falls on',
    'A pale sun shines on',
    'Thin fog surrounds',
    'Golden light washes over',
    'Dappled sunlight falls on',
  ],
  in: [
    'Soft window light falls on',
    'A lamp lights up',
    'Warm lamplight falls on',
    'A beam of sunlight falls on',
    'Dim light falls on',
    'A bright spotlight falls on',
    'Cool light falls on',
    'Candlelight falls on',
  ],
};

/** Joins what there is with single spaces. */
function join(...parts: string[]): string {
  let out = '';
  for (const part of parts) if (part !== '') out += out === '' ? part : ` ${part}`;
  return out;
}

/** A phrase that is set off by a comma: `, seen from above`. */
function aside(phrase: string): string {
  return phrase === '' ? '' : `, ${phrase}`;
}

/** Light that reads as an aside: `, lit from one side`. */
function attach(text: string, phrase: string): string {
  if (phrase === '') return text;
  return /^(lit|seen|surrounded|backlit|as|with)\b/.test(phrase) ? `${text}, ${phrase}` : `${text} ${phrase}`;
}

function sentence(plan: Plan, rng: Rng): string {
  const { subject, feature, place } = plan;
  const who = subject.text + feature;
  // Nothing is said twice: no folded shirt lies folded.
  const verb = plan.verb && who.includes(plan.verb.participle.split(' ', 1)[0]) ? undefined : plan.verb;
  const be = subject.plural ? 'are' : 'is';
  const participle = verb?.participle ?? '';
  const finite = verb ? verb.finite : place !== '' ? (/^(against|in the|above)\b/.test(place) ? `${be} seen` : be) : '';
  const tail = plan.framing === '' ? '' : aside(plan.framing);
  const fragment = attach(join(who, participle, place), plan.light) + tail;
  if (plan.opening !== '') return `${capital(plan.opening)} of ${fragment}`;

  const u = rng.uniform();
  if (u < 0.3 || (finite === '' && u < 0.55)) return capital(fragment);
  if (u < 0.4) return `${rng.pick(SHOWS)} ${fragment}.`;
  if (u < 0.47) {
    const where = place === '' ? '' : place;
    return `There ${be} ${attach(join(who, participle, where), plan.light)}${tail}.`;
  }
  if (u < 0.54 && !/underwater|air/.test(plan.lightStage)) {
    const list = plan.lightStage === 'open' || plan.lightStage === 'water' ? LIGHT_ON.out : LIGHT_ON.in;
    return `${rng.pick(list)} ${join(who, participle, place)}${tail}.`;
  }
  if (finite === '') return capital(fragment);
  if (u < 0.62 && place !== '') {
    if (plan.posture && verb && rng.chance(0.5))
      return `${attach(capital(join(place, verb.finite, who)), plan.light)}.`;
    return `${attach(`${capital(place)}, ${join(who, verb ? finite : `${be} seen`)}`, plan.light)}.`;
  }
  if (u < 0.69 && plan.light !== '' && !/^(as|with|surrounded)\b/.test(plan.light)) {
    return `${capital(plan.light)}, ${join(who, finite, place)}${tail}.`;
  }
  if (u < 0.77 && subject.bare !== '' && subject.attributes > 0) {
    return `${attach(join('The', subject.bare + feature, finiteOfBare(plan, verb), place), plan.light)}${tail}.`;
  }
  if (u < 0.84 && verb && place !== '' && participle.includes(' '))
    return `${attach(capital(join(who, place)), plan.light)}, ${participle}`;
  if (u < 0.92 && verb && !/^(is|are) /.test(verb.finite))
    return `${attach(capital(join(who, be, participle, place)), plan.light)}${tail}.`;
  return `${attach(capital(join(who, finite, place)), plan.light)}${tail}.`;
}

/** After `the brown dogs`, the verb agrees with the noun, not with `a group of`. */
function finiteOfBare({ subject, place }: Plan, verb: VerbPhrase | undefined): string {
  if (!verb) return place === '' ? '' : subject.many ? 'are' : 'is';
  if (subject.plural || !subject.many) return verb.finite;
  return `are ${verb.participle}`;
}

function relationCaption(draw: Draw, traits: Traits, rng: Rng): string {
  const relation = draw.relation!;
  const side = sideOf(relation);
  const { relatedSort: sort, relatedSynset: synset, relatedHead: head } = draw;
  const other = traitsOf(draw.related!, { sort, synset, head });
  const { company } = traits.facts;
  // A place of its own only where it cannot clash with the other thing's.
  const rooms = side === 'beside' && company !== 'aquatic' && rng.chance(0.3) ? traits.settings : [];
  const drawn = rooms.length > 0 ? rng.pick(rooms) : undefined;
  const setting = drawn && drawn.preposition === 'in' && drawn.stage !== 'surface' ? drawn : undefined;
  const outdoors = setting
    ? OUTDOORS.has(setting.scene)
    : /animal|road|rail|aircraft|boat|tree|building|flyer|insect|person/.test(company);
  const stage: Stage = setting?.stage ?? (company === 'aquatic' ? 'underwater' : outdoors ? 'open' : 'indoor');

  const open = rng.chance(0.45) ? opening(company, setting !== undefined, outdoors, rng) : undefined;
  const colour = open?.monochrome ? 0 : 1;
  const subject = nounPhrase(traits, { colour: 0.65 * colour, adjective: 0.35, material: 0.25, many: 0.15 }, rng);
  // Of a sky or a valley one does not say that it is simple or made of steel.
  const plain = other.facts.category === 'place' || other.sort === 'thing';
  const second = nounPhrase(
    other,
    { colour: plain ? 0 : 0.45 * colour, adjective: plain ? 0 : 0.25, material: plain ? 0 : 0.25, many: 0 },
    rng,
  );
  const verbs = RELATION_VERBS[company][side];
  // Without a verb, `over` and `under` would hang in the air.
  const act = rng.chance(side === 'over' || side === 'under' ? 1 : 0.8) ? rng.pick(verbs) : undefined;
  const lit = rng.chance(subject.attributes + second.attributes < 2 ? 0.8 : 0.35)
    ? light(stage, setting?.scene, false, rng)
    : '';
  const verb = act === undefined ? undefined : verbPhrase(act, subject.plural, subject.many);
  return sentence(
    {
      opening: open?.text ?? '',
      subject,
      feature: rng.chance(0.12) ? featureOf(traits, subject, rng) : '',
      verb,
      posture: act !== undefined && POSTURES.has(act),
      place: join(`${relation} ${second.text}`, setting ? placePhrase(setting, rng) : ''),
      light: lit,
      framing: !open && rng.chance(0.15) ? framing(hasFace(company), outdoors, rng) : '',
      lightStage: stage,
    },
    rng,
  );
}
