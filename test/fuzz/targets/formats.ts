import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { UserError } from '../../../src/errors.js';
import { parseJson, readJson } from '../../../src/formats/json.js';
import { readJsonl, truncateJsonl } from '../../../src/formats/jsonl.js';
import { checkOnnx } from '../../../src/formats/onnx-data.js';
import { ProtoWriter } from '../../../src/formats/protobuf.js';
import {
  readSafetensors,
  readSafetensorsHeader,
  type SafeTensor,
  writeSafetensors,
} from '../../../src/formats/safetensors.js';
import { BLOCK, TarWriter, tarMembers } from '../../../src/formats/tar.js';
import { EventWriter, readEvents } from '../../../src/formats/tfevents.js';
import { json, Scratch, type Target, text } from '../target.js';

/** Files of the formats that others write too. */

const safetensors: Target = {
  name: 'safetensors',
  async open() {
    const scratch = new Scratch();
    const tensors = new Map<string, SafeTensor>([
      ['a', { dtype: 'F32', shape: [2, 3], data: new Float32Array(6).fill(0.5) }],
      ['b.c', { dtype: 'I64', shape: [1], data: new BigInt64Array([7n]) }],
      ['empty', { dtype: 'U8', shape: [0, 4], data: new Uint8Array(0) }],
    ]);
    const file = join(scratch.dir, 'sound.safetensors');
    await writeSafetensors(file, tensors, { format: 'pt', note: 'x' });
    return {
      seeds: [{ bytes: readFileSync(file) }],
      async parse(bytes) {
        const path = scratch.put('x.safetensors', bytes);
        await readSafetensorsHeader(path);
        await readSafetensors(path);
      },
    };
  },
};

/** A tar header as GNU and pax writers make them. */
function tarEntry(name: string, type: string, data: Uint8Array, size = data.length): Buffer {
  const block = Buffer.alloc(BLOCK);
  block.write(name, 0, 'latin1');
  block.write('0000644\0', 100, 'latin1');
  block.write(`${size.toString(8).padStart(11, '0')}\0`, 124, 'latin1');
  block.write(type, 156, 'latin1');
  block.write('ustar\x0000', 257, 'latin1');
  let sum = 8 * 0x20;
  for (let i = 0; i < BLOCK; i++) if (i < 148 || i >= 156) sum += block[i];
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return Buffer.concat([block, data, Buffer.alloc((BLOCK - (data.length % BLOCK)) % BLOCK)]);
}

/** A pax record: its own length, a key, a value. */
function paxRecord(key: string, value: string): string {
  const bare = ` ${key}=${value}\n`;
  let length = bare.length + 1;
  while (String(length).length + bare.length !== length) length = String(length).length + bare.length;
  return `${length}${bare}`;
}

/** Archives with all kinds of members; mutations of their headers are given a right checksum, or nothing behind it would be reached. */
export function tarSeeds(): Buffer[] {
  const parts: Buffer[] = [];
  const writer = new TarWriter((bytes) => parts.push(Buffer.from(bytes)));
  writer.add('a.0.jpg', Buffer.from('image'));
  writer.add('a.txt', Buffer.from('a caption'));
  writer.add('a.json', Buffer.from('{}'));
  writer.finish();
  const pax = Buffer.from(`${paxRecord('path', 'long/name.txt')}${paxRecord('size', '4')}`);
  const foreign = Buffer.concat([
    tarEntry('pax', 'x', pax),
    tarEntry('short', '0', Buffer.from('text')),
    tarEntry('././@LongLink', 'L', Buffer.from(`${'n'.repeat(120)}\0`)),
    tarEntry('n', '0', Buffer.from('12')),
    tarEntry('folder/', '5', Buffer.alloc(0)),
    tarEntry('link', '2', Buffer.alloc(0)),
    Buffer.alloc(2 * BLOCK),
  ]);
  return [Buffer.concat(parts), foreign];
}

