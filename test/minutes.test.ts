import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readRunConfig } from '../src/run/config.js';
import { command } from './command.js';
import { MICRO, madeBy } from './micro.js';
import { type Outcome, synclr } from './process.js';

/**
 * `run --minutes`: a run of a length that was measured. How well a promise is kept is measured on a quiet machine (docs/runs.md); here
 * others may work beside, so that only what is chosen and written down is looked at.
 */

let cwd: string;
let fitted: Outcome;
/** Minutes that sufficed for the least. */
let minutes = '0.5';
/** As flags these lengths would be fixed; of a file they are what is stretched. */
const flags = ['--config', 'micro.json'];
const stored = (dir: string) => readRunConfig(join(cwd, dir))!;

beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'synclr-minutes-'));
  const settings: Record<string, Record<string, unknown>> = {};
  for (const [path, value] of Object.entries(MICRO)) {
    const [group, name, inner] = path.split('.');
    settings[group] ??= {};
    settings[group][name] = inner === undefined ? value : { [inner]: value };
  }
  writeFileSync(join(cwd, 'micro.json'), JSON.stringify(settings));
});
afterAll(() => rmSync(cwd, { recursive: true }));

async function refused(args: string[], says: RegExp): Promise<void> {
  const r = await command(['run', '--out', 'b', ...args, ...flags], cwd);
  expect(r.code, r.stdout + r.stderr).toBe(2);
  expect(r.stderr).toMatch(says);
  expect(existsSync(join(cwd, 'b'))).toBe(false);
}

it('--minutes says what it cannot do', async () => {
  await refused(['--minutes', 'soon'], /^synclr: --minutes soon: expected a number of minutes above 0/);
  await refused(['--minutes', '5', '--captions', '40', '--steps', '9'], /^synclr: --minutes has nothing to fit/);
});

// src/run/budget.test.ts has what is chosen from given speeds.
describe('synclr run --minutes', { tags: 'nightly', timeout: 240_000 }, () => {
  beforeAll(async () => {
    // A machine that is busy with other things may need more for the least.
    for (minutes of ['0.5', '1', '2', '4']) {
      fitted = await synclr(['run', '--minutes', minutes, '--out', 'a', ...flags], cwd);
      if (!fitted.stderr.includes('--minutes is too little')) break;
    }
  }, 540_000);

  it('chooses captions and steps in the preset’s proportion, says so and writes it down', () => {
    expect(fitted, fitted.stdout + fitted.stderr).toMatchObject({ code: 0 });
    const { settings, minutes: record } = stored('a');
    const { chosen } = record!;
    expect(record).toMatchObject({ asked: Number(minutes), refitted: true });
    expect(fitted.stdout).toMatch(/^--minutes [\d.]+: [\d,]+ captions with [\d,]+ images, [\d,]+ steps; /m);
    expect(fitted.stdout).toMatch(/^train: [\d,]+ steps in the .* that are left for it/m);
    expect(settings.captions.count).toBe(chosen['captions.count']);
    expect(settings.train.steps).toBe(chosen['train.steps']);
    expect(settings.train.steps).toBeGreaterThanOrEqual(24);
    expect(settings.optim.warmup).toBe(Math.max(1, Math.round((4 * settings.train.steps) / 24)));
    expect(
      existsSync(join(cwd, `a/checkpoints/step-${String(settings.train.steps).padStart(8, '0')}.safetensors`)),
    ).toBe(true);
  });

  it('keeps its choice when the same command, or another time, comes again', async () => {
    const before = madeBy(join(cwd, 'a'));
    const { settings } = stored('a');
    for (const other of [minutes, '3']) {
      const again = await synclr(['run', '--minutes', other, '--out', 'a', ...flags], cwd);
      expect(again, again.stdout + again.stderr).toMatchObject({ code: 0 });
      expect(again.stdout).toMatch(/^--minutes: a was fitted to [\d.]+ minutes when it began, and that counts/m);
    }
    expect(stored('a').settings).toEqual(settings);
    expect(madeBy(join(cwd, 'a'))).toEqual(before);
  });

  it('refuses less than the least, in minutes that were measured', () =>
    refused(['--minutes', '0.02'], /^synclr: --minutes is too little: the least .* takes about [\d.]+ minutes/m));

  it('fits the steps alone where the images are there already', async () => {
    const its = readFileSync(join(cwd, 'micro.json'), 'utf8');
    const { concepts: _, captions: _2, images: _3, ...training } = JSON.parse(its);
    writeFileSync(join(cwd, 'training.json'), JSON.stringify(training));
    const line = ['run', '--minutes', minutes, '--out', 'c', '--corpus', 'a', '--config', 'training.json'];
    const r = await synclr(line, cwd);
    expect(r, r.stdout + r.stderr).toMatchObject({ code: 0 });
    expect(stored('c').settings.captions.count).toBe(stored('a').settings.captions.count);
    expect(stored('c').minutes?.chosen).not.toHaveProperty(['captions.count']);
    expect(stored('c').minutes?.chosen).toHaveProperty(['train.steps'], stored('c').settings.train.steps);
  });
});
