import { join } from 'node:path';
import { checkSettings, resolveSettings } from '../config/resolve.js';
import type { Settings } from '../config/schema.js';
import { Diverged, UserError } from '../errors.js';
import { sha256 } from '../files/digest.js';
import { makeFolder } from '../files/folders.js';
import { train } from '../learn/train.js';
import { checkpointSteps } from '../model/checkpoint-file.js';
import { evaluate } from '../probe/evaluate.js';
import { inSteps, withChosen } from '../run/budget.js';
import { readRunConfig } from '../run/config.js';
import { FolderLock } from '../run/lock.js';
import { refuseOtherRun } from '../run/refuse.js';
import type { StageHooks } from '../stage.js';
import { type Corpora, corpusSettings, MAIN, makeCorpora } from './corpora.js';
import { type Cell, type Grid, merged } from './grid.js';
import { type CellResult, readResult, type Score, writeResult } from './result.js';
import { stepsFor } from './trial.js';

export interface AblateOptions {
  grid: Grid;
  /** Where corpora, runs and results go: `corpora/NAME`, `cells/NAME/seed-0`. */
  dir: string;
  /** A corpus that is there already, in place of the grid's main one. */
  corpus?: string;
  /** Settings of `runtime`, by dotted path. */
  runtime?: Readonly<Record<string, unknown>>;
  hooks: StageHooks;
  /** Told after every cell and seed, with all that is known so far. */
  done?(result: CellResult, of: { at: number; total: number; sofar: Ablation }): void | Promise<void>;
}

/** What a grid came to. */
export interface Ablation {
  grid: Grid;
  results: CellResult[];
  /** Rows without a result, and why. */
  left: { row: string; why: string }[];
}

/** A cell's run with one seed. */
export const runDir = (dir: string, cell: string, seed: number): string => join(dir, 'cells', cell, `seed-${seed}`);

/**
 * Trains every cell of a grid with every seed, on corpora that it makes where they are not there, and probes all on the same images.
 * Whatever is finished is kept: the same call continues after any interruption. A cell that diverges is noted, and the others go on.
 * @throws UserError, before anything is written, for settings that are not known or do not fit together, and for a folder whose cells were
 *   trained with others; Interrupted
 */
export async function ablate(o: AblateOptions): Promise<Ablation> {
  const { grid, dir, hooks, runtime = {} } = o;
  checkCells(grid, dir, runtime, o.corpus !== undefined);
  await makeFolder(dir);
  const lock = await FolderLock.take(dir);
  try {
    const corpora = await makeCorpora(grid, { dir, given: o.corpus, runtime, hooks });
    const results: CellResult[] = [];
    const left = [...grid.left];
    const total = grid.cells.length * grid.seeds.length;
    let at = 0;
    for (const seed of grid.seeds)
      for (const [i, cell] of grid.cells.entries()) {
        at++;
        const corpus = corpora.made.get(cell.corpus ?? MAIN)!;
        if (typeof corpus === 'string') {
          if (seed === grid.seeds[0]) left.push(...cell.rows.map((row) => ({ row, why: corpus })));
          continue;
        }
        hooks.note?.(`cell ${at} of ${total}: ${cell.name}, seed ${seed}`);
        const settings = await sized(
          o,
          cell,
          settingsOf(grid, cell, seed, { ...runtime, ...corpus.settings }, i === 0),
          corpus.path,
        );
        const result = await trained(o, cell, seed, settings, corpus.path, corpora);
        results.push(result);
        await o.done?.(result, { at, total, sofar: { grid, results, left } });
      }
    return { grid, results, left };
  } finally {
    lock.releaseSync();
  }
}

/** @throws UserError for what would fail later: settings, and folders of other settings */
function checkCells(grid: Grid, dir: string, runtime: Readonly<Record<string, unknown>>, given: boolean): void {
  for (const [i, cell] of grid.cells.entries()) {
    const painted = corpusSettings(grid, cell.corpus ?? MAIN, runtime);
    // Of images that are there already, nothing is known yet.
    const its = given ? undefined : { concepts: painted.concepts, captions: painted.captions, images: painted.images };
    for (const seed of grid.seeds) {
      const made = settingsOf(grid, cell, seed, runtime, i === 0, its);
      const stored = readRunConfig(runDir(dir, cell.name, seed));
      // The steps of a time are known where a run was begun with them.
      const steps = stored && grid.budget && 'minutes' in grid.budget ? stored.settings.train.steps : stepsOf(grid);
      const now = steps === undefined ? made : ofLength(made, steps);
      if (stored)
        refuseOtherRun(runDir(dir, cell.name, seed), stored, { settings: { ...now, ...groups(stored.settings) } });
    }
  }
}

