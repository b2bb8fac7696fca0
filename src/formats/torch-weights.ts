import type { FileHandle } from 'node:fs/promises';
import { UserError } from '../errors.js';
import { cutAtWord } from '../printable.js';
import { NumpyArray } from './numpy-pickle.js';
import { Dict, List, Opaque, type PickleValue } from './pickle-values.js';
import type { SafeTensor } from './safetensors.js';
import { readStored } from './stored-read.js';
import { damaged, StoredTensor } from './stored-tensor.js';
import { readTorchLegacy } from './torch-legacy.js';
import { readTorchZip } from './torch-zip.js';
import { type Opened, openUnchanged } from './unchanged.js';
import type { TensorInfo, WeightsFile } from './weights-file.js';

/** Checkpoints of torch.save as weights: their dictionaries of tensors by path, and the short values beside them. */

/** Dictionaries and lists within each other. */
const MOST_DEPTH = 64;
/** Entries that are looked at: a dictionary that many others share is looked at as often. */
const MOST_ENTRIES = 1 << 20;
/** Longest path or name of a tensor, characters. */
const LONGEST_PATH = 512;
const MOST_VALUES = 10_000;
/** Longest text among the values, characters. */
const LONGEST_VALUE = 1000;
/** Lists of plain values that are longer are data. */
const LONGEST_LIST = 16;
/** Tensors may share storages; all that are in a file may together have so many times its bytes, as tied weights have. */
const MOST_TIMES = 16;
const SPARE = 1 << 20;

/** Opens a checkpoint that `torch.save` wrote, as a zip archive or as the older stream, or a plain pickle of arrays. */
export async function openTorchWeights(path: string, isZip: boolean): Promise<WeightsFile> {
  const opened = await openUnchanged(path);
  try {
    const { handle, size } = opened;
    const { value, format } = await pickled(handle, path, size, isZip);
    const found = new Collector(path, size);
    found.collect(value);
    return new TorchWeights(path, format, found, opened);
  } finally {
    await opened.handle.close();
  }
}

async function pickled(
  handle: FileHandle,
  path: string,
  size: number,
  isZip: boolean,
): Promise<{ value: PickleValue; format: string }> {
  if (isZip) return { value: await readTorchZip(handle, path, size), format: 'torch zip' };
  const { value, isPlain } = await readTorchLegacy(handle, path, size);
  return { value, format: isPlain ? 'pickle' : 'torch legacy' };
}

class TorchWeights implements WeightsFile {
  readonly format: string;
  readonly path: string;
  readonly groups: ReadonlyMap<string, ReadonlyMap<string, TensorInfo>>;
  readonly values: WeightsFile['values'];
  readonly metadata = {};
  private readonly tensors: ReadonlyMap<string, ReadonlyMap<string, StoredTensor>>;
  private readonly opened: Opened;

  constructor(path: string, format: string, found: Collector, opened: Opened) {
    this.path = path;
    this.format = format;
    this.tensors = found.groups;
    this.groups = found.groups;
    this.values = found.values;
    this.opened = opened;
  }

  async read(group: string, names: Iterable<string>): Promise<Map<string, SafeTensor>> {
    const found = this.tensors.get(group);
    const { handle } = await openUnchanged(this.path, this.opened);
    try {
      const read = new Map<string, SafeTensor>();
      for (const name of names) {
        const tensor = found?.get(name);
        if (!tensor) throw new UserError(`${this.path}: no tensor ${cutAtWord(name, LONGEST_PATH)}${inGroup(group)}`);
        read.set(name, await readStored(handle, this.path, name, tensor));
      }
      return read;
    } finally {
      await handle.close();
    }
  }
}

const inGroup = (group: string): string => (group === '' ? '' : ` in ${cutAtWord(group, LONGEST_PATH)}`);

/** Goes through what a pickle holds. */
class Collector {
  readonly groups = new Map<string, Map<string, StoredTensor>>();
  readonly values = new Map<string, string | number | boolean | null>();
  private readonly file: string;
  private readonly most: number;
  private entries = 0;
  private bytes = 0;
  /** What is being looked at, from outside in. */
  private readonly open = new Set<PickleValue>();

