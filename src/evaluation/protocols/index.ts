import type { Protocol } from '../protocol.js';
import { finetune } from './finetune.js';
import { segmentationLinear } from './segmentation-linear.js';
import { upernet } from './upernet.js';

/** All protocols, a line each. */
export const PROTOCOLS: readonly Protocol[] = [
  // One a line: several hands add to it.
  finetune,
  segmentationLinear,
  upernet,
];
