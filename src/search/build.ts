import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import type { EncoderWeights } from '../config/names.js';
import type { Settings } from '../config/schema.js';
import { withoutSecrets } from '../config/secrets.js';
import { encoderIsThere, isHubReference, placeFrom } from '../encoders/open-backbone.js';
import { codeOf, Interrupted, UserError } from '../errors.js';
import { makeFolder } from '../files/folders.js';
import { removeEmptyFolder } from '../files/remove.js';
import { isRun } from '../files/run-names.js';
import type { Skipped } from '../probe/decode.js';
import { type Embedder, openEmbedder } from '../probe/embedder.js';
import { othersLine, SkippedFiles } from '../probe/left-out.js';
import { type FoundPicture, walk } from '../probe/walk.js';
import { readRunConfig } from '../run/config.js';
import { FolderLock } from '../run/lock.js';
import type { ExecutorSettings } from '../runtime/open-executors.js';
import type { StageHooks } from '../stage.js';
import { VERSION } from '../version.js';
import { PICTURE_KINDS } from '../views/picture-format.js';
import {
  CODES,
  type IndexFiles,
  type IndexJson,
  openIndexFiles,
  type Rows,
  readIndexJson,
  refuseNoIndex,
  settle,
  writeGeneration,
} from './index-files.js';
import type { PhotoRow } from './photo-list.js';
import { isPlain, writeCodes } from './scan.js';
import { readRows } from './vectors.js';

export interface BuildIndexOptions {
  /** A folder of photos, with or without sub-folders. */
  photos: string;
  /** A run's folder, a checkpoint, an exported encoder, or one of other people's: a file, a folder or `hf:owner/name`. Default: the index's own. */
  encoder?: string;
  weights?: EncoderWeights;
  /** Heads of somebody else's encoder, where neither its weights nor a description say them. */
  heads?: number;
  /** The index's folder; default: that of the photos with `.index` behind its name. */
  out?: string;
  /** Embed all photos anew: with another encoder, or where the index is damaged. */
  rebuild?: boolean;
  /** What the encoder runs on; default: all cores of the CPU. */
  runtime?: ExecutorSettings;
  hooks: StageHooks;
}

export interface BuildIndexResult {
  /** The index's folder. */
  dir: string;
  /** Photos in it. */
  photos: number;
  dim: number;
  /** Photos that the encoder saw. */
  embedded: number;
  /** Photos whose vectors were there already; `moved` of them under another path. */
  kept: number;
  moved: number;
  /** Photos of before that are no longer there. */
  gone: number;
  /** Files that could not be decoded. */
  skipped: number;
}

/** Photos that are looked at together. */
const CHUNK = 256;
/** Files that are hashed at a time. */
const HASHED = 8;
/** After so long what is embedded is put into the index, milliseconds: no more than that is lost by a power cut. */
const COMMIT_EVERY = 5 * 60_000;

/** Where the index of a folder is, unless told otherwise: beside it. */
export function defaultIndex(photos: string): string {
  const bare = photos.replace(/(?<![/\\])[/\\]+$/, '');
  return /^(?:\.{0,2}|.*[/\\]\.{1,2})$/.test(bare) ? `${resolve(photos)}.index` : `${bare}.index`;
}

/**
 * Makes the index of a folder of photos, or brings it up to date: photos of the same size and time, or else of the same content, keep their
 * vectors, also under another path; new and changed ones are embedded; what is gone is dropped. Broken files are left out and named. The index
 * is the old or the new one at any time; what is embedded goes into it every five minutes and when it is asked to stop.
 * @throws UserError for a folder without photos, a folder that is no index, another encoder than the index has (unless `rebuild`), and where
 *   another process is at it; Interrupted
 */
export async function buildIndex(o: BuildIndexOptions): Promise<BuildIndexResult> {
  const found = await photosBelow(o);
  const dir = o.out ?? defaultIndex(o.photos);
  await refuseNoIndex(dir, o.rebuild);
  const old = o.rebuild ? await readIndexJson(dir).catch(() => undefined) : await readIndexJson(dir);
  const encoder = o.encoder ?? (old && placeFrom(dir, old.encoder.path));
  if (encoder === undefined) throw new UserError('a new index needs an encoder: --encoder RUN');
  if (!encoderIsThere(encoder))
    throw new UserError(
      `no such encoder: ${encoder} (a run's folder, a checkpoint, an encoder's file or folder, hf:…)`,
    );
  const { signal, warn, note } = o.hooks;
  const weights = o.weights ?? old?.encoder.weights;
  const heads = o.heads ?? old?.encoder.heads;
  const hooks = { warn, note, signal };
  await using embedder = await openEmbedder({ encoder, weights, heads, runtime: o.runtime, joint: true, hooks });
  const made = await makeFolder(dir);
  const lock = await FolderLock.take(dir);
  try {
    await refuseNoIndex(dir, o.rebuild);
    await settle(dir);
    return await new Builder(o, dir, encoder, embedder, found).run();
  } finally {
    lock.releaseSync();
    if (made !== undefined) await removeEmptyFolder(dir);
  }
}

