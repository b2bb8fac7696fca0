import { decodePicture } from '../../data/decode.js';
import type { EvalSplit } from '../../data/set.js';
import { UserError } from '../../errors.js';
import { type Html, html } from '../../report/html.js';
import { Rng } from '../../rng.js';
import type { SplitFeatures } from '../protocol.js';
import { rowsOf } from '../results.js';
import { legend, mapPicture } from './map.js';
import { mistakePictures } from './mistakes.js';
import { MOST, type Near, nearOf, neighbourPictures, votes } from './neighbours.js';
import type { PicturesOptions } from './options.js';
import { type PatchRow, patchPictureRows, patchRow } from './patches.js';
import { Thumbnails } from './thumbnails.js';

/** Test pictures that are looked at one by one. */
const PICTURES = 8;

/**
 * What encoders make of a data set, in pictures side by side: PCA of patch features, what CLS attends to, nearest neighbours, what is mistaken
 * and how surely, a map. One encoder after the other is opened; of features those of one are in memory.
 * @returns a section of a page, which holds its pictures and asks for nothing from elsewhere; `STYLE` of this room goes with it
 * @throws UserError where a picture is gone; Interrupted
 */
export async function picturesFor(o: PicturesOptions): Promise<Html> {
  const { set } = o;
  const thumbnails = new Thumbnails(set);
  const isSingle = set.task === 'single';
  let chosen: number[] | undefined;
  const patches: PatchRow[] = [];
  const near: Near[] = [];
  const mistakes: Html[] = [];
  const maps: Html[] = [];
  const about = { seed: o.seed, on: o.executors, signal: o.hooks.signal };
  for (const e of o.encoders) {
    const all = set.task === 'segmentation' ? undefined : await e.features();
    chosen ??= choose(set.test.labels, all?.test.index ?? (await whole(set.test, o.seed)), o.seed);
    if (e.hasNetwork) patches.push(await patchRow(o, e.label, await e.open(), chosen));
    if (!all) continue;
    near.push(await nearOf(e.label, all, chosen, o.executors));
    const map = await mapPicture(e.label, isSingle ? set.classes : [], all.test, about);
    if (map) maps.push(map);
    if (!isSingle) continue;
    const test = some(all.test, o.seed);
    const predictions = e.predictions ?? (await votes({ train: all.train, test }, set.classes.length, o.executors));
    mistakes.push(await mistakePictures(o, e.label, e.predictions ? all.test : test, predictions, thumbnails));
  }
  return html`<div class="pictures">${await patchPictureRows(patches, chosen ?? [], thumbnails)}
${near.length > 0 && (await neighbourPictures(set, near, chosen!, thumbnails))}
${mistakes.length > 0 && html`<h3>Mistakes</h3><p class="lead">Rows of a matrix are what pictures show, columns what they were taken for; below the surest mistakes.</p>${mistakes}`}
${maps.length > 0 && html`<h3>Maps</h3><p class="lead">Test images in the plane by UMAP: those whose features are alike lie together, distances between groups mean little.</p><div class="charts">${maps}</div>${isSingle && legend(set.classes)}`}</div>`;
}

const allOf = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** As many pictures as are looked at, of those that can be decoded: nobody has tried that before. */
async function whole(split: EvalSplit, seed: number): Promise<number[]> {
  const out: number[] = [];
  for (const i of Rng.of(seed, 'pictures', 'whole').shuffle(allOf(split.length))) {
    if (out.length === PICTURES) break;
    const isWhole = await decodePicture(split, i).then(
      () => true,
      (e: unknown) => {
        if (e instanceof UserError) throw e;
        return false;
      },
    );
    if (isWhole) out.push(i);
  }
  return out;
}

/** Test pictures from one class after another. @param labels [n]; empty where pictures have no one class */
function choose(labels: Int32Array, index: ArrayLike<number>, seed: number): number[] {
  const rng = Rng.of(seed, 'pictures', 'chosen');
  const byClass = new Map<number, number[]>();
  for (const picture of rng.shuffle(Array.from(index))) {
    const c = labels[picture] ?? 0;
    const own = byClass.get(c);
    if (own) own.push(picture);
    else byClass.set(c, [picture]);
  }
  const out: number[] = [];
  for (let round = 0; out.length < PICTURES && round < index.length; round++)
    for (const of of byClass.values()) if (round < of.length) out.push(of[round]);
  return out.slice(0, PICTURES);
}

/** So many rows as a matrix needs. */
function some(test: SplitFeatures, seed: number): SplitFeatures {
  if (test.index.length <= MOST) return test;
  const order = Rng.of(seed, 'pictures', 'mistakes').shuffle(allOf(test.index.length));
  return rowsOf(test, Int32Array.from(order.slice(0, MOST)).sort(), 0);
}
