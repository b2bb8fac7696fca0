/**
 * How a grid of positions is resampled for another one; all bicubic, edges clamped, align_corners false. Libraries differ, and the same weights
 * give other features:
 * `offset`: a = −0.75 with the scale (to + 0.1)/from, not recomputed from the sizes (DINO's code, and ViTs that inherited it: iBOT, DINOv2,
 * SynCLR's pre-training, ours);
 * `plain`: a = −0.75 with the scale to/from (MAE, Hugging Face's ViT, CLIP, SigLIP and DINOv2, SynCLR's fine-tuning);
 * `antialias`: a = −0.5, the kernel widened when shrinking and cut off at the edges (timm, DINOv2 with registers).
 */
export type Resampling = 'offset' | 'plain' | 'antialias';

/** Rows and columns of a grid. */
export type Grid = readonly [number, number];

/**
 * Weights that resample a grid of position embeddings, [to rows · to columns, from rows · from columns], row-major grids.
 * @param from,to rows and columns, or the side of a square
 */
export function positionResampling(from: number | Grid, to: number | Grid, how: Resampling = 'offset'): Float32Array {
  const [[h, w], [toH, toW]] = [gridFrom(from), gridFrom(to)];
  const axis = how === 'antialias' ? antialiasWeights : cubicWeights;
  const shift = how === 'offset' ? 0.1 : 0;
  return product(axis(h, toH, shift), axis(w, toW, shift), [h, w], [toH, toW]);
}

/**
 * Weights that resample a table of relative positions bilinearly (Hugging Face's BEiT), [(2·to−1)², (2·from−1)²] of rows and columns; the table's
 * last three rows, of CLS, are not among them.
 */
export function relativeResampling(from: Grid, to: Grid): Float32Array {
  const [h, w] = from.map((n) => 2 * n - 1);
  const [toH, toW] = to.map((n) => 2 * n - 1);
  return product(linearWeights(h, toH), linearWeights(w, toW), [h, w], [toH, toW]);
}

/**
 * Rows of a table of relative positions, for each query (outer) and key (inner) of the tokens CLS, then the patches of a grid:
 * [(1 + h·w)²] (Liu et al. 2021, Swin; with CLS: Bao et al. 2022, BEiT).
 */
export function relativeIndex([h, w]: Grid): BigInt64Array {
  const tokens = 1 + h * w;
  const table = (2 * h - 1) * (2 * w - 1);
  const out = new BigInt64Array(tokens * tokens);
  for (let q = 0; q < tokens; q++)
    for (let k = 0; k < tokens; k++) {
      const [y, x, v, u] = [Math.floor((q - 1) / w), (q - 1) % w, Math.floor((k - 1) / w), (k - 1) % w];
      const between = (y - v + h - 1) * (2 * w - 1) + (x - u + w - 1);
      const ofCls = q === 0 && k === 0 ? table + 2 : q === 0 ? table : table + 1;
      out[q * tokens + k] = BigInt(q === 0 || k === 0 ? ofCls : between);
    }
  return out;
}

/**
 * Cosines and sines of rotary positions, [h·w, width] each: patch centres in −1…1 of each axis, a quarter of the width the angles of the row, a
 * quarter those of the column, and both again for the second half, which the first is rotated against (Siméoni et al. 2025, DINOv3).
 */
export function rotaryAngles([h, w]: Grid, width: number, base: number): { cos: Float32Array; sin: Float32Array } {
  const quarter = width / 4;
  const cos = new Float32Array(h * w * width);
  const sin = new Float32Array(h * w * width);
  // Frequencies and angles are rounded to float32 where the authors' code rounds them.
  const f = Math.fround;
  for (let y = 0; y < h; y++)
    for (let x = 0; x < w; x++)
      for (let i = 0; i < width; i++) {
        const at = i % (2 * quarter);
        const [place, count] = at < quarter ? [y, h] : [x, w];
        const frequency = f(1 / base ** f(((at % quarter) * 4) / width));
        const angle = f(f(2 * Math.PI * (((place + 0.5) / count) * 2 - 1)) * frequency);
        cos[(y * w + x) * width + i] = Math.cos(angle);
        sin[(y * w + x) * width + i] = Math.sin(angle);
      }
  return { cos, sin };
}

const gridFrom = (side: number | Grid): Grid => (typeof side === 'number' ? [side, side] : side);

/** The two axes' weights [to, from] as one matrix over grids. */
function product(rows: Float64Array, columns: Float64Array, [h, w]: Grid, [toH, toW]: Grid): Float32Array {
  const out = new Float32Array(toH * toW * h * w);
  for (let y = 0; y < toH; y++)
    for (let x = 0; x < toW; x++)
      for (let v = 0; v < h; v++)
        for (let u = 0; u < w; u++) out[((y * toW + x) * h + v) * w + u] = rows[y * h + v] * columns[x * w + u];
  return out;
}

/** [to, from]; the offset widens the target by a part of a position. */
function cubicWeights(from: number, to: number, offset: number): Float64Array {
  const scale = from / (to + offset);
  const weights = new Float64Array(to * from);
  for (let i = 0; i < to; i++) {
    const centre = (i + 0.5) * scale - 0.5;
    const first = Math.floor(centre) - 1;
    for (let j = first; j < first + 4; j++) {
      const at = Math.min(Math.max(j, 0), from - 1);
      weights[i * from + at] += cubic(centre - j, -0.75);
    }
  }
  return weights;
}

/** [to, from] with a kernel that is as wide as the scale when shrinking; what of it lies outside has no weight. */
function antialiasWeights(from: number, to: number): Float64Array {
  const scale = from / to;
  const wide = Math.max(scale, 1);
  const weights = new Float64Array(to * from);
  for (let i = 0; i < to; i++) {
    const centre = (i + 0.5) * scale;
    const first = Math.max(0, Math.floor(centre - 2 * wide + 0.5));
    const end = Math.min(from, Math.floor(centre + 2 * wide + 0.5));
    let sum = 0;
    for (let j = first; j < end; j++) {
      const weight = cubic((j - centre + 0.5) / wide, -0.5);
      weights[i * from + j] = weight;
      sum += weight;
    }
    for (let j = first; j < end; j++) weights[i * from + j] /= sum;
  }
  return weights;
}

/** [to, from] */
function linearWeights(from: number, to: number): Float64Array {
  const weights = new Float64Array(to * from);
  for (let i = 0; i < to; i++) {
    const centre = Math.max(0, (i + 0.5) * (from / to) - 0.5);
    const first = Math.min(Math.floor(centre), from - 1);
    const second = Math.min(first + 1, from - 1);
    weights[i * from + first] += 1 - (centre - first);
    weights[i * from + second] += centre - first;
  }
  return weights;
}

/** Keys' cubic convolution kernel. */
function cubic(x: number, a: number): number {
  const d = Math.abs(x);
  if (d <= 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
  return d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0;
}
