import { z } from 'zod';
import { PRESET_NAMES, type PresetName } from '../config/presets.js';
import { presetName } from '../config/resolve.js';
import type { PartialSettings } from '../config/schema.js';
import { anyOf } from '../config/suggest.js';
import { UserError } from '../errors.js';
import { isObject, readJsonAs } from '../formats/json.js';
import { paperTable } from './paper.js';

/** One row of a grid: settings over the grid's, trained once a seed. */
export interface Cell {
  /** Letters, digits, dots and dashes: a folder's name. */
  name: string;
  /** Any part of the settings, over those of the grid. */
  settings: PartialSettings;
  /** The corpus that it learns from, a name of `Grid.corpora`; absent: the main one. */
  corpus?: string;
  /** Where it stands: `4/+ EMA` is a row of the paper's table 4, `crops/none` one of a table of one's own. */
  rows: readonly string[];
}

/** What is trained, and compared. */
export interface Grid {
  preset: PresetName;
  /** Any part of the settings, for corpora and all cells. */
  settings: PartialSettings;
  seeds: readonly number[];
  /** Length of every training: as the settings have it, so many steps, or as many as fit into a time. */
  budget?: { steps: number } | { minutes: number };
  /** Folders of images that all cells are probed on, by name. */
  evals: readonly { name: string; dir: string }[];
  /** Corpora beside the main one: settings of concepts, captions and images over the grid's. */
  corpora: Readonly<Record<string, PartialSettings>>;
  cells: readonly Cell[];
  /** Rows that cannot be measured here, and why. */
  left: readonly { row: string; why: string }[];
}

/** Groups of settings that corpora are made by. */
const MADE = ['concepts', 'captions', 'images'];

const NAME = /^[\p{L}\p{N}][\p{L}\p{N}.+_-]{0,79}$/u;
const named = z.string().regex(NAME);
const settings = z.record(z.string(), z.unknown());
const seed = z.int().min(0);

const fileSchema = z.strictObject({
  about: z.string().optional(),
  preset: z.enum(PRESET_NAMES as [PresetName, ...PresetName[]]).optional(),
  settings: settings.optional(),
  seeds: z.union([z.int().min(1).max(1000), z.array(seed).min(1)]).optional(),
  steps: z.int().min(1).optional(),
  minutes: z.number().positive().optional(),
  eval: z.record(named, z.string().min(1)).optional(),
  corpora: z.record(named, settings).optional(),
  cells: z
    .array(
      z.strictObject({
        name: named,
        settings: settings.optional(),
        corpus: z.string().optional(),
        rows: z.array(z.string().min(1)).min(1).optional(),
      }),
    )
    .optional(),
  axes: z.record(z.string().min(1), z.record(named, settings)).optional(),
});

/**
 * A grid as a file says it: `preset`, `settings`, `seeds`, `steps` or `minutes`, `eval`, `corpora`, `cells`, and `axes`, each of which gives
 * every cell a value of its own: two axes of three values make nine cells of one.
 * @throws UserError, one line, for what is not known, no cells, two cells of one name, or a corpus that is none
 */
export async function readGrid(file: string): Promise<Grid> {
  const said = await readJsonAs(file, fileSchema);
  if (said.steps !== undefined && said.minutes !== undefined)
    throw new UserError(`${file}: steps and minutes are two budgets: give one of them`);
  const axes = Object.entries(said.axes ?? {});
  const placed = axes.length > 0 ? said.cells?.find((c) => c.rows) : undefined;
  if (placed)
    throw new UserError(
      `${file}: cell ${placed.name}: rows go with cells alone; with axes every combination is a row of its own`,
    );
  const cells = crossed(said.cells ?? [], axes);
  return checkGrid(
    {
      preset: said.preset ?? presetName('ablate-tiny'),
      settings: (said.settings ?? {}) as PartialSettings,
      seeds: seedsOf(said.seeds ?? 2),
      budget:
        said.steps !== undefined
          ? { steps: said.steps }
          : said.minutes !== undefined
            ? { minutes: said.minutes }
            : undefined,
      evals: Object.entries(said.eval ?? {}).map(([name, dir]) => ({ name, dir })),
      corpora: (said.corpora ?? {}) as Record<string, PartialSettings>,
      cells,
      left: [],
    },
    file,
  );
}