async function photosBelow({ photos, hooks }: BuildIndexOptions): Promise<FoundPicture[]> {
  const { pictures, others, remarks } = await walk(photos, [''], { unreadable: 'pass over' }).catch((e: unknown) => {
    const code = codeOf(e);
    throw new UserError(
      `${photos}: ${code === 'ENOENT' ? 'no such folder of photos' : `not a folder of photos (${code ?? e})`}`,
    );
  });
  for (const line of remarks) hooks.warn(line);
  const left = othersLine(others);
  if (left) hooks.warn(`${photos}: ${left}`);
  if (pictures.length === 0)
    throw new UserError(`${photos}: no photos in this folder or below it (${PICTURE_KINDS.join(', ')})`);
  return pictures;
}

/** How captions are written and painted in the run that an encoder is of, for queries in words. */
function paintingOf(encoder: string): Record<string, unknown> | undefined {
  // The run's folder itself, a checkpoint in it, or the encoder that it exported.
  for (const dir of [encoder, dirname(encoder), dirname(dirname(encoder))]) {
    // An exported encoder has another config.json.
    const config = isRun(dir) ? readRunConfig(dir) : undefined;
    if (!config) continue;
    const { seed, captions, images } = withoutSecrets(config.settings as Settings);
    return { seed, captions, images };
  }
  return undefined;
}

const seenFrom = (dir: string, encoder: string): string => (isHubReference(encoder) ? encoder : fromTo(dir, encoder));

const fromTo = (from: string, to: string): string => relative(resolve(from), resolve(to)).split(sep).join('/') || '.';

class Builder {
  private readonly o: BuildIndexOptions;
  private readonly dir: string;
  private readonly encoder: string;
  private readonly embedder: Embedder;
  private readonly pictures: readonly FoundPicture[];
  private readonly broken: SkippedFiles;
  private readonly brokenFiles = new Set<string>();
  private readonly result: BuildIndexResult;
  private created = new Date().toISOString();

  constructor(
    o: BuildIndexOptions,
    dir: string,
    encoder: string,
    embedder: Embedder,
    pictures: readonly FoundPicture[],
  ) {
    this.o = o;
    this.dir = dir;
    this.encoder = encoder;
    this.embedder = embedder;
    this.pictures = pictures;
    this.broken = new SkippedFiles(o.hooks.warn);
    this.result = { dir, photos: 0, dim: embedder.dim, embedded: 0, kept: 0, moved: 0, gone: 0, skipped: 0 };
  }

  async run(): Promise<BuildIndexResult> {
    const { photos, hooks } = this.o;
    const { result } = this;
    for (let first = true; ; first = false) {
      const old = await this.openOld(first);
      let complete: boolean;
      try {
        if (first && old && this.isCurrent(old)) {
          result.photos = result.kept = old.photos.length;
          break;
        }
        complete = await this.pass(old, first);
      } finally {
        await old?.close();
      }
      if (!complete && hooks.signal.aborted)
        throw new Interrupted(`stopped: ${result.photos} of ${this.pictures.length} photos are in the index`);
      if (complete) break;
    }
    this.broken.end();
    result.skipped = this.brokenFiles.size;
    if (result.photos === 0)
      throw new UserError(`${photos}: none of its ${this.pictures.length} photos can be decoded`);
    await this.codes();
    return result;
  }

  /** The index as it is; undefined where there is none to go on with. */
  private async openOld(first: boolean): Promise<IndexFiles | undefined> {
    if (first && this.o.rebuild) return undefined;
    const json = await readIndexJson(this.dir);
    if (!json) return undefined;
    this.created = json.created;
    if (json.encoder.hash !== this.embedder.hash)
      throw new UserError(
        `${this.dir} was made with another encoder than ${this.encoder} is now (${resolve(this.dir, json.encoder.path)}): embed all photos anew with --rebuild, or choose another folder with --out`,
      );
    return openIndexFiles(this.dir);
  }

