import type { CorpusRecord } from '../run/config.js';
import { FORM_NAMES, inPercent, ORIGIN_WORDS, ORIGINS, type SourceRecord } from '../run/sources.js';
import { type Html, html } from './html.js';
import { many } from './words.js';

/** What share of the draws is of real images, as far as anybody said. */
export function realShare(corpus: CorpusRecord | undefined): string {
  if (!corpus?.sources)
    return corpus?.foreign ? 'They were made by another program.' : 'No image is real: synclr painted all of them.';
  const shares = ORIGINS.flatMap((origin) => {
    const share = corpus.sources!.filter((s) => s.origin === origin).reduce((sum, s) => sum + s.share, 0);
    return share > 0 ? [`${inPercent(share)} ${ORIGIN_WORDS[origin]}`] : [];
  });
  return `Of the images drawn ${shares.join('; ')}.`;
}

/** The sources of a corpus, a row each, with what was left out of them. */
export function sourceTable(corpus: CorpusRecord | undefined): Html | undefined {
  if (!corpus?.sources) return undefined;
  const row = (s: SourceRecord) => {
    const bad = Object.entries(s.bad ?? {}).map(([reason, n]) => `${many(n)} ${reason}`);
    return html`<tr><td><code>${s.path}</code></td><td>${s.form === undefined ? 'a run of synclr' : FORM_NAMES[s.form]}</td><td>${many(s.captions)}</td><td>${many(s.images)}</td><td>${s.classes === undefined ? '–' : many(s.classes)}</td><td>${inPercent(s.share)}</td><td>${ORIGIN_WORDS[s.origin]}</td><td>${bad.length > 0 ? bad.join(', ') : '–'}</td></tr>`;
  };
  return html`<div class="card"><table><thead><tr><th>source</th><th>form</th><th>captions</th><th>images</th><th>classes</th><th>of the draws</th><th>origin</th><th>left out</th></tr></thead><tbody>${corpus.sources.map(row)}</tbody></table></div>`;
}
