import { type FileHandle, lstat, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { ENCODER_WEIGHTS } from '../config/names.js';
import { codeOf, UserError } from '../errors.js';
import { removeFile } from '../files/remove.js';
import { type FileKind, isOfKind } from '../files/replace.js';
import { isTemporary, removeTemporaries } from '../files/temporary.js';
import { fillFileAtomic, moveFileSync, syncFolder, writeFileAtomic } from '../files/write.js';
import { DamagedFile } from '../formats/damaged.js';
import { checked, isObject, readJson } from '../formats/json.js';
import { npyHeader } from '../probe/npy.js';
import { PhotoList, type PhotoRow } from './photo-list.js';
import { HEADER_BYTES, openVectors, type Vectors } from './vectors.js';

/**
 * The files of an index: `index.json` says what it is, `vectors.npy` has a vector of length 1 a photo, `photos.jsonl` a line a photo, and
 * `codes.bin` what follows from the vectors. The three belong together by `generation`: new ones are written as `vectors.7.npy` and
 * `photos.7.jsonl`, count from the moment that index.json says 7, and then take their plain names. So an index is the old or the new one
 * whatever is killed, and whoever reads it meanwhile has three that belong together.
 */
export const INDEX = 'index.json';
export const VECTORS = 'vectors.npy';
export const PHOTOS = 'photos.jsonl';
export const CODES = 'codes.bin';
const LOCK = '.lock';

const numbers = z.tuple([z.number(), z.number(), z.number()]);

const indexSchema = z.object({
  format: z.literal('synclr-index'),
  version: z.literal(1, { error: 'made by another version of synclr: make the index anew (synclr index --rebuild)' }),
  /** Version that wrote it. */
  synclr: z.string(),
  generation: z.int().positive(),
  /** The folder of photos, from the index's own folder, with `/`. */
  photos: z.string().min(1),
  count: z.int().positive(),
  dim: z.int().positive().max(65_536),
  /** False where indexing was stopped: photos are missing. */
  complete: z.boolean(),
  created: z.string(),
  updated: z.string(),
  encoder: z.object({
    /** As `photos`. */
    path: z.string().min(1),
    weights: z.enum(ENCODER_WEIGHTS).optional(),
    /** Of somebody else's, where nothing beside its weights says them. */
    heads: z.int().positive().optional(),
    hash: z.string(),
    preprocessing: z.looseObject({ size: z.int().positive(), mean: numbers, std: numbers }),
  }),
  /** Of a run's encoder: how captions are written and painted, for queries in words. */
  painting: z.record(z.string(), z.unknown()).optional(),
});

/** `index.json`. */
export type IndexJson = z.output<typeof indexSchema>;

const pending = (name: string, generation: number): string => name.replace('.', `.${generation}.`);
const PENDING = /^(?:vectors\.(\d+)\.npy|photos\.(\d+)\.jsonl)$/;

/** An index's files, open for reading. */
export interface IndexFiles {
  dir: string;
  json: IndexJson;
  vectors: Vectors;
  /** When the file of vectors was written. */
  modified: number;
  photos: PhotoList;
  close(): Promise<void>;
}

/** What a folder's index.json says; undefined where there is none. @throws UserError where it is none of ours, or damaged */
export async function readIndexJson(dir: string): Promise<IndexJson | undefined> {
  const path = join(dir, INDEX);
  try {
    const value = await readJson(path);
    if (!isObject(value) || value.format !== 'synclr-index')
      throw new UserError(`${path} is no index of synclr's: choose another folder`);
    return checked(value, indexSchema, path);
  } catch (e) {
    if (codeOf(e) === 'ENOENT' || codeOf(e) === 'ENOTDIR') return undefined;
    throw e;
  }
}

/**
 * Opens an index for reading; somebody may be updating it meanwhile.
 * @throws UserError where there is none, and where it is damaged, naming the file
 */
export async function openIndexFiles(dir: string): Promise<IndexFiles> {
  for (let attempt = 0; ; attempt++) {
    const json = await readIndexJson(dir);
    if (!json) throw await noIndex(dir);
    const files = await openFiles(dir, json).catch((e: unknown) => e as Error);
    // Only if it still is the same one do the files belong to it.
    const same = (await readIndexJson(dir))?.generation === json.generation;
    if (same && !(files instanceof Error)) return files;
    if (!(files instanceof Error)) await files.close();
    else if (same) throw codeOf(files) === 'ENOENT' ? missing(dir, files) : files;
    if (attempt === 20) throw new UserError(`${dir} is written all the time: wait until it is finished`);
    await new Promise((done) => setTimeout(done, 20));
  }
}

const missing = (dir: string, e: Error): UserError =>
  new UserError(
    `${dir}: ${(e as NodeJS.ErrnoException).path} is missing: make the index anew (synclr index --rebuild)`,
  );

async function noIndex(dir: string): Promise<UserError> {
  const at = await lstat(dir).catch(() => undefined);
  return new UserError(
    at
      ? `${dir} is no index of photos (no ${INDEX} in it): make one with synclr index PHOTOS`
      : `no such index: ${dir} (make one with synclr index PHOTOS)`,
  );
}

async function openFiles(dir: string, json: IndexJson): Promise<IndexFiles> {
  const { handle, path } = await openEither(dir, VECTORS, json.generation);
  try {
    const vectors = await openVectors(path, handle);
    if (vectors.rows !== json.count || vectors.dim !== json.dim)
      throw new DamagedFile(
        `${path} has ${vectors.rows} vectors of ${vectors.dim} numbers, ${INDEX} says ${json.count} of ${json.dim}: make the index anew (--rebuild)`,
      );
    const list = join(dir, pending(PHOTOS, json.generation));
    const photos = await PhotoList.read(list, json.count).catch((e) => {
      if (codeOf(e) !== 'ENOENT') throw e;
      return PhotoList.read(join(dir, PHOTOS), json.count);
    });
    const { mtimeMs } = await handle.stat();
    return { dir, json, vectors, modified: mtimeMs, photos, close: () => handle.close() };
  } catch (e) {
    await handle.close();
    throw e;
  }
}

/** Opens a file by the name that it has until its generation has its plain one. */
async function openEither(
  dir: string,
  name: string,
  generation: number,
): Promise<{ handle: FileHandle; path: string }> {
  for (const path of [join(dir, pending(name, generation)), join(dir, name)]) {
    try {
      return { handle: await open(path, 'r'), path };
    } catch (e) {
      if (codeOf(e) !== 'ENOENT' || path.endsWith(name)) throw e;
    }
  }
  throw new Error('internal: neither name');
}

const INDEX_KIND: FileKind = {
  what: 'an index of synclr',
  isOurs: (head) => /^\{\s*"format":\s*"synclr-index"/.test(head.toString()),
};

/**
 * Whether a folder may become an index, or is one: it is not there, holds an index, or nothing but what killed processes left of a first one.
 * @param damaged an index that cannot be read any more will do
 * @throws UserError naming what else is in it
 */
export async function refuseNoIndex(dir: string, damaged = false): Promise<void> {
  const at = await lstat(dir).catch(() => undefined);
  if (!at) return;
  if (!at.isDirectory()) throw new UserError(`${dir} is there already and is no folder: choose another with --out`);
  if (damaged && (await isOfKind(join(dir, INDEX), INDEX_KIND))) return;
  if (await readIndexJson(dir)) return;
  const other = (await readdir(dir)).find((name) => name !== LOCK && !PENDING.test(name) && !isTemporary(name));
  if (other !== undefined)
    throw new UserError(`${dir} is no index of synclr's and holds ${other}: choose a new or empty folder with --out`);
}

/** Ends what a kill cut off: files that count take their plain names, others go. By who holds the folder. */
export async function settle(dir: string): Promise<void> {
  const generation = (await readIndexJson(dir).catch(() => undefined))?.generation;
  await removeTemporaries(dir);
  for (const name of await readdir(dir)) {
    const found = PENDING.exec(name);
    if (!found) continue;
    if (Number(found[1] ?? found[2]) === generation)
      moveFileSync(join(dir, name), join(dir, found[1] === undefined ? PHOTOS : VECTORS));
    else await removeFile(join(dir, name));
  }
  await syncFolder(dir);
}

/** Takes rows of a new generation. */
export interface Rows {
  readonly count: number;
  /** @param vectors [photos.length, dim] */
  add(photos: readonly PhotoRow[], vectors: Float32Array): Promise<void>;
}

/**
 * Writes the next generation of an index whole, or leaves the old one.
 * @param json of it, but for its count and generation @param fill adds its rows, in the order of their paths
 * @returns photos in it; where there are none, the old index stays
 */
export async function writeGeneration(
  dir: string,
  json: (count: number) => Omit<IndexJson, 'count' | 'generation'>,
  dim: number,
  fill: (rows: Rows) => Promise<void>,
): Promise<number> {
  const before = await readIndexJson(dir).catch(() => undefined);
  const generation = (before?.generation ?? 0) + 1;
  let count = 0;
  try {
    await fillFileAtomic(join(dir, pending(VECTORS, generation)), (vectors) =>
      fillFileAtomic(join(dir, pending(PHOTOS, generation)), async (photos) => {
        let at = HEADER_BYTES;
        await fill({
          get count() {
            return count;
          },
          async add(rows, x) {
            const bytes = new Uint8Array(x.buffer, x.byteOffset, x.byteLength);
            for (let sent = 0; sent < bytes.length; )
              sent += (await vectors.write(bytes, sent, bytes.length - sent, at + sent)).bytesWritten;
            at += bytes.length;
            await photos.appendFile(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
            count += rows.length;
          },
        });
        const header = npyHeader([count, dim]);
        if (header.length !== HEADER_BYTES) throw new Error(`internal: a header of ${header.length} bytes`);
        await vectors.write(header, 0, HEADER_BYTES, 0);
      }),
    );
    if (count > 0) {
      const value: IndexJson = { ...json(count), count, generation };
      await writeFileAtomic(join(dir, INDEX), `${JSON.stringify(value, null, 2)}\n`);
    }
  } finally {
    await settle(dir);
  }
  return count;
}
