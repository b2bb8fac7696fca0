import type { Kind } from '../../concepts/kinds.js';
import { LIVING } from './living.js';
import { MADE_THINGS } from './made.js';
import { OTHERS } from './other.js';
import type { Looks } from './words.js';

export type { Looks } from './words.js';

/** How things look, by their kind. */
export const LOOKS: Readonly<Record<Kind, Looks>> = { ...LIVING, ...MADE_THINGS, ...OTHERS };
