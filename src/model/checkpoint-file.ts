import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { differentlyLearned } from '../config/learning.js';
import { defaultIn, settingLeaves, showValue } from '../config/leaves.js';
import { getPath } from '../config/resolve.js';
import { type Settings, settingsSchema } from '../config/schema.js';
import { translated } from '../config/translate.js';
import { codeOf, UserError } from '../errors.js';
import { DamagedFile } from '../formats/damaged.js';
import { checked, isObject, parseJson } from '../formats/json.js';
import { CHECKSUM, readSafetensors } from '../formats/safetensors.js';
import { cutAtWord } from '../printable.js';

/** What every reader of a checkpoint asks first: which there are, whether one is whole, and what its metadata says. */

const FORMAT = 'synclr-checkpoint';
/** Since version 2 a checkpoint is sealed with a checksum; those before say no version. */
const VERSION = '2';

/** The metadata of a checkpoint. @param settings as JSON @param corpus fingerprint of the images that it learned from */
export const checkpointMetadata = (step: number, settings: string, corpus?: string): Record<string, string> => ({
  format: FORMAT,
  version: VERSION,
  step: String(step),
  settings,
  ...(corpus === undefined ? {} : { corpus }),
});

export const checkpointName = (step: number): string => `step-${String(step).padStart(8, '0')}.safetensors`;

/** The step that a file's name speaks of; undefined for other names. Steps begin at 1. */
function stepOfName(name: string): number | undefined {
  const step = Number(/^step-(\d{8}|[1-9]\d{8,14})\.safetensors$/.exec(name)?.[1] ?? 0);
  return step > 0 ? step : undefined;
}

/**
 * Steps of the checkpoints in a folder, ascending; none where there is no such folder.
 * @throws UserError where something other than a file has a checkpoint's name
 */
export async function checkpointSteps(dir: string): Promise<number[]> {
  const entries = await readdir(dir, { withFileTypes: true }).catch((e) => {
    if (codeOf(e) === 'ENOENT') return [];
    throw e;
  });
  const steps: number[] = [];
  for (const entry of entries) {
    const step = stepOfName(entry.name);
    if (step === undefined) continue;
    if (!entry.isFile() && !entry.isSymbolicLink())
      throw new UserError(
        `${join(dir, entry.name)} has a checkpoint's name, but is ${entry.isDirectory() ? 'a folder' : 'no file'}: move it elsewhere`,
      );
    steps.push(step);
  }
  return steps.sort((a, b) => a - b);
}

/** A checkpoint's settings, or as much of them as is there. */
function settingsText(file: string, metadata: Record<string, string>): Record<string, unknown> {
  if (metadata.settings === undefined) throw new DamagedFile(`${file}: its metadata has no settings`);
  const value = damaged(() => parseJson(metadata.settings, `${file}: damaged: the settings text in its metadata`));
  if (isObject(value)) return damaged(() => translated(value, `${file}: the settings in its metadata`));
  throw new DamagedFile(`${file}: the settings in its metadata are no JSON object`);
}

/**
 * The step of a checkpoint, from its metadata: it is our format, sealed if its version is, and agrees with the file's name and the run's length.
 * @throws UserError for a file that is no checkpoint; a DamagedFile for one that contradicts itself
 */
export function checkpointStep(file: string, metadata: Record<string, string>): number {
  const { format, version, step: said } = metadata;
  if (format !== FORMAT)
    throw new UserError(
      `${file}: not a checkpoint of synclr${basename(file) === 'model.safetensors' ? ' (an exported encoder is named by its folder)' : ''}`,
    );
  if (version !== undefined && version !== VERSION)
    throw new UserError(
      `${file}: a checkpoint of version ${version.slice(0, 20)}; this synclr reads up to ${VERSION}: use the synclr that wrote it`,
    );
  if (version !== undefined && metadata[CHECKSUM] === undefined)
    throw new DamagedFile(`${file}: damaged: its checksum is missing`);
  const step = /^[1-9]\d{0,14}$/.test(said ?? '') ? Number(said) : undefined;
  if (step === undefined)
    throw new DamagedFile(
      `${file}: damaged: its metadata ${said === undefined ? 'has no step' : `says step "${said.slice(0, 40)}", which is no step of a run`}`,
    );
  const named = stepOfName(basename(file));
  if (named !== undefined && named !== step)
    throw new DamagedFile(`${file}: its metadata says step ${step}, its name ${named}: it is renamed or damaged`);
  const { train } = settingsText(file, metadata) as { train?: { steps?: unknown } };
  if (typeof train?.steps === 'number' && step > train.steps)
    throw new DamagedFile(`${file}: damaged: its metadata says step ${step} of a run of ${train.steps}`);
  return step;
}

