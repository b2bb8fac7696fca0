import type { Words } from '../words.js';
import { WORDS as cleaning } from './cleaning.js';
import { WORDS as fasteners } from './fasteners.js';
import { WORDS as gardenTools } from './garden-tools.js';
import { WORDS as handTools } from './hand-tools.js';
import { WORDS as measuring } from './measuring.js';
import { WORDS as powerTools } from './power-tools.js';

/** Tools of the workshop, the garden and the house. */
export const TOOLS: Words = { ...cleaning, ...measuring, ...gardenTools, ...fasteners, ...powerTools, ...handTools };
