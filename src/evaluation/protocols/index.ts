import type { Protocol } from '../protocol.js';
import { clustering } from './clustering.js';
import { fewShot } from './few-shot.js';
import { finetune } from './finetune.js';
import { knn } from './knn.js';
import { linear } from './linear.js';
import { logistic } from './logistic.js';
import { retrieval } from './retrieval.js';
import { segmentationLinear } from './segmentation-linear.js';
import { shapeBias } from './shape-bias.js';
import { upernet } from './upernet.js';
import { zeroShot } from './zero-shot.js';

/** All protocols, a line each. */
export const PROTOCOLS: readonly Protocol[] = [
  // One a line: several hands add to it.
  knn,
  linear,
  logistic,
  fewShot,
  retrieval,
  clustering,
  zeroShot,
  shapeBias,
  finetune,
  segmentationLinear,
  upernet,
];
