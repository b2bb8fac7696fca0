import type { Settings } from '../config/schema.js';
import { ops, type Tensor } from '../graph/index.js';
import { blurRadius, PHOTOMETRIC, photometricWidth } from '../views/photometric.js';

type Rgb = readonly [Tensor, Tensor, Tensor];

/** Luma weights of ITU-R 601, as PIL's grayscale has them. */
const LUMA = [0.299, 0.587, 0.114];

/**
 * What the network sees of crops of bytes: colour jitter, grey, blur, solarise and normalise, as `views/photometric.ts`
 * says and its `applyPhotometric` does on the CPU, to within rounding. What the settings never draw is left out of the
 * graph.
 * @param crops bytes [B, 3, S, S] @param numbers f32 [B, photometricWidth(S)]
 * @returns f32 [B, 3, S, S], normalised
 */
export function photometric(crops: Tensor, numbers: Tensor, v: Settings['views']): Tensor {
  const [rows, channels, size, width] = crops.shape;
  if (channels !== 3 || size !== width || numbers.shape[0] !== rows || numbers.shape[1] !== photometricWidth(v, size))
    throw new Error(`internal: photometric: crops [${crops.shape}] and numbers [${numbers.shape}]`);
  const column = (i: number) => ops.reshape(ops.slice(numbers, 1, i, 1), [rows, 1, 1, 1]);
  const x = ops.scale(ops.cast(crops, 'f32'), 1 / 255);
  let rgb: Rgb = [ops.slice(x, 1, 0, 1), ops.slice(x, 1, 1, 1), ops.slice(x, 1, 2, 1)];
  const { stage, stages } = PHOTOMETRIC;
  if (v.jitter.probability > 0)
    for (let i = 0; i < stages; i++) {
      const of = (what: keyof typeof stage) => column(i * stage.width + stage[what]);
      rgb = jitter(rgb, of, v.jitter.hue > 0);
    }
  if (v.grayscale > 0) {
    const grey = luma(rgb);
    rgb = map(rgb, (c) => ops.where(column(PHOTOMETRIC.grey), grey, c));
  }
  let y = ops.concat(rgb, 1);
  const radius = blurRadius(v, size);
  if (radius > 0) {
    const weights = Array.from({ length: radius + 1 }, (_, k) => column(PHOTOMETRIC.blur + k));
    y = blur(blur(y, 3, weights), 2, weights);
  }
  if (v.solarise > 0) {
    const bright = ops.mul(column(PHOTOMETRIC.solarise), ops.greater(y, number(0.5)));
    y = ops.where(bright, ops.sub(number(1), y), y);
  }
  const perChannel = (values: readonly number[]) => ops.constant(Float32Array.from(values), [1, 3, 1, 1]);
  return ops.div(ops.sub(y, perChannel(v.mean)), perChannel(v.std));
}

/** One stage: brightness, contrast or saturation, or where `turn` is not 0 the hue. */
function jitter(rgb: Rgb, of: (what: 'keep' | 'mean' | 'luma' | 'turn') => Tensor, withHue: boolean): Rgb {
  const l = luma(rgb);
  const rest = ops.add(ops.mul(of('mean'), ops.mean(l, [1, 2, 3])), ops.mul(of('luma'), l));
  const blended = map(rgb, (c) => clamp(ops.add(ops.mul(c, of('keep')), rest)));
  if (!withHue) return blended;
  const turn = of('turn');
  const still = ops.equal(turn, number(0));
  const turned = hue(rgb, ops.scale(turn, 6));
  return [0, 1, 2].map((c) => ops.where(still, blended[c], turned[c])) as unknown as Rgb;
}

/** @param sixths of a circle, −3…3 */
function hue([r, g, b]: Rgb, sixths: Tensor): Rgb {
  const max = ops.maximum(ops.maximum(r, g), b);
  const min = ops.minimum(ops.minimum(r, g), b);
  const chroma = ops.sub(max, min);
  const [isRed, isGreen] = [ops.equal(max, r), ops.equal(max, g)];
  const over = ops.where(isRed, ops.sub(g, b), ops.where(isGreen, ops.sub(b, r), ops.sub(r, g)));
  const base = ops.where(isRed, number(0), ops.where(isGreen, number(2), number(4)));
  // Grey has no hue; any number will do, since it is multiplied by a chroma of zero.
  const turned = ops.add(ops.add(ops.div(over, ops.maximum(chroma, number(1e-9))), base), sixths);
  const least = ops.where(ops.greater(number(0), turned), ops.offset(turned, 6), turned);
  const h = ops.where(ops.greater(number(6), least), least, ops.offset(least, -6));
  const away = (from: number) => ops.maximum(ops.offset(h, -from), ops.sub(number(from), h));
  // HSV → RGB, with the hue in sixths of a circle.
  const channel = (share: Tensor) => ops.add(min, ops.mul(chroma, clamp(share)));
  return [channel(ops.offset(away(3), -1)), channel(ops.sub(number(2), away(2))), channel(ops.sub(number(2), away(4)))];
}

/** Convolution along an axis, edges repeated. @param weights of distances 0, 1 …, one an image */
function blur(x: Tensor, axis: number, weights: readonly Tensor[]): Tensor {
  const size = x.shape[axis];
  const radius = weights.length - 1;
  const edge = (at: number) =>
    ops.broadcast(
      ops.slice(x, axis, at, 1),
      x.shape.map((n, i) => (i === axis ? radius : n)),
    );
  const wide = ops.concat([edge(0), x, edge(size - 1)], axis);
  const shifted = (by: number) => ops.slice(wide, axis, radius + by, size);
  return weights.reduce(
    (sum, w, k) => (k === 0 ? sum : ops.add(sum, ops.mul(w, ops.add(shifted(-k), shifted(k))))),
    ops.mul(weights[0], x),
  );
}

function luma(rgb: Rgb): Tensor {
  const [r, g, b] = rgb.map((c, i) => ops.scale(c, LUMA[i]));
  return ops.add(ops.add(r, g), b);
}

const map = (rgb: Rgb, f: (c: Tensor) => Tensor): Rgb => [f(rgb[0]), f(rgb[1]), f(rgb[2])];
const clamp = (x: Tensor): Tensor => ops.minimum(ops.maximum(x, number(0)), number(1));
const number = (value: number): Tensor => ops.filled(value, [1, 1, 1, 1]);
