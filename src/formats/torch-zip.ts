import type { FileHandle } from 'node:fs/promises';
import { fromFdPromise } from 'yauzl';
import { codeOf, UserError } from '../errors.js';
import { cutAtWord } from '../printable.js';
import { ByteCursor } from './byte-cursor.js';
import { DamagedFile } from './damaged.js';
import { readPickle } from './pickle.js';
import type { PickleValue } from './pickle-values.js';
import { damaged, type Place } from './stored-tensor.js';
import { TorchPickle } from './torch-pickle.js';

/**
 * The zip archives of torch.save: `ROOT/data.pkl` and the storages `ROOT/data/KEY`, stored without compression, so that a tensor is a stretch of
 * the file. CRC-32 is not compared: torch reads files whose sums are wrong, and can be told to write none (`set_crc32_options(False)`).
 */

/** A record: where its bytes lie. */
interface StoredRecord extends Place {
  at: number;
  isCompressed: boolean;
}

const SHOWN = 80;
/** Records of an archive; the largest models have some thousands. */
const MOST_RECORDS = 1 << 17;

/** Reads what a checkpoint's pickle says; its tensors' places are in the file. @param size of the file */
export async function readTorchZip(handle: FileHandle, file: string, size: number): Promise<PickleValue> {
  const records = await recordsOf(handle, file, size);
  const pickles = [...records.keys()].filter((name) => /^(?:.*\/)?data\.pkl$/.test(name));
  if (pickles.length === 0)
    throw new UserError(`${file}: a zip archive without data.pkl: no checkpoint that torch.save wrote`);
  if (pickles.length > 1)
    throw damaged(
      file,
      `it has ${pickles
        .map((name) => cutAtWord(name, SHOWN))
        .slice(0, 3)
        .join(' and ')}`,
    );
  const root = pickles[0].slice(0, -'data.pkl'.length);
  if (records.has(`${root}constants.pkl`))
    throw new UserError(`${file}: a TorchScript program, which is code: save its state_dict by torch.save instead`);
  requireStored(file, records);
  await requireLittleEndian(handle, file, records.get(`${root}byteorder`));

  const find = (key: string, bytes: number): Place => {
    const name = `${root}data/${key}`;
    const record = records.get(name);
    if (!record) throw damaged(file, `its pickle refers to the record ${cutAtWord(name, SHOWN)}, which is not in it`);
    if (record.bytes !== bytes)
      throw damaged(
        file,
        `storage ${cutAtWord(name, SHOWN)} should have ${bytes} bytes, its record has ${record.bytes}`,
      );
    return record;
  };
  const pickle = records.get(pickles[0])!;
  const cursor = new ByteCursor(handle.fd, file, pickle.at, pickle.at + pickle.bytes);
  return readPickle(cursor, new TorchPickle(file, find));
}

async function requireLittleEndian(handle: FileHandle, file: string, record: StoredRecord | undefined): Promise<void> {
  if (!record) return;
  const said = Buffer.alloc(Math.min(record.bytes, 16));
  await handle.read(said, 0, said.length, record.at);
  const order = said.toString('latin1').trim();
  if (order === 'big') throw new UserError(`${file}: its numbers are big-endian (byteorder), which is not read`);
  if (order !== 'little') throw damaged(file, `its byteorder is ${JSON.stringify(order)}`);
}

/** All records by name, none twice, together no larger than the file. */
async function recordsOf(handle: FileHandle, file: string, size: number): Promise<Map<string, StoredRecord>> {
  try {
    // Not closed: that would close the handle, which is the caller's.
    const zip = await fromFdPromise(handle.fd, { autoClose: false });
    if (zip.entryCount > MOST_RECORDS) throw damaged(file, `${zip.entryCount} records, more than a checkpoint has`);
    const records = new Map<string, StoredRecord>();
    let bytes = 0;
    for await (const entry of zip.eachEntry()) {
      const name = entry.fileName;
      if (name.endsWith('/')) continue;
      if (entry.isEncrypted()) throw damaged(file, `the record ${cutAtWord(name, SHOWN)} is encrypted`);
      if (records.has(name)) throw damaged(file, `the record ${cutAtWord(name, SHOWN)} is in it twice`);
      bytes += entry.compressedSize;
      if (bytes > size) throw damaged(file, 'its records are larger than the file: they overlap');
      const { fileDataStart: at } = await zip.readLocalFileHeaderPromise(entry, { minimal: true });
      if (at + entry.compressedSize > size) throw damaged(file, `the record ${cutAtWord(name, SHOWN)} is cut off`);
      records.set(name, { at, bytes: entry.compressedSize, isCompressed: entry.compressionMethod !== 0 });
    }
    return records;
  } catch (e) {
    throw asRefusal(file, e);
  }
}

function requireStored(file: string, records: ReadonlyMap<string, StoredRecord>): void {
  for (const [name, { isCompressed }] of records)
    if (isCompressed)
      throw damaged(
        file,
        `the record ${cutAtWord(name, SHOWN)} is compressed, as torch never does: save the checkpoint again by torch.save`,
      );
}

/** What the zip reader says of a file; the system's errors, and ours, are what they are. */
function asRefusal(file: string, e: unknown): unknown {
  if (e instanceof UserError || !(e instanceof Error) || e.constructor !== Error || codeOf(e) !== undefined) return e;
  if (/end of central directory/i.test(e.message))
    return new DamagedFile(`${file}: truncated: it begins as a zip archive and has no directory of records at its end`);
  return damaged(file, `no sound zip archive: ${e.message}`);
}
