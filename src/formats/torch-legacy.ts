import type { FileHandle } from 'node:fs/promises';
import { UserError } from '../errors.js';
import { cutAtWord } from '../printable.js';
import { ByteCursor } from './byte-cursor.js';
import { readPickle } from './pickle.js';
import { Dict, List, type PickleValue } from './pickle-values.js';
import { damaged, type Place } from './stored-tensor.js';
import { TorchPickle } from './torch-pickle.js';

/**
 * What torch.save wrote before version 1.6: five pickles in a row (a magic number, the protocol, the machine's types, the object, the keys of
 * the storages), then of each storage the count of its numbers and its bytes. A file whose first pickle is no such number is a plain pickle.
 */

const MAGIC = 0x1950a86a20f9469cfc6cn;
const PROTOCOL = 1001;
/** Longest part of a key that a message repeats, characters. */
const SHOWN = 80;

/** A storage that the pickle refers to. */
interface Listed extends Place {
  itemBytes: number;
}

/** @returns what it holds, and whether it is torch's stream or a plain pickle */
export async function readTorchLegacy(
  handle: FileHandle,
  file: string,
  size: number,
): Promise<{ value: PickleValue; isPlain: boolean }> {
  const cursor = new ByteCursor(handle.fd, file, 0, size);
  const storages = new Map<string, Listed>();
  const world = new TorchPickle(file, (key, bytes, itemBytes) => {
    const known = storages.get(key);
    if (known && known.bytes !== bytes)
      throw damaged(file, `storage ${cutAtWord(key, SHOWN)} is said to have ${known.bytes} bytes, and ${bytes}`);
    // What lies behind the pickle cannot be more than the file.
    if (bytes > size) throw damaged(file, `storage ${cutAtWord(key, SHOWN)} of ${bytes} bytes, the file has ${size}`);
    if (known) return known;
    const place: Listed = { bytes, itemBytes };
    storages.set(key, place);
    return place;
  });
  const first = readPickle(cursor, world);
  if (first !== MAGIC) {
    if (storages.size > 0) throw damaged(file, 'a pickle that refers to storages, and has none');
    return { value: first, isPlain: true };
  }
  if (readPickle(cursor, world) !== PROTOCOL) throw damaged(file, 'its protocol is not known');
  const machine = readPickle(cursor, world);
  if (machine instanceof Dict && machine.entries.get('little_endian') === false)
    throw new UserError(`${file}: its numbers are big-endian, which is not read`);
  const value = readPickle(cursor, world);
  const keys = readPickle(cursor, world);
  if (!(keys instanceof List)) throw damaged(file, 'no list of storages behind its pickle');
  locate(cursor, keys.items, storages);
  return { value, isPlain: false };
}

/** Finds the places of the storages, in the order of their keys. */
function locate(cursor: ByteCursor, keys: readonly PickleValue[], storages: ReadonlyMap<string, Listed>): void {
  const { file } = cursor;
  for (const key of keys) {
    const place = typeof key === 'string' ? storages.get(key) : undefined;
    const shown = typeof key === 'string' ? cutAtWord(key, SHOWN) : 'without a name';
    if (!place) throw damaged(file, `storage ${shown} is listed, and nothing refers to it`);
    if (place.at !== undefined) throw damaged(file, `storage ${shown} is listed twice`);
    if (cursor.left < 8 + place.bytes) throw damaged(file, `truncated in storage ${shown}`);
    const count = cursor.take(8).readBigInt64LE();
    if (count * BigInt(place.itemBytes) !== BigInt(place.bytes))
      throw damaged(file, `storage ${shown} has ${count} numbers, ${place.bytes / place.itemBytes} were said`);
    place.at = cursor.skip(place.bytes);
  }
  for (const [key, place] of storages)
    if (place.at === undefined)
      throw damaged(file, `its pickle refers to storage ${cutAtWord(key, SHOWN)}, which does not follow`);
}
