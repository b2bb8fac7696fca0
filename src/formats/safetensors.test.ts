import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testSeed } from '../../test/numbers.js';
import { UserError } from '../errors.js';
import { Rng } from '../rng.js';
import { DamagedFile } from './damaged.js';
import { CHECKSUM, readSafetensors, readSafetensorsHeader, type SafeTensor, writeSafetensors } from './safetensors.js';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'safetensors-'));
});
afterAll(() => rm(dir, { recursive: true }));

/** A file with this header and so many bytes after it. */
async function craft(name: string, header: unknown, bytes: number): Promise<string> {
  const raw = typeof header === 'string' || Buffer.isBuffer(header);
  const json = Buffer.from(raw ? (header as string) : JSON.stringify(header));
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(BigInt(json.length));
  const file = join(dir, name);
  await writeFile(file, Buffer.concat([prefix, json, Buffer.alloc(bytes)]));
  return file;
}

test('every type comes back as it was, aligned, in its order', async () => {
  const rng = Rng.of(1, 'safetensors');
  const tensors = new Map<string, SafeTensor>([
    ['10', { dtype: 'U8', shape: [3], data: new Uint8Array([1, 2, 255]) }],
    ['f32', { dtype: 'F32', shape: [2, 3], data: Float32Array.from({ length: 6 }, () => rng.normal()) }],
    ['2', { dtype: 'BOOL', shape: [1], data: new Uint8Array([1]) }],
    ['f64', { dtype: 'F64', shape: [2], data: new Float64Array([Math.PI, -0]) }],
    ['scalar', { dtype: 'I64', shape: [], data: new BigInt64Array([-(2n ** 62n)]) }],
    ['empty', { dtype: 'F32', shape: [0, 4], data: new Float32Array(0) }],
    ['i32', { dtype: 'I32', shape: [2], data: new Int32Array([-7, 7]) }],
    ['bf16', { dtype: 'BF16', shape: [2], data: new Uint16Array([0x3f80, 0xc000]) }],
    ['f16 "quoted" ü', { dtype: 'F16', shape: [1], data: new Uint16Array([0x3c00]) }],
  ]);
  const file = join(dir, 'all.safetensors');
  await writeSafetensors(file, tensors, { format: 'pt', b: '1' });
  const back = await readSafetensors(file);
  expect(back.metadata).toEqual({ format: 'pt', b: '1' });
  expect(back.tensors).toEqual(tensors);
  expect([...back.tensors.keys()]).toEqual([...tensors.keys()]);
  const bytes = await readFile(file);
  expect(bytes.readBigUInt64LE() % 8n).toBe(0n);
  expect((await readSafetensorsHeader(file)).tensors.get('f32')?.shape).toEqual([2, 3]);

  await writeSafetensors(join(dir, 'again.safetensors'), back.tensors, back.metadata);
  expect((await readFile(join(dir, 'again.safetensors'))).equals(bytes)).toBe(true);
  expect((await readdir(dir)).filter((n) => n.endsWith('.tmp'))).toEqual([]);
});

test('only the wanted tensors are read, and a view into a larger array is written as what it shows', async () => {
  const all = Float32Array.from({ length: 10 }, (_, i) => i);
  const file = join(dir, 'view.safetensors');
  await writeSafetensors(
    file,
    new Map([
      ['a', { dtype: 'F32', shape: [3], data: all.subarray(2, 5) }],
      ['b', { dtype: 'F32', shape: [1], data: all.subarray(9) }],
    ]),
  );
  const { tensors } = await readSafetensors(file, () => ['a']);
  expect([...tensors]).toEqual([['a', { dtype: 'F32', shape: [3], data: new Float32Array([2, 3, 4]) }]]);
});

test('a shape that does not fit the data is our own mistake', async () => {
  const data = new Float32Array(3);
  await expect(writeSafetensors(join(dir, 'x'), new Map([['a', { dtype: 'F32', shape: [2], data }]]))).rejects.toThrow(
    /internal: tensor a: 12 bytes for F32 \[2\]/,
  );
});

