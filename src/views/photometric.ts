import type { Settings } from '../config/schema.js';
import type { Rng } from '../rng.js';
import { Kernels } from './kernels.js';

type Views = Settings['views'];

/**
 * What happens to the colours of a crop, as numbers: one row a crop, Float32Array [rows, width]. A crop of bytes and
 * its row are all that is needed to make what the network sees: on the CPU (`applyPhotometric`) or on the device
 * (`learn/photometric-graph.ts`), with one result to within rounding. In this order, x in 0…1 and L its luma (0.299 R +
 * 0.587 G + 0.114 B):
 *
 * 1. four stages of colour jitter: x ← clamp(keep·x + mean·(mean of L over the crop) + luma·L), or, where `turn` is not
 *    0, the hue of HSV is turned by `turn` of a circle;
 * 2. grey: where 1, x ← L;
 * 3. blur: convolution of rows, then columns, with `blur`[|distance|], edges repeated;
 * 4. solarise: where 1, what is at least ½ becomes 1 − x;
 * 5. x ← (x − mean) / std of the settings.
 *
 * As torchvision defines them, brightness keeps f, contrast keeps f and adds 1 − f of the mean, saturation keeps f and
 * adds 1 − f of the luma.
 */
export const PHOTOMETRIC = {
  /** Four stages of keep, mean, luma, turn. */
  stages: 4,
  stage: { keep: 0, mean: 1, luma: 2, turn: 3, width: 4 },
  grey: 16,
  solarise: 17,
  /** Weights at distances 0, 1 … `blurRadius`. */
  blur: 18,
} as const;

/** Largest distance at which a blur of these settings takes something from, pixels; 0: nothing is blurred. */
export function blurRadius(v: Views, size: number): number {
  if (v.blur.probability === 0) return 0;
  const sigma = sigmaAt(v.blur.sigma[1], size);
  return sigma < LEAST_SIGMA ? 0 : Math.ceil(3 * sigma);
}

/** Columns of a row for crops of this size. */
export function photometricWidth(v: Views, size: number): number {
  return PHOTOMETRIC.blur + 1 + blurRadius(v, size);
}

/** Blurs narrower than this do nothing worth the time, pixels. */
const LEAST_SIGMA = 0.15;

/** The settings' sigma is that of a crop of 224 px. */
function sigmaAt(sigma: number, size: number): number {
  return (sigma * size) / 224;
}

/** Draws what happens to the colours of one crop (BYOL). @param row [photometricWidth] that is written whole */
export function drawPhotometric(v: Views, size: number, rng: Rng, row: Float32Array): void {
  row.fill(0);
  const { stage, stages } = PHOTOMETRIC;
  for (let i = 0; i < stages; i++) row[i * stage.width + stage.keep] = 1;
  if (rng.chance(v.jitter.probability)) drawJitter(v.jitter, rng, row);
  row[PHOTOMETRIC.grey] = rng.chance(v.grayscale) ? 1 : 0;
  const blur = row.subarray(PHOTOMETRIC.blur);
  blur[0] = 1;
  if (rng.chance(v.blur.probability)) gaussian(sigmaAt(rng.range(...v.blur.sigma), size), blur);
  row[PHOTOMETRIC.solarise] = rng.chance(v.solarise) ? 1 : 0;
}

/** torchvision's ColorJitter: brightness, contrast, saturation and hue by random amounts in random order. */
function drawJitter(j: Views['jitter'], rng: Rng, row: Float32Array): void {
  const order = rng.shuffle([0, 1, 2, 3]);
  const factor = (amount: number) => rng.range(Math.max(0, 1 - amount), 1 + amount);
  const [b, c, s, turn] = [factor(j.brightness), factor(j.contrast), factor(j.saturation), rng.range(-j.hue, j.hue)];
  const numbers = [
    [b, 0, 0, 0],
    [c, 1 - c, 0, 0],
    [s, 0, 1 - s, 0],
    [1, 0, 0, turn],
  ];
  order.forEach((which, at) => {
    row.set(numbers[which], at * PHOTOMETRIC.stage.width);
  });
}

