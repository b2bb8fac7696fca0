import type { EvalSet } from '../../data/set.js';
import { nearest, votes as votesOf } from '../../probe/knn.js';
import { gather } from '../../probe/logistic.js';
import { argmaxRows } from '../../probe/metrics.js';
import { type Html, html } from '../../report/html.js';
import type { Executors } from '../../runtime/executor.js';
import type { SplitFeatures } from '../protocol.js';
import type { Predictions } from './options.js';
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
  const sums = votesOf(found, train.labels, { temperature: TEMPERATURE, classes }, true);
  const answers = argmaxRows(sums, classes);
  const confidences = Float32Array.from(answers, (best, i) => {
    const row = sums.subarray(i * classes, (i + 1) * classes);
    return row[best] / row.reduce((total, vote) => total + vote, 0);
  });
  return { by: `kNN, k = ${found.k}`, classes: answers, confidences };
}

/** Nearest training images of some test pictures, by one encoder; its features need not stay. */
export interface Near {
  label: string;
  /** By query: its nearest training pictures; undefined of one that this encoder alone has no features of. */
  queries: ({ picture: number; cosine: number }[] | undefined)[];
}

/** @param chosen numbers of test pictures, of which the first are asked about */
export async function nearOf(
  label: string,
  { train, test }: { train: SplitFeatures; test: SplitFeatures },
  chosen: readonly number[],
  on: Executors,
): Promise<Near> {
  const rows = chosen.slice(0, QUERIES).map((picture) => test.index.indexOf(picture));
  const there = Int32Array.from(rows.filter((row) => row >= 0));
  if (there.length === 0) return { label, queries: rows.map(() => undefined) };
  const { k, index, similarity } = await nearest(train.x, gather(test.x, test.dim, there), test.dim, SHOWN, on);
  const nearOne = (q: number) =>
    Array.from({ length: k }, (_, j) => ({ picture: train.index[index[q * k + j]], cosine: similarity[q * k + j] }));
  return { label, queries: rows.map((row) => (row < 0 ? undefined : nearOne(there.indexOf(row)))) };
}

/** Some test pictures and their nearest training images, encoder below encoder. */
export async function neighbourPictures(
  { classes, train, test }: EvalSet,
  all: readonly Near[],
  chosen: readonly number[],
  thumbnails: Thumbnails,
): Promise<Html> {
  const cards: Html[] = [];
  for (const [q, picture] of chosen.slice(0, QUERIES).entries()) {
    const label = test.labels[picture];
    const query = await thumbnails.figure('test', picture, html`<b>${classes[label] ?? ''}</b>`);
    const lines: Html[] = [];
    for (const { label: name, queries } of all) {
      const near: Html[] = [];
      for (const { picture: found, cosine } of queries[q] ?? []) {
        const c = train.labels[found];
        const kind = c === undefined ? '' : c === label ? 'same' : 'other';
        near.push(await thumbnails.figure('train', found, html`${classes[c] ?? ''} ${cosine.toFixed(2)}`, kind));
      }
      const shown = queries[q] ? near : html`<span>this picture was left out</span>`;
      lines.push(html`<div class="near"><b>${name}</b><div>${shown}</div></div>`);
    }
    cards.push(html`<div class="card beside">${query}<div>${lines}</div></div>`);
  }
  return html`<h3>Nearest training images</h3><p class="lead">By cosine; outlined where the class is the same.</p>${cards}`;
}
