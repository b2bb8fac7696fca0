/** @module-tag nightly */
import { execFile, execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, it } from 'vitest';
import { testSeed } from '../numbers.js';

/** 10,000 broken files of weights; test/fuzz.test.ts tries some hundreds. SYNCLR_TEST_SEED repeats them. */

const root = fileURLToPath(new URL('../..', import.meta.url));
const seed = testSeed('fuzz-weights.test.ts');

beforeAll(() => execFileSync('npm', ['run', '--silent', 'build:fuzz'], { cwd: root }), 240_000);

it('10,000 broken files of weights', { timeout: 900_000 }, async () => {
  const args = ['build/test/fuzz/fuzz.js', '--target', 'weights', '--target', 'safetensors', '--inputs', '10000'];
  const said = await new Promise<string>((resolve) => {
    execFile(process.execPath, [...args, '--seed', String(seed)], { cwd: root }, (_, out, err) => resolve(out + err));
  });
  console.log(said);
  expect(said).toMatch(/20000 inputs of 2 targets, 0 failures/);
});
