import { existsSync } from 'node:fs';
import { appendFile, cp, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { leftBehind } from '../../test/process.js';
import { hooks } from '../../test/small-corpus.js';
import { sha256 } from '../files/digest.js';
import { memoryFreeMb, memoryLimitMb, requireDisk, requireMemory } from '../resources.js';
import { Rng } from '../rng.js';
import { differences } from './fingerprint.js';
import { ShardLedger, type StagePlan } from './ledger.js';
import { countOf, readManifest, type ShardEntry, shardName, shardNumber } from './manifest.js';

let dir: string;
beforeEach(async () => {
  dir = join(await mkdtemp(join(tmpdir(), 'ledger-')), 'captions');
});
afterEach(() => rm(join(dir, '..'), { recursive: true }));

const plan = (samples: number, changes: object = {}): StagePlan => ({
  kind: 'captions',
  fingerprint: { seed: 0, 'captions.temperature': 0.8, ...changes },
  samples,
  perShard: 10,
});

/** Puts shard k in place, as its maker would. */
async function make(k: number, p: StagePlan): Promise<ShardEntry> {
  const count = countOf(p, k);
  const text = `shard ${k}: ${count}\n`;
  await mkdir(dir, { recursive: true });
  await writeFile(join(dir, shardName('captions', k)), text);
  return { file: shardName('captions', k), count, bytes: text.length, sha256: sha256(text) };
}

async function makeAll(p: StagePlan, order: (todo: number[]) => number[] = (x) => x): Promise<void> {
  const ledger = await ShardLedger.open(dir, p, hooks());
  for (const k of order([...ledger.todo])) await ledger.record(k, await make(k, p));
  await ledger.close();
}

describe('recording', () => {
  test('whatever the order, the manifest is the same, and no journal is left', async () => {
    const p = plan(95);
    await makeAll(p);
    const expected = await readFile(join(dir, 'manifest.json'), 'utf8');
    expect((await readManifest(dir))?.shards.map((s) => s.count)).toEqual([10, 10, 10, 10, 10, 10, 10, 10, 10, 5]);
    for (let seed = 0; seed < 5; seed++) {
      await rm(dir, { recursive: true });
      await makeAll(p, (todo) => Rng.of(seed, 'order').shuffle(todo));
      expect(await readFile(join(dir, 'manifest.json'), 'utf8'), `seed ${seed}`).toBe(expected);
      expect((await readdir(dir)).filter((n) => !n.endsWith('.jsonl'))).toEqual(['manifest.json']);
    }
  });

  test('at every moment the folder tells which shards are finished, many of them too', async () => {
    const p = plan(3000);
    const ledger = await ShardLedger.open(dir, p, hooks());
    for (let k = 0; k < 300; k++) {
      await ledger.record(k, await make(k, p));
      if (k % 37 === 0 || k > 295) expect((await readManifest(dir))?.shards.length).toBe(k + 1);
    }
    await ledger.close();
    expect(JSON.parse(await readFile(join(dir, 'manifest.json'), 'utf8')).shards).toHaveLength(300);
  });

  test('a journal cut at any byte gives up shards from its end, never a wrong one', async () => {
    const p = plan(40);
    const ledger = await ShardLedger.open(dir, p, hooks());
    for (let k = 0; k < 3; k++) await ledger.record(k, await make(k, p));
    const copy = `${dir}-copy`;
    await cp(dir, copy, { recursive: true });
    await ledger.close();
    const journal = await readFile(join(copy, 'manifest.journal'), 'utf8');
    for (let n = 0; n <= journal.length; n++) {
      await writeFile(join(copy, 'manifest.journal'), journal.slice(0, n));
      const whole = journal.slice(0, n).split('\n').length - 1;
      expect((await readManifest(copy))?.shards.map((s) => s.file)).toEqual(
        [0, 1, 2].slice(0, whole).map((k) => shardName('captions', k)),
      );
    }
    // A kill after the journal was folded in and before it was removed.
    await cp(join(dir, 'manifest.json'), join(copy, 'manifest.json'));
    await writeFile(join(copy, 'manifest.journal'), journal);
    expect((await readManifest(copy))?.shards).toHaveLength(3);
  });

  test('killed after its last shard, before the journal was folded in or before it was removed: as if it had not been', async () => {
    const p = plan(40);
    const begun = await ShardLedger.open(dir, p, hooks());
    for (const k of begun.todo) await begun.record(k, await make(k, p));
    const left: [string, string][] = [];
    for (const name of ['manifest.json', 'manifest.journal'])
      left.push([name, await readFile(join(dir, name), 'utf8')]);
    await begun.close();
    const whole = await readFile(join(dir, 'manifest.json'), 'utf8');
    for (const files of [left, left.slice(1)]) {
      for (const [name, text] of files) await writeFile(join(dir, name), text);
      await makeAll(p);
      expect(await readFile(join(dir, 'manifest.json'), 'utf8')).toBe(whole);
      expect((await readdir(dir)).filter((n) => !n.endsWith('.jsonl'))).toEqual(['manifest.json']);
    }
  });

  test('a new folder in which nothing was finished goes again', async () => {
    const ledger = await ShardLedger.open(dir, plan(10), hooks());
    await ledger.close();
    expect(existsSync(dir)).toBe(false);
  });
});

describe('continuing', () => {
  test('temporaries and unrecorded shards go, deleted ones are made again', async () => {
    const p = plan(50);
    const ledger = await ShardLedger.open(dir, p, hooks());
    for (const k of [0, 1, 2]) await ledger.record(k, await make(k, p));
    await ledger.close();
    await make(4, p);
    await writeFile(leftBehind(join(dir, 'captions-000003.jsonl')), 'half');
    await rm(join(dir, shardName('captions', 1)));
    const again = await ShardLedger.open(dir, p, hooks());
    expect(again.todo).toEqual([1, 3, 4]);
    expect(again.finished).toBe(20);
    expect((await readdir(dir)).sort()).toEqual(['captions-000000.jsonl', 'captions-000002.jsonl', 'manifest.json']);
    for (const k of again.todo) await again.record(k, await make(k, p));
    expect(again.finished).toBe(50);
    await again.close();
    const text = await readFile(join(dir, 'manifest.json'), 'utf8');
    await rm(dir, { recursive: true });
    await makeAll(p);
    expect(text).toBe(await readFile(join(dir, 'manifest.json'), 'utf8'));
  });

  test('more samples: the short last shard is made anew, and the end is as if all had been asked for at once', async () => {
    await makeAll(plan(25));
    const ledger = await ShardLedger.open(dir, plan(42), hooks());
    expect(ledger.todo).toEqual([2, 3, 4]);
    // Killed here, the folder says what is finished.
    expect(await readManifest(dir)).toMatchObject({ samples: 42, shards: [{ count: 10 }, { count: 10 }] });
    expect(await readdir(dir)).toEqual(expect.arrayContaining(['captions-000002.jsonl.part']));
    await makeAll(plan(42));
    expect((await readdir(dir)).filter((name) => /part/.test(name))).toEqual([]);
    const grown = await readFile(join(dir, 'manifest.json'), 'utf8');
    await rm(dir, { recursive: true });
    await makeAll(plan(42));
    expect(await readFile(join(dir, 'manifest.json'), 'utf8')).toBe(grown);
    await expect(ShardLedger.open(dir, plan(41), hooks())).rejects.toThrow(/holds 42 captions, 41 are asked for/);
  });

  test('a shard that was changed is named with both checksums', async () => {
    await makeAll(plan(30));
    const file = join(dir, shardName('captions', 1));
    const good = sha256('shard 1: 10\n');
    await writeFile(file, 'shard 1: 11\n');
    await expect(ShardLedger.open(dir, plan(30), hooks())).rejects.toMatchObject({
      name: 'UserError',
      message: `corrupt shard ${file}: its checksum is sha256 ${sha256('shard 1: 11\n')}, expected ${good}; delete it and run the same command again: it is made anew`,
    });
    await appendFile(file, 'x');
    await expect(ShardLedger.open(dir, plan(30), hooks())).rejects.toThrow(/corrupt shard .*: 13 bytes, expected 12/);
    await rm(file);
    expect((await ShardLedger.open(dir, plan(30), hooks())).todo).toEqual([1]);
  });

  test('other settings are refused by name, and nothing is touched', async () => {
    await makeAll(plan(10));
    await writeFile(join(dir, '.x.tmp'), '');
    await expect(
      ShardLedger.open(dir, plan(10, { seed: 3, 'captions.temperature': 0.9 }), hooks()),
    ).rejects.toMatchObject({
      name: 'UserError',
      message: expect.stringMatching(
        /holds captions made with other settings: seed \(0 there, 3 now\), captions\.temperature \(0\.8 there, 0\.9 now\); go back/,
      ),
    });
    expect(await readdir(dir)).toContain('.x.tmp');
  });

  test('shards without a manifest are never overwritten, nor gone on with', async () => {
    await make(0, plan(10));
    await expect(ShardLedger.open(dir, plan(10), hooks())).rejects.toThrow(
      /holds shards \(captions-000000\.jsonl …\) but no manifest/,
    );
    await rename(join(dir, 'captions-000000.jsonl'), join(dir, 'captions-000000.jsonl.part'));
    await expect(ShardLedger.open(dir, plan(10), hooks())).rejects.toThrow(
      /holds shards \(captions-000000\.jsonl\.part …\) but no manifest/,
    );
  });

  test('a damaged manifest is named, with what to do', async () => {
    await makeAll(plan(30));
    const file = join(dir, 'manifest.json');
    const text = await readFile(file, 'utf8');
    const { shards, ...head } = JSON.parse(text);
    const bad = [
      text.slice(0, text.length / 2),
      JSON.stringify({ ...head, shards: 3 }),
      JSON.stringify({ ...head, samples: '30', shards }),
      JSON.stringify({ ...head, shards: [shards[1]] }),
      JSON.stringify({ ...head, shards: [{ ...shards[0], sha256: 'x' }] }),
      JSON.stringify({ ...head, shards: [{ ...shards[0], file: '../../x' }] }),
      JSON.stringify({ ...head, shards: [...shards, shards[2]] }),
    ];
    for (const t of bad) {
      await writeFile(file, t);
      await expect(readManifest(dir), t).rejects.toMatchObject({
        name: 'UserError',
        message: expect.stringMatching(/manifest\.json: damaged manifest .*move the folder .* elsewhere/),
      });
    }
  });

  test("another program's manifest is refused, and nobody is told to delete it", async () => {
    await mkdir(dir, { recursive: true });
    for (const text of ['{}', '[]', 'null', '{"format": "other", "files": []}']) {
      await writeFile(join(dir, 'manifest.json'), text);
      await expect(readManifest(dir), text).rejects.toThrow(
        /manifest\.json is no manifest of synclr's \(it has no "format": "synclr-shards"\): choose another folder$/,
      );
      expect(await readManifest(dir, { others: 'ignore' })).toBe(undefined);
    }
  });

  test('a folder begun by another version is continued with a warning', async () => {
    const ledger = await ShardLedger.open(dir, plan(20), hooks());
    await ledger.record(0, await make(0, plan(20)));
    await ledger.close();
    const file = join(dir, 'manifest.json');
    await writeFile(file, (await readFile(file, 'utf8')).replace(/"synclr": "[^"]*"/, '"synclr": "0.0.1"'));
    const h = hooks();
    await ShardLedger.open(dir, plan(20), h);
    expect(h.warnings).toEqual([expect.stringMatching(/was begun by synclr 0\.0\.1/)]);
  });
});

test('names and numbers of shards', () => {
  expect(shardName('images', 12)).toBe('images-000012.tar');
  expect(shardNumber('images', 'images-000012.tar')).toBe(12);
  expect(shardNumber('images', shardName('images', 1_234_567))).toBe(1_234_567);
  for (const other of ['images-12.tar', 'captions-000012.jsonl', 'images-000012.tar.gz', 'x'])
    expect(shardNumber('images', other)).toBeUndefined();
});

test('the same bank by another path is the same bank; another one by the same path is not', () => {
  const at = { seed: 0, 'concepts.source': 'a.txt', 'concepts.limit': 10, 'concepts (content)': 'x' };
  expect(differences(at, { ...at, 'concepts.source': '/tmp/a.txt', 'concepts.limit': 11 })).toEqual([]);
  expect(differences(at, { ...at, 'concepts.source': 'b.txt', 'concepts (content)': 'y' })).toEqual([
    'concepts.source (a.txt there, b.txt now)',
  ]);
  expect(differences(at, { ...at, 'concepts (content)': 'y' })).toEqual([
    'the concepts of concepts.source a.txt themselves, or which are held out',
  ]);
});

test('what the machine cannot hold is refused, with what is there', async () => {
  await requireDisk(join(dir, 'not', 'there', 'yet'), 1);
  await expect(requireDisk(dir, 1e12)).rejects.toMatchObject({
    name: 'UserError',
    message: expect.stringMatching(
      /^not enough disk at .*captions: about 1000000000000 MiB are needed, \d+ MiB are free; lower/,
    ),
  });
  requireMemory(1);
  expect(() => requireMemory(1e9)).toThrow(
    /^not enough memory: about 1000000000 MiB are needed, there are \d+ MiB; lower runtime\.workers$/,
  );
  expect(memoryFreeMb()).toBeGreaterThan(0);
  expect(memoryFreeMb()).toBeLessThanOrEqual(memoryLimitMb());
});
