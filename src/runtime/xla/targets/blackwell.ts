import type { Card } from './card.js';

export const b200: Card = {
  name: 'NVIDIA B200',
  capability: [10, 0],
  hasOwnInstructions: true,
  multiprocessors: 148,
  unitsPerMultiprocessor: 128,
  clock: 1.965,
  memory: 191_514_411_008,
  bandwidth: 7.67232e12,
  cache: 132_644_864,
  shared: 228 * 1024,
  sharedOfBlock: 227 * 1024,
};
