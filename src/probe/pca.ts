import { Rng } from '../rng.js';

/** Principal components of rows. */
export interface Components {
  /** [dim] */
  mean: Float64Array;
  /** [count] unit vectors of [dim], largest variance first; each turned so that its largest coordinate is positive */
  axes: Float64Array[];
}

/** Rounds of subspace iteration: the first axes of an encoder's patches are found long before. */
const ROUNDS = 60;

/**
 * The first principal components, by subspace iteration on the rows themselves: the covariance, [dim, dim], is never built.
 * @param x [n, dim]; @param use rows that count, default all
 */
export function principalComponents(x: Float32Array, dim: number, count: number, use?: Uint8Array): Components {
  const n = x.length / dim;
  const rows: number[] = [];
  for (let r = 0; r < n; r++) if (!use || use[r]) rows.push(r);
  const mean = new Float64Array(dim);
  for (const r of rows) for (let j = 0; j < dim; j++) mean[j] += x[r * dim + j] / (rows.length || 1);
  const rng = Rng.of(0, 'principal components');
  let axes = Array.from({ length: count }, () => Float64Array.from({ length: dim }, () => rng.normal()));
  orthonormalise(axes);
  const centred = new Float64Array(dim);
  for (let round = 0; round < ROUNDS; round++) {
    const next = axes.map(() => new Float64Array(dim));
    for (const r of rows) {
      for (let j = 0; j < dim; j++) centred[j] = x[r * dim + j] - mean[j];
      axes.forEach((axis, a) => {
        let dot = 0;
        for (let j = 0; j < dim; j++) dot += axis[j] * centred[j];
        const to = next[a];
        for (let j = 0; j < dim; j++) to[j] += dot * centred[j];
      });
    }
    orthonormalise(next);
    const moved = axes.reduce((most, axis, a) => Math.max(most, 1 - Math.abs(product(axis, next[a]))), 0);
    axes = next;
    if (moved < 1e-10) break;
  }
  for (const axis of axes) {
    let largest = 0;
    for (let j = 1; j < dim; j++) if (Math.abs(axis[j]) > Math.abs(axis[largest])) largest = j;
    if (axis[largest] < 0) for (let j = 0; j < dim; j++) axis[j] = -axis[j];
  }
  return { mean, axes };
}

function product(a: Float64Array, b: Float64Array): number {
  let dot = 0;
  for (let j = 0; j < a.length; j++) dot += a[j] * b[j];
  return dot;
}

/** Gram-Schmidt, in place; a vector that vanishes (fewer directions than axes) becomes zero. */
function orthonormalise(axes: Float64Array[]): void {
  axes.forEach((axis, a) => {
    const before = Math.sqrt(product(axis, axis));
    for (let b = 0; b < a; b++) {
      const dot = product(axis, axes[b]);
      for (let j = 0; j < axis.length; j++) axis[j] -= dot * axes[b][j];
    }
    const norm = Math.sqrt(product(axis, axis));
    const by = norm > 1e-12 * before && norm > 0 ? 1 / norm : 0;
    for (let j = 0; j < axis.length; j++) axis[j] *= by;
  });
}

/** Coordinates of rows along the axes: [count][n]. */
export function project(x: Float32Array, dim: number, { mean, axes }: Components): Float64Array[] {
  const n = x.length / dim;
  return axes.map((axis) => {
    const shift = product(axis, mean);
    const out = new Float64Array(n);
    for (let r = 0; r < n; r++) {
      let dot = 0;
      for (let j = 0; j < dim; j++) dot += axis[j] * x[r * dim + j];
      out[r] = dot - shift;
    }
    return out;
  });
}

/** Pictures of patch features, one pixel a patch. */
export interface PatchPictures {
  /** [images, grid², 3] the first three components of all patches as red, green and blue */
  all: Uint8Array;
  /** [images, grid², 4] the same of the foreground alone, what is left transparent (DINOv2, section 7.6) */
  foreground: Uint8Array;
}

/**
 * PCA pictures of patch features, over a set of images together, so that one colour means one thing in all of them. The foreground is one
 * side of the first component: the side that the images' borders have less of.
 * @param patches [images, grid², dim]
 */
export function patchPictures(patches: Float32Array, images: number, grid: number, dim: number): PatchPictures {
  const n = images * grid * grid;
  const whole = principalComponents(patches, dim, 3);
  const scores = project(patches, dim, whole);
  const all = new Uint8Array(n * 3);
  scores.forEach((s, c) => {
    const level = levels(s);
    for (let i = 0; i < n; i++) all[i * 3 + c] = level(s[i]);
  });

  const first = scores[0];
  const cut = otsu(first);
  const border = (i: number): boolean => {
    const p = i % (grid * grid);
    const x = p % grid;
    const y = Math.floor(p / grid);
    return x === 0 || y === 0 || x === grid - 1 || y === grid - 1;
  };
  let outside = 0;
  let above = 0;
  for (let i = 0; i < n; i++)
    if (border(i)) {
      outside++;
      if (first[i] > cut) above++;
    }
  let inside = 0;
  for (let i = 0; i < n; i++) if (!border(i) && first[i] > cut) inside++;
  const sign = inside / Math.max(1, n - outside) >= above / Math.max(1, outside) ? 1 : -1;
  const use = Uint8Array.from(first, (s) => (sign * (s - cut) > 0 ? 1 : 0));

  const foreground = new Uint8Array(n * 4);
  const kept = use.reduce((sum, u) => sum + u, 0);
  if (kept > 3) {
    project(patches, dim, principalComponents(patches, dim, 3, use)).forEach((s, c) => {
      const level = levels(s.filter((_, i) => use[i]));
      for (let i = 0; i < n; i++) foreground[i * 4 + c] = use[i] ? level(s[i]) : 0;
    });
    for (let i = 0; i < n; i++) foreground[i * 4 + 3] = use[i] ? 255 : 0;
  }
  return { all, foreground };
}

/** Maps values to 0…255 between their 2nd and 98th percentile. */
function levels(values: Float64Array): (v: number) => number {
  const sorted = values.slice().sort();
  const low = sorted[Math.floor(0.02 * (sorted.length - 1))];
  const high = sorted[Math.ceil(0.98 * (sorted.length - 1))];
  const span = high - low;
  return (v) => (span > 0 ? Math.round(255 * Math.min(1, Math.max(0, (v - low) / span))) : 128);
}

/** The cut between two groups of values that leaves the least variance within them (Otsu 1979). */
function otsu(values: Float64Array): number {
  const sorted = values.slice().sort();
  const total = sorted.reduce((s, v) => s + v, 0);
  let best = -1;
  let cut = 0;
  let below = 0;
  for (let i = 1; i < sorted.length; i++) {
    below += sorted[i - 1];
    const gap = below / i - (total - below) / (sorted.length - i);
    const between = i * (sorted.length - i) * gap * gap;
    if (between > best && sorted[i] > sorted[i - 1]) {
      best = between;
      cut = (sorted[i] + sorted[i - 1]) / 2;
    }
  }
  return cut;
}