/** The settings that a checkpoint was trained with. @throws DamagedFile where they are missing, cut off, or not this version's */
export function checkpointSettings(file: string, metadata: Record<string, string>): Settings {
  const value = settingsText(file, metadata);
  return damaged(() =>
    checked(value, settingsSchema, `${file}: the settings in its metadata are not this synclr's`),
  ) as Settings;
}

/** The run that a checkpoint is to belong to. */
export interface OfRun {
  settings: Settings;
  /** Its images: where they are, and their fingerprint. */
  corpus?: { path: string; fingerprint: string };
}

/**
 * @throws UserError where a checkpoint was trained otherwise than by these settings, or on other images than these. Those of earlier
 *   versions do not say which images these were.
 */
export function refuseOtherRun(file: string, metadata: Record<string, string>, { settings, corpus }: OfRun): void {
  if (corpus && metadata.corpus !== undefined && metadata.corpus !== corpus.fingerprint)
    throw new UserError(
      `${file}: was trained on other images than those of ${corpus.path} now (corpus ${metadata.corpus.slice(0, 32)} then, ${corpus.fingerprint} now): put those of then back, or begin a new run with --out`,
    );
  const its = settingsText(file, metadata) as unknown as Settings;
  const differing = differentlyLearned(its, settings);
  if (differing.length === 0) return;
  const shown = differing
    .slice(0, 3)
    .map((path) => `${path} (${[its, settings].map((s) => shownSetting(s, path)).join(' there, ')} here)`);
  const more = differing.length > 3 ? ` and ${differing.length - 3} more` : '';
  throw new UserError(
    `${file}: a checkpoint of a run with other settings: ${shown.join(', ')}${more}; move it elsewhere`,
  );
}

const shownSetting = (settings: Settings, path: string): string => {
  const leaf = settingLeaves().find((l) => l.path === path);
  return cutAtWord(
    showValue(getPath(settings, path) ?? (leaf && defaultIn(leaf, getPath(settings, 'learn.method'))) ?? 'unset') ||
      'none',
    60,
  );
};

/** What is wrong with a part of a file is wrong with the file. */
function damaged<T>(read: () => T): T {
  try {
    return read();
  } catch (e) {
    throw e instanceof UserError ? new DamagedFile(e.message) : e;
  }
}

/**
 * @param run that it is to belong to
 * @throws UserError where a checkpoint's header, metadata or, since it has one, checksum is wrong, or it is another run's
 */
export async function verifyCheckpoint(file: string, run?: OfRun): Promise<void> {
  await readSafetensors(file, ({ metadata }) => {
    checkpointStep(file, metadata);
    settingsText(file, metadata);
    if (run) refuseOtherRun(file, metadata, run);
    return [];
  });
}

/**
 * Reads the checkpoint of a step. Where it is damaged, the error names the older one that is whole: neither is it passed over in silence
 * nor removed, since either may be what the user wants to keep.
 */
export async function readNewest<T>(dir: string, step: number, read: (file: string) => Promise<T>): Promise<T> {
  const name = checkpointName(step);
  try {
    return await read(join(dir, name));
  } catch (e) {
    if (!(e instanceof DamagedFile)) throw e;
    const older = await newestWhole(dir, step);
    throw new UserError(
      older === undefined
        ? `${e.message}; no older checkpoint in ${dir} is whole: move ${name} elsewhere to begin without it`
        : `${e.message}; the older ${checkpointName(older)} is whole: move ${name} elsewhere, and the same command goes on from step ${older}`,
    );
  }
}

async function newestWhole(dir: string, before: number): Promise<number | undefined> {
  const older = (await checkpointSteps(dir)).filter((s) => s < before).reverse();
  for (const step of older) {
    const whole = await verifyCheckpoint(join(dir, checkpointName(step))).then(
      () => true,
      () => false,
    );
    if (whole) return step;
  }
  return undefined;
}
