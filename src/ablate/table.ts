import type { Ablation } from './ablate.js';
import { type PaperTable, paperTable } from './paper.js';
import { type Estimate, estimate, pooledDeviation } from './statistics.js';

/** A figure of a cell: top-1 in percent, mean and interval over seeds. */
export interface Column {
  set: string;
  probe: 'linear' | 'knn' | 'zeroShot';
  title: string;
  /** Top-1 of guessing, percent. */
  chance: number;
}

export interface Row {
  label: string;
  /** The cell; absent of a row of the paper's that has none here. */
  cell?: string;
  /** By column; undefined where there is no figure. */
  values: readonly (Estimate | undefined)[];
  /** In place of figures: why there are none. */
  note?: string;
  /** The paper's figures, of a row that it has. */
  paper?: readonly (number | null)[];
}

export interface ResultTable {
  name: string;
  title: string;
  paper?: PaperTable;
  columns: readonly Column[];
  rows: readonly Row[];
}

/** Columns that all tables have: every probe on every data set. */
export function columnsOf({ results }: Ablation): Column[] {
  const columns = new Map<string, Column>();
  for (const { scores } of results)
    for (const s of scores)
      for (const probe of ['linear', 'knn', 'zeroShot'] as const)
        if (s.features === 'trained' && s[probe] !== undefined)
          columns.set(`${s.set} ${probe}`, {
            set: s.set,
            probe,
            title: `${s.set} ${PROBES[probe]}`,
            chance: 100 * s.chance,
          });
  const order = (c: Column) => ['linear', 'knn', 'zeroShot'].indexOf(c.probe);
  return [...columns.values()].sort((a, b) => order(a) - order(b));
}
const PROBES = { linear: 'linear', knn: 'kNN', zeroShot: 'zero-shot' };

/**
 * Results as tables: those of the paper with its figures beside, rows of it that have no cell here among them, then the grid's own, each with
 * the baselines below. Intervals hold 95 % of means over so many seeds, with one deviation for all cells of a column: two seeds of one cell
 * alone would tell next to nothing of it.
 */
export function tablesOf(a: Ablation): ResultTable[] {
  const columns = columnsOf(a);
  const figures = (cell: string, c: Column, features = 'trained'): number[] =>
    a.results
      .filter((r) => r.cell === cell)
      .flatMap((r) => r.scores.filter((s) => s.set === c.set && s.features === features))
      .flatMap((s) => (s[c.probe] === undefined ? [] : [100 * s[c.probe]!]));
  const deviations = columns.map((c) => pooledDeviation(a.grid.cells.map(({ name }) => figures(name, c))));
  const valuesOf = (cell: string, features?: string) =>
    columns.map((c, i) => estimate(figures(cell, c, features), deviations[i]));
  const named = new Map<string, Row[]>();
  const rowsOf = (table: string) => named.get(table) ?? named.set(table, []).get(table)!;
  for (const { name, rows } of a.grid.cells)
    for (const row of rows) {
      const [table, label] = partsOf(row);
      const diverged = a.results.find((r) => r.cell === name && r.diverged !== undefined)?.diverged;
      const why = a.left.find((l) => l.row === row)?.why;
      const there = a.results.some((r) => r.cell === name);
      const note = why ?? diverged ?? (there ? undefined : 'not trained yet');
      rowsOf(table).push({ label, cell: name, values: valuesOf(name), note, paper: paperTable(table)?.rows[label] });
    }
  for (const { row, why } of a.left) {
    const [table, label] = partsOf(row);
    if (rowsOf(table).some((r) => r.label === label)) continue;
    rowsOf(table).push({
      label,
      values: columns.map(() => undefined),
      note: why,
      paper: paperTable(table)?.rows[label],
    });
  }
  const first = a.grid.cells[0]?.name;
  const baselines = ['untrained', 'pixels']
    .map((f): Row => ({ label: f === 'pixels' ? 'raw pixels' : f, cell: first, values: valuesOf(first, f) }))
    .filter((r) => r.values.some((v) => v !== undefined));
  return [...named]
    .sort(([x], [y]) => orderOf(x) - orderOf(y))
    .map(([name, rows]) => {
      const paper = paperTable(name);
      const own = rows.map((r) => r.label);
      const missing = Object.entries(paper?.rows ?? {}).filter(([label]) => !own.includes(label));
      const others = missing.map(
        ([label, figures]): Row => ({
          label,
          values: columns.map(() => undefined),
          note: 'no cell of this grid',
          paper: figures,
        }),
      );
      const inOrder = paper ? sorted([...rows, ...others], Object.keys(paper.rows)) : rows;
      return {
        name,
        title: paper ? `Table ${name}: ${paper.title}` : name,
        paper,
        columns,
        rows: [...inOrder, ...baselines],
      };
    });
}

