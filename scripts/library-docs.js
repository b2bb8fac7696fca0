/**
 * `node scripts/library-docs.js [--check]`: writes docs/library.md from src/index.ts (what is exported, in which sections), from the
 * declarations that the compiler made of it in dist/ (signatures and docstrings), and from test/library/examples.ts (examples, which a test
 * runs). With --check it only says whether the page is as it would be written. No compiler's API: TypeScript 7 has none that is stable.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const text = (path) => readFileSync(join(root, path), 'utf8');

/** Lines of a declaration that the page shows; a settings' schema has hundreds. */
const MOST_LINES = 60;

/** Sections of the index: a title, the paragraph below it, and its exports. */
function sections() {
  const found = [];
  for (const line of statements(text('src/index.ts'))) {
    const title = /^\/\/ # (.*)/.exec(line);
    if (title) {
      const about = line
        .split('\n')
        .slice(1)
        .map((l) => l.replace(/^\/\/ ?/, ''))
        .join('\n')
        .trim();
      found.push({ title: title[1], about, names: [] });
    }
    const given = /^export (?:type )?\{([^}]*)\} from '\.\/(.*)\.js';$/s.exec(line);
    if (!given) continue;
    for (const name of given[1].split(',').map((n) => n.trim().replace(/^type /, '')))
      if (name !== '') found.at(-1).names.push({ name, module: given[2] });
  }
  return found;
}

/** The index's comments and exports, each in one text. */
function statements(source) {
  return source.match(/^(?:\/\/ #.*(?:\n\/\/.*)*|export [^;]*;)/gm);
}

const files = new Map();

/** Exported declarations of a module's .d.ts, by name: text and docstring. */
function declarations(module) {
  if (!files.has(module)) files.set(module, parse(text(`dist/${module}.d.ts`)));
  return files.get(module);
}

function parse(source) {
  const found = new Map();
  let doc = '';
  let lines = [];
  let comment = [];
  for (const line of source.split('\n')) {
    if (lines.length === 0 && (comment.length > 0 || line.startsWith('/**'))) {
      comment.push(line);
      if (!line.includes('*/')) continue;
      doc = docText(comment);
      comment = [];
      continue;
    }
    if (lines.length === 0 && !/^(export|declare|import)\b/.test(line)) continue;
    lines.push(line);
    const joined = lines.join('\n');
    // A declaration ends where its brackets are closed.
    const open = (joined.match(/[{([]/g) ?? []).length - (joined.match(/[})\]]/g) ?? []).length;
    if (open > 0 || !/[;}]$/.test(line)) continue;
    const from = /^export (?:type )?\{([^}]*)\} from '(.*)\.js';$/s.exec(joined);
    if (from) for (const name of from[1].split(',')) found.set(name.trim().replace(/^type /, ''), { from: from[2] });
    const name = /^export (?:declare |abstract |async )*(?:function|class|const|interface|type|let) (\w+)/.exec(
      joined,
    )?.[1];
    if (name && !found.has(name)) found.set(name, { doc, code: joined });
    lines = [];
    doc = '';
  }
  return found;
}

/** A declaration wherever it is made. */
function lookUp(module, name) {
  const found = declarations(module).get(name);
  if (!found) throw new Error(`${name} of src/${module}.ts: no declaration found in dist/${module}.d.ts`);
  if (found.from === undefined) return found;
  return lookUp(join(dirname(module), found.from).replaceAll('\\', '/'), name);
}

/** The text within a docstring's stars. */
function docText(lines) {
  return lines
    .join('\n')
    .replace(/^\/\*\*\s?|\s*\*\/\s*$/g, '')
    .split('\n')
    .map((l) => l.replace(/^\s*\* ?/, ''))
    .join('\n')
    .trim();
}

