import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { resolveSettings } from '../../../src/config/resolve.js';
import { CHECKSUM } from '../../../src/formats/safetensors.js';
import { loadCheckpoint } from '../../../src/learn/checkpoint.js';
import { learnerOf } from '../../../src/learn/learners/index.js';
import { initialWeights } from '../../../src/learn/weights.js';
import { readBackbone } from '../../../src/model/backbone.js';
import { MICRO } from '../../micro.js';
import { fixtureRun } from '../fixture.js';
import { Scratch, type Seed, type Target } from '../target.js';

/** Checkpoints, encoders, weights to start from. */

const wholeRun = (): { checkpoint: Buffer; name: string } => {
  const dir = join(fixtureRun(), 'checkpoints');
  const name = readdirSync(dir).sort().at(-1)!;
  return { checkpoint: readFileSync(join(dir, name)), name };
};

const checkpoint: Target = {
  name: 'checkpoint',
  open() {
    const scratch = new Scratch();
    const { checkpoint: sealed, name } = wholeRun();
    const bytes = unsealed(sealed);
    const settings = resolveSettings({ flags: MICRO });
    const specs = learnerOf(settings).parameters;
    const head = headOf(bytes);
    return {
      seeds: [
        { bytes: head, json: 'whole', tag: 'header' },
        { bytes, tag: 'whole' },
        { bytes: sealed, tag: 'sealed' },
      ] satisfies Seed[],
      async parse(input, tag) {
        const file = scratch.put(name, tag === 'header' ? withHead(bytes, input) : input);
        for (const read of [
          () => readBackbone(file, 'teacher', settings),
          () => loadCheckpoint(file, specs),
          () => initialWeights(file, specs),
        ])
          await read();
      },
    };
  },
};

/** The same without its checksum, as earlier versions wrote it: what is broken then reaches the checks behind it. */
function unsealed(file: Buffer): Buffer {
  const head = JSON.parse(headOf(file).toString('utf8')) as { __metadata__: Record<string, string> };
  const { [CHECKSUM]: _, version: __, ...said } = head.__metadata__;
  return withHead(file, Buffer.from(JSON.stringify({ ...head, __metadata__: said })));
}

/** The JSON of a safetensors file's header. */
function headOf(file: Buffer): Buffer {
  return file.subarray(8, 8 + Number(file.readBigUInt64LE()));
}

/** The file with another header, its length set right. */
function withHead(file: Buffer, head: Buffer): Buffer {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(head.length));
  return Buffer.concat([length, head, file.subarray(8 + Number(file.readBigUInt64LE()))]);
}

const encoderFolder: Target = {
  name: 'encoder folder',
  open() {
    const scratch = new Scratch();
    const from = join(fixtureRun(), 'encoder');
    const dir = join(scratch.dir, 'encoder');
    cpSync(from, dir, { recursive: true });
    const weights = unsealed(readFileSync(join(from, 'model.safetensors')));
    const config = readFileSync(join(from, 'config.json'));
    return {
      seeds: [
        { bytes: config, json: 'whole', tag: 'config.json' },
        { bytes: headOf(weights), json: 'whole', tag: 'header' },
        { bytes: weights, tag: 'model.safetensors' },
      ] satisfies Seed[],
      async parse(bytes, tag) {
        const file = tag === 'header' ? 'model.safetensors' : tag!;
        scratch.put(join('encoder', file), tag === 'header' ? withHead(weights, bytes) : bytes);
        try {
          const { mean, std } = (await readBackbone(dir, 'teacher')).preprocessing;
          if (![...mean, ...std].every(Number.isFinite) || std.some((s) => s <= 0))
            throw new Error(`mean ${mean}, std ${std} were taken`);
        } finally {
          cpSync(join(from, file), join(dir, file));
        }
      },
    };
  },
};

export const TARGETS: readonly Target[] = [checkpoint, encoderFolder];
