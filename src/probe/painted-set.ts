import { join } from 'node:path';
import { z } from 'zod';
import type { CaptionRecord } from '../captions/record.js';
import type { Concept } from '../concepts/concept.js';
import type { Settings } from '../config/schema.js';
import { codeOf, UserError } from '../errors.js';
import { makeFolder } from '../files/folders.js';
import { replaceFolder } from '../files/replace.js';
import { writeFileAtomic } from '../files/write.js';
import { readJsonAs } from '../formats/json.js';
import type { StageHooks } from '../stage.js';
import { paintCaptions } from './paint.js';

/** Data sets that a run paints for its own probes, each in a folder of the run. */
export const PAINTED = { own: 'own-concepts', heldOut: 'heldout' } as const;
export type PaintedFolder = (typeof PAINTED)[keyof typeof PAINTED];

/** `manifest.json` of such a folder: what was painted, and from which settings. */
export interface PaintedManifest {
  key: string;
  classes: { name: string; concept: string }[];
  /** Caption of every image, by path relative to the folder. */
  captions: Record<string, string>;
}

export type PaintHooks = Pick<StageHooks, 'signal'> & { painted?(images: number): void };

/** A caption of a probe, and where its images belong. */
export interface ProbeCaption {
  record: CaptionRecord;
  part: 'train' | 'test';
  /** Index into `classes`. */
  label: number;
  /** Number within the class, over both parts. */
  number: number;
}

export interface PaintedSet {
  folder: PaintedFolder;
  /** In words, for messages: `a held-out set`. */
  what: string;
  /** Of all that decides the images. */
  key: string;
  classes: readonly Concept[];
  /** Images a caption. */
  perCaption: number;
  /** The seed of its images, apart from training's. */
  seed: number;
  captions(): Promise<readonly ProbeCaption[]>;
}

/**
 * Paints `dir/<folder>/{train,test}/<concept>/`, whole or not at all; what is there with the same key is kept.
 * @returns the folder
 * @throws UserError where it holds anything that synclr did not put there; Interrupted
 */
export async function paintSet(settings: Settings, dir: string, set: PaintedSet, hooks: PaintHooks): Promise<string> {
  const folder = join(dir, set.folder);
  const before = await readPainted(dir, set.folder);
  if (before?.key === set.key) {
    hooks.painted?.(Object.keys(before.captions).length);
    return folder;
  }
  await replaceFolder(folder, {
    what: `${set.what} that synclr painted`,
    fill: (temporary) => paintInto(temporary, settings, set, hooks),
    isEarlier: (_, files) => isEarlier(dir, set.folder, files),
  });
  return folder;
}

/** The first versions kept no list of files; but the manifest names all of them. */
async function isEarlier(dir: string, folder: PaintedFolder, files: readonly string[]): Promise<boolean> {
  const before = await readPainted(dir, folder);
  if (!/^[0-9a-f]{64}$/.test(before?.key ?? '') || !before?.captions) return false;
  return files.every((file) => file === 'manifest.json' || Object.hasOwn(before.captions, file));
}

async function paintInto(folder: string, settings: Settings, set: PaintedSet, hooks: PaintHooks): Promise<void> {
  const names = folderNames(set.classes);
  const manifest: PaintedManifest = {
    key: set.key,
    classes: set.classes.map((c, i) => ({ name: names[i], concept: c.name })),
    captions: {},
  };
  for (const part of ['train', 'test']) for (const name of names) await makeFolder(join(folder, part, name));
  const captions = await set.captions();
  const places = new Map(captions.map((c) => [c.record.id, c]));
  const fileOf = (id: number, image: number): string => {
    const { part, label, number } = places.get(id)!;
    return `${part}/${names[label]}/${String(number).padStart(4, '0')}.${image}.jpg`;
  };
  for (const { record } of captions)
    for (let j = 0; j < set.perCaption; j++) manifest.captions[fileOf(record.id, j)] = record.caption;
  const task = { ...settings, seed: set.seed, images: { ...settings.images, perCaption: set.perCaption } };
  const records = captions.map((c) => c.record);
  await paintCaptions(task, records, hooks.signal, async ({ id }, files) => {
    for (const [j, jpeg] of files.entries()) await writeFileAtomic(join(folder, fileOf(id, j)), jpeg);
    hooks.painted?.(files.length);
  });
  await writeFileAtomic(join(folder, 'manifest.json'), JSON.stringify(manifest));
}

const manifestSchema: z.ZodType<PaintedManifest> = z.object({
  key: z.string(),
  classes: z.array(z.object({ name: z.string(), concept: z.string() })),
  captions: z.record(z.string(), z.string()),
});

/**
 * What `dir/<folder>` holds; undefined where there is nothing.
 * @throws UserError where its manifest is damaged
 */
export async function readPainted(dir: string, folder: PaintedFolder): Promise<PaintedManifest | undefined> {
  const path = join(dir, folder);
  try {
    return await readJsonAs(join(path, 'manifest.json'), manifestSchema);
  } catch (e) {
    if (codeOf(e) === 'ENOENT') return undefined;
    throw e instanceof UserError ? new UserError(`${e.message}; move ${path} away: it is painted anew`) : e;
  }
}

/** Images of one caption belong together: their file's name without the number of the image. */
export const captionOf = (file: string): string => file.replace(/\.\d+\.jpg$/, '');

/** Folder names that every file system takes, each once. */
function folderNames(concepts: readonly Concept[]): string[] {
  const seen = new Map<string, number>();
  return concepts.map(({ name }) => {
    const safe =
      name
        .toLowerCase()
        .replace(/[^\p{L}\p{N}]+/gu, '-')
        .replace(/^-+|(?<!-)-+$/g, '')
        .slice(0, 60) || 'concept';
    const times = seen.get(safe) ?? 0;
    seen.set(safe, times + 1);
    return times === 0 ? safe : `${safe}-${times + 1}`;
  });
}