  /** Whether all photos are in the index as they are now, and no others. */
  private isCurrent({ photos, json }: IndexFiles): boolean {
    if (!json.complete || photos.length !== this.pictures.length) return false;
    if (json.photos !== fromTo(this.dir, this.o.photos) || json.encoder.path !== fromTo(this.dir, this.encoder))
      return false;
    return this.pictures.every((p, i) => {
      const row = photos.row(i);
      return row.file === p.file && row.bytes === p.bytes && row.modified === p.modified;
    });
  }

  /** Writes one generation of the index. @returns whether it has all photos */
  private async pass(old: IndexFiles | undefined, first: boolean): Promise<boolean> {
    const { hooks } = this.o;
    const known = new Known(old);
    const counted = { embedded: 0, kept: 0, moved: 0 };
    const until = Date.now() + COMMIT_EVERY;
    let complete = true;
    let done = 0;
    const total = this.pictures.length;
    const say = (more = 0) =>
      hooks.progress({ stage: 'index', done: done + more, total, before: known.before, unit: 'photos' });
    const count = await writeGeneration(
      this.dir,
      () => this.json(complete),
      this.embedder.dim,
      async (rows) => {
        for (let from = 0; from < total; from += CHUNK) {
          const chunk = this.pictures.slice(from, from + CHUNK);
          const stop = hooks.signal.aborted || Date.now() > until;
          const chosen = await this.chunk(chunk, known, stop, (n) => say(n));
          if (!chosen.complete) complete = false;
          await this.write(chunk, chosen.vectors, chosen.hashes, rows, known, counted);
          done += chunk.length;
          say();
        }
      },
    );
    const { result } = this;
    result.photos = count;
    result.embedded += counted.embedded;
    if (first) Object.assign(result, { kept: counted.kept, moved: counted.moved, gone: known.goneFrom(this.pictures) });
    return complete;
  }

  private json(complete: boolean): Omit<IndexJson, 'count' | 'generation'> {
    const { hash, preprocessing, dim } = this.embedder;
    const painting = paintingOf(this.encoder);
    return {
      format: 'synclr-index',
      version: 1,
      synclr: VERSION,
      photos: fromTo(this.dir, this.o.photos),
      dim,
      complete,
      created: this.created,
      updated: new Date().toISOString(),
      encoder: {
        path: seenFrom(this.dir, this.encoder),
        ...(this.o.weights ? { weights: this.o.weights } : {}),
        ...(this.o.heads ? { heads: this.o.heads } : {}),
        hash,
        preprocessing: preprocessing as never,
      },
      ...(painting ? { painting } : {}),
    };
  }

  /**
   * Finds or makes the vectors of some photos.
   * @param stop whether nothing is to be hashed or embedded any more
   * @returns by place in the chunk: a row of the old index, or a vector; nothing where the photo is left out
   */
  private async chunk(
    chunk: readonly FoundPicture[],
    known: Known,
    stop: boolean,
    onProgress: (done: number) => void,
  ): Promise<{ vectors: Map<number, number | Float32Array>; hashes: Map<number, string>; complete: boolean }> {
    const { photos, hooks } = this.o;
    const vectors = new Map<number, number | Float32Array>();
    const hashes = new Map<number, string>();
    const others: number[] = [];
    chunk.forEach((p, i) => {
      const row = known.unchanged(p);
      if (row === undefined) others.push(i);
      else vectors.set(i, row);
    });
    if (stop) return { vectors, hashes, complete: others.length === 0 };
    const fresh: number[] = [];
    await inParallel(others, HASHED, async (i) => {
      const path = join(photos, chunk[i].file);
      const hash = await hashOf(path).catch((e: unknown) => {
        this.leaveOut({ file: chunk[i].file, reason: `cannot be read (${codeOf(e) ?? e})` });
      });
      if (hash === undefined) return;
      hashes.set(i, hash);
      const row = known.sameContent(chunk[i].file, hash);
      if (row === undefined) fresh.push(i);
      else vectors.set(i, row);
    });
    fresh.sort((a, b) => a - b);
    const paths = fresh.map((i) => join(photos, chunk[i].file));
    const { dim } = this.embedder;
    try {
      const before = chunk.length - fresh.length;
      for await (const b of this.embedder.files(paths, {
        normalise: true,
        signal: hooks.signal,
        onProgress: (n) => onProgress(before + n),
      })) {
        b.index.forEach((at, r) => {
          const x = b.features.slice(r * dim, (r + 1) * dim);
          if (x.some((v) => v !== 0)) vectors.set(fresh[at], x);
          else this.leaveOut({ file: chunk[fresh[at]].file, reason: 'the encoder’s features of it are zeros' });
        });
        const at = new Map(paths.map((path, i) => [path, i]));
        for (const { file, reason } of b.skipped) this.leaveOut({ file: chunk[fresh[at.get(file)!]].file, reason });
      }
    } catch (e) {
      // What was embedded until now counts.
      if (!(e instanceof Interrupted)) throw e;
      return { vectors, hashes, complete: false };
    }
    return { vectors, hashes, complete: true };
  }

