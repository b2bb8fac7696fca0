import { signOf } from '../probe/intervals.js';
import { few } from '../probe/layout.js';
import { percent, points } from '../probe/table.js';
import type { ClassifyResult } from './classify.js';
import type { Prediction, Source } from './result.js';

const LEARNT: Record<Source, string> = {
  painted: 'painted captions',
  photos: 'photos',
  both: 'both together',
};
/** Pairs of classes that are named as mistaken for each other. */
const PAIRS = 5;

/** The result for a terminal: figures beside chance where classes are known, and what was learnt from. */
export function formatClassify(r: ClassifyResult): string {
  const lines: string[] = [];
  const { painted, photos, test } = r;
  const from = [
    ...(painted ? [`${painted.images} painted images (${painted.writer} writer, ${painted.painter} painter)`] : []),
    ...(photos ? [`${photos.images} photos of ${photos.dir}`] : []),
  ];
  lines.push(`classifier of ${r.classes.length} concepts, learnt from ${from.join(' and ')}; seed ${r.seed}`);
  if (photos && photos.without.length > 0) lines.push(`no photos to learn from of ${few(photos.without)}`);
  if (test) {
    const header = ['learnt from', 'images', 'top-1 %', '95 %', 'mean per class %', 'confidence %'];
    const rows = test.figures.map((f) => [
      ...[LEARNT[f.trainedOn], String(f.images), percent(f.top1), f.interval.map(percent).join('–')],
      ...[percent(f.meanPerClass), percent(f.meanConfidence)],
    ]);
    rows.push([`chance (${r.classes.length} classes)`, '', percent(test.chance), '', percent(test.chance), '']);
    if (percent(test.majority) !== percent(test.chance))
      rows.push(['majority class', '', percent(test.majority), '', '', '']);
    lines.push('', ...table([header, ...rows], 1), '', `${test.photos} test photos of ${test.dir}`);
    const { photosLessPainted: less } = test;
    if (less)
      lines.push(
        `photos against painted captions: ${points(less.difference)} (${less.interval.map(points).join(' to ')}), ${['worse', 'unclear', 'better'][signOf(less.interval) + 1]}`,
      );
    const own = test.figures.find((f) => f.trainedOn === r.use)!;
    if (own.confusions.length > 0)
      lines.push(
        `most often mistaken: ${own.confusions
          .slice(0, PAIRS)
          .map((c) => `${c.label} for ${c.takenFor} (${c.photos})`)
          .join(', ')}`,
      );
  } else if (r.predictions.length > 0) lines.push('', formatPredictions(r.predictions));
  if (r.skipped.length > 0)
    lines.push(`${r.skipped.length} ${r.skipped.length === 1 ? 'photo' : 'photos'} left out: no whole picture`);
  return lines.join('\n');
}

/** A line a photo: what it is, how sure that is, and what it is else. */
export function formatPredictions(predictions: readonly Prediction[]): string {
  const rows = predictions.map((p) => [
    ...[p.label, `${percent(p.confidence)} %`, `${p.second.label} ${percent(p.second.confidence)} %`, p.file],
  ]);
  return table([['class', '', 'else', 'photo'], ...rows], 0).join('\n');
}

/** @param left columns from the first that are flushed left in a table of figures; 0: all */
function table([header, ...rows]: string[][], left: number): string[] {
  const widths = header.map((h, c) => Math.max(h.length, ...rows.map((r) => r[c].length)));
  const show = (cells: string[]) =>
    cells
      .map((cell, c) => (left > 0 && c >= left ? cell.padStart(widths[c]) : cell.padEnd(widths[c])))
      .join('  ')
      .trimEnd();
  return [show(header), widths.map((w) => '─'.repeat(w)).join('  '), ...rows.map(show)];
}
