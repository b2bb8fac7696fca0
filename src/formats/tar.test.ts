import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, readSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unpackTar } from 'modern-tar';
import { afterAll, beforeAll, expect, test } from 'vitest';
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

function contents(file: string): Map<string, Buffer> {
  const fd = openSync(file, 'r');
  try {
    return new Map(
      [...tarMembers(fd, file)].map(({ name, offset, size }) => {
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
  expect(members(file)).toEqual([{ name: 'a.jpg', offset: 512, size: 300 }]);
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
