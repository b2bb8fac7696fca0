/**
 * The visual words of the embedded writer, and what each means to a painter: closed lists, so that what a caption says about colour,
 * number, material, time and weather can be found in it again. The gazetteer of backgrounds lives in concepts/, since draws need it, and is passed on here.
 */

export { type Background, GAZETTEER, OUTDOORS, type Scene, sameHead } from '../concepts/gazetteer.js';

/** Colour words → sRGB of a typical surface of that name, 0…255 (after the CSS names, darker and duller than the screen's primaries). */
export const COLOURS: Readonly<Record<string, readonly [number, number, number]>> = {
  red: [196, 40, 36],
  crimson: [160, 20, 50],
  maroon: [110, 28, 32],
  scarlet: [214, 44, 20],
  orange: [228, 124, 34],
  amber: [222, 152, 32],
  yellow: [234, 204, 54],
  golden: [212, 166, 58],
  green: [62, 138, 58],
  'dark green': [28, 78, 42],
  'light green': [142, 196, 112],
  olive: [118, 116, 52],
  mint: [166, 220, 186],
  blue: [46, 96, 176],
  'dark blue': [24, 44, 104],
  'light blue': [140, 188, 222],
  navy: [28, 36, 80],
  turquoise: [64, 190, 186],
  teal: [24, 122, 124],
  purple: [112, 60, 146],
  violet: [132, 84, 180],
  lavender: [182, 168, 216],
  pink: [230, 146, 172],
  magenta: [190, 44, 128],
  coral: [232, 122, 98],
  brown: [112, 72, 42],
  'dark brown': [66, 42, 28],
  'light brown': [164, 122, 82],
  chestnut: [128, 62, 40],
  tan: [198, 164, 120],
  beige: [220, 204, 174],
  cream: [240, 228, 196],
  white: [240, 240, 236],
  ivory: [238, 232, 210],
  grey: [134, 136, 138],
  'dark grey': [76, 78, 82],
  'light grey': [188, 190, 192],
  silver: [190, 194, 200],
  bronze: [150, 104, 58],
  copper: [176, 96, 58],
  black: [30, 30, 32],
};

/** Pattern and finish words that stand where a colour may stand. */
export const PATTERNS = [
  'striped',
  'spotted',
  'speckled',
  'mottled',
  'checkered',
  'polka-dot',
  'plaid',
  'floral-patterned',
  'two-tone',
] as const;

/** Kinds of surface that materials have. */
export type Surface =
  | 'wood'
  | 'metal'
  | 'stone'
  | 'glass'
  | 'fabric'
  | 'leather'
  | 'plastic'
  | 'ceramic'
  | 'paper'
  | 'rubber'
  | 'straw'
  | 'fur';

/** Material words, as adjectives before a noun → surface. */
export const MATERIALS: Readonly<Record<string, Surface>> = {
  wooden: 'wood',
  oak: 'wood',
  bamboo: 'wood',
  plywood: 'wood',
  metal: 'metal',
  steel: 'metal',
  brass: 'metal',
  iron: 'metal',
  aluminium: 'metal',
  tin: 'metal',
  'wrought-iron': 'metal',
  'cast-iron': 'metal',
  stone: 'stone',
  marble: 'stone',
  granite: 'stone',
  brick: 'stone',
  concrete: 'stone',
  glass: 'glass',
  crystal: 'glass',
  cotton: 'fabric',
  denim: 'fabric',
  linen: 'fabric',
  silk: 'fabric',
  velvet: 'fabric',
  woollen: 'fabric',
  knitted: 'fabric',
  canvas: 'fabric',
  felt: 'fabric',
  leather: 'leather',
  suede: 'leather',
  plastic: 'plastic',
  vinyl: 'plastic',
  ceramic: 'ceramic',
  porcelain: 'ceramic',
  clay: 'ceramic',
  enamel: 'ceramic',
  terracotta: 'ceramic',
  cardboard: 'paper',
  paper: 'paper',
  rubber: 'rubber',
  wicker: 'straw',
  straw: 'straw',
  plush: 'fur',
};

/** Number words before a plural → how many; `pair of` and the vague ones too. */
export const NUMBERS: Readonly<Record<string, number>> = {
  two: 2,
  'a pair of': 2,
  'a couple of': 2,
  three: 3,
  'a trio of': 3,
  four: 4,
  five: 5,
  six: 6,
  'half a dozen': 6,
  seven: 7,
  several: 5,
  'a few': 3,
  'a group of': 5,
  'a row of': 5,
  'a cluster of': 6,
  'a dozen': 12,
  'dozens of': 24,
  many: 12,
};

export type Daytime = 'dawn' | 'day' | 'sunset' | 'dusk' | 'night';

