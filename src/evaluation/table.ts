import type { ComparedCell, ComparedSet, Comparison } from './compare.js';
import { PAPER_TABLES } from './paper-tables.js';
import { isMeant } from './suites.js';

/** A figure of a table, in percent. */
export interface Figure {
  percent: number;
  /** Ends of the 95 % interval. */
  low?: number;
  high?: number;
  /** Above or below the first encoder on the same pictures, all differences of the table looked at together. */
  sign?: 1 | -1;
}

export interface TableRow {
  label: string;
  /** `paper`: as the paper has it. */
  source: 'measured' | 'paper';
  /** By column. */
  values: readonly (Figure | undefined)[];
  /** Over the columns, where the row has all of them and there are several. */
  average?: Figure;
}

/** One protocol on all its data sets. */
export interface ComparisonTable {
  protocol: string;
  title: string;
  /** Where the protocol is from. */
  source: string;
  columns: readonly { set: string; kind: string; metric: string; test: number }[];
  rows: readonly TableRow[];
  /** Which of the paper's tables stand beside, and what their figures are. */
  paper: readonly { table: number; scale: string }[];
  /** Why figures are missing, a line each. */
  notes: readonly string[];
}

/** A comparison as tables, one a protocol: encoders in the order asked for, then the paper's. */
export function comparisonTables(c: Comparison): ComparisonTable[] {
  return c.protocols.flatMap((protocol) => {
    const cells = c.cells.filter((cell) => cell.protocol === protocol.name);
    const sets = [...new Set(cells.map((cell) => cell.set))].map((name) => c.sets.find((s) => s.name === name)!);
    if (sets.length === 0) return [];
    const cellOf = (encoder: string, set: string) => cells.find((x) => x.encoder === encoder && x.set === set);
    const rows = c.encoders.map(({ label }) =>
      rowOf(
        label,
        'measured',
        sets.map((s) => figureOf(c, cellOf(label, s.name))),
      ),
    );
    const paper = paperRows(protocol.name, sets);
    return {
      protocol: protocol.name,
      title: protocol.title,
      source: protocol.source,
      columns: sets.map((s) => ({
        ...{ set: s.name, kind: s.kind, test: s.test },
        metric: cells.find((x) => x.set === s.name && x.record)?.record?.result.main ?? s.metric,
      })),
      rows: [...rows, ...paper.rows],
      paper: paper.tables,
      notes: notesOf(cells),
    };
  });
}

function figureOf(c: Comparison, cell: ComparedCell | undefined): Figure | undefined {
  const result = cell?.record?.result;
  const value = result?.metrics[result.main];
  if (!cell || value === undefined || value === null) return undefined;
  const d = c.differences.rows.find(
    (r) => r.protocol === cell.protocol && r.set === cell.set && r.encoder === cell.encoder,
  );
  const counts = d !== undefined && d.holm < c.differences.level;
  const [low, high] = result!.interval ?? [];
  return {
    percent: 100 * value,
    ...(low !== undefined && high !== undefined && { low: 100 * low, high: 100 * high }),
    ...(counts && { sign: d.difference > 0 ? 1 : -1 }),
  };
}

function rowOf(label: string, source: TableRow['source'], values: readonly (Figure | undefined)[]): TableRow {
  const there = values.filter((v) => v !== undefined);
  if (there.length < 2 || there.length < values.length) return { label, source, values };
  const n = there.length;
  const percent = there.reduce((sum, v) => sum + v.percent, 0) / n;
  if (!there.every((v) => v.low !== undefined)) return { label, source, values, average: { percent } };
  // Sets have no picture in common: their errors add up by their squares.
  const half = Math.hypot(...there.map((v) => (v.high! - v.low!) / 2)) / n;
  return { label, source, values, average: { percent, low: percent - half, high: percent + half } };
}

function paperRows(
  protocol: string,
  sets: readonly ComparedSet[],
): { rows: TableRow[]; tables: ComparisonTable['paper'] } {
  const values = new Map<string, (Figure | undefined)[]>();
  const tables: { table: number; scale: string }[] = [];
  for (const { table, scale, columns, rows } of PAPER_TABLES) {
    const places = sets.map((s) =>
      columns.findIndex((c) => c.protocol === protocol && isMeant(c.set, s.name, s.meant)),
    );
    if (places.every((at) => at < 0)) continue;
    tables.push({ table, scale });
    for (const [label, figures] of Object.entries(rows)) {
      const row =
        values.get(label) ??
        values
          .set(
            label,
            sets.map(() => undefined),
          )
          .get(label)!;
      for (const [i, at] of places.entries()) {
        const percent = figures[at] ?? null;
        if (percent !== null) row[i] = { percent };
      }
    }
  }
  const all = [...values].filter(([, row]) => row.some((v) => v !== undefined));
  return { rows: all.map(([label, row]) => rowOf(label, 'paper', row)), tables };
}

