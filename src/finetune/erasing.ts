import type { Rng } from '../rng.js';

/** Random erasing (Zhong et al. 2020) as timm has it in `pixel` mode: one rectangle of a normalised picture becomes noise. */
export interface ErasingSettings {
  /** That a picture is erased at all. */
  probability: number;
  /** Least and largest share of the area. */
  area: readonly [number, number];
  /** Least and largest height over width, drawn log-uniformly. */
  aspect: readonly [number, number];
}

export interface Rectangle {
  top: number;
  left: number;
  height: number;
  width: number;
}

/** How often a rectangle that does not fit is drawn anew. */
const TRIES = 10;

/** Sides of a rectangle of so many pixels, rounded to whole numbers, halves to the even one. */
export function sidesOf(area: number, aspect: number): { height: number; width: number } {
  return { height: toEven(Math.sqrt(area * aspect)), width: toEven(Math.sqrt(area / aspect)) };
}

/** Whether it leaves something of the picture on either side. */
export const isSmaller = (r: { height: number; width: number }, height: number, width: number): boolean =>
  r.height < height && r.width < width;

function toEven(x: number): number {
  const down = Math.floor(x);
  if (x - down !== 0.5) return Math.round(x);
  return down % 2 === 0 ? down : down + 1;
}

/** Draws the rectangle to be erased. @returns undefined where none of ten is smaller than the picture */
export function drawRectangle(height: number, width: number, s: ErasingSettings, rng: Rng): Rectangle | undefined {
  const [low, high] = s.aspect.map(Math.log);
  for (let i = 0; i < TRIES; i++) {
    const area = rng.range(s.area[0], s.area[1]) * height * width;
    const sides = sidesOf(area, Math.exp(rng.range(low, high)));
    if (isSmaller(sides, height, width))
      return { ...sides, top: rng.int(height - sides.height + 1), left: rng.int(width - sides.width + 1) };
  }
  return undefined;
}

/** Erases, perhaps, in place. @param x [3, height, width], normalised */
export function erase(x: Float32Array, height: number, width: number, s: ErasingSettings, rng: Rng): void {
  if (!rng.chance(s.probability)) return;
  const r = drawRectangle(height, width, s, rng);
  if (!r) return;
  for (let c = 0; c < 3; c++)
    for (let y = r.top; y < r.top + r.height; y++) {
      const row = (c * height + y) * width;
      for (let at = row + r.left; at < row + r.left + r.width; at++) x[at] = rng.normal();
    }
}
