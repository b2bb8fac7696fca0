import { Interrupted } from '../../errors.js';
import { nearest } from '../../probe/knn.js';
import { gather } from '../../probe/logistic.js';
import { type Html, html } from '../../report/html.js';
import { Rng } from '../../rng.js';
import type { Executors } from '../../runtime/executor.js';
import type { SplitFeatures } from '../protocol.js';

/** Points of a map at most. */
const POINTS = 800;
/** Neighbours that a point is to stay near (UMAP's default), the point itself among them. */
const NEAR = 15;
/** Fewer points make no map. */
const LEAST = 5;
const SIDE = 320;
/** Classes that have a colour of their own in the legend. */
const COLOURS = 20;

/**
 * A map of features in the plane by UMAP (McInnes et al. 2018), cosine, from exact neighbours; the same features and seed give the same map.
 * @param x [n, dim]
 * @returns [n] places; undefined for fewer than five @throws Interrupted
 */
export async function umapOf(
  x: Float32Array,
  dim: number,
  o: { seed: number; on: Executors; signal: AbortSignal },
): Promise<[x: number, y: number][] | undefined> {
  const n = x.length / dim;
  if (n < LEAST) return undefined;
  const { UMAP } = await import('umap-js');
  const { k, index, similarity } = await nearest(x, x, dim, Math.min(NEAR, n - 1), o.on);
  const rng = Rng.of(o.seed, 'pictures', 'map');
  const umap = new UMAP({ nComponents: 2, nNeighbors: k, minDist: 0.15, random: () => rng.uniform() });
  const rowOf = <T>(of: (at: number) => T, i: number) => Array.from({ length: k }, (_, j) => of(i * k + j));
  const all = Array.from({ length: n }, (_, i) => i);
  umap.setPrecomputedKNN(
    all.map((i) => rowOf((at) => index[at], i)),
    // Rounding may make a cosine more than 1.
    all.map((i) => rowOf((at) => Math.max(0, 1 - similarity[at]), i)),
  );
  // Neighbours are known: of the rows themselves only their number counts.
  const epochs = umap.initializeFit(all.map((i) => [i]));
  for (let epoch = 0; epoch < epochs; epoch++) {
    if (o.signal.aborted) throw new Interrupted('stopped while drawing a map');
    umap.step();
  }
  return umap.getEmbedding().map(([a, b]) => [a, b]);
}

/** Test pictures of a set as points, coloured by class. */
export async function mapPicture(
  label: string,
  classes: readonly string[],
  test: SplitFeatures,
  o: { seed: number; on: Executors; signal: AbortSignal },
): Promise<Html | undefined> {
  const rng = Rng.of(o.seed, 'pictures', 'map', 'points');
  const rows = rng.shuffle(Array.from({ length: test.index.length }, (_, i) => i)).slice(0, POINTS);
  const places = await umapOf(gather(test.x, test.dim, Int32Array.from(rows)), test.dim, o);
  if (!places) return undefined;
  const scale = (axis: 0 | 1) => {
    const sorted = places.map((p) => p[axis]).sort((a, b) => a - b);
    const [low, high] = [sorted[0], sorted.at(-1)!];
    return (v: number) => (8 + ((SIDE - 16) * (v - low)) / Math.max(1e-9, high - low)).toFixed(1);
  };
  const [at, down] = [scale(0), scale(1)];
  const byClass = new Map<number, string>();
  rows.forEach((row, i) => {
    const c = test.labels[row];
    byClass.set(c, `${byClass.get(c) ?? ''}M${at(places[i][0])} ${down(places[i][1])}h0`);
  });
  const drawn = [...byClass].sort(([a], [b]) => a - b);
  return html`<figure class="chart map"><figcaption><b>${label}</b></figcaption><svg viewBox="0 0 ${SIDE} ${SIDE}" role="img" aria-label="map of ${rows.length} test images by ${label}">${drawn.map(([c, path]) => html`<path d="${path}" stroke="${colour(c, classes.length)}"><title>${classes[c] ?? ''}</title></path>`)}</svg></figure>`;
}

/** Names beside their colours; of many classes none, they would be told apart by nobody. */
export function legend(classes: readonly string[]): Html | undefined {
  if (classes.length > COLOURS || classes.length === 0) return undefined;
  return html`<div class="legend">${classes.map((name, c) => html`<span><i style="background:${colour(c, classes.length)}"></i>${name}</span>`)}</div>`;
}

/** Hues far from each other for classes one after the other, in two lightnesses. */
const colour = (c: number, classes: number): string =>
  `hsl(${Math.round((360 * ((c * 0.618034) % 1) + (360 * c) / Math.max(1, classes)) % 360)} 70% ${c % 2 === 0 ? 45 : 60}%)`;
