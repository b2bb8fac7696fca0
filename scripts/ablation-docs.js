// Puts the tables of a grid (`synclr ablate`) into docs/experiments.md: npm run docs:ablation -- runs/ablate
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const page = fileURLToPath(new URL('../docs/experiments.md', import.meta.url));
const [begin, end] = ['<!-- ablate-tiny -->', '<!-- end of ablate-tiny -->'];
const dir = process.argv[2];
if (!dir) {
  console.error('which folder? npm run docs:ablation -- runs/ablate');
  process.exit(2);
}
// Without the line that says whose file it is; a level lower than in a page of its own.
const tables = readFileSync(join(dir, 'tables.md'), 'utf8')
  .replace(/^<!--.*-->\n+/, '')
  .replaceAll(/^### /gm, '#### ')
  .trim();
const text = readFileSync(page, 'utf8');
const [from, to] = [text.indexOf(begin), text.indexOf(end)];
if (from < 0 || to < from) throw new Error(`${page} has no place for the tables`);
writeFileSync(page, `${text.slice(0, from + begin.length)}\n${tables}\n${text.slice(to)}`);
