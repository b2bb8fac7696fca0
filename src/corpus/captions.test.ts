import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { UserError } from '../errors.js';
import { CaptionShards } from './captions.js';
import { ManifestFile, shardName } from './manifest.js';
import { ShardFile } from './shard-file.js';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'synclr-captions-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

test('captions of which no shard is finished are said to be on their way, with their number', async () => {
  const head = { format: 'synclr-shards', version: 1, kind: 'captions', synclr: '0', settings: {} } as const;
  await new ManifestFile(dir, { ...head, samples: 50, perShard: 20, shards: [] }).write();
  await expect(CaptionShards.open(dir, { partial: true })).rejects.toThrow('no captions here; write them first');
  const part = new ShardFile(join(dir, shardName('captions', 0)), { keep: true });
  part.write(Buffer.from('{}\n{}\n'));
  part.note(2, {});
  part.drop();
  await expect(CaptionShards.open(dir, { partial: true })).rejects.toThrow(UserError);
  await expect(CaptionShards.open(dir, { partial: true })).rejects.toThrow(
    'no shard of captions is finished yet: 2 captions are on their way, a shard has 20',
  );
  await expect(CaptionShards.open(dir)).rejects.toThrow('only 2 of 50 captions are written');
});
