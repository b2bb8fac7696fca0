import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { npyHeader } from '../../../src/probe/npy.js';
import { openIndex } from '../../../src/search/photo-index.js';
import { Scratch, type Seed, type Target } from '../target.js';

/** Files of an index of photos, each damaged in turn beside the others, whole. */

const PHOTOS = 12;
const DIM = 8;

function layIndex(dir: string): void {
  mkdirSync(dir, { recursive: true });
  const x = new Float32Array(PHOTOS * DIM);
  for (let i = 0; i < PHOTOS; i++) x[i * DIM + (i % DIM)] = 1;
  writeFileSync(join(dir, 'vectors.npy'), Buffer.concat([npyHeader([PHOTOS, DIM]), new Uint8Array(x.buffer)]));
  const rows = Array.from({ length: PHOTOS }, (_, i) =>
    JSON.stringify({
      file: `a/${String(i).padStart(2, '0')}.jpg`,
      bytes: 10 + i,
      modified: 1e12,
      sha256: 'ab'.repeat(32),
    }),
  );
  writeFileSync(join(dir, 'photos.jsonl'), `${rows.join('\n')}\n`);
  const index = {
    format: 'synclr-index',
    version: 1,
    synclr: '0.1.0',
    photos: '../photos',
    dim: DIM,
    complete: true,
    created: '2026-01-01T00:00:00.000Z',
    updated: '2026-01-01T00:00:00.000Z',
    encoder: { path: '../encoder', hash: 'x', preprocessing: { size: 32, mean: [0, 0, 0], std: [1, 1, 1] } },
    painting: { seed: 0 },
    count: PHOTOS,
    generation: 1,
  };
  writeFileSync(join(dir, 'index.json'), JSON.stringify(index));
}

const index: Target = {
  name: 'index of photos',
  open() {
    const scratch = new Scratch();
    const dir = join(scratch.dir, 'x.index');
    layIndex(dir);
    const names = ['index.json', 'photos.jsonl', 'vectors.npy'] as const;
    const sound = new Map(names.map((name) => [name as string, readFileSync(join(dir, name))]));
    const kind = { 'index.json': 'whole', 'photos.jsonl': 'lines', 'vectors.npy': undefined } as const;
    return {
      seeds: names.map((name): Seed => ({ bytes: sound.get(name)!, tag: name, json: kind[name] })),
      async parse(bytes, tag) {
        for (const [name, whole] of sound) writeFileSync(join(dir, name), name === tag ? bytes : whole);
        await using found = await openIndex(dir);
        const matches = await found.search({ vector: Float32Array.from({ length: found.dim }, (_, j) => 1 + j) });
        for (const { file, score } of matches)
          if (file.includes('..') || !(Math.abs(score) < 1.01)) throw new Error(`found ${file} at ${score}`);
        await found.search({ vector: new Float32Array(found.dim).fill(1) }, { within: 'a' });
      },
    };
  },
};

export const TARGETS: readonly Target[] = [index];
