import { Wasm } from '../wasm.js';

/** What `kernels/` exports: its files say what the arguments are. */
interface Functions {
  dropAlpha(rgba: number, rgb: number, pixels: number): void;
  interleave(planes: number, plane: number, stride: number, width: number, height: number, rgb: number): void;
  horizontal(...fromStrideRowsOffsetsWeightsCountToOut: number[]): void;
  vertical(...fromStrideFirstsWeightsCountToPlaneLineWidthRows: number[]): void;
  pointwise(
    from: number,
    isBytes: boolean,
    plane: number,
    to: number,
    out: number,
    pixels: number,
    steps: number,
    ends: number,
    sums: boolean,
  ): number;
  blurRows(...fromToWidthRowsWeightsRadiusLine: number[]): void;
  blurColumns(
    from: number,
    to: number,
    width: number,
    rows: number,
    weights: number,
    radius: number,
    solarise: boolean,
    scale: number,
    offset: number,
  ): void;
}

/** The pixel loops of `kernels/` with their memory: one a thread, made when first needed. */
export class Kernels extends Wasm<Functions> {
  private static own: Kernels | undefined;

  static get(): Kernels {
    Kernels.own ??= new Kernels('views/kernels.wasm');
    return Kernels.own;
  }
}

/** Pixels that `withoutAlpha` has in the kernels' memory at a time. */
const PIECE = 65_536;

/** RGBA → RGB, both interleaved. @returns `rgb` */
export function withoutAlpha(rgba: Uint8Array | Uint8ClampedArray, rgb: Uint8Array): Uint8Array {
  const kernels = Kernels.get();
  const pixels = rgba.length / 4;
  const to = kernels.region('without alpha', 3 * Math.min(pixels, PIECE));
  for (let at = 0; at < pixels; at += PIECE) {
    const n = Math.min(PIECE, pixels - at);
    const from = kernels.put('with alpha', rgba.subarray(4 * at, 4 * (at + n)));
    kernels.run.dropAlpha(from, to, n);
    rgb.set(kernels.bytes(to, 3 * n), 3 * at);
  }
  return rgb;
}
