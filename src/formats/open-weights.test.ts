import { mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  bytesOf,
  dict,
  legacyStream,
  numpyArray,
  numpyType,
  type Py,
  pickle,
  tensor,
  tuple,
} from '../../test/pickles.js';
import { UserError } from '../errors.js';
import { openWeights } from './open-weights.js';
import { type SafeTensor, writeSafetensors } from './safetensors.js';
import { writeTorch } from './torch-write.js';
import { writeZip } from './zip-write.js';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'weights-'));
});
afterAll(() => rm(dir, { recursive: true }));

let count = 0;
const fresh = (ending: string): string => join(dir, `${count++}${ending}`);

const NUMBERS = Float32Array.from({ length: 24 }, (_, i) => i + 0.5);

/** A zip archive as torch makes them. */
async function torchZip(
  value: Py,
  {
    root = 'archive',
    protocol = 2,
    storages = { 0: NUMBERS } as Record<string, ArrayBufferView>,
    byteorder = 'little',
  } = {},
): Promise<string> {
  const file = fresh('.pth');
  const record = (name: string, bytes: Uint8Array) => ({ name: `${root}/${name}`, pieces: [bytes] });
  await writeZip(file, [
    record('data.pkl', pickle(value, protocol as 2 | 4)),
    record('byteorder', Buffer.from(byteorder)),
    ...Object.entries(storages).map(([key, data]) => record(`data/${key}`, bytesOf(data))),
    record('version', Buffer.from('3\n')),
  ]);
  return file;
}

const plain = tensor({ numbers: 24, shape: [24], stride: [1] });

async function valuesOf(file: string, group = '', name = 'a'): Promise<number[]> {
  const { data } = (await (await openWeights(file)).read(group, [name])).get(name)!;
  return Array.from(data as Float32Array);
}

const refused = (file: string | Promise<string>, what: RegExp) =>
  expect(Promise.resolve(file).then(openWeights)).rejects.toThrow(
    expect.objectContaining({ name: 'UserError', message: expect.stringMatching(what) }),
  );

describe('views of a storage', () => {
  test.each<[string, number, number[], number[], number[]]>([
    ['a part', 4, [3], [1], [4.5, 5.5, 6.5]],
    ['transposed', 0, [3, 2], [1, 3], [0.5, 3.5, 1.5, 4.5, 2.5, 5.5]],
    ['every other row, from the third number on', 2, [2, 2], [8, 1], [2.5, 3.5, 10.5, 11.5]],
    ['the same number again and again', 7, [2, 3], [0, 0], [7.5, 7.5, 7.5, 7.5, 7.5, 7.5]],
    ['up to the last number', 23, [1, 1], [100, 100], [23.5]],
    ['a single number', 5, [], [], [5.5]],
    ['no numbers', 30, [0, 4], [4, 1], []],
    [
      'three axes, changed places',
      0,
      [2, 2, 3],
      [1, 12, 4],
      [0.5, 4.5, 8.5, 12.5, 16.5, 20.5, 1.5, 5.5, 9.5, 13.5, 17.5, 21.5],
    ],
  ])('%s', async (_, offset, shape, stride, values) => {
    const said = tensor({ numbers: 24, offset, shape, stride, device: 'cuda:0' });
    expect(await valuesOf(await torchZip(dict({ a: said })))).toEqual(values);
  });

  test.each<[string, Partial<Parameters<typeof tensor>[0]>, RegExp]>([
    [
      'beyond its end',
      { offset: 8, shape: [3, 6], stride: [6, 1] },
      /\[3, 6\] goes beyond its storage: it ends at number 25, of 24/,
    ],
    ['before its beginning', { offset: -1 }, /begins at number -1/],
    ['a negative stride', { shape: [4, 4], stride: [-4, 1] }, /negative stride/],
    ['a negative side', { shape: [-4, 4], stride: [4, 1] }, /negative side/],
    [
      'sides whose product overflows',
      { shape: [2n ** 32n, 2n ** 32n], stride: [0, 0] },
      /more numbers than can be counted/,
    ],
    ['a side beyond 2^53', { shape: [2n ** 62n], stride: [0] }, /sizes that are none/],
    ['strides for other axes', { shape: [2, 2], stride: [1] }, /2 sides and 1 strides/],
    [
      'more axes than a tensor has',
      { shape: new Array(65).fill(1), stride: new Array(65).fill(1) },
      /sizes that are none/,
    ],
    ['more numbers than the file justifies', { shape: [4096, 4096], stride: [0, 0] }, /far more bytes than the file/],
    ['a storage of another size', { numbers: 25 }, /archive\/data\/0 should have 100 bytes, its record has 96/],
    ['a storage of 2^40 numbers', { numbers: 2n ** 40n }, /should have 4398046511104 bytes/],
    ['a storage that is not there', { key: '7' }, /archive\/data\/7, which is not in it/],
    ['a key that leads out', { key: '../../etc/passwd' }, /which is not in it/],
    ['no storage', { type: 'Tensor' }, /none to a storage/],
  ])('%s is refused', async (_, other, what) => {
    const said = tensor({ numbers: 24, shape: [24], stride: [1], ...other });
    await refused(torchZip(dict({ a: said })), what);
  });
});

