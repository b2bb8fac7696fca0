import type { Words } from '../words.js';
import { WORDS as medical } from './medical.js';
import { WORDS as petsAndBabies } from './pets-and-babies.js';

/** Things for pets, babies and the sick. */
export const CARE: Words = { ...medical, ...petsAndBabies };