  constructor(file: string, size: number) {
    this.file = file;
    this.most = MOST_TIMES * size + SPARE;
  }

  /** @throws UserError where there is no tensor in it, or it has no end */
  collect(root: PickleValue): void {
    const tensor = tensorOf(root);
    if (tensor) this.addTensor('', 'tensor', tensor);
    else if (root instanceof Dict || root instanceof List) this.look('', root);
    if (this.groups.size === 0) throw new UserError(`${this.file}: holds no tensors`);
  }

  private look(path: string, container: Dict | List): void {
    if (this.open.has(container)) throw damaged(this.file, `${nameOf(path)} contains itself`);
    if (this.open.size >= MOST_DEPTH)
      throw damaged(this.file, `${nameOf(path.slice(0, SHOWN))} is nested more than ${MOST_DEPTH} deep`);
    this.open.add(container);
    const isLong = container instanceof List && container.items.length > LONGEST_LIST;
    for (const [key, value] of entriesOf(container)) {
      if (++this.entries > MOST_ENTRIES)
        throw new UserError(`${this.file}: more than ${MOST_ENTRIES} entries, more than a checkpoint has`);
      if (typeof key === 'object') continue;
      const name = String(key);
      const tensor = tensorOf(value);
      if (tensor) this.addTensor(path, name, tensor);
      else if (value instanceof Dict || value instanceof List) this.look(path === '' ? name : `${path}.${name}`, value);
      else if (!isLong) this.addValue(path === '' ? name : `${path}.${name}`, value);
    }
    this.open.delete(container);
  }

  private addTensor(group: string, name: string, tensor: StoredTensor): void {
    if (name.length > LONGEST_PATH || group.length > LONGEST_PATH)
      throw damaged(this.file, `a tensor's name of more than ${LONGEST_PATH} characters`);
    const bytes = tensor.numel * tensor.itemBytes;
    this.bytes += Math.max(bytes, tensor.extent * tensor.itemBytes);
    if (this.bytes > this.most)
      throw damaged(
        this.file,
        `tensor ${name}${inGroup(group)} [${cutAtWord(tensor.shape.join(', '), SHOWN)}]: the tensors have far more bytes than the file`,
      );
    const found = this.groups.get(group) ?? new Map<string, StoredTensor>();
    if (found.has(name)) throw damaged(this.file, `two tensors are called ${name}${inGroup(group)}`);
    found.set(name, tensor);
    this.groups.set(group, found);
  }

  private addValue(path: string, value: PickleValue): void {
    const plain = plainOf(value);
    const isShort = typeof plain !== 'string' || plain.length <= LONGEST_VALUE;
    if (plain !== undefined && isShort && path.length <= LONGEST_PATH && this.values.size < MOST_VALUES)
      this.values.set(path, plain);
  }
}

const SHOWN = 80;
const nameOf = (path: string): string => (path === '' ? 'what it holds' : cutAtWord(path, SHOWN));

function* entriesOf(container: Dict | List): Iterable<[PickleValue, PickleValue]> {
  if (container instanceof Dict) yield* container.entries;
  else yield* container.items.entries();
}

function tensorOf(value: PickleValue): StoredTensor | undefined {
  if (value instanceof StoredTensor) return value;
  return value instanceof NumpyArray ? value.tensor : undefined;
}

/** A value that is a text, a number or the like; paths as text. */
function plainOf(value: PickleValue): string | number | boolean | null | undefined {
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Opaque && value.kind.startsWith('pathlib.')) return pathOf(value.items);
  return typeof value === 'object' && value !== null ? undefined : value;
}

/** Parts of a path at most. */
const MOST_PARTS = 64;

function pathOf(parts: readonly PickleValue[]): string | undefined {
  let length = 0;
  for (const part of parts.slice(0, MOST_PARTS)) length += typeof part === 'string' ? part.length : Infinity;
  return parts.length > MOST_PARTS || length > LONGEST_VALUE ? undefined : parts.join('/').replace(/^\/\//, '/');
}
