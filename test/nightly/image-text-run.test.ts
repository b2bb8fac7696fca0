/** @module-tag nightly */
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { micro } from '../micro.js';
import { synclr } from '../process.js';

/** Runs of learners with a text side, as a user starts them: seconds of training each, but a whole run. */

const HEADS = /^--learn\.(?:proto|projection)/;
/** The micro run's flags without those of heads that CLIP has none of. */
const flags = (changes: Record<string, string | number>): string[] => {
  const all = micro({ 'views.localCount': 0, ...changes });
  return all.filter((_, i) => !HEADS.test(all[i - (i % 2)]));
};

describe.each([
  ['clip', { 'learn.method': 'clip' }],
  ['stablerep++', { 'learn.method': 'stablerep', 'learn.imageText': 1 }],
])('a run of %s', (name, changes) => {
  let cwd: string;
  beforeAll(() => {
    cwd = mkdtempSync(join(tmpdir(), 'image-text-'));
  });
  afterAll(() => rmSync(cwd, { recursive: true }));
  const probes = () => JSON.parse(readFileSync(join(cwd, 'r', 'probes.json'), 'utf8'));
  const shots = () =>
    probes().datasets.map((d: { rows: { zeroShot?: { top1: number; key: string } }[] }) => d.rows[0].zeroShot);

  test(`goes from captions to words, and its export does all that the run does (${name})`, async () => {
    const ran = await synclr(['run', '--out', 'r', ...flags(changes)], cwd);
    expect(ran.code, ran.stderr).toBe(0);
    expect(ran.stdout + ran.stderr).toContain('zero-shot, by 16 sentences a class');
    const before = shots();
    expect(before).toHaveLength(2);
    // The exported folder alone has weights and words.
    cpSync(join(cwd, 'r', 'encoder'), join(cwd, 'moved'), { recursive: true });
    rmSync(join(cwd, 'r', 'features'), { recursive: true });
    const evaluated = await synclr(['eval', '--out', 'r', '--checkpoint', 'moved'], cwd);
    expect(evaluated.code, evaluated.stderr).toBe(0);
    expect(shots()).toEqual(before);
    const off = await synclr(['eval', '--out', 'r', '--no-probe.zeroShot'], cwd);
    expect(off.code, off.stderr).toBe(0);
    expect(shots()).toEqual([undefined, undefined]);

    const indexed = await synclr(['index', 'r/own-concepts', '--encoder', 'moved', '--out', 'photos'], cwd);
    expect(indexed.code, indexed.stderr).toBe(0);
    const found = await synclr(['search', 'photos', '--text', 'a picture', '-k', '3', '--json'], cwd);
    expect(found.code, found.stderr).toBe(0);
    expect(JSON.parse(found.stdout).matches).toHaveLength(3);
  });
});
