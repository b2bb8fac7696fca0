import type { Protocol } from '../protocol.js';
import { finetune } from './finetune.js';

/** All protocols, a line each. */
export const PROTOCOLS: readonly Protocol[] = [finetune];
