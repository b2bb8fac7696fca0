import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readSafetensors } from '../src/formats/safetensors.js';
import { readEvents } from '../src/formats/tfevents.js';
import { command } from './command.js';
import { micro } from './micro.js';
import { synclr, until } from './process.js';
import { writeImages } from './tiny-encoder.js';

const dir = mkdtempSync(join(tmpdir(), 'during-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const rowsOf = (run: string): Record<string, number>[] =>
  readFileSync(join(dir, run, 'train', 'metrics.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
const without = (rows: Record<string, number>[]) =>
  rows.map(({ images_per_s: _, data_wait: __, ...row }) =>
    Object.fromEntries(Object.entries(row).filter(([key]) => !key.startsWith('knn_'))),
  );
const probesOf = (rows: Record<string, number>[]) =>
  rows.flatMap((row) =>
    row['knn_own-concepts'] === undefined ? [] : [[row.step, row['knn_own-concepts'], row.knn_colours]],
  );

const SMALL = micro({ ...{ 'runtime.threads': 1, 'runtime.provider': 'cpu' }, ...{ 'train.steps': 12 } });

async function run(...args: string[]): Promise<void> {
  const done = await command([...args, ...(args[0] === 'report' ? [] : SMALL)], dir);
  expect(done, done.stderr).toMatchObject({ code: 0 });
}

test('a probe on the way changes nothing in training, and is the same after a kill', async () => {
  await writeImages(join(dir, 'colours'), { train: 5, test: 4 });
  await run('captions', '--out', 'plain');
  await run('images', '--out', 'plain');
  for (const other of ['probed', 'killed']) cpSync(join(dir, 'plain'), join(dir, other), { recursive: true });
  const probing = ['--probe.every', '4', '--eval', 'colours=colours'];
  await run('train', '--out', 'plain');
  await run('train', '--out', 'probed', ...probing);

  expect(without(rowsOf('probed'))).toEqual(without(rowsOf('plain')));
  const [plain, probed] = await Promise.all(
    ['plain', 'probed'].map((r) => readSafetensors(join(dir, r, 'checkpoints', 'step-00000012.safetensors'))),
  );
  expect(plain.tensors.size).toBeGreaterThan(20);
  for (const [name, { data }] of plain.tensors) expect(probed.tensors.get(name)!.data, name).toEqual(data);

  const probes = probesOf(rowsOf('probed'));
  expect(probes.map(([step]) => step)).toEqual([4, 8, 12]);
  for (const [, own, colours] of probes) {
    expect(own).toBeGreaterThanOrEqual(0);
    expect(own).toBeLessThanOrEqual(1);
    expect(colours).toBeGreaterThan(0.5);
  }
  const folder = join(dir, 'probed', 'train');
  const events = readdirSync(folder).find((name) => name.startsWith('events.out'))!;
  const scalars = await readEvents(join(folder, events));
  expect(scalars.filter((e) => e.tag === 'knn_own-concepts').map((e) => e.step)).toEqual([4, 8, 12]);

  const log = join(dir, 'killed', 'train', 'metrics.jsonl');
  const written = () => {
    try {
      return readFileSync(log, 'utf8').includes('"step":9,');
    } catch {
      return false;
    }
  };
  const args = ['train', '--out', 'killed', ...probing, ...SMALL];
  await synclr(args, dir, (child) => void until(written, 'step 9').then(() => child.kill('SIGKILL')));
  await run('train', '--out', 'killed', ...probing);
  expect(probesOf(rowsOf('killed'))).toEqual(probes);
  expect(without(rowsOf('killed'))).toEqual(without(rowsOf('plain')));

  await run('report', '--out', 'probed');
  expect(readFileSync(join(dir, 'probed', 'report.html'), 'utf8')).toContain('Probes on the way');
}, 240_000);
