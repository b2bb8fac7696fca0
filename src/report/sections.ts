import { settingLeaves, showValue } from '../config/leaves.js';
import { getPath } from '../config/resolve.js';
import { imageType } from '../formats/image-type.js';
import type { DatasetReport, ProbeRow } from '../probe/report-types.js';
import { percent, uncertainty } from '../probe/table.js';
import { trainingCharts } from './charts.js';
import { dataUri, type Html, html } from './html.js';
import { makingCard } from './making.js';
import type { PicturesShown, RunData } from './run-data.js';
import { verdict } from './verdict.js';

const NAMES: Record<ProbeRow['features'], string> = {
  trained: 'trained',
  untrained: 'untrained',
  pixels: 'raw pixels',
};
const many = (n: number): string => n.toLocaleString('en-US');
const source = (bytes: Uint8Array): string => dataUri(bytes, imageType(bytes) ?? 'image/jpeg');
const missing = (what: string, command: string): Html =>
  html`<div class="note"><b>${what}</b><p><code>${command}</code></p></div>`;

/** A duration in words: `48 s`, `9 min 12 s`, `3 h 05 min`. */
export function duration(seconds: number): string {
  const s = Math.round(seconds);
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${s % 60} s`;
  return `${Math.floor(s / 3600)} h ${String(Math.floor(s / 60) % 60).padStart(2, '0')} min`;
}

/** What the encoder is worth: bars for the eye, then the numbers. */
export function probeSection(run: RunData): Html {
  const { probes } = run;
  if (!probes || probes.datasets.length === 0)
    return missing('Not probed yet.', `synclr eval --out ${run.dir} --eval NAME=FOLDER`);
  return html`<p class="lead">Top-1 on test images from frozen CLS features at ${probes.size} px: a vote of the nearest neighbours, and a linear
classifier. The same network untrained and raw pixels are what the training has to beat; the dashed line is chance, the whisker a 95 % interval.</p>
${probes.datasets.map(probeCard)}
<details><summary>How it was measured</summary><p>kNN: weighted votes of the nearest training images by cosine, as DINO does it. Linear: SGD with
momentum and a cosine rate on standardised features; the rate is chosen on validation images split off the training set, then all training
images are used. Test images are classified once. Encoder: <code>${probes.encoder.origin}</code>, weights <code>${probes.encoder.hash.slice(0, 16)}</code>.</p></details>`;
}

function probeCard(d: DatasetReport): Html {
  const what = d.kind === 'held-out' ? 'painted from concepts that training never names' : d.dir;
  return html`<div class="card"><header><h3>${d.name}</h3><span>${many(d.classes.length)} classes, ${many(d.train)} train and ${many(d.test)} test images; ${what}${d.split === 'hash' && '; test images chosen by hash'}</span></header>
<div class="probes">${(['knn', 'linear'] as const).map((probe) => bars(d, probe))}</div>
${gain(d)}
${d.skipped.length > 0 && html`<div class="note warn"><b>${many(d.skipped.length)} broken ${d.skipped.length === 1 ? 'image' : 'images'} left out</b><ul>${d.skipped.slice(0, 5).map((s) => html`<li><code>${s.file}</code> ${s.reason}</li>`)}${d.skipped.length > 5 && html`<li>and ${d.skipped.length - 5} more in probes.json</li>`}</ul></div>`}
<details><summary>Numbers</summary><div class="scroll"><table>
<tr><th>features</th><th>dim</th><th>kNN</th><th>per class</th><th>linear</th><th>per class</th><th>on train</th><th>lr</th><th>time</th></tr>
${d.rows.map((r) => html`<tr><td>${NAMES[r.features]}</td><td>${r.dim}</td><td>${percent(r.knn.top1)}</td><td>${percent(r.knn.meanPerClass)}</td><td>${percent(r.linear.top1)}</td><td>${percent(r.linear.meanPerClass)}</td><td>${percent(r.linear.train)}</td><td>${r.linear.lr}</td><td>${duration(r.seconds.features + r.seconds.knn + r.seconds.linear)}</td></tr>`)}
<tr><td>chance</td><td></td><td>${percent(d.chance)}</td><td></td><td>${percent(d.chance)}</td><td></td><td></td><td></td><td></td></tr>
</table></div></details></div>`;
}

function bars(d: DatasetReport, probe: 'knn' | 'linear'): Html {
  const best = Math.max(d.chance, ...d.rows.flatMap((r) => [r.knn.top1, r.linear.top1]));
  // All bars of a data set share one scale, a round one above the best.
  const scale = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8].find((s) => s >= best * 1.08) ?? 1;
  const width = (share: number): string => `${Math.min(100, (100 * share) / scale).toFixed(2)}%`;
  return html`<div class="bars"><h4>${probe === 'knn' ? `kNN (k = ${d.rows[0]?.knn.k})` : 'linear'}, top-1 %</h4>
${d.rows.map((r) => {
  const share = r[probe].top1;
  const half = uncertainty(share, d.test) / 100;
  return html`<span>${NAMES[r.features]}</span><div class="track"><div class="fill ${r.features}" style="width:${width(share)}"></div><div class="chance" style="left:${width(d.chance)}"></div><div class="whisker" style="left:${width(Math.max(0, share - half))};width:${width(Math.min(scale, share + half) - Math.max(0, share - half))}"></div></div><b>${percent(share)}</b>`;
})}</div>`;
}

/** What training gained, in points, as a sentence. */
function gain(d: DatasetReport): Html | undefined {
  const row = (name: ProbeRow['features']) => d.rows.find((r) => r.features === name);
  const trained = row('trained');
  if (!trained) return undefined;
  const parts: Html[] = [];
  for (const [name, than] of [
    ['untrained', 'the untrained network'],
    ['pixels', 'raw pixels'],
  ] as const) {
    const other = row(name);
    if (!other) continue;
    const points = (probe: 'knn' | 'linear'): Html => {
      const x = 100 * (trained[probe].top1 - other[probe].top1);
      return html`<b>${x >= 0 ? '+' : '−'}${Math.abs(x).toFixed(1)}</b>`;
    };
    parts.push(html`${points('linear')} linear and ${points('knn')} kNN against ${than}`);
  }
  if (parts.length === 0) return undefined;
  return html`<p class="gain">In points: ${parts.map((p, i) => html`${i > 0 && '; '}${p}`)}.</p>`;
}

/** Words on health, at the top of the page too. */
export function healthNote(run: RunData): Html | undefined {
  const v = run.metrics && verdict(run.metrics);
  if (!v) return undefined;
  return html`<div class="note ${v.level}" id="health"><b>${v.title}</b><p>${v.remarks.join(' ')}</p></div>`;
}

export function trainingSection(run: RunData): Html {
  const { metrics } = run;
  if (!metrics) return missing('Not trained yet.', `synclr train --out ${run.dir}`);
  const total = run.config?.settings?.train.steps;
  const unfinished = total !== undefined && metrics.steps < total;
  return html`<p class="lead">${many(metrics.steps)} ${unfinished ? html`of ${many(total)} ` : ''}steps${metrics.seconds !== undefined && `, ${duration(metrics.seconds)} of computing`}. Pale: as measured; strong: smoothed. All numbers are in <code>train/metrics.jsonl</code>.</p>
${trainingCharts(metrics).map((s) => html`<h3>${s.title}</h3><div class="charts">${s.charts}</div>`)}`;
}

export function corpusSection(run: RunData): Html {
  const { captions, images, samples } = run;
  if (!captions) return missing('No captions yet.', `synclr captions --out ${run.dir}`);
  const n = run.config?.settings?.images.perCaption;
  const painted = !images
    ? ', not painted yet'
    : images.done < captions.done
      ? `, ${many(images.done)} of them painted`
      : n !== undefined && `, ${n} images each`;
  return html`<p class="lead">${many(captions.done)}${captions.done < captions.total && html` of ${many(captions.total)}`} captions${painted}. Images of one caption are each other’s positives.${run.config?.corpus && html` They lie elsewhere: <code>${run.config.corpus.path}</code>${run.config.corpus.foreign ? ', made by another program' : ''}.`}</p>
${makingCard(run)}
<h3>Samples</h3>
<div class="samples">${samples.map(
    ({
      record,
      images: files,
    }) => html`<figure class="sample">${files.length > 0 && html`<div class="images">${files.map((f) => html`<img src="${source(f)}" alt="" decoding="async">`)}</div>`}<figcaption><q>${record.caption}</q>
<div class="tags"><span><i>concept</i> ${record.concept || '–'}</span>${record.background && html`<span><i>background</i> ${record.background}</span>`}${record.relation && html`<span><i>relation</i> ${record.relation} ${record.related}</span>`}</div></figcaption></figure>`,
  )}</div>`;
}

export function neighbourSection(pictures: readonly PicturesShown[], dir: string): Html {
  const some = pictures.filter((p) => p.neighbours.length > 0);
  if (some.length === 0) return missing('No pictures of neighbours yet.', `synclr eval --out ${dir}`);
  return html`<p class="lead">A test image on the left, then the training images whose features are nearest to its own; ringed where the class is the same.</p>
${some.map((p) => {
  const all = p.neighbours.flatMap(({ query, found }) => found.map((f) => f.class === query.class));
  return html`<div class="card"><header><h3>${p.dataset}</h3><span>${all.filter(Boolean).length} of ${all.length} neighbours share the query’s class</span></header>
<div class="neighbours">${p.neighbours.map(({ query, found }) => html`<div class="row">${picture(p, query, html`<b>${query.class}</b>`, '')}<hr>${found.map((f) => picture(p, f, html`${f.class} ${f.similarity.toFixed(2)}`, f.class === query.class ? 'same' : 'other'))}</div>`)}</div></div>`;
})}`;
}

function picture(
  p: PicturesShown,
  x: { image: string; class: string; caption?: string; file: string },
  label: Html,
  kind: string,
): Html {
  return html`<figure class="pic ${kind}"><img src="${source(p.file(x.image))}" alt="${x.class}" title="${x.caption ?? x.file}" decoding="async"><figcaption>${label}</figcaption></figure>`;
}

export function pcaSection(pictures: readonly PicturesShown[], dir: string): Html {
  const some = pictures.filter((p) => p.pca.length > 0);
  if (some.length === 0) return missing('No PCA pictures yet.', `synclr eval --out ${dir}`);
  return html`<p class="lead">The first three principal components of patch features, over all images of a set together, as red, green and blue: patches of
one colour look alike to the encoder. In the middle all patches, on the right what the first component calls foreground.</p>
${some.map((p) => html`<div class="card"><header><h3>${p.dataset}</h3><span>${p.grid} × ${p.grid} patches an image</span></header><div class="pca">${p.pca.map((x) => html`<figure class="triple"><div><img src="${source(p.file(x.image))}" alt="${x.class}" decoding="async"><img class="patches" src="${dataUri(p.file(x.all), 'image/png')}" alt="PCA of all patches" decoding="async"><img class="patches" src="${dataUri(p.file(x.foreground), 'image/png')}" alt="PCA of foreground patches" decoding="async"></div><figcaption title="${x.caption ?? x.file}">${x.class}</figcaption></figure>`)}</div></div>`)}`;
}

/** Every setting, those that differ from the schema's default marked. */
export function settingsSection(run: RunData): Html {
  const settings = run.config?.settings;
  if (!settings) return missing('No config.json.', `synclr run --out ${run.dir}`);
  const groups = new Map<string, Html[]>();
  for (const leaf of settingLeaves()) {
    const [group, ...rest] = leaf.path.split('.');
    const value = getPath(settings, leaf.path);
    if (value === undefined) continue;
    const changed = JSON.stringify(value) !== JSON.stringify(leaf.default);
    const name = rest.join('.') || group;
    const list = groups.get(rest.length > 0 ? group : 'run') ?? [];
    list.push(
      html`<dt title="${leaf.about}">${name}</dt><dd class="${changed && 'changed'}">${showValue(value).replaceAll(',', ', ')}</dd>`,
    );
    groups.set(rest.length > 0 ? group : 'run', list);
  }
  return html`<p class="lead">Preset ${run.config?.preset ?? 'unknown'}; values that differ from the schema’s defaults are coloured. The same file repeats the run: <code>synclr run --config ${run.dir}/config.json --out NEW</code>.</p>
<div class="card settings">${[...groups].map(([name, rows]) => html`<section><h3>${name}</h3><dl>${rows}</dl></section>`)}</div>`;
}