/** Rows in the paper's order, those of one's own before them. */
const sorted = (rows: readonly Row[], order: readonly string[]): Row[] =>
  [...rows].sort((a, b) => order.indexOf(a.label) - order.indexOf(b.label));

const orderOf = (table: string): number => (paperTable(table) ? Number(table) : 1000);

function partsOf(row: string): [table: string, label: string] {
  const at = row.indexOf('/');
  return [row.slice(0, at), row.slice(at + 1)];
}

/** A mean with what it may be off by: `41.3 ± 1.2`. */
export const shownEstimate = (e: Estimate | undefined): string =>
  e === undefined ? '–' : e.half === undefined ? e.mean.toFixed(1) : `${e.mean.toFixed(1)} ± ${e.half.toFixed(1)}`;

const shownPaper = (v: number | null): string => (v === null ? '–' : v.toFixed(1));

/** A table's cells as text: heading, then a row each. */
export function textOf(t: ResultTable): string[][] {
  const paper = t.paper?.columns ?? [];
  const head = ['', ...t.columns.map((c) => c.title), ...paper.map((c) => `paper: ${c}`)];
  const rows = t.rows.map((r) => [
    r.label,
    ...r.values.map(shownEstimate),
    ...paper.map((_, i) => (r.paper ? shownPaper(r.paper[i]) : '')),
  ]);
  return [head, ...rows];
}

/** Why rows have no figures, a line each. */
export const notesOf = (t: ResultTable): string[] => {
  const why = new Map<string, string[]>();
  for (const { label, note } of t.rows) if (note) why.set(note, [...(why.get(note) ?? []), label]);
  return [...why].map(([note, labels]) => `${labels.join('; ')}: ${note}`);
};

/** All tables, for a terminal. */
export function tablesText(tables: readonly ResultTable[]): string {
  return tables
    .map((t) => {
      const cells = textOf(t);
      const widths = cells[0].map((_, c) => Math.max(...cells.map((row) => row[c].length)));
      const line = (row: string[]) =>
        row.map((text, c) => (c === 0 ? text.padEnd(widths[c]) : text.padStart(widths[c]))).join('  ');
      return `${t.title}\n${t.paper ? `paper: ${t.paper.scale}\n` : ''}\n${[...cells.map((row) => line(row).trimEnd()), ...notesOf(t)].join('\n')}\n`;
    })
    .join('\n');
}

/** All tables, to be pasted into a page. */
export function tablesMarkdown(tables: readonly ResultTable[]): string {
  const line = (row: readonly string[]) => `| ${row.map((text) => text.replaceAll('|', '\\|')).join(' | ')} |`;
  return tables
    .map((t) => {
      const [head, ...rows] = textOf(t);
      const rule = `|${head.map((_, c) => (c === 0 ? '---' : '---:')).join('|')}|`;
      const scale = t.paper ? `The paper’s figures: ${t.paper.scale}.\n\n` : '';
      return `### ${t.title}\n\n${scale}${[line(head), rule, ...rows.map(line)].join('\n')}\n${notesOf(t)
        .map((n) => `\n${n}.\n`)
        .join('')}`;
    })
    .join('\n');
}

/** Every score of every cell and seed, a line each. */
export function scoresCsv({ results }: Ablation): string {
  const head =
    'cell,seed,steps,training_seconds,data_set,features,probe,top1_percent,chance_percent,test_images,diverged';
  const quoted = (text: string) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const lines = results.flatMap((r) => {
    const own = [quoted(r.cell), r.seed, r.steps, r.seconds?.toFixed(1) ?? ''];
    if (r.diverged !== undefined) return [[...own, '', '', '', '', '', '', quoted(r.diverged)].join(',')];
    return r.scores.flatMap((s) =>
      (['linear', 'knn', 'zeroShot'] as const)
        .filter((probe) => s[probe] !== undefined)
        .map((probe) =>
          [
            ...own,
            quoted(s.set),
            s.features,
            probe,
            (100 * s[probe]!).toFixed(2),
            (100 * s.chance).toFixed(2),
            s.test,
            '',
          ].join(','),
        ),
    );
  });
  return `${[head, ...lines].join('\n')}\n`;
}
