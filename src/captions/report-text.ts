import { REJECT_REASONS } from './reject.js';
import type { CaptionReport, Share } from './report.js';
import type { Counted } from './tally.js';
import { slotsLine } from './templates.js';

/** Columns of the text. */
const WIDTH = 100;
const MARGIN = 2;

const number = (n: number) => Math.round(n).toLocaleString('en-US');
const percent = (x: number) => `${(100 * x).toFixed(x < 0.0995 ? 2 : 1)} %`;
const plural = (n: number, one: string) => `${number(n)} ${one}${n === 1 ? '' : 's'}`;

/** A report as plain text, at most 100 columns wide but for long captions' words. */
export function formatCaptionReport(r: CaptionReport): string {
  const part = r.captions < r.wanted ? ` of ${number(r.wanted)} (not finished)` : '';
  const sections = [
    section(`${number(r.captions)} captions${part} in ${plural(r.shards, 'shard')}`, [
      list('written by', r.writers),
      ...rejected(r),
    ]),
    section('Repeats', repeats(r)),
    section('Concepts', concepts(r)),
    section('Backgrounds', backgrounds(r)),
    section('Templates of objects, asked and got', shares(r.templates)),
    section('Sources, asked and got', shares(r.sources)),
    section('Words', words(r)),
    section('Implausible pairs', implausible(r)),
    ...(r.samples.length > 0 ? [section('Samples', samples(r))] : []),
  ];
  return `${sections.join('\n\n')}\n`;
}

function section(title: string, lines: readonly string[]): string {
  return [title, ...lines.flatMap((line) => wrap(oneLineOf(line)))].join('\n');
}

/** Captions and names from outside may hold line ends, which would begin lines of their own. */
const oneLineOf = (text: string) => text.replace(/[\r\n]+/g, ' ');

/** Lines with a margin, broken between words; what is broken off stands further in. */
function wrap(line: string): string[] {
  const indent = ' '.repeat(MARGIN + (/^ */.exec(line)?.[0].length ?? 0));
  const hang = `${indent}  `;
  const out: string[] = [];
  let current = indent;
  for (const word of line.trim().split(/(?<=\S) (?=\S)/)) {
    const fresh = current === indent || current === hang;
    if (!fresh && current.length + 1 + word.length > WIDTH) {
      out.push(current);
      current = hang + word;
    } else current += fresh ? word : ` ${word}`;
  }
  return [...out, current];
}

function list(label: string, items: readonly Counted[]): string {
  return `${label}: ${items.length > 0 ? items.map(({ name, count }) => `${name} (${number(count)})`).join(', ') : 'none'}`;
}

function rejected({ rejected: { total, share, reasons }, captions }: CaptionReport): string[] {
  if (total === 0) return ['rejected: none on record'];
  const meanings: Readonly<Record<string, string>> = {
    ...REJECT_REASONS,
    'near-duplicate, kept': 'stayed a near-duplicate after all attempts, and was kept',
  };
  return [
    `rejected: ${number(total)}, ${percent(share)} of all that was written (${(total / Math.max(1, captions)).toFixed(3)} a caption)`,
    ...reasons.map(
      ({ name, count }) => `  ${number(count).padStart(9)}  ${name}: ${meanings[name] ?? 'another reason'}`,
    ),
  ];
}

function repeats({ duplicates: d, captions }: CaptionReport): string[] {
  const line = (n: number, what: string, about: string) =>
    `${number(n).padStart(9)} ${percent(n / Math.max(1, captions)).padStart(8)}  ${about}: ${what}`;
  const estimate = d.exact ? '' : ' (estimated from a sample by hash: too many captions to hold all)';
  return [
    line(d.identical, `the text is an earlier one’s${estimate}`, 'identical'),
    line(d.sameWords, `the content words are an earlier one’s, identical ones included${estimate}`, 'same words'),
    line(
      d.similar,
      'the same, or 80 % of the content words shared with a recent caption of the concept (one of its last 64 within 65,536 in all)',
      'near-duplicates',
    ),
    ...d.examples.map(({ name, count }) => `${number(count)} times: ${name}`),
  ];
}

function concepts({ concepts: c }: CaptionReport): string[] {
  return [
    `${number(c.drawn)} of ${number(c.bank)} of the bank (${percent(c.drawn / Math.max(1, c.bank))}); so many random draws leave out about ${number(c.expectedMissing)}`,
    list('most', c.most),
    list('least', c.least),
    ...(c.missing.length > 0 ? [named('never', c.missing)] : []),
    ...(c.foreign > 0
      ? [`${plural(c.foreign, 'caption')} of concepts that the bank does not have: has it changed?`]
      : []),
    ...(c.heldOut > 0 ? [`${plural(c.heldOut, 'caption')} of concepts that are held out: has the bank changed?`] : []),
  ];
}

function backgrounds({ backgrounds: b }: CaptionReport): string[] {
  if (b.possible === 0 && b.drawn === 0) return ['none: the bank has places and textures only'];
  const reached = b.possible - b.missing.length;
  return [
    `${number(reached)} of ${number(b.possible)} that the bank’s objects can have (${percent(reached / Math.max(1, b.possible))})${b.capped ? '; of the drawn ones, only the first 200,000 are counted one by one' : ''}`,
    list('most', b.most),
    ...(b.missing.length > 0 ? [named('never', b.missing)] : []),
  ];
}

function named(label: string, names: readonly string[]): string {
  const shown = names.slice(0, 24);
  return `${label}: ${shown.join(', ')}${names.length > shown.length ? ` and ${number(names.length - shown.length)} more` : ''}`;
}

function shares(list: readonly Share[]): string[] {
  const width = Math.max(0, ...list.map((s) => s.name.length));
  const off = list.filter((s) => !s.within);
  return [
    ...list.map(
      (s) =>
        `${s.name.padEnd(width)}  ${percent(s.asked).padStart(8)}  ${percent(s.got).padStart(8)}  ${s.within ? 'within' : 'OFF by more than'} ±${percent(s.tolerance)}`,
    ),
    off.length === 0
      ? 'all within three standard errors: as chance would have it'
      : `${off.map((s) => s.name).join(', ')}: beyond three standard errors; draws that were replaced because no caption came of them, or a relation without a companion, shift shares`,
  ];
}

function words({ lengths: l, vocabulary: v }: CaptionReport): string[] {
  return [
    `a caption: ${l.min} to ${l.max}, median ${l.median}, mean ${l.mean.toFixed(1)}, 95 % have at most ${l.p95}`,
    `vocabulary: ${number(v.distinct)} different of ${number(v.words)} words (${v.typeToken.toPrecision(2)} new ones a word), ${percent(v.once)} of them used once${v.capped ? '; words after the first million different ones, or openings after 200,000, are not counted one by one' : ''}`,
    list('content words', v.most),
    list('openings', v.openings),
  ];
}

function implausible({ implausible: odd, captions }: CaptionReport): string[] {
  return odd.flatMap(({ about, captions: n, most }) => [
    `${number(n).padStart(9)} ${percent(n / Math.max(1, captions)).padStart(8)}  ${about}`,
    ...(most.length > 0
      ? [`            ${most.map(({ name, count }) => `${name} (${number(count)})`).join(', ')}`]
      : []),
  ]);
}

function samples(r: CaptionReport): string[] {
  const width = String(r.captions).length;
  return r.samples.flatMap((s) => [
    `${String(s.id).padStart(width)}  ${slotsLine(s.template, s).replace(/ =>$/, '')} (${s.template}, ${s.source})`,
    `${' '.repeat(width)}  ${s.caption}`,
  ]);
}
