import type { Rng } from '../rng.js';
import { type Colour, rotate, shearX, shearY, translateX, translateY } from './affine.js';
import {
  autoContrast,
  brightness,
  colour,
  contrast,
  equalize,
  invert,
  posterize,
  sharpness,
  solarize,
  solarizeAdd,
} from './colours.js';
import type { Planes } from './planes.js';

/**
 * RandAugment (Cubuk et al. 2020) as the authors' recipe has it: timm's `rand-m9-mstd0.5-inc1`, in which every operation is stronger the
 * larger the magnitude, 0…10.
 */

/** The largest magnitude. */
const MOST = 10;

export interface RandAugmentOp {
  /** timm's name. */
  name: string;
  /** What a magnitude means to it, before the sign; none where it has no strength. */
  argument?(magnitude: number, negative: boolean): number;
  /** Whether the sign is drawn. */
  signed: boolean;
  /** How it is compared: to the bit, as a mixture of two pictures, or resampled. */
  kind: 'look-up' | 'blend' | 'place';
  /** Changes the picture, or gives another. */
  apply(p: Planes, argument: number, fill: Colour): Planes;
}

const share = (magnitude: number): number => magnitude / MOST;
const signed = (x: number, negative: boolean): number => (negative ? -x : x);
/** Enhancers: 1 is the picture as it is. */
const strength = (m: number, negative: boolean): number => Math.max(0.1, 1 + signed(share(m) * 0.9, negative));
/** What works in place. */
const inPlace =
  (change: (p: Planes, argument: number) => void): RandAugmentOp['apply'] =>
  (p, argument) => {
    change(p, argument);
    return p;
  };
type Change = Parameters<typeof inPlace>[0];
const lookUp = (name: string, change: Change, argument?: (m: number) => number): RandAugmentOp => ({
  ...{ name, apply: inPlace(change), argument, signed: false, kind: 'look-up' },
});
const blend = (name: string, change: Change): RandAugmentOp => ({
  ...{ name, apply: inPlace(change), argument: strength, signed: true, kind: 'blend' },
});
const place = (name: string, apply: RandAugmentOp['apply'], most: number): RandAugmentOp => ({
  ...{ name, apply, signed: true, kind: 'place' },
  argument: (m, negative) => signed(share(m) * most, negative),
});

/** All operations, in timm's order. */
export const RAND_AUGMENT: readonly RandAugmentOp[] = [
  lookUp('AutoContrast', autoContrast),
  lookUp('Equalize', equalize),
  lookUp('Invert', invert),
  place('Rotate', rotate, 30),
  lookUp('PosterizeIncreasing', posterize, (m) => 4 - Math.trunc(share(m) * 4)),
  lookUp('SolarizeIncreasing', solarize, (m) => 256 - Math.min(256, Math.trunc(share(m) * 256))),
  lookUp('SolarizeAdd', solarizeAdd, (m) => Math.min(128, Math.trunc(share(m) * 110))),
  blend('ColorIncreasing', colour),
  blend('ContrastIncreasing', contrast),
  blend('BrightnessIncreasing', brightness),
  blend('SharpnessIncreasing', sharpness),
  place('ShearX', shearX, 0.3),
  place('ShearY', shearY, 0.3),
  place('TranslateXRel', translateX, 0.45),
  place('TranslateYRel', translateY, 0.45),
];

export interface RandAugmentSettings {
  /** Operations drawn for a picture, with replacement. */
  ops: number;
  /** Of each: that it is done. */
  probability: number;
  magnitude: number;
  /** Standard deviation of each application's magnitude. */
  deviation: number;
}

/** One operation as drawn. */
export interface DrawnOp {
  op: RandAugmentOp;
  argument: number;
}

/** Draws what is done to one picture. */
export function drawRandAugment(s: RandAugmentSettings, rng: Rng): DrawnOp[] {
  const drawn: DrawnOp[] = [];
  for (let i = 0; i < s.ops; i++) {
    const op = rng.pick(RAND_AUGMENT);
    // All numbers are drawn whatever comes of them, so that one does not move the others.
    const done = rng.chance(s.probability);
    const magnitude = Math.min(MOST, Math.max(0, s.magnitude + s.deviation * rng.normal()));
    const negative = rng.chance(0.5);
    if (done) drawn.push({ op, argument: op.argument?.(magnitude, op.signed && negative) ?? 0 });
  }
  return drawn;
}

/** @returns the picture that comes of it; the one given may be changed */
export function applyRandAugment(picture: Planes, drawn: readonly DrawnOp[], fill: Colour): Planes {
  let p = picture;
  for (const { op, argument } of drawn) p = op.apply(p, argument, fill);
  return p;
}

/** What pixels from outside are: the mean colour of what the encoder knows, in bytes. @param mean of values in 0…1 */
export const fillOf = (mean: readonly [number, number, number]): Colour =>
  mean.map((x) => Math.min(255, Math.round(255 * x))) as unknown as Colour;
