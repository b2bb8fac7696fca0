import { realpath } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { UserError } from '../errors.js';
import { isRun, STAGE_FOLDERS } from './run-names.js';

/** Where a path leads through all links, also of one that is not there yet: then what is there of it, and the rest. */
async function realPathOf(path: string): Promise<string> {
  const whole = resolve(path);
  try {
    return await realpath(whole);
  } catch {
    const above = dirname(whole);
    return above === whole ? whole : join(await realPathOf(above), basename(whole));
  }
}

/** Whether a path is a folder or lies below it, both as `realPathOf` has them. */
function isWithin(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && resolve(folder, way) === path);
}

/** Folders of a run that hold what is exported of it, and nothing else. */
const EXPORTS: readonly string[] = ['encoder', 'classifier'];

/** What a run reads from. */
export interface Input {
  /** For messages, e.g. `data set pets:`. */
  what: string;
  path: string;
  /** It is read file by file: a run below it is no part of it. */
  mayHoldRuns?: boolean;
}

/**
 * A run must neither lie in a data set that it reads, nor hold it: what a stage writes, replaces and clears would be the data. All paths
 * are compared where they lead through links, those of the run's own folders too.
 * @throws UserError naming both
 */
export async function refuseOverlap(run: string, inputs: readonly Input[]): Promise<void> {
  const folders = await Promise.all([run, ...STAGE_FOLDERS.map((name) => join(run, name))].map(realPathOf));
  for (const { what, path, mayHoldRuns } of inputs) {
    const real = await realPathOf(path);
    const all = real === folders[0] ? 'is' : isWithin(real, folders[0]) ? 'lies in' : undefined;
    if (all)
      throw new UserError(`${what} ${path} ${all} the run's own folder ${run}: choose another folder with --out`);
    if (mayHoldRuns) continue;
    if (isWithin(folders[0], real))
      throw new UserError(`the run's folder ${run} lies in ${what} ${path}: choose another folder with --out`);
    const k = folders.findIndex((f) => isWithin(real, f) || isWithin(f, real));
    if (k >= 0)
      throw new UserError(
        `${what} ${path} and ${join(run, STAGE_FOLDERS[k - 1])}, which leads to ${folders[k]}, overlap: choose another folder with --out`,
      );
  }
}

/**
 * An exported folder takes the place of what stands there: that must not be, or hold, what it is made from, nor be another part of a run.
 * @throws UserError
 */
export async function refuseExportInto(out: string, checkpoint: string): Promise<void> {
  const [real, from, here] = await Promise.all([out, checkpoint, process.cwd()].map(realPathOf));
  const elsewhere = 'choose a new folder with --out';
  if (isWithin(from, real)) throw new UserError(`${out} holds ${checkpoint}, which is to be exported: ${elsewhere}`);
  if (isWithin(here, real)) throw new UserError(`${out} is the folder you are in, or one above it: ${elsewhere}`);
  for (let at = real; at !== dirname(at); at = dirname(at)) {
    if (at !== from && !isRun(at)) continue;
    const [part, ...below] = relative(at, real).split(sep);
    if (part === '') throw new UserError(`${out} is a run: ${elsewhere}`);
    if (STAGE_FOLDERS.includes(part) && !(EXPORTS.includes(part) && below.length === 0))
      throw new UserError(`${out} is part of the run in ${at}: ${elsewhere}`);
  }
}
