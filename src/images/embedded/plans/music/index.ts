import type { Words } from '../words.js';
import { WORDS as stringsAndKeys } from './strings-and-keys.js';
import { WORDS as windsAndDrums } from './winds-and-drums.js';

/** Musical instruments. */
export const MUSIC: Words = { ...windsAndDrums, ...stringsAndKeys };