/** A docstring as Markdown: text, then parameters, results and errors as a list. */
function markdown(doc) {
  const [about, ...tags] = doc.split(/(?<![\w`])@(?=param|returns|throws)/);
  const said = (t) =>
    t
      .replace(/\{@link ([^}]*)\}/g, '`$1`')
      .replace(/\s+/g, ' ')
      .trim();
  const list = tags.map((tag) => {
    const [, kind, rest] = /^(param|returns|throws)\s+(.*)$/s.exec(tag);
    if (kind !== 'param') return `- ${kind}: ${said(rest)}`;
    const [, name, meaning] = /^([\w.]+)\s*(.*)$/s.exec(rest);
    return `- \`${name}\`: ${said(meaning)}`;
  });
  return [said(about), list.join('\n')].filter(Boolean).join('\n\n');
}

/** A declaration as a reader wants it: without what only the compiler needs, and what is private. */
function shown(code) {
  const lines = code
    .replace(/^export (declare )?/, '')
    .split('\n')
    .map((l) => l.replace(/^( {4})+/, (blanks) => '  '.repeat(blanks.length / 4)));
  const kept = [];
  for (let i = 0; i < lines.length; i++) {
    if (!/^\s*private /.test(lines[i])) {
      kept.push(lines[i]);
      continue;
    }
    // With its docstring.
    while (/^\s*(\/\*\*|\*)/.test(kept.at(-1) ?? '')) if (/^\s*\/\*\*/.test(kept.pop())) break;
  }
  if (kept.length <= MOST_LINES) return kept.join('\n');
  return kept[0].endsWith('{') ? `${kept[0]} … }` : `${kept[0]} …`;
}

/** Examples by the name of what they show. */
function examples() {
  const found = new Map();
  for (const [, name, body] of text('test/library/examples.ts').matchAll(
    /^ *\/\/ example: (\w+)\n(.*?)^ *\/\/ end$/gms,
  )) {
    const lines = body.trimEnd().split('\n');
    const indent = Math.min(...lines.filter((l) => l.trim()).map((l) => /^ */.exec(l)[0].length));
    found.set(name, lines.map((l) => l.slice(indent)).join('\n'));
  }
  return found;
}

function page() {
  const out = [
    '# The library',
    '',
    'Written by `npm run docs:library` from `src/index.ts` and its docstrings; change them there. The examples are run by a test.',
    '',
    '```ts',
    "import { resolveSettings, train, writeCaptions, writeImages } from 'synclr';",
    '```',
    '',
    'Beside this there are `synclr/config` (the schema, its leaves and presets) and `synclr/graph` ([engine](engine.md)). Errors that a user can mend are',
    '`UserError`, one line each; a stage that was asked to stop throws `Interrupted`, and the same call continues.',
    '',
  ];
  const shows = examples();
  const all = sections();
  const anchors = anchorsOf(all);
  for (const section of all) {
    const links = section.names.map((entry) => `[${entry.name}](#${anchors.get(entry)})`);
    out.push(`- [${section.title}](#${anchors.get(section)}): ${links.join(', ')}`);
  }
  out.push('');
  for (const { title, about, names } of all) {
    out.push(`## ${title}`, '');
    if (about) out.push(about, '');
    for (const { name, module } of names) {
      const { doc, code } = lookUp(module, name);
      out.push(`### \`${name}\``, '', '```ts', shown(code), '```', '');
      const said = markdown(doc);
      if (said) out.push(said, '');
      const example = shows.get(name);
      shows.delete(name);
      if (example) out.push('```ts', example, '```', '');
    }
  }
  if (shows.size > 0)
    throw new Error(`test/library/examples.ts: nothing of this name is exported: ${[...shows.keys()].join(', ')}`);
  return `${out.join('\n').trimEnd()}\n`;
}

/** Anchors of sections and their exports, as GitHub makes them: the second of one name gets a number. */
function anchorsOf(all) {
  const used = new Map();
  const found = new Map();
  for (const section of all)
    for (const [key, title] of [[section, section.title], ...section.names.map((entry) => [entry, entry.name])]) {
      const plain = anchor(title);
      const before = used.get(plain) ?? 0;
      used.set(plain, before + 1);
      found.set(key, before === 0 ? plain : `${plain}-${before}`);
    }
  return found;
}

const anchor = (title) =>
  title
    .toLowerCase()
    .replace(/[^\w\s-]/g, '')
    .replace(/\s/g, '-');

const made = page();
const path = join(root, 'docs/library.md');
if (process.argv[2] !== '--check') writeFileSync(path, made);
else if (readFileSync(path, 'utf8') !== made) {
  console.error('docs/library.md is behind the docstrings: npm run docs:library');
  process.exitCode = 1;
}
