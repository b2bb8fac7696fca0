/** Part of a picture that a network sees at one time: rows y0 ≤ y < y1, columns x0 ≤ x < x1. */
export interface Window {
  y0: number;
  y1: number;
  x0: number;
  x1: number;
}

/** Height and width, pixels. */
export type Extent = readonly [height: number, width: number];

/**
 * Windows that cover a picture, row by row, as mmsegmentation's sliding inference has them: a stride apart, the last of each row and column
 * moved back so that it ends with the picture; of a picture smaller than a window, as large as the picture is.
 */
export function slidingWindows([height, width]: Extent, crop: Extent, stride: Extent): Window[] {
  const along = (all: number, size: number, step: number): [number, number][] =>
    Array.from({ length: Math.max(0, Math.ceil((all - size) / step)) + 1 }, (_, i) => {
      const end = Math.min(i * step + size, all);
      return [Math.max(end - size, 0), end];
    });
  const across = along(width, crop[1], stride[1]);
  return along(height, crop[0], stride[0]).flatMap(([y0, y1]) => across.map(([x0, x1]) => ({ y0, y1, x0, x1 })));
}

/** The stride that goes with a crop: two thirds, rounded down (341 for 512, 345 for 518). */
export const strideOf = (crop: number): number => Math.max(1, Math.floor((crop * 2) / 3));

/** Between which two samples each resampled one lies, and how far towards the second: bilinear, align_corners false. */
export interface LinearTaps {
  low: Int32Array;
  high: Int32Array;
  part: Float64Array;
}

/** @param from samples that become `to`; @param count how many of these, from the first; default all */
export function linearTaps(from: number, to: number, count = to): LinearTaps {
  const taps = { low: new Int32Array(count), high: new Int32Array(count), part: new Float64Array(count) };
  for (let i = 0; i < count; i++) {
    const at = Math.max(0, (i + 0.5) * (from / to) - 0.5);
    taps.low[i] = Math.min(Math.floor(at), from - 1);
    taps.high[i] = Math.min(taps.low[i] + 1, from - 1);
    taps.part[i] = at - taps.low[i];
  }
  return taps;
}

/** What a network says of one window. */
export interface WindowLogits {
  window: Window;
  /** Rows and columns of `data`. */
  grid: Extent;
  /** Pixels that the grid stands for: the window's, or more where it was padded below and at the right. */
  covers: Extent;
  /** [rows, columns, classes] */
  data: Float32Array;
}

/**
 * Logits of a whole picture, row by row: those of each window resized bilinearly to its pixels, and where windows overlap, averaged. Only the
 * rows asked for are computed, so that the memory needed does not grow with classes × pixels.
 */
export class AveragedLogits {
  readonly height: number;
  readonly width: number;
  readonly classes: number;
  private readonly parts: { logits: WindowLogits; across: LinearTaps; down: LinearTaps; line: Float32Array }[];
  private readonly count: Float32Array;

  constructor(windows: readonly WindowLogits[], [height, width]: Extent, classes: number) {
    this.height = height;
    this.width = width;
    this.classes = classes;
    this.count = new Float32Array(width);
    this.parts = windows.map((logits) => {
      const { window: w, grid, covers } = logits;
      return {
        logits,
        down: linearTaps(grid[0], covers[0], w.y1 - w.y0),
        across: linearTaps(grid[1], covers[1], w.x1 - w.x0),
        line: new Float32Array(grid[1] * classes),
      };
    });
  }

  /** Row y. @param out [width, classes], written */
  row(y: number, out: Float32Array): void {
    const { classes: k, count } = this;
    out.fill(0);
    count.fill(0);
    for (const { logits, across, down, line } of this.parts) {
      const { window: w, data, grid } = logits;
      if (y < w.y0 || y >= w.y1) continue;
      const stride = grid[1] * k;
      mixed(data, down.low[y - w.y0] * stride, down.high[y - w.y0] * stride, down.part[y - w.y0], line);
      for (let x = w.x0; x < w.x1; x++) {
        const i = x - w.x0;
        const [a, b, part] = [across.low[i] * k, across.high[i] * k, across.part[i]];
        const at = x * k;
        if (part === 0) for (let c = 0; c < k; c++) out[at + c] += line[a + c];
        else for (let c = 0; c < k; c++) out[at + c] += line[a + c] + part * (line[b + c] - line[a + c]);
        count[x]++;
      }
    }
    for (let x = 0; x < this.width; x++) {
      if (count[x] === 1) continue;
      if (count[x] === 0) throw new Error(`internal: no window covers row ${y}, column ${x}`);
      for (let c = x * k; c < (x + 1) * k; c++) out[c] /= count[x];
    }
  }

  /** The likeliest class of each pixel of a picture of these sides, to which the logits are resized. @returns [height, width]; of several alike, the first */
  labels([height, width]: Extent): Uint8Array {
    const { classes: k } = this;
    if (k > 255) throw new Error(`internal: ${k} classes do not fit into bytes`);
    const out = new Uint8Array(height * width);
    const down = linearTaps(this.height, height);
    const across = linearTaps(this.width, width);
    const length = this.width * k;
    // The two rows between which the last one lay: each is computed once.
    const kept = [new Float32Array(length), new Float32Array(length)];
    const which = [-1, -1];
    const rowAt = (y: number, keep: number): Float32Array => {
      const known = which.indexOf(y);
      if (known >= 0) return kept[known];
      const slot = which[0] === keep ? 1 : 0;
      this.row(y, kept[slot]);
      which[slot] = y;
      return kept[slot];
    };
    const line = new Float32Array(length);
    for (let y = 0; y < height; y++) {
      const [low, high] = [down.low[y], down.high[y]];
      const first = rowAt(low, high);
      const second = rowAt(high, low);
      for (let i = 0; i < length; i++) line[i] = first[i] + down.part[y] * (second[i] - first[i]);
      for (let x = 0; x < width; x++) {
        const [a, b, part] = [across.low[x] * k, across.high[x] * k, across.part[x]];
        let best = 0;
        let most = Number.NEGATIVE_INFINITY;
        for (let c = 0; c < k; c++) {
          const value = line[a + c] + part * (line[b + c] - line[a + c]);
          if (value > most) {
            most = value;
            best = c;
          }
        }
        out[y * width + x] = best;
      }
    }
    return out;
  }
}

function mixed(data: Float32Array, a: number, b: number, part: number, out: Float32Array): void {
  if (part === 0) out.set(data.subarray(a, a + out.length));
  else for (let i = 0; i < out.length; i++) out[i] = data[a + i] + part * (data[b + i] - data[a + i]);
}
