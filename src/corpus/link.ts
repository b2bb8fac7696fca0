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

/** A corpus that lies elsewhere, and what is known of how it was made. */
export interface LinkedCorpus {
  record: CorpusRecord;
  /** The settings that it brings, by dotted path: those of concepts, captions and images, as far as they are known. */
  settings: Record<string, unknown>;
  /** What cannot be known of it, one line each. */
  remarks: string[];
}

/**
 * Opens images that were made elsewhere for a run: another run's (its folder, or its `images/`), or a WebDataset of whomever.
 * @throws UserError when there are none, they are not finished, or damaged
 */
export async function linkCorpus(path: string): Promise<LinkedCorpus> {
  if (!(await stat(path).catch(() => undefined))?.isDirectory())
    throw new UserError(`--corpus ${path}: no such folder; name a run, its images/, or a folder of *.tar`);
  const inner = join(path, 'images');
  const dir = (await readManifest(path, { others: 'ignore' })) || !(await hasManifest(inner)) ? path : inner;
  if (readRunConfig(dir)?.corpus && !(await hasManifest(inner)))
    throw new UserError(
      `--corpus ${path} has no images of its own: it was trained on ${readRunConfig(dir)!.corpus!.path}`,
    );
  const corpus = await openCorpus(dir);
  const { length, imagesPerCaption, size } = corpus;
  await corpus.close();
  const manifest = await readManifest(dir, { others: 'ignore' });
  const record: CorpusRecord = {
    path: resolve(dir),
    fingerprint: await corpusFingerprint(dir),
    captions: length,
    images: length * imagesPerCaption,
    ...(manifest ? {} : { foreign: true }),
  };
  if (!manifest)
    return {
      record,
      // Of what it was painted from nothing is known: no concepts, and so none that could be held out.
      settings: {
        'captions.count': length,
        'images.perCaption': imagesPerCaption,
        'images.size': size,
        'probe.heldOutClasses': 0,
      },
      remarks: [
        `${path} was made elsewhere: which concepts, writer and painter it is of cannot be known, and there is no held-out probe (name real images with --eval)`,
      ],
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
 * What a folder of image shards holds, in 32 digits: of ours the checksums of all shards, of others the names and sizes of all archives.
 * Two that are alike have the same images under the same captions.
 */
export async function corpusFingerprint(dir: string): Promise<string> {
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
export async function checkLinked({ path, fingerprint }: CorpusRecord, run: string): Promise<void> {
  if (!(await stat(path).catch(() => undefined))?.isDirectory())
    throw new UserError(`the corpus of ${run} is not there any more: ${path}; say with --corpus DIR where it is now`);
  const now = await corpusFingerprint(path);
  if (now !== fingerprint)
    throw new UserError(
      `the corpus of ${run} has changed since: ${path} (${fingerprint} then, ${now} now); name the one of then with --corpus DIR, or choose a new folder with --out`,
    );
}