/** Cells of the same reason in one line. */
function notesOf(cells: readonly ComparedCell[]): string[] {
  const why = new Map<string, string[]>();
  for (const c of cells)
    if (c.why !== undefined) {
      const said = `${c.state === 'refused' ? 'not measured' : 'failed'}: ${c.why}`;
      why.set(said, [...(why.get(said) ?? []), `${c.encoder} on ${c.set}`]);
    }
  return [...why].map(([said, which]) => `${which.join(', ')}: ${said}`);
}

/** `81.7 ± 0.8`, with ▲ or ▼ where it differs from the first encoder's. */
export function shownFigure(f: Figure | undefined): string {
  if (!f) return '–';
  const half = f.low === undefined ? '' : ` ± ${((f.high! - f.low) / 2).toFixed(1)}`;
  return `${f.percent.toFixed(1)}${half}${f.sign === 1 ? ' ▲' : f.sign === -1 ? ' ▼' : ''}`;
}

/** A table's cells as text: heading, then a row each. */
export function textOf(t: ComparisonTable): string[][] {
  const hasAverage = t.rows.some((r) => r.average);
  const head = ['', ...t.columns.map((c) => `${c.set}${c.metric === 'top-1' ? '' : ` (${c.metric})`}`)];
  const rows = t.rows.map((r) => [
    r.source === 'paper' ? `paper: ${r.label}` : r.label,
    ...r.values.map(shownFigure),
    ...(hasAverage ? [shownFigure(r.average)] : []),
  ]);
  return [[...head, ...(hasAverage ? ['average'] : [])], ...rows];
}

/** What stands below all tables. */
export const legendOf = (c: Comparison): string =>
  `percent, with 95 % intervals over the test pictures${c.encoders.length > 1 ? `; ▲ ▼: above or below ${c.differences.against} on the same pictures (paired bootstrap, Holm over a table’s differences, 5 %)` : ''}`;

/** What stands below one table: the paper's tables, and why figures are missing. */
export const linesBelow = (t: ComparisonTable): string[] => [
  ...t.paper.map(({ table, scale }) => `paper: table ${table}: ${scale}`),
  ...t.notes,
];

/** All tables, for a terminal of so many columns; wide ones go on below. */
export function tablesText(c: Comparison, tables: readonly ComparisonTable[], width = 120): string {
  const shown = tables.map((t) => {
    const cells = textOf(t);
    const widths = cells[0].map((_, k) => Math.max(...cells.map((row) => row[k].length)));
    const parts = parted(widths, width).map((columns) =>
      cells
        .map((row) =>
          [row[0].padEnd(widths[0]), ...columns.map((k) => row[k].padStart(widths[k]))].join('  ').trimEnd(),
        )
        .join('\n'),
    );
    return [`${t.title} (${t.source})`, '', parts.join('\n\n'), ...linesBelow(t)].join('\n');
  });
  return `${[...shown, legendOf(c)].join('\n\n')}\n`;
}

/** Columns after the first, in groups that fit beside it. */
function parted(widths: readonly number[], width: number): number[][] {
  const parts: number[][] = [];
  let left = 0;
  for (let k = 1; k < widths.length; k++) {
    const needs = 2 + widths[k];
    if (parts.length === 0 || needs > left) {
      parts.push([]);
      left = width - widths[0];
    }
    parts.at(-1)!.push(k);
    left -= needs;
  }
  return parts;
}

/** All tables, to be pasted into a page. */
export function tablesMarkdown(c: Comparison, tables: readonly ComparisonTable[]): string {
  const line = (row: readonly string[]) => `| ${row.map((text) => text.replaceAll('|', '\\|')).join(' | ')} |`;
  const shown = tables.map((t) => {
    const [head, ...rows] = textOf(t);
    const rule = `|${head.map((_, k) => (k === 0 ? '---' : '---:')).join('|')}|`;
    const below = linesBelow(t).map((l) => `\n${l}.\n`);
    return `### ${t.title}\n\n${t.source}.\n\n${[line(head), rule, ...rows.map(line)].join('\n')}\n${below.join('')}`;
  });
  return `${[...shown, `${legendOf(c)}.`].join('\n')}\n`;
}
