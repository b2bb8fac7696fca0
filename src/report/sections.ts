import { defaultIn, settingLeaves, showValue } from '../config/leaves.js';
import { getPath } from '../config/resolve.js';
import { imageType } from '../formats/image-type.js';
import { percent } from '../probe/table.js';
import { trainingCharts } from './charts.js';
import { dataUri, type Html, html } from './html.js';
import { makingCard } from './making.js';
import type { PicturesShown, RunData } from './run-data.js';
import { realShare, sourceTable } from './sources.js';
import { verdict } from './verdict.js';
import { duration, many } from './words.js';

const source = (bytes: Uint8Array): string => dataUri(bytes, imageType(bytes) ?? 'image/jpeg');
/** Whether it has learned something, at the top of the page. */
export function healthNote(run: RunData): Html | undefined {
  const v = verdict(run);
  if (!v) return undefined;
  return html`<div class="note ${v.level}" id="health"><b>${v.title}</b><ul>${v.remarks.map((r) => html`<li>${r}</li>`)}</ul></div>`;
}

export function trainingSection(run: RunData): Html | undefined {
  const { metrics } = run;
  if (!metrics) return undefined;
  const total = run.config?.settings?.train.steps;
  const unfinished = total !== undefined && metrics.steps < total;
  return html`<p class="lead">${many(metrics.steps)} ${unfinished ? html`of ${many(total)} ` : ''}steps${metrics.seconds !== undefined && `, ${duration(metrics.seconds)} of computing`}. Pale: as measured; strong: smoothed. All numbers are in <code>train/metrics.jsonl</code>.</p>
${trainingCharts(metrics, run.config?.settings?.learn.method).map((s) => html`<h3>${s.title}</h3><div class="charts">${s.charts}</div>`)}`;
}

export function corpusSection(run: RunData): Html | undefined {
  const { captions, images, samples } = run;
  if (!captions) return undefined;
  const n = run.config?.settings?.images.perCaption;
  const painted = !images
    ? ', not painted yet'
    : images.done < captions.done
      ? `, ${many(images.done)} of them painted`
      : run.config?.corpus?.sources
        ? ` with ${many(run.config.corpus.images)} images`
        : n !== undefined && `, ${n} images each`;
  return html`<p class="lead">${many(captions.done)}${captions.done < captions.total && html` of ${many(captions.total)}`} captions${painted}. Images of one caption are each other’s positives.${run.config?.corpus && html` They lie elsewhere: <code>${run.config.corpus.path}</code>.`} ${realShare(run.config?.corpus)}</p>
${sourceTable(run.config?.corpus)}${makingCard(run)}
<h3>Samples</h3>
<div class="samples">${samples.map(
    ({
      record,
      images: files,
    }) => html`<figure class="sample">${files.length > 0 && html`<div class="images">${files.map((f) => html`<img src="${source(f)}" alt="" decoding="async">`)}</div>`}<figcaption><q>${record.caption}</q>
<div class="tags"><span><i>concept</i> ${record.concept || '–'}</span>${record.background && html`<span><i>background</i> ${record.background}</span>`}${record.relation && html`<span><i>relation</i> ${record.relation} ${record.related}</span>`}</div></figcaption></figure>`,
  )}</div>`;
}

export function neighbourSection({ pictures }: RunData): Html | undefined {
  const some = pictures.filter((p) => p.neighbours.length > 0);
  if (some.length === 0) return undefined;
  return html`<p class="lead">A test image on the left, then the training images whose features are nearest to its own, with the cosine.</p>
<p class="signs"><span class="same">ringed: of the test image’s class</span><span class="other">dimmed: of another class</span></p>
${some.map((p) => {
  const all = p.neighbours.flatMap(({ query, found }) => found.map((f) => f.class === query.class));
  return html`<div class="card"><header><h3>${p.dataset}</h3><span>${counted(p)}${all.filter(Boolean).length} of the ${all.length} shown share the class</span></header>
<div class="neighbours">${p.neighbours.map(({ query, found }) => html`<div class="row">${picture(p, query, html`<b>${query.class}</b>`, '')}<hr>${found.map((f) => picture(p, f, html`${f.class} ${f.similarity.toFixed(2)}`, f.class === query.class ? 'same' : 'other'))}</div>`)}</div></div>`;
})}`;
}

/** Over many test images: the rows that are shown are a few of them. */
function counted({ agreement: a }: PicturesShown): Html | undefined {
  if (!a) return undefined;
  return html`Of ${many(a.images)} test images, ${percent(a.share)} % of the nearest share the class (any images: ${percent(a.chance)} %); `;
}

function picture(
  p: PicturesShown,
  x: { image: string; class: string; caption?: string; file: string },
  label: Html,
  kind: string,
): Html {
  return html`<figure class="pic ${kind}"><img src="${source(p.file(x.image))}" alt="${x.class}" title="${x.caption ?? x.file}" decoding="async"><figcaption>${label}</figcaption></figure>`;
}

export function pcaSection({ pictures }: RunData): Html | undefined {
  const some = pictures.filter((p) => p.pca.length > 0);
  if (some.length === 0) return undefined;
  return html`<p class="lead">The first three principal components of patch features, over all images of a set together, as red, green and blue: patches of
one colour look alike to the encoder. In the middle all patches; on the right, where patches set a subject apart, the subject alone, coloured anew.</p>
${some.map((p) => html`<div class="card"><header><h3>${p.dataset}</h3><span>${p.grid} × ${p.grid} patches an image</span></header><div class="pca">${p.pca.map((x) => html`<figure class="triple"><div><img src="${source(p.file(x.image))}" alt="${x.class}" decoding="async"><img class="patches" src="${dataUri(p.file(x.all), 'image/png')}" alt="PCA of all patches" decoding="async">${x.masked !== false && html`<img class="patches" src="${dataUri(p.file(x.foreground), 'image/png')}" alt="PCA of foreground patches" decoding="async">`}</div><figcaption title="${x.caption ?? x.file}">${x.class}</figcaption></figure>`)}</div></div>`)}`;
}

/** Every setting, those that differ from the schema's default marked. */
export function settingsSection(run: RunData): Html | undefined {
  const settings = run.config?.settings;
  if (!settings) return undefined;
  const groups = new Map<string, Html[]>();
  for (const leaf of settingLeaves()) {
    const [group, ...rest] = leaf.path.split('.');
    const value = getPath(settings, leaf.path);
    if (value === undefined) continue;
    const changed = JSON.stringify(value) !== JSON.stringify(defaultIn(leaf, settings.learn.method));
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
