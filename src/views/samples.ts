/**
 * What the numbers of a picture with more than eight bits a sample mean. Files do not say: floats may run to 1 or to 255, and a scanner's
 * twelve bits lie in sixteen. The largest sample decides, and what fits no scale is refused: a guess would be black or white.
 */

/** Samples of other kinds than bytes, as sharp names them. */
export type Depth = 'ushort' | 'short' | 'char' | 'uint' | 'int' | 'float' | 'double';

/** The ends of the scales that each kind of samples may have, from narrow to wide. */
const SCALES: Readonly<Record<Depth, readonly number[]>> = {
  char: [1, 127],
  short: [1, 255, 4095, 32767],
  ushort: [1, 255, 4095, 65535],
  uint: [1, 255, 4095, 65535, 2 ** 32],
  int: [1, 255, 4095, 65535, 2 ** 31],
  float: [1, 255, 4095, 65535],
  double: [1, 255, 4095, 65535],
};
/** A picture whose lightest sample is less than this share of a scale is not on that scale: nobody could see it. */
const DARKEST = 1 / 16;
/** Floats that were resampled overshoot their scale a little, on both sides. */
const OVERSHOOT = 0.05;

/**
 * The sample that is white.
 * @throws with the reason, for the user, when no scale fits
 */
export function whiteOf(samples: ArrayLike<number>, depth: Depth): number {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < samples.length; i++) {
    const v = samples[i];
    if (!Number.isFinite(v)) throw new Error('samples that are no finite numbers');
    if (v < low) low = v;
    if (v > high) high = v;
  }
  const slack = depth === 'float' || depth === 'double' ? OVERSHOOT : 0;
  const white = SCALES[depth].find((w) => high <= w * (1 + slack));
  if (high === 0 && low === 0) return 1;
  if (white === undefined || high < white * DARKEST || low < -slack * white)
    throw new Error(
      `${depth} samples from ${short(low)} to ${short(high)}, which is no scale that is known (0…1, 0…255, 12 or 16 bits): save it with 8 or 16 bits`,
    );
  return white;
}

const short = (x: number): string => String(Number(x.toPrecision(4)));

/** Samples to bytes, over white where there is an alpha channel. @param channels 1…4: grey, grey and alpha, RGB, RGB and alpha */
export function toRgb(samples: ArrayLike<number>, channels: number, white: number): Uint8Array {
  const n = samples.length / channels;
  const out = new Uint8Array(n * 3);
  const colours = channels < 3 ? 1 : 3;
  for (let i = 0; i < n; i++) {
    const alpha = channels > colours ? Math.min(1, Math.max(0, samples[i * channels + colours] / white)) : 1;
    for (let c = 0; c < 3; c++) {
      const v = samples[i * channels + Math.min(c, colours - 1)] / white;
      out[i * 3 + c] = Math.round(255 * (Math.min(1, Math.max(0, v)) * alpha + 1 - alpha));
    }
  }
  return out;
}
