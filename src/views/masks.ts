import type { Rng } from '../rng.js';

/**
 * Which tokens of an image are masked, exactly `count` of side × side.
 * `block`: rectangles of random area (at least 4 tokens) and aspect (0.3…1/0.3, log-uniform) are put down until there are enough (BEiT, iBOT);
 * what a last rectangle has too much is taken back at random. `random`: tokens independently.
 * @returns ascending token indices
 */
export function maskTokens(side: number, count: number, style: 'block' | 'random', rng: Rng): Int32Array {
  const n = side * side;
  if (style === 'random')
    return rng
      .shuffle(Int32Array.from({ length: n }, (_, i) => i))
      .slice(0, count)
      .sort();
  const mask = new Uint8Array(n);
  let have = 0;
  for (let tries = 0; have < count && tries < 100; tries++) {
    const area = rng.range(Math.min(4, count - have), Math.max(4, count - have) + 1);
    const aspect = Math.exp(rng.range(Math.log(0.3), -Math.log(0.3)));
    const h = Math.min(side, Math.max(1, Math.round(Math.sqrt(area * aspect))));
    const w = Math.min(side, Math.max(1, Math.round(Math.sqrt(area / aspect))));
    const top = rng.int(side - h + 1);
    const left = rng.int(side - w + 1);
    const fresh: number[] = [];
    for (let y = top; y < top + h; y++)
      for (let x = left; x < left + w; x++) if (!mask[y * side + x]) fresh.push(y * side + x);
    for (const i of rng.shuffle(fresh).slice(0, count - have)) {
      mask[i] = 1;
      have++;
    }
  }
  const rest = rng.shuffle(Array.from({ length: n }, (_, i) => i).filter((i) => !mask[i]));
  for (const i of rest.slice(0, count - have)) mask[i] = 1;
  return Int32Array.from(Array.from({ length: n }, (_, i) => i).filter((i) => mask[i]));
}
