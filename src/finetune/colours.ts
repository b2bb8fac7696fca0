import { channels, lumaOf, type Planes } from './planes.js';

/** What RandAugment does to colours, to the bit as PIL does it (ImageOps, ImageEnhance). All change the picture in place. */

/** Every channel through a table of 256. */
function looked(p: Planes, table: Uint8Array): void {
  const { data } = p;
  for (let i = 0; i < data.length; i++) data[i] = table[data[i]];
}

const tableOf = (f: (x: number) => number): Uint8Array => Uint8Array.from({ length: 256 }, (_, x) => f(x));
const clamp = (x: number): number => Math.min(255, Math.max(0, Math.trunc(x)));

export const invert = (p: Planes): void =>
  looked(
    p,
    tableOf((x) => 255 - x),
  );

/** What is at least `threshold` becomes its negative. */
export const solarize = (p: Planes, threshold: number): void =>
  looked(
    p,
    tableOf((x) => (x < threshold ? x : 255 - x)),
  );

/** Adds to the darker half. */
export const solarizeAdd = (p: Planes, add: number): void =>
  looked(
    p,
    tableOf((x) => (x < 128 ? clamp(x + add) : x)),
  );

/** Keeps so many of the highest bits, 0…8. */
export function posterize(p: Planes, bits: number): void {
  if (bits < 8)
    looked(
      p,
      tableOf((x) => x & ~(2 ** (8 - bits) - 1)),
    );
}

/** Each channel's darkest value becomes black, its lightest white. */
export function autoContrast(p: Planes): void {
  for (const channel of channels(p)) {
    let [low, high] = [255, 0];
    for (const x of channel) {
      if (x < low) low = x;
      if (x > high) high = x;
    }
    if (high <= low) continue;
    const scale = 255 / (high - low);
    const offset = -low * scale;
    const table = tableOf((x) => clamp(x * scale + offset));
    for (let i = 0; i < channel.length; i++) channel[i] = table[channel[i]];
  }
}

/** Each channel's histogram becomes flat, in whole steps. */
export function equalize(p: Planes): void {
  for (const channel of channels(p)) {
    const histogram = new Int32Array(256);
    for (const x of channel) histogram[x]++;
    const last = histogram.findLast((n) => n > 0) ?? 0;
    const step = Math.floor((channel.length - last) / 255);
    if (step === 0) continue;
    let n = step >> 1;
    const table = Uint8Array.from(histogram, (count) => {
      const level = Math.min(255, Math.floor(n / step));
      n += count;
      return level;
    });
    for (let i = 0; i < channel.length; i++) channel[i] = table[channel[i]];
  }
}

/** PIL's blend: away from another picture (factor > 1) or towards it, cut to bytes. @param other of pixel i in channel c */
function enhanced(p: Planes, factor: number, other: (c: number, i: number) => number): void {
  if (factor === 1) return;
  const f = Math.fround(factor);
  for (const [c, channel] of channels(p).entries())
    for (let i = 0; i < channel.length; i++) {
      const from = other(c, i);
      channel[i] = clamp(Math.fround(from + Math.fround(f * (channel[i] - from))));
    }
}

/** Saturation: 0 is grey, 1 as it is. */
export function colour(p: Planes, factor: number): void {
  const luma = lumaOf(p);
  enhanced(p, factor, (_, i) => luma[i]);
}

/** 0 is the mean grey, rounded. */
export function contrast(p: Planes, factor: number): void {
  const luma = lumaOf(p);
  let sum = 0;
  for (const x of luma) sum += x;
  const mean = Math.floor(sum / luma.length + 0.5);
  enhanced(p, factor, () => mean);
}

/** 0 is black. */
export const brightness = (p: Planes, factor: number): void => enhanced(p, factor, () => 0);

/** 0 is smoothed (3 × 3, the middle five times; the border stays). */
export function sharpness(p: Planes, factor: number): void {
  const { width, height } = p;
  const smooth = channels(p).map((channel) => {
    const out = channel.slice();
    for (let y = 1; y < height - 1; y++)
      for (let x = 1; x < width - 1; x++) {
        const at = y * width + x;
        let sum = 4 * channel[at];
        for (const row of [at - width, at, at + width]) sum += channel[row - 1] + channel[row] + channel[row + 1];
        out[at] = Math.floor(sum / 13 + 0.5);
      }
    return out;
  });
  enhanced(p, factor, (c, i) => smooth[c][i]);
}