  private leaveOut(skipped: Skipped): void {
    this.brokenFiles.add(skipped.file);
    this.broken.add(this.o.photos, [skipped]);
  }

  private async write(
    chunk: readonly FoundPicture[],
    vectors: ReadonlyMap<number, number | Float32Array>,
    hashes: ReadonlyMap<number, string>,
    rows: Rows,
    known: Known,
    counted: { embedded: number; kept: number; moved: number },
  ): Promise<void> {
    const { dim } = this.embedder;
    const photos: PhotoRow[] = [];
    const x = new Float32Array(vectors.size * dim);
    for (const [i, { file, bytes, modified }] of chunk.entries()) {
      const found = vectors.get(i);
      if (found === undefined) continue;
      const at = photos.length * dim;
      if (typeof found === 'number') {
        const row = known.take(found, x.subarray(at, at + dim));
        counted.kept++;
        if (row.file !== file) counted.moved++;
        photos.push({ file, bytes, modified, sha256: row.sha256 });
      } else {
        x.set(found, at);
        counted.embedded++;
        photos.push({ file, bytes, modified, sha256: hashes.get(i)! });
      }
    }
    await rows.add(photos, x);
  }

  /** What large indexes are searched by. */
  private async codes(): Promise<void> {
    const files = await openIndexFiles(this.dir);
    try {
      const { vectors, modified } = files;
      const path = join(this.dir, CODES);
      if (!isPlain(vectors.rows, vectors.dim)) await writeCodes(path, vectors, { modified, keep: true });
    } finally {
      await files.close();
    }
  }
}

/** What an index knows of photos, before it is brought up to date. */
class Known {
  private readonly files: IndexFiles | undefined;
  private readonly byFile = new Map<string, number>();
  private readonly byHash = new Map<string, number>();
  private readonly rows: PhotoRow[] = [];
  private readonly taken = new Set<number>();
  readonly before: number;

  constructor(files: IndexFiles | undefined) {
    this.files = files;
    this.before = files?.photos.length ?? 0;
    for (let i = 0; i < this.before; i++) {
      const row = files!.photos.row(i);
      this.rows.push(row);
      this.byFile.set(row.file, i);
      this.byHash.set(row.sha256, i);
    }
  }

  /** The row of a photo that has the size and time that it had. */
  unchanged({ file, bytes, modified }: FoundPicture): number | undefined {
    const i = this.byFile.get(file);
    return i !== undefined && this.rows[i].bytes === bytes && this.rows[i].modified === modified ? i : undefined;
  }

  /** A row of the same content, of the same path if there is one. */
  sameContent(file: string, hash: string): number | undefined {
    const own = this.byFile.get(file);
    return own !== undefined && this.rows[own].sha256 === hash ? own : this.byHash.get(hash);
  }

  /** A row, and its vector. */
  take(i: number, into: Float32Array): PhotoRow {
    this.taken.add(i);
    readRows(this.files!.vectors, i, 1, into);
    return this.rows[i];
  }

  /** Rows that nobody took, and whose photo is not there any more. */
  goneFrom(pictures: readonly FoundPicture[]): number {
    const there = new Set(pictures.map((p) => p.file));
    return this.rows.filter((row, i) => !this.taken.has(i) && !there.has(row.file)).length;
  }
}

async function hashOf(path: string): Promise<string> {
  // A pipe that took a photo's name since would be waited for.
  if (!(await stat(path)).isFile()) throw new Error('something else than a file');
  const hash = createHash('sha256');
  for await (const part of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(part as Buffer);
  return hash.digest('hex');
}

async function inParallel<T>(items: readonly T[], most: number, work: (item: T) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < items.length) await work(items[next++]);
  };
  await Promise.all(Array.from({ length: Math.min(most, items.length) }, worker));
}
