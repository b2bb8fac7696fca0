import type { Words } from '../words.js';
import { WORDS as campAndBed } from './camp-and-bed.js';
import { WORDS as flatTextiles } from './flat-textiles.js';
import { WORDS as softFurnishings } from './soft-furnishings.js';

/** Household textiles. */
export const TEXTILES: Words = { ...campAndBed, ...flatTextiles, ...softFurnishings };
