/** Signs of life of a representation; each is cheap and computed on one batch. */
export interface Health {
  /** Mean standard deviation of a coordinate of the L2-normalised feature, times √dim: 1 for isotropic features, 0 when all are the same. */
  feature_std: number;
  /** Effective rank (Roy & Vetterli 2007) of the batch's features: exp of the entropy of the covariance's spectrum. */
  feature_rank: number;
  /** Mean cosine of teacher projections of images of one caption, and of different captions. */
  positive_similarity?: number;
  negative_similarity?: number;
  /** Mean entropy of the teacher's patch targets over log K: 0 one prototype, 1 uniform. */
  teacher_entropy?: number;
  /** Prototypes used: exp of the entropy of the mean target, over K. */
  prototype_use?: number;
}

/** Rows looked at, so that the spectrum stays cheap. */
const ROWS = 128;

/** @param features [rows, dim] */
export function featureHealth(features: Float32Array, dim: number): Pick<Health, 'feature_std' | 'feature_rank'> {
  const rows = Math.min(ROWS, features.length / dim);
  const x = new Float64Array(rows * dim);
  for (let r = 0; r < rows; r++) {
    let norm = 0;
    for (let i = 0; i < dim; i++) norm += features[r * dim + i] ** 2;
    norm = Math.sqrt(norm) || 1;
    for (let i = 0; i < dim; i++) x[r * dim + i] = features[r * dim + i] / norm;
  }
  let std = 0;
  for (let i = 0; i < dim; i++) {
    let mean = 0;
    for (let r = 0; r < rows; r++) mean += x[r * dim + i] / rows;
    let variance = 0;
    for (let r = 0; r < rows; r++) {
      x[r * dim + i] -= mean;
      variance += x[r * dim + i] ** 2 / rows;
    }
    std += Math.sqrt(variance) / dim;
  }
  const gram = new Float64Array(rows * rows);
  for (let a = 0; a < rows; a++)
    for (let b = 0; b <= a; b++) {
      let dot = 0;
      for (let i = 0; i < dim; i++) dot += x[a * dim + i] * x[b * dim + i];
      gram[a * rows + b] = dot;
      gram[b * rows + a] = dot;
    }
  return { feature_std: std * Math.sqrt(dim), feature_rank: Math.exp(entropy(eigenvalues(gram, rows))) };
}

/** @param projections [B, dim] of the teacher; @param labels [B] */
export function similarityHealth(
  projections: Float32Array,
  dim: number,
  labels: Int32Array,
): Pick<Health, 'positive_similarity' | 'negative_similarity'> {
  return similarities(projections, projections, dim, (a, c) => labels[a] === labels[c], true);
}

/** Rows of either side that are compared, so that the pairs stay cheap. */
const COMPARED = 1024;

/**
 * Mean cosine of pairs that belong together, and of the others.
 * @param x [rows, dim] @param y [rows, dim] @param below only pairs of a row with an earlier one
 */
export function similarities(
  x: Float32Array,
  y: Float32Array,
  dim: number,
  together: (a: number, b: number) => boolean,
  below = false,
): { positive_similarity: number; negative_similarity: number } {
  const [rows, columns] = [x, y].map((side) => Math.min(COMPARED, side.length / dim));
  const [nx, ny] = [norms(x, dim, rows), norms(y, dim, columns)];
  const sums = [0, 0];
  const counts = [0, 0];
  for (let a = 0; a < rows; a++)
    for (let b = 0; b < (below ? a : columns); b++) {
      let dot = 0;
      for (let i = 0; i < dim; i++) dot += x[a * dim + i] * y[b * dim + i];
      const same = together(a, b) ? 1 : 0;
      sums[same] += dot / (nx[a] * ny[b]);
      counts[same]++;
    }
  return {
    positive_similarity: counts[1] ? sums[1] / counts[1] : 0,
    negative_similarity: counts[0] ? sums[0] / counts[0] : 0,
  };
}

function norms(x: Float32Array, dim: number, rows: number): Float64Array {
  return Float64Array.from({ length: rows }, (_, r) => {
    let s = 0;
    for (let i = 0; i < dim; i++) s += x[r * dim + i] ** 2;
    return Math.sqrt(s) || 1;
  });
}

/** @param entropyInNats mean entropy of a target in nats; @param mean [K] the mean target (targets.ts) */
export function targetHealth(
  entropyInNats: number,
  mean: Float32Array,
): Pick<Health, 'teacher_entropy' | 'prototype_use'> {
  return {
    teacher_entropy: entropyInNats / Math.log(mean.length),
    prototype_use: Math.exp(entropy(mean)) / mean.length,
  };
}

/** What a collapse looks like, in words; undefined when all is well. */
export function collapseOf(h: Health): string | undefined {
  if (h.feature_std < 0.05) return `features hardly differ between images (spread ${h.feature_std.toFixed(3)} of 1)`;
  if (h.feature_rank < 2) return `features vary along one direction only (effective rank ${h.feature_rank.toFixed(1)})`;
  if (h.teacher_entropy !== undefined && h.teacher_entropy > 0.99)
    return 'the teacher’s targets are uniform over the prototypes';
  return undefined;
}

/** Shannon entropy (nats) of non-negative numbers, normalised to sum 1. */
function entropy(p: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < p.length; i++) sum += Math.max(0, p[i]);
  let h = 0;
  for (let i = 0; i < p.length; i++) {
    const q = Math.max(0, p[i]) / (sum || 1);
    if (q > 0) h -= q * Math.log(q);
  }
  return h;
}

/** Eigenvalues of a symmetric matrix by cyclic Jacobi rotations; `a` is overwritten. */
function eigenvalues(a: Float64Array, n: number): Float64Array {
  for (let sweep = 0; sweep < 12; sweep++) {
    let off = 0;
    let diagonal = 0;
    for (let i = 0; i < n; i++) {
      diagonal += a[i * n + i] ** 2;
      for (let j = 0; j < i; j++) off += a[i * n + j] ** 2;
    }
    if (off <= 1e-12 * diagonal) break;
    for (let p = 0; p < n - 1; p++)
      for (let q = p + 1; q < n; q++) {
        const apq = a[p * n + q];
        if (Math.abs(apq) < 1e-18) continue;
        const theta = (a[q * n + q] - a[p * n + p]) / (2 * apq);
        const t = Math.sign(theta || 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
        const c = 1 / Math.sqrt(t * t + 1);
        const s = t * c;
        for (let k = 0; k < n; k++) {
          const x = a[p * n + k];
          const y = a[q * n + k];
          a[p * n + k] = c * x - s * y;
          a[q * n + k] = s * x + c * y;
        }
        for (let k = 0; k < n; k++) {
          const x = a[k * n + p];
          const y = a[k * n + q];
          a[k * n + p] = c * x - s * y;
          a[k * n + q] = s * x + c * y;
        }
      }
  }
  return Float64Array.from({ length: n }, (_, i) => a[i * n + i]);
}
