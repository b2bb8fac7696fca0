import { type Stats, statSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { UserError } from '../errors.js';

/** A pipe that a shell made for this command, `<(…)`: somebody writes into it. */
export const isShellPipe = (path: string, found: Stats): boolean => found.isFIFO() && /^\/(dev|proc)\//.test(path);

/**
 * Looks whether a path is a file that can be read to its end, before it is opened: a pipe without a writer would be waited for, deaf to
 * signals, and a device may never end.
 * @throws UserError for anything else; the file system's error where there is nothing
 */
export async function requirePlainFile(path: string): Promise<Stats> {
  return checked(path, await stat(path));
}

/** The same, at once. */
export function requirePlainFileSync(path: string): Stats {
  return checked(path, statSync(path));
}

function checked(path: string, found: Stats): Stats {
  if (found.isFile() || isShellPipe(path, found)) return found;
  throw new UserError(`${path}: not a file`);
}
