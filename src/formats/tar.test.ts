import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, readSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unpackTar } from 'modern-tar';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { testSeed } from '../../test/numbers.js';
import { UserError } from '../errors.js';
import { Rng } from '../rng.js';
import { type TarMember, TarWriter, tarMembers, tarSize } from './tar.js';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tar-'));
});
afterAll(() => rm(dir, { recursive: true }));

function pack(files: readonly (readonly [string, Uint8Array])[]): Buffer {
  const parts: Uint8Array[] = [];
  // What the sink is given may be reused by a writer: copied here as a file would.
  const tar = new TarWriter((b) => parts.push(Uint8Array.from(b)));
  for (const [name, data] of files) tar.add(name, data);
  tar.finish();
  return Buffer.concat(parts);
}

function members(file: string): TarMember[] {
  const fd = openSync(file, 'r');
  try {
    return [...tarMembers(fd, file)];
  } finally {
    closeSync(fd);
  }
}

/** Of files; links have none. */
function contents(file: string): Map<string, Buffer> {
  const fd = openSync(file, 'r');
  try {
    const files = [...tarMembers(fd, file)].filter(({ kind }) => kind === 'file');
    return new Map(
      files.map(({ name, offset, size }) => {
        const bytes = Buffer.alloc(size);
        readSync(fd, bytes, 0, size, offset);
        return [name, bytes];
      }),
    );
  } finally {
    closeSync(fd);
  }
}

/** Sizes around the block's edges, and one beyond what is read at once. */
const SIZES = [0, 1, 511, 512, 513, 1024, 40_000];
const files = (seed: number) =>
  SIZES.map((size, i) => {
    const rng = Rng.of(seed, 'tar', i);
    return [`00000000${i}.${i}.jpg`, Uint8Array.from({ length: size }, () => rng.int(256))] as const;
  });

test('what is written, tar and modern-tar unpack', async () => {
  const seed = 7;
  console.log(`seed ${seed}`);
  const bytes = pack(files(seed));
  expect(bytes.equals(pack(files(seed)))).toBe(true);
  expect(bytes.length).toBe(SIZES.reduce((sum, size) => sum + tarSize(size), 1024));
  const file = join(dir, 'ours.tar');
  writeFileSync(file, bytes);
  const out = join(dir, 'out');
  mkdirSync(out);
  execFileSync('tar', ['xf', file, '-C', out]);
  const entries = await unpackTar(bytes, { strict: true });
  for (const [i, [name, data]] of files(seed).entries()) {
    expect(readFileSync(join(out, name)).equals(data), name).toBe(true);
    expect(entries[i].header).toMatchObject({ name, mode: 0o644, uid: 0, gid: 0, mtime: new Date(0) });
    expect(contents(file).get(name)?.equals(data), name).toBe(true);
  }
});

test.each(['ustar', 'gnu', 'pax', 'oldgnu', 'v7'])('what tar writes (%s) is read', (format) => {
  const from = join(dir, `from-${format}`);
  mkdirSync(join(from, 'sub'), { recursive: true });
  const long = `sub/${'x'.repeat(format === 'v7' ? 80 : 90)}.jpg`;
  const longer = `sub/${'y'.repeat(150)}.ünï.jpg`;
  const names = ['a.jpg', long, ...(format === 'v7' || format === 'ustar' ? [] : [longer])];
  for (const [i, name] of names.entries()) writeFileSync(join(from, name), Buffer.alloc(700 * i + 3, i));
  symlinkSync('a.jpg', join(from, 'link.jpg'));
  const file = join(dir, `${format}.tar`);
  execFileSync('tar', ['cf', file, `--format=${format}`, '-C', from, 'sub', 'link.jpg', ...names]);
  const found = contents(file);
  for (const [i, name] of names.entries())
    expect(found.get(name)?.equals(Buffer.alloc(700 * i + 3, i)), name).toBe(true);
  expect([...found.keys()].some((n) => n.includes('link') || n.endsWith('/'))).toBe(false);
});

test('a large size in base 256 and one in a pax record are believed', () => {
  const bytes = pack([['a.jpg', Buffer.alloc(300, 1)]]);
  Buffer.from('800000000000000000000000', 'hex').copy(bytes, 124);
  bytes.writeUInt32BE(300, 132);
  fixChecksum(bytes);
  const file = join(dir, 'base256.tar');
  writeFileSync(file, bytes);
  expect(members(file)).toEqual([{ name: 'a.jpg', kind: 'file', offset: 512, size: 300 }]);
});

