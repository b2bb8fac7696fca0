import { wordsOf } from '../sketch.js';
import type { Words } from '../words.js';
import { deskLamp } from './desk-lamp.js';
import { chandelier, floorLamp, pendant, tableLamp } from './shades.js';
import { candle, flashlight, lantern, lightBulb, paperLantern, stringLights } from './small.js';

/** Lamps by name. */
export const LAMPS: Words = wordsOf([
  ['desk lamp, reading lamp, task lamp, gooseneck lamp, work lamp, architect lamp', deskLamp, { as: 'desk lamp' }],
  ['floor lamp, standing lamp, torchiere, arc lamp', floorLamp, { as: 'floor lamp' }],
  ['table lamp, lamp, bedside lamp, lampshade, electric lamp', tableLamp, { as: 'table lamp', category: 'artefact' }],
  [
    'pendant lamp, pendant light, hanging lamp, ceiling lamp, ceiling light, lighting fixture',
    pendant,
    { as: 'pendant lamp' },
  ],
  ['chandelier, pendant chandelier', chandelier, { as: 'chandelier' }],
  ['string lights, fairy lights, christmas lights, string light, light string', stringLights, { as: 'string lights' }],
  [
    'lantern, oil lamp, hurricane lamp, kerosene lamp, camping lantern, storm lantern',
    lantern,
    { as: 'lantern', category: 'artefact' },
  ],
  ['paper lantern, chinese lantern', paperLantern, { as: 'paper lantern', category: 'artefact' }],
  [
    'candle, taper, tea light, votive candle, scented candle, wax light, candlestick, candle holder',
    candle,
    { as: 'candle', category: 'artefact' },
  ],
  ['light bulb, lightbulb, bulb, incandescent lamp, led bulb', lightBulb, { as: 'light bulb', category: 'artefact' }],
  ['flashlight, torch, penlight, headlamp', flashlight, { as: 'flashlight', category: 'artefact' }],
]);
