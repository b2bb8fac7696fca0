import { createHash } from 'node:crypto';
import { lstat, open, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { UserError } from '../../errors.js';
import { sha256File } from '../../files/digest.js';
import { makeFolder } from '../../files/folders.js';
import { onFile } from '../../files/write.js';
import { misfit, parseRecord, plainName, type Recorded, wheelName } from '../../formats/wheel.js';
import { openZip, type ZippedFile } from '../../formats/zip.js';

/** The largest wheels, NVIDIA's cuBLAS and cuDNN, unpack to about 1 GiB; Intel's MKL to more files than any. */
export const WHEEL_LIMITS = { files: 20_000, bytes: 8 * 2 ** 30 } as const;
/** Text files of a wheel that are read whole. */
const MOST_TEXT = 8 * 2 ** 20;

/** A wheel that was unpacked. */
export interface Unpacked {
  name: string;
  version: string;
  /** SHA-256 of the wheel's file. */
  sha256: string;
}

export interface UnpackOptions {
  /** The folder that stands for the Python installation's prefix: `.data/data/…` goes there. */
  root: string;
  /** Its folder of packages, below it. */
  site: string;
  signal?: AbortSignal;
  /** @param bytes unpacked since the last call */
  onBytes?(bytes: number): void;
  limits?: { files: number; bytes: number };
}

/**
 * Unpacks a wheel as an installer would lay it out (Binary distribution format), but runs nothing of it and makes no scripts. Every file is
 * held against the wheel's own RECORD (size, SHA-256); one that is not listed, or listed and missing, refuses the wheel.
 * @throws UserError naming the wheel; what was unpacked before then lies there
 */
export async function unpackWheel(path: string, o: UnpackOptions): Promise<Unpacked> {
  const { name, version, platforms } = wheelName(path);
  if (!(await stat(path)).isFile()) throw new UserError(`${path}: not a file`);
  const wrong = misfit({ platforms });
  if (wrong) throw new UserError(`${path} ${wrong}: bring the wheel for this machine`);
  const sha256 = await sha256File(path);
  await openZip(path, o.limits ?? WHEEL_LIMITS, async (files) => {
    const info = infoFolder(path, files, name, version);
    const record = await readRecord(path, files, `${info}/RECORD`);
    for (const file of files) {
      o.signal?.throwIfAborted();
      const at = placeOf(file.path, o);
      if (at !== undefined) await unpackFile(path, file, record.get(file.path), at, o);
    }
  });
  return { name, version, sha256 };
}

/** Where a file of a wheel goes; undefined for scripts and headers, which nothing here uses. */
function placeOf(path: string, { root, site }: UnpackOptions): string | undefined {
  const data = /^[^/]+\.data\/([^/]+)\/(.+)$/.exec(path);
  if (!data) return join(site, path);
  if (data[1] === 'purelib' || data[1] === 'platlib') return join(site, data[2]);
  return data[1] === 'data' ? join(root, data[2]) : undefined;
}

/** The wheel's `name-version.dist-info`. */
function infoFolder(path: string, files: readonly ZippedFile[], name: string, version: string): string {
  const infos = files.flatMap((f) => /^([^/]+\.dist-info)\/RECORD$/.exec(f.path)?.[1] ?? []);
  if (infos.length !== 1) throw new UserError(`${path} is no wheel: it has no list of its files (dist-info/RECORD)`);
  const [, of, at] = /^(.+?)-([^-]+)\.dist-info$/.exec(infos[0]) ?? [];
  if (of === undefined || plainName(of) !== name || at !== version)
    throw new UserError(`${path} holds ${infos[0]}, which is not what its own name says`);
  return infos[0];
}

async function readRecord(path: string, files: readonly ZippedFile[], record: string): Promise<Map<string, Recorded>> {
  const file = files.find((f) => f.path === record)!;
  if (file.bytes > MOST_TEXT) throw new UserError(`${path}: ${record} is too large`);
  const parts: Buffer[] = [];
  for await (const part of await file.read()) parts.push(part as Buffer);
  const list = parseRecord(Buffer.concat(parts).toString('utf8'), `${path}: ${record}`);
  const there = new Set(files.map((f) => f.path));
  const missing = [...list.keys()].find((p) => !there.has(p) && !isOfRecord(p));
  if (missing !== undefined) throw new UserError(`${path} is damaged: ${missing} is in its list, but not in it`);
  return list;
}

/** The record and its signatures have no hash in it. */
const isOfRecord = (path: string): boolean => /\.dist-info\/RECORD(\.jws|\.p7s)?$/.test(path);

async function unpackFile(
  wheel: string,
  file: ZippedFile,
  recorded: Recorded | undefined,
  at: string,
  o: UnpackOptions,
): Promise<void> {
  const refuse = (why: string): never => {
    throw new UserError(`${wheel} is damaged or was tampered with: ${file.path} ${why}`);
  };
  const sha256 = recorded?.sha256;
  if (sha256 === undefined && !isOfRecord(file.path)) refuse('is not in its list of files');
  if (recorded?.bytes !== undefined && recorded.bytes !== file.bytes) refuse('has another size than its list says');
  // Parts of one namespace come in several wheels, with the same small files.
  const there = await lstat(at).catch(() => undefined);
  if (there) {
    if (there.isFile() && there.size === file.bytes && (await sha256File(at)) === sha256) return;
    throw new UserError(
      `${wheel}: ${file.path} is in another wheel, too, with another content: these do not go together`,
    );
  }
  await makeFolder(dirname(at));
  const digest = await writeStream(at, await file.read(), file.isExecutable ? 0o755 : 0o644, o);
  if (sha256 !== undefined && digest !== sha256) refuse('has another content than its list says');
}

/** @returns SHA-256 of what was written */
async function writeStream(
  path: string,
  from: Readable,
  mode: number,
  { signal, onBytes }: UnpackOptions,
): Promise<string> {
  const hash = createHash('sha256');
  const handle = await open(path, 'wx', mode);
  try {
    for await (const part of from as AsyncIterable<Buffer>) {
      signal?.throwIfAborted();
      hash.update(part);
      await onFile(path, handle.writeFile(part));
      onBytes?.(part.length);
    }
  } finally {
    from.destroy();
    await handle.close();
  }
  return hash.digest('hex');
}
