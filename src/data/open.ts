import { createHash } from 'node:crypto';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../errors.js';
import { few } from '../probe/layout.js';
import { folderOf, type HubOptions } from './hub.js';
import type { Contents, ListedSplit, SetKind } from './kind.js';
import { hadAt, Place, type PlaceOptions } from './place.js';
import type { EvalSet } from './set.js';
import { FOLDER } from './sets/folder.js';
import { KINDS, kindNamed, meantBy } from './sets/index.js';
import { type EvalSpec, nameFor } from './spec.js';

/** How a data set is opened; `onProgress`, `onWarn` and `hub` are of downloads. */
export interface OpenSetOptions extends PlaceOptions, HubOptions {}

/**
 * Opens a data set for evaluation: of the kind that is named, else the one that its content tells, else an image
 * folder. Pictures are listed, not decoded. A name that the registry knows gives metric and citation, whatever the
 * pictures lie in.
 * @throws UserError naming the file that is missing and where it is had, or labels that cannot be; Interrupted
 */
export async function openEvalSet(spec: EvalSpec, o: OpenSetOptions = {}): Promise<EvalSet> {
  const name = nameFor(spec);
  const dir = await folderOf(spec.dir, o);
  const found = statSync(dir, { throwIfNoEntry: false });
  if (!found) throw new UserError(`data set ${name}: ${dir}: no such folder`);
  if (!found.isDirectory()) throw new UserError(`data set ${name}: ${dir}: not a folder`);
  const named = meantBy(name);
  const { kind, root } = spec.kind === undefined ? guess(dir, named) : placed(name, dir, kindNamed(spec.kind));
  const place = new Place(name, kind, dir, root, o);
  const contents = await kind.open(place).catch((e: unknown) => {
    // A name that the registry knows may mean what its authors hand out, of which a part is missing.
    const asked = kind === FOLDER && named !== FOLDER && spec.kind === undefined ? named : undefined;
    if (!asked || asked.marks.length === 0 || !(e instanceof UserError)) throw e;
    throw new UserError(
      `${e.message}; nor is it ${asked.title}: ${join(dir, lacking(dir, asked))} is missing; ${hadAt(asked)}`,
    );
  });
  try {
    const isGeneric = kind.citation === undefined;
    return setOf(place, contents, isGeneric && named?.task === kind.task ? named : kind);
  } catch (e) {
    await contents.close?.();
    throw e;
  }
}

/** A file or folder that a kind has and a folder lacks. */
function lacking(dir: string, kind: SetKind): string {
  const seen: Listings = new Map();
  const mark = kind.marks[0].find((m) => !m.startsWith('!') && !isThere(dir, m, seen)) ?? kind.marks[0][0];
  return mark.replaceAll('*', '…').replace(/\/$/, '');
}

/** Where a kind's layout begins in a folder; undefined where it is not there. */
function rootOf(dir: string, kind: SetKind, seen: Listings): string | undefined {
  const roots = ['', ...(kind.roots ?? [])];
  const inner = onlyFolder(dir, seen);
  if (inner !== undefined) roots.push(...roots.map((r) => join(inner, r)));
  for (const root of roots)
    for (const marks of kind.marks) {
      const there = marks.every((m) => isThere(join(dir, root), m, seen));
      if (there) return join(dir, root);
    }
  return undefined;
}

/** Archives often hold one folder with everything in it. */
function onlyFolder(dir: string, seen: Listings): string | undefined {
  const [name, ...others] = namesIn(dir, seen).filter((n) => !n.startsWith('.'));
  if (name === undefined || others.length > 0) return undefined;
  return statSync(join(dir, name), { throwIfNoEntry: false })?.isDirectory() ? name : undefined;
}

/** Names in folders, each read once: some have a million files. */
type Listings = Map<string, string[]>;

function namesIn(dir: string, seen: Listings): string[] {
  let names = seen.get(dir);
  if (!names) {
    try {
      names = readdirSync(dir);
    } catch {
      names = [];
    }
    seen.set(dir, names);
  }
  return names;
}

function isThere(dir: string, mark: string, seen: Listings): boolean {
  if (mark.startsWith('!')) return !isThere(dir, mark.slice(1), seen);
  const asked = mark.replace(/\/$/, '').split('/');
  const name = asked.pop()!;
  const is = (path: string) => {
    const found = statSync(path, { throwIfNoEntry: false });
    return mark.endsWith('/') ? found?.isDirectory() === true : found?.isFile() === true;
  };
  if (!name.includes('*')) return is(join(dir, mark));
  const parts = name.split('*').map((t) => t.replace(/[.+^$()[\]\\|?{}]/g, '\\$&'));
  const pattern = new RegExp(`^${parts.join('.*')}$`);
  return namesIn(join(dir, ...asked), seen).some((n) => pattern.test(n) && is(join(dir, ...asked, n)));
}

