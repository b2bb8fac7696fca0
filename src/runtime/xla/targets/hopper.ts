import type { Card } from './card.js';

const H100: Omit<Card, 'name' | 'memory' | 'bandwidth'> = {
  capability: [9, 0],
  hasOwnInstructions: true,
  multiprocessors: 132,
  unitsPerMultiprocessor: 128,
  clock: 1.98,
  cache: 50 * 2 ** 20,
  shared: 228 * 1024,
  sharedOfBlock: 227 * 1024,
};

export const h100: Card = { ...H100, name: 'NVIDIA H100 80GB HBM3', memory: 84_942_979_072, bandwidth: 3.35232e12 };
export const h200: Card = { ...H100, name: 'NVIDIA H200 141GB HBM3e', memory: 151_397_597_184, bandwidth: 4.8e12 };
