import { fileURLToPath } from 'node:url';

/**
 * A mistake of the user's (a missing file, an unknown setting, too little disk): shown as one line, exit code 2.
 * Anything else that is thrown is ours and shows its stack.
 */
export class UserError extends Error {
  override name = 'UserError';
  readonly exitCode = 2;
}

/** Training came to numbers that are none. */
export class Diverged extends UserError {
  /** Where, and with what. */
  readonly what: string;

  /** @param advice what follows in the line */
  constructor(what: string, advice: string) {
    super(what + advice);
    this.what = what;
  }
}

/** The run was asked to stop (Ctrl-C, SIGTERM); what was finished is on disk and the same command continues. */
export class Interrupted extends Error {
  override name = 'Interrupted';
  readonly exitCode = 130;
}

/** What the operating system's codes say to a person; a path goes before. */
const SAID: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or folder',
  EACCES: 'no permission: change its rights or choose another path',
  EPERM: 'not permitted: change its rights or choose another path',
  EROFS: 'the disk is read-only: choose another path',
  ENOSPC: 'no space left on the disk: free some, then run the same command again',
  EDQUOT: 'the disk quota is used up: free some space, then run the same command again',
  EFBIG: 'becomes larger than a file may be on this disk: choose another',
  EISDIR: 'is a folder, not a file',
  ENOTDIR: 'a part of the path is a file, not a folder',
  ENOTEMPTY: 'the folder is not empty',
  EEXIST: 'is there already',
  ENAMETOOLONG: 'the name is too long for this disk: choose a shorter one',
  ELOOP: 'links that lead in a circle',
  EXDEV: 'lies on another disk than its target',
  EBUSY: 'is in use by another program',
  ETXTBSY: 'is in use by another program',
  EIO: 'the disk reports an error in reading or writing',
  EMFILE: 'too many files are open: raise the limit (ulimit -n)',
  ENFILE: 'too many files are open on this machine',
  ENXIO: 'is no file that can be read',
  ENODEV: 'is no file that can be read',
};
/** Of these it does not matter which file they befell: calls on an open file name none. */
const OF_THE_DISK = new Set(['ENOSPC', 'EDQUOT', 'EFBIG', 'EROFS', 'EIO', 'EMFILE', 'ENFILE']);

/** Where this program's own files lie: one that is missing there is no mistake of the user's. */
const OWN = fileURLToPath(new URL('.', import.meta.url));

/**
 * The one place that turns an error of the operating system (`code` and `path`) into the line that a user sees.
 * @returns undefined for an error that is our own
 */
export function asUserError(e: unknown): UserError | undefined {
  if (e instanceof UserError) return e;
  if (!(e instanceof Error)) return undefined;
  const { code, path, dest } = e as NodeJS.ErrnoException & { dest?: unknown };
  if (code === 'ERR_INVALID_ARG_VALUE' && /without null bytes/.test(e.message))
    return new UserError('a path holds a null character, which no path can');
  const said = code === undefined || !Object.hasOwn(SAID, code) ? undefined : SAID[code];
  if (said === undefined) return undefined;
  if (code === 'EISDIR' && path === undefined)
    return new UserError('a folder stands where a file is asked for (EISDIR)');
  if (typeof path !== 'string') return OF_THE_DISK.has(code!) ? new UserError(`${said} (${code})`) : undefined;
  if (path.startsWith(OWN)) return undefined;
  const to = typeof dest === 'string' ? ` → ${dest}` : '';
  return new UserError(`${path}${to}: ${said} (${code})`);
}

/** The operating system's code of an error, such as `ENOENT`; undefined for others. */
export function codeOf(e: unknown): string | undefined {
  const code = e instanceof Error ? (e as NodeJS.ErrnoException).code : undefined;
  return typeof code === 'string' ? code : undefined;
}