function placed(name: string, dir: string, kind: SetKind): { kind: SetKind; root: string } {
  if (kind.marks.length === 0) return { kind, root: dir };
  const root = rootOf(dir, kind, new Map());
  if (root !== undefined) return { kind, root };
  if (kind.anywhere) return { kind, root: [...(kind.roots ?? [])].map((r) => join(dir, r)).find(existsSync) ?? dir };
  throw new UserError(`data set ${name}: ${join(dir, lacking(dir, kind))} is missing; ${hadAt(kind)}`);
}

function guess(dir: string, named: SetKind | undefined): { kind: SetKind; root: string } {
  const seen: Listings = new Map();
  for (const kind of new Set([...(named ? [named] : []), ...KINDS])) {
    if (kind.marks.length === 0) continue;
    const root = rootOf(dir, kind, seen);
    if (root !== undefined) return { kind, root };
  }
  return { kind: FOLDER, root: dir };
}

/** Checks what was listed and gives it its key. @param judged whose metric and citation hold */
function setOf(place: Place, contents: Contents, judged: SetKind): EvalSet {
  const { kind, name, dir, where } = place;
  const { classes, train, test } = contents;
  const least = kind.task === 'multi-label' ? 1 : 2;
  if (classes.length < least)
    throw new UserError(
      `${where}: ${classes.length === 0 ? 'no classes' : `only one class (${classes[0]})`} in ${dir}; ${hadAt(kind)}`,
    );
  const remarks = [...place.remarks, ...(contents.remarks ?? [])];
  const val = contents.val && contents.val.length > 0 ? contents.val : undefined;
  if (contents.val && !val)
    remarks.push('the validation split is empty: a part of the training images takes its place');
  for (const [split, what] of [
    [train, 'training'],
    [test, 'test'],
  ] as const)
    if (split.length === 0) throw new UserError(`${where}: no ${what} images in ${dir}; ${hadAt(kind)}`);
  const both = onBothSides(train, test);
  if (both.length > 0) remarks.push(`${both.length} test images are training images, too: ${few(both)}`);
  if (kind.task === 'single') {
    for (const split of [train, val, test]) if (split) checkLabels(where, split, classes);
    const lacking = (split: ListedSplit) => {
      const seen = new Uint8Array(classes.length);
      for (const label of split.labels) seen[label] = 1;
      return classes.filter((_, c) => !seen[c]);
    };
    const untrained = lacking(train);
    if (untrained.length > 0) remarks.push(`no training images of ${few(untrained)}`);
    const untested = lacking(test);
    if (untested.length > 0 && kind !== FOLDER) remarks.push(`no test images of ${few(untested)}`);
  }
  const close = async () => contents.close?.();
  return {
    name,
    kind: kind.name,
    dir,
    task: kind.task,
    metric: judged.metric,
    classes,
    train,
    ...(val && { val }),
    test,
    hash: hashOf(kind, classes, { train, val, test }),
    ...(judged.citation !== undefined && { citation: judged.citation }),
    remarks: remarks.map((r) => (r.startsWith(where) ? r : `${where}: ${r}`)),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Names of pictures that lists put on both sides. */
function onBothSides(train: ListedSplit, test: ListedSplit): string[] {
  const tested = new Set(Array.from({ length: test.length }, (_, i) => test.nameOf(i)));
  const both = new Set<string>();
  for (let i = 0; i < train.length; i++) if (tested.has(train.nameOf(i))) both.add(train.nameOf(i));
  return [...both];
}

function checkLabels(where: string, split: ListedSplit, classes: readonly string[]): void {
  const { labels } = split;
  if (labels.length !== split.length)
    throw new UserError(`${where}: ${labels.length} labels for ${split.length} images`);
  for (let i = 0; i < labels.length; i++)
    if (!(labels[i] >= 0 && labels[i] < classes.length))
      throw new UserError(
        `${where}: ${split.nameOf(i)} has class number ${labels[i]}, and there are ${classes.length} classes (0 … ${classes.length - 1})`,
      );
}

/** Changes exactly when pictures or labels do. */
function hashOf(
  kind: SetKind,
  classes: readonly string[],
  splits: { train: ListedSplit; val?: ListedSplit; test: ListedSplit },
): string {
  const hash = createHash('sha256');
  hash.update(JSON.stringify([kind.task, classes]));
  for (const [part, split] of Object.entries(splits)) {
    hash.update(`\n${part} ${split?.length ?? 0}\n`);
    split?.digest((text) => hash.update(`${text}\n`));
  }
  return hash.digest('hex');
}
