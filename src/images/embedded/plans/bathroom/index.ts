import { wordsOf } from '../sketch.js';
import type { Words } from '../words.js';
import * as fixtures from './fixtures.js';
import * as things from './toiletries.js';

const artefact = { category: 'artefact' } as const;

/** What is in a bathroom, by name. */
export const BATHROOM: Words = wordsOf([
  ['bathtub, bath, bathing tub, tub, hot tub, jacuzzi', fixtures.bathtub, { as: 'bathtub', ...artefact }],
  [
    'sink, washbasin, bathroom sink, basin, washstand, washbowl, lavatory',
    fixtures.sink,
    { as: 'washbasin', ...artefact },
  ],
  ['kitchen sink', fixtures.kitchenSink, { as: 'kitchen sink' }],
  ['faucet, tap, spigot, mixer tap, water faucet, water tap', fixtures.faucet, { as: 'faucet', ...artefact }],
  [
    'toilet, commode toilet, toilet bowl, flush toilet, bidet, urinal, privy',
    fixtures.toilet,
    { as: 'toilet', ...artefact },
  ],
  ['shower, shower head, showerhead, shower stall, shower cabin', fixtures.shower, { as: 'shower', ...artefact }],
  ['towel rail, towel rack, towel bar, towel horse', fixtures.towelRail, { as: 'towel rail' }],
  ['toothbrush, electric toothbrush', things.toothbrush, { as: 'toothbrush' }],
  [
    'soap dispenser, hand soap, liquid soap, lotion dispenser, hand sanitizer, lotion',
    things.soapDispenser,
    { as: 'soap dispenser', ...artefact },
  ],
  [
    'shampoo, conditioner, shampoo bottle, shower gel, body wash, detergent, dish soap',
    things.shampoo,
    { as: 'shampoo bottle', ...artefact },
  ],
  ['soap, bar soap, bar of soap, soap dish', things.soap, { as: 'soap', ...artefact }],
  ['toilet paper, toilet tissue, toilet roll, bathroom tissue', things.toiletPaper, { as: 'toilet paper' }],
  ['paper towel, kitchen roll, kitchen paper, paper towel roll', things.kitchenRoll, { as: 'kitchen roll' }],
  ['razor, safety razor, shaver, disposable razor', things.razor, { as: 'razor', ...artefact }],
  ['comb, hair comb, pocket comb', things.comb, { as: 'comb', ...artefact }],
  ['hairbrush, hair brush', things.hairbrush, { as: 'hairbrush' }],
  ['toothpaste, tube of toothpaste, hand cream, sunscreen, ointment', things.tubeOfPaste, { as: 'tube', ...artefact }],
  ['sponge, bath sponge, kitchen sponge, loofah', things.sponge, { as: 'sponge', ...artefact }],
]);
