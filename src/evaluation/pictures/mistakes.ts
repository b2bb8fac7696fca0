import { type Html, html } from '../../report/html.js';
import { confusion } from '../metrics/accuracy.js';
import type { SplitFeatures } from '../protocol.js';
import type { PicturesOptions, Predictions } from './options.js';
import type { Thumbnails } from './thumbnails.js';

/** Classes that a matrix has at most; of more the worst pairs are listed alone. */
const MATRIX = 25;
const PAIRS = 8;
/** Mistakes that are shown. */
const WORST = 8;
const CELL = 16;

/** Pairs that are mistaken most often. @param counts as of `confusion` */
export function worstPairs(
  counts: Int32Array,
  classes: number,
  most: number,
): { is: number; taken: number; n: number }[] {
  const pairs = [...counts.entries()].flatMap(([at, n]) => {
    const [is, taken] = [Math.floor(at / classes), at % classes];
    return n > 0 && is !== taken ? [{ is, taken, n }] : [];
  });
  return pairs.sort((a, b) => b.n - a.n || a.is - b.is || a.taken - b.taken).slice(0, most);
}

/** Rows that are wrong, those that were surest first; equals in their order. */
export function surestMistakes(labels: Int32Array, { classes, confidences }: Predictions, most: number): number[] {
  const wrong = [...labels.keys()].filter((i) => classes[i] !== labels[i]);
  return wrong.sort((a, b) => confidences[b] - confidences[a] || a - b).slice(0, most);
}

/** What an encoder's answers mistake: a matrix, the worst pairs, the surest mistakes. */
export async function mistakePictures(
  o: PicturesOptions,
  label: string,
  test: SplitFeatures,
  predictions: Predictions,
  thumbnails: Thumbnails,
): Promise<Html> {
  const { classes } = o.set;
  const k = classes.length;
  const counts = confusion(predictions.classes, test.labels, k);
  const right = test.labels.reduce((n, c, i) => n + (predictions.classes[i] === c ? 1 : 0), 0);
  const pairs = worstPairs(counts, k, PAIRS);
  const worst: Html[] = [];
  for (const i of surestMistakes(test.labels, predictions, WORST)) {
    const caption = html`<b>${classes[test.labels[i]]}</b> taken for ${classes[predictions.classes[i]]}, ${Math.round(100 * predictions.confidences[i])} %`;
    worst.push(await thumbnails.figure('test', test.index[i], caption, 'other wrong'));
  }
  return html`<div class="card"><header><h3>${label}</h3><span>${predictions.by}: ${((100 * right) / test.labels.length).toFixed(1)} % of ${test.labels.length} right</span></header>
<div class="mistakes">${k <= MATRIX && matrix(counts, classes)}<div><p>${pairs.length === 0 ? 'nothing is mistaken' : html`most often: ${pairs.map((p) => `${classes[p.is]} for ${classes[p.taken]} (${p.n})`).join(', ')}`}</p>
<div class="worst">${worst}</div></div></div></div>`;
}

/** Shares of each class's pictures as shades: rows what they are, columns what they were taken for. */
function matrix(counts: Int32Array, classes: readonly string[]): Html {
  const k = classes.length;
  const left = 110;
  const top = 92;
  const side = k * CELL;
  const cells: Html[] = [];
  for (let r = 0; r < k; r++) {
    const total = counts.subarray(r * k, (r + 1) * k).reduce((s, n) => s + n, 0);
    for (let c = 0; c < k; c++) {
      const n = counts[r * k + c];
      if (n === 0) continue;
      const place = html`x="${left + c * CELL}" y="${top + r * CELL}" width="${CELL - 1}" height="${CELL - 1}"`;
      cells.push(
        html`<rect class="${r === c ? 'right' : 'wrong'}" ${place} opacity="${(0.12 + (0.88 * n) / total).toFixed(2)}"><title>${classes[r]} taken for ${classes[c]}: ${n} of ${total}</title></rect>`,
      );
    }
  }
  const short = (name: string) => (name.length > 14 ? `${name.slice(0, 13)}…` : name);
  const names = classes.map((name, i) => {
    const at = i * CELL + 11;
    return html`<text x="${left - 6}" y="${top + at}" text-anchor="end">${short(name)}</text><text transform="translate(${left + at},${top - 6}) rotate(-60)">${short(name)}</text>`;
  });
  return html`<svg class="matrix" viewBox="0 0 ${left + side + 60} ${top + side + 4}" role="img" aria-label="confusion matrix">${cells}${names}</svg>`;
}
