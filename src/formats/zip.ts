import type { Readable } from 'node:stream';
import { type Entry, openPromise, type ZipFile } from 'yauzl';
import { codeOf, UserError } from '../errors.js';

/** Longest path in an archive, characters. */
const LONGEST = 512;
const FOLDER = 0o040000;
const REGULAR = 0o100000;
const TYPE = 0o170000;

/** What an archive may hold at most: a small file can claim to hold a disk's worth. */
export interface ZipLimits {
  files: number;
  /** Of all files together, unpacked. */
  bytes: number;
}

/** A regular file in an archive. */
export interface ZippedFile {
  /** Its path with slashes: relative, without `..`, `.` or empty parts, no name twice. */
  path: string;
  /** Unpacked size; `read` gives neither more nor less. */
  bytes: number;
  isExecutable: boolean;
  read(): Promise<Readable>;
}

/**
 * The files of a zip archive from elsewhere. `visit` gets them all once the whole directory has been looked at; none of them is trusted
 * before: paths that lead out, links, devices, encrypted files, names twice and more than the limits refuse the archive as a whole.
 * @throws UserError naming the archive and what is wrong with it
 */
export async function openZip(
  path: string,
  limits: ZipLimits,
  visit: (files: readonly ZippedFile[]) => Promise<void>,
): Promise<void> {
  let zip: ZipFile | undefined;
  try {
    zip = await openPromise(path, { autoClose: false, strictFileNames: true });
    const archive = zip;
    const entries = await directory(path, archive, limits);
    await visit(
      entries.map((entry) => ({
        path: entry.fileName,
        bytes: entry.uncompressedSize,
        isExecutable: (modeOf(entry) & 0o111) !== 0,
        read: () => archive.openReadStreamPromise(entry),
      })),
    );
  } catch (e) {
    throw asRefusal(path, e);
  } finally {
    zip?.close();
  }
}

/** Errors of the zip reader carry no class of their own; the system's have a code, ours are what they are. */
function asRefusal(path: string, e: unknown): unknown {
  if (e instanceof UserError || !(e instanceof Error)) return e;
  const isZlib = /^Z_/.test(codeOf(e) ?? '');
  if (codeOf(e) !== undefined && !isZlib) return e;
  // What is thrown by a mistake in a program, here or in the reader, is no property of the file.
  if (e.constructor !== Error && !isZlib) return e;
  return e.message.startsWith('internal') ? e : new UserError(`${path} is no sound zip archive: ${e.message}`);
}

async function directory(path: string, zip: ZipFile, limits: ZipLimits): Promise<Entry[]> {
  const refuse = (why: string): never => {
    throw new UserError(`${path}: ${why}: nothing of it was unpacked`);
  };
  if (zip.entryCount > limits.files) refuse(`holds ${zip.entryCount} files, more than ${limits.files}`);
  const entries: Entry[] = [];
  // By the name as file systems that do not tell upper from lower case would have it.
  const seen = new Set<string>();
  let bytes = 0;
  for await (const entry of zip.eachEntry()) {
    const { fileName } = entry;
    const type = modeOf(entry) & TYPE;
    const isFolder = fileName.endsWith('/');
    const wrong = wrongName(isFolder ? fileName.slice(0, -1) : fileName);
    if (wrong) refuse(`${JSON.stringify(fileName)}: ${wrong}`);
    if (type !== 0 && type !== (isFolder ? FOLDER : REGULAR)) refuse(`${fileName} is a link or a device`);
    if (isFolder) continue;
    if (!entry.canDecodeFileData()) refuse(`${fileName} is encrypted or packed in a way that wheels do not use`);
    if (seen.has(fileName.toLowerCase())) refuse(`${fileName} is in it twice`);
    seen.add(fileName.toLowerCase());
    bytes += entry.uncompressedSize;
    if (bytes > limits.bytes) refuse(`holds more than ${limits.bytes} bytes`);
    entries.push(entry);
  }
  return entries;
}

/** Unix permissions and type; 0 where the archive was not made on Unix. */
function modeOf(entry: Entry): number {
  const UNIX = 3;
  return entry.versionMadeBy >> 8 === UNIX ? entry.externalFileAttributes >>> 16 : 0;
}

function wrongName(path: string): string | undefined {
  if (path.length > LONGEST) return 'its path is too long';
  for (const part of path.split('/')) {
    if (part === '' || part === '.' || part === '..') return 'its path leads elsewhere';
    // Control characters, and what Windows reserves.
    if (/[\p{Cc}<>:"|?*\\]|[. ]$/u.test(part) || /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(part))
      return 'is no name that every file system takes';
  }
  return undefined;
}
