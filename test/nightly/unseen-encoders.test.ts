/** @module-tag nightly */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openForeign } from '../../src/encoders/open.js';
import { verifyFile, weightsOf } from '../../src/encoders/verify.js';
import { UserError } from '../../src/errors.js';
import { openExecutors } from '../../src/runtime/open-executors.js';
import { testSeed } from '../numbers.js';

/**
 * Encoders that timm, transformers, open_clip and the authors' code write, drawn at random: what we compute from them is what their
 * libraries compute, and an architecture that is not run here is refused by its name. SYNCLR_TEST_SEED repeats them.
 */
const python = process.env.SYNCLR_PYTHON ?? 'python3';
const maker = fileURLToPath(new URL('../peers/make_encoder_cases.py', import.meta.url));
const NEEDED = 'import torch, timm, transformers, open_clip';
const hasLibraries = spawnSync(python, ['-c', NEEDED], { stdio: 'ignore' }).status === 0;
const cases = mkdtempSync(join(tmpdir(), 'synclr-unseen-'));
afterAll(() => rmSync(cases, { recursive: true, force: true }));

const aboutOf = (dir: string): { must?: boolean; refused_as?: string; library: string; what?: string } =>
  JSON.parse(readFileSync(join(dir, 'about.json'), 'utf8'));
const folders = () => readdirSync(cases).map((name) => join(cases, name));

beforeAll(() => {
  if (!hasLibraries) return;
  const seed = testSeed('unseen-encoders.test.ts');
  execFileSync(python, [maker, String(seed), '25', cases, '--refused'], { stdio: ['ignore', 'ignore', 'inherit'] });
}, 600_000);

const skipped = () => {
  if (!hasLibraries)
    console.log(`${python} (SYNCLR_PYTHON) lacks torch, timm, transformers or open_clip: not compared`);
  return !hasLibraries;
};

it('encoders of other libraries give their libraries’ features', { timeout: 600_000 }, async () => {
  if (skipped()) return;
  await using on = await openExecutors({ provider: 'cpu', threads: 0, precision: 'float32' });
  const off: string[] = [];
  let agree = 0;
  let left = 0;
  for (const dir of folders().filter((dir) => existsSync(join(dir, 'expected.safetensors'))))
    for (const file of await weightsOf(dir)) {
      const { must, library, what } = aboutOf(dir);
      const named = `${dir} ${file} (${library} ${what})`;
      try {
        const v = await verifyFile(dir, file, on);
        if (v.worst <= 1) agree++;
        else off.push(`${named}: ${v.worstOf} is ${v.worst} of the tolerance`);
      } catch (e) {
        if (!must && e instanceof UserError && /not run here/.test(e.message)) left++;
        else off.push(`${named}: ${(e as Error).message}`);
      }
    }
  console.log(`${agree} encoders of other libraries agree, ${left} of kinds beyond the documented ones are refused`);
  expect(off).toEqual([]);
  expect(agree).toBeGreaterThan(70);
});

it('other architectures are refused by their names', { timeout: 300_000 }, async () => {
  if (skipped()) return;
  const wrong: string[] = [];
  let refused = 0;
  for (const dir of folders()) {
    const { refused_as } = aboutOf(dir);
    if (refused_as === undefined) continue;
    const told = await openForeign(dir).then(
      () => 'read',
      (e) => (e instanceof UserError ? e.message : `${(e as Error).stack}`),
    );
    // The folder's own name says it too.
    const said = told.replaceAll(dir, '');
    // Without a description not every architecture can be told.
    const isDescribed = ['config.json', 'open_clip_config.json'].some((name) => existsSync(join(dir, name)));
    const known = isDescribed ? refused_as : `${refused_as}|not run here|no vision|no family|--encoder-heads`;
    if (!new RegExp(known, 'i').test(said) || /\n/.test(said)) wrong.push(`${dir}: ${told}`);
    else refused++;
  }
  expect(wrong).toEqual([]);
  expect(refused).toBeGreaterThan(50);
});
