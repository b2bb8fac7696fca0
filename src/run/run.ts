import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { checkSettings, differingSettings } from '../config/resolve.js';
import type { Settings } from '../config/schema.js';
import { withoutSecrets } from '../config/secrets.js';
import { codeOf, UserError } from '../errors.js';
import { makeFolder } from '../files/folders.js';
import { removeEmptyFolders, removeFile } from '../files/remove.js';
import { removeTemporaries } from '../files/temporary.js';
import type { StageHooks, StageOptions } from '../stage.js';
import { VERSION } from '../version.js';
import {
  CONFIG_NAME,
  type CorpusRecord,
  imagesOf,
  type MinutesRecord,
  type RunConfig,
  readRunConfig,
  writeRunConfig,
} from './config.js';
import { FolderLock, LOCK_NAME } from './lock.js';
import { refuseForeign, refuseNoFolder, refuseOtherRun, type StageName } from './refuse.js';

export interface OpenRunOptions {
  /** Default: those of the run that is there. */
  settings?: Settings;
  /** For config.json: the preset that they began with, and the command line. */
  preset?: string;
  command?: string;
  /** Weights that training starts from. */
  from?: string;
  /** Images that lie elsewhere (`linkCorpus`); default: as the run has it. */
  corpus?: CorpusRecord;
  minutes?: MinutesRecord;
  /** What is to be done in it. */
  stages?: readonly StageName[];
}

/**
 * Opens a run, a new one or one to go on with: its folder is made, held against other processes, and its config.json says what it is. Every
 * stage does so by itself; who does several, or wants nobody else to come between, holds the run and hands it on:
 *
 *     await using run = await openRun('runs/mine', { settings });
 *     await writeCaptions(run.stage(hooks));
 *     await writeImages(run.stage(hooks));
 *     await train(run.stage(hooks));
 *
 * @throws UserError where another process holds the folder, it holds something else, or it was made with other settings than these
 *   (those under `runtime` are free)
 */
export async function openRun(dir: string, o: OpenRunOptions = {}): Promise<Run> {
  return Run.open(dir, o);
}

/** A run's folder that this process holds. */
export class Run implements AsyncDisposable {
  readonly dir: string;
  private current: RunConfig;
  private readonly lock: FolderLock;
  /** The topmost folder that was made for it. */
  private readonly made: string | undefined;
  private readonly fresh: boolean;

  private constructor(dir: string, config: RunConfig, lock: FolderLock, made: string | undefined, fresh: boolean) {
    this.dir = dir;
    this.current = config;
    this.lock = lock;
    this.made = made;
    this.fresh = fresh;
  }

  /** As `openRun`. */
  static async open(dir: string, o: OpenRunOptions): Promise<Run> {
    // Looked at before anything is written, and again when nobody else can change it.
    configOf(dir, o);
    const made = await writable(dir, () => makeFolder(dir));
    const lock = await writable(dir, () => FolderLock.take(dir));
    try {
      const { config, stored } = configOf(dir, o);
      await removeTemporaries(dir);
      const before = stored && JSON.stringify({ ...stored, settings: withoutSecrets(stored.settings) });
      if (
        o.command !== undefined ||
        before !== JSON.stringify({ ...config, settings: withoutSecrets(config.settings) })
      )
        await writeRunConfig(dir, config);
      return new Run(dir, config, lock, made, stored === undefined);
    } catch (e) {
      lock.releaseSync();
      if (made !== undefined) await removeEmptyFolders(dir, resolve(made));
      throw e;
    }
  }

  /** What it was asked to do. */
  get config(): Readonly<RunConfig> {
    return this.current;
  }

  get settings(): Settings {
    return this.current.settings;
  }

  /** Where its images are. */
  get imagesDir(): string {
    return imagesOf(this.dir, this.current.corpus);
  }

  /** What a stage of this run is called with. */
  stage(hooks: StageHooks): StageOptions & { run: Run } {
    return { settings: this.settings, dir: this.dir, hooks, run: this };
  }

  /**
   * Takes other settings for what is not done yet, and writes them down.
   * @throws UserError where something was made with other settings
   */
  async change(o: Pick<OpenRunOptions, 'settings' | 'minutes' | 'stages'>): Promise<void> {
    const { config } = configOf(this.dir, o);
    await writeRunConfig(this.dir, config);
    this.current = config;
  }

  /**
   * Lets go of the folder.
   * @param failed if nothing but this process's own preparations is in it, the folder is removed again
   */
  async close(failed = false): Promise<void> {
    if (failed && this.fresh && (await this.isBare())) await removeFile(join(this.dir, CONFIG_NAME));
    this.lock.releaseSync();
    if (failed && this.made !== undefined) await removeEmptyFolders(this.dir, resolve(this.made));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  private async isBare(): Promise<boolean> {
    for (const entry of await readdir(this.dir, { withFileTypes: true })) {
      if (entry.name === CONFIG_NAME || entry.name === LOCK_NAME) continue;
      if (!entry.isDirectory() || (await readdir(join(this.dir, entry.name))).length > 0) return false;
    }
    return true;
  }
}

/** What config.json is to say, compared with what it says. @throws UserError as `openRun` */
function configOf(dir: string, o: OpenRunOptions): { config: RunConfig; stored?: RunConfig } {
  refuseNoFolder(dir);
  const stored = readRunConfig(dir);
  if (!stored) refuseForeign(dir);
  if (!o.settings && !stored) throw new UserError(`no run in ${dir}: a new one needs settings`);
  const settings = o.settings ?? checkSettings(stored!.settings, o.stages?.includes('train') ?? false);
  if (stored) refuseOtherRun(dir, stored, { ...o, settings });
  const config: RunConfig = {
    synclr: VERSION,
    preset: o.preset ?? stored?.preset,
    command: o.command ?? stored?.command,
    from: o.from ?? stored?.from,
    corpus: o.corpus ?? stored?.corpus,
    minutes: o.minutes ?? stored?.minutes,
    settings,
  };
  return { config, stored };
}

async function writable<T>(dir: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (e) {
    if (['EACCES', 'EROFS', 'ENOTDIR', 'EPERM', 'ENOSPC'].includes(codeOf(e) ?? ''))
      throw new UserError(`cannot write to ${dir}: ${(e as Error).message}`);
    throw e;
  }
}

/**
 * Does a stage in its run: the one that the caller holds, or else the folder's, which is opened for it and let go of again.
 * @throws UserError as `openRun`
 */
export async function inRun<T>(
  o: StageOptions,
  more: Pick<OpenRunOptions, 'from' | 'corpus' | 'stages'>,
  work: (run: Run) => Promise<T>,
): Promise<T> {
  if (o.run) {
    if (resolve(o.run.dir) !== resolve(o.dir)) throw new Error(`internal: the run of ${o.run.dir} for ${o.dir}`);
    refuseOtherRun(o.dir, o.run.config, { ...more, settings: o.settings });
    // What nothing rests on yet may be another; config.json says so.
    const differs = differingSettings(o.run.settings, o.settings).some((path) => !path.startsWith('runtime.'));
    if (differs) await o.run.change({ settings: o.settings, stages: more.stages });
    return work(o.run);
  }
  const run = await openRun(o.dir, { settings: o.settings, ...more });
  let failed = true;
  try {
    const result = await work(run);
    failed = false;
    return result;
  } finally {
    await run.close(failed);
  }
}
