import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Rng } from '../src/rng.js';
import { madeBy, micro } from './micro.js';
import { testSeed } from './numbers.js';
import { type Outcome, synclr } from './process.js';

/**
 * kill -9 at random moments of every stage: the same command continues, and what it makes is what an unbroken run makes, byte for byte.
 * SYNCLR_TEST_SEED repeats a failure (as far as a moment can be repeated), SYNCLR_KILL_TIMES tries more moments a stage.
 */

const STAGES = ['captions', 'images', 'train', 'eval'] as const;
const seed = testSeed('kill.test.ts');
const times = Number(process.env.SYNCLR_KILL_TIMES ?? 1);
// Large enough that every stage takes a while.
const SIZES = {
  'captions.count': 40,
  'captions.perShard': 8,
  'images.captionsPerShard': 4,
  'train.steps': 40,
  'train.checkpointEvery': 5,
  'probe.heldOutClasses': 0,
};

let cwd: string;
let expected: Record<string, string>;
/** How long each stage took in the unbroken run, milliseconds. */
const took: Record<string, number> = {};

/** Runs to the end, or until it is killed `after` milliseconds into `stage`. */
async function run(out: string, workers: number, kill?: { stage: string; after: number }): Promise<Outcome> {
  let text = '';
  let began: { stage: string; at: number } | undefined;
  const outcome = await synclr(
    ['run', '--out', out, ...micro({ ...SIZES, 'runtime.workers': workers })],
    cwd,
    (child) => {
      child.stdout!.on('data', (d) => {
        text += d;
        const stage = STAGES.findLast((s) => text.includes(`${s}: about`));
        if (!stage || stage === began?.stage) return;
        if (began) took[began.stage] ??= performance.now() - began.at;
        began = { stage, at: performance.now() };
        if (stage === kill?.stage) setTimeout(() => child.kill('SIGKILL'), kill.after);
      });
    },
  );
  if (began) took[began.stage] ??= performance.now() - began.at;
  return outcome;
}

beforeAll(async () => {
  cwd = mkdtempSync(join(tmpdir(), 'synclr-kill-'));
  const unbroken = await run('unbroken', 2);
  expect(unbroken, unbroken.stdout + unbroken.stderr).toMatchObject({ code: 0 });
  expected = madeBy(join(cwd, 'unbroken'));
}, 120_000);
afterAll(() => rmSync(cwd, { recursive: true }));

/** Kills in these stages, one after the other, then goes on to the end. */
async function killedIn(out: string, stages: readonly (typeof STAGES)[number][], rng: Rng): Promise<void> {
  for (const stage of stages) {
    const after = rng.range(0, took[stage]);
    const killed = await run(out, 1 + rng.int(3), { stage, after });
    const how = `seed ${seed}, ${stage} after ${after.toFixed(0)} ms: ${killed.stdout}${killed.stderr}`;
    // A stage may have ended sooner than in the unbroken run.
    if (killed.signal !== 'SIGKILL') expect(killed.code, how).toBe(0);
  }
  const continued = await run(out, 1 + rng.int(3));
  expect(continued, continued.stdout + continued.stderr).toMatchObject({ code: 0 });
  expect(madeBy(join(cwd, out)), `seed ${seed}`).toEqual(expected);
}

it('killed in images and in train', { timeout: 120_000 }, () =>
  killedIn('short', ['images', 'train'], Rng.of(seed, 'short')),
);

// Twice, the second time somewhere in what the first continuation does.
describe.each(STAGES)('killed in %s', { tags: 'nightly' }, (stage) => {
  it.each(Array.from({ length: times }, (_, i) => i))('time %i', { timeout: 120_000 }, (i) =>
    killedIn(`${stage}-${i}`, [stage, stage], Rng.of(seed, stage, i)),
  );
});