/** Half a Gaussian of total weight 1 when mirrored, cut at 3 sigma. */
function gaussian(sigma: number, weights: Float32Array): void {
  if (sigma < LEAST_SIGMA) return;
  const radius = Math.ceil(3 * sigma);
  const half = Array.from({ length: radius + 1 }, (_, k) => Math.exp(-(k * k) / (2 * sigma * sigma)));
  const total = half.reduce((sum, w, k) => sum + (k === 0 ? w : 2 * w), 0);
  half.forEach((w, k) => {
    weights[k] = w / total;
  });
}

/** Kinds of steps in kernels/pointwise.ts, and the length of one, numbers of 32 bits. */
const STEP = { end: 0, blend: 1, hue: 2, solarise: 3, numbers: 4 } as const;
type Step = readonly [kind: number, ...numbers: number[]];

/**
 * What the network sees of a crop.
 * @param crop address of its bytes in the kernels' memory, [3, size, size]
 * @param row its photometric numbers @param out [3, size, size], written
 */
export function applyPhotometric(crop: number, row: Float32Array, size: number, v: Views, out: Float32Array): void {
  const kernels = Kernels.get();
  const pixels = size * size;
  // Vectors overlap what is behind a plane.
  const plane = 4 * (pixels + 16);
  const a = kernels.region('planes', 3 * plane);
  const blurred = Math.max(
    0,
    row.subarray(PHOTOMETRIC.blur).findLastIndex((w) => w !== 0),
  );
  let from = crop;
  let isBytes = true;
  let steps: Step[] = [];
  const run = (to: number, normalise: boolean, sums: boolean) => {
    const mean = kernels.run.pointwise(
      ...([from, isBytes, isBytes ? pixels : plane, to, plane, pixels] as const),
      ...([putSteps(kernels, steps), putEnds(kernels, v, normalise), sums] as const),
    );
    if (to !== 0) {
      [from, isBytes] = [to, false];
      steps = [];
    }
    return mean;
  };
  const { stage, stages } = PHOTOMETRIC;
  for (let i = 0; i < stages; i++) {
    const [keep, mean, luma, turn] = row.subarray(i * stage.width, (i + 1) * stage.width);
    if (turn !== 0) steps.push([STEP.hue, 6 * turn]);
    else if (mean !== 0) {
      const add = mean * run(steps.length > 0 ? a : 0, false, true);
      steps.push([STEP.blend, keep, add, luma]);
    } else if (keep !== 1 || luma !== 0) steps.push([STEP.blend, keep, 0, luma]);
  }
  if (row[PHOTOMETRIC.grey] !== 0) steps.push([STEP.blend, 0, 0, 1]);
  const solarise = row[PHOTOMETRIC.solarise] !== 0;
  if (blurred > 0) {
    run(a, false, false);
    const b = kernels.region('other planes', 3 * plane);
    const line = kernels.region('line', 4 * (size + 2 * blurred + 8));
    const weights = kernels.put('blur', row.subarray(PHOTOMETRIC.blur));
    for (let c = 0; c < 3; c++) kernels.run.blurRows(a + c * plane, b + c * plane, size, size, weights, blurred, line);
    for (let c = 0; c < 3; c++) {
      const places = [b + c * plane, a + c * plane, size, size, weights, blurred] as const;
      kernels.run.blurColumns(...places, solarise, 1 / v.std[c], -v.mean[c] / v.std[c]);
    }
  } else {
    if (solarise) steps.push([STEP.solarise]);
    run(a, true, false);
  }
  for (let c = 0; c < 3; c++) out.set(kernels.floats(a + c * plane, pixels), c * pixels);
}

function putSteps(kernels: Kernels, steps: readonly Step[]): number {
  const at = kernels.region('steps', 4 * STEP.numbers * 8);
  const kinds = new Int32Array(STEP.numbers * 8);
  const numbers = new Float32Array(kinds.buffer);
  steps.forEach(([kind, ...rest], i) => {
    kinds[i * STEP.numbers] = kind;
    numbers.set(rest, i * STEP.numbers + 1);
  });
  kernels.bytes(at, kinds.byteLength).set(new Uint8Array(kinds.buffer));
  return at;
}

function putEnds(kernels: Kernels, v: Views, normalise: boolean): number {
  const scale = v.std.map((s) => 1 / s);
  const ends = normalise ? [...v.mean.map((m, c) => -m / v.std[c]), ...scale] : [0, 0, 0, 1, 1, 1];
  return kernels.put('ends', Float32Array.from(ends));
}
