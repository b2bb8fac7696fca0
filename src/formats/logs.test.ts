import { appendFile, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { testSeed } from '../../test/numbers.js';
import { leftBehind } from '../../test/process.js';
import { UserError } from '../errors.js';
import { sha256File } from '../files/digest.js';
import { removeTemporaries, removeTemporariesOf, temporaryName } from '../files/temporary.js';
import { writeFileAtomic } from '../files/write.js';
import { Rng } from '../rng.js';
import { crc32c, maskedCrc32c } from './crc32c.js';
import { begins, JsonlWriter, readJsonl, truncateJsonl } from './jsonl.js';
import { EventWriter, readEvents } from './tfevents.js';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'logs-'));
});
afterEach(() => rm(dir, { recursive: true }));

describe('atomic files', () => {
  test('appear whole, replace what was there, and leave no temporary', async () => {
    const file = join(dir, 'sub', 'a.json');
    await writeFileAtomic(file, 'one');
    await writeFileAtomic(file, 'two');
    expect(await readFile(file, 'utf8')).toBe('two');
    expect(await readdir(join(dir, 'sub'))).toEqual(['a.json']);
    // echo -n two | sha256sum
    expect(await sha256File(file)).toBe('3fc4ccfe745870e2c0d99f71f30ff0656c8dedd41cc1d7d3d376b0dbe685e2f3');
  });

  test('stale temporaries go, hidden files stay', async () => {
    const file = join(dir, 'a.tar');
    await writeFile(leftBehind(file), 'half');
    await writeFile(join(dir, '.lock'), '1');
    await removeTemporaries(dir);
    expect(await readdir(dir)).toEqual(['.lock']);
    await removeTemporaries(join(dir, 'absent'));
    const others = [join(dir, 'a'), join(dir, 'b.tar'), join(dir, 'a.tar.a.tar')].map(leftBehind);
    // This process is not dead: it may still be writing.
    const alive = temporaryName(file);
    for (const path of [...others, alive, leftBehind(file)]) await writeFile(path, 'half');
    await removeTemporariesOf(file);
    const left = await readdir(dir);
    expect(left.sort()).toEqual([...others, alive, '.lock'].map((path) => basename(path)).sort());
  });
});

