import type { DatasetReport, ProbeRow } from '../probe/report-types.js';
import { FEATURES, intervalOf, percent, points, shows, zeroShotOf } from '../probe/table.js';
import { type Html, html } from './html.js';
import type { RunData } from './run-data.js';
import { duration, many } from './words.js';

const PROBES = { linear: 'linear', knn: 'kNN' } as const;
type Probe = keyof typeof PROBES;

/** What a painted data set is painted from. */
const PAINTED: Partial<Record<DatasetReport['kind'], string>> = {
  'own-concepts': 'painted from new captions of the run’s own concepts, which training never saw',
  'held-out': 'painted from concepts that training never names',
};

/** The headline of a data set: what the encoder scores, beside what it has to beat. */
export function headline(d: DatasetReport): { value: string; label: string; beside: string } | undefined {
  const row = (name: ProbeRow['features']) => d.rows.find((r) => r.features === name);
  const trained = row('trained');
  if (!trained) return undefined;
  const others = (['untrained', 'pixels'] as const).flatMap((name) => {
    const other = row(name);
    return other ? [`${FEATURES[name]} ${percent(other.linear.top1)}`] : [];
  });
  return {
    value: `${percent(trained.linear.top1)} %`,
    label: `linear on ${d.name}`,
    beside: [range(d, trained, 'linear'), ...others, `chance ${percent(d.chance)}`].join(' · '),
  };
}

const range = (d: DatasetReport, row: ProbeRow, probe: Probe): string =>
  intervalOf(d, row, probe).map(percent).join('–');

/** What the encoder is worth: bars for the eye, then the numbers; or why there are none. Undefined before it was probed. */
export function probeSection({ probes }: RunData): Html | undefined {
  if (!probes) return undefined;
  const missing = (probes.missing ?? []).map(({ name, why }) => html`<li><b>${name}</b>: ${why}.</li>`);
  const without = missing.length > 0 && html`<div class="note"><b>Not measured</b><ul>${missing}</ul></div>`;
  if (probes.datasets.length === 0) {
    if (!without) return undefined;
    return html`<p class="lead">There was nothing to measure on.</p>${without}`;
  }
  return html`<p class="lead">Top-1 on test images from frozen CLS features at ${probes.size} px: a vote of the nearest neighbours, and a linear
classifier. The same network untrained and raw pixels are what the training has to beat; the dashed line is chance, the whisker a 95 % interval.</p>
${probes.datasets.map(probeCard)}
${without}
<details><summary>How it was measured</summary><p>kNN: weighted votes of the nearest training images by cosine, as DINO does it. Linear: SGD with
momentum and a cosine rate on standardised features; the rate is chosen on validation images split off the training set, then all training
images are used. Test images are classified once. Intervals are Wilson’s, with images of one caption counted as what they add; differences are paired,
image by image: “better” where the whole interval lies above zero. Encoder: <code>${probes.encoder.origin}</code>, weights <code>${probes.encoder.hash.slice(0, 16)}</code>.</p></details>`;
}

function probeCard(d: DatasetReport): Html {
  const what = PAINTED[d.kind] ?? d.dir;
  const captions = d.testCaptions !== undefined && ` of ${many(d.testCaptions)} captions`;
  return html`<div class="card"><header><h3>${d.name}</h3><span>${many(d.classes.length)} classes, ${many(d.train)} train and ${many(d.test)} test images${captions}; ${what}${d.split === 'hash' && '; test images chosen by hash'}</span></header>
<div class="probes">${(['knn', 'linear'] as const).map((probe) => bars(d, probe))}</div>
${gains(d)}
${inWords(d)}
${d.skipped.length > 0 && html`<div class="note warn"><b>${many(d.skipped.length)} broken ${d.skipped.length === 1 ? 'image' : 'images'} left out</b><ul>${d.skipped.slice(0, 5).map((s) => html`<li><code>${s.file}</code> ${s.reason}</li>`)}${d.skipped.length > 5 && html`<li>and ${d.skipped.length - 5} more in probes.json</li>`}</ul></div>`}
<details><summary>Numbers</summary><div class="scroll"><table>
<tr><th>features</th><th>dim</th><th>kNN</th><th>95 %</th><th>per class</th><th>linear</th><th>95 %</th><th>per class</th><th>on train</th><th>lr</th><th>time</th></tr>
${d.rows.map((r) => html`<tr><td>${FEATURES[r.features]}</td><td>${r.dim}</td><td>${percent(r.knn.top1)}</td><td>${range(d, r, 'knn')}</td><td>${percent(r.knn.meanPerClass)}</td><td>${percent(r.linear.top1)}</td><td>${range(d, r, 'linear')}</td><td>${percent(r.linear.meanPerClass)}</td><td>${percent(r.linear.train)}</td><td>${r.linear.lr}</td><td>${duration(r.seconds.features + r.seconds.knn + r.seconds.linear)}</td></tr>`)}
${guess('chance', d.chance)}
${d.majority !== d.chance && guess('majority class', d.majority)}
</table></div></details></div>`;
}

const guess = (name: string, share: number): Html =>
  html`<tr><td>${name}</td><td></td><td>${percent(share)}</td><td></td><td></td><td>${percent(share)}</td><td></td><td></td><td></td><td></td><td></td></tr>`;

function bars(d: DatasetReport, probe: Probe): Html {
  const best = Math.max(d.chance, ...d.rows.flatMap((r) => [r.knn.top1, r.linear.top1]));
  // All bars of a data set share one scale, a round one above the best.
  const scale = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8].find((s) => s >= best * 1.08) ?? 1;
  const width = (share: number): string => `${Math.min(100, (100 * share) / scale).toFixed(2)}%`;
  return html`<div class="bars"><h4>${probe === 'knn' ? `kNN (k = ${d.rows[0]?.knn.k})` : 'linear'}, top-1 %</h4>
${d.rows.map((r) => {
  const share = r[probe].top1;
  const [low, high] = intervalOf(d, r, probe);
  return html`<span>${FEATURES[r.features]}</span><div class="track"><div class="fill ${r.features}" style="width:${width(share)}"></div><div class="chance" style="left:${width(d.chance)}"></div><div class="whisker" style="left:${width(low)};width:${width(Math.min(scale, high) - low)}"></div></div><b>${percent(share)}</b>`;
})}</div>`;
}

/** What the words of the classes alone tell, where the encoder has a text side. */
function inWords(d: DatasetReport): Html | undefined {
  const shot = zeroShotOf(d);
  return (
    shot &&
    html`<ul class="gain"><li>Zero-shot, each class in ${shot.templates} sentences and no training image: <b>${shot.top1} %</b> (${shot.range}), per class ${shot.meanPerClass} %.</li></ul>`
  );
}

/** What training gained, in points with intervals, as sentences. */
function gains(d: DatasetReport): Html | undefined {
  const lines = (['untrained', 'pixels'] as const).flatMap((against) => {
    const some = (d.gains ?? []).filter((g) => g.against === against);
    if (some.length === 0) return [];
    const than = against === 'untrained' ? 'the untrained network' : 'raw pixels';
    return [
      html`<li>Against ${than}: ${some.map((g, i) => html`${i > 0 && '; '}${PROBES[g.probe]} <b>${points(g.difference)}</b> points (${g.interval.map(points).join(' to ')}), ${shows(g)}`)}.</li>`,
    ];
  });
  return lines.length > 0 ? html`<ul class="gain">${lines}</ul>` : undefined;
}
