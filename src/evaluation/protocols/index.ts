import type { Protocol } from '../protocol.js';
import { segmentationLinear } from './segmentation-linear.js';

/** All protocols, a line each. */
export const PROTOCOLS: readonly Protocol[] = [segmentationLinear];
