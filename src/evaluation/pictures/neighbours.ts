import { type Neighbours, nearest } from '../../probe/knn.js';
import { type Html, html } from '../../report/html.js';
import type { Executors } from '../../runtime/executor.js';
import type { SplitFeatures } from '../protocol.js';
import { type PicturesOptions, type Predictions, rowsOf } from './options.js';
import type { Thumbnails } from './thumbnails.js';

/** Neighbours that vote, and the temperature of their votes (Wu et al. 2018). */
const K = 20;
const TEMPERATURE = 0.07;
/** Test pictures that are classified by them at most: a matrix of more says no more. */
export const MOST = 5000;
/** Queries that are shown, and neighbours of each. */
const QUERIES = 4;
const SHOWN = 6;

/** What the nearest training images say of every test image: votes weighted by exp(cosine / 0.07). */
export async function votes(
  { train, test }: { train: SplitFeatures; test: SplitFeatures },
  classes: number,
  on: Executors,
): Promise<Predictions> {
  const found = await nearest(train.x, test.x, test.dim, K, on);
  const n = test.labels.length;
  const answers = new Int32Array(n);
  const confidences = new Float32Array(n);
  const sums = new Float64Array(classes);
  for (let i = 0; i < n; i++) {
    sums.fill(0);
    let total = 0;
    for (let j = i * found.k; j < (i + 1) * found.k; j++) {
      // Of the nearest one's cosine, so that nothing overflows.
      const vote = Math.exp((found.similarity[j] - found.similarity[i * found.k]) / TEMPERATURE);
      sums[train.labels[found.index[j]]] += vote;
      total += vote;
    }
    let best = 0;
    for (let c = 1; c < classes; c++) if (sums[c] > sums[best]) best = c;
    answers[i] = best;
    confidences[i] = sums[best] / total;
  }
  return { by: `kNN, k = ${found.k}`, classes: answers, confidences };
}

/** Some test pictures and their nearest training images, encoder below encoder. */
export async function neighbourPictures(
  o: PicturesOptions,
  all: readonly { label: string; train: SplitFeatures; test: SplitFeatures }[],
  chosen: readonly number[],
  thumbnails: Thumbnails,
): Promise<Html> {
  const { classes } = o.set;
  const queries = chosen.slice(0, QUERIES);
  const found: Neighbours[] = [];
  for (const { train, test } of all) {
    const rows = queries.map((picture) => test.index.indexOf(picture));
    found.push(await nearest(train.x, rowsOf(test.x, test.dim, rows), test.dim, SHOWN, o.executors));
  }
  const cards: Html[] = [];
  for (const [q, picture] of queries.entries()) {
    const label = o.set.test.labels[picture];
    const query = await thumbnails.figure('test', picture, html`<b>${classes[label] ?? ''}</b>`);
    const lines: Html[] = [];
    for (const [e, { label: name, train }] of all.entries()) {
      const { k, index, similarity } = found[e];
      const near: Html[] = [];
      for (let j = q * k; j < (q + 1) * k; j++) {
        const c = train.labels[index[j]];
        const kind = c === undefined ? '' : c === label ? 'same' : 'other';
        const caption = html`${classes[c] ?? ''} ${similarity[j].toFixed(2)}`;
        near.push(await thumbnails.figure('train', train.index[index[j]], caption, kind));
      }
      lines.push(html`<div class="near"><b>${name}</b><div>${near}</div></div>`);
    }
    cards.push(html`<div class="card beside">${query}<div>${lines}</div></div>`);
  }
  return html`<h3>Nearest training images</h3><p class="lead">By cosine; outlined where the class is the same.</p>${cards}`;
}
