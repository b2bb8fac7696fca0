import { COLOURS, MATERIALS, type Surface as Stuff } from '../../captions/lexicon.js';
import { OWN_COLOURS } from '../../captions/own-looks.js';
import { KINDS, type Kind } from '../../concepts/kinds.js';
import { Rng } from '../../rng.js';
import { blend, hsl, jitter, lit, type Rgb } from './colour.js';
import { intendedDrawing } from './intended.js';
import type { Surface } from './pen.js';
import type { Look, Plan } from './plan.js';
import { PROPORTIONS } from './proportions.js';
import type { Texture } from './textures.js';

/** What a caption says of one thing in it. */
export interface Subject {
  /** As WordNet knows it, or as written. */
  name: string;
  kind?: Kind;
  /** Near to far. */
  hypernyms: readonly string[];
  /** Of a record: the name as it is said, its head, and what the list of concepts wants drawn. */
  phrase?: string;
  head?: string;
  drawAs?: string;
  count: number;
  colour?: string;
  secondColour?: string;
  material?: string;
  pattern?: string;
  acts: ReadonlySet<string>;
  /** The caption: what it leaves open about this thing is chosen once for all its images. */
  key: string;
}

/** Concepts keep their traits; this many are remembered. */
const REMEMBERED = 4096;
const traits = new Map<string, Map<string, number>>();

/** How much the word itself and its hypernyms, near to far, say about a trait: related words share most of it. */
const SHARES = [0.75, 1, 0.8, 0.5, 0.35];

/** A trait of a concept, uniform in 0…1 over concepts, correlated between relatives in WordNet. */
export function trait(subject: Pick<Subject, 'name' | 'hypernyms'>, name: string): number {
  const own = remembered(subject.name);
  let value = own.get(name);
  if (value === undefined) {
    let sum = 0;
    let squares = 0;
    [subject.name, ...subject.hypernyms].slice(0, SHARES.length).forEach((word, i) => {
      sum += SHARES[i] * Rng.of(0, 'trait', word, name).normal();
      squares += SHARES[i] ** 2;
    });
    value = normalCdf(sum / Math.sqrt(squares));
    const typical = typicalOf(subject, name);
    if (typical !== undefined) value = 0.9 * typical + 0.1 * value;
    own.set(name, value);
  }
  return value;
}

function typicalOf({ name, hypernyms }: Pick<Subject, 'name' | 'hypernyms'>, trait: string): number | undefined {
  for (const word of [name, ...hypernyms]) {
    const row = Object.hasOwn(PROPORTIONS, word) ? PROPORTIONS[word] : undefined;
    if (row && Object.hasOwn(row, trait)) return row[trait];
  }
  return undefined;
}

function remembered(name: string): Map<string, number> {
  let own = traits.get(name);
  if (!own) {
    if (traits.size >= REMEMBERED) traits.delete(traits.keys().next().value!);
    own = new Map();
    traits.set(name, own);
  }
  return own;
}

function normalCdf(x: number): number {
  // Logistic approximation, good to 0.01, which is plenty here.
  return 1 / (1 + Math.exp(-1.702 * x));
}