/** So many seeds from 0, or those of a list. */
export const seedsOf = (seeds: number | readonly number[]): number[] =>
  typeof seeds === 'number' ? Array.from({ length: seeds }, (_, i) => i) : [...seeds];

type Said = NonNullable<z.output<typeof fileSchema>['cells']>[number];

/** Cells of every combination of the axes' values, named by them. */
function crossed(cells: readonly Said[], axes: readonly [string, Record<string, unknown>][]): Cell[] {
  const made = cells.map(({ name, settings = {}, corpus, rows }) => ({ name, settings, corpus, rows }));
  if (axes.length === 0) return made.map((c) => ({ ...c, rows: c.rows ?? [`cells/${c.name}`] }) as Cell);
  const table = axes.map(([axis]) => axis.replaceAll('/', ' ')).join(' × ');
  let all: { names: string[]; settings: object; corpus?: string }[] =
    made.length > 0 ? made.map((c) => ({ ...c, names: [c.name] })) : [{ names: [], settings: {} }];
  for (const [, values] of axes)
    all = all.flatMap((c) =>
      Object.entries(values).map(([name, value]) => ({
        ...c,
        names: [...c.names, name],
        settings: merged(c.settings, value as object),
      })),
    );
  return all.map(({ names, settings, corpus }) => {
    const name = names.join('-');
    return { name, settings: settings as PartialSettings, corpus, rows: [`${table}/${name}`] };
  });
}

/** One tree of settings over another. */
export function merged<T extends object>(below: T, above: object): T {
  const out = { ...below } as Record<string, unknown>;
  for (const [key, value] of Object.entries(above)) {
    const before = out[key];
    out[key] = isObject(before) && isObject(value) ? merged(before, value) : value;
  }
  return out as T;
}

/** @throws UserError naming where the grid comes from */
export function checkGrid(grid: Grid, from: string): Grid {
  const { cells, corpora, seeds } = grid;
  const refuse = (problem: string): never => {
    throw new UserError(`${from}: ${problem}`);
  };
  if (cells.length === 0) refuse('no cells: give some under "cells", or the values of an axis under "axes"');
  const names = new Set<string>();
  for (const { name, corpus, rows, settings } of cells) {
    if (names.has(name)) refuse(`two cells have the name ${name}: give each a name of its own`);
    names.add(name);
    if (corpus !== undefined && !Object.hasOwn(corpora, corpus))
      refuse(
        `cell ${name} learns from corpus ${corpus}, which is not under "corpora" (${anyOf(Object.keys(corpora))})`,
      );
    const group = MADE.find((g) => Object.hasOwn(settings, g));
    if (group)
      refuse(
        `cell ${name}: settings of ${group} make another corpus: put them under "corpora", and name it by "corpus"`,
      );
    for (const row of rows)
      if (!/^[^/]+\/[^/]+/.test(row)) refuse(`cell ${name}: row ${row} has no table: write table/row, e.g. 4/SynCLR`);
  }
  if (Object.hasOwn(corpora, 'main')) refuse('corpus main is the one of the grid’s own settings: choose another name');
  if (new Set(seeds).size < seeds.length) refuse('a seed is there twice');
  return grid;
}

/** The cells that stand in some tables alone. @throws UserError naming the tables that there are */
export function ofTables(grid: Grid, tables: readonly string[]): Grid {
  const tableOf = (row: string) => row.slice(0, row.indexOf('/'));
  const here = [...new Set([...grid.cells.flatMap((c) => c.rows), ...grid.left.map((l) => l.row)].map(tableOf))];
  const unknown = tables.find((t) => !here.includes(t));
  if (unknown !== undefined) {
    const known = paperTable(unknown) ? ', of which this grid has no row' : '';
    throw new UserError(`--tables ${unknown}: no such table${known}; there are ${here.join(', ')}`);
  }
  const within = (row: string) => tables.includes(tableOf(row));
  const cells = grid.cells.map((c) => ({ ...c, rows: c.rows.filter(within) })).filter((c) => c.rows.length > 0);
  const used = new Set(cells.map((c) => c.corpus));
  return {
    ...grid,
    cells,
    corpora: Object.fromEntries(Object.entries(grid.corpora).filter(([name]) => used.has(name))),
    left: grid.left.filter((l) => within(l.row)),
  };
}
