import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { UserError } from '../../errors.js';
import { sha256 } from '../../files/digest.js';
import { writeFileAtomic } from '../../files/write.js';
import { readJsonAs } from '../../formats/json.js';
import { type SourceRecord, sourceSchema } from '../../run/sources.js';
import type { Corpus } from '../corpus.js';
import { IndexedCorpus } from './indexed-corpus.js';
import { MixedCorpus } from './mixed-corpus.js';

/**
 * A file in a run's `corpus/` that says which sources it learns from and how often; beside it lie their indices, a
 * folder each. It is named by its
 * content, so that asking for another set leaves it as it is.
 */

const setSchema = z.strictObject({
  format: z.literal('synclr-corpus'),
  version: z.literal(1),
  sources: z.array(sourceSchema).min(1),
});

/** The sources that a file names. @throws UserError where it is damaged */
export async function readSet(file: string): Promise<SourceRecord[]> {
  return (await readJsonAs(file, setSchema)).sources;
}

/** Writes a set. @returns its file's name */
export async function writeSet(dir: string, sources: readonly SourceRecord[]): Promise<string> {
  const text = `${JSON.stringify({ format: 'synclr-corpus', version: 1, sources }, null, 2)}\n`;
  const name = `set-${sha256(text).slice(0, 12)}.json`;
  await writeFileAtomic(join(dir, name), text);
  return name;
}

/** Whether a path is that of a set, and not of a folder. */
export const isSet = (path: string): boolean => /^set-[0-9a-f]{12}\.json$/.test(basename(path));

/** Of what several sources hold and how often each is drawn from. */
export const setFingerprint = (sources: readonly SourceRecord[]): string =>
  sources.length === 1
    ? sources[0].fingerprint
    : sha256(JSON.stringify(sources.map((s) => [s.fingerprint, s.share]))).slice(0, 32);

/**
 * Opens the sources of a set. @param openShards opens those that are our own shards @throws UserError where an index
 * is not as the set says
 */
export async function openSet(file: string, openShards: (dir: string) => Promise<Corpus>): Promise<Corpus> {
  const sources = await readSet(file);
  const opened: Corpus[] = [];
  try {
    for (const source of sources) {
      const corpus =
        source.index === undefined
          ? await openShards(source.path)
          : await IndexedCorpus.open(join(dirname(file), source.index));
      opened.push(corpus);
      if (corpus.length !== source.captions)
        throw new UserError(
          `${source.path}: ${corpus.length} captions, ${source.captions} when it was indexed: name the corpus again with --corpus`,
        );
    }
    return opened.length === 1
      ? opened[0]
      : new MixedCorpus(
          opened,
          sources.map((s) => s.share),
        );
  } catch (e) {
    for (const corpus of opened) await corpus.close();
    throw e;
  }
}
