import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { options } from '../../test/small-corpus.js';
import { ownCaptions } from '../captions/own/read.js';
import { resolveSettings } from '../config/resolve.js';
import { Rng } from '../rng.js';
import type { StageOptions } from '../stage.js';
import { CaptionShards } from './captions.js';
import { captionsDir, writeCaptions } from './captions-stage.js';
import { likeness, surveyOwnCaptions } from './own-captions.js';

let base: string;
beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'own-captions-'));
});
afterAll(() => rm(base, { recursive: true }));

async function file(name: string, content: string | Uint8Array): Promise<string> {
  await mkdir(join(base, 'files'), { recursive: true });
  await writeFile(join(base, 'files', name), content);
  return join(base, 'files', name);
}

async function read(path: string, column = ''): Promise<string[]> {
  const out: string[] = [];
  for await (const { text, concept } of ownCaptions(path, column))
    out.push(concept === '' ? text : `${concept}: ${text}`);
  return out;
}

test('text, JSON lines, JSON, CSV, TSV and Parquet are read', async () => {
  expect(await read(await file('a.txt', '\ufeffone\r\n\n  two \nthree'))).toEqual(['one', '  two ', 'three']);
  expect(
    await read(await file('a.jsonl', '"plain"\n{"TEXT": "x", "label": 3}\n\n{"caption": "c", "text": "t"}\n')),
  ).toEqual(['plain', '3: x', 'c']);
  expect(await read(await file('a.json', '["one", {"prompt": "two", "class": "cat"}]'))).toEqual(['one', 'cat: two']);
  const csv = 'url,TEXT,similarity,concept\nu,"a ""b"", c",0.3,fox\nv,"two\nlines",0.1,\n\nw,plain,,\n';
  expect(await read(await file('a.csv', csv))).toEqual(['fox: a "b", c', 'two\nlines', 'plain']);
  expect(await read(await file('b.csv', csv), 'url')).toEqual(['fox: u', 'v', 'w']);
  expect(await read(await file('c.csv', 'x;text\n1;one, two\n'))).toEqual(['one, two']);
  expect(await read(await file('a.tsv', 'caption\tuid\na, b\t1\n'))).toEqual(['a, b']);
  const bytes = parquetWriteBuffer({
    columnData: [
      { name: 'uid', data: ['a', 'b', 'c'], type: 'STRING' },
      { name: 'text', data: ['one', null, 'three'], type: 'STRING' },
      { name: 'clip_b32_similarity_score', data: [0.1, 0.2, 0.3], type: 'DOUBLE' },
    ],
    rowGroupSize: [2, 1],
  });
  expect(await read(await file('a.parquet', new Uint8Array(bytes)))).toEqual(['one', '', 'three']);
});

test('a quote in the middle of a field is text, and no row is lost for it', async () => {
  const pipes = 'caption,n\na 5" pipe,1\nplain,2\na 6" pipe,3\n"of two\nlines",4\n';
  expect(await read(await file('pipes.csv', pipes))).toEqual(['a 5" pipe', 'plain', 'a 6" pipe', 'of two\nlines']);
  const many = `caption,n\na 5" pipe,0\n${'x,1\n'.repeat(20_000)}`;
  expect(await read(await file('many.csv', many))).toHaveLength(20_001);
});

test('what cannot be read is said', async () => {
  const refuse = async (path: string, message: RegExp) =>
    expect(read(path)).rejects.toMatchObject({ name: 'UserError', message: expect.stringMatching(message) });
  await refuse(
    await file('h.csv', 'a red fox,3\na boat,4\n'),
    /h\.csv: its first line: no column of captions: expected one named caption, text.* it has "a red fox", "3"; name it with captions\.column/,
  );
  await refuse(await file('q.csv', 'caption\n"never\nclosed\n'), /q\.csv: line 2: a quoted field is never closed/);
  await refuse(await file('e.csv', ''), /e\.csv: empty; expected a first line of names/);
  await refuse(await file('n.jsonl', '{"url": "x"}\n'), /n\.jsonl: line 1: no field of captions: .* it has "url"/);
  await refuse(await file('j.jsonl', '{"caption": \n'), /j\.jsonl: line 1 is not JSON/);
  await refuse(await file('p.parquet', 'x'.repeat(99)), /p\.parquet: no Parquet file, or cut off/);
  await refuse(await file('x.docx', 'x'), /captions are read from \.txt, \.jsonl/);
  await refuse(join(base, 'absent'), /absent: no such file or folder/);
  await mkdir(join(base, 'none'));
  await refuse(join(base, 'none'), /no file of captions in it/);
});

