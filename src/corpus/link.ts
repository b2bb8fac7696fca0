import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { settingLeaves, showValue } from '../config/leaves.js';
import { getPath } from '../config/resolve.js';
import type { Settings } from '../config/schema.js';
import { UserError } from '../errors.js';
import { type CorpusRecord, readRunConfig } from '../run/config.js';
import { CORPUS_GROUPS } from '../run/refuse.js';
import { openCorpus } from './corpus.js';
import { readManifest } from './manifest.js';
import { checkSources, type LinkOptions, linkSources } from './own/link-sources.js';
import { isSet, readSet, setFingerprint } from './own/set.js';
import type { SourceSpec } from './own/source.js';

/** A corpus that lies elsewhere, and what is known of how it was made. */
export interface LinkedCorpus {
  record: CorpusRecord;
  /** The settings that it brings, by dotted path: those of concepts, captions and images, as far as they are known. */
  settings: Record<string, unknown>;
  /** Settings that go well with it, where nobody chooses others. */
  suggested?: Record<string, unknown>;
  /** What cannot be known of it, one line each. */
  remarks: string[];
}

/**
 * Opens images that are there already for a run: another run's (its folder, or its `images/`), or those of whomever in
 * any form that
 * docs/corpora.md names; several are mixed by their weights.
 * @param sources a path, or several with their weights
 * @param options of what is not ours: where indices are kept, and who is told how far they are
 * @throws UserError when there are none, they are not finished, or damaged; Interrupted
 */
export async function linkCorpus(
  sources: string | readonly SourceSpec[],
  options?: LinkOptions,
): Promise<LinkedCorpus> {
  const specs = typeof sources === 'string' ? [{ path: sources, weight: 1 }] : sources;
  const [first] = specs;
  const ours = specs.length === 1 && first.form === undefined ? await linkShards(first.path) : undefined;
  if (ours) return ours;
  if (!options)
    throw new UserError(
      `--corpus ${first.path}: images that synclr did not paint need the run's folder for their index`,
    );
  return linkSources(specs, options, linkShards);
}

/** A run of synclr's, or its `images/`; undefined where it is none. */
async function linkShards(path: string): Promise<LinkedCorpus | undefined> {
  if (!(await stat(path).catch(() => undefined))?.isDirectory()) return undefined;
  const inner = join(path, 'images');
  const dir = (await readManifest(path, { others: 'ignore' })) || !(await hasManifest(inner)) ? path : inner;
  if (readRunConfig(dir)?.corpus && !(await hasManifest(inner)))
    throw new UserError(
      `--corpus ${path} has no images of its own: it was trained on ${readRunConfig(dir)!.corpus!.path}`,
    );
  const manifest = await readManifest(dir, { others: 'ignore' });
  if (!manifest) return undefined;
  const corpus = await openCorpus(dir);
  const { length, imagesPerCaption } = corpus;
  await corpus.close();
  const record: CorpusRecord = {
    path: resolve(dir),
    fingerprint: await corpusFingerprint(dir),
    captions: length,
    images: length * imagesPerCaption,
  };
  const known = new Set(settingLeaves().map((l) => l.path));
  const settings: Record<string, unknown> = { 'captions.count': length };
  for (const [name, value] of Object.entries(manifest.settings))
    if (known.has(name) && CORPUS_GROUPS.includes(name.split('.')[0])) settings[name] = value;
  // The digests of its manifest say which concepts; where their files are, its run says.
  const run = readRunConfig(dirname(resolve(dir)));
  for (const name of ['concepts.source', 'concepts.backgrounds'] as const) {
    const stored = (run?.settings.concepts as Record<string, unknown> | undefined)?.[name.slice('concepts.'.length)];
    if (typeof stored === 'string') settings[name] = stored;
  }
  return { record, settings, remarks: [] };
}

/** @throws UserError naming the settings that say otherwise than the corpus */
export function refuseOtherPainting({ record, settings: its }: LinkedCorpus, settings: Settings): void {
  const defaults = new Map(settingLeaves().map((l) => [l.path, l.default]));
  const differing = Object.entries(its).filter(
    ([path, value]) =>
      path !== 'probe.heldOutClasses' &&
      JSON.stringify(value ?? defaults.get(path)) !== JSON.stringify(getPath(settings, path)),
  );
  if (differing.length === 0) return;
  const shown = differing
    .slice(0, 6)
    .map(([path, value]) => `${path} (${showValue(value)} there, ${showValue(getPath(settings, path))} now)`);
  throw new UserError(
    `the corpus ${record.path} was made with other settings: ${shown.join(', ')}${differing.length > 6 ? ` and ${differing.length - 6} more` : ''}; take its own (linkCorpus(DIR).settings)`,
  );
}

const hasManifest = async (dir: string): Promise<boolean> =>
  (await readManifest(dir, { others: 'ignore' }).catch(() => undefined)) !== undefined;

/**
 * What a folder of image shards holds, in 32 digits: of ours the checksums of all shards, of others the names and sizes
 * of all archives.
 * Two that are alike have the same images under the same captions.
 */
export async function corpusFingerprint(dir: string): Promise<string> {
  if (isSet(dir)) return setFingerprint(await readSet(dir));
  const hash = createHash('sha256');
  const manifest = await readManifest(dir, { others: 'ignore' });
  if (manifest) {
    hash.update(JSON.stringify(['synclr', manifest.samples, manifest.perShard]));
    for (const { file, count, sha256 } of manifest.shards) hash.update(JSON.stringify([file, count, sha256]));
  } else {
    hash.update('webdataset');
    for (const name of (await readdir(dir)).filter((n) => n.endsWith('.tar') && !n.startsWith('.')).sort())
      hash.update(JSON.stringify([name, (await stat(join(dir, name))).size]));
  }
  return hash.digest('hex').slice(0, 32);
}

/**
 * Looks whether the corpus that a run was given is still where it was, and still the same.
 * @throws UserError naming it and `--corpus`
 */
export async function checkLinked(record: CorpusRecord, run: string): Promise<void> {
  if (record.sources) return checkSources(record, run, (source) => checkShards(source, run));
  await checkShards(record, run);
}

async function checkShards({ path, fingerprint }: { path: string; fingerprint: string }, run: string): Promise<void> {
  if (!(await stat(path).catch(() => undefined))?.isDirectory())
    throw new UserError(`the corpus of ${run} is not there any more: ${path}; say with --corpus DIR where it is now`);
  const now = await corpusFingerprint(path);
  if (now !== fingerprint)
    throw new UserError(
      `the corpus of ${run} has changed since: ${path} (${fingerprint} then, ${now} now); name the one of then with --corpus DIR, or choose a new folder with --out`,
    );
}
