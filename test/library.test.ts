import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import * as config from '../src/config/index.js';
import * as graph from '../src/graph/index.js';
import * as library from '../src/index.js';
import { resolveSettings } from '../src/index.js';
import { Rng } from '../src/rng.js';
import { PAGES, pageText } from './docs/lines.js';
import { photos } from './docs/photos.js';
import { EXAMPLES, type Given, writeInputs } from './library/examples.js';
import { MICRO } from './micro.js';
import { MAIN, synclr } from './process.js';

const root = fileURLToPath(new URL('..', import.meta.url));

it('docs/library.md is as it is written from the docstrings', () => {
  const { stderr, status } = spawnSync(process.execPath, ['scripts/library-docs.js', '--check'], {
    cwd: root,
    encoding: 'utf8',
  });
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
});

it('README and docs import what there is', () => {
  const known: Record<string, object> = { synclr: library, 'synclr/config': config, 'synclr/graph': graph };
  const types = pageText('docs/library.md');
  let found = 0;
  for (const page of PAGES)
    for (const [line, names, module] of pageText(page).matchAll(
      /import (?:type )?\{([^}]*)\} from '(synclr[\w/]*)'/g,
    )) {
      expect(Object.keys(known), `${page}: ${line}`).toContain(module);
      for (const name of names
        .split(',')
        .map((n) => n.trim())
        .filter(Boolean)) {
        found++;
        const isType = name.startsWith('type ') && types.includes(`### \`${name.slice(5)}\``);
        if (!isType) expect(known[module], `${page}: ${line}`).toHaveProperty(name);
      }
    }
  expect(found).toBeGreaterThan(5);
});

describe('the examples of docs/library.md', () => {
  let dir: string;
  let given: Given;
  const before = process.cwd();
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'synclr-library-'));
    await photos(dir);
    writeInputs(dir);
    const flags = Object.entries(MICRO).flatMap(([name, value]) => [`--${name}`, String(value)]);
    const made = await synclr(['run', '--out', 'runs/mine', ...flags], dir);
    expect(made, made.stderr).toMatchObject({ code: 0 });
    const settings = resolveSettings({ flags: MICRO });
    const hooks = { signal: new AbortController().signal, progress() {}, warn() {} };
    const set = (n: number, key: string) => {
      const rng = Rng.of(1, key);
      const labels = Int32Array.from({ length: n }, (_, i) => i % 3);
      return {
        x: Float32Array.from({ length: n * 4 }, (_, i) => labels[i >> 2] * (i % 4) + rng.uniform()),
        dim: 4,
        labels,
      };
    };
    given = { settings, hooks, trainSet: set(60, 'train'), testSet: set(30, 'test') };
    process.chdir(dir);
    vi.spyOn(console, 'log').mockImplementation(() => {});
  }, 120_000);
  afterAll(() => {
    vi.restoreAllMocks();
    process.chdir(before);
    rmSync(dir, { recursive: true });
  });

  it.each(Object.keys(EXAMPLES))('%s', async (name) => {
    await EXAMPLES[name](given);
  });

  it.each(['openEncoder', 'openExecutors', 'openCorpus', 'openEmbedder'])(
    'a handle of %s that is forgotten does not hold the process',
    async (name) => {
      const open = {
        openEncoder:
          "const e = await s.openEncoder({ checkpoint: 'runs/mine' }); await e.encode(new Float32Array(3 * e.size ** 2), 1);",
        openExecutors: "const e = await s.openExecutors({ provider: 'cpu', threads: 1 }); await e.open();",
        openCorpus: "const c = await s.openCorpus('runs/mine'); await c.read(0);",
        openEmbedder: "const e = await s.openEmbedder({ encoder: 'runs/mine' }); await e.image('photo.jpg');",
      }[name]!;
      const index = MAIN.replace(/cli[\\/]main\.js$/, 'index.js');
      const script = `const s = await import(${JSON.stringify(`file://${index}`)}); ${open} console.log('done');`;
      const r = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
        cwd: dir,
        encoding: 'utf8',
        timeout: 60_000,
      });
      expect({ stdout: r.stdout, stderr: r.stderr, status: r.status }).toEqual({
        stdout: 'done\n',
        stderr: '',
        status: 0,
      });
    },
  );
});
