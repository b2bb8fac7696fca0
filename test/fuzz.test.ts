import { execFile, execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Tried } from './fuzz/run.js';
import { testSeed } from './numbers.js';

/** A short `npm run fuzz`: some broken inputs for every parser of outside bytes. SYNCLR_TEST_SEED repeats them. */

const root = fileURLToPath(new URL('..', import.meta.url));
const built = (name: string) => new URL(`../build/test/fuzz/${name}.js`, import.meta.url);
const seed = testSeed('fuzz.test.ts');

beforeAll(() => {
  for (const args of [
    // `npm test` has checked the types.
    ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.fuzz.json', '--noCheck'],
    ['scripts/kernels.js', 'build/src'],
  ])
    execFileSync(process.execPath, args, { cwd: root });
}, 180_000);

const title = 'no broken input ends in another error than ours, a hang, or memory without bound';
// To start a target's process takes longer than a few inputs.
it(`${title}: a few parsers, drawn by the seed`, { timeout: 600_000 }, () => fuzzed('12', ['--targets', '12']));
// What others publish is what people load from strangers.
it(`${title}: weights of others`, { timeout: 600_000 }, () => fuzzed('400', ['--target', 'weights']));
it(`${title}: all`, { tags: 'nightly', timeout: 600_000 }, () => fuzzed('60'));

async function fuzzed(inputs: string, targets: string[] = []): Promise<void> {
  const args = ['--inputs', inputs, '--jobs', '2', '--seed', String(seed), ...targets];
  const said = await new Promise<string>((resolve) => {
    execFile(process.execPath, [fileURLToPath(built('fuzz')), ...args], { cwd: root }, (_, stdout, stderr) =>
      resolve(stdout + stderr),
    );
  });
  expect(said).toMatch(/inputs of \d+ targets, 0 failures/);
}

describe('a parser is found out that', () => {
  const tried = async (target: string): Promise<Tried> => {
    const { tryTarget } = (await import(built('run').href)) as typeof import('./fuzz/run.js');
    // One in a hundred inputs is sound, and none of these.
    return tryTarget({ room: 'faulty', target }, 1, 0, 2, 1);
  };
  it.each([
    ['stumbles', 'error', /TypeError/],
    ['forgets', 'error', /forgotten/],
    ['spins', 'hang', /busy for/],
    ['waits', 'hang', /./],
    ['swallows', 'memory', /MiB for an input of/],
    ['aborts', 'crash', /SIGABRT|ended with/],
  ])('%s', { timeout: 120_000 }, async (target, kind, what) => {
    const { failures } = await tried(target);
    expect(failures[0]).toMatchObject({ target, kind, seed: 1, what: expect.stringMatching(what) });
  });

  it('and not one that refuses as it should', { timeout: 60_000 }, async () => {
    expect(await tried('refuses')).toMatchObject({ inputs: 2, refused: 2, failures: [] });
  });
});
