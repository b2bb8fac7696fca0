import { basename, join, resolve } from 'node:path';
import { type FileKind, replaceFile } from '../files/replace.js';
import type { Ablation } from './ablate.js';
import { ablationPage } from './page.js';
import { scoresCsv, tablesMarkdown, tablesOf } from './table.js';

const PAGE: FileKind = {
  what: 'a page of synclr ablate',
  isOurs: (head) => /<meta name="generator" content="synclr /.test(head.toString()),
};
const JSON_FILE: FileKind = {
  what: 'a result of synclr ablate',
  isOurs: (head) => /^\{\s*"format": "synclr-ablation"/.test(head.toString()),
};
const CSV: FileKind = {
  what: 'a table of synclr ablate',
  isOurs: (head) => head.toString().startsWith('cell,seed,steps,training_seconds,'),
};
/** What the tables for a page begin with. */
const MARK = '<!-- written by synclr ablate -->';
const MARKDOWN: FileKind = { what: 'tables of synclr ablate', isOurs: (head) => head.toString().startsWith(MARK) };

/** Paths of what a grid's folder says of it. */
export const written = (dir: string) => ({
  page: join(dir, 'report.html'),
  json: join(dir, 'results.json'),
  csv: join(dir, 'results.csv'),
  markdown: join(dir, 'tables.md'),
});

/**
 * Writes what is there of a grid's results: `report.html`, `results.json`, `results.csv`, `tables.md`.
 * @throws UserError where a file of somebody else's has one of the names
 */
export async function writeResults(a: Ablation, dir: string): Promise<ReturnType<typeof written>> {
  const tables = tablesOf(a);
  const paths = written(dir);
  await replaceFile(paths.json, `${JSON.stringify(asJson(a, tables), undefined, 1)}\n`, JSON_FILE);
  await replaceFile(paths.csv, scoresCsv(a), CSV);
  await replaceFile(paths.markdown, `${MARK}\n\n${tablesMarkdown(tables)}`, MARKDOWN);
  await replaceFile(paths.page, ablationPage(a, tables, basename(resolve(dir))), PAGE);
  return paths;
}

/** The results for programs: every score, and the tables. */
export const asJson = (a: Ablation, tables = tablesOf(a)) => ({
  format: 'synclr-ablation',
  version: 1,
  grid: a.grid,
  results: a.results,
  left: a.left,
  tables,
});
