import { z } from 'zod';
import { drawRectangle, type ErasingSettings, isSmaller, type Rectangle, sidesOf } from '../../finetune/erasing.js';
import { readJsonAs } from '../../formats/json.js';
import { Rng } from '../../rng.js';
import { absolute, quantiles } from './finetune-compare.js';
import type { Check } from './index.js';

const number = z.number();
const drawn = z.looseObject({
  draws: z.int().positive(),
  nothing_fits_after_10_tries: number,
  area_fraction: z.looseObject({ mean: number, quantile_levels: z.array(number), quantiles: z.array(number) }),
  log_aspect_h_over_w: z.looseObject({ mean: number, std: number, quantiles: z.array(number) }),
  relative_top_mean: number.optional(),
  relative_left_mean: number.optional(),
  standard_error_of_mean_area: number,
  shapes_areaFraction_logAspect_h_w_accepted: z
    .array(z.tuple([number, number, number, number, z.boolean()]))
    .optional(),
});
const file = z.looseObject({
  min_area: number,
  max_area: number,
  min_aspect: number,
  max_aspect: number,
  sizes: z.record(z.string(), drawn),
});

export const isErasing = (json: unknown): boolean => file.safeParse(json).success;

/** Draws here are so many times those of the case, so that only its own scatter counts. */
const TIMES = 8;

/** Rectangles of given areas and aspects, and how those that are drawn are distributed. */
export async function* verifyErasing(path: string): AsyncIterable<Check> {
  const j = await readJsonAs(path, file);
  const s: ErasingSettings = {
    probability: 1,
    area: [j.min_area, j.max_area],
    aspect: [j.min_aspect, j.max_aspect],
  };
  for (const [size, c] of Object.entries(j.sizes)) {
    const [height, width] = size.split('x').map(Number);
    for (const [area, logAspect, h, w, accepted] of c.shapes_areaFraction_logAspect_h_w_accepted ?? []) {
      const sides = sidesOf(area * height * width, Math.exp(logAspect));
      const same = sides.height === h && sides.width === w && isSmaller(sides, height, width) === accepted;
      yield { name: `${size}: ${area} of the area, log aspect ${logAspect}`, off: same ? 0 : 1, bar: 0 };
    }
    const rng = Rng.of(1, 'verify', size);
    const n = TIMES * c.draws;
    const all = Array.from({ length: n }, () => drawRectangle(height, width, s, rng));
    const found = all.filter((r): r is Rectangle => r !== undefined);
    // A share that is not there among so many may be one of three in that many.
    const none = (n - found.length) / n;
    const noneThere = c.nothing_fits_after_10_tries / c.draws;
    yield {
      name: `${size}: none fits`,
      off: Math.abs(none - noneThere),
      bar: 3 / c.draws + 4 * rootOf(noneThere, c.draws),
    };
    const areas = Float64Array.from(found, (r) => (r.height * r.width) / (height * width)).sort();
    const aspects = Float64Array.from(found, (r) => Math.log(r.height / r.width)).sort();
    const levels = c.area_fraction.quantile_levels;
    yield {
      name: `${size}: mean area`,
      off: Math.abs(meanOf(areas) - c.area_fraction.mean),
      bar: 4 * c.standard_error_of_mean_area,
    };
    yield {
      name: `${size}: quantiles of the area`,
      off: absolute(quantiles(areas, levels), c.area_fraction.quantiles),
      bar: 0.01,
    };
    const { mean, std, quantiles: q } = c.log_aspect_h_over_w;
    yield {
      name: `${size}: mean log aspect`,
      off: Math.abs(meanOf(aspects) - mean),
      bar: (4.1 * std) / Math.sqrt(c.draws),
    };
    // In the middle few draws lie near the quantile, and whole pixels make steps: four standard errors of a uniform one, and a pixel.
    const bar = Math.max(
      0.01,
      (4 * 0.5 * (Math.log(j.max_aspect) - Math.log(j.min_aspect))) / Math.sqrt(c.draws) + 1 / Math.min(height, width),
    );
    yield { name: `${size}: quantiles of the log aspect`, off: absolute(quantiles(aspects, levels), q), bar };
    for (const [side, whole, there] of [
      ['top', height, c.relative_top_mean],
      ['left', width, c.relative_left_mean],
    ] as const) {
      if (there === undefined) continue;
      const places = found.map((r) =>
        side === 'top' ? r.top / Math.max(1, whole - r.height) : r.left / Math.max(1, whole - r.width),
      );
      yield {
        name: `${size}: mean ${side}`,
        off: Math.abs(meanOf(places) - there),
        bar: (4 * 0.3) / Math.sqrt(c.draws),
      };
    }
  }
}

const rootOf = (share: number, n: number): number => Math.sqrt((share * (1 - share)) / n);
const meanOf = (x: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i];
  return sum / x.length;
};
