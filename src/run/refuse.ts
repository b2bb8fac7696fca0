import { closeSync, lstatSync, openSync, readdirSync, readlinkSync, readSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { LEARNING, WITHOUT_INFLUENCE } from '../config/learning.js';
import { defaultIn, settingLeaves, showValue } from '../config/leaves.js';
import { differingSettings, getPath } from '../config/resolve.js';
import type { Settings } from '../config/schema.js';
import { UserError } from '../errors.js';
import { STAGE_FILES, STAGE_FOLDERS } from '../files/run-names.js';
import { isTemporary } from '../files/temporary.js';
import { CORPUS_FOLDER, type CorpusRecord, type RunConfig } from './config.js';

/** What is to be done in a run's folder. */
export type StageName = 'captions' | 'images' | 'train' | 'eval';

/** Which settings a stage's output rests on, beside those of the stages before, and where that output lies. */
const FIXED: readonly { stage: StageName; evidence: readonly string[]; groups: readonly string[] }[] = [
  { stage: 'captions', evidence: ['captions'], groups: ['concepts', 'captions'] },
  { stage: 'images', evidence: ['images'], groups: ['images'] },
  { stage: 'train', evidence: ['checkpoints', 'train'], groups: LEARNING },
];
/** Groups that come with a corpus. */
export const CORPUS_GROUPS: readonly string[] = ['concepts', 'captions', 'images'];

/** What is asked of a run's folder, compared with what it is. */
export interface Asked {
  settings: Settings;
  /** Weights that training is to start from; default: those of the run. */
  from?: string;
  /** Images elsewhere; default: those of the run. */
  corpus?: CorpusRecord;
  /** Which stages are to be done; the concepts' files are compared by their content where captions are written or painted. */
  stages?: readonly StageName[];
}

/**
 * Compares what is asked with what a run's folder was made with.
 * @throws UserError naming the settings, the corpus or the weights that differ, and what to do
 */
export function refuseOtherRun(dir: string, stored: RunConfig, asked: Asked): void {
  refuseOtherCorpus(dir, stored, asked.corpus);
  refuseOtherSettings(dir, stored, asked);
  const { from = stored.from } = asked;
  if (from !== stored.from && isTrained(dir))
    throw new UserError(
      `${dir} is trained already, ${stored.from ? `from ${stored.from}` : 'from scratch'}: --from starts a new run, choose a new folder with --out`,
    );
}

function refuseOtherCorpus(dir: string, stored: RunConfig, corpus: CorpusRecord | undefined): void {
  if (!corpus) return;
  const own = ['captions', 'images'].find((name) => hasFiles(join(dir, name)));
  if (own)
    throw new UserError(
      `${dir} has ${own} of its own: --corpus ${corpus.path} is for a run without, choose a new folder with --out`,
    );
  if (stored.corpus?.fingerprint === corpus.fingerprint || !isTrained(dir)) return;
  throw new UserError(
    `${dir} was trained on ${stored.corpus ? `the corpus ${stored.corpus.path} (${stored.corpus.fingerprint})` : 'another corpus'}; ${corpus.path} (${corpus.fingerprint}) is another one: choose a new folder with --out`,
  );
}

function refuseOtherSettings(dir: string, { settings: before, corpus }: RunConfig, asked: Asked): void {
  const now = asked.settings;
  const made = FIXED.findLastIndex((f) => f.evidence.some((name) => hasFiles(join(dir, name))));
  // A corpus that lies elsewhere has its settings before anything is trained on it; another one brings others.
  const linked = corpus !== undefined && (!asked.corpus || asked.corpus.fingerprint === corpus.fingerprint);
  const fixed = new Set([...FIXED.slice(0, made + 1).flatMap((f) => f.groups), ...(linked ? CORPUS_GROUPS : [])]);
  if (made >= 0 && (corpus === undefined || made >= 2)) fixed.add('seed');
  const trained = made >= 0 && FIXED[made].stage === 'train';
  // More captions may be asked for as long as nothing was trained on fewer.
  const count = Number(getPath(before, 'captions.count'));
  const grown = now.captions.count > count && !trained && !linked;
  // A concept file that was moved is the same bank: the stages compare its content.
  const compared = !trained && !linked && (asked.stages ?? []).some((s) => s === 'captions' || s === 'images');
  const free = (path: string) =>
    WITHOUT_INFLUENCE.has(path) ||
    (grown && path === 'captions.count') ||
    (compared && ['concepts.source', 'concepts.backgrounds', 'captions.source'].includes(path));
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

/** A setting's value in a message; nothing is said to be so. */
function shownSetting(settings: Settings, path: string): string {
  const leaf = settingLeaves().find((l) => l.path === path);
  return (
    showValue(getPath(settings, path) ?? (leaf && defaultIn(leaf, getPath(settings, 'learn.method'))) ?? 'unset') ||
    'none'
  );
}

/** @throws UserError for a path that cannot become a run's folder */
export function refuseNoFolder(dir: string): void {
  const at = lstatSync(dir, { throwIfNoEntry: false });
  if (!at) return;
  const target = statSync(dir, { throwIfNoEntry: false });
  if (!target) throw new UserError(`--out ${dir} is a link to ${readlinkSync(dir)}, which is not there`);
  if (!target.isDirectory()) throw new UserError(`--out ${dir} is a file, not a folder`);
}

/**
 * A first run takes no folder in which anything has a name that its stages use: what is there would be taken for theirs. What programs
 * made with the stages alone, before these wrote config.json, is known by its manifests and checkpoints, and gone on with.
 * @throws UserError naming what is there
 */
export function refuseForeign(dir: string): void {
  const there = [...STAGE_FOLDERS, ...STAGE_FILES].filter((name) =>
    lstatSync(join(dir, name), { throwIfNoEntry: false }),
  );
  if (
    there.length === 0 ||
    ['captions', 'images', 'checkpoints', CORPUS_FOLDER].some((name) => isOurs(join(dir, name)))
  )
    return;
  const more = there.length > 4 ? ` and ${there.length - 4} more` : '';
  throw new UserError(
    `${dir} is no run of synclr (no config.json), but holds ${there.slice(0, 4).join(', ')}${more}, which a run would write: choose a new folder with --out, or move ${there.length === 1 ? 'it' : 'them'} away`,
  );
}

/** Whether a folder of shards or checkpoints is one that the stages made. */
function isOurs(dir: string): boolean {
  try {
    if (basename(dir) === 'checkpoints')
      return readdirSync(dir).some((name) => /^step-\d{8,15}\.safetensors$/.test(name));
    if (basename(dir) === CORPUS_FOLDER)
      return readdirSync(dir).every(
        (name) => isTemporary(name) || /^(?:[0-9a-f]{12}|set-[0-9a-f]{12}\.json)$/.test(name),
      );
    // How our manifests begin; the rest of one may be large.
    return /^\{\s*"format": "synclr-shards"/.test(readHead(join(dir, 'manifest.json')));
  } catch {
    return false;
  }
}

function readHead(file: string): string {
  const fd = openSync(file, 'r');
  try {
    const head = Buffer.alloc(200);
    return head.toString('latin1', 0, readSync(fd, head));
  } finally {
    closeSync(fd);
  }
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
