import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * A tiny learned painter for tests: the decoder of a conditional VAE trained on sketches (50 concepts, 28×28 px), run in plain JavaScript.
 * The concept is the first label found in the prompt, the latent comes from the seed.
 */

const SIDE = 28;
const LATENT = 16;

/** @param {string} dir the folder with model.json, manifest.json and the weights */
export function openSketchPainter(dir) {
  if (!existsSync(join(dir, 'model.json'))) return undefined;
  const { labels } = JSON.parse(readFileSync(join(dir, 'manifest.json'), 'utf8'));
  const [group] = JSON.parse(readFileSync(join(dir, 'model.json'), 'utf8')).weightsManifest;
  const bytes = Buffer.concat(group.paths.map((path) => readFileSync(join(dir, path))));
  const data = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  const weights = {};
  let at = 0;
  for (const { name, shape } of group.weights) {
    const length = shape.reduce((a, b) => a * b, 1);
    weights[name] = data.subarray(at, at + length);
    at += length;
  }
  const words = labels.map((label) => label.replaceAll('_', ' '));
  return (prompt, seed) => {
    const text = ` ${prompt.toLowerCase().replace(/[^a-z]+/g, ' ')} `;
    const found = words.findIndex((word) => text.includes(` ${word} `));
    const label = found < 0 ? hash(prompt) % words.length : found;
    return decode(weights, latentOf(seed), label, words.length + 1);
  };
}

/** @returns {Float32Array} [28, 28] in 0…1, ink on nothing */
function decode(weights, latent, label, labels) {
  const kernel = weights['dense_5/kernel'];
  const bias = weights['dense_5/bias'];
  if (kernel.length !== (LATENT + labels) * bias.length) throw new Error('the sketch network has another shape');
  // Label 0 of the one-hot input is unused.
  const hidden = Float32Array.from(bias, (b, j) => {
    let sum = b + kernel[(LATENT + label + 1) * bias.length + j];
    for (let i = 0; i < LATENT; i++) sum += latent[i] * kernel[i * bias.length + j];
    return Math.max(0, sum);
  });
  const relu = (x) => Math.max(0, x);
  const layer = (x, side, name, activation) =>
    convTranspose(x, side, weights[`${name}/kernel`], weights[`${name}/bias`], activation);
  const a = layer(hidden, 7, 'conv2d_transpose_1', relu);
  const b = layer(upsample(a, 7), 14, 'conv2d_transpose_2', relu);
  return layer(upsample(b, 14), SIDE, 'conv2d_transpose_3', (x) => 1 / (1 + Math.exp(-x)));
}

/** 3×3, stride 1, same size. @param x [side, side, in] @param kernel [3, 3, out, in] */
function convTranspose(x, side, kernel, bias, activation) {
  const outs = bias.length;
  const ins = x.length / (side * side);
  const y = new Float32Array(side * side * outs);
  for (let row = 0; row < side; row++)
    for (let column = 0; column < side; column++)
      for (let o = 0; o < outs; o++) {
        let sum = bias[o];
        for (let ky = 0; ky < 3; ky++)
          for (let kx = 0; kx < 3; kx++) {
            const [r, c] = [row + 1 - ky, column + 1 - kx];
            if (r < 0 || r >= side || c < 0 || c >= side) continue;
            const from = (r * side + c) * ins;
            const k = ((ky * 3 + kx) * outs + o) * ins;
            for (let i = 0; i < ins; i++) sum += x[from + i] * kernel[k + i];
          }
        y[(row * side + column) * outs + o] = activation(sum);
      }
  return y;
}

/** Twice the side, each value four times. */
function upsample(x, side) {
  const n = x.length / (side * side);
  const y = new Float32Array(x.length * 4);
  for (let row = 0; row < 2 * side; row++)
    for (let column = 0; column < 2 * side; column++) {
      const from = ((row >> 1) * side + (column >> 1)) * n;
      y.set(x.subarray(from, from + n), (row * 2 * side + column) * n);
    }
  return y;
}

/** FNV-1a, 32 bits. */
export function hash(text) {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return h;
}

/** Numbers in [0, 1) from a seed (Weyl sequence, mixed). */
export function randomOf(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let z = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return ((z ^ (z >>> 16)) >>> 0) / 2 ** 32;
  };
}

function latentOf(seed) {
  const random = randomOf(seed);
  return Array.from(
    { length: LATENT },
    () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()),
  );
}
