import { randomBytes } from 'node:crypto';
import { lstat, readdir, rm, unlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { codeOf } from '../errors.js';
import { isRunning, processNamespace, startOf } from '../processes.js';
import { sha256 } from './digest.js';

/**
 * Names under which things lie while they are not yet whole, or no longer in use: `.NAME.HOST-PID-START-RANDOM.tmp`. The name says who
 * writes there, so that what a killed process left can be told from what a living one, another machine or another program has in hand.
 */

const TMP = 'tmp';
const ASIDE = 'aside';

/** Process numbers mean something within one machine and one namespace of it alone. */
const HOST = sha256(`${hostname()} ${processNamespace()}`).slice(0, 6);
/** As earlier versions wrote it, which left the process's start out. */
const OLD_HOST = sha256(hostname()).slice(0, 6);
/** When this process started; 0 where unknown. */
const START = startOf(process.pid) || '0';

/** The longest name that usual file systems take, bytes. */
const LONGEST = 255;

const FORM = /^\.(.+)\.([0-9a-f]{6})-(\d+)(?:-(\d+))?-[0-9a-f]{8}\.(tmp|aside)$/s;

/**
 * A name, new at every call, under which something is written before it is whole: in the same folder, so that a rename suffices. Within
 * the length that file systems take, however long the name itself is.
 */
export const temporaryName = (path: string): string => hiddenName(path, TMP);

/** The same for what is on its way out and is kept until its successor is in place. */
export const asideName = (path: string): string => hiddenName(path, ASIDE);

function hiddenName(path: string, ending: string): string {
  const owner = `${HOST}-${process.pid}-${START}-${randomBytes(4).toString('hex')}`;
  return join(dirname(path), `.${stem(basename(path))}.${owner}.${ending}`);
}

/** Room that is left for a name: dots, host, two numbers of up to 20 digits, random digits and ending. */
const ROOM = LONGEST - 70;

/** A name as it stands in a temporary's name: whole, or cut to its beginning and a digest of all of it. */
function stem(name: string): string {
  if (Buffer.byteLength(name) <= ROOM) return name;
  const end = `~${sha256(name).slice(0, 16)}`;
  let cut = '';
  for (const letter of name) {
    if (Buffer.byteLength(cut + letter) > ROOM - end.length) break;
    cut += letter;
  }
  return cut + end;
}

/** Whether a name has the form of a temporary's, whoever wrote it: nothing that counts as a result. Says not that it may be removed. */
export const isTemporary = (name: string): boolean => name.startsWith('.') && /\.(tmp|aside)$/.test(name);

/** Of a temporary's name: what it was to become or has been, and whether a process of this machine left it behind that has ended. */
function readName(name: string): { stem: string; ending: string; isLeft: boolean } | undefined {
  const found = FORM.exec(name);
  if (!found) return undefined;
  const [, stem, host, pid, start, ending] = found;
  const here = start === undefined ? host === OLD_HOST : host === HOST;
  const started = start === undefined || start === '0' ? '' : start;
  return { stem, ending, isLeft: here && !isRunning({ pid: Number(pid), started }) };
}

/** What ended processes of this machine left in a folder, by ending; @param path of one file or folder alone, else of all in `dir` */
async function left(dir: string, ending: string, path?: string): Promise<string[]> {
  const names = await readdir(dir).catch(() => []);
  const wanted = path === undefined ? undefined : stem(basename(path));
  return names.flatMap((name) => {
    const read = readName(name);
    const mine = read?.isLeft && read.ending === ending && (wanted === undefined || read.stem === wanted);
    return mine ? [join(dir, name)] : [];
  });
}

/**
 * Removes what killed processes of this machine left half-written in a folder, by names of our own pattern; what a living process, another
 * machine or another program writes there stays, and so do links. Does nothing where there is no such folder.
 */
export async function removeTemporaries(dir: string): Promise<void> {
  for (const path of await left(dir, TMP)) await dropTemporary(path);
}

/** The same for what was to become one file or folder. */
export async function removeTemporariesOf(path: string): Promise<void> {
  for (const old of await left(dirname(path), TMP, path)) await dropTemporary(old);
}

/** What killed processes had moved out of a path's place. */
export const leftAside = (path: string): Promise<string[]> => left(dirname(path), ASIDE, path);

/** Removes a temporary file or folder of this process's, or a left one; nothing where it is gone. Links stay as they are. */
export async function dropTemporary(path: string): Promise<void> {
  if (readName(basename(path)) === undefined) throw new Error(`internal: ${path} is no temporary`);
  const at = await lstat(path).catch(() => undefined);
  try {
    if (at?.isFile()) await unlink(path);
    // A child of the process that was killed may still write there until it notices.
    else if (at?.isDirectory()) await rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  } catch (e) {
    // Two processes may sweep at once.
    if (codeOf(e) !== 'ENOENT') throw e;
  }
}
