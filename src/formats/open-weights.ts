import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../errors.js';
import { DamagedFile } from './damaged.js';
import { openSafetensorsWeights } from './safetensors-weights.js';
import { openShardedWeights } from './sharded-weights.js';
import { openUnchanged } from './unchanged.js';
import { weightsAmong } from './weight-names.js';
import type { WeightsFile } from './weights-file.js';

/**
 * Opens weights of whichever format: safetensors, a set of shards by its index, what torch.save wrote (zip archive or older stream). Formats are
 * told by the first bytes, not by the name. Nothing in a file is executed, and no more memory is used than its size justifies.
 * @param path a file, or a folder that holds one by a usual name (or only one)
 * @throws UserError or DamagedFile, one line: the file, what is wrong and where
 */
export async function openWeights(path: string): Promise<WeightsFile> {
  return openFile((await stat(path)).isDirectory() ? await weightsIn(path) : path);
}

async function openFile(path: string, { isShard = false } = {}): Promise<WeightsFile> {
  const { head, size } = await firstBytes(path);
  if (size === 0) throw new DamagedFile(`${path}: empty`);
  const text = head.toString('latin1');
  if (text.startsWith('PK\x03\x04') || text.startsWith('PK\x05\x06')) return openTorch(path, true);
  const isText = /^(?:\xef\xbb\xbf|[\s\x20-\x7e]{8})/.test(text);
  // A length of eight bytes, then JSON. The length may begin as JSON does, and is no text to its end.
  if (head[8] === 0x7b && !isText) return openSafetensorsWeights(path);
  // An index has this ending wherever it comes from; other text may begin so, too.
  if (/^(?:\xef\xbb\xbf)?\s*\{/.test(text) && isText && !isShard && /\.json$/i.test(path))
    return openShardedWeights(path, (shard) => openFile(shard, { isShard: true }));
  const other = OTHERS.find(([begins]) => begins.some((b) => text.trimStart().startsWith(b)));
  if (other) throw new UserError(`${path}: ${other[1]}`);
  if (isPickle(head)) return openTorch(path, false);
  if (/\.safetensors$/i.test(path)) return openSafetensorsWeights(path);
  throw new UserError(`${path}: no weights: neither safetensors, nor what torch.save writes, nor an index of shards`);
}

/** Zip archives, pickles and their storages are loaded where they are met. */
async function openTorch(path: string, isZip: boolean): Promise<WeightsFile> {
  const { openTorchWeights } = await import('./torch-weights.js');
  return openTorchWeights(path, isZip);
}

/** What people take for weights, by its first bytes. */
const OTHERS: readonly (readonly [begins: readonly string[], what: string])[] = [
  [['version https://git-lfs'], 'a pointer of Git LFS in place of the file: fetch the file itself (git lfs pull)'],
  [['<'], 'a web page in place of the file: download the file itself'],
  [['\x89HDF'], 'an HDF5 file (Keras), which is not read: save the weights as safetensors'],
  [['GGUF'], 'a GGUF file, which is not read: take the model as safetensors'],
  [['\x93NUMPY'], 'a single numpy array, no weights of a model'],
  [['\x1f\x8b', 'BZh', '\xfd7zXZ', '7z\xbc\xaf', '\x28\xb5\x2f\xfd'], 'a packed archive: unpack it first'],
];

/** A pickle of protocol 2 and later says so; earlier ones begin with a text instruction. */
function isPickle(head: Buffer): boolean {
  return (head[0] === 0x80 && head[1] <= 5) || /^[(}\]cLI]/.test(head.toString('latin1', 0, 1));
}

async function firstBytes(path: string): Promise<{ head: Buffer; size: number }> {
  const { handle, size } = await openUnchanged(path);
  try {
    const head = Buffer.alloc(Math.min(64, size));
    const { bytesRead } = await handle.read(head, 0, head.length, 0);
    return { head: head.subarray(0, bytesRead), size };
  } finally {
    await handle.close();
  }
}

async function weightsIn(folder: string): Promise<string> {
  const found = weightsAmong(await readdir(folder));
  if (found.length === 1) return join(folder, found[0]);
  if (found.length === 0) throw new UserError(`${folder}: no weights in this folder (e.g. model.safetensors)`);
  const some = `${found.slice(0, 5).join(', ')}${found.length > 5 ? ', …' : ''}`;
  throw new UserError(`${folder}: several files of weights, name one of them: ${some}`);
}
