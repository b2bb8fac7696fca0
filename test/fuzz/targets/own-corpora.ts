import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { ownCaptions } from '../../../src/captions/own/read.js';
import { openCorpus } from '../../../src/corpus/corpus.js';
import { linkCorpus } from '../../../src/corpus/link.js';
import { imagesOf } from '../../../src/run/config.js';
import { fixtureRun } from '../fixture.js';
import { Scratch, type Target } from '../target.js';
import { repairTar, tarSeeds } from './formats.js';

/** Captions and images of whomever. */

/** Encoded pictures of a run, as many as there are. */
function pictures(): Uint8Array[] {
  const tar = readFileSync(join(fixtureRun(), 'images', 'images-000000.tar'));
  const out: Uint8Array[] = [];
  for (let at = 0; at + 512 <= tar.length && tar[at] !== 0; ) {
    const name = tar.toString('latin1', at, tar.indexOf(0, at));
    const size = Number.parseInt(tar.toString('latin1', at + 124, at + 135), 8);
    if (name.endsWith('.jpg')) out.push(new Uint8Array(tar.subarray(at + 512, at + 512 + size)));
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return out;
}

function parquetSeeds(): Buffer[] {
  const images = pictures().slice(0, 6);
  const texts = images.map((_, i) => `caption ${i}`);
  return [true, false].map((snappy) =>
    Buffer.from(
      parquetWriteBuffer({
        columnData: [
          { name: 'image', data: images.map((bytes) => ({ bytes, path: 'x.jpg' })) },
          { name: 'caption', data: texts },
          { name: 'label', data: images.map((_, i) => i % 2) },
        ],
        schema: [
          { name: 'root', num_children: 3 },
          { name: 'image', num_children: 2, repetition_type: 'OPTIONAL' },
          { name: 'bytes', type: 'BYTE_ARRAY', repetition_type: 'OPTIONAL' },
          { name: 'path', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
          { name: 'caption', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
          { name: 'label', type: 'INT32', repetition_type: 'OPTIONAL' },
        ],
        codec: snappy ? 'SNAPPY' : 'UNCOMPRESSED',
        rowGroupSize: 4,
      }),
    ),
  );
}

/** Indexes what lies in `from`, and reads all of it. */
async function indexed(from: string, run: string): Promise<void> {
  rmSync(run, { recursive: true, force: true });
  const { record } = await linkCorpus(from, { run, mostBad: 1 });
  const corpus = await openCorpus(imagesOf(run, record));
  try {
    for (let i = 0; i < corpus.length; i++) {
      const { images, record: said } = await corpus.read(i);
      if (images.length !== corpus.imagesOf(i) || typeof said.caption !== 'string') throw new Error(`sample ${i}`);
    }
    await corpus.classes();
  } finally {
    await corpus.close();
  }
}

const container = (ending: string, seeds: () => Buffer[], mend = (bytes: Buffer): Buffer => bytes): Target => ({
  name: `images in ${ending}`,
  bytesPerByte: 4096,
  open() {
    const scratch = new Scratch();
    const from = join(scratch.dir, 'from');
    mkdirSync(from);
    return {
      seeds: seeds().map((bytes) => ({ bytes })),
      async parse(bytes) {
        scratch.put(join('from', `a.${ending}`), bytes.length % 4 === 0 ? bytes : mend(bytes));
        await indexed(from, join(scratch.dir, 'run'));
      },
    };
  },
});

const besides: Target = {
  name: 'text beside images',
  open() {
    const scratch = new Scratch();
    const from = join(scratch.dir, 'from');
    mkdirSync(from);
    const [jpeg] = pictures();
    scratch.put(join('from', 'a.jpg'), jpeg);
    return {
      seeds: [
        { bytes: Buffer.from('a caption'), tag: 'a.txt' },
        { bytes: Buffer.from('{"caption": "x", "label": 3, "status": "success"}'), json: 'whole', tag: 'a.json' },
        { bytes: Buffer.from(jpeg), tag: 'a.jpg' },
      ],
      async parse(bytes, tag) {
        scratch.put(join('from', tag!), bytes);
        try {
          await indexed(from, join(scratch.dir, 'run'));
        } finally {
          scratch.put(join('from', 'a.jpg'), jpeg);
        }
      },
    };
  },
};

const index: Target = {
  name: 'index of images',
  async open() {
    const scratch = new Scratch();
    const from = join(scratch.dir, 'from');
    mkdirSync(from);
    for (const [i, bytes] of pictures().slice(0, 4).entries()) scratch.put(join('from', `${i}.jpg`), bytes);
    const run = join(scratch.dir, 'run');
    const { record } = await linkCorpus(from, { run });
    const [folder] = readdirSync(join(run, 'corpus')).filter((n) => !n.endsWith('.json'));
    const names = readdirSync(join(run, 'corpus', folder)).map((n) => join(folder, n));
    const whole = new Map([...names, record.set!].map((n) => [n, readFileSync(join(run, 'corpus', n))]));
    return {
      seeds: [...whole].map(([tag, bytes]) => ({
        bytes,
        tag,
        ...(tag.endsWith('.json') ? { json: 'whole' as const } : {}),
      })),
      async parse(bytes, tag) {
        scratch.put(join('run', 'corpus', tag!), bytes);
        try {
          const corpus = await openCorpus(imagesOf(run, record));
          try {
            await corpus.classes();
            for (let i = 0; i < Math.min(corpus.length, 10); i++) await corpus.readImage(i, 0);
          } finally {
            await corpus.close();
          }
        } finally {
          scratch.put(join('run', 'corpus', tag!), whole.get(tag!)!);
        }
      },
    };
  },
};

const captions: Target = {
  name: 'captions of one’s own',
  bytesPerByte: 4096,
  open() {
    const scratch = new Scratch();
    const text = (s: string) => Buffer.from(s);
    return {
      seeds: [
        { bytes: text('a fox\na boat on a lake\n'), tag: 'a.txt' },
        { bytes: text('{"caption": "x", "label": 3}\n"y"\n'), json: 'lines', tag: 'a.jsonl' },
        { bytes: text('["one", {"text": "two"}]'), json: 'whole', tag: 'a.json' },
        { bytes: text('url,TEXT,label\nu,"a ""b"", c",3\nv,"two\nlines",\n'), tag: 'a.csv' },
        { bytes: text('caption\tuid\na, b\t1\n'), tag: 'a.tsv' },
        ...parquetSeeds().map((bytes) => ({ bytes, tag: 'a.parquet' })),
      ],
      async parse(bytes, tag) {
        scratch.put(tag!, bytes);
        let n = 0;
        for await (const { text, concept } of ownCaptions(join(scratch.dir, tag!), ''))
          if (typeof text !== 'string' || typeof concept !== 'string') throw new Error(`row ${n}`);
          else if (++n > 1_000_000) throw new Error('rows without end');
      },
    };
  },
};

export const TARGETS: readonly Target[] = [
  container('tar', () => [...tarSeeds(), readFileSync(join(fixtureRun(), 'images', 'images-000000.tar'))], repairTar),
  container('parquet', parquetSeeds),
  besides,
  index,
  captions,
];