describe('JSON lines', () => {
  const STEPS = { what: 'steps', isOurs: (head: Buffer) => begins(head, '{"step":') };
  const TEXTS = { what: 'texts', isOurs: (head: Buffer) => begins(head, '{"text":') };
  const rowSchema = z.object({ step: z.number() });
  const anySchema = z.record(z.string(), z.unknown());
  const upTo = (step: number) => (r: Record<string, unknown>) => Number(r.step) <= step;
  const rows = (n: number) => Array.from({ length: n }, (_, step) => ({ step }));

  test('a row torn at any byte is cut off, and appending goes on after the last whole one', async () => {
    const file = join(dir, 'metrics.jsonl');
    const whole = rows(3)
      .map((r) => `${JSON.stringify(r)}\n`)
      .join('');
    for (let n = 0; n <= whole.length; n++) {
      await writeFile(file, whole.slice(0, n));
      const left = whole.slice(0, n).split('\n').length - 1;
      const writer = await JsonlWriter.open(file, STEPS);
      await writer.write({ step: 99 });
      await writer.close();
      expect(await readJsonl(file, rowSchema), `${n} bytes`).toEqual([...rows(left), { step: 99 }]);
    }
  });

  test('rows after a checkpoint go, the others keep their bytes', async () => {
    const file = join(dir, 'metrics.jsonl');
    await writeFile(file, '{"step": 1.0}\n\n{"step":2}\n{"step":3}\n{"st');
    await truncateJsonl(file, upTo(2));
    expect(await readFile(file, 'utf8')).toBe('{"step": 1.0}\n{"step":2}\n');
    await writeFile(file, '{"step":1}\n{"step":5}\n{"step":2}\n');
    await truncateJsonl(file, upTo(2));
    expect(await readFile(file, 'utf8')).toBe('{"step":1}\n{"step":2}\n');
    await truncateJsonl(file, () => false);
    expect(await readFile(file, 'utf8')).toBe('');
    await truncateJsonl(join(dir, 'absent.jsonl'), () => true);
  });

  test('lines longer than a read, and beyond ASCII, are whole', async () => {
    const file = join(dir, 'long.jsonl');
    const long = ['ü', '漢'.repeat(700_000), '🦊'.repeat(400_000), 'end'];
    const writer = await JsonlWriter.open(file, TEXTS);
    for (const text of long) await writer.write({ text });
    await writer.close();
    expect((await readJsonl(file, z.object({ text: z.string() }))).map((r) => r.text)).toEqual(long);
  });

  test('a broken line is named', async () => {
    const file = join(dir, 'bad.jsonl');
    const refuse = async (text: string | Buffer, message: RegExp) => {
      await writeFile(file, text);
      await expect(readJsonl(file, rowSchema)).rejects.toMatchObject({
        name: 'UserError',
        message: expect.stringMatching(message),
      });
      if (typeof text === 'string' && /form/.test(text)) return;
      const line = /line (\d)/.exec(message.source)![1];
      await expect(truncateJsonl(file, () => true)).rejects.toThrow(
        new RegExp(`line ${line} .*; remove that line, or move the file away$`),
      );
    };
    await refuse('{"step":1}\n{"a":\n{"step":3}\n', /bad\.jsonl: line 2 is not JSON: /);
    // As Python writes it.
    await refuse('{"step":1}\n{"step":NaN}\n', /line 2 is not JSON: .*NaN/);
    await refuse('{"step":1}\n\n[1]\n', /line 3 is no JSON object$/);
    await refuse('null\n', /line 1 is no JSON object$/);
    await refuse(`${'['.repeat(5000)}\n`, /line 1 is nested more than 200 deep$/);
    await refuse(Buffer.from('{"step":1,"\xff":1}\n', 'latin1'), /line 1 is not UTF-8 text$/);
    await refuse('{"step":1}\n{"step":"form"}\n', /line 2: step: Invalid input: expected number, received string$/);
  });

  test('a line of any length takes no more memory than a row may', async () => {
    const file = join(dir, 'endless.jsonl');
    const piece = Buffer.alloc(16 << 20, 'x');
    await writeFile(file, '{"step":1}\n');
    for (let n = 0; n < 12; n++) await appendFile(file, piece);
    const before = process.memoryUsage().rss;
    // Torn: of whole lines there is one.
    expect(await readJsonl(file, anySchema)).toEqual([{ step: 1 }]);
    await appendFile(file, '\n{"step":2}\n');
    await expect(readJsonl(file, anySchema)).rejects.toThrow(
      /line 2 is too long to be a row \(more than 8388608 bytes\)/,
    );
    expect((process.memoryUsage().rss - before) / 2 ** 20).toBeLessThan(150);
  });
});

