import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openWeights } from '../../../src/formats/open-weights.js';
import { type SafeTensor, writeSafetensors } from '../../../src/formats/safetensors.js';
import { writeTorch } from '../../../src/formats/torch-write.js';
import { writeZip } from '../../../src/formats/zip-write.js';
import { bytesOf, dict, legacyStream, numpyArray, numpyType, type Py, pickle, tensor, tuple } from '../../pickles.js';
import { Scratch, type Seed, type Target } from '../target.js';

/** Weights as others write them. */

const NUMBERS = Float32Array.from({ length: 24 }, (_, i) => i / 4);

/** A training state with all that its pickle may say. */
const STATE: Py = dict({
  model: {
    call: 'collections.OrderedDict',
    args: [],
    items: [
      ['a.weight', tensor({ numbers: 24, shape: [2, 3], stride: [1, 8], offset: 2, device: 'cuda:0' })],
      [
        'a.bias',
        {
          call: 'torch._utils._rebuild_parameter',
          args: [tensor({ numbers: 24, shape: [24], stride: [1] }), true, null],
        },
      ],
      ['count', tensor({ key: '1', type: 'LongStorage', numbers: 2, shape: [], stride: [] })],
    ],
    state: dict({ _metadata: dict({ '': dict({ version: 1 }) }) }),
  },
  arrays: dict({
    one: numpyArray(bytesOf(NUMBERS), [4, 6], { isFortran: true }),
    two: {
      call: 'numpy._core.numeric._frombuffer',
      args: [bytesOf(NUMBERS), numpyType('f4'), tuple(3, 8), 'K', tuple(1, 0)],
    },
    three: numpyArray(
      { call: '_codecs.encode', args: [Buffer.from(bytesOf(NUMBERS)).toString('latin1'), 'latin1'] },
      [24],
      { core: 'numpy.core' },
    ),
  }),
  optimizer: dict({ param_groups: [dict({ lr: 0.1, params: [0, 1, 2] })] }),
  epoch: { call: 'numpy.core.multiarray.scalar', args: [numpyType('i8'), bytesOf(new BigInt64Array([5n]))] },
  args: {
    call: 'argparse.Namespace',
    args: [],
    isNew: true,
    state: dict({ arch: 'vit', seed: 2n ** 70n, none: null }),
  },
});
/** What numpy's arrays alone say: no storages. */
const ARRAYS: Py = (STATE as ReadonlyMap<Py, Py>).get('arrays')!;
const LONGS = new BigInt64Array([3n, -4n]);

async function seeds(dir: string): Promise<Seed[]> {
  const put = join(dir, 'seed');
  const tensors = new Map<string, SafeTensor>([
    ['a', { dtype: 'F32', shape: [2, 3], data: NUMBERS.slice(0, 6) }],
    ['b', { dtype: 'BF16', shape: [3], data: new Uint16Array(3) }],
  ]);
  const record = (name: string, bytes: Uint8Array) => ({ name: `archive/${name}`, pieces: [bytes] });
  await writeZip(put, [
    record('data.pkl', pickle(STATE)),
    record('byteorder', Buffer.from('little')),
    record('data/0', bytesOf(NUMBERS)),
    record('data/1', bytesOf(LONGS)),
  ]);
  const zip = readFileSync(put);
  await writeTorch(put, tensors);
  const written = readFileSync(put);
  await writeSafetensors(put, tensors, { format: 'pt' });
  const safe = readFileSync(put);
  const storages = new Map([
    ['0', { count: 24, bytes: bytesOf(NUMBERS) }],
    ['1', { count: 2, bytes: bytesOf(LONGS) }],
  ]);
  const sound: Seed[] = [
    { bytes: zip, tag: 'file' },
    { bytes: written, tag: 'file' },
    { bytes: safe, tag: 'file' },
    { bytes: legacyStream(STATE, storages), tag: 'file' },
    { bytes: pickle(ARRAYS), tag: 'file' },
    // Each alone in a file that is sound otherwise: what is broken reaches the checks behind those of its container.
    { bytes: pickle(STATE), tag: 'pickle' },
    { bytes: pickle(STATE, 4), tag: 'pickle' },
    { bytes: safe.subarray(8, 8 + Number(safe.readBigUInt64LE())), json: 'whole', tag: 'header' },
    { bytes: Buffer.from(JSON.stringify({ weight_map: { a: '1.bin', b: '1.bin' } })), json: 'whole', tag: 'index' },
    { bytes: written, tag: 'shard' },
  ];
  // What is sound is broken more often: of what means harm most is refused at once.
  return [...sound, ...sound, ...sound, ...sound, ...hostile()];
}

/** Those that mean harm, where they are. */
function hostile(): Seed[] {
  const root = fileURLToPath(new URL('../../../..', import.meta.url));
  const folder = join(root, process.env.SYNCLR_INTERCHANGE ?? '../shared/reference/interchange', 'hostile');
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => /\.(pth|safetensors)$/.test(name));
  return names.map((name) => ({ bytes: readFileSync(join(folder, name)), tag: 'file' }));
}

const weights: Target = {
  name: 'weights',
  async open() {
    const scratch = new Scratch();
    const all = await seeds(scratch.dir);
    const readAll = async (path: string) => {
      const opened = await openWeights(path);
      for (const [group, tensors] of opened.groups)
        for (const name of tensors.keys()) {
          const { data, shape } = (await opened.read(group, [name])).get(name)!;
          if (data.length !== shape.reduce((n, side) => n * side, 1) && !(data instanceof Float32Array))
            throw new Error(`${name}: ${data.length} numbers of [${shape}]`);
        }
    };
    scratch.put('1.bin', all[1].bytes);
    return {
      seeds: all,
      async parse(bytes, tag) {
        if (tag === 'pickle') {
          const path = join(scratch.dir, 'x.pth');
          const record = (name: string, piece: Uint8Array) => ({ name: `x/${name}`, pieces: [piece] });
          const storages = [record('data/0', bytesOf(NUMBERS)), record('data/1', bytesOf(LONGS))];
          await writeZip(path, [record('data.pkl', bytes), ...storages]);
          return readAll(path);
        }
        if (tag === 'header') {
          const length = Buffer.alloc(8);
          length.writeBigUInt64LE(BigInt(bytes.length));
          return readAll(scratch.put('x.safetensors', Buffer.concat([length, bytes, Buffer.alloc(30)])));
        }
        if (tag === 'index') return readAll(scratch.put('model.safetensors.index.json', bytes));
        if (tag !== 'shard') return readAll(scratch.put('x.pth', bytes));
        scratch.put('1.bin', bytes);
        try {
          scratch.put('model.safetensors.index.json', JSON.stringify({ weight_map: { a: '1.bin', b: '1.bin' } }));
          await readAll(join(scratch.dir, 'model.safetensors.index.json'));
        } finally {
          scratch.put('1.bin', all[1].bytes);
        }
      },
    };
  },
};

export const TARGETS: readonly Target[] = [weights];
