import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const SRC = fileURLToPath(new URL('..', import.meta.url));

/** What removes, replaces or renames: src/files alone may call it. */
const DESTRUCTIVE = [
  ...['rm', 'rmSync', 'unlink', 'unlinkSync', 'rmdir', 'rmdirSync', 'rename', 'renameSync'],
  ...['cp', 'cpSync', 'copyFile', 'copyFileSync', 'truncate', 'truncateSync'],
  ...['writeFile', 'writeFileSync', 'createWriteStream'],
];

/** What is wrong with a source file, by our rule. */
function faults(text: string): string[] {
  const found: string[] = [];
  for (const [, names] of text.matchAll(/import\s+(?:type\s+)?\{([^}]*)\}\s+from\s+'(?:node:)?fs(?:\/promises)?'/g))
    for (const name of names.split(',').map((n) => n.trim().split(/\s+as\s+/)[0]))
      if (DESTRUCTIVE.includes(name)) found.push(`imports ${name}`);
  // All of a module at once, or later: then nothing says what is called.
  if (/import\s+(?:\*\s+as\s+)?\w+(?:\s*,\s*\{[^}]*\})?\s+from\s+'(?:node:)?fs(?:\/promises)?'/.test(text))
    found.push('imports all of fs');
  if (/(?:import|require)\(\s*['"](?:node:)?fs(?:\/promises)?['"]/.test(text)) found.push('loads fs at run time');
  // Opening for writing empties what is there; 'wx' takes new names only.
  if (/\b(?:open|openSync)\([^;]*?['"]w\+?['"]/.test(text)) found.push("opens with 'w'");
  if (/\.toFile\(/.test(text)) found.push('lets a library write a file (toFile)');
  return found;
}

function sources(dir: string): string[] {
  return readdirSync(dir, { withFileTypes: true }).flatMap((e) => {
    const path = join(dir, e.name);
    if (e.isDirectory()) return sources(path);
    return /\.[cm]?[tj]s$/.test(e.name) && !/\.test\.ts$/.test(e.name) ? [path] : [];
  });
}

test('outside of src/files nothing is removed, replaced or renamed', () => {
  const files = sources(SRC).filter((f) => !relative(SRC, f).startsWith('files/'));
  expect(files.length).toBeGreaterThan(200);
  const wrong = files.flatMap((f) => faults(readFileSync(f, 'utf8')).map((what) => `${relative(SRC, f)} ${what}`));
  expect(wrong, 'use what src/files has for it').toEqual([]);
});

test('the rule sees every way to do so', () => {
  const ways = [
    "import { readFile, rm } from 'node:fs/promises';",
    "import { rmSync as away } from 'node:fs';",
    "import { type Dirent, renameSync } from 'fs';",
    "import fs from 'node:fs';",
    "import * as fs from 'node:fs/promises';",
    "const { rm } = await import('node:fs/promises');",
    "const fs = require('fs');",
    "const handle = await open(file, 'w');",
    "await sharp(data).toFile('x.png');",
  ];
  for (const way of ways) expect(faults(way), way).not.toEqual([]);
  expect(faults("import { open, readFile } from 'node:fs/promises';\nawait open(a, 'wx');")).toEqual([]);
});
