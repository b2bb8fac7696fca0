import { existsSync } from 'node:fs';
import type { Ablation } from '../ablate/ablate.js';
import type { Grid } from '../ablate/grid.js';
import { presetName } from '../config/resolve.js';
import type { PartialSettings } from '../config/schema.js';
import { UserError } from '../errors.js';
import { type Parsed, parseEvals } from './support/args.js';
import type { Command } from './support/command.js';
import { flags } from './support/flags.js';
import { clock, shownPath } from './support/format.js';
import { checkEvalSets } from './support/preflight.js';

export const command: Command = {
  name: 'ablate',
  about: 'Train a grid of learners, their parts and their captions alike, and put their scores beside the paper’s',
  details:
    'Without --grid: the paper’s tables 2 to 5 and 10 at a preset’s scale, on one corpus and those that caption sources need. Every cell and seed is a run’s folder under --out; the same command continues after any interruption, and finished cells are not trained again. A cell that diverges is noted, and the others go on. What is printed is also in report.html, results.csv, results.json and tables.md.',
  flags: [
    { name: 'preset', value: 'NAME', about: 'the scale of every cell (default ablate-tiny)' },
    { name: 'grid', value: 'FILE', about: 'a grid of your own: JSON with cells or axes (docs/experiments.md)' },
    { name: 'tables', value: 'LIST', about: 'these tables alone, e.g. 4,5' },
    { name: 'out', value: 'DIR', about: 'the folder of all runs (default runs/ablate)' },
    { name: 'seeds', value: 'N', about: 'seeds of each cell: 0 to N−1 (default 2)' },
    { name: 'steps', value: 'N', about: 'steps of each training (default: the preset’s)' },
    { name: 'minutes', value: 'N', about: 'as many steps as fit into so many minutes of training each' },
    { name: 'corpus', value: 'PATH', about: 'learn from images that are there already, in place of the main corpus' },
    ...flags('eval', 'writer', 'writerModel', 'writerUrl', 'painter', 'painterModel', 'painterUrl'),
    ...flags('threads', 'workers', 'provider'),
    {
      name: 'markdown',
      about: 'print the tables of what is there already, to be pasted into a page, and train nothing',
    },
  ],
  settings: ['concepts', 'captions', 'images', 'views', 'model', 'optim', 'train', 'probe', 'runtime'],
  answers: true,
  examples: [
    { line: 'synclr ablate --eval cifar10=data/cifar10', about: 'the small grid, in runs/ablate' },
    {
      line: 'synclr ablate --tables 4,5 --seeds 3 --out runs/objectives',
      about: 'two of the tables, three seeds each',
    },
    { line: 'synclr ablate --grid mine.json --out runs/mine-grid --minutes 5', about: 'a grid of your own' },
    { line: 'synclr ablate --markdown', about: 'the tables of runs/ablate, however far it is' },
  ],
  async run(args, { terminal, signal, answer }) {
    const dir = args.values.out ?? 'runs/ablate';
    const grid = await gridOf(args);
    const [{ ablate, foundResults }, { asJson, writeResults }, { tablesMarkdown, tablesOf, tablesText }] =
      await Promise.all([import('../ablate/ablate.js'), import('../ablate/write.js'), import('../ablate/table.js')]);
    if (args.switches.has('markdown')) {
      if (!existsSync(dir)) throw new UserError(`--markdown: no such folder: ${dir}`);
      const found: Ablation = { grid, results: await foundResults(grid, dir), left: [...grid.left] };
      if (found.results.length === 0) throw new UserError(`--markdown: ${dir} has no result of this grid yet`);
      answer(asJson(found), () => terminal.text(tablesMarkdown(tablesOf(found))));
      return;
    }
    await checkEvalSets([...grid.evals], (line) => terminal.warn(line), signal);
    const began = performance.now();
    const hooks = terminal.hooks(signal);
    const runtime = Object.fromEntries(Object.entries(args.settings).filter(([path]) => path.startsWith('runtime.')));
    terminal.line(
      `synclr ablate: ${grid.cells.length} cells × ${grid.seeds.length} seeds, preset ${grid.preset}, in ${dir}`,
    );
    for (const { row, why } of grid.left) terminal.line(`left out: ${row}: ${why}`);
    const result = await ablate({
      grid,
      dir,
      corpus: args.values.corpus,
      runtime,
      hooks,
      async done(r, { at, total, sofar }) {
        terminal.finish();
        const scores = r.scores.filter((s) => s.features === 'trained');
        const shown = scores.map(
          (s) => `${s.set} linear ${(100 * s.linear).toFixed(1)}, kNN ${(100 * s.knn).toFixed(1)}`,
        );
        const elapsed = clock((performance.now() - began) / 1000);
        terminal.line(`${at} of ${total} (${elapsed}): ${r.cell}, seed ${r.seed}: ${r.diverged ?? shown.join('; ')}`);
        // What is there so far, should nobody wait for the end.
        await writeResults(sofar, dir);
      },
    });
    const paths = await writeResults(result, dir);
    answer({ folder: dir, ...paths, ...asJson(result) }, () => {
      terminal.text(`\n${tablesText(tablesOf(result))}`);
      terminal.line(`report: ${shownPath(paths.page)} (${clock((performance.now() - began) / 1000)} in all)`);
    });
  },
};