/** Puts the checksum right wherever a block looks like a header. */
export function repairTar(bytes: Buffer): Buffer {
  const out = Buffer.from(bytes);
  for (let at = 0; at + BLOCK <= out.length; at += BLOCK) {
    if (out.toString('latin1', at + 257, at + 262) !== 'ustar') continue;
    let sum = 8 * 0x20;
    for (let i = 0; i < BLOCK; i++) if (i < 148 || i >= 156) sum += out[at + i];
    out.write(`${sum.toString(8).padStart(6, '0')}\0 `, at + 148, 'latin1');
  }
  return out;
}

const tar: Target = {
  name: 'tar',
  open() {
    const scratch = new Scratch();
    return {
      seeds: tarSeeds().map((bytes) => ({ bytes })),
      parse(bytes) {
        const path = scratch.put('x.tar', bytes.length % 3 === 0 ? bytes : repairTar(bytes));
        const fd = openSync(path, 'r');
        try {
          let members = 0;
          for (const m of tarMembers(fd, path)) {
            if (!(m.offset >= 0 && m.size >= 0 && m.offset + m.size <= bytes.length))
              throw new Error(`a member outside of the archive: ${JSON.stringify(m)}`);
            if (++members > bytes.length / BLOCK) throw new Error('more members than blocks');
          }
        } finally {
          closeSync(fd);
        }
      },
    };
  },
};

const jsonl: Target = {
  name: 'jsonl',
  open() {
    const scratch = new Scratch();
    return {
      seeds: [{ ...text('{"step":1,"loss":2.5}\n{"step":2}\n\n{"step":3}\n{"st'), json: 'lines' }],
      async parse(bytes) {
        const path = scratch.put('x.jsonl', bytes);
        // What is cut off first is what the reader complains of.
        await readJsonl(path, z.object({ step: z.number() })).catch((e) => {
          if (!(e instanceof UserError)) throw e;
        });
        await truncateJsonl(path, (row) => typeof row.step === 'number' && row.step < 3);
      },
    };
  },
};

const plainJson: Target = {
  name: 'json',
  open() {
    const scratch = new Scratch();
    return {
      seeds: [json({ a: [1, { b: 'c\n"' }], n: null }), text('\ufeff{"é":true}')],
      async parse(bytes) {
        parseJson(bytes.toString('utf8'), 'x');
        await readJson(scratch.put('x.json', bytes));
      },
    };
  },
};

const tfevents: Target = {
  name: 'tfevents',
  async open() {
    const scratch = new Scratch();
    const dir = join(scratch.dir, 'events');
    const writer = await EventWriter.open(dir);
    await writer.scalar(1, 'loss', 2.5, 1_700_000_000);
    await writer.scalar(2, 'loss', 2.25, 1_700_000_001);
    await writer.close();
    const [name] = readdirSync(dir);
    return {
      seeds: [{ bytes: readFileSync(join(dir, name)) }],
      async parse(bytes) {
        await readEvents(scratch.put('x.tfevents', bytes));
        // A run goes on after what is there.
        scratch.put(join('events', name), bytes);
        await (await EventWriter.open(dir, 1)).close();
      },
    };
  },
};

const onnx: Target = {
  name: 'onnx',
  open() {
    const scratch = new Scratch();
    scratch.put('w.bin', Buffer.alloc(64));
    const entry = (key: string, value: string) => new ProtoWriter().string(1, key).string(2, value);
    const outside = new ProtoWriter()
      .varint(1, 4)
      .message(13, entry('location', 'w.bin'))
      .message(13, entry('offset', '16'))
      .message(13, entry('length', '16'));
    const inside = new ProtoWriter().varint(1, 8).bytes(9, Buffer.alloc(32));
    const node = new ProtoWriter().string(4, 'Constant').message(5, new ProtoWriter().message(5, outside));
    const graph = new ProtoWriter().message(1, node).message(5, inside).message(5, outside);
    return {
      seeds: [{ bytes: Buffer.from(new ProtoWriter().varint(1, 8).message(7, graph).finish()) }],
      parse: (bytes) => checkOnnx(scratch.put('x.onnx', bytes)),
    };
  },
};

export const TARGETS: readonly Target[] = [safetensors, tar, jsonl, plainJson, tfevents, onnx];
