import type { Comparison } from './compare.js';
import { comparisonTables } from './table.js';

/** Columns of `comparison.csv`: they stay as they are, new ones come at the end. */
export const CSV_HEAD = [
  ...['source', 'encoder', 'encoder_hash', 'protocol', 'set', 'kind', 'data_hash', 'seed', 'metric'],
  ...['percent', 'low', 'high', 'difference', 'difference_low', 'difference_high', 'p', 'p_holm'],
  ...['test_images', 'left_out', 'seconds', 'state', 'why'],
].join(',');

type Value = string | number | undefined | null;

/** Every cell as a line, then the paper's figures for the same protocols and sets. Differences are to the first encoder, in points. */
export function comparisonCsv(c: Comparison): string {
  const lines = c.cells.map((cell) => {
    const set = c.sets.find((s) => s.name === cell.set)!;
    const encoder = c.encoders.find((e) => e.label === cell.encoder)!;
    const result = cell.record?.result;
    const value = result?.metrics[result.main];
    const d = c.differences.rows.find(
      (r) => r.protocol === cell.protocol && r.set === cell.set && r.encoder === cell.encoder,
    );
    return row([
      ...['measured', cell.encoder, encoder.hash, cell.protocol, set.name, set.kind, set.hash, c.seed],
      ...[result?.main, percent(value), percent(result?.interval?.[0]), percent(result?.interval?.[1])],
      ...[percent(d?.difference), percent(d?.interval[0]), percent(d?.interval[1]), d?.p, d?.holm],
      ...[set.test, result?.skipped?.length ?? 0, result?.seconds.toFixed(1), cell.state, cell.why],
    ]);
  });
  const paper = comparisonTables(c).flatMap((t) =>
    t.rows
      .filter((r) => r.source === 'paper')
      .flatMap((r) =>
        r.values.flatMap((v, i) => {
          const { set, kind, metric } = t.columns[i];
          if (!v) return [];
          return [row(['paper', r.label, '', t.protocol, set, kind, '', '', metric, v.percent.toFixed(1)])];
        }),
      ),
  );
  return `${[CSV_HEAD, ...lines, ...paper].join('\n')}\n`;
}

const percent = (share: number | null | undefined): string | undefined =>
  share === undefined || share === null ? undefined : (100 * share).toFixed(3);

const COLUMNS = CSV_HEAD.split(',').length;

function row(values: readonly Value[]): string {
  return Array.from({ length: COLUMNS }, (_, i) => quoted(String(values[i] ?? ''))).join(',');
}

const quoted = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