const SUBJECTS = 'fox,boat,lighthouse,apple,chair,kettle,bridge,horse,lantern,guitar,bicycle,teapot'.split(',');
const PLACES = 'in the snow,on a lake,above the sea,beside a window,under old trees,at the market'.split(',');
const COLOURS = 'red,green,wooden,small,old'.split(',');
/** Captions with some that are no good among them. */
function captions(n: number, rng: Rng): string[] {
  return Array.from({ length: n }, () => {
    const text = `a ${rng.pick(COLOURS)} ${rng.pick(SUBJECTS)} ${rng.pick(PLACES)}`;
    return rng.chance(0.1) ? 'see www.example.com' : rng.chance(0.1) ? 'word' : text;
  });
}

function stageOf(dir: string, source: string, more: Record<string, unknown>): StageOptions {
  const { hooks } = options(dir);
  const settings = resolveSettings({
    flags: { 'captions.source': source, 'captions.perShard': 16, 'train.captionsPerBatch': 2, ...more },
  });
  return { settings, dir, hooks };
}

test('are cleaned, counted, and the same whether a run was interrupted or not', async () => {
  const source = await file('many.txt', captions(400, Rng.of(7, 'own')).join('\n'));
  const { settings, hooks } = stageOf(join(base, 'a'), source, {});
  const found = await surveyOwnCaptions(settings, Number.POSITIVE_INFINITY, hooks);
  expect(found.read).toBe(400);
  const dropped = Object.values(found.rejected).reduce((a, b) => a + (b ?? 0), 0);
  expect(found.usable + dropped).toBe(400);
  expect(Object.keys(found.rejected).sort()).toEqual(['near-duplicate', 'not a caption', 'too short']);
  const count = { 'captions.count': found.usable };
  await writeCaptions(stageOf(join(base, 'a'), source, count));
  const shards = await CaptionShards.open(captionsDir(join(base, 'a')));
  const all = await shards.range(0, shards.length);
  expect(all.map((r) => r.id)).toEqual(all.map((_, i) => i));
  expect(new Set(all.map((r) => r.caption)).size).toBe(found.usable);
  const counted = shards.manifest.shards.reduce(
    (sum, s) => sum + Object.values(s.rejected ?? {}).reduce((a, b) => a + b, 0),
    0,
  );
  // What comes behind the last usable one is dropped, too, but nobody reads so far.
  expect(counted).toBeLessThanOrEqual(dropped);

  const dir = join(base, 'b');
  for (let tries = 0; ; tries++) {
    const stop = new AbortController();
    const o = stageOf(dir, source, count);
    let seen = 0;
    o.hooks = {
      signal: stop.signal,
      warn() {},
      progress: (p) => {
        if (++seen > 2 && p.done > p.before!) stop.abort();
      },
    };
    const ended = await writeCaptions(o).then(
      () => true,
      (e: Error) => (e.name === 'Interrupted' ? false : Promise.reject(e)),
    );
    if (ended) break;
    expect(tries).toBeLessThan(50);
  }
  for (const { file: name } of shards.manifest.shards)
    expect(await readFile(join(captionsDir(dir), name))).toEqual(
      await readFile(join(captionsDir(join(base, 'a')), name)),
    );

  await expect(writeCaptions(stageOf(join(base, 'c'), source, { 'captions.count': 400 }))).rejects.toThrow(
    new RegExp(`has ${found.usable} usable captions, 400 are asked for: set captions\\.count to ${found.usable}`),
  );
  // Other captions under the same name are other captions.
  await file('many.txt', captions(400, Rng.of(8, 'own')).join('\n'));
  await expect(writeCaptions(stageOf(join(base, 'a'), source, { 'captions.count': found.usable + 1 }))).rejects.toThrow(
    /made with other settings: captions\.source \(content\)/,
  );
});

test('a concept that is said is known by its sense; likeness goes by it, or by the longest word', async () => {
  const source = await file(
    'c.jsonl',
    '{"caption":"it sits in the snow","concept":"red fox"}\n{"caption":"a lighthouse at night"}\n',
  );
  const dir = join(base, 'concepts');
  await writeCaptions(stageOf(dir, source, { 'captions.count': 2 }));
  const [fox, light] = await (await CaptionShards.open(captionsDir(dir))).range(0, 2);
  expect(fox).toMatchObject({ concept: 'red fox', kind: 'object', writer: 'own', row: 0 });
  expect(fox.sort).toMatch(/mammal/);
  expect(fox.synset).toMatch(/^n\d{8}$/);
  expect(light).toMatchObject({ concept: '', row: 1 });
  expect([likeness(fox), likeness(light)]).toEqual(['red fox', 'lighthouse']);
});