/** Time of day, as a phrase at the end of a caption → light. */
export const TIMES: Readonly<Record<string, Daytime>> = {
  'at dawn': 'dawn',
  'at daybreak': 'dawn',
  'at sunrise': 'dawn',
  'at first light': 'dawn',
  'early in the morning': 'dawn',
  'in the morning': 'day',
  'at noon': 'day',
  'at midday': 'day',
  'in the afternoon': 'day',
  'in broad daylight': 'day',
  'in the late afternoon': 'sunset',
  'at sunset': 'sunset',
  'at golden hour': 'sunset',
  'in the evening': 'dusk',
  'at dusk': 'dusk',
  'at twilight': 'dusk',
  'at blue hour': 'dusk',
  'at night': 'night',
  'after dark': 'night',
  'by moonlight': 'night',
};

export type Weather = 'sun' | 'cloud' | 'rain' | 'snow' | 'fog' | 'storm' | 'wind';

/** Weather, as a phrase at the end of a caption → what it looks like. */
export const WEATHER: Readonly<Record<string, Weather>> = {
  'on a sunny day': 'sun',
  'on a bright summer day': 'sun',
  'under a clear blue sky': 'sun',
  'in bright sunshine': 'sun',
  'on a cloudless day': 'sun',
  'on an overcast day': 'cloud',
  'on a cloudy day': 'cloud',
  'under a grey sky': 'cloud',
  'under heavy clouds': 'cloud',
  'in the rain': 'rain',
  'on a rainy day': 'rain',
  'during a downpour': 'rain',
  'in light drizzle': 'rain',
  'in falling snow': 'snow',
  'on a snowy day': 'snow',
  'during a snowfall': 'snow',
  'in thick fog': 'fog',
  'on a foggy morning': 'fog',
  'in morning mist': 'fog',
  'on a hazy day': 'fog',
  'under storm clouds': 'storm',
  'before a thunderstorm': 'storm',
  'on a windy day': 'wind',
};

/** Relations of the third template (paper, section 3.1) → where the first thing is, seen from the second. */
export const RELATIONS: Readonly<Record<string, 'inside' | 'on' | 'beside' | 'behind' | 'front' | 'above' | 'below'>> =
  {
    in: 'inside',
    on: 'on',
    'next to': 'beside',
    behind: 'behind',
    'in front of': 'front',
    over: 'above',
    under: 'below',
    above: 'above',
    below: 'below',
    besides: 'beside',
  };

export type Style = 'photo' | 'drawing' | 'painting' | 'render' | 'monochrome' | 'film';

/** Opening words that tell the medium, `… of a dog` → style. */
export const STYLES: Readonly<Record<string, Style>> = {
  'a photo': 'photo',
  'a photograph': 'photo',
  'a candid photo': 'photo',
  'a sharp photo': 'photo',
  'a detailed photo': 'photo',
  'a blurry photo': 'photo',
  'a snapshot': 'photo',
  'a phone snapshot': 'photo',
  'a studio photo': 'photo',
  'a professional photo': 'photo',
  'an old photo': 'film',
  'a grainy film photo': 'film',
  'a faded polaroid': 'film',
  'a vintage photo': 'film',
  'a black and white photo': 'monochrome',
  'a sepia photo': 'monochrome',
  'a pencil sketch': 'drawing',
  'an ink drawing': 'drawing',
  'a children’s book illustration': 'drawing',
  'a flat illustration': 'drawing',
  'a cartoon': 'drawing',
  'a watercolour painting': 'painting',
  'an oil painting': 'painting',
  'an acrylic painting': 'painting',
  'a 3D rendering': 'render',
  'a low-poly rendering': 'render',
};

export type View = 'close' | 'far' | 'top' | 'low' | 'side' | 'front' | 'back' | 'cropped' | 'bokeh' | 'through';

/** Opening words that tell the viewpoint, `… of a dog` → camera. */
export const VIEWS: Readonly<Record<string, View>> = {
  'a close-up': 'close',
  'a close-up photo': 'close',
  'a macro shot': 'close',
  'a tightly framed shot': 'close',
  'a wide shot': 'far',
  'a wide-angle view': 'far',
  'a distant view': 'far',
  'a long shot': 'far',
  'an aerial view': 'top',
  'a top-down view': 'top',
  'an overhead shot': 'top',
  'a bird’s-eye view': 'top',
  'a low-angle shot': 'low',
  'a side view': 'side',
  'a profile view': 'side',
  'a front view': 'front',
  'a head-on view': 'front',
  'a rear view': 'back',
  'a cropped view': 'cropped',
  'a shallow-focus shot': 'bokeh',
};
