import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { sha256File } from '../../files/digest.js';
import { isOnnxData } from '../../formats/onnx-data.js';
import { type DiffusionFolder, readFolder } from './folder.js';

/** Of files hashed before: their content's hash, by path, size and time of change. */
const known = new Map<string, Promise<string>>();

/**
 * What identifies a model's content: 16 hex digits of the SHA-256 over the names, relative and sorted, and contents of the files that a
 * painter loads. Where the folder lies does not matter. Files are hashed once a process, as long as they do not change.
 * @throws UserError when the folder is no diffusion folder
 */
export async function modelDigest(folder: string | DiffusionFolder): Promise<string> {
  const read = typeof folder === 'string' ? await readFolder(folder) : folder;
  const hash = createHash('sha256');
  for (const name of await loadedFiles(read)) hash.update(`${name} ${await contentHash(join(read.root, name))}\n`);
  return hash.digest('hex').slice(0, 16);
}

/** The files that a painter loads, relative to the folder, with `/`, sorted by code units. */
async function loadedFiles(folder: DiffusionFolder): Promise<string[]> {
  const files = ['model_index.json', relative(folder.root, folder.schedulerFile)];
  for (const dir of folder.tokenizers)
    for (const f of await readdir(dir)) if (/\.(json|txt)$/.test(f)) files.push(relative(folder.root, join(dir, f)));
  for (const part of [...folder.textEncoders, folder.denoiser, folder.decoder]) {
    const dir = dirname(part.file);
    const model = basename(part.file);
    const entries = (await readdir(dir, { withFileTypes: true })).filter((f) => !f.isDirectory());
    const names = entries.map((f) => f.name);
    for (const name of names)
      if (name === model || name === 'config.json' || isOnnxData(name, names, model))
        files.push(relative(folder.root, join(dir, name)));
  }
  return files.map((f) => f.split(sep).join('/')).sort();
}

async function contentHash(file: string): Promise<string> {
  const { size, mtimeMs } = await stat(file);
  const key = `${file} ${size} ${mtimeMs}`;
  let hash = known.get(key);
  if (!hash) {
    hash = sha256File(file);
    known.set(key, hash);
    hash.catch(() => known.delete(key));
  }
  return hash;
}
