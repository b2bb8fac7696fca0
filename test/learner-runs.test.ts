import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LEARNER_NAMES, type LearnerName } from '../src/config/names.js';
import { resolveSettings } from '../src/config/resolve.js';
import type { Settings } from '../src/config/schema.js';
import { writeCaptions } from '../src/corpus/captions-stage.js';
import { writeImages } from '../src/corpus/images-stage.js';
import { LEARNERS } from '../src/learn/learners/index.js';
import { train } from '../src/learn/train.js';
import { readBackbone } from '../src/model/backbone.js';
import { Rng } from '../src/rng.js';
import { openRun } from '../src/run/run.js';
import type { StageHooks } from '../src/stage.js';
import { MICRO, microOf } from './micro.js';
import { testSeed } from './numbers.js';
import { synclr } from './process.js';

/** Runs of every learner over one corpus: what they leave behind, and that an interruption changes nothing of it. */

const seed = testSeed('learner-runs.test.ts');
let cwd: string;
const at = (...names: string[]) => join(cwd, ...names);
const STEPS = { 'train.steps': 6, 'train.checkpointEvery': 3, 'train.healthEvery': 2, 'runtime.threads': 1 };
const settingsOf = (method: LearnerName, changes: Record<string, string | number | boolean> = {}): Settings =>
  resolveSettings({ flags: microOf(method, { ...STEPS, ...changes }) });
const quiet = (signal = new AbortController().signal, more: Partial<StageHooks> = {}): StageHooks => ({
  ...{ signal, progress() {}, warn() {} },
  ...more,
});

beforeAll(async () => {
  cwd = mkdtempSync(join(tmpdir(), 'synclr-learners-'));
  await using run = await openRun(at('corpus'), { settings: resolveSettings({ flags: MICRO }) });
  await writeCaptions(run.stage(quiet()));
  await writeImages(run.stage(quiet()));
});
afterAll(() => rmSync(cwd, { recursive: true }));

const trained = (dir: string, settings: Settings, hooks = quiet()) =>
  train({ settings, dir: at(dir), corpus: at('corpus'), hooks });

/** Rows of a log, without what a clock is in. */
const rows = (dir: string, name = 'metrics.jsonl'): Record<string, unknown>[] =>
  readFileSync(at(dir, 'train', name), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => {
      const { images_per_s: _, data_wait: __, ...row } = JSON.parse(line);
      return row;
    });

/** Checksums of a run's checkpoints. */
const checkpoints = (dir: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(at(dir, 'checkpoints')).map((name) => {
      const sum = createHash('sha256').update(readFileSync(at(dir, 'checkpoints', name)));
      return [name, sum.digest('hex')];
    }),
  );

/** Learners, and switches of theirs that change the programs. */
const CASES: [string, LearnerName, Record<string, string | number | boolean>][] = [
  ...LEARNER_NAMES.map((name): [string, LearnerName, Record<string, number>] => [name, name, {}]),
  ['synclr without a teacher', 'synclr', { 'learn.ema': false, 'learn.ibot': 0, 'views.localCount': 0 }],
  ['simclr, batches added up, blocks dropped', 'simclr', { 'optim.accumulate': 2, 'model.dropPath': 0.2 }],
];

describe.each(CASES)('%s', (title, method, changes) => {
  const [whole, broken] = [`whole ${title}`, `broken ${title}`];

  test('stopped after any step and continued, ends in the same bytes', async () => {
    await trained(whole, settingsOf(method, changes));
    const stop = 1 + Rng.of(seed, title).int(4);
    const controller = new AbortController();
    const hooks = quiet(controller.signal, {
      progress: ({ done }) => {
        if (done >= stop) controller.abort();
      },
    });
    await expect(trained(broken, settingsOf(method, changes), hooks)).rejects.toThrow(/stopped after step/);
    await trained(broken, settingsOf(method, changes));
    expect(checkpoints(broken)).toEqual(checkpoints(whole));
    expect(rows(broken)).toEqual(rows(whole));
  });

  test('logs its own losses, all of which have titles, and health', () => {
    const log = rows(whole);
    expect(log).toHaveLength(6);
    const titled = new Set(LEARNERS[method].metrics.map((m) => m.key));
    const common = ['step', 'lr', 'weight_decay', 'grad_norm'];
    const health = ['feature_std', 'feature_rank', 'positive_similarity', 'negative_similarity'];
    for (const key of Object.keys(log[0]).filter((k) => !common.includes(k) && !health.includes(k)))
      if (!['teacher_entropy', 'prototype_use'].includes(key)) expect(titled, key).toContain(key);
    for (const row of log) expect(Number.isFinite(row.loss)).toBe(true);
    expect(log[0]).toHaveProperty('feature_rank');
  });

  test('leaves an encoder that probes and export read', async () => {
    const settings = settingsOf(method, changes);
    const teacher = await readBackbone(at(whole), 'teacher', settings);
    expect(teacher.vit).toMatchObject({ dim: 32, depth: 2 });
    expect(teacher.origin).toContain(method === 'synclr' && !('learn.ema' in changes) ? '(teacher)' : '(student)');
  });
});

