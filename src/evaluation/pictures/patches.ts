import { decodeSplit, keyOf } from '../../data/decode-split.js';
import { type OpenedEncoder, openWeightsOf } from '../../encoders/open-encoder.js';
import { ops } from '../../graph/index.js';
import { vitParameters } from '../../model/vit.js';
import { prefixOf } from '../../model/vit-config.js';
import { clsAttention } from '../../model/vit-maps.js';
import { patchPictures } from '../../probe/pca.js';
import { normalised } from '../../probe/sources.js';
import { type Html, html } from '../../report/html.js';
import type { Executors } from '../../runtime/executor.js';
import type { PicturesOptions } from './options.js';
import { pngUri, type Thumbnails } from './thumbnails.js';

/** Patches along a side, at least: small pictures are enlarged. */
const GRID = 16;
/** Heads whose attention is shown. */
const HEADS = 6;
/** Pictures whose attention is shown. */
const ATTENDED = 3;

/** What one encoder sees in pictures. */
export interface PatchRow {
  label: string;
  grid: number;
  /** By picture: PCA of all patches; undefined of one that this encoder alone cannot be shown. */
  pca: (string | undefined)[];
  /** By picture, then head: what CLS of the last block attends to; empty of an encoder without CLS. */
  attention: string[][];
}

/**
 * PCA of patch features over some pictures together, and maps of what CLS attends to.
 * @param chosen numbers of test pictures
 */
export async function patchRow(
  o: PicturesOptions,
  label: string,
  own: OpenedEncoder,
  chosen: readonly number[],
): Promise<PatchRow> {
  const size = Math.max(own.size, GRID * own.patch);
  const encoder = size === own.size ? own : await openWeightsOf(own.backbone, o.executors, size);
  try {
    const grid = Math.floor(size / encoder.patch);
    const area = grid * grid;
    const image = 3 * size * size;
    const look = encoder.preprocessing;
    const pixels = new Float32Array(chosen.length * image);
    // Which of the chosen each row is: one that cannot be decoded for this encoder has none.
    const rows: number[] = [];
    for await (const b of decodeSplit(o.set.test, { looks: [look], only: chosen, signal: o.hooks.signal })) {
      pixels.set(b.pixels.get(keyOf(look))!, rows.length * image);
      rows.push(...b.index.map((picture) => chosen.indexOf(picture)));
      b.release();
    }
    const n = rows.length;
    if (n === 0) return { label, grid, pca: [], attention: [] };
    const input = normalised(pixels.subarray(0, n * image), size, encoder.mean, encoder.std);
    const { patches } = await encoder.encode(input, n, { patches: true });
    const { all } = patchPictures(patches!, n, grid, encoder.dim);
    const pca: PatchRow['pca'] = new Array(chosen.length).fill(undefined);
    for (const [i, row] of rows.entries())
      pca[row] = await pngUri(all.subarray(i * area * 3, (i + 1) * area * 3), grid, 3);
    const attended = rows.filter((row) => row < ATTENDED).length;
    const maps = await attentionMaps(encoder, input.subarray(0, attended * image), o.executors);
    const attention: string[][] = [];
    for (let i = 0; maps && i < attended; i++) {
      const heads: string[] = [];
      for (let h = 0; h < Math.min(HEADS, maps.heads); h++) {
        const at = (i * maps.heads + h) * area;
        heads.push(await pngUri(heat(maps.weights.subarray(at, at + area)), grid, 3));
      }
      attention[rows[i]] = heads;
    }
    return { label, grid, pca, attention };
  } finally {
    if (encoder !== own) await encoder.close();
  }
}

/**
 * Attention of the last block's CLS token to the patches, by head, as it is in the network (it sums to 1 with what falls on CLS itself and
 * on registers).
 * @param input [n, 3, size, size], normalised
 * @returns weights [n, heads, grid²]; undefined for an encoder without CLS
 */