test('every type, with names as they are, comes back from what is written for torch', async () => {
  const tensors = new Map<string, SafeTensor>([
    ['f64', { dtype: 'F64', shape: [2], data: new Float64Array([1.5, -2]) }],
    ['f32', { dtype: 'F32', shape: [2, 3], data: NUMBERS.slice(0, 6) }],
    ['f16', { dtype: 'F16', shape: [1], data: new Uint16Array([0x3c00]) }],
    ['bf16', { dtype: 'BF16', shape: [1], data: new Uint16Array([0x3f80]) }],
    ['i64', { dtype: 'I64', shape: [], data: new BigInt64Array([-(2n ** 60n)]) }],
    ['i32', { dtype: 'I32', shape: [1], data: new Int32Array([-7]) }],
    ['i16', { dtype: 'I16', shape: [1], data: new Int16Array([-7]) }],
    ['i8', { dtype: 'I8', shape: [1], data: new Int8Array([-7]) }],
    ['u8', { dtype: 'U8', shape: [0, 4], data: new Uint8Array(0) }],
    ['__proto__', { dtype: 'BOOL', shape: [2], data: new Uint8Array([1, 0]) }],
    ['constructor', { dtype: 'F32', shape: [1], data: new Float32Array([3]) }],
    ['7', { dtype: 'F32', shape: [1], data: new Float32Array([4]) }],
  ]);
  const file = fresh('.pth');
  await writeTorch(file, tensors);
  const weights = await openWeights(file);
  expect(weights.format).toBe('torch zip');
  expect([...weights.groups.keys()]).toEqual(['']);
  expect([...weights.groups.get('')!.keys()]).toEqual([...tensors.keys()]);
  expect(await weights.read('', tensors.keys())).toEqual(tensors);
});

test('a training state: dictionaries by path, short values beside them, nothing else', async () => {
  const state: Py = {
    call: 'collections.OrderedDict',
    args: [],
    items: [
      ['a', plain],
      ['b.weight', { call: 'torch._utils._rebuild_parameter', args: [plain, true, null] }],
    ],
    state: dict({ _metadata: dict({ '': dict({ version: 1 }) }) }),
  };
  const file = await torchZip(
    dict({
      model: state,
      again: state,
      optimizer: dict({
        state: new Map([[0, dict({ exp_avg: plain })]]),
        param_groups: [dict({ lr: 0.1, params: [0, 1] })],
      }),
      epoch: { call: 'numpy.core.multiarray.scalar', args: [numpyType('i8'), bytesOf(new BigInt64Array([5n]))] },
      seed: 2n ** 70n,
      criterion: null,
      args: {
        call: 'argparse.Namespace',
        args: [],
        isNew: true,
        state: dict({ arch: 'vit', __proto__: 'x', out: { call: 'pathlib.PosixPath', args: ['/', 'a', 'b'] } }),
      },
      device: { call: 'torch.device', args: ['cuda', 0] },
      long: 'x'.repeat(5000),
    }),
    { root: 'any name', protocol: 4 },
  );
  const weights = await openWeights(file);
  const { groups, values } = weights;
  const read: typeof weights.read = (...args) => weights.read(...args);
  expect([...groups].map(([path, g]) => [path, [...g.keys()]])).toEqual([
    ['model', ['a', 'b.weight']],
    ['again', ['a', 'b.weight']],
    ['optimizer.state.0', ['exp_avg']],
  ]);
  expect(Object.fromEntries(values)).toEqual({
    'optimizer.param_groups.0.lr': 0.1,
    'optimizer.param_groups.0.params.0': 0,
    'optimizer.param_groups.0.params.1': 1,
    epoch: 5,
    seed: `${2n ** 70n}`,
    criterion: null,
    'args.arch': 'vit',
    'args.out': '/a/b',
  });
  expect((await read('model', ['b.weight'])).get('b.weight')!.data).toEqual(NUMBERS);
  await expect(read('model', ['c'])).rejects.toThrow(/no tensor c in model/);
  await expect(read('', ['a'])).rejects.toThrow(/no tensor a$/);
});