/** The look of one instance. @param rng the instance's own */
export function lookOf(subject: Subject, rng: Rng, view: Look['view']): { plan: Plan; look: Look } {
  const t = (name: string) => trait(subject, name);
  const category = subject.kind ? KINDS[subject.kind].category : 'artefact';
  const [main, second, third] = palette(subject, t, category, rng);
  const texture = coat(subject, t, category);
  const stuff = subject.material ? STUFF[MATERIALS[subject.material]] : undefined;
  const surface = (colour: Rgb): Surface => ({
    colour: stuff?.colour && !subject.colour ? jitter(stuff.colour, rng, 0.4) : colour,
    texture: stuff?.texture ?? texture,
    grain: (stuff ? 0.6 : 0.25 + 0.5 * t('grain')) * rng.range(0.7, 1.3),
    density: 0.7 + 1.6 * t('density'),
    gloss: stuff?.gloss ?? (category === 'artefact' || category === 'vehicle' ? 0.5 * t('gloss') : 0.12),
    clear: stuff?.clear,
  });
  const named = subject.pattern;
  const look: Look = {
    t,
    between: (name, low, high) => low + (high - low) * Math.min(1, Math.max(0, t(name) + rng.normal() * 0.07)),
    choose: (name, options) => options[Math.min(options.length - 1, Math.floor(t(name) * options.length))],
    main: surface(main),
    second: { colour: second, texture, grain: 0.25 },
    third: { colour: third },
    dark: { colour: jitter([38, 34, 32], rng, 0.4) },
    pattern: named ? (PATTERN_OF[named] ?? 'spots') : choosePattern(t, category),
    told: subject,
    rng,
    view,
    acts: subject.acts,
  };
  const { plan } = intendedDrawing({ ...subject, name: subject.phrase ?? subject.name });
  return { plan, look };
}

const PATTERN_OF: Readonly<Record<string, Look['pattern']>> = {
  striped: 'stripes',
  spotted: 'spots',
  speckled: 'spots',
  mottled: 'patches',
  checkered: 'bands',
  'polka-dot': 'spots',
  plaid: 'bands',
  'floral-patterned': 'spots',
  'two-tone': 'belly',
};

function choosePattern(t: (name: string) => number, category: string): Look['pattern'] {
  const x = t('pattern');
  if (category === 'animal')
    return x < 0.35 ? 'plain' : x < 0.55 ? 'belly' : x < 0.7 ? 'patches' : x < 0.85 ? 'spots' : 'stripes';
  return x < 0.7 ? 'plain' : x < 0.8 ? 'bands' : x < 0.9 ? 'spots' : 'stripes';
}

function coat(subject: Subject, t: (name: string) => number, category: string): Texture {
  const pick = (...options: Texture[]) =>
    options[Math.min(options.length - 1, Math.floor(t('texture') * options.length))];
  if (category === 'animal') {
    const scaly = subject.hypernyms.some((h) => h === 'reptile' || h === 'fish' || h === 'amphibian');
    return scaly ? pick('scales', 'pebbles', 'cloudy') : pick('fur', 'fur', 'cloudy', 'fine');
  }
  if (category === 'plant') return pick('leaves', 'cloudy', 'fur', 'fine');
  if (category === 'food') return pick('cloudy', 'pebbles', 'fine', 'cells');
  if (category === 'vehicle') return pick('cloudy', 'fine');
  return pick('cloudy', 'fine', 'wood', 'weave', 'stripes', 'cells', 'cracks');
}

const STUFF: Readonly<Record<Stuff, { texture: Texture; colour?: Rgb; gloss: number; clear?: number }>> = {
  wood: { texture: 'wood', colour: [142, 98, 58], gloss: 0.15 },
  metal: { texture: 'fine', colour: [150, 152, 158], gloss: 0.85 },
  stone: { texture: 'cracks', colour: [138, 134, 126], gloss: 0.05 },
  glass: { texture: 'cloudy', colour: [196, 216, 222], gloss: 0.95, clear: 0.35 },
  fabric: { texture: 'weave', gloss: 0.02 },
  leather: { texture: 'cells', colour: [102, 62, 38], gloss: 0.35 },
  plastic: { texture: 'cloudy', gloss: 0.6 },
  ceramic: { texture: 'cloudy', colour: [226, 222, 212], gloss: 0.75 },
  paper: { texture: 'fine', colour: [226, 218, 200], gloss: 0.02 },
  rubber: { texture: 'fine', colour: [52, 52, 54], gloss: 0.2 },
  straw: { texture: 'weave', colour: [198, 166, 104], gloss: 0.05 },
  fur: { texture: 'fur', gloss: 0.02 },
};

