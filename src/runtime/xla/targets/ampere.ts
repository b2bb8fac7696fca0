import type { Card } from './card.js';

const A100: Omit<Card, 'name' | 'memory' | 'bandwidth'> = {
  capability: [8, 0],
  hasOwnInstructions: false,
  multiprocessors: 108,
  unitsPerMultiprocessor: 64,
  clock: 1.41,
  cache: 40 * 2 ** 20,
  shared: 164 * 1024,
  sharedOfBlock: 163 * 1024,
};

export const a100: Card = { ...A100, name: 'NVIDIA A100-SXM4-80GB', memory: 85_100_068_864, bandwidth: 2.03904e12 };
export const a100_40: Card = { ...A100, name: 'NVIDIA A100-SXM4-40GB', memory: 42_331_013_120, bandwidth: 1.5552e12 };
