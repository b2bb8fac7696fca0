import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Comparison, readSchedulerCases, replaySchedulerCase } from './replay-schedulers.js';
import { TorchRandn } from './torch-randn.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const reference = join(root, process.env.SYNCLR_SCHEDULERS ?? '../shared/reference/schedulers.json');
const published = join(root, 'test/scheduler-values.json');

async function hold(file: string): Promise<void> {
  const found: Comparison[] = (await readSchedulerCases(file)).flatMap((c) => replaySchedulerCase(c, file));
  for (const measure of ['abs_sum', 'abs_mean']) {
    const of = found.filter((r) => r.measure === measure);
    const worst = of.reduce((a, b) => (b.difference > a.difference ? b : a));
    console.log(
      `${file}: ${of.length} ${measure}, largest difference ${worst.difference.toExponential(1)} (${worst.case})`,
    );
  }
  expect(found.filter((r) => !r.ok)).toEqual([]);
}

describe('recorded runs of diffusers', () => {
  test('published values', () => hold(published));
  test('reference values', () =>
    existsSync(reference) ? hold(reference) : console.log(`no ${reference} (SYNCLR_SCHEDULERS): not replayed`));

  test('a value that is off is seen', async () => {
    const [first] = await readSchedulerCases(published);
    const off = { ...first, expected: { abs_sum: first.expected.abs_sum! + 0.02 } };
    expect(replaySchedulerCase(off, published).map((r) => r.ok)).toEqual([false]);
    expect(replaySchedulerCase({ ...off, tolerance: { abs_sum: 0.03 } }, published).map((r) => r.ok)).toEqual([true]);
  });

  test('the seed reaches the schedulers that draw, and eta makes DDIM draw', async () => {
    const cases = await readSchedulerCases(published);
    const sum = (name: string, change: object) =>
      replaySchedulerCase({ ...cases.find((c) => c.name === name)!, ...change }, published)[0].found;
    expect(sum('euler ancestral', { seed: 1 })).not.toBe(sum('euler ancestral', {}));
    expect(sum('ddim, v prediction', { seed: 1 })).toBe(sum('ddim, v prediction', {}));
    expect(sum('ddim, v prediction', { eta: 1, seed: 1 })).not.toBe(sum('ddim, v prediction', { eta: 1 }));
  });
});

describe('torch’s generator', () => {
  const draw = (seed: number, count: number) => {
    const out = new Float32Array(count);
    new TorchRandn(seed).fill(out);
    return Array.from(out);
  };
  // Printed by torch.manual_seed(0); torch.randn(n) on a CPU, in many public notebooks.
  test('sixteen values and more', () => {
    const expected = [-1.1258, -1.1524, -0.2506, -0.4339, 0.8487, 0.692, -0.316, -2.1152];
    for (const [i, v] of draw(0, 16).slice(0, 8).entries()) expect(v).toBeCloseTo(expected[i], 4);
  });
  test('fewer', () => {
    const expected = [1.541, -0.2934, -2.1788, 0.5684, -1.0845];
    for (const [i, v] of draw(0, 5).entries()) expect(v).toBeCloseTo(expected[i], 4);
  });
  test('a length that is no multiple of sixteen renews its last sixteen', () => {
    const all = draw(7, 40);
    const whole = draw(7, 64);
    expect(all.slice(0, 24)).toEqual(whole.slice(0, 24));
    expect(all.slice(24)).not.toEqual(whole.slice(24, 40));
  });
  test('is standard normal', () => {
    const values = draw(3, 100_000);
    const mean = values.reduce((a, b) => a + b) / values.length;
    const variance = values.reduce((a, b) => a + b * b, 0) / values.length;
    expect(Math.abs(mean)).toBeLessThan(0.02);
    expect(Math.abs(variance - 1)).toBeLessThan(0.03);
  });
});

describe('verify-schedulers', () => {
  let dir = '';
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'synclr-schedulers-'));
  });
  afterAll(() => rm(dir, { recursive: true, force: true }));

  /** Exit code and output of the command over a file with this content. */
  async function verify(content?: unknown): Promise<{ code: number; out: string; err: string }> {
    const file = join(dir, 'values.json');
    if (content !== undefined) await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
    const args = [join(root, 'dist/cli/verify-schedulers.js'), content === undefined ? join(dir, 'absent.json') : file];
    return new Promise((done) =>
      execFile(process.execPath, args, (error, out, err) => done({ code: error ? Number(error.code) : 0, out, err })),
    );
  }

  test('prints every value and exits 0, or 1 where one is off', async () => {
    const values = JSON.parse(await readFile(published, 'utf8'));
    const good = await verify(values);
    expect(good.err).toBe('');
    expect(good.code).toBe(0);
    expect(good.out.trim().split('\n').length).toBe(
      1 + values.cases.reduce((n: number, c: { expected: object }) => n + Object.keys(c.expected).length, 0),
    );
    values.cases[2].expected.abs_sum += 1;
    const bad = await verify(values);
    expect(bad.code).toBe(1);
    expect(bad.out.match(/OFF/g)).toEqual(['OFF']);
  });

  test('a case that cannot be run does not keep the others from it', async () => {
    const values = JSON.parse(await readFile(published, 'utf8'));
    values.cases[1]._class_name = 'HeunDiscreteScheduler';
    const { code, out, err } = await verify(values);
    expect(code).toBe(2);
    expect(err.trim().split('\n')).toHaveLength(1);
    const others = values.cases.filter((_: unknown, i: number) => i !== 1);
    for (const { name } of others) expect(out).toContain(`  ${name} `);
    values.cases[2].expected.abs_sum += 1;
    expect((await verify(values)).code).toBe(1);
  });

  test('reads what Python writes', async () => {
    const text = await readFile(published, 'utf8');
    const config = '"config": { "lambda_min_clipped": -Infinity, ';
    const { code, out } = await verify(text.replaceAll(/"config": \{/g, config));
    expect(out).toMatch(/dpm-solver/);
    expect(code).toBe(0);
  });

  const one = { name: 'x', _class_name: 'DDIMScheduler', config: {}, steps: 10, expected: { abs_sum: 1 } };
  test.each([
    ['missing', undefined, /absent\.json: cannot be read: ENOENT/],
    ['not JSON', '{"cases": [', /not JSON/],
    ['without cases', { about: 'x' }, /no "cases"/],
    ['unknown field', { cases: [{ ...one, t_start: 8 }] }, /case 1 \(x\): unknown field "t_start"; a case has name, /],
    ['unknown measure', { cases: [{ ...one, expected: { sum: 1 } }] }, /expected: \{"sum":1\} is not/],
    ['no measure', { cases: [{ ...one, expected: {} }] }, /expected: \{\} is not/],
    [
      'unknown class',
      { cases: [{ ...one, _class_name: 'HeunDiscreteScheduler' }] },
      /unknown scheduler "HeunDiscreteScheduler"; valid: DDIM/,
    ],
    ['unknown setting', { cases: [{ ...one, config: { beta_strat: 1 } }] }, /: x: unknown key "beta_strat"/],
    ['bad steps', { cases: [{ ...one, steps: 0 }] }, /denoising steps: 0 /],
  ])('refuses in one line: %s', async (_, content, message) => {
    const { code, err } = await verify(content);
    expect(code).toBe(2);
    expect(err.trim()).toMatch(message);
    expect(err.trim().split('\n').length).toBe(1);
  });
});
