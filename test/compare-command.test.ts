import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { resolveSettings } from '../src/config/resolve.js';
import { command } from './command.js';
import { synclr, until } from './process.js';
import { writeEncoder, writeImages } from './tiny-encoder.js';

const dir = mkdtempSync(join(tmpdir(), 'compare-command-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

beforeAll(async () => {
  const settings = resolveSettings({
    flags: { 'model.dim': 32, 'model.depth': 1, 'model.heads': 2, 'views.globalSize': 16, 'model.patch': 4 },
  });
  await writeEncoder(join(dir, 'a'), settings, 1);
  await writeImages(join(dir, 'data', 'colours'), { train: 8, test: 6 });
});

const compared = (...more: string[]) => [
  ...['eval', 'a', 'pixels', '--data', 'data', '--protocol', 'knn', '--out', 'out'],
  ...['--runtime.threads', '1', '--runtime.provider', 'cpu', ...more],
];

test('killed and called again, it goes on; then everything is there', async () => {
  const cells = join(dir, 'out', 'cells');
  const some = () => existsSync(cells) && readdirSync(cells).some((f) => f.endsWith('.json'));
  const killed = await synclr(compared(), dir, (child) => void until(some, 'a cell').then(() => child.kill('SIGKILL')));
  const kept = readdirSync(cells).filter((f) => f.endsWith('.json'));
  const before = kept.map((f) => statSync(join(cells, f)).mtimeMs);
  const again = await command(compared('--json'), dir);
  expect(again, again.stderr).toMatchObject({ code: 0 });
  // Where the kill came too late, there was nothing to go on with.
  if (killed.signal) expect(killed.signal).toBe('SIGKILL');
  expect(kept.map((f) => statSync(join(cells, f)).mtimeMs)).toEqual(before);
  const json = JSON.parse(again.stdout);
  expect(json.cells.map((c: { encoder: string; record?: object }) => [c.encoder, typeof c.record])).toEqual([
    ['a', 'object'],
    ['pixels', 'object'],
  ]);
  expect(json.cells[0].state).toBe('kept');
  for (const name of ['report.html', 'comparison.json', 'comparison.csv', 'comparison.md'])
    expect(existsSync(join(dir, 'out', name)), name).toBe(true);

  const csv = await command(compared('--csv', '--quiet'), dir);
  expect(csv.stdout).toBe(readFileSync(join(dir, 'out', 'comparison.csv'), 'utf8'));
  const text = await command(compared(), dir);
  expect(text.stdout).toMatch(/^a +\d+\.\d ± \d+\.\d$/m);
  expect(text.stdout).toContain('measured before');
});

test('what fails is said, and makes the exit code 1', async () => {
  mkdirSync(join(dir, 'data', 'empty'), { recursive: true });
  writeFileSync(join(dir, 'data', 'empty', 'notes.txt'), 'nothing');
  const done = await command(compared(), dir);
  rmSync(join(dir, 'data', 'empty'), { recursive: true });
  expect(done.code).toBe(1);
  expect(done.stderr).toMatch(/data set empty/);
  expect(done.stdout).toMatch(/^a +\d+\.\d/m);
});

test.each([
  [['eval', 'a', '--suite', 'linnear', '--data', 'data'], /did you mean linear/],
  [['eval', 'a', '--protocol', 'kn', '--data', 'data'], /did you mean knn/],
  [['eval', 'a', '--data', 'data', '--option', 'knn.kk=3'], /unknown option knn\.kk/],
  [['eval', 'a', '--data', 'data', '--option', 'knn=3'], /expected PROTOCOL\.NAME=VALUE/],
  [['eval', 'a', '--data', 'data', '--ignored', '256'], /expected a value of label maps, 0 to 255/],
  [['eval', 'a', '--data', 'data', '--preset', 'tiny'], /--preset is for the probes of a run/],
  [['eval', 'a', '--data', 'data', '--probe.knn.k', '3'], /only seed and runtime\.\* are settings/],
  [['eval', 'a'], /no data set/],
  [['eval', 'nothing', '--data', 'data'], /no such run, checkpoint or encoder/],
  [['eval', '--suite', 'linear', '--out', 'run'], /goes with encoders to be compared/],
])('%j is refused', async (args, why) => {
  const done = await command(args, dir);
  expect(done.stderr).toMatch(why);
  expect(done.code).toBe(2);
});
