import type { CaptionRecord } from '../captions/record.js';
import { CaptionShards } from '../corpus/captions.js';
import { captionsDir } from '../corpus/captions-stage.js';
import { readManifest } from '../corpus/manifest.js';
import { sha256 } from '../files/digest.js';

/** Captions that are looked at: of larger corpora the first ones stand for all. */
const MOST = 1_000_000;
/** Captions read at once. */
const SOME = 4096;

/** What the captions of a run name. */
export interface Named {
  /** Lower case: what captions are about. */
  concepts: ReadonlySet<string>;
  /** These, and what stands beside them. */
  names: ReadonlySet<string>;
  /** Changes when the captions do. */
  hash: string;
}

/** Reads the concepts that a run's captions name; undefined where it has no captions. */
export async function namedIn(dir: string): Promise<Named | undefined> {
  const folder = captionsDir(dir);
  const manifest = await readManifest(folder);
  if (!manifest || manifest.shards.length === 0) return undefined;
  const concepts = new Set<string>();
  const names = new Set<string>();
  await everyCaption(folder, ({ concept, related }) => {
    concepts.add(concept.toLowerCase());
    names.add(concept.toLowerCase());
    if (related) names.add(related.toLowerCase());
  });
  return { concepts, names, hash: sha256(JSON.stringify(manifest.shards.map((s) => s.sha256))) };
}

/** Which of some captions the run's corpus has, letter for letter but for capitals and a full stop. */
export async function inCorpus(dir: string, captions: readonly string[]): Promise<Set<string>> {
  const folder = captionsDir(dir);
  const found = new Set<string>();
  const manifest = await readManifest(folder);
  if (!manifest || manifest.shards.length === 0) return found;
  const asked = new Set(captions.map(plainly));
  await everyCaption(folder, ({ caption }) => {
    const text = plainly(caption);
    if (asked.has(text)) found.add(text);
  });
  return found;
}

/** A caption without what does not tell it from another. */
export const plainly = (caption: string): string => caption.trim().toLowerCase().replace(/\.$/, '');

async function everyCaption(folder: string, look: (record: CaptionRecord) => void): Promise<void> {
  const captions = await CaptionShards.open(folder, { partial: true });
  const end = Math.min(MOST, captions.length);
  for (let at = 0; at < end; at += SOME)
    for (const record of await captions.range(at, Math.min(SOME, end - at))) look(record);
}
