import { type Interval, signOf, wilson } from './intervals.js';
import type { DatasetReport, Gain, ProbeReport, ProbeRow } from './report-types.js';

/** What the kinds of features are called. */
export const FEATURES: Record<ProbeRow['features'], string> = {
  trained: 'trained',
  untrained: 'untrained',
  pixels: 'raw pixels',
};

const PROBES = { linear: 'linear', knn: 'kNN' } as const;

/** Top-1 in per cent, one decimal. */
export const percent = (share: number): string => (100 * share).toFixed(1);

/** A difference in points, with its sign: `+2.5`, `−0.4`. */
export const points = (difference: number): string =>
  `${difference >= 0 ? '+' : '−'}${Math.abs(100 * difference).toFixed(1)}`;

/** The 95 % interval of a row's top-1; files of earlier versions have none, and their images count as independent. */
export function intervalOf(d: DatasetReport, row: ProbeRow, probe: 'knn' | 'linear'): Interval {
  return row[probe].interval ?? wilson(row[probe].top1, d.testCaptions ?? d.test);
}

/** What a difference shows: `better`, `worse`, or no more than luck might do. */
export function shows({ interval }: Pick<Gain, 'interval'>): 'better' | 'worse' | 'unclear' {
  return (['worse', 'unclear', 'better'] as const)[signOf(interval) + 1];
}

/** The table of a probe report for a terminal, plain text of at most 80 columns but for long names. */
export function formatProbeTable(report: ProbeReport): string {
  const header = ['data set', 'features', 'kNN %', '95 %', 'linear %', '95 %'];
  const lines: string[][] = [];
  const notes: string[] = [];
  for (const d of report.datasets) {
    const range = (row: ProbeRow, probe: 'knn' | 'linear') => intervalOf(d, row, probe).map(percent).join('–');
    d.rows.forEach((row, i) => {
      lines.push([
        i === 0 ? d.name : '',
        FEATURES[row.features],
        percent(row.knn.top1),
        range(row, 'knn'),
        percent(row.linear.top1),
        range(row, 'linear'),
      ]);
    });
    const guess = (name: string, share: number) => lines.push(['', name, percent(share), '', percent(share), '']);
    guess(`chance (${d.classes.length} classes)`, d.chance);
    if (percent(d.majority) !== percent(d.chance)) guess('majority class', d.majority);
    notes.push(...notesOf(d));
  }
  const widths = header.map((h, c) => Math.max(h.length, ...lines.map((l) => l[c].length)));
  const show = (cells: string[]) =>
    cells
      .map((cell, c) => (c < 2 ? cell.padEnd(widths[c]) : cell.padStart(widths[c])))
      .join('  ')
      .trimEnd();
  return [show(header), widths.map((w) => '─'.repeat(w)).join('  '), ...lines.map(show), '', ...notes].join('\n');
}

/** What was measured on, and what the differences show. */
function notesOf(d: DatasetReport): string[] {
  const captions = d.testCaptions === undefined ? '' : ` of ${d.testCaptions} captions`;
  const skipped = d.skipped.length > 0 ? `, ${d.skipped.length} broken images skipped` : '';
  const split = d.split === 'hash' ? ', test images chosen by hash' : '';
  const out = [`${d.name}: ${d.train} train, ${d.test} test images${captions}${split}${skipped}`];
  for (const against of ['untrained', 'pixels'] as const) {
    const gains = (d.gains ?? []).filter((g) => g.against === against);
    if (gains.length === 0) continue;
    const parts = gains.map(
      (g) => `${PROBES[g.probe]} ${points(g.difference)} (${g.interval.map(points).join(' to ')}), ${shows(g)}`,
    );
    out.push(`  against ${FEATURES[against]}: ${parts.join('; ')}`);
  }
  const words = zeroShotOf(d);
  if (words)
    out.push(
      `  zero-shot, by ${words.templates} sentences a class: ${words.top1} % (${words.range}), chance ${percent(d.chance)} %`,
    );
  return out;
}

/** What the trained encoder's text side tells without training images, in words; undefined where it has none. */
export function zeroShotOf(
  d: DatasetReport,
): { top1: string; range: string; meanPerClass: string; templates: number } | undefined {
  const shot = d.rows.find((r) => r.features === 'trained')?.zeroShot;
  if (!shot) return undefined;
  const interval = shot.interval ?? wilson(shot.top1, d.testCaptions ?? d.test);
  return {
    top1: percent(shot.top1),
    range: interval.map(percent).join('–'),
    meanPerClass: percent(shot.meanPerClass),
    templates: shot.templates,
  };
}
