import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';
import { UserError } from '../../errors.js';
import { ByteCursor } from '../../formats/byte-cursor.js';
import { DamagedFile } from '../../formats/damaged.js';
import { NumpyArray, numpyGlobals } from '../../formats/numpy-pickle.js';
import { readPickle } from '../../formats/pickle.js';
import { Dict, FileBytes, List, MadeBytes, type PickleValue } from '../../formats/pickle-values.js';
import { readStored } from '../../formats/stored-read.js';
import { type RecordFile, readStretch } from '../record-split.js';

/**
 * CIFAR's Python version: pickled dictionaries with an array of pixels. Read as data: nothing but numpy's arrays is
 * known.
 */

const PIXELS = 3072;
/** An array whose bytes are written as text is held in memory, up to so many bytes. */
const MOST_HELD = 2 ** 28;

/** Pictures and classes of one batch. @param labels its key @throws UserError naming what it lacks; DamagedFile */
export async function cifarBatch(
  path: string,
  name: string,
  handle: FileHandle,
  labels: string,
): Promise<{ file: RecordFile; labels: Int32Array }> {
  const { size, mtimeMs } = await handle.stat();
  const entries = dictionary(path, handle.fd, size);
  const list = entries.get(labels);
  if (!(list instanceof List)) throw new UserError(`${path}: no list of ${labels}: is it a batch of CIFAR?`);
  const classes = Int32Array.from(list.items, (v, i) => {
    if (typeof v !== 'number' || !Number.isSafeInteger(v)) throw new UserError(`${path}: ${labels}[${i}] is no number`);
    return v;
  });
  const array = entries.get('data');
  const tensor = array instanceof NumpyArray ? array.tensor : undefined;
  if (tensor?.dtype !== 'U8' || tensor.shape.length !== 2 || tensor.shape[1] !== PIXELS)
    throw new UserError(`${path}: "data" is no array of bytes [n, ${PIXELS}]`);
  const [count] = tensor.shape;
  if (count !== classes.length) throw new UserError(`${path}: ${classes.length} labels for ${count} pictures`);
  const { source } = tensor;
  let record: RecordFile['record'];
  // Python 2 wrote bytes as texts, as they are.
  if (source instanceof FileBytes && ['raw', 'text'].includes(source.form) && tensor.isContiguous) {
    const from = source.at + tensor.offset;
    record = (k) => readStretch(handle, path, from + k * PIXELS, PIXELS);
  } else {
    if (tensor.numel > MOST_HELD) throw new UserError(`${path}: ${tensor.numel} bytes of pixels as text are too many`);
    const { data } = await readStored(handle, path, 'data', tensor);
    record = async (k) => (data as Uint8Array).subarray(k * PIXELS, (k + 1) * PIXELS);
  }
  return { file: { name, size, modified: mtimeMs, count, record }, labels: classes };
}

/** Names of classes. @param key of their list */
export async function cifarNames(path: string, key: string): Promise<string[]> {
  const handle = await open(path, 'r');
  try {
    const list = dictionary(path, handle.fd, (await handle.stat()).size).get(key);
    const names = list instanceof List ? list.items.map(text) : [];
    if (names.length === 0 || names.includes(undefined)) throw new UserError(`${path}: no list of ${key}`);
    return names as string[];
  } finally {
    await handle.close();
  }
}

function dictionary(path: string, fd: number, size: number): Map<string, PickleValue> {
  const globals = numpyGlobals(path);
  let value: PickleValue;
  try {
    value = readPickle(new ByteCursor(fd, path, 0, size), {
      needed: 'a batch of CIFAR needs',
      global: (module, name) => globals.get(`${module}.${name}`),
      persistent: () => {
        throw new UserError(`${path}: refers to what is kept elsewhere: no batch of CIFAR`);
      },
    });
  } catch (e) {
    if (!(e instanceof DamagedFile)) throw e;
    throw new DamagedFile(e.message.replace('not a sound torch checkpoint', 'not a sound batch of CIFAR'));
  }
  if (!(value instanceof Dict)) throw new UserError(`${path}: no dictionary: is it a batch of CIFAR?`);
  return new Map([...value.entries].flatMap(([k, v]) => (text(k) === undefined ? [] : [[text(k)!, v] as const])));
}

/** A text, or bytes that are one. */
function text(value: PickleValue): string | undefined {
  if (typeof value === 'string') return value;
  return value instanceof MadeBytes ? Buffer.from(value.bytes).toString('latin1') : undefined;
}