describe('numpy arrays', () => {
  const bytes = bytesOf(NUMBERS);
  const latin1 = (b: Uint8Array): Py => ({
    call: '_codecs.encode',
    args: [Buffer.from(b).toString('latin1'), 'latin1'],
  });
  const many = Float32Array.from({ length: 3000 }, (_, i) => Math.sin(i));
  test.each<[string, Py, number[]]>([
    ['bytes', numpyArray(bytes, [24]), [...NUMBERS]],
    ['numpy 1', numpyArray(bytes, [24], { core: 'numpy.core' }), [...NUMBERS]],
    ['bytes as text', numpyArray(latin1(bytes), [24]), [...NUMBERS]],
    ['many bytes as text', numpyArray(latin1(bytesOf(many)), [3000]), [...many]],
    ['many bytes', numpyArray(bytesOf(many), [3000]), [...many]],
    [
      'Fortran’s order',
      numpyArray(bytesOf(NUMBERS.slice(0, 6)), [2, 3], { isFortran: true }),
      [0.5, 2.5, 4.5, 1.5, 3.5, 5.5],
    ],
    [
      'protocol 5',
      { call: 'numpy._core.numeric._frombuffer', args: [bytes, numpyType('f4'), tuple(24), 'C'] },
      [...NUMBERS],
    ],
    [
      'axes that changed places',
      {
        call: 'numpy._core.numeric._frombuffer',
        args: [bytesOf(NUMBERS.slice(0, 6)), numpyType('f4'), tuple(2, 3), 'K', tuple(1, 0)],
      },
      [0.5, 3.5, 1.5, 4.5, 2.5, 5.5],
    ],
  ])('%s', async (_, value, values) => {
    const file = fresh('.pkl');
    await writeFile(file, pickle(dict({ a: value })));
    expect((await openWeights(file)).format).toBe('pickle');
    expect(await valuesOf(file)).toEqual(values);
  });

  test.each<[string, Py, RegExp]>([
    ['too few bytes', numpyArray(bytes, [25]), /goes beyond its storage/],
    ['too many bytes', numpyArray(bytes, [23]), /other bytes than the 92/],
    ['big-endian', numpyArray(bytes, [24], { order: '>' }), /big-endian/],
    ['a type that is no tensor', numpyArray(['x'], [1], { type: 'O8' }), /holds no tensors/],
    ['numbers that are text', numpyArray('\u20ac'.repeat(32), [24]), /takes no state/],
  ])('%s: refused', async (_, value, what) => {
    const file = fresh('.pkl');
    await writeFile(file, pickle(dict({ a: value })));
    await refused(file, what);
  });
});