const f32 = (shape: unknown, at: unknown, dtype: unknown = 'F32') => ({ dtype, shape, data_offsets: at });
const damaged: [string, unknown, number, RegExp][] = [
  ['no JSON', '{"a":', 0, /its header is not JSON/],
  ['a list', [1], 0, /no JSON object/],
  ['metadata', { __metadata__: { a: 1 } }, 0, /metadata is no map of texts/],
  ['no object', { w: null }, 0, /tensor w is not described/],
  ['no type', { w: f32([1], [0, 4], 3) }, 4, /tensor w has no type/],
  ['length of an 8-bit type', { w: f32([1], [0, 4], 'F8_E4M3') }, 4, /tensor w has 4 bytes; F8_E4M3 \[1\] needs 1/],
  ['length of a 4-bit type', { w: f32([3], [0, 2], 'F4') }, 2, /tensor w has 2 bytes; F4 \[3\] needs 1.5/],
  [
    'a product beyond 2⁵³',
    { w: f32([2 ** 40, 2 ** 40], [0, 4]) },
    4,
    /tensor w has 4 bytes; .* needs more than any file/,
  ],
  ['such a product times nothing', { w: f32([2 ** 40, 2 ** 40, 0], [0, 0]) }, 0, /needs more than any file has/],
  ['sides beyond 2⁵³', '{"w":{"dtype":"F32","shape":[9007199254740993],"data_offsets":[0,4]}}', 4, /w has no shape/],
  ['negative offsets', { w: f32([1], [-4, 0]) }, 4, /tensor w has no data_offsets/],
  [
    'offsets far away',
    { w: f32([1], [2 ** 52, 2 ** 52 + 4]) },
    4,
    /4503599627370496 bytes before tensor w belong to none/,
  ],
  [
    'a tensor twice',
    '{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"\\u0077":{"dtype":"I32","shape":[1],"data_offsets":[0,4]}}',
    4,
    /w stands twice in its header/,
  ],
  ['a shape twice', '{"w":{"dtype":"F32","shape":[1],"shape":[],"data_offsets":[0,4]}}', 4, /shape stands twice/],
  ['metadata twice', '{"__metadata__":{"a":"1","a":"2"}}', 0, /a stands twice in its header/],
  ['no UTF-8', Buffer.from('7b22ff223a307d', 'hex'), 0, /its header is not UTF-8 text/],
  ['a byte-order mark', '\ufeff{}', 0, /its header is no JSON object/],
  ['nested without end', `{"w":${'['.repeat(1e5)}`, 0, /its header is nested more than 200 deep/],
  ['a name without end', { ['x'.repeat(1e5)]: null }, 0, /^.{1,400}$/],
  ['negative shape', { w: f32([-1], [0, 4]) }, 4, /tensor w has no shape/],
  ['no offsets', { w: f32([1], [4]) }, 4, /tensor w has no data_offsets/],
  ['backward offsets', { w: f32([1], [4, 0]) }, 4, /tensor w has no data_offsets/],
  ['wrong length', { w: f32([2, 2], [0, 12]) }, 12, /tensor w has 12 bytes; F32 \[2, 2\] needs 16/],
  ['truncated', { v: f32([1], [0, 4]), w: f32([2], [4, 12]) }, 7, /cut off in tensor w/],
  ['overlap', { v: f32([2], [0, 8]), w: f32([2], [4, 12]) }, 12, /tensor w overlaps with v/],
  ['gap', { v: f32([1], [0, 4]), w: f32([1], [8, 12]) }, 12, /4 bytes before tensor w belong to none/],
  ['trailing bytes', { v: f32([1], [0, 4]) }, 9, /5 bytes after its last tensor/],
];
test.each(damaged)('damaged: %s', async (name, header, bytes, message) => {
  const file = await craft(`${name}.safetensors`, header, bytes);
  for (const read of [readSafetensors, readSafetensorsHeader]) {
    const error = await read(file).catch((e: Error) => e);
    expect(error).toMatchObject({ name: 'UserError', message: expect.stringMatching(message) });
    expect((error as Error).message).toContain(file);
  }
});

test('types without an array of their own, and ones not yet known, are no hindrance to reading the others', async () => {
  const header = {
    later: f32([2], [0, 1], 'F2_E1M0'),
    f8: f32([3], [1, 4], 'F8_E5M2'),
    f4: f32([2, 3], [4, 7], 'F4'),
    toString: f32([1], [7, 8], 'I8'),
    w: f32([1], [8, 12]),
  };
  // Names that objects have by themselves are names like others.
  const json = JSON.stringify(header).replace('"f4"', '"__proto__"');
  const file = await craft('types.safetensors', json, 12);
  const { tensors } = await readSafetensors(file, ({ tensors }) => [...tensors.keys()].filter((n) => n !== 'later'));
  expect([...tensors.keys()]).toEqual(['f8', '__proto__', 'toString', 'w']);
  expect(tensors.get('__proto__')).toEqual({ dtype: 'F4', shape: [2, 3], data: new Uint8Array(3) });
  expect(tensors.get('toString')?.data).toEqual(new Int8Array(1));
  await expect(readSafetensors(file)).rejects.toThrow(`${file}: tensor later has the type F2_E1M0, which is not known`);
});

test('what a header claims costs no memory that the file does not have', async () => {
  const before = process.memoryUsage().rss;
  const prefix = Buffer.from('00e1f50500000000', 'hex');
  const file = join(dir, 'claims');
  await writeFile(file, Buffer.concat([prefix, Buffer.from('{}')]));
  await expect(readSafetensors(file)).rejects.toThrow('cut off: its header is 100000000 bytes long, the file 10');
  expect(process.memoryUsage().rss - before).toBeLessThan(50e6);
});

