import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { SeenCaptions } from '../../../src/captions/duplicates.js';
import { CaptionShards } from '../../../src/corpus/captions.js';
import { openCorpus } from '../../../src/corpus/corpus.js';
import { readManifest } from '../../../src/corpus/manifest.js';
import { ShardFile, samplesOnTheWay } from '../../../src/corpus/shard-file.js';
import { fixtureRun } from '../fixture.js';
import { Scratch, type Target } from '../target.js';
import { repairTar, tarSeeds } from './formats.js';

/** What lies in a run's folder of captions and images, and corpora of others. */

/** The bytes with the digest at their end that fits them. */
const resealed = (bytes: Buffer): Buffer =>
  Buffer.concat([bytes.subarray(0, -32), createHash('sha256').update(bytes.subarray(0, -32)).digest()]);

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

const manifest: Target = {
  name: 'manifest',
  open() {
    const scratch = new Scratch();
    const sound = readFileSync(join(fixtureRun(), 'captions', 'manifest.json'));
    const { shards } = JSON.parse(sound.toString()) as { shards: unknown[] };
    const begun = JSON.stringify({ ...JSON.parse(sound.toString()), shards: [] });
    return {
      seeds: [
        { bytes: sound, json: 'whole', tag: 'manifest.json' },
        {
          bytes: Buffer.from(shards.map((s) => `${JSON.stringify(s)}\n`).join('')),
          json: 'lines',
          tag: 'manifest.journal',
        },
      ],
      parse(bytes, tag) {
        scratch.put('manifest.json', tag === 'manifest.json' ? bytes : begun);
        scratch.put('manifest.journal', tag === 'manifest.json' ? '' : bytes);
        return readManifest(scratch.dir);
      },
    };
  },
};

const captionShard: Target = {
  name: 'caption shard',
  open() {
    const scratch = new Scratch();
    const from = join(fixtureRun(), 'captions');
    const m = JSON.parse(readFileSync(join(from, 'manifest.json'), 'utf8'));
    const shard = readFileSync(join(from, m.shards[0].file));
    return {
      seeds: [{ bytes: shard, json: 'lines' }],
      async parse(bytes) {
        if (bytes.length === 0) return;
        // As one who made such a shard would have recorded it: the checksum alone must not be what protects its reader.
        const count = m.shards[0].count;
        const entry = { ...m.shards[0], bytes: bytes.length, sha256: sha256(bytes) };
        scratch.put(entry.file, bytes);
        scratch.put('manifest.json', JSON.stringify({ ...m, samples: count, perShard: count, shards: [entry] }));
        const shards = await CaptionShards.open(scratch.dir);
        for (const record of await shards.range(0, count))
          if (typeof record?.caption !== 'string')
            throw new Error(`a record without caption: ${JSON.stringify(record)}`);
      },
    };
  },
};

const foreignCorpus: Target = {
  name: 'webdataset',
  open() {
    const scratch = new Scratch();
    const images = join(fixtureRun(), 'images');
    const own = readFileSync(join(images, 'images-000000.tar'));
    return {
      seeds: [...tarSeeds().map((bytes) => ({ bytes })), { bytes: own }, { bytes: own }],
      async parse(bytes) {
        rmSync(join(scratch.dir, 'a.tar'), { force: true });
        scratch.put('a.tar', bytes.length % 4 === 0 ? bytes : repairTar(bytes));
        const corpus = await openCorpus(scratch.dir);
        try {
          for (let i = 0; i < corpus.length; i++) {
            const { record } = await corpus.read(i);
            if (typeof record.caption !== 'string')
              throw new Error(`a record without caption: ${JSON.stringify(record)}`);
          }
        } finally {
          await corpus.close();
        }
      },
    };
  },
};

const shardJournal: Target = {
  name: 'shard journal',
  open() {
    const scratch = new Scratch();
    const path = join(scratch.dir, 'captions-000000.jsonl');
    const shard = new ShardFile(path, { keep: true });
    for (let i = 1; i <= 3; i++) {
      shard.write(Buffer.from(`{"id":${i}}\n`));
      shard.note(i, i > 1 ? { blank: i } : {});
    }
    const part = readFileSync(`${path}.part`);
    const journal = readFileSync(`${path}.part.journal`);
    shard.drop();
    return {
      seeds: [{ bytes: journal, json: 'lines' }],
      parse(bytes) {
        scratch.put('captions-000000.jsonl.part', part);
        scratch.put('captions-000000.jsonl.part.journal', bytes);
        samplesOnTheWay(scratch.dir);
        const again = new ShardFile(path, { keep: true });
        const { resumed } = again;
        again.drop();
        if (resumed && resumed.bytes > part.length)
          throw new Error(`more bytes than there are: ${JSON.stringify(resumed)}`);
      },
    };
  },
};

const seenCaptions: Target = {
  name: 'captions seen',
  bytesPerByte: 256,
  async open() {
    const scratch = new Scratch();
    const file = join(scratch.dir, 'seen');
    const seen = new SeenCaptions(1, 64);
    for (const thing of ['cat', 'dog', 'owl']) seen.add(`a ${thing} on a red sofa`, thing);
    const state = { key: 'key', after: 3 };
    await seen.save(file, state);
    const whole = readFileSync(file);
    return {
      seeds: [{ bytes: whole }],
      async parse(bytes) {
        // With a right digest half of the time: damage that the digest finds is not all there is.
        if (bytes.length > 32 && bytes.length % 2 === 0) bytes = resealed(bytes);
        scratch.put('seen', bytes);
        const loaded = await SeenCaptions.load(file, { key: 'key', megabytes: 1, window: 64 });
        loaded?.seen.has('a cat on a red sofa', 'cat');
        loaded?.seen.add('a newt on a red sofa', 'newt');
        if (loaded && !Number.isSafeInteger(loaded.after)) throw new Error(`after ${loaded.after} captions`);
      },
    };
  },
};

const runFolder: Target = {
  name: 'corpus stages',
  open() {
    const scratch = new Scratch();
    const dir = join(scratch.dir, 'run');
    mkdirSync(dir);
    for (const name of ['captions', 'images']) cpSync(join(fixtureRun(), name), join(dir, name), { recursive: true });
    const file = (name: string) => join(dir, name);
    const names = ['captions/manifest.json', 'images/manifest.json'];
    const sound = new Map(names.map((name) => [name, readFileSync(file(name))]));
    return {
      seeds: names.map((tag) => ({ bytes: sound.get(tag)!, json: 'whole', tag })),
      async parse(bytes, tag) {
        scratch.put(join('run', tag!), bytes);
        try {
          const corpus = await openCorpus(join(dir, 'images'), { partial: true });
          if (corpus.length > 0) await corpus.read(corpus.length - 1);
          await corpus.verify();
          await corpus.close();
          await CaptionShards.open(join(dir, 'captions'), { partial: true });
        } finally {
          scratch.put(join('run', tag!), sound.get(tag!)!);
        }
      },
    };
  },
};

export const TARGETS: readonly Target[] = [
  manifest,
  captionShard,
  foreignCorpus,
  shardJournal,
  seenCaptions,
  runFolder,
];
