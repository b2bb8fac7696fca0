import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Rng } from '../rng.js';
import { readSafetensors, readSafetensorsHeader, type SafeTensor, writeSafetensors } from './safetensors.js';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'safetensors-'));
});
afterAll(() => rm(dir, { recursive: true }));

/** A file with this header and so many bytes after it. */
async function craft(name: string, header: unknown, bytes: number): Promise<string> {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
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
  const { tensors } = await readSafetensors(file, (name) => name === 'a');
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
  ['unknown type', { w: f32([1], [0, 4], 'F8_E4M3') }, 4, /tensor w has the type "F8_E4M3"; readable are F32/],
  ['inherited name as type', { w: f32([1], [0, 4], 'toString') }, 4, /tensor w has the type "toString"/],
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