export async function attentionMaps(
  encoder: OpenedEncoder,
  input: Float32Array,
  on: Executors,
): Promise<{ heads: number; weights: Float32Array } | undefined> {
  const { vit, parameters } = encoder.backbone;
  const { cls, length } = prefixOf(vit);
  if (cls === 0) return undefined;
  const { size } = encoder;
  const n = input.length / (3 * size * size);
  const executor = await on.open();
  try {
    const specs = vitParameters(vit).filter((s) => s.name !== 'backbone.mask_token');
    const nodes = new Map(specs.map((s) => [s.name, ops.input(s.name, s.shape)]));
    for (const s of specs) await executor.keep(s.name, s.shape, parameters.get(s.name)!.slice());
    const images = ops.input('images', [1, 3, size, size]);
    await executor.load('attention', { maps: clsAttention(vit, (name) => nodes.get(name)!, images) });
    const area = Math.floor(size / vit.patch) ** 2;
    const weights = new Float32Array(n * vit.heads * area);
    for (let i = 0; i < n; i++) {
      const one = input.slice(i * 3 * size * size, (i + 1) * 3 * size * size);
      const { maps } = await executor.run('attention', { images: one });
      for (let h = 0; h < vit.heads; h++)
        weights.set(maps.subarray(h * (length + area) + length, (h + 1) * (length + area)), (i * vit.heads + h) * area);
    }
    return { heads: vit.heads, weights };
  } finally {
    await executor.close();
  }
}

/** Weights as shades from black over violet and orange to near white, stretched between the least and the 99th percentile. */
export function heat(weights: Float32Array): Uint8Array {
  const sorted = weights.slice().sort();
  const low = sorted[0];
  const high = sorted[Math.floor(0.99 * (sorted.length - 1))];
  const out = new Uint8Array(3 * weights.length);
  weights.forEach((w, i) => {
    const t = high > low ? Math.min(1, Math.max(0, (w - low) / (high - low))) : 0;
    const at = t * (STOPS.length - 1);
    const [a, b] = [STOPS[Math.floor(at)], STOPS[Math.ceil(at)]];
    for (let c = 0; c < 3; c++) out[3 * i + c] = Math.round(a[c] + (b[c] - a[c]) * (at - Math.floor(at)));
  });
  return out;
}
const STOPS = [
  [0, 0, 8],
  [80, 20, 110],
  [185, 55, 85],
  [250, 140, 40],
  [252, 250, 200],
] as const;

/** All encoders' rows below the pictures. */
export async function patchPictureRows(
  rows: readonly PatchRow[],
  chosen: readonly number[],
  thumbnails: Thumbnails,
): Promise<Html | undefined> {
  if (rows.length === 0) return undefined;
  const shown = await Promise.all(chosen.map((i) => thumbnails.uri('test', i)));
  const line = (name: string, images: readonly (string | undefined)[], kind: string) =>
    html`<div class="strip"><b>${name}</b><div>${images.map((src) => (src === undefined ? html`<span>–</span>` : html`<img class="${kind}" src="${src}" alt="" decoding="async">`))}</div></div>`;
  const attended = rows.filter((r) => r.attention.length > 0);
  const heads = (i: number) =>
    html`<div class="card beside"><figure class="pic"><img src="${shown[i]}" alt="" decoding="async"></figure><div>${attended.map((r) => line(r.label, r.attention[i] ?? [], 'patches'))}</div></div>`;
  return html`<h3>What patches see</h3><p class="lead">The first three principal components of patch features as red, green and blue, over the pictures of a row together.</p>
<div class="card">${line('', shown, '')}${rows.map((r) => line(r.label, r.pca, 'patches'))}</div>
${attended.length > 0 && html`<h3>What the CLS token attends to</h3><p class="lead">In the last block, head by head.</p>${Array.from({ length: Math.max(...attended.map((r) => r.attention.length)) }, (_, i) => heads(i))}`}`;
}