function fixChecksum(header: Buffer): void {
  header.fill(0x20, 148, 156);
  const sum = header.subarray(0, 512).reduce((a, b) => a + b, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
}

test('an archive cut anywhere, or with a flipped header byte, is refused with the place', () => {
  const whole = pack([
    ['a.jpg', Buffer.alloc(600, 1)],
    ['a.txt', Buffer.alloc(5, 2)],
  ]);
  const file = join(dir, 'broken.tar');
  // All of the first end block must be there; nobody misses part of the second.
  const needed = whole.length - 512;
  for (let n = 0; n < needed; n += 100) {
    writeFileSync(file, whole.subarray(0, n));
    expect(() => members(file), `${n} bytes`).toThrow(
      /broken\.tar: damaged tar archive at byte \d+: it is (empty|cut off)/,
    );
  }
  for (const at of [0, 99, 124, 135, 150, 257, 1536]) {
    const bytes = Buffer.from(whole);
    bytes[at] ^= 1;
    writeFileSync(file, bytes);
    expect(() => members(file), `byte ${at}`).toThrow(/damaged tar archive at byte (0|1536): wrong header checksum/);
  }
  const zeros = Buffer.from(whole);
  zeros.fill(0, 0, 512);
  writeFileSync(file, zeros);
  expect(() => members(file)).toThrow(/an empty block among its members/);
});

/** A header with this name, size field and type. */
function head(name: string, size: string | Buffer, type: string): Buffer {
  const b = Buffer.alloc(512);
  b.write(name, 0, 'latin1');
  b.write('0000644\0', 100);
  if (typeof size === 'string') b.write(size, 124, 'latin1');
  else size.copy(b, 124);
  b.write(type, 156);
  b.write('ustar\x0000', 257);
  fixChecksum(b);
  return b;
}
const octal = (n: number) => `${n.toString(8).padStart(11, '0')}\0`;
/** A block of attributes for the member that follows. */
function pax(text: string): Buffer {
  const body = Buffer.alloc(Math.ceil(Buffer.byteLength(text) / 512) * 512);
  body.write(text);
  return Buffer.concat([head('pax', octal(Buffer.byteLength(text)), 'x'), body]);
}
function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  let length = Buffer.byteLength(rest);
  while (String(length).length + Buffer.byteLength(rest) !== length)
    length = String(length).length + Buffer.byteLength(rest);
  return `${length}${rest}`;
}
const TWO = pack([
  ['a.jpg', Buffer.alloc(700, 1)],
  ['b.jpg', Buffer.alloc(700, 2)],
]);

