import { basename, join, resolve } from 'node:path';
import { type FileKind, refuseForeignFile, replaceFile } from '../../files/replace.js';
import { type Html, html } from '../../report/html.js';
import { pageOf } from '../../report/page-of.js';
import { STYLE } from '../../report/style.js';
import type { Executors } from '../../runtime/executor.js';
import type { StageHooks } from '../../stage.js';
import { VERSION } from '../../version.js';
import type { EncoderFacts } from '../encoders.js';
import type { OpenedSet } from '../sets.js';
import type { PicturedEncoder } from './options.js';
import { picturesFor } from './pictures.js';
import { PICTURES_STYLE } from './style.js';

const PAGE: FileKind = {
  what: 'a page of pictures of synclr eval',
  isOurs: (head) => /<meta name="generator" content="synclr [^"]* pictures">/.test(head.toString()),
};

/** What opens encoders, gives their features, and says what went wrong in a line. */
interface Pictured {
  pictured(facts: EncoderFacts, set: OpenedSet): PicturedEncoder;
  /** @throws the wish to stop */
  reason(e: unknown): string;
}

/**
 * Writes `dir/pictures.html`: a section a data set, encoders side by side; it asks for nothing from elsewhere.
 * @returns sets of which there are no pictures, and why @throws UserError where somebody else's file has that name; Interrupted
 */
export async function writePictures(
  dir: string,
  work: Pictured,
  sets: readonly OpenedSet[],
  o: { encoders: readonly EncoderFacts[]; executors: Executors; seed: number; hooks: StageHooks },
): Promise<{ what: string; why: string }[]> {
  const path = join(dir, 'pictures.html');
  await refuseForeignFile(path, PAGE);
  const { executors, seed, hooks } = o;
  const failures: { what: string; why: string }[] = [];
  const sections: [name: string, section: Html][] = [];
  for (const set of sets) {
    hooks.note?.(`pictures of ${set.name}`);
    const encoders = o.encoders.map((facts) => work.pictured(facts, set));
    try {
      sections.push([set.name, await picturesFor({ set, encoders, executors, seed, hooks })]);
    } catch (e) {
      failures.push({ what: `pictures of ${set.name}`, why: work.reason(e) });
    }
  }
  await replaceFile(path, picturesPage(basename(resolve(dir)), o.encoders, sections, seed), PAGE);
  return failures;
}

/** The page of some sections. */
export function picturesPage(
  name: string,
  encoders: readonly Pick<EncoderFacts, 'label' | 'origin'>[],
  sections: readonly (readonly [name: string, section: Html])[],
  seed: number,
): string {
  const body = html`<p class="eyebrow"><b>synclr</b> ${VERSION} pictures</p>
<h1>${name}</h1>
<p class="lead">${encoders.map((e) => `${e.label} (${e.origin})`).join(', ')}. Pictures drawn by seed ${seed}.</p>
${sections.length > 1 && html`<nav>${sections.map(([set], i) => html`<a href="#s${i}">${set}</a>`)}</nav>`}
${sections.map(([set, section], i) => html`<section id="s${i}"><h2>${set}</h2>${section}</section>`)}`;
  return pageOf({ title: `${name} · synclr eval`, style: STYLE + PICTURES_STYLE, body, generator: ' pictures' });
}
