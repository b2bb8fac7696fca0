import type { Words } from '../words.js';
import { WORDS as accessories } from './accessories.js';
import { WORDS as bags } from './bags.js';
import { WORDS as footwear } from './footwear.js';
import { WORDS as garments } from './garments.js';
import { WORDS as headwear } from './headwear.js';
import { WORDS as jewellery } from './jewellery.js';
import { WORDS as lowerGarments } from './lower-garments.js';

/** Clothes by garment, shoes, bags, what is worn with them. */
export const WEAR: Words = {
  ...jewellery,
  ...footwear,
  ...headwear,
  ...lowerGarments,
  ...garments,
  ...accessories,
  ...bags,
};
