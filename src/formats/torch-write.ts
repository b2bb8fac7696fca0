import type { SafeTensor } from './safetensors.js';
import type { SafeDType } from './safetensors-header.js';
import { contiguousStrides } from './stored-tensor.js';
import { STORAGES } from './torch-types.js';
import { writeZip, type ZipRecord } from './zip-write.js';

/** What `torch.load(file, weights_only=True)` reads: a dictionary of tensors, each over a storage of its own. */

/** Storages begin at multiples of it, as torch writes them since 2.1, so that they can be mapped. */
const ALIGNMENT = 64;
const ROOT = 'archive';

/**
 * Writes a state dict as `torch.save` does: a zip archive of stored records. The same tensors in the same order give the same bytes.
 * @param o.under the key of a dictionary that holds the state dict, and nothing else; default: the state dict alone
 * @throws UserError when the disk is full
 */
export async function writeTorch(
  file: string,
  tensors: ReadonlyMap<string, SafeTensor>,
  o: { under?: string } = {},
): Promise<void> {
  const text = (said: string) => [Buffer.from(said)];
  const records: ZipRecord[] = [
    { name: `${ROOT}/data.pkl`, pieces: [pickled(tensors, o.under)] },
    { name: `${ROOT}/.format_version`, pieces: text('1') },
    { name: `${ROOT}/.storage_alignment`, pieces: text(`${ALIGNMENT}`) },
    { name: `${ROOT}/byteorder`, pieces: text('little') },
  ];
  for (const [i, { data }] of [...tensors.values()].entries())
    records.push({
      name: `${ROOT}/data/${i}`,
      pieces: [new Uint8Array(data.buffer, data.byteOffset, data.byteLength)],
    });
  records.push({ name: `${ROOT}/version`, pieces: text('3\n') });
  await writeZip(file, records, { alignment: ALIGNMENT });
}

const TYPE_NAMES = new Map([...STORAGES].flatMap(([name, [dtype]]) => (dtype === undefined ? [] : [[dtype, name]])));

function pickled(tensors: ReadonlyMap<string, SafeTensor>, under?: string): Buffer {
  const dict = stateDict(tensors);
  const [before, after] = under === undefined ? [[], '.'] : [[Buffer.from('}'), unicode(under)], 's.'];
  return Buffer.concat([Buffer.from('\x80\x02', 'latin1'), ...before, dict, Buffer.from(after)]);
}

/** Protocol 2: an OrderedDict of `_rebuild_tensor_v2(storage, 0, size, stride, False, OrderedDict())`. */
function stateDict(tensors: ReadonlyMap<string, SafeTensor>): Buffer {
  const parts: Buffer[] = [ORDERED, Buffer.from(')R(')];
  for (const [i, [name, { dtype, shape }]] of [...tensors].entries()) {
    const storage = storageName(dtype);
    parts.push(unicode(name), global('torch._utils', '_rebuild_tensor_v2'), OPEN);
    parts.push(OPEN, unicode('storage'), global('torch', storage), unicode(`${i}`), unicode('cpu'));
    parts.push(
      whole(shape.reduce((n, side) => n * side, 1)),
      Buffer.from('tQ'),
      whole(0),
      tuple(shape),
      tuple(contiguousStrides(shape)),
    );
    parts.push(Buffer.from('\x89', 'latin1'), ORDERED, Buffer.from(')RtR'));
  }
  return Buffer.concat([...parts, Buffer.from('u')]);
}

function storageName(dtype: SafeDType): string {
  const name = TYPE_NAMES.get(dtype);
  if (name === undefined) throw new Error(`internal: no torch storage for ${dtype}`);
  return name;
}

const OPEN = Buffer.from('(');
const global = (module: string, name: string): Buffer => Buffer.from(`c${module}\n${name}\n`);
const ORDERED = global('collections', 'OrderedDict');

function unicode(said: string): Buffer {
  const bytes = Buffer.from(said);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  return Buffer.concat([Buffer.from('X'), length, bytes]);
}

const tuple = (numbers: readonly number[]): Buffer => Buffer.concat([OPEN, ...numbers.map(whole), Buffer.from('t')]);

/** A whole number from 0 to 2^53: four bytes, else as many as eight, least significant first. */
function whole(value: number): Buffer {
  const out = Buffer.alloc(value < 2 ** 31 ? 5 : 10);
  if (value < 2 ** 31) {
    out.write('J');
    out.writeInt32LE(value, 1);
  } else {
    out.write('\x8a\x08', 'latin1');
    out.writeBigUInt64LE(BigInt(value), 2);
  }
  return out;
}
