import type { ProbeReport, ProbeRow } from './report-types.js';

const NAMES: Record<ProbeRow['features'], string> = {
  trained: 'trained',
  untrained: 'untrained',
  pixels: 'raw pixels',
};

/** Top-1 in per cent, one decimal. */
export const percent = (share: number): string => (100 * share).toFixed(1);

/**
 * Half the width of a 95 % interval of a share measured on n images (Wilson), in points: how much of a difference may be luck.
 */
export function uncertainty(share: number, n: number): number {
  const z = 1.96;
  return (100 * z * Math.sqrt((share * (1 - share)) / n + (z * z) / (4 * n * n))) / (1 + (z * z) / n);
}

/** The table of a probe report for a terminal, plain text of at most 80 columns. */
export function formatProbeTable(report: ProbeReport): string {
  const header = ['data set', 'features', 'kNN %', 'linear %', 'lr'];
  const lines: string[][] = [];
  const notes: string[] = [];
  for (const d of report.datasets) {
    d.rows.forEach((row, i) => {
      lines.push([
        i === 0 ? d.name : '',
        NAMES[row.features],
        percent(row.knn.top1),
        percent(row.linear.top1),
        String(row.linear.lr),
      ]);
    });
    lines.push(['', `chance (${d.classes.length} classes)`, percent(d.chance), percent(d.chance), '']);
    const luck = uncertainty(d.rows[0]?.linear.top1 ?? 0.5, d.test).toFixed(1);
    const skipped = d.skipped.length > 0 ? `, ${d.skipped.length} broken images skipped` : '';
    const split = d.split === 'hash' ? ', test images chosen by hash' : '';
    notes.push(`${d.name}: ${d.train} train, ${d.test} test images${split}${skipped}; ± ${luck} points (95 %)`);
  }
  const widths = header.map((h, c) => Math.max(h.length, ...lines.map((l) => l[c].length)));
  const show = (cells: string[]) =>
    cells
      .map((cell, c) => (c < 2 ? cell.padEnd(widths[c]) : cell.padStart(widths[c])))
      .join('  ')
      .trimEnd();
  return [show(header), widths.map((w) => '─'.repeat(w)).join('  '), ...lines.map(show), ...notes].join('\n');
}
