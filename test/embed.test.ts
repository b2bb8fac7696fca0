import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { resolveSettings } from '../src/config/resolve.js';
import { command } from './command.js';
import { MICRO } from './micro.js';
import { writeEncoder, writeImages } from './tiny-encoder.js';

let dir: string;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'embed-'));
  await writeEncoder(join(dir, 'encoder'), resolveSettings({ flags: MICRO }));
  await writeImages(join(dir, 'images'), { train: 0, test: 3 });
});
afterAll(() => rmSync(dir, { recursive: true }));

test('folders and single images, as Parquet and on stdout, have the same vectors of length 1', async () => {
  const input = ['images/test/red/1.jpg', 'images/test/blue'];
  const rest = ['--encoder', 'encoder', '--normalise'];
  const said = await command(['embed', ...input, ...rest, '--out', '-'], dir);
  expect(said.code).toBe(0);
  const lines = said.stdout
    .trim()
    .split('\n')
    .map((l) => JSON.parse(l));
  expect(lines.map((l) => l.file)).toEqual([input[0], ...[0, 1, 2].map((i) => `images/test/blue/${i}.jpg`)]);
  for (const { feature } of lines) expect(Math.hypot(...feature)).toBeCloseTo(1, 5);

  const table = await command(['embed', ...input, ...rest, '--out', 'x.parquet', '--json'], dir);
  expect(JSON.parse(table.stdout)).toMatchObject({
    out: 'x.parquet',
    images: 4,
    skipped: 0,
    dim: 32,
    normalised: true,
  });
  const bytes = readFileSync(join(dir, 'x.parquet'));
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
  const rows = await parquetReadObjects({ file });
  expect(rows.map((r) => r.file)).toEqual(lines.map((l) => l.file));
  expect(rows.map((r) => Float32Array.from(r.feature))).toEqual(lines.map((l) => Float32Array.from(l.feature)));
  // Ours is replaced, somebody else's is not.
  expect((await command(['embed', ...input, ...rest, '--out', 'x.parquet'], dir)).code).toBe(0);
  writeFileSync(join(dir, 'y.parquet'), 'PAR1 of somebody else PAR1');
  const refused = await command(['embed', ...input, ...rest, '--out', 'y.parquet'], dir);
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('is not embeddings that synclr wrote') });
});
