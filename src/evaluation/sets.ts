import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openEvalSet } from '../data/open.js';
import type { EvalSet } from '../data/set.js';
import { meantBy } from '../data/sets/index.js';
import { type EvalSpec, nameFor } from '../data/spec.js';
import { asUserError, codeOf, Interrupted, UserError } from '../errors.js';
import { announce } from '../hub/announce.js';
import type { StageHooks } from '../stage.js';

/** A data set of a comparison. */
export type OpenedSet = EvalSet & {
  /** What suites and the paper's tables know it as: the registry's entry that its name means, else the one that it was read by. */
  meant: string;
  /** Named by itself, not found in the folder of all sets. */
  given: boolean;
};

/**
 * Opens the data sets of a comparison: those named, and every folder of `data`.
 * @returns those that can be opened, and why others cannot
 * @throws UserError where `data` is no folder, or a name is given twice; Interrupted
 */
export async function openSets(o: {
  data?: string;
  evals?: readonly EvalSpec[];
  /** Which value of label maps counts nowhere, where a folder does not say. */
  ignored?: number;
  /** Whether a folder of `data` that has the name of a known data set is asked for at all: others are not listed. Default: all are. */
  wants?(meant: string, name: string): boolean;
  hooks: StageHooks;
}): Promise<{ sets: OpenedSet[]; failures: { what: string; why: string }[] }> {
  const named = (o.evals ?? []).map((spec) => ({ spec, name: nameFor(spec), given: true }));
  const twice = named.find(({ name }, i) => named.findIndex((n) => n.name === name) < i);
  if (twice) throw new UserError(`data set ${twice.name} is given twice: every one needs its own name, NAME=DIR`);
  const { signal, warn, note } = o.hooks;
  const isWanted = ({ name }: { name: string }) => {
    const meant = meantBy(name)?.name;
    return meant === undefined || (o.wants?.(meant, name) ?? true);
  };
  const all = o.data === undefined ? [] : await foldersOf(o.data);
  const found = all.filter(isWanted);
  const others = all.filter((f) => !isWanted(f)).map(({ name }) => name);
  if (others.length > 0)
    note?.(
      `not opened, for by their names they are of other suites (--eval NAME=DIR takes one all the same): ${others.join(', ')}`,
    );
  const opening = {
    signal,
    onWarn: warn,
    onProgress: announce(note),
    ...(o.ignored !== undefined && { ignored: o.ignored }),
  };
  const sets: OpenedSet[] = [];
  const failures: { what: string; why: string }[] = [];
  for (const { spec, name, given } of [...named, ...found.filter((f) => !named.some((n) => n.name === f.name))]) {
    try {
      const set = await openEvalSet(spec, opening);
      sets.push(Object.assign(set, { meant: meantBy(name)?.name ?? set.kind, given }));
    } catch (e) {
      const mistake = asUserError(e);
      if (e instanceof Interrupted || !mistake) {
        await Promise.all(sets.map((set) => set.close()));
        throw e;
      }
      // Whether a folder of any name belongs to suites with lists shows when it is opened: what cannot be is none of theirs.
      if (given || (o.wants?.(meantBy(name)?.name ?? '', name) ?? true))
        failures.push({ what: `data set ${name}`, why: mistake.message });
      warn(`left out: ${mistake.message}`);
    }
  }
  return { sets, failures };
}

async function foldersOf(data: string): Promise<{ spec: EvalSpec; name: string; given: boolean }[]> {
  const entries = await readdir(data, { withFileTypes: true }).catch((e) => {
    if (codeOf(e) === 'ENOENT') throw new UserError(`--data ${data}: no such folder`);
    throw e;
  });
  return (
    entries
      .filter((e) => !e.name.startsWith('.') && (e.isDirectory() || e.isSymbolicLink()))
      // Results of a comparison may lie beside what was compared on.
      .filter((e) => !existsSync(join(data, e.name, 'comparison.json')))
      .map((e) => ({ spec: { name: e.name, dir: join(data, e.name) }, name: e.name, given: false }))
      .sort((a, b) => (a.name < b.name ? -1 : 1))
  );
}
