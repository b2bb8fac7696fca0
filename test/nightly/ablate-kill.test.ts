/** @module-tag nightly */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Rng } from '../../src/rng.js';
import { smallGrid } from '../ablate.js';
import { testSeed } from '../numbers.js';
import { synclr } from '../process.js';

/** kill -9 of a grid anywhere: in its corpus, inside cells and between them; SYNCLR_TEST_SEED repeats the moments. */

const seed = testSeed('ablate-kill.test.ts');
let cwd: string;
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'synclr-ablate-kill-'));
  const narrow = { narrow: { captions: { count: 16 } } };
  const grid = smallGrid({ corpora: narrow }) as { cells: object[] };
  grid.cells.push({
    name: 'narrow',
    corpus: 'narrow',
    settings: { learn: { method: 'supervised' }, views: { localCount: 0 } },
  });
  writeFileSync(join(cwd, 'grid.json'), JSON.stringify(grid));
});
afterAll(() => rmSync(cwd, { recursive: true }));

it('killed at any time, the same command ends in the same tables', { timeout: 900_000 }, async () => {
  const command = (out: string) => ['ablate', '--grid', 'grid.json', '--out', out, '--runtime.threads', '1'];
  const began = performance.now();
  const unbroken = await synclr(command('unbroken'), cwd);
  expect(unbroken, unbroken.stdout + unbroken.stderr).toMatchObject({ code: 0 });
  const took = performance.now() - began;
  const rng = Rng.of(seed, 'ablate');
  let kills = 0;
  for (let i = 0; i < 8; i++) {
    const after = rng.range(0.05, 0.5) * took;
    const r = await synclr(command('killed'), cwd, (child) => setTimeout(() => child.kill('SIGKILL'), after));
    if (r.signal === 'SIGKILL') kills++;
    else expect(r.code, r.stdout + r.stderr).toBe(0);
  }
  console.log(`ablate-kill.test: killed ${kills} times`);
  const done = await synclr(command('killed'), cwd);
  expect(done, `seed ${seed}: ${done.stdout}${done.stderr}`).toMatchObject({ code: 0 });
  const tables = (out: string) => JSON.parse(readFileSync(join(cwd, out, 'results.json'), 'utf8')).tables;
  expect(tables('killed'), `seed ${seed}`).toEqual(tables('unbroken'));
});