const groups = ({ concepts, captions, images }: Settings) => ({ concepts, captions, images });
const stepsOf = ({ budget }: Grid): number | undefined => (budget && 'steps' in budget ? budget.steps : undefined);
const ofLength = (s: Settings, steps: number): Settings =>
  withChosen(s, { 'train.steps': steps, ...inSteps(s, steps) });

/**
 * Settings of a cell's run.
 * @param flags by dotted path: of the machine, and of the corpus  @param first whether baselines are probed with it, for all
 * @param its settings of its corpus, in place of what stands in flags
 */
function settingsOf(
  grid: Grid,
  cell: Cell,
  seed: number,
  flags: Readonly<Record<string, unknown>>,
  first: boolean,
  its?: Pick<Settings, 'concepts' | 'captions' | 'images'>,
): Settings {
  const probe = { 'probe.ownClasses': 0, 'probe.heldOutClasses': 0, 'probe.baselines': first };
  try {
    const s = resolveSettings({
      preset: grid.preset,
      settings: merged(grid.settings, cell.settings),
      flags: { ...flags, ...probe, seed },
      training: false,
    });
    return its ? checkSettings({ ...s, ...its }) : s;
  } catch (e) {
    if (e instanceof UserError) throw new UserError(`cell ${cell.name}: ${e.message.replaceAll(' in settings', '')}`);
    throw e;
  }
}

/** The settings with the length that the budget gives. */
async function sized(o: AblateOptions, cell: Cell, s: Settings, corpus: string): Promise<Settings> {
  const { budget } = o.grid;
  if (!budget) return s;
  if ('steps' in budget) return ofLength(s, budget.steps);
  const stored = o.grid.seeds
    .map((seed) => readRunConfig(runDir(o.dir, cell.name, seed)))
    .find((config) => config !== undefined);
  const dir = join(o.dir, 'trials', cell.name);
  const steps =
    stored?.settings.train.steps ?? (await stepsFor(60 * budget.minutes, { settings: s, dir, corpus, hooks: o.hooks }));
  return ofLength(s, steps);
}

async function trained(
  o: AblateOptions,
  cell: Cell,
  seed: number,
  settings: Settings,
  corpus: string,
  { probes }: Corpora,
): Promise<CellResult> {
  const { hooks, grid } = o;
  const dir = runDir(o.dir, cell.name, seed);
  const evals = [...probes, ...grid.evals];
  const { runtime: _, ...decides } = settings;
  const key = sha256(JSON.stringify([1, decides, corpus, evals]));
  const kept = await readResult(dir, key);
  if (kept) return kept;
  const about = { format: 'synclr-ablation-cell', key, cell: cell.name, seed, steps: settings.train.steps } as const;
  const began = performance.now();
  const from = (await checkpointSteps(join(dir, 'checkpoints'))).at(-1) ?? 0;
  try {
    await train({ settings, dir, corpus, hooks });
  } catch (e) {
    if (!(e instanceof Diverged)) throw e;
    hooks.warn(`cell ${cell.name}, seed ${seed}: ${e.message}`);
    const result: CellResult = { ...about, diverged: e.what, scores: [] };
    await writeResult(dir, result);
    return result;
  }
  const seconds = from === 0 ? (performance.now() - began) / 1000 : undefined;
  const report = await evaluate({ settings, dir, hooks, evals });
  const scores = report.datasets.flatMap((d) =>
    d.rows.map(
      (row): Score => ({
        set: d.name,
        features: row.features,
        linear: row.linear.top1,
        knn: row.knn.top1,
        ...(row.zeroShot ? { zeroShot: row.zeroShot.top1 } : {}),
        chance: d.chance,
        test: d.test,
      }),
    ),
  );
  const result: CellResult = { ...about, seconds, scores };
  await writeResult(dir, result);
  return result;
}

/** The results that are there of a grid, however much of it is done. */
export async function foundResults(grid: Grid, dir: string): Promise<CellResult[]> {
  const all = await Promise.all(
    grid.seeds.flatMap((seed) => grid.cells.map((cell) => readResult(runDir(dir, cell.name, seed)))),
  );
  return all.filter((r) => r !== undefined);
}
