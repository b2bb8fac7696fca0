import type { Protocol } from '../protocol.js';

/** All protocols, a line each. */
export const PROTOCOLS: readonly Protocol[] = [];
