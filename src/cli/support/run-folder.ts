import { lstatSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { LEARNING, WITHOUT_INFLUENCE } from '../../config/learning.js';
import { showValue } from '../../config/leaves.js';
import { DEFAULT_PRESET } from '../../config/presets.js';
import { differingSettings, getPath, presetName, resolveSettings } from '../../config/resolve.js';
import type { Settings } from '../../config/schema.js';
import { withoutSecrets } from '../../config/secrets.js';
import { UserError } from '../../errors.js';
import { makeFolder } from '../../files/folders.js';
import { removeEmptyFolders, removeFile } from '../../files/remove.js';
import { STAGE_FILES, STAGE_FOLDERS } from '../../files/run-names.js';
import { isTemporary, removeTemporaries } from '../../files/temporary.js';
import { writeFileAtomic } from '../../files/write.js';
import { VERSION } from '../../version.js';
import type { Parsed } from './args.js';
import { FolderLock, LOCK_NAME } from './lock.js';

/** `config.json` of a run: what it was asked to do, resolved. */
export interface RunConfig {
  /** Version that wrote it. */
  synclr: string;
  preset: string;
  /** The command line that last wrote it. */
  command: string;
  /** Weights that training started from, as given with --from. */
  from?: string;
  settings: Settings;
}

/** The run that a command line means, before anything is written. */
export interface RunRequest {
  dir: string;
  settings: Settings;
  preset: string;
  /** Weights that training starts from. */
  from?: string;
  /** The folder's own config.json, if it is a run already. */
  stored?: RunConfig;
}

/**
 * Finds out which run is meant: the folder, and its settings. A folder that is a run already brings its own settings when neither
 * --preset nor --config says otherwise; flags come on top.
 * @param options mayDiffer: nothing will be written to the folder, so its content may have been made with other settings;
 *   training: the settings must also do for training
 * @throws UserError for bad settings, and for settings that differ from those that the folder's content was made with
 */
export function requestRun(args: Parsed, options: { mayDiffer?: boolean; training?: boolean } = {}): RunRequest {
  const { config } = args.values;
  const preset = args.values.preset === undefined ? undefined : presetName(args.values.preset);
  const dir = args.values.out ?? join('runs', preset ?? (config ? nameOfConfig(config) : DEFAULT_PRESET));
  refuseNoFolder(dir);
  const stored = readRunConfig(dir);
  if (!stored && !options.mayDiffer) refuseForeign(dir);
  const own = preset === undefined && config === undefined && stored !== undefined;
  const { training = false } = options;
  const sources = own ? { file: join(dir, 'config.json') } : { preset, file: config };
  const settings = resolveSettings({ ...sources, flags: args.settings, training });
  if (stored && !options.mayDiffer) refuseOtherSettings(dir, stored.settings, settings);
  const from = args.values.from ?? stored?.from;
  if (stored && from !== stored.from && isTrained(dir)) {
    throw new UserError(
      `${dir} is trained already, ${stored.from ? `from ${stored.from}` : 'from scratch'}: --from starts a new run, choose a new folder with --out`,
    );
  }
  return { dir, settings, from, preset: own ? stored.preset : (preset ?? DEFAULT_PRESET), stored };
}

/** `runs/plants/config.json` → `plants`, `plants.json` → `plants`. */
function nameOfConfig(file: string): string {
  const name = basename(file, '.json');
  return name === 'config' ? basename(dirname(resolve(file))) || 'run' : name;
}

/** @throws UserError for an --out that cannot become a folder */
function refuseNoFolder(dir: string): void {
  const at = lstatSync(dir, { throwIfNoEntry: false });
  if (!at) return;
  const target = statSync(dir, { throwIfNoEntry: false });
  if (!target) throw new UserError(`--out ${dir} is a link to ${readlinkSync(dir)}, which is not there`);
  if (!target.isDirectory()) throw new UserError(`--out ${dir} is a file, not a folder`);
}

/**
 * A first run takes no folder in which anything has a name that its stages use: what is there would be taken for theirs.
 * @throws UserError naming what is there
 */
function refuseForeign(dir: string): void {
  const there = [...STAGE_FOLDERS, ...STAGE_FILES].filter((name) =>
    lstatSync(join(dir, name), { throwIfNoEntry: false }),
  );
  if (there.length === 0) return;
  const more = there.length > 4 ? ` and ${there.length - 4} more` : '';
  throw new UserError(
    `${dir} is no run of synclr (no config.json), but holds ${there.slice(0, 4).join(', ')}${more}, which a run would write: choose a new folder with --out, or move ${there.length === 1 ? 'it' : 'them'} away`,
  );
}

/** The folder's config.json; undefined where there is none. @throws UserError for one that cannot be read */
export function readRunConfig(dir: string): RunConfig | undefined {
  const path = join(dir, 'config.json');
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (e) {
    const { code, message } = e as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new UserError(`cannot read ${path}: ${message}`);
  }
  try {
    const value = JSON.parse(text) as RunConfig;
    if (typeof value.synclr !== 'string' || typeof value.settings !== 'object') throw new Error('no settings in it');
    return value;
  } catch (e) {
    throw new UserError(
      `${path} is not a run's config.json (${(e as Error).message}): choose another folder with --out`,
    );
  }
}

/** Which settings a stage's output rests on, beside those of the stages before, and where that output lies. */
const FIXED: readonly { stage: string; evidence: readonly string[]; groups: readonly string[] }[] = [
  { stage: 'captions', evidence: ['captions'], groups: ['seed', 'concepts', 'captions'] },
  { stage: 'images', evidence: ['images'], groups: ['images'] },
  { stage: 'training', evidence: ['checkpoints', 'train'], groups: LEARNING },
];

/** A setting's value in a message; nothing is said to be so. */
function shownSetting(settings: Settings, path: string): string {
  return showValue(getPath(settings, path) ?? 'unset') || 'none';
}

/** @throws UserError naming the settings that differ from those that the folder's content was made with */
function refuseOtherSettings(dir: string, before: Settings, now: Settings): void {
  const made = FIXED.findLastIndex((f) => f.evidence.some((name) => hasFiles(join(dir, name))));
  if (made < 0) return;
  const fixed = new Set(FIXED.slice(0, made + 1).flatMap((f) => f.groups));
  // More captions may be asked for as long as nothing was trained on fewer.
  const grown = now.captions.count > before.captions.count && FIXED[made].stage !== 'training';
  const free = (path: string) => WITHOUT_INFLUENCE.has(path) || (grown && path === 'captions.count');
  const differing = differingSettings(before, now).filter((path) => fixed.has(path.split('.')[0]) && !free(path));
  if (differing.length === 0) return;
  const shown = differing
    .slice(0, 6)
    .map((path) => `${path} (${shownSetting(before, path)} there, ${shownSetting(now, path)} now)`);
  const more = differing.length > 6 ? ` and ${differing.length - 6} more` : '';
  throw new UserError(
    `${dir} holds a run with other settings: ${shown.join(', ')}${more}; choose another folder with --out, or continue that run with --out ${dir} alone`,
  );
}

/** Whether training has got so far that it continues from what is in the folder. */
export const isTrained = (dir: string): boolean => hasFiles(join(dir, 'checkpoints'));

function hasFiles(dir: string): boolean {
  try {
    return readdirSync(dir).some((name) => !isTemporary(name));
  } catch {
    return false;
  }
}

/** A run's folder that this process holds. */
export class RunFolder {
  readonly dir: string;
  readonly settings: Settings;
  private readonly lock: FolderLock;
  /** The topmost folder that was made for it. */
  private readonly made: string | undefined;
  private readonly fresh: boolean;

  private constructor(request: RunRequest, lock: FolderLock, made: string | undefined) {
    this.dir = request.dir;
    this.settings = request.settings;
    this.lock = lock;
    this.made = made;
    this.fresh = request.stored === undefined;
  }

  /**
   * Makes the folder if need be, locks it and writes config.json.
   * @throws UserError where another process has it, or it cannot be written
   */
  static async open(request: RunRequest, command: string): Promise<RunFolder> {
    let made: string | undefined;
    let lock: FolderLock;
    try {
      made = await makeFolder(request.dir);
      lock = await FolderLock.take(request.dir);
    } catch (e) {
      const { code, message } = e as NodeJS.ErrnoException;
      if (code === 'EACCES' || code === 'EROFS' || code === 'ENOTDIR' || code === 'EPERM' || code === 'ENOSPC') {
        throw new UserError(`cannot write to ${request.dir}: ${message}`);
      }
      throw e;
    }
    const { preset, from, settings } = request;
    const config: RunConfig = {
      synclr: VERSION,
      preset,
      command,
      from,
      settings: withoutSecrets(settings),
    };
    await removeTemporaries(request.dir);
    await writeFileAtomic(join(request.dir, 'config.json'), `${JSON.stringify(config, null, 2)}\n`);
    return new RunFolder(request, lock, made);
  }

  /**
   * Lets go of the folder.
   * @param failed if nothing but this process's own preparations is in it, the folder is removed again
   */
  async close(failed: boolean): Promise<void> {
    if (failed && this.fresh && (await this.isBare())) await removeFile(join(this.dir, 'config.json'));
    this.lock.releaseSync();
    if (failed && this.made !== undefined) await removeEmptyFolders(this.dir, resolve(this.made));
  }

  private async isBare(): Promise<boolean> {
    for (const entry of await readdir(this.dir, { withFileTypes: true })) {
      if (entry.name === 'config.json' || entry.name === LOCK_NAME) continue;
      if (!entry.isDirectory() || (await readdir(join(this.dir, entry.name))).length > 0) return false;
    }
    return true;
  }
}
