import type { Settings } from '../config/schema.js';
import type { Rng } from '../rng.js';
import type { Rgb } from './image.js';
import { Kernels } from './kernels.js';
import type { Box } from './resample.js';
import { integerTaps } from './taps.js';

type Views = Settings['views'];

/** Where in an image a crop lies. */
export interface Place {
  /** The whole image is first made this large, when it is made smaller. */
  shrunk?: { width: number; height: number };
  /** In the image, or the shrunk one; whole pixels. */
  box: Box;
  /** Left and right change places. */
  flip: boolean;
}

/** Draws where a crop of an image lies: StableRep's random downsampling, a box, a flip. */
export function drawPlace(width: number, height: number, v: Views, scale: readonly [number, number], rng: Rng): Place {
  let shrunk: Place['shrunk'];
  if (rng.chance(v.downsample.probability)) {
    const by = rng.range(...v.downsample.scale);
    shrunk = { width: Math.max(1, Math.round(width * by)), height: Math.max(1, Math.round(height * by)) };
    if (shrunk.width === width && shrunk.height === height) shrunk = undefined;
  }
  const box = randomBox(shrunk?.width ?? width, shrunk?.height ?? height, scale, v.aspect, rng);
  return { shrunk, box, flip: rng.chance(v.flip) };
}

/**
 * torchvision's RandomResizedCrop: an area and a log-uniform aspect that fit, ten tries, else the largest central crop.
 */
export function randomBox(
  width: number,
  height: number,
  scale: readonly [number, number],
  aspect: readonly [number, number],
  rng: Rng,
): Box {
  const [low, high] = aspect.map(Math.log);
  for (let i = 0; i < 10; i++) {
    const area = width * height * rng.range(...(scale as [number, number]));
    const ratio = Math.exp(rng.range(low, high));
    const w = Math.round(Math.sqrt(area * ratio));
    const h = Math.round(Math.sqrt(area / ratio));
    if (w > 0 && h > 0 && w <= width && h <= height)
      return { x: rng.int(width - w + 1), y: rng.int(height - h + 1), width: w, height: h };
  }
  const ratio = Math.min(Math.max(width / height, aspect[0]), aspect[1]);
  const w = Math.min(width, Math.round(height * ratio));
  const h = Math.min(height, Math.round(width / ratio));
  return { x: (width - w) >> 1, y: (height - h) >> 1, width: w, height: h };
}

/** Crops of one image after the other, made in the memory of the kernels. */
export class Cropper {
  private readonly kernels = Kernels.get();
  private image = { at: 0, width: 0, height: 0 };

  /** The image that crops are cut from until the next one. */
  load({ width, height, data }: Rgb): void {
    this.image = { at: this.kernels.put('image', data), width, height };
  }

  /**
   * Cuts a crop out and resizes it bicubically, in bytes and with two roundings, as PIL does.
   * @returns the address of its planes, bytes [3, size, size]; good until the next crop
   */
  cut(place: Place, size: number): number {
    const { kernels } = this;
    let from = this.image;
    if (place.shrunk) {
      const { width, height } = place.shrunk;
      // Four pixels at a time are put together again.
      const line = roundUp(width, 4);
      const planes = kernels.region('shrunk planes', 3 * line * height);
      this.resize(from, { x: 0, y: 0, width: from.width, height: from.height }, false, planes, width, height, line);
      const at = kernels.region('shrunk', 3 * width * height);
      kernels.run.interleave(planes, line * height, line, width, height, at);
      from = { at, width, height };
    }
    const crop = kernels.region('crop', 3 * size * size);
    this.resize(from, place.box, place.flip, crop, size, size, size);
    return crop;
  }

  /** Writes planes, bytes [3, height, width], whose rows lie `line` bytes apart. */
  private resize(
    from: { at: number; width: number },
    box: Box,
    flip: boolean,
    to: number,
    width: number,
    height: number,
    line: number,
  ): void {
    const { kernels } = this;
    const across = integerTaps(box.width, width, flip);
    const down = integerTaps(box.height, height);
    // Four outputs are made at a time; what is made too much is overwritten.
    const out = roundUp(width, 4);
    const offsets = new Int32Array(out);
    for (let i = 0; i < width; i++) offsets[i] = across.first[i] * 3;
    const o = kernels.put('offsets', offsets);
    kernels.region('weights across', 2 * out * across.count);
    const a = kernels.put('weights across', across.weights);
    const f = kernels.put('firsts down', down.first);
    const d = kernels.put('weights down', down.weights);
    // One row beyond the last may be read, without weight.
    const rows = kernels.region('rows', 3 * out * (box.height + 1));
    const first = from.at + (box.y * from.width + box.x) * 3;
    kernels.run.horizontal(first, 3 * from.width, box.height, o, a, across.count, rows, out);
    kernels.run.vertical(rows, 3 * out, f, d, down.count, to, line * height, line, width, height);
  }
}

function roundUp(n: number, to: number): number {
  return Math.ceil(n / to) * to;
}
