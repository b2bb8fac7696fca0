import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { showValue } from '../../config/leaves.js';
import { DEFAULT_PRESET } from '../../config/presets.js';
import {
  checkSettings,
  differingSettings,
  getPath,
  presetName,
  resolveSettings,
  type SettingsSources,
} from '../../config/resolve.js';
import type { Settings } from '../../config/schema.js';
import type { LinkedCorpus } from '../../corpus/link.js';
import { parseSource } from '../../corpus/own/source.js';
import type { OwnSurvey } from '../../corpus/own-captions.js';
import { UserError } from '../../errors.js';
import { type CorpusRecord, type MinutesRecord, type RunConfig, readRunConfig } from '../../run/config.js';
import { CORPUS_GROUPS, refuseForeign, refuseNoFolder, refuseOtherRun, type StageName } from '../../run/refuse.js';
import type { StageHooks } from '../../stage.js';
import type { Parsed } from './args.js';
import { count } from './format.js';

/** The run that a command line means, before anything is written. */
export interface RunRequest {
  dir: string;
  settings: Settings;
  preset: string;
  /** Weights that training starts from. */
  from?: string;
  /** Images that lie elsewhere. */
  corpus?: CorpusRecord;
  /** What is to be said of them. */
  remarks: string[];
  minutes?: MinutesRecord;
  /** The folder's own config.json, if it is a run already. */
  stored?: RunConfig;
}

export interface RequestOptions {
  /** Nothing will be written to the folder, so its content may have been made with other settings. */
  mayDiffer?: boolean;
  /** What is to be done; with `train` the settings must also do for training. */
  stages?: readonly StageName[];
  /** Also of those that will only say something, as `train --plan`. */
  training?: boolean;
}

/**
 * Finds out which run is meant: the folder, and its settings. A folder that is a run already brings its own settings when neither
 * --preset nor --config says otherwise; flags come on top.
 * @throws UserError for bad settings, and for settings that differ from those that the folder's content was made with
 */
export function requestRun(args: Parsed, o: RequestOptions = {}): RunRequest {
  const { training = o.stages?.includes('train') ?? false } = o;
  const request = sourcesOf(args, o);
  const chosen = args.values.minutes === undefined ? {} : request.stored?.minutes?.chosen;
  const settings = resolveSettings({ ...request.sources, flags: { ...chosen, ...args.settings }, training });
  return finished(args, request, settings, o);
}

/** As `requestRun`, of a command that takes `--corpus`: the corpus brings settings of its own. @param hooks told how far an index is */
export async function requestRunOn(args: Parsed, o: RequestOptions = {}, hooks?: StageHooks): Promise<RunRequest> {
  const named = args.lists.corpus;
  if (named === undefined) return withOwnCaptions(args, requestRun(args, o), o, hooks);
  const request = sourcesOf(args, o);
  const specs = named.map((text) => parseSource(text, existsSync));
  const { refuseOverlap } = await import('../../files/overlap.js');
  await refuseOverlap(
    request.dir,
    specs.map(({ path }) => ({ what: 'the corpus', path })),
  );
  const { linkCorpus } = await import('../../corpus/link.js');
  const chosen = args.values.minutes === undefined ? {} : request.stored?.minutes?.chosen;
  const { training = o.stages?.includes('train') ?? false } = o;
  const resolved = (more: Record<string, unknown>) =>
    resolveSettings({ ...request.sources, flags: { ...chosen, ...more, ...args.settings }, training });
  const { mostBad } = resolved({}).corpus;
  const linked = await linkCorpus(specs, { run: request.dir, mostBad, hooks });
  const said = given(args, request.sources);
  refuseConflicts(named.join(', '), linked, said);
  const suggested = Object.fromEntries(Object.entries(linked.suggested ?? {}).filter(([path]) => !said.has(path)));
  const settings = resolved({ ...suggested, ...linked.settings });
  return { ...finished(args, request, settings, o, linked.record), remarks: linked.remarks };
}

/**
 * Of captions of one's own their number is found by going through them, where nobody has done so before: as many as are usable, or as many of them as are
 * asked for.
 */
