import { basename, join, resolve } from 'node:path';
import { type FileKind, replaceFile } from '../files/replace.js';
import { VERSION } from '../version.js';
import type { Comparison } from './compare.js';
import { CSV_HEAD, comparisonCsv } from './csv.js';
import { comparisonPage } from './page.js';
import { shownOf } from './shown.js';
import { comparisonTables, tablesMarkdown } from './table.js';

const PAGE: FileKind = {
  what: 'a page of synclr eval',
  isOurs: (head) => /<meta name="generator" content="synclr [^"]* comparison">/.test(head.toString()),
};
const JSON_FILE: FileKind = {
  what: 'a comparison of synclr eval',
  isOurs: (head) => /^\{\s*"format": "synclr-comparison"/.test(head.toString()),
};
const CSV: FileKind = { what: 'a table of synclr eval', isOurs: (head) => head.toString().startsWith(CSV_HEAD) };
/** What the tables for a page begin with. */
const MARK = '<!-- written by synclr eval -->';
const MARKDOWN: FileKind = { what: 'tables of synclr eval', isOurs: (head) => head.toString().startsWith(MARK) };

/** The comparison for programs: every figure with seed, protocol, encoder hash and data hash. */
export const comparisonJson = (c: Comparison) => ({
  format: 'synclr-comparison',
  version: 1,
  synclr: VERSION,
  ...c,
  tables: comparisonTables(c),
});

/**
 * Writes what came of a comparison into its folder: `report.html`, `comparison.json`, `comparison.csv`, `comparison.md`.
 * @returns their paths @throws UserError where a file of somebody else's has one of the names
 */
export async function writeComparison(c: Comparison, dir: string) {
  const paths = {
    page: join(dir, 'report.html'),
    json: join(dir, 'comparison.json'),
    csv: join(dir, 'comparison.csv'),
    markdown: join(dir, 'comparison.md'),
  };
  const tables = comparisonTables(c);
  await replaceFile(paths.json, `${JSON.stringify(comparisonJson(c), undefined, 1)}\n`, JSON_FILE);
  await replaceFile(paths.csv, comparisonCsv(c), CSV);
  await replaceFile(paths.markdown, `${MARK}\n\n${tablesMarkdown(c, tables)}`, MARKDOWN);
  await replaceFile(paths.page, comparisonPage(c, tables, basename(resolve(dir)), await shownOf(c, dir)), PAGE);
  return paths;
}
