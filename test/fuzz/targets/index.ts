import type { Target } from '../target.js';
import { CAPTIONS } from './captions.js';
import { CONCEPTS } from './concepts.js';
import { CONFIG } from './config.js';
import { CORPUS } from './corpus.js';
import { ENCODERS } from './encoders.js';
import { FORMATS } from './formats.js';
import { IMAGES } from './images.js';
import { REPORT } from './report.js';

/** Every parser of outside bytes, by room. A new one is one more entry of its room's list. */
export const TARGETS: readonly Target[] = [
  ...FORMATS,
  ...CONFIG,
  ...CONCEPTS,
  ...CAPTIONS,
  ...IMAGES,
  ...CORPUS,
  ...ENCODERS,
  ...REPORT,
];
