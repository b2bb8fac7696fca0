import type { Words } from '../words.js';
import { WORDS as audio } from './audio.js';
import { WORDS as cameras } from './cameras.js';
import { WORDS as computers } from './computers.js';
import { WORDS as gadgets } from './gadgets.js';
import { WORDS as records } from './records.js';

/** Computers, sound, cameras and small electronics. */
export const ELECTRONICS: Words = { ...cameras, ...gadgets, ...records, ...audio, ...computers };
