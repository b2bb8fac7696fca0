import type { Look } from '../../plan.js';

const COLOURS = [
  [220, 60, 50],
  [240, 190, 50],
  [60, 130, 210],
  [70, 170, 90],
  [240, 140, 50],
  [150, 80, 180],
] as const;
/** One of the bright paints of toys. */
export const paint = (look: Look, i: number) => ({
  colour: COLOURS[(i + Math.floor(look.t('first colour') * 6)) % 6],
  gloss: 0.4,
});