/** The grid that a command line means. @throws UserError */
async function gridOf(args: Parsed): Promise<Grid> {
  const { checkGrid, merged, ofTables, readGrid, seedsOf } = await import('../ablate/grid.js');
  const { standardGrid } = await import('../ablate/standard.js');
  const { grid: file, preset, tables } = args.values;
  const said = treeOf(args.settings);
  const number = (name: string, least: number, whole: boolean): number | undefined => {
    const text = args.values[name];
    if (text === undefined) return undefined;
    const value = Number(text);
    if (!Number.isFinite(value) || value < least || value === 0 || (whole && !Number.isInteger(value)))
      throw new UserError(`--${name} ${text}: expected ${whole ? 'a whole number from' : 'a number above'} ${least}`);
    return value;
  };
  const [seeds, steps, minutes] = [number('seeds', 1, true), number('steps', 1, true), number('minutes', 0, false)];
  if (steps !== undefined && minutes !== undefined)
    throw new UserError('--steps and --minutes are two budgets: give one of them');
  if (file !== undefined && preset !== undefined)
    throw new UserError('--preset and --grid: a file says its preset itself, under "preset"');
  const read = file === undefined ? standardGrid(presetName(preset ?? 'ablate-tiny'), said) : await readGrid(file);
  const evals = parseEvals(args.lists.eval);
  const grid = checkGrid(
    {
      ...read,
      settings: file === undefined ? read.settings : merged(read.settings, said),
      seeds: seeds === undefined ? read.seeds : seedsOf(seeds),
      budget: steps !== undefined ? { steps } : minutes !== undefined ? { minutes } : read.budget,
      evals: [...read.evals.filter((e) => !evals.some((own) => own.name === e.name)), ...evals],
    },
    file ?? `preset ${read.preset}`,
  );
  return tables === undefined
    ? grid
    : ofTables(
        grid,
        tables.split(',').map((t) => t.trim()),
      );
}

/** Settings by dotted path as a tree, but those of `runtime`, which are no part of a grid. */
function treeOf(settings: Readonly<Record<string, unknown>>): PartialSettings {
  const tree: Record<string, unknown> = {};
  for (const [path, value] of Object.entries(settings)) {
    if (path.startsWith('runtime.')) continue;
    const keys = path.split('.');
    const parent = keys
      .slice(0, -1)
      .reduce<Record<string, unknown>>((t, key) => (t[key] ??= {}) as Record<string, unknown>, tree);
    parent[keys.at(-1)!] = value;
  }
  return tree as PartialSettings;
}