/** kill -9 at random moments of the command, then on to the end. */
async function killed([title, method, changes]: (typeof CASES)[number], kills: number): Promise<void> {
  const rng = Rng.of(seed, 'kills', title);
  const [whole, broken] = [`unkilled ${title}`, `killed ${title}`];
  const flags = Object.entries(
    microOf(method, { ...STEPS, 'train.steps': 30, 'train.checkpointEvery': 3, ...changes }),
  ).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const run = (out: string, after?: number) => {
    return synclr(['train', '--out', out, '--corpus', 'corpus', ...flags], cwd, (child) => {
      if (after !== undefined) setTimeout(() => child.kill('SIGKILL'), after);
    });
  };
  const began = performance.now();
  const unbroken = await run(whole);
  expect(unbroken, unbroken.stderr).toMatchObject({ code: 0 });
  const took = performance.now() - began;
  const moments: number[] = [];
  for (let k = 0; k < kills; k++) {
    moments.push(rng.range(0, took));
    await run(broken, moments[k]);
  }
  const continued = await run(broken);
  expect(continued, continued.stderr).toMatchObject({ code: 0 });
  const how = `seed ${seed}, killed after ${moments.map((m) => m.toFixed(0)).join(', ')} ms`;
  expect(checkpoints(broken), how).toEqual(checkpoints(whole));
  expect(rows(broken), how).toEqual(rows(whole));
}

const drawn = CASES[Rng.of(seed, 'drawn').int(CASES.length)];
test(`${drawn[0]}: killed at random moments, ends as if it had not been`, () => killed(drawn, 2));
test.each(CASES)('%s: killed at random moments', { tags: 'nightly', timeout: 300_000 }, (...one) => killed(one, 4));

describe('training that diverges', () => {
  const diverging = (changes: Record<string, string | number | boolean> = {}) =>
    settingsOf('simclr', { 'optim.lr': 1e37, 'optim.warmup': 0, 'optim.clip': 0, ...changes });

  test('stops, says where and of what, and leaves the state before it, from which it goes on', async () => {
    const says = /training diverged at step 2: loss NaN, .*\(captions (\d+, )+\d+ .*step-00000001\.safetensors/;
    await expect(trained('stopped', diverging())).rejects.toThrow(says);
    expect(readdirSync(at('stopped', 'checkpoints'))).toEqual(['step-00000001.safetensors']);
    expect(rows('stopped')).toHaveLength(1);
    const [bad] = rows('stopped', 'non-finite.jsonl');
    expect(bad).toMatchObject({ step: 2, then: 'stopped', not_finite: { loss: 'NaN', grad_norm: 'NaN' } });
    const [{ captions, images, where, index }] = bad.batches as Record<string, unknown[] & number>[];
    expect([captions.length, images.length, where.length, index]).toEqual([4, 4, 4, 1]);
    expect(new Set(captions as number[]).size).toBe(4);
    // Of a run of one step the same state.
    await trained('one', diverging({ 'train.steps': 1 }));
    const one = await readBackbone(at('one'), 'student');
    expect((await readBackbone(at('stopped'), 'student')).parameters).toEqual(one.parameters);
    // The same again, from that checkpoint.
    await expect(trained('stopped', diverging())).rejects.toThrow(says);
    expect(rows('stopped', 'non-finite.jsonl')).toHaveLength(1);
  });

  test('or passes over such batches, the same after an interruption', async () => {
    const warnings: string[] = [];
    const skip = diverging({ 'train.nonFinite': 'skip' });
    await trained('passed', skip, quiet(undefined, { warn: (line) => warnings.push(line) }));
    expect(warnings.filter((w) => /^step \d: loss NaN.* the batch is passed over/.test(w))).toHaveLength(5);
    expect(rows('passed').map((r) => r.skipped)).toEqual([undefined, 1, 1, 1, 1, 1]);
    expect(rows('passed', 'non-finite.jsonl').map((r) => r.step)).toEqual([2, 3, 4, 5, 6]);
    // What was stopped goes on with the other setting, and ends alike.
    await trained('stopped', skip);
    const last = 'step-00000006.safetensors';
    const weights = async (dir: string) => (await readBackbone(at(dir, 'checkpoints', last), 'student')).parameters;
    expect(await weights('stopped')).toEqual(await weights('passed'));
  });

  test('is given up where nothing but such batches comes', async () => {
    const skip = diverging({ 'train.nonFinite': 'skip', 'train.steps': 40 });
    await expect(trained('hopeless', skip)).rejects.toThrow(/diverged at step 22: .* so were the 20 updates before/);
  });
});