describe('the older stream', () => {
  const storages = new Map([
    ['94827', { count: 24, bytes: bytesOf(NUMBERS) }],
    ['1', { count: 2, bytes: bytesOf(new BigInt64Array([3n, -4n])) }],
  ]);
  const value = dict({
    state: dict({
      a: tensor({ key: '94827', numbers: 24, shape: [12], stride: [2] }),
      b: tensor({ key: '1', type: 'LongStorage', numbers: 2, shape: [2], stride: [1] }),
    }),
  });
  const stream = async (...args: Parameters<typeof legacyStream>) => {
    const file = fresh('.pth.tar');
    await writeFile(file, legacyStream(...args));
    return file;
  };

  test('is read', async () => {
    const file = await stream(value, storages);
    expect((await openWeights(file)).format).toBe('torch legacy');
    expect(await valuesOf(file, 'state')).toEqual([...NUMBERS].filter((_, i) => i % 2 === 0));
    expect((await (await openWeights(file)).read('state', ['b'])).get('b')!.data).toEqual(new BigInt64Array([3n, -4n]));
  });

  test('what is wrong with it is said', async () => {
    const short = new Map([...storages, ['1', { count: 1, bytes: bytesOf(new BigInt64Array([3n])) }]] as const);
    await refused(stream(value, storages, { isLittle: false }), /big-endian/);
    await refused(stream(value, storages, { keys: ['94827'] }), /storage 1, which does not follow/);
    await refused(stream(value, storages, { keys: ['94827', '94827', '1'] }), /94827 is listed twice/);
    await refused(stream(value, storages, { keys: ['94827', '5'] }), /storage 5 is listed, and nothing refers to it/);
    await refused(stream(value, short), /truncated in storage 1/);
    await refused(
      stream(
        value,
        new Map<string, { count: number | bigint; bytes: Uint8Array }>([
          ['94827', { count: 2n ** 62n, bytes: bytesOf(NUMBERS) }],
          ['1', storages.get('1')!],
        ]),
      ),
      /94827 has 4611686018427387904 numbers, 24 were said/,
    );
    const huge = dict({ a: tensor({ numbers: 2n ** 40n, shape: [1], stride: [1] }) });
    await refused(
      stream(huge, new Map([['0', { count: 2n ** 40n, bytes: bytesOf(NUMBERS) }]])),
      /of 4398046511104 bytes/,
    );
  });
});

describe('archives', () => {
  test.each<[string, (records: { name: string; pieces: Buffer[] }[]) => void, RegExp]>([
    [
      'two records of a name',
      (r) => r.push({ name: 'archive/data/0', pieces: [Buffer.alloc(96)] }),
      /archive\/data\/0 is in it twice/,
    ],
    [
      'two pickles',
      (r) => r.push({ name: 'other/data.pkl', pieces: [pickle(1)] }),
      /archive\/data\.pkl and other\/data\.pkl/,
    ],
    ['no pickle', (r) => r.shift(), /without data\.pkl/],
    ['a program', (r) => r.push({ name: 'archive/constants.pkl', pieces: [] }), /TorchScript/],
    ['a name that leads out', (r) => r.push({ name: '../x', pieces: [] }), /no sound zip archive/],
  ])('%s: refused', async (_, change, what) => {
    const records = [
      { name: 'archive/data.pkl', pieces: [pickle(dict({ a: plain }))] },
      { name: 'archive/data/0', pieces: [Buffer.from(bytesOf(NUMBERS))] },
    ];
    change(records);
    const file = fresh('.pt');
    await writeZip(file, records);
    await refused(file, what);
  });

  test('big-endian numbers are refused', async () => {
    await refused(torchZip(dict({ a: plain }), { byteorder: 'big' }), /big-endian/);
    await refused(torchZip(dict({ a: plain }), { byteorder: 'middle' }), /its byteorder is "middle"/);
  });
});

describe('what is no weights', () => {
  test.each<[string, string | Buffer, RegExp]>([
    ['nothing', '', /: empty$/],
    ['a pointer', 'version https://git-lfs.github.com/spec/v1\noid sha256:0\n', /Git LFS/],
    ['a page', '<!DOCTYPE html>', /web page/],
    ['text', 'hello, world', /no weights/],
    ['a packed file', Buffer.from([0x1f, 0x8b, 8, 0]), /unpack it first/],
    ['a pickle of a number', pickle(5), /holds no tensors/],
    ['JSON under another name', '{"a": 1}', /no weights/],
  ])('%s', async (_, bytes, what) => {
    const file = fresh('.bin');
    await writeFile(file, bytes);
    await refused(file, what);
  });

  test('JSON of something else than shards', async () => {
    const file = fresh('.json');
    await writeFile(file, '{"a": 1}');
    await refused(file, /weight_map/);
  });

  test('a file that is gone, a folder without weights', async () => {
    await expect(openWeights(join(dir, 'nowhere'))).rejects.toMatchObject({ code: 'ENOENT' });
    const empty = fresh('');
    await mkdir(empty);
    await refused(empty, /no weights in this folder/);
  });
});

