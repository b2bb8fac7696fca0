import type { Words } from '../words.js';
import { WORDS as balls } from './balls.js';
import { WORDS as boards } from './boards.js';
import { WORDS as dolls } from './dolls.js';
import { WORDS as games } from './games.js';
import { WORDS as sports } from './sports.js';
import { WORDS as toys } from './toys.js';

/** Toys, games and sports gear. */
export const PLAY: Words = { ...boards, ...sports, ...balls, ...games, ...dolls, ...toys };