describe('hostile headers', () => {
  test.each([
    ['NaN', pax(paxRecord('size', 'NaN')), /byte 0: size=NaN in its attributes \(pax\) is no number of bytes/],
    ['1.5', pax(paxRecord('size', '1.5')), /size=1\.5 in its attributes/],
    ['negative', pax(paxRecord('size', '-2000')), /size=-2000 in its attributes/],
    ['1e3', pax(paxRecord('size', '1e3')), /size=1e3 in its attributes/],
    ['hexadecimal', pax(paxRecord('size', '0x10')), /size=0x10 in its attributes/],
    ['beyond 2^53', pax(paxRecord('size', '99999999999999999999')), /is no number of bytes/],
    ['beyond the file', pax(paxRecord('size', '10000000')), /byte 1024: it is cut off in a\.jpg/],
    ['a null in a name', pax(paxRecord('path', 'x\0y.jpg')), /a name with a null character/],
    ['an endless name', pax(paxRecord('path', 'x'.repeat(5000))), /a name of 5000 characters/],
    ['a record beyond its block', pax('999 path=x\n'), /attributes \(pax\) that cannot be read/],
    ['a record of no length', pax('0 path=x\n'), /attributes \(pax\) that cannot be read/],
    ['a record without its end', pax('8 path=xy'), /attributes \(pax\) that cannot be read/],
    ['digits without end', pax('9'.repeat(400)), /attributes \(pax\) that cannot be read/],
    ['octal rubbish', head('c.jpg', '0000000129x\0', '0'), /byte 0: no size in a header/],
    ['a minus', head('c.jpg', '-0000001000\0', '0'), /no size in a header/],
    ['base 256, negative', head('c.jpg', Buffer.alloc(12, 0xff), '0'), /no size in a header/],
    ['base 256, huge', head('c.jpg', Buffer.from('bfffffffffffffffffffffff', 'hex'), '0'), /no size in a header/],
    ['base 256, beyond', head('c.jpg', Buffer.from('800000000000000100000000', 'hex'), '0'), /cut off in c\.jpg/],
    ['attributes beyond the file', head('pax', octal(100_000), 'x'), /it is cut off/],
    ['attributes without end', head('pax', octal(5_000_000), 'x'), /a name of 5000000 bytes/],
  ])('%s', (_, before, message) => {
    const file = join(dir, 'hostile.tar');
    writeFileSync(file, Buffer.concat([before, TWO]));
    expect(() => members(file)).toThrow(message);
    expect(() => members(file)).toThrow(UserError);
  });

  test('names lead nowhere: nothing is unpacked', () => {
    const file = join(dir, 'names.tar');
    const path = pax(paxRecord('path', '../../etc/x.jpg') + paxRecord('__proto__', 'y') + paxRecord('comment', 'ü'));
    writeFileSync(file, Buffer.concat([path, TWO]));
    expect(members(file).map((m) => m.name)).toEqual(['../../etc/x.jpg', 'b.jpg']);
    // Taken back again.
    writeFileSync(file, Buffer.concat([pax(paxRecord('path', 'x') + paxRecord('path', '')), TWO]));
    expect(members(file).map((m) => m.name)).toEqual(['a.jpg', 'b.jpg']);
  });

  test('names that are no UTF-8 stay different', () => {
    const file = join(dir, 'latin.tar');
    const named = (name: string) => head(name, octal(0), '0');
    writeFileSync(file, Buffer.concat([named('\xe4.jpg'), named('\xf6.jpg'), Buffer.alloc(1024)]));
    expect(new Set(members(file).map((m) => m.name)).size).toBe(2);
  });

  test('links and files without their holes are told apart', () => {
    const file = join(dir, 'kinds.tar');
    const sparse = pax(paxRecord('GNU.sparse.major', '1'));
    const parts = [
      head('l', octal(700), '1'),
      head('s', octal(700), '2'),
      head('d', octal(0), '5'),
      head('o', octal(0), 'S'),
    ];
    writeFileSync(file, Buffer.concat([...parts, sparse, TWO]));
    expect(members(file).map(({ name, kind, size }) => [name, kind, size])).toEqual([
      ['l', 'link', 0],
      ['s', 'link', 0],
      ['o', 'sparse', 0],
      ['a.jpg', 'sparse', 700],
      ['b.jpg', 'file', 700],
    ]);
  });

  test('what is behind the end is not lost in silence', () => {
    const file = join(dir, 'two.tar');
    writeFileSync(file, Buffer.concat([TWO, TWO]));
    expect(() => members(file)).toThrow(
      /damaged tar archive at byte 4096: something follows its end: are these two archives, one behind the other\?/,
    );
    writeFileSync(file, Buffer.concat([TWO, Buffer.alloc(10_240)]));
    expect(members(file).length).toBe(2);
    writeFileSync(file, Buffer.concat([pax(paxRecord('path', 'x')), Buffer.alloc(1024)]));
    expect(() => members(file)).toThrow(/byte 0: a name without its file/);
  });

  test('of random damage comes a list of members or a line that names the file', () => {
    const seed = testSeed('tar.test.ts');
    const whole = Buffer.concat([pax(paxRecord('path', 'é.jpg') + paxRecord('size', '700')), TWO]);
    const file = join(dir, 'fuzz.tar');
    for (let n = 0; n < 300; n++) {
      const rng = Rng.of(seed, 'tar damage', n);
      const bytes = Buffer.from(whole);
      for (let k = 0; k <= rng.int(4); k++) bytes[rng.int(bytes.length)] = rng.int(256);
      // A right checksum takes the damage further.
      for (const at of [0, 1024, 2560]) fixChecksum(bytes.subarray(at, at + 512));
      writeFileSync(file, bytes);
      try {
        expect(members(file).length).toBeLessThan(9);
      } catch (e) {
        expect(e).toMatchObject({ name: 'UserError', message: expect.stringContaining('fuzz.tar') });
      }
    }
  });
});

test('what is no tar archive says so', () => {
  const file = join(dir, 'not.tar');
  writeFileSync(file, 'x'.repeat(2000));
  expect(() => members(file)).toThrow(/wrong header checksum/);
  writeFileSync(file, Buffer.concat([Buffer.from([0x1f, 0x8b]), Buffer.alloc(1000)]));
  expect(() => members(file)).toThrow(/compressed/);
});

test('names that ustar cannot hold are our own mistake', () => {
  expect(() => pack([['ü.jpg', Buffer.alloc(1)]])).toThrow(/internal/);
  expect(() => pack([[`${'a'.repeat(101)}`, Buffer.alloc(1)]])).toThrow(/internal/);
});
