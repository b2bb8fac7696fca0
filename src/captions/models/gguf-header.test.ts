import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testSeed } from '../../../test/numbers.js';
import { UserError } from '../../errors.js';
import { Rng } from '../../rng.js';
import { checkGguf, checkModel } from './gguf-header.js';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'gguf-header-'));
});
afterAll(() => rmSync(dir, { recursive: true }));

const u32 = (n: number) => {
  const b = Buffer.alloc(4);
  b.writeUInt32LE(n);
  return b;
};
const u64 = (n: number | bigint) => {
  const b = Buffer.alloc(8);
  b.writeBigUInt64LE(BigInt(n));
  return b;
};
const text = (s: string) => Buffer.concat([u64(Buffer.byteLength(s)), Buffer.from(s)]);
const pair = (key: string, type: number, value: Buffer) => Buffer.concat([text(key), u32(type), value]);
const tensor = (name: string, dims: (number | bigint)[], type = 0, offset: number | bigint = 0) =>
  Buffer.concat([text(name), u32(dims.length), ...dims.map(u64), u32(type), u64(offset)]);
interface Parts {
  version?: Buffer;
  tensors?: Buffer[];
  pairs?: Buffer[];
  counts?: [number | bigint, number | bigint];
  data?: number;
}
/** A file of these parts; the tensors' data after the header, aligned to 32. */
function gguf({ version = u32(3), tensors = [], pairs = [], counts, data = 0 }: Parts): Buffer {
  const [t, p] = counts ?? [tensors.length, pairs.length];
  const head = Buffer.concat([Buffer.from('GGUF'), version, u64(t), u64(p), ...pairs, ...tensors]);
  return Buffer.concat([head, Buffer.alloc(((32 - (head.length % 32)) % 32) + data)]);
}
const file = (bytes: Buffer, name = 'm.gguf') => {
  const path = join(dir, name);
  writeFileSync(path, bytes);
  return path;
};

const STRINGS = pair('tokenizer.ggml.tokens', 9, Buffer.concat([u32(8), u64(3), text('a'), text(''), text('é')]));
const good: Parts = {
  pairs: [pair('general.architecture', 8, text('llama')), STRINGS, pair('llama.block_count', 4, u32(2))],
  tensors: [tensor('a', [32, 2], 2), tensor('b', [5], 0, 64)],
  data: 64 + 20,
};

test('what holds all that it claims is read', () => {
  expect(checkGguf(file(gguf(good)))).toEqual({ parts: 1, part: 0 });
  const split = [pair('split.count', 2, Buffer.from([2, 0])), pair('split.no', 2, Buffer.from([1, 0]))];
  expect(checkGguf(file(gguf({ pairs: split })))).toEqual({ parts: 2, part: 1 });
});

test.each<[string, Parts, RegExp]>([
  ['big-endian', { version: Buffer.from([0, 0, 0, 3]) }, /its numbers are big-endian/],
  ['version 1', { version: u32(1) }, /it is of version 1, which llama\.cpp no longer reads/],
  ['version 9', { version: u32(9) }, /it is of version 9; 2 and 3 are known/],
  [
    'tensors without end',
    { counts: [2n ** 63n, 0] },
    /it claims 9223372036854776000 tensors, more than its 32 bytes hold/,
  ],
  ['metadata without end', { counts: [0, 2n ** 63n] }, /it claims 9223372036854776000 metadata/],
  ['an endless string', { pairs: [pair('k', 8, u64(2n ** 40n))] }, /k: it claims 1099511627776 elements, more than/],
  [
    'an endless key',
    { pairs: [u64(2n ** 62n), Buffer.alloc(99)], counts: [0, 1] },
    /a key of 4611686018427388000 bytes/,
  ],
  ['an endless list', { pairs: [pair('k', 9, Buffer.concat([u32(4), u64(2n ** 62n)]))] }, /k: it claims \d+ elements/],
  ['a list of strings', { pairs: [pair('k', 9, Buffer.concat([u32(8), u64(1000)]))] }, /k: it claims 1000 elements/],
  ['a list of lists', { pairs: [pair('k', 9, Buffer.concat([u32(9), u64(1), u32(4), u64(0)]))] }, /k: a list of lists/],
  ['a value of no type', { pairs: [pair('k', 99, u64(0))] }, /k: there is no value of type 99/],
  ['a list of no type', { pairs: [pair('k', 9, Buffer.concat([u32(77), u64(0)]))] }, /k: there is no list of type 77/],
  ['a key twice', { pairs: [pair('k', 4, u32(1)), pair('k', 4, u32(2))] }, /the key k is there twice/],
  ['alignment 0', { pairs: [pair('general.alignment', 4, u32(0))] }, /general\.alignment: 0 is no multiple of 8/],
  ['a tensor twice', { ...good, tensors: [tensor('a', [4]), tensor('a', [4])] }, /the tensor a is there twice/],
  ['five dimensions', { ...good, tensors: [tensor('a', [1, 1, 1, 1, 1])] }, /tensor a: 5 dimensions/],
  [
    'a shape beyond 2^53',
    { ...good, tensors: [tensor('a', [2n ** 62n, 2n ** 62n])] },
    /tensor a: a shape or place that/,
  ],
  ['half a block', { ...good, tensors: [tensor('a', [33], 2)] }, /tensor a: a shape or place that cannot be/],
  ['a place between', { ...good, tensors: [tensor('a', [4], 0, 3)] }, /tensor a: a shape or place that cannot be/],
  [
    'a tensor beyond the end',
    { ...good, data: 60 },
    /cut off: tensor b ends at byte \d+, the file has \d+; get it again/,
  ],
  [
    'a place beyond the end',
    { ...good, tensors: [tensor('a', [4], 99, 1 << 20)] },
    /it is cut off: tensor a ends at byte/,
  ],
])('%s is named', (_, parts, message) => {
  const path = file(gguf(parts));
  expect(() => checkGguf(path)).toThrow(message);
  expect(() => checkGguf(path)).toThrow(/^captions\.model: .*m\.gguf cannot be read as a GGUF file: [^\n]+$/);
});

test('cut off anywhere it is named, and of random damage comes a line or a header', () => {
  const whole = gguf(good);
  for (let n = 0; n < whole.length - 1; n++)
    expect(() => checkGguf(file(whole.subarray(0, n))), `${n} bytes`).toThrow(UserError);
  const seed = testSeed('gguf-header.test.ts');
  for (let n = 0; n < 500; n++) {
    const rng = Rng.of(seed, 'gguf', n);
    const bytes = Buffer.from(whole);
    for (let k = 0; k <= rng.int(4); k++) bytes[rng.int(bytes.length)] = rng.int(256);
    try {
      checkGguf(file(bytes));
    } catch (e) {
      if (!(e instanceof UserError)) throw e;
    }
  }
});

test('parts that do not make one model are named', () => {
  const part = (no: number, count: number, name: string) =>
    file(gguf({ pairs: [pair('split.count', 4, u32(count)), pair('split.no', 4, u32(no))] }), name);
  const [one, two] = [part(0, 2, 'x-00001-of-00002.gguf'), part(1, 2, 'x-00002-of-00002.gguf')];
  checkModel([one, two]);
  expect(() => checkModel([two])).toThrow(/x-00002-of-00002\.gguf is part 2 of 2 of a model: name the first part/);
  expect(() => checkModel([one, one])).toThrow(/is part 1 of 2 by its header, not 2 of 2 as its name/);
});
