/** A picture of bytes in planes: red, then green, then blue, each row-major. */
export interface Planes {
  width: number;
  height: number;
  /** [3, height, width] */
  data: Uint8Array;
}

/** @param data [height, width, 3] */
export function planesOf(width: number, height: number, data: Uint8Array): Planes {
  const n = width * height;
  const out = new Uint8Array(3 * n);
  for (let i = 0; i < n; i++) for (let c = 0; c < 3; c++) out[c * n + i] = data[3 * i + c];
  return { width, height, data: out };
}

/** The picture of each channel. */
export function channels({ width, height, data }: Planes): Uint8Array[] {
  const n = width * height;
  return [0, 1, 2].map((c) => data.subarray(c * n, (c + 1) * n));
}

/** Luma as PIL has it (ITU-R 601, 16-bit integers), rounded. @returns [height, width] */
export function lumaOf(p: Planes): Uint8Array {
  const [r, g, b] = channels(p);
  return Uint8Array.from(r, (x, i) => (19595 * x + 38470 * g[i] + 7471 * b[i] + 0x8000) >> 16);
}
