import { join } from 'node:path';
import { z } from 'zod';
import type { CaptionRecord, CaptionWriter } from '../captions/record.js';
import { openWriter } from '../captions/registry.js';
import { type ConceptBank, loadConceptBank } from '../concepts/bank.js';
import type { Concept } from '../concepts/concept.js';
import type { Settings } from '../config/schema.js';
import { CaptionSource, drawRng } from '../corpus/caption-source.js';
import { codeOf, UserError } from '../errors.js';
import { sha256 } from '../files/digest.js';
import { makeFolder } from '../files/folders.js';
import { replaceFolder } from '../files/replace.js';
import { writeFileAtomic } from '../files/write.js';
import { readJsonAs } from '../formats/json.js';
import { Rng } from '../rng.js';
import type { StageHooks } from '../stage.js';
import { paintCaptions } from './paint.js';

/** Images a caption: the second one steadies the figures and costs little. */
const IMAGES = 2;

/** `heldout/manifest.json`: what was painted, and from which settings. */
export interface HeldOutManifest {
  key: string;
  classes: { name: string; concept: string }[];
  /** Caption of every image, by path relative to the folder. */
  captions: Record<string, string>;
}

/** How many images the held-out probe has; 0 when there is none. */
export async function heldOutImages(settings: Settings): Promise<number> {
  const chosen = await heldOutConcepts(settings);
  return chosen.length * settings.probe.heldOutCaptions * IMAGES;
}

/** The concepts that are probed: drawn by the seed from those that training never names; none where fewer than two are there. */
async function heldOutConcepts(settings: Settings): Promise<Concept[]> {
  const { heldOutClasses, heldOutCaptions } = settings.probe;
  if (heldOutClasses < 2 || heldOutCaptions < 2) return [];
  const bank = await loadConceptBank(settings);
  const byName = new Map(bank.heldOut.map((c) => [c.name.toLowerCase(), c]));
  const chosen = Rng.of(settings.seed, 'held-out probe', 'concepts').shuffle([...byName.values()]);
  return chosen.length < 2 ? [] : chosen.slice(0, heldOutClasses);
}

/**
 * The default probe's data set: concepts held out of training, each with captions of its own, painted with the settings' painter from a
 * seed apart from training's. Half of a concept's captions make its training images, the other half its test images. Kept in
 * `dir/heldout/{train,test}/<concept>/`, whole or not at all.
 * @returns the folder; undefined when the settings ask for no such probe or the bank holds no concepts out
 * @throws UserError where `heldout` holds anything that synclr did not put there
 */
export async function paintHeldOut(
  settings: Settings,
  dir: string,
  hooks: Pick<StageHooks, 'signal'> & { painted?(images: number): void },
): Promise<string | undefined> {
  const { concepts, captions, images, seed } = settings;
  const { heldOutCaptions } = settings.probe;
  const chosen = await heldOutConcepts(settings);
  if (chosen.length === 0) return undefined;
  const folder = join(dir, 'heldout');
  const { perCaption: _, captionsPerShard: _2, ...painting } = images;
  const key = sha256(JSON.stringify([1, seed, concepts, captions.writer, painting, heldOutCaptions, chosen, IMAGES]));
  if ((await readHeldOut(dir))?.key === key) {
    hooks.painted?.(chosen.length * heldOutCaptions * IMAGES);
    return folder;
  }

  // Far from the run's seed, so that no caption or image of training comes back.
  const apart = Rng.of(seed, 'held-out probe', 'seed').u32();
  const bank = await loadConceptBank(settings);
  const writer = await openWriter(settings, hooks);
  try {
    await replaceFolder(folder, {
      what: 'a held-out set that synclr painted',
      fill: (temporary) => paintInto(temporary, { settings, bank, writer, chosen, apart, key, hooks }),
      isEarlier: (_, files) => isEarlier(dir, files),
    });
  } finally {
    await writer.close?.();
  }
  return folder;
}

/** The first versions kept no list of files; but the manifest names all of them. */
async function isEarlier(dir: string, files: readonly string[]): Promise<boolean> {
  const before = await readHeldOut(dir);
  if (!/^[0-9a-f]{64}$/.test(before?.key ?? '') || !before?.captions) return false;
  return files.every((file) => file === 'manifest.json' || Object.hasOwn(before.captions, file));
}

interface Painting {
  settings: Settings;
  bank: ConceptBank;
  writer: CaptionWriter;
  chosen: readonly Concept[];
  /** The seed of its captions and images. */
  apart: number;
  key: string;
  hooks: Pick<StageHooks, 'signal'> & { painted?(images: number): void };
}

async function paintInto(folder: string, o: Painting): Promise<void> {
  const { settings, bank, writer, chosen, apart, key, hooks } = o;
  const { heldOutCaptions } = settings.probe;
  const names = folderNames(chosen);
  const manifest: HeldOutManifest = {
    key,
    classes: chosen.map((c, i) => ({ name: names[i], concept: c.name })),
    captions: {},
  };
  for (const part of ['train', 'test']) for (const name of names) await makeFolder(join(folder, part, name));
  const source = new CaptionSource(
    {
      settings: { ...settings, seed: apart },
      writer,
      total: chosen.length * heldOutCaptions,
      draw: (id, redraw) => bank.drawOf(chosen[Math.floor(id / heldOutCaptions)], drawRng(apart, id, redraw), id),
      signal: hooks.signal,
    },
    0,
  );
  const records: CaptionRecord[] = [];
  try {
    while (source.next < chosen.length * heldOutCaptions) records.push((await source.take()).record);
  } finally {
    source.close();
  }
  const fileOf = (id: number, image: number): string => {
    const j = id % heldOutCaptions;
    const part = j < Math.ceil(heldOutCaptions / 2) ? 'train' : 'test';
    return `${part}/${names[Math.floor(id / heldOutCaptions)]}/${String(j).padStart(4, '0')}.${image}.jpg`;
  };
  for (const { id, caption } of records) for (let j = 0; j < IMAGES; j++) manifest.captions[fileOf(id, j)] = caption;
  const task = { ...settings, seed: apart, images: { ...settings.images, perCaption: IMAGES } };
  await paintCaptions(task, records, hooks.signal, async ({ id }, files) => {
    for (const [j, jpeg] of files.entries()) await writeFileAtomic(join(folder, fileOf(id, j)), jpeg);
    hooks.painted?.(files.length);
  });
  await writeFileAtomic(join(folder, 'manifest.json'), JSON.stringify(manifest));
}

const manifestSchema: z.ZodType<HeldOutManifest> = z.object({
  key: z.string(),
  classes: z.array(z.object({ name: z.string(), concept: z.string() })),
  captions: z.record(z.string(), z.string()),
});

/**
 * What `dir/heldout` holds; undefined where there is nothing.
 * @throws UserError where its manifest is damaged
 */
export async function readHeldOut(dir: string): Promise<HeldOutManifest | undefined> {
  const folder = join(dir, 'heldout');
  try {
    return await readJsonAs(join(folder, 'manifest.json'), manifestSchema);
  } catch (e) {
    if (codeOf(e) === 'ENOENT') return undefined;
    throw e instanceof UserError ? new UserError(`${e.message}; move ${folder} away: it is painted anew`) : e;
  }
}

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