test('a file that changed since it was opened is not read', async () => {
  const file = await torchZip(dict({ a: plain }));
  const weights = await openWeights(file);
  await utimes(file, new Date(), new Date(2000));
  await expect(weights.read('', ['a'])).rejects.toThrow(/was changed while it was read/);
});

describe('folders and shards', () => {
  const one = (value: number): SafeTensor => ({ dtype: 'F32', shape: [1], data: new Float32Array([value]) });

  async function sharded(map: Record<string, unknown>, shards: Record<string, string[]>): Promise<string> {
    const folder = fresh('');
    await mkdir(folder);
    for (const [shard, names] of Object.entries(shards)) {
      const tensors = new Map(names.map((name, i) => [name, one(i)]));
      await (shard.endsWith('.bin') ? writeTorch : writeSafetensors)(join(folder, shard), tensors);
    }
    await writeFile(join(folder, 'model.safetensors.index.json'), JSON.stringify({ metadata: {}, weight_map: map }));
    return folder;
  }

  test.each(['safetensors', 'bin'])('shards of %s', async (ending) => {
    const folder = await sharded(
      { a: `1.${ending}`, b: `2.${ending}`, __proto__x: `2.${ending}` },
      { [`1.${ending}`]: ['a'], [`2.${ending}`]: ['b', '__proto__x'] },
    );
    const weights = await openWeights(folder);
    expect(weights.format).toBe(`${ending === 'bin' ? 'torch zip' : 'safetensors'}, 2 shards`);
    const read = await weights.read('', ['__proto__x', 'a']);
    expect([...read].map(([name, { data }]) => [name, data[0]])).toEqual([
      ['__proto__x', 1],
      ['a', 0],
    ]);
    await expect(weights.read('', ['c'])).rejects.toThrow(/no tensor c/);
  });

  test.each<[string, Record<string, unknown>, Record<string, string[]>, RegExp]>([
    ['missing', { a: '1.bin', b: '1.bin' }, { '1.bin': ['a'] }, /tensor b is missing in 1\.bin/],
    [
      'in two shards',
      { a: '1.bin', b: '2.bin' },
      { '1.bin': ['a'], '2.bin': ['b', 'a'] },
      /tensor a is in 2\.bin, and belongs into 1\.bin/,
    ],
    ['not listed', { a: '1.bin' }, { '1.bin': ['a', 'b'] }, /tensor b of 1\.bin is not in its list/],
    ['elsewhere', { a: '../1.bin' }, {}, /no plain name/],
    ['on another drive', { a: 'C:1.bin' }, {}, /no plain name/],
    ['in no file', { a: 1 }, {}, /no plain name/],
  ])('a tensor %s', async (_, map, shards, what) => refused(sharded(map, shards), what));

  test('a shard that is not there is named', async () => {
    const folder = await sharded({ a: 'gone.safetensors' }, {});
    await expect(openWeights(folder)).rejects.toMatchObject({ code: 'ENOENT', path: join(folder, 'gone.safetensors') });
  });

  test('an index is no shard', async () => {
    await refused(sharded({ a: 'model.safetensors.index.json' }, {}), /no weights/);
  });

  test('which file of a folder is taken', async () => {
    const folder = fresh('');
    await mkdir(folder);
    await writeTorch(join(folder, 'checkpoint_0299.pth.tar'), new Map([['only', one(1)]]));
    await writeFile(join(folder, 'training_args.bin'), 'x');
    const names = async () => [...(await openWeights(folder)).groups.get('')!.keys()];
    expect(await names()).toEqual(['only']);
    await symlink('checkpoint_0299.pth.tar', join(folder, 'other.pt'));
    await refused(folder, /several files of weights, name one of them: checkpoint_0299\.pth\.tar, other\.pt/);
    await writeTorch(join(folder, 'pytorch_model.bin'), new Map([['bin', one(1)]]));
    expect(await names()).toEqual(['bin']);
    await writeSafetensors(join(folder, 'model.safetensors'), new Map([['safe', one(1)]]));
    expect(await names()).toEqual(['safe']);
  });
});

test('refusals are mistakes of the user’s', async () => {
  await expect(openWeights(await torchZip(dict({})))).rejects.toBeInstanceOf(UserError);
});