describe('TensorBoard events', () => {
  test('CRC-32C of the known strings', () => {
    // RFC 3720, appendix B.4; and the check value of the Rocksoft catalogue.
    expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
    expect(crc32c(Buffer.alloc(32))).toBe(0x8a9136aa);
    expect(crc32c(Buffer.alloc(32, 0xff))).toBe(0x62a8ab43);
    expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i))).toBe(0x46dd794e);
    // Every event file that TensorFlow writes begins with a record of 24 bytes and this checksum of its length.
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(24n);
    const crc = Buffer.alloc(4);
    crc.writeUInt32LE(maskedCrc32c(length));
    expect(crc.toString('hex')).toBe('a37f4b22');
  });

  test('a file begins with its version, and scalars come back', async () => {
    const writer = await EventWriter.open(dir);
    await writer.scalar(0, 'loss', 7.5, 1700000000.25);
    await writer.scalars(2 ** 33, { loss: -0.25, 'health/rank': Number.NaN }, 1700000001);
    await writer.close();
    const [name] = await readdir(dir);
    expect(name).toMatch(/^events\.out\.tfevents\.\d{10}\./);
    const bytes = await readFile(join(dir, name));
    expect(bytes.subarray(0, 13).toString('hex')).toBe('1800000000000000a37f4b2209');
    expect(bytes.subarray(21, 36).toString('latin1')).toBe('\x1a\x0dbrain.Event:2');
    expect(await readEvents(join(dir, name))).toEqual([
      { wallTime: 1700000000.25, step: 0, tag: 'loss', value: 7.5 },
      { wallTime: 1700000001, step: 2 ** 33, tag: 'loss', value: -0.25 },
      { wallTime: 1700000001, step: 2 ** 33, tag: 'health/rank', value: Number.NaN },
    ]);
  });

  test('a resumed run has every step once, whatever was torn', async () => {
    const first = await EventWriter.open(dir);
    for (let step = 1; step <= 5; step++) await first.scalars(step, { loss: step, rate: 10 * step });
    await first.close();
    const file = join(dir, (await readdir(dir))[0]);
    const whole = await readFile(file);
    for (const cut of [0, 1, 12, 30, 41, 60, whole.length - 1]) {
      await writeFile(file, whole.subarray(0, whole.length - cut));
      const resumed = await EventWriter.open(dir, 3);
      for (let step = 4; step <= 6; step++) await resumed.scalars(step, { loss: step, rate: 10 * step });
      await resumed.close();
      const lost = cut === whole.length - 1;
      // A file without a whole record says not that it is ours: a new one is begun beside it.
      if (lost) await rm(file);
      const files = await readdir(dir);
      expect(files).toHaveLength(1);
      const events = await readEvents(join(dir, files[0]));
      expect(events.filter((e) => e.tag === 'loss').map((e) => e.step)).toEqual(lost ? [4, 5, 6] : [1, 2, 3, 4, 5, 6]);
      if (lost)
        expect((await readFile(join(dir, files[0]))).subarray(0, 13).toString('hex')).toBe(
          '1800000000000000a37f4b2209',
        );
    }
  });

  test('a flipped bit is noticed', async () => {
    const writer = await EventWriter.open(dir);
    await writer.scalar(1, 'loss', 1);
    await writer.close();
    const file = join(dir, (await readdir(dir))[0]);
    const bytes = await readFile(file);
    for (const at of [3, 20, 45, bytes.length - 6]) {
      const flipped = Buffer.from(bytes);
      flipped[at] ^= 4;
      await writeFile(file, flipped);
      await expect(readEvents(file), `byte ${at}`).rejects.toThrow(/wrong checksum/);
    }
    for (const at of [20, 45]) {
      const flipped = Buffer.from(bytes);
      flipped[at] ^= 4;
      await writeFile(file, flipped);
      await expect(readEvents(file)).rejects.toThrow(UserError);
    }
    await writeFile(file, bytes);
    await truncate(file, bytes.length - 3);
    await appendFile(file, '');
    expect(await readEvents(file)).toEqual([]);
  });

  test('records whose checksums are right and whose contents are not are named, in time that their size bounds', async () => {
    const file = join(dir, 'events.out.tfevents.1.x');
    const record = (payload: Buffer) => {
      const head = Buffer.alloc(12);
      head.writeBigUInt64LE(BigInt(payload.length));
      head.writeUInt32LE(maskedCrc32c(head.subarray(0, 8)), 8);
      const tail = Buffer.alloc(4);
      tail.writeUInt32LE(maskedCrc32c(payload));
      return Buffer.concat([head, payload, tail]);
    };
    // A number without an end; a field longer than its message; a time of two bytes; a kind of field that does not exist.
    for (const payload of [
      Buffer.alloc(1_000_000, 0xff),
      Buffer.from('2a7f0a01', 'hex'),
      Buffer.from('0901', 'hex'),
      Buffer.from('0b', 'hex'),
    ]) {
      await writeFile(file, record(payload));
      await expect(readEvents(file)).rejects.toThrow(/tfevents\.1\.x: the record at byte 0 is no event/);
      // A run that goes on cuts it off.
      await (await EventWriter.open(dir, 3)).close();
      for (const name of await readdir(dir)) await rm(join(dir, name));
    }
    const seed = testSeed('logs.test.ts');
    const writer = await EventWriter.open(dir);
    for (let step = 1; step < 4; step++) await writer.scalar(step, 'loss', step);
    await writer.close();
    const name = join(dir, (await readdir(dir))[0]);
    const payload = (await readFile(name)).subarray(12, 36);
    for (let n = 0; n < 300; n++) {
      const rng = Rng.of(seed, 'events', n);
      const bytes = Buffer.from(payload);
      for (let k = 0; k <= rng.int(4); k++) bytes[rng.int(bytes.length)] = rng.int(256);
      await writeFile(name, record(bytes));
      await readEvents(name).catch((e) => expect(e).toBeInstanceOf(UserError));
    }
  });
});
