import { join } from 'node:path';
import { resolveSettings } from '../config/resolve.js';
import type { Settings } from '../config/schema.js';
import { writeCaptions } from '../corpus/captions-stage.js';
import { writeImages } from '../corpus/images-stage.js';
import { linkCorpus } from '../corpus/link.js';
import { Interrupted, UserError } from '../errors.js';
import { paintProbes } from '../probe/painted-probes.js';
import type { CorpusRecord } from '../run/config.js';
import { openRun } from '../run/run.js';
import type { StageHooks } from '../stage.js';
import { type Grid, merged } from './grid.js';

/** The corpus that the grid's own settings make. */
export const MAIN = 'main';

/** A corpus that cells learn from. */
export interface MadeCorpus {
  /** What `--corpus` would take. */
  path: string;
  /** Settings by dotted path that come with it. */
  settings: Readonly<Record<string, unknown>>;
}

export interface Corpora {
  /** By name; of those that could not be made, why. */
  made: ReadonlyMap<string, MadeCorpus | string>;
  /** Data sets painted once, for all cells. */
  probes: readonly { name: string; dir: string }[];
}

const dirOf = (dir: string, name: string): string => join(dir, 'corpora', name);

/** Settings of a corpus of the grid. @throws UserError naming the corpus */
export function corpusSettings(grid: Grid, name: string, runtime: Readonly<Record<string, unknown>>): Settings {
  try {
    return resolveSettings({
      preset: grid.preset,
      settings: name === MAIN ? grid.settings : merged(grid.settings, grid.corpora[name]),
      flags: runtime,
      training: false,
    });
  } catch (e) {
    if (e instanceof UserError) throw new UserError(`corpus ${name}: ${e.message}`);
    throw e;
  }
}

/**
 * Writes and paints the corpora of a grid, each in a run's folder of its own under `corpora/`, and the probes of the main one; what is
 * there is kept.
 * @param given a corpus that is there already, in place of the main one
 * @throws UserError as the stages, of the main corpus; Interrupted
 */
export async function makeCorpora(
  grid: Grid,
  o: { dir: string; given?: string; runtime: Readonly<Record<string, unknown>>; hooks: StageHooks },
): Promise<Corpora> {
  const { dir, given, hooks } = o;
  const made = new Map<string, MadeCorpus | string>();
  const own = dirOf(dir, MAIN);
  const settings = corpusSettings(grid, MAIN, o.runtime);
  let record: CorpusRecord | undefined;
  if (given === undefined) {
    await paint(own, settings, MAIN, hooks);
    const { settings: its } = await linkCorpus(own);
    made.set(MAIN, { path: own, settings: its });
  } else {
    const linked = await linkCorpus(given, { run: own, mostBad: settings.corpus.mostBad, hooks });
    record = linked.record;
    made.set(MAIN, { path: given, settings: linked.settings });
  }
  const probes = await probesOf(grid, own, made.get(MAIN) as MadeCorpus, settings, record, o);
  for (const name of Object.keys(grid.corpora)) {
    if (given !== undefined) {
      made.set(name, `its corpus would have to be painted, and --corpus ${given} says which images there are`);
      continue;
    }
    const to = dirOf(dir, name);
    try {
      await paint(to, corpusSettings(grid, name, o.runtime), name, hooks);
      made.set(name, { path: to, settings: (await linkCorpus(to)).settings });
    } catch (e) {
      if (e instanceof Interrupted || !(e instanceof UserError)) throw e;
      hooks.warn(`corpus ${name} cannot be made: ${e.message}`);
      made.set(name, e.message);
    }
  }
  return { made, probes };
}

async function paint(dir: string, settings: Settings, name: string, hooks: StageHooks): Promise<void> {
  hooks.note?.(
    `corpus ${name}: ${settings.captions.count} captions by writer ${settings.captions.writer}, ${settings.images.perCaption} images each`,
  );
  await using run = await openRun(dir, { settings, stages: ['captions', 'images'] });
  await writeCaptions(run.stage(hooks));
  await writeImages(run.stage(hooks));
}

/** The main corpus's own probes, painted beside it. */
async function probesOf(
  grid: Grid,
  dir: string,
  corpus: MadeCorpus,
  settings: Settings,
  linked: CorpusRecord | undefined,
  { runtime, hooks }: { runtime: Readonly<Record<string, unknown>>; hooks: StageHooks },
): Promise<Corpora['probes']> {
  const flags = { ...runtime, ...corpus.settings };
  const s = linked
    ? resolveSettings({ preset: grid.preset, settings: grid.settings, flags, training: false })
    : settings;
  await using run = await openRun(dir, { settings: s, corpus: linked, stages: ['eval'] });
  const { ready, missing } = await paintProbes(run.settings, dir, hooks);
  for (const { name, why } of missing) hooks.note?.(`no ${name} probe: ${why}`);
  return ready.map(({ name, folder }) => ({ name: name === 'own-concepts' ? 'own' : 'unseen', dir: folder }));
}
