import type { Settings } from '../config/schema.js';
import type { Rng } from '../rng.js';
import type { ParameterSpec } from './parameters.js';

type Start = Settings['model']['start'];

/**
 * The same parameters, beginning as the settings ask. How weights begin is no part of the architecture: a checkpoint of one start
 * resumes or is probed under any other.
 */
export function startingAs(specs: readonly ParameterSpec[], start: Start): ParameterSpec[] {
  return specs.map((spec) => {
    if (spec.name === 'backbone.patch_embed.proj.weight' && start.patches === 'whitening')
      return { ...spec, init: { whitening: 0.6 } };
    if (spec.name === 'backbone.pos_embed' && start.positions === 'sincos') return { ...spec, init: { sincos: 0.25 } };
    return spec;
  });
}

/** Rows: brightness, red against blue, green against magenta; orthonormal. */
const OPPONENT = [
  [1, 1, 1].map((x) => x / Math.sqrt(3)),
  [1, 0, -1].map((x) => x / Math.sqrt(2)),
  [1, -2, 1].map((x) => x / Math.sqrt(6)),
];

/** Largest standard deviation of a coefficient over the one that is still raised to it: below that lies noise. */
const FLOOR = 1 / 32;

/**
 * Standard deviation of a patch's cosine coefficient (u, v) of a colour axis, in units of the mean brightness's. Natural images have
 * power that falls with the square of the frequency (Field 1987) and colours that mostly agree. The constants fit the brightness of
 * painted captions' 4 px patches within a fifth, and their colours, and photographs', within a factor of 2 or 3.
 */
function deviation(axis: number, u: number, v: number): number {
  return Math.max([1, 0.4, 0.25][axis] / (1 + 3 * (u + v) ** 1.3), FLOOR * [1, 0.4, 0.25][axis]);
}

/**
 * Random patch filters that see edges and colours as strongly as mean brightness: coefficients of the cosine basis, each over its
 * standard deviation in natural images (Coates & Ng 2012 whiten patches; here from the spectrum, without data).
 * Plain random filters answer to little but a patch's mean colour, and hundreds of steps pass before that changes.
 * @param shape [dim, 3, patch, patch]
 * @param size standard deviation of a token's coordinate
 */
export function whitenedFilters(shape: readonly number[], size: number, rng: Rng): Float32Array {
  const [dim, , p] = shape;
  const cosine = (u: number, x: number) => Math.sqrt((u === 0 ? 1 : 2) / p) * Math.cos((Math.PI * (x + 0.5) * u) / p);
  const basis: Float64Array[] = [];
  // A pixel of images normalised by ImageNet's statistics has deviation 1, the mean brightness of a p × p patch about 1.35 p.
  const scale = size / (1.35 * p * Math.sqrt(3 * p * p));
  for (let axis = 0; axis < 3; axis++)
    for (let u = 0; u < p; u++)
      for (let v = 0; v < p; v++) {
        const filter = new Float64Array(3 * p * p);
        const gain = scale / deviation(axis, u, v);
        for (let c = 0; c < 3; c++)
          for (let y = 0; y < p; y++)
            for (let x = 0; x < p; x++)
              filter[(c * p + y) * p + x] = gain * OPPONENT[axis][c] * cosine(u, y) * cosine(v, x);
        basis.push(filter);
      }
  const out = new Float32Array(dim * 3 * p * p);
  for (let k = 0; k < dim; k++) {
    const row = new Float64Array(3 * p * p);
    for (const filter of basis) {
      const weight = rng.normal();
      for (let i = 0; i < row.length; i++) row[i] += weight * filter[i];
    }
    out.set(row, k * row.length);
  }
  return out;
}

/**
 * Positions as sines and cosines (MAE and MoCo v3 fix them; here they are learned from there), half of the coordinates for the row and half for the
 * column, from half a wave over the image to one a pair of patches; zero for CLS.
 * @param shape [1, 1 + side², dim]
 * @param size root mean square of a coordinate
 */
export function sincosPositions(shape: readonly number[], size: number): Float32Array {
  const [, tokens, dim] = shape;
  const side = Math.sqrt(tokens - 1);
  const out = new Float32Array(tokens * dim);
  // Coordinates of an axis in pairs: sine and cosine of one frequency.
  const half = Math.floor(dim / 2);
  const pairs = Math.max(1, Math.floor(half / 2));
  for (let t = 0; t < side * side; t++)
    for (let k = 0; k < dim; k++) {
      const at = (k < half ? Math.floor(t / side) : t % side) / side;
      const place = k < half ? k : k - half;
      const pair = Math.min(pairs - 1, Math.floor(place / 2));
      const frequency = Math.PI * side ** (pairs === 1 ? 0 : pair / (pairs - 1));
      const wave = place % 2 === 0 ? Math.sin(frequency * at) : Math.cos(frequency * at);
      out[(t + 1) * dim + k] = size * Math.SQRT2 * wave;
    }
  return out;
}
