import type { Words } from '../words.js';
import { WORDS as deskThings } from './desk-things.js';
import { WORDS as paper } from './paper.js';
import { WORDS as wall } from './wall.js';
import { WORDS as writing } from './writing.js';

/** What lies on desks and hangs in offices. */
export const OFFICE: Words = { ...deskThings, ...wall, ...paper, ...writing };
