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

/** Features up to which the covariance, [dim, dim], is built: iterating on it is cheaper than on many rows, whose memory it never exceeds. */
const COVARIANCE = 384;

/**
 * The first principal components, by subspace iteration: on the covariance of narrow rows, on wide rows themselves.
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
  const times = dim <= COVARIANCE && dim <= rows.length ? byCovariance(x, dim, rows, mean) : byRows(x, dim, rows, mean);
  for (let round = 0; round < ROUNDS; round++) {
    const next = axes.map(() => new Float64Array(dim));
    times(axes, next);
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

/** Adds to `out` the product of the rows' scatter matrix with each of the axes. */
type Times = (axes: readonly Float64Array[], out: readonly Float64Array[]) => void;

function byRows(x: Float32Array, dim: number, rows: readonly number[], mean: Float64Array): Times {
  const centred = new Float64Array(dim);
  return (axes, out) => {
    for (const r of rows) {
      for (let j = 0; j < dim; j++) centred[j] = x[r * dim + j] - mean[j];
      for (let a = 0; a < axes.length; a++) {
        const dot = product(axes[a], centred);
        const to = out[a];
        for (let j = 0; j < dim; j++) to[j] += dot * centred[j];
      }
    }
  };
}

function byCovariance(x: Float32Array, dim: number, rows: readonly number[], mean: Float64Array): Times {
  const scatter = new Float64Array(dim * dim);
  const centred = new Float64Array(dim);
  for (const r of rows) {
    for (let j = 0; j < dim; j++) centred[j] = x[r * dim + j] - mean[j];
    for (let i = 0; i < dim; i++) {
      const c = centred[i];
      for (let j = 0, at = i * dim; j < dim; j++) scatter[at++] += c * centred[j];
    }
  }
  return (axes, out) => {
    for (let a = 0; a < axes.length; a++)
      for (let i = 0; i < dim; i++) out[a][i] += product(scatter.subarray(i * dim, (i + 1) * dim), axes[a]);
  };
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
  /** [images] whether a foreground was found; where none was, all of its patches are shown */
  masked: boolean[];
}

/** Shares of an image that a subject may cover. Less or more is no subject, but a cut through noise or through a gradient. */
const FOREGROUND = [0.04, 0.65] as const;
/** How much larger its share must be inside than at the border: else it is a stripe, or the sky. */
const INSIDE = 2;
/** Components that are tried for a subject. */
const TRIED = 5;
/** Images whose median at a place tells about the place. */
const ENOUGH = 6;
/** How much more often patches side by side must be on one side of the cut than patches drawn anyhow (0: as often, 1: always). */
const COHERENT = 0.4;

/**
 * PCA pictures of patch features, over a set of images together, so that one colour means one thing in all of them. The foreground of an image
 * is one side of the first component of what differs within images (from the image's mean, and from that of the place), cut where the variance within both sides is least: the side that the
 * image's border has less of. An image where that is no plausible subject has no mask, and is shown whole.
 * @param patches [images, grid², dim]
 */
export function patchPictures(patches: Float32Array, images: number, grid: number, dim: number): PatchPictures {
  const area = grid * grid;
  const n = images * area;
  const all = new Uint8Array(n * 3);
  project(patches, dim, principalComponents(patches, dim, 3)).forEach((s, c) => {
    const level = levels(s);
    for (let i = 0; i < n; i++) all[i * 3 + c] = level(s[i]);
  });

  const use = new Uint8Array(n);
  const masked: boolean[] = [];
  const within = centred(patches, images, dim);
  const components = project(within, dim, principalComponents(within, dim, TRIED));
  for (let i = 0; i < images; i++) {
    // Where things are, and stripes of the ground, may be a component of their own: the one whose side stands out most from the border.
    const cuts = components.flatMap((s) => subject(s.subarray(i * area, (i + 1) * area), grid) ?? []);
    const found = cuts.sort((a, b) => b.contrast - a.contrast)[0]?.mask;
    masked.push(found !== undefined);
    if (found) use.set(found, i * area);
  }
  const foreground = new Uint8Array(n * 4);
  if (masked.includes(true))
    // Colours of subjects are stretched over subjects alone.
    project(patches, dim, principalComponents(patches, dim, 3, use)).forEach((s, c) => {
      const level = levels(s.filter((_, i) => use[i]));
      for (let i = 0; i < n; i++) foreground[i * 4 + c] = use[i] ? level(s[i]) : 0;
    });
  for (let i = 0; i < n; i++) {
    const shown = !masked[Math.floor(i / area)];
    if (shown) foreground.set(all.subarray(i * 3, i * 3 + 3), i * 4);
    foreground[i * 4 + 3] = shown || use[i] ? 255 : 0;
  }
  return { all, foreground, masked };
}

