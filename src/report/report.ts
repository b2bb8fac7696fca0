import { basename, join, resolve } from 'node:path';
import { type FileKind, replaceFile } from '../files/replace.js';
import { VERSION } from '../version.js';
import { type Html, html } from './html.js';
import { nextNote } from './next.js';
import { pageOf } from './page-of.js';
import { headline, probeSection } from './probes.js';
import { type RunData, readRun } from './run-data.js';
import {
  corpusSection,
  healthNote,
  neighbourSection,
  pcaSection,
  settingsSection,
  trainingSection,
} from './sections.js';
import { realShare } from './sources.js';
import { SCRIPT, STYLE } from './style.js';
import { duration, many } from './words.js';

/** Earlier versions wrote no generator, but the same first line of text. */
const REPORT: FileKind = {
  what: 'a report that synclr wrote',
  isOurs: (head) => /<meta name="generator" content="synclr |<p class="eyebrow"><b>synclr<\/b>/.test(head.toString()),
};

/**
 * Writes `report.html` of a run: what was run, what it is worth, how it learned, what it saw. One file that asks for nothing from
 * elsewhere, made from what is on disk alone; of what is not there yet it has no section, but says how to go on.
 * @returns its path
 * @throws UserError when there is no such folder, or a `report.html` of somebody else's
 */
export async function writeReport({ dir }: { dir: string }): Promise<string> {
  const run = await readRun(dir);
  const path = join(dir, 'report.html');
  await replaceFile(path, page(run), REPORT);
  return path;
}

/** The whole page. */
export function page(run: RunData): string {
  const name = basename(resolve(run.dir));
  const all: [id: string, title: string, body: Html | undefined][] = [
    ['probes', 'What it is worth', probeSection(run)],
    ['neighbours', 'Nearest neighbours', neighbourSection(run)],
    ['patches', 'What patches see', pcaSection(run)],
    ['training', 'How it learned', trainingSection(run)],
    ['corpus', 'What it saw', corpusSection(run)],
    ['settings', 'What was run', settingsSection(run)],
  ];
  const sections = all.filter(([, , body]) => body !== undefined);
  const { machine: m, config } = run;
  const body = html`<p class="eyebrow"><b>synclr</b> ${config?.synclr ?? VERSION}</p>
<h1>${name}</h1>
<p class="lead">${summary(run)}</p>
${facts(run)}
${healthNote(run)}
${nextNote(run)}
${run.problems.length > 0 && html`<div class="note warn"><b>Not all of the run could be read</b><ul>${run.problems.map((p) => html`<li>${p}</li>`)}</ul></div>`}
${sections.length > 1 && html`<nav>${sections.map(([id, title]) => html`<a href="#${id}">${title}</a>`)}</nav>`}
${sections.map(([id, title, content]) => html`<section id="${id}"><h2>${title}</h2>${content}</section>`)}
<footer>
<p>${config?.command && html`Last command: <code>${config.command}</code><br>`}${madeFrom(run)} with synclr ${VERSION} on ${m.cpu}, ${m.cores} ${m.cores === 1 ? 'core' : 'cores'}, ${m.memoryGb} GB, ${m.platform}, Node ${m.node}.</p>
</footer>`;
  return pageOf({ title: `${name} · synclr`, style: STYLE, script: SCRIPT, body });
}

/** The run in a sentence. */
function summary(run: RunData): string {
  const s = run.config?.settings;
  if (!s) return 'A run without settings.';
  const { dim, depth, heads, patch } = s.model;
  const { corpus } = run.config!;
  // Of images that another program made nobody knows what they show, nor whether they were painted.
  const foreign = corpus?.foreign === true;
  const source = foreign
    ? `${corpus.path}${corpus.sources ? '' : ', made elsewhere'}`
    : s.captions.source !== ''
      ? s.captions.source
      : s.concepts.source === 'wordnet'
        ? 'WordNet’s concepts'
        : `the concepts of ${s.concepts.source}`;
  const learned = run.metrics ? 'learned from' : 'to learn from';
  return `A ViT of width ${dim}, ${depth} blocks, ${heads} heads and ${patch} px patches, ${learned} ${s.captions.count.toLocaleString('en-US')} captions ${corpus?.sources ? `with ${corpus.images.toLocaleString('en-US')} images of ${source}` : `of ${source}, ${s.images.perCaption} images each`}${foreign ? '' : ', and no real image'}.${foreign ? ` ${realShare(corpus)}` : ''} ${run.config?.preset ? `Preset ${run.config.preset}, seed` : 'Seed'} ${s.seed}.`;
}

/** When the page was written, and from figures of when: what is newer than it is not in it. */
function madeFrom({ probes }: RunData): string {
  const minute = (time: Date) => time.toISOString().slice(0, 16).replace('T', ' ');
  const probed = probes ? new Date(probes.written) : undefined;
  const figures = probed && !Number.isNaN(probed.getTime()) ? `, from figures of ${minute(probed)}` : '';
  return `Written ${minute(new Date())} UTC${figures},`;
}

/** A few large numbers: scores beside what they have to beat, then how much went into them. */
function facts(run: RunData): Html {
  const scores = (run.probes?.datasets ?? []).flatMap((d) => headline(d) ?? []);
  const out: [value: string, label: string][] = [];
  const { captions, images, metrics } = run;
  const perCaption = run.config?.settings?.images.perCaption ?? 0;
  if (captions) out.push([many(captions.done), 'captions']);
  if (images) out.push([many(images.done * perCaption), 'images']);
  if (metrics) out.push([many(metrics.steps), 'steps']);
  if (metrics?.seconds !== undefined) out.push([duration(metrics.seconds), 'training']);
  return html`${scores.length > 0 && html`<div class="facts scores">${scores.map((s) => html`<div><b>${s.value}</b><span>${s.label}</span><small>${s.beside}</small></div>`)}</div>`}
${out.length > 0 && html`<div class="facts">${out.map(([value, label]) => html`<div><b>${value}</b><span>${label}</span></div>`)}</div>`}`;
}