async function withOwnCaptions(
  args: Parsed,
  request: RunRequest,
  { training, stages }: RequestOptions,
  hooks?: StageHooks,
): Promise<RunRequest> {
  const { settings, stored, corpus } = request;
  const { source } = settings.captions;
  if (source === '' || corpus || !hooks) return request;
  const asked = given(args, sourcesOf(args, { mayDiffer: true }).sources).get('captions.count');
  const before = stored?.settings.captions;
  if (asked === undefined && before?.source === source) {
    settings.captions.count = before.count;
    return request;
  }
  if (asked !== undefined && before?.source === source && before.count === asked) return request;
  const { surveyOwnCaptions } = await import('../../corpus/own-captions.js');
  const found = await surveyOwnCaptions(settings, Number(asked ?? Number.POSITIVE_INFINITY), hooks);
  settings.captions.count = found.usable;
  checkSettings(settings, training ?? stages?.includes('train') ?? false);
  hooks.note?.(`${source}: ${surveyLine(found)}`);
  return request;
}

/** `4,000 captions of 5,000 rows; dropped: 900 near-duplicate, 100 too short`. */
function surveyLine({ read, usable, rejected }: OwnSurvey): string {
  const dropped = Object.entries(rejected)
    .sort(([, a], [, b]) => (b ?? 0) - (a ?? 0))
    .map(([reason, n]) => `${count(n ?? 0)} ${reason}`);
  return `${count(usable)} captions of ${count(read)} rows${dropped.length > 0 ? `; dropped: ${dropped.join(', ')}` : ''}`;
}

interface Sources {
  dir: string;
  stored?: RunConfig;
  own: boolean;
  sources: SettingsSources;
}

function sourcesOf(args: Parsed, { mayDiffer }: RequestOptions): Sources {
  const { config } = args.values;
  const preset = args.values.preset === undefined ? undefined : presetName(args.values.preset);
  const dir = args.values.out ?? join('runs', preset ?? (config ? nameOfConfig(config) : DEFAULT_PRESET));
  refuseNoFolder(dir);
  const stored = readRunConfig(dir);
  if (!stored && !mayDiffer) refuseForeign(dir);
  const own = preset === undefined && config === undefined && stored !== undefined;
  return { dir, stored, own, sources: own ? { file: join(dir, 'config.json') } : { preset, file: config } };
}

function finished(
  args: Parsed,
  { dir, stored, own }: Sources,
  settings: Settings,
  { mayDiffer, stages }: RequestOptions,
  corpus?: CorpusRecord,
): RunRequest {
  const { from } = args.values;
  if (stored && !mayDiffer) refuseOtherRun(dir, stored, { settings, from, corpus, stages });
  return {
    dir,
    settings,
    from: from ?? stored?.from,
    corpus: corpus ?? stored?.corpus,
    remarks: [],
    minutes: stored?.minutes,
    preset: own ? (stored?.preset ?? 'none') : (args.values.preset ?? DEFAULT_PRESET),
    stored,
  };
}

/** Settings of a corpus's groups that the command line, or a file of settings, gives in so many words. */
function given(args: Parsed, { preset, file }: SettingsSources): Map<string, unknown> {
  const out = new Map<string, unknown>();
  if (file !== undefined && args.values.config !== undefined) {
    const [base, whole] = [resolveSettings({ preset }), resolveSettings({ preset, file, training: false })];
    for (const path of differingSettings(base, whole)) out.set(path, getPath(whole, path));
  }
  for (const [path, value] of Object.entries(args.settings)) out.set(path, value);
  return out;
}

/** @throws UserError where what is given says otherwise than the corpus */
function refuseConflicts(
  corpus: string,
  { settings: its, record }: LinkedCorpus,
  said: ReadonlyMap<string, unknown>,
): void {
  for (const [path, value] of said) {
    const inCorpus = path in its;
    // Of what synclr did not paint these say how it is taken.
    if (record.sources && (path === 'images.perCaption' || path === 'images.size')) continue;
    if (!inCorpus && !CORPUS_GROUPS.includes(path.split('.')[0])) continue;
    if (inCorpus && JSON.stringify(its[path]) === JSON.stringify(value)) continue;
    const there = inCorpus
      ? `is ${showValue(its[path]) || 'none'} in the corpus ${corpus}`
      : `is not known of the corpus ${corpus}`;
    throw new UserError(
      `${path} ${showValue(value)} is asked for, but ${there}, which --corpus takes as it is: leave ${path} away, or paint a corpus with it`,
    );
  }
}

/** `runs/plants/config.json` → `plants`, `plants.json` → `plants`. */
function nameOfConfig(file: string): string {
  const name = basename(file, '.json');
  return name === 'config' ? basename(dirname(resolve(file))) || 'run' : name;
}