const ANIMAL: readonly Rgb[] = [
  [112, 78, 48],
  [72, 54, 40],
  [168, 128, 84],
  [206, 178, 138],
  [128, 126, 124],
  [44, 40, 40],
  [222, 216, 206],
  [150, 84, 44],
  [96, 92, 88],
  [188, 150, 96],
];
const GREEN: readonly Rgb[] = [
  [58, 112, 46],
  [96, 140, 58],
  [38, 82, 44],
  [128, 148, 76],
  [74, 104, 70],
];

/** Main, second and third colour of an instance: what the caption says, else what the concept tends to, with play. */
function palette(subject: Subject, t: (name: string) => number, category: string, rng: Rng): [Rgb, Rgb, Rgb] {
  const own = ownColour(subject, Rng.of(0, 'own colour', subject.key));
  const free = (name: string, saturation: number): Rgb =>
    hsl(t(name), saturation * (0.35 + 0.65 * t(`${name} vivid`)), 0.25 + 0.5 * t(`${name} light`));
  // Which of its colours a concept has varies from caption to caption, so that colour alone does not say which concept it is.
  const common = Rng.of(0, 'palette', subject.key, subject.name);
  const variant = common.chance(0.45) ? String(common.int(3)) : '';
  let main: Rgb;
  if (category === 'animal') {
    const vivid =
      subject.kind !== undefined &&
      /bird|fish|insect|reptile|amphibian|jelly|sea/.test(subject.kind) &&
      t('vivid') > 0.35;
    main = vivid ? free(`hue${variant}`, 0.85) : ANIMAL[Math.floor(t(`coat${variant}`) * ANIMAL.length * 0.9999)];
  } else if (category === 'plant')
    main =
      subject.kind === 'flower'
        ? free(`bloom${variant}`, 0.95)
        : GREEN[Math.floor(t(`green${variant}`) * GREEN.length * 0.9999)];
  else if (category === 'food')
    main = hsl(
      0.02 + 0.28 * t(`food hue${variant}`) ** 1.4,
      0.45 + 0.5 * t('food vivid'),
      0.32 + 0.38 * t('food light'),
    );
  else if (category === 'vehicle')
    main = common.chance(0.35)
      ? common.pick(NEUTRAL)
      : hsl(common.uniform(), common.range(0.3, 0.9), common.range(0.25, 0.6));
  else main = common.chance(0.3) ? common.pick(NEUTRAL) : free(`hue${variant}`, 0.7);
  if (own) main = own;
  if (subject.colour) main = toRgb(subject.colour);
  main = jitter(main, rng, subject.colour ? 0.4 : 0.5);
  const second = subject.secondColour
    ? jitter(toRgb(subject.secondColour), rng, 0.4)
    : t('contrast') > 0.5
      ? blend(main, t('second dark') > 0.5 ? [28, 24, 22] : [240, 234, 222], 0.45 + 0.4 * t('contrast'))
      : jitter(
          category === 'animal'
            ? ANIMAL[Math.floor(t('second coat') * ANIMAL.length * 0.9999)]
            : free('second hue', 0.8),
          rng,
          0.5,
        );
  const third = category === 'animal' ? lit(second, 0.85) : jitter(free('third hue', 0.85), rng, 0.4);
  return [main, second, third];
}

const NEUTRAL: readonly Rgb[] = [
  [232, 232, 230],
  [36, 36, 40],
  [128, 130, 134],
  [188, 190, 194],
];

/** A colour that goes with the concept's name (`OWN_COLOURS`), if it has one. */
function ownColour({ name, hypernyms }: Subject, rng: Rng): Rgb | undefined {
  for (const word of [name, ...hypernyms.slice(0, 3)]) {
    const colours = OWN_COLOURS.get(word)?.filter((c: string) => c in COLOURS);
    if (colours && colours.length > 0) return toRgb(rng.pick(colours));
  }
  return undefined;
}

const toRgb = (name: string): Rgb => (Object.hasOwn(COLOURS, name) ? COLOURS[name] : [128, 128, 128]);
