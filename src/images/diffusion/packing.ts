/** FLUX's transformer takes two by two latent points as one token, and is told each token's place (Black Forest Labs' flux, sampling.py). */
export const PATCH = 2;

/** [rows, channels, height, width] → [rows, height/2 · width/2, channels · 4], features ordered by channel, then row, then column. */
export function pack(latents: Float32Array, channels: number, height: number, width: number): Float32Array {
  const out = new Float32Array(latents.length);
  eachPair(latents.length, channels, height, width, (at, packed) => {
    out[packed] = latents[at];
  });
  return out;
}

/** The inverse of `pack`. */
export function unpack(tokens: Float32Array, channels: number, height: number, width: number): Float32Array {
  const out = new Float32Array(tokens.length);
  eachPair(tokens.length, channels, height, width, (at, packed) => {
    out[at] = tokens[packed];
  });
  return out;
}

/** [height/2 · width/2, 3]: 0, row and column of each token. */
export function places(height: number, width: number): Float32Array {
  const [h, w] = [height / PATCH, width / PATCH];
  return Float32Array.from({ length: 3 * h * w }, (_, i) => {
    const token = Math.floor(i / 3);
    return [0, Math.floor(token / w), token % w][i % 3];
  });
}

function eachPair(
  length: number,
  channels: number,
  height: number,
  width: number,
  use: (at: number, packed: number) => void,
): void {
  const each = channels * height * width;
  const features = channels * PATCH * PATCH;
  for (let row = 0; row < length; row += each)
    for (let c = 0, at = row; c < channels; c++)
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++, at++) {
          const token = (y >> 1) * (width / PATCH) + (x >> 1);
          use(at, row + token * features + c * PATCH * PATCH + (y & 1) * PATCH + (x & 1));
        }
}
