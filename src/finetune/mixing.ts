import type { Rng } from '../rng.js';
import { beta } from './beta.js';

/**
 * Mixup (Zhang et al. 2018) and cutmix (Yun et al. 2019) as timm has them: each picture of a batch is mixed with a partner, by weights or by a
 * box, and so are their targets.
 */
export interface MixingSettings {
  /** Beta distribution of mixup's weight; 0: no mixup. */
  mixup: number;
  /** Of cutmix; 0: no cutmix. */
  cutmix: number;
  /** That anything is mixed. */
  probability: number;
  /** Share of cutmix where there are both. */
  switch: number;
  /** One draw for a batch, a picture, or a pair of partners. */
  mode: 'batch' | 'elem' | 'pair';
  /** Label smoothing: s/K on each of K classes, and 1 − s on the true one. */
  smoothing: number;
}

/** Half-open: rows top…bottom, columns left…right. */
export interface CutBox {
  top: number;
  bottom: number;
  left: number;
  right: number;
}

/** What becomes of one picture. */
export interface Mix {
  /** Share of itself, 0…1; with a box what it keeps of its area. */
  lam: number;
  /** Where it takes its partner's pixels; none: it is a weighted sum. */
  box?: CutBox;
}

/**
 * A box that leaves about `lam` of a picture, around a centre; at the border it is cut.
 * @returns the box and the share that it leaves
 */
export function cutBox(height: number, width: number, lam: number, cy: number, cx: number): Required<Mix> {
  const ratio = Math.sqrt(1 - lam);
  const span = (side: number, centre: number) => {
    const cut = Math.floor(side * ratio);
    const within = (x: number) => Math.min(side, Math.max(0, x));
    return [within(centre - Math.floor(cut / 2)), within(centre + Math.floor((cut + 1) / 2))];
  };
  const [top, bottom] = span(height, cy);
  const [left, right] = span(width, cx);
  return {
    box: { top, bottom, left, right },
    lam: 1 - ((bottom - top) * (right - left)) / (height * width),
  };
}

/** Draws what becomes of each picture of a batch. */
export function drawMixes(batch: number, height: number, width: number, s: MixingSettings, rng: Rng): Mix[] {
  const one = (): Mix => {
    if ((s.mixup === 0 && s.cutmix === 0) || !rng.chance(s.probability)) return { lam: 1 };
    const isCut = s.cutmix > 0 && (s.mixup === 0 || rng.chance(s.switch));
    const lam = beta(isCut ? s.cutmix : s.mixup, rng);
    if (!isCut || lam === 1) return { lam };
    return cutBox(height, width, lam, rng.int(height), rng.int(width));
  };
  if (s.mode === 'batch') {
    const mix = one();
    return Array.from({ length: batch }, () => mix);
  }
  if (s.mode === 'elem') return Array.from({ length: batch }, one);
  const first = Array.from({ length: Math.ceil(batch / 2) }, one);
  return Array.from({ length: batch }, (_, i) => first[Math.min(i, batch - 1 - i)]);
}

/** Partners from both ends: the first with the last. */
export const flipped = (batch: number): Int32Array => Int32Array.from({ length: batch }, (_, i) => batch - 1 - i);

/**
 * Mixes pictures in place.
 * @param x [batch, 3, height, width] @param partner [batch] whom each is mixed with
 */
export function mixPictures(
  x: Float32Array,
  height: number,
  width: number,
  mixes: readonly Mix[],
  partner: Int32Array,
): void {
  if (mixes.every((m) => m.lam === 1 && !m.box)) return;
  const plane = height * width;
  const length = x.length / mixes.length;
  const before = x.slice();
  for (const [i, { lam, box }] of mixes.entries()) {
    const [own, other] = [i * length, partner[i] * length];
    if (!box) {
      if (lam !== 1)
        for (let k = 0; k < length; k++) x[own + k] = before[own + k] * lam + before[other + k] * (1 - lam);
      continue;
    }
    for (let c = 0; c < length / plane; c++)
      for (let y = box.top; y < box.bottom; y++) {
        const row = c * plane + y * width;
        x.set(before.subarray(other + row + box.left, other + row + box.right), own + row + box.left);
      }
  }
}

/** Targets of mixed pictures. @param labels [batch] @returns [batch, classes], each row of sum 1 */
export function mixTargets(
  labels: Int32Array,
  classes: number,
  mixes: readonly Mix[],
  partner: Int32Array,
  smoothing: number,
): Float32Array {
  const out = new Float32Array(labels.length * classes).fill(smoothing / classes);
  for (const [i, { lam }] of mixes.entries()) {
    out[i * classes + labels[i]] += (1 - smoothing) * lam;
    out[i * classes + labels[partner[i]]] += (1 - smoothing) * (1 - lam);
  }
  return out;
}
