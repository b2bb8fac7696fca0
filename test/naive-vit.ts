import { erf } from '../src/graph/erf.js';
import type { VitConfig } from '../src/model/vit.js';

/**
 * A ViT in double precision and in the order of the papers: one sample at a time, [tokens][dim], the CLS token first. It shares
 * nothing with the graph but the names of the parameters.
 */
export type Get = (name: string) => ArrayLike<number>;
type Rows = number[][];

/** Bicubic value of a row-major square grid at row `y`, column `x` (pixel centres at integers, edges repeated, a = −0.75). */
export function bicubic(grid: (row: number, column: number) => number, side: number, y: number, x: number): number {
  const weights = (t: number) => {
    const a = -0.75;
    const w0 = a * (t ** 3 - 2 * t ** 2 + t);
    const w1 = (a + 2) * t ** 3 - (a + 3) * t ** 2 + 1;
    const w3 = a * (t ** 2 - t ** 3);
    return [w0, w1, 1 - w0 - w1 - w3, w3];
  };
  const [row, column] = [Math.floor(y), Math.floor(x)];
  const inside = (i: number) => Math.min(side - 1, Math.max(0, i));
  const [down, across] = [weights(y - row), weights(x - column)];
  let value = 0;
  for (let i = 0; i < 4; i++)
    for (let j = 0; j < 4; j++) value += down[i] * across[j] * grid(inside(row - 1 + i), inside(column - 1 + j));
  return value;
}

/** Coordinate in the stored grid of cell `i` of a grid of `to` cells, with DINO's offset of 0.1. */
export const sourceAt = (i: number, from: number, to: number): number => ((i + 0.5) * from) / (to + 0.1) - 0.5;

/**
 * Tokens after the last norm.
 * @param image [3, size, size]
 * @param masked whether a patch is replaced by the mask token
 * @param keep factor of a block's residual branch
 */
export function naiveVit(
  c: VitConfig,
  get: Get,
  image: ArrayLike<number>,
  size: number,
  masked: (patch: number) => boolean = () => false,
  keep: (block: number, branch: 0 | 1) => number = () => 1,
): Rows {
  const p = (name: string) => get(`backbone.${name}`);
  const { dim, patch } = c;
  const [side, stored] = [size / patch, c.imageSize / patch];
  const position = p('pos_embed');
  const x: Rows = [range(dim).map((d) => p('cls_token')[d] + position[d])];
  for (let py = 0; py < side; py++)
    for (let px = 0; px < side; px++) {
      const at = py * side + px;
      x.push(
        range(dim).map((d) => {
          const stand = (row: number, column: number) => position[(1 + row * stored + column) * dim + d];
          const place =
            side === stored
              ? stand(py, px)
              : bicubic(stand, stored, sourceAt(py, stored, side), sourceAt(px, stored, side));
          return (masked(at) ? p('mask_token')[d] : embed(p, image, size, patch, py, px, d)) + place;
        }),
      );
    }

  for (let i = 0; i < c.depth; i++) {
    const name = `blocks.${i}`;
    const linear = (y: Rows, layer: string) => affine(y, p(`${name}.${layer}.weight`), p(`${name}.${layer}.bias`));
    const branch = (y: Rows, which: 0 | 1) =>
      y.forEach((row, t) => {
        for (let d = 0; d < dim; d++) x[t][d] += keep(i, which) * row[d];
      });
    const qkv = linear(norm(x, p(`${name}.norm1.weight`), p(`${name}.norm1.bias`)), 'attn.qkv');
    branch(linear(attend(qkv, dim, c.heads), 'attn.proj'), 0);
    const hidden = linear(norm(x, p(`${name}.norm2.weight`), p(`${name}.norm2.bias`)), 'mlp.fc1');
    branch(
      linear(
        hidden.map((row) => row.map(gelu)),
        'mlp.fc2',
      ),
      1,
    );
  }
  return norm(x, p('norm.weight'), p('norm.bias'));
}

function embed(p: Get, image: ArrayLike<number>, size: number, patch: number, py: number, px: number, d: number) {
  const weight = p('patch_embed.proj.weight');
  let sum = p('patch_embed.proj.bias')[d];
  for (let channel = 0; channel < 3; channel++)
    for (let y = 0; y < patch; y++)
      for (let x = 0; x < patch; x++)
        sum +=
          weight[((d * 3 + channel) * patch + y) * patch + x] *
          image[(channel * size + py * patch + y) * size + px * patch + x];
  return sum;
}

/** qkv [tokens][3·dim] → [tokens][dim], head by head. */
function attend(qkv: Rows, dim: number, heads: number): Rows {
  const d = dim / heads;
  return qkv.map((mine) => {
    const out: number[] = [];
    for (let h = 0; h < heads; h++) {
      const likes = qkv.map((other) => {
        let dot = 0;
        for (let i = 0; i < d; i++) dot += mine[h * d + i] * other[dim + h * d + i];
        return Math.exp(dot / Math.sqrt(d));
      });
      const total = likes.reduce((a, b) => a + b);
      for (let i = 0; i < d; i++)
        out.push(qkv.reduce((sum, other, t) => sum + (likes[t] / total) * other[2 * dim + h * d + i], 0));
    }
    return out;
  });
}

/** y·wᵀ + b */
export function affine(y: Rows, weight: ArrayLike<number>, bias?: ArrayLike<number>): Rows {
  const into = y[0].length;
  return y.map((row) =>
    range(weight.length / into).map((o) => row.reduce((s, v, i) => s + v * weight[o * into + i], bias?.[o] ?? 0)),
  );
}

export function norm(x: Rows, weight?: ArrayLike<number>, bias?: ArrayLike<number>, eps = 1e-6): Rows {
  return x.map((row) => {
    const mean = row.reduce((a, b) => a + b) / row.length;
    const variance = row.reduce((s, v) => s + (v - mean) ** 2, 0) / row.length;
    return row.map((v, d) => ((v - mean) / Math.sqrt(variance + eps)) * (weight?.[d] ?? 1) + (bias?.[d] ?? 0));
  });
}

export const gelu = (x: number): number => (x * (1 + erf(x / Math.SQRT2))) / 2;

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