test('of a sealed file every flipped bit is found, whatever is chosen', async () => {
  const seed = testSeed('safetensors.test.ts');
  const rng = Rng.of(seed, 'flip');
  const data = Float32Array.from({ length: 50 }, () => rng.normal());
  const tensors = new Map<string, SafeTensor>([
    ['a', { dtype: 'F32', shape: [50], data }],
    ['b', { dtype: 'U8', shape: [7], data: new Uint8Array(7) }],
  ]);
  const file = join(dir, 'sealed.safetensors');
  await writeSafetensors(file, tensors, { note: 'x' }, { sealed: true });
  const whole = await readFile(file);
  const back = await readSafetensors(file);
  expect(back.tensors).toEqual(tensors);
  // The definition, word for word: SHA-256 of the file, these digits as zeros.
  const digits = back.metadata[CHECKSUM];
  const zeroed = Buffer.from(whole.toString('latin1').replace(digits, '0'.repeat(64)), 'latin1');
  expect(createHash('sha256').update(zeroed).digest('hex')).toBe(digits);
  // What another program would change in passing is no longer sealed by us.
  await writeSafetensors(join(dir, 'plain.safetensors'), back.tensors, back.metadata);
  expect((await readSafetensors(join(dir, 'plain.safetensors'))).metadata).toEqual({ note: 'x' });

  // Of the key's own name a flip is no flip of what it stands for: the file is then one without a checksum, and as it was.
  const key = whole.indexOf(CHECKSUM);
  for (let bit = 0; bit < 8 * whole.length; bit += 1 + rng.int(15)) {
    if (bit >> 3 >= key && bit >> 3 < key + CHECKSUM.length) continue;
    const spoilt = Buffer.from(whole);
    spoilt[bit >> 3] ^= 1 << (bit & 7);
    await writeFile(file, spoilt);
    const found = await readSafetensors(file, () => ['b']).catch((e: Error) => e);
    expect(found, `bit ${bit}`).toBeInstanceOf(DamagedFile);
  }
  // Damage is told from a refusal, which may be its consequence.
  const spoilt = Buffer.from(whole);
  spoilt[spoilt.length - 1] ^= 1;
  await writeFile(file, spoilt);
  const refuse = () => {
    throw new UserError('not of use');
  };
  await expect(readSafetensors(file, refuse)).rejects.toThrow(
    `${file}: damaged: its bytes do not agree with the checksum in its header`,
  );
  await writeFile(file, whole);
  await expect(readSafetensors(file, refuse)).rejects.toThrow('not of use');
});

test('a pipe is not waited for', async () => {
  const pipe = join(dir, 'pipe');
  execFileSync('mkfifo', [pipe]);
  await expect(readSafetensors(pipe)).rejects.toThrow(`${pipe}: not a file`);
});

test('short files, long headers, missing files and folders are named', async () => {
  const short = join(dir, 'short');
  await writeFile(short, 'abc');
  await expect(readSafetensors(short)).rejects.toThrow(/3 bytes are too few/);
  await writeFile(short, Buffer.from('ffffffffffffff7f7b7d', 'hex'));
  await expect(readSafetensors(short)).rejects.toThrow(/its header would be \d+ bytes long/);
  await writeFile(short, Buffer.from('40000000000000007b7d', 'hex'));
  await expect(readSafetensors(short)).rejects.toThrow(/cut off: its header is 64 bytes long, the file 10/);
  await expect(readSafetensors(join(dir, 'absent'))).rejects.toThrow(/absent: no such file/);
  await expect(readSafetensors(dir)).rejects.toThrow(/not a file/);
});

test('a file cut anywhere is refused', async () => {
  const file = join(dir, 'whole.safetensors');
  await writeSafetensors(file, new Map([['w', { dtype: 'F32', shape: [4], data: new Float32Array(4) }]]), { a: 'b' });
  const bytes = await readFile(file);
  const cut = join(dir, 'cut.safetensors');
  for (let n = 0; n < bytes.length; n++) {
    await writeFile(cut, bytes.subarray(0, n));
    await expect(readSafetensors(cut), `${n} bytes`).rejects.toMatchObject({ name: 'UserError' });
  }
});

test("reads another library's file", async () => {
  const file = join(process.env.SYNCLR_DATA ?? '../shared/data', 'weights/burn-mnist/mnist.safetensors');
  if (!existsSync(file)) {
    console.log(`no ${file}: not compared with another library's safetensors`);
    return;
  }
  const { tensors } = await readSafetensors(file);
  expect(tensors.size).toBeGreaterThan(5);
  for (const [name, t] of tensors) {
    expect(t.data.length, name).toBe(t.shape.reduce((a, b) => a * b, 1));
    if (t.dtype === 'F32') expect([...(t.data as Float32Array)].every(Number.isFinite), name).toBe(true);
  }
});
