import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const SRC = fileURLToPath(new URL('.', import.meta.url));

/** Which rooms each room may use; files that lie in `src` itself are everybody's. docs/architecture.md says what the rooms are. */
const MAY: Readonly<Record<string, readonly string[]>> = {
  files: [],
  formats: ['files'],
  graph: [],
  text: ['files', 'formats'],
  net: ['formats'],
  config: ['files', 'formats'],
  runtime: ['files', 'formats', 'graph'],
  run: ['config', 'files', 'formats'],
  hub: ['config', 'files', 'formats', 'net'],
  // Of captions the form of a record alone.
  concepts: ['captions', 'config', 'formats'],
  captions: ['concepts', 'config', 'files', 'formats', 'hub', 'net'],
  views: ['config', 'corpus', 'formats'],
  images: ['captions', 'concepts', 'config', 'files', 'formats', 'hub', 'net', 'runtime', 'views'],
  corpus: ['captions', 'concepts', 'config', 'files', 'formats', 'images', 'run', 'views'],
  model: ['config', 'files', 'formats', 'graph', 'run', 'runtime', 'text'],
  // Of probes the interface of an encoder alone.
  encoders: ['config', 'files', 'formats', 'graph', 'hub', 'model', 'probe', 'run', 'runtime'],
  learn: ['config', 'corpus', 'encoders', 'files', 'formats', 'graph', 'model', 'run', 'runtime', 'text', 'views'],
  probe: [
    ...[
      'captions',
      'concepts',
      'config',
      'corpus',
      'encoders',
      'files',
      'formats',
      'graph',
      'images',
      'model',
      'run',
      'runtime',
      'text',
      'views',
    ],
  ],
  // Of probes what an image folder is, of concepts how tables are read.
  data: ['concepts', 'config', 'files', 'formats', 'hub', 'net', 'probe', 'views'],
  segmentation: [
    'config',
    'data',
    'encoders',
    'files',
    'formats',
    'graph',
    'learn',
    'model',
    'probe',
    'runtime',
    'views',
  ],
  finetune: ['config', 'data', 'encoders', 'files', 'formats', 'graph', 'learn', 'model', 'probe', 'runtime', 'views'],
  // Of the hub how a download of a data set is announced.
  evaluation: [
    ...[
      'config',
      'data',
      'encoders',
      'files',
      'finetune',
      'formats',
      'graph',
      'hub',
      'learn',
      'model',
      'probe',
      'report',
      'run',
      'runtime',
      'segmentation',
      'text',
      'views',
    ],
  ],
  // Painted training sets: all that paints, and all that measures.
  classify: [
    ...[
      'captions',
      'concepts',
      'config',
      'corpus',
      'encoders',
      'files',
      'formats',
      'graph',
      'images',
      'model',
      'probe',
      'run',
      'runtime',
      'views',
    ],
  ],
  search: [
    ...[
      'captions',
      'concepts',
      'config',
      'corpus',
      'encoders',
      'files',
      'formats',
      'images',
      'probe',
      'report',
      'run',
      'runtime',
      'views',
    ],
  ],
  ablate: ['config', 'corpus', 'files', 'formats', 'learn', 'model', 'probe', 'report', 'run'],
  report: ['captions', 'config', 'corpus', 'files', 'formats', 'learn', 'probe', 'run', 'views'],
};

/** Of these imports only the file named. */
const ONLY: Readonly<Record<string, string>> = {
  'concepts captions': 'captions/record.js',
  'encoders probe': 'probe/encoder.js',
  'data concepts': 'concepts/delimited.js',
  'hub config': 'config/suggest.js',
};

test('rooms use only those below them', () => {
  const wrong: string[] = [];
  const names = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).map((name) => name.split(sep).join('/'));
  const sources = names.filter((name) => name.includes('/') && /(?<!\.test)\.ts$/.test(name));
  expect(sources.length).toBeGreaterThan(300);
  for (const name of sources) {
    const [room] = name.split('/');
    // Commands use everything, and nothing uses them.
    if (room === 'cli') continue;
    const text = readFileSync(join(SRC, name), 'utf8');
    for (const [, path] of text.matchAll(/(?:from|import|import\()\s*'(\.[^']+)'/g)) {
      const target = relative(SRC, join(SRC, dirname(name), path))
        .split(sep)
        .join('/');
      const [other] = target.includes('/') ? target.split('/') : [room];
      const only = ONLY[`${room} ${other}`];
      if (other !== room && (!MAY[room]?.includes(other) || (only !== undefined && target !== only)))
        wrong.push(`${name} uses ${target}`);
    }
  }
  expect(wrong).toEqual([]);
});

/** What is only to be had in one place, and the files that are that place. */
const CARE: readonly (readonly [what: string, pattern: RegExp, where: RegExp])[] = [
  [
    'sharp, which opens more than pictures',
    /^import sharp\b|import\('sharp'\)/m,
    /^views\/guarded-sharp\.ts$|^cli\/support\/checks\.ts$/,
  ],
  ['connections to servers', /from 'node:(?:http|https|net|tls)'|\bfetch\(/, /^net\/exchange\.ts$/],
];

test('what needs care is had in one place', () => {
  const wrong: string[] = [];
  for (const name of readdirSync(SRC, { recursive: true, encoding: 'utf8' }).map((n) => n.split(sep).join('/'))) {
    if (!/(?<!\.test)\.ts$/.test(name)) continue;
    // Types connect to nothing.
    const text = readFileSync(join(SRC, name), 'utf8').replace(/^import type .*$/gm, '');
    for (const [what, pattern, where] of CARE)
      if (pattern.test(text) && !where.test(name)) wrong.push(`${name}: ${what}`);
  }
  expect(wrong).toEqual([]);
});