/**
 * Patches less the mean of their image and the median of their place: an encoder tells images apart in all of their patches, and places in
 * all images, neither of which says where a subject is.
 */
function centred(patches: Float32Array, images: number, dim: number): Float32Array {
  const out = Float32Array.from(patches);
  const width = out.length / images;
  const mean = new Float64Array(dim);
  for (let i = 0; i < images; i++) {
    const image = out.subarray(i * width, (i + 1) * width);
    mean.fill(0);
    for (let k = 0; k < width; k++) mean[k % dim] += (image[k] * dim) / width;
    for (let k = 0; k < width; k++) image[k] -= mean[k % dim];
  }
  // Of few images a subject may be half.
  if (images < ENOUGH) return out;
  const column = new Float32Array(images);
  for (let k = 0; k < width; k++) {
    for (let i = 0; i < images; i++) column[i] = out[i * width + k];
    column.sort();
    const median = (column[(images - 1) >> 1] + column[images >> 1]) / 2;
    for (let i = 0; i < images; i++) out[i * width + k] -= median;
  }
  return out;
}

/** The side of a cut through one image's scores that its border has less of; undefined where that is no plausible subject. */
function subject(scores: Float64Array, grid: number): { mask: Uint8Array; contrast: number } | undefined {
  const cut = otsu(scores);
  const isBorder = (p: number): boolean => {
    const [x, y] = [p % grid, Math.floor(p / grid)];
    return x === 0 || y === 0 || x === grid - 1 || y === grid - 1;
  };
  const counts = { border: 0, inside: 0, borderAbove: 0, insideAbove: 0 };
  scores.forEach((s, p) => {
    const where = isBorder(p) ? 'border' : 'inside';
    counts[where]++;
    if (s > cut) counts[`${where}Above`]++;
  });
  const inside = counts.insideAbove / Math.max(1, counts.inside);
  const border = counts.borderAbove / Math.max(1, counts.border);
  const above = inside >= border;
  const [within, without] = above ? [inside, border] : [1 - inside, 1 - border];
  const mask = Uint8Array.from(scores, (s) => (s > cut === above ? 1 : 0));
  const share = mask.reduce((sum, m) => sum + m, 0) / mask.length;
  const plausible = share >= FOREGROUND[0] && share <= FOREGROUND[1] && within >= INSIDE * without;
  if (!plausible || coherence(mask, grid, share) < COHERENT) return undefined;
  return { mask, contrast: within - without };
}

/** How much more often patches side by side agree than any two would: a subject hangs together, noise does not. */
function coherence(mask: Uint8Array, grid: number, share: number): number {
  let same = 0;
  let pairs = 0;
  for (let y = 0; y < grid; y++)
    for (let x = 0; x < grid; x++)
      for (const [dx, dy] of [
        [1, 0],
        [0, 1],
      ]) {
        if (x + dx >= grid || y + dy >= grid) continue;
        pairs++;
        if (mask[y * grid + x] === mask[(y + dy) * grid + x + dx]) same++;
      }
  const anyhow = share * share + (1 - share) * (1 - share);
  return (same / pairs - anyhow) / (1 - anyhow);
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
