import { realpath } from 'node:fs/promises';
import { basename, join, posix } from 'node:path';
import { editDistance } from '../config/suggest.js';
import { UserError } from '../errors.js';
import { removeFileOrLink } from '../files/remove.js';
import type { RepoCache } from './cache.js';
import { type HubClient, TRIES, Unreachable } from './client.js';
import { fetchAll } from './fetch-all.js';
import { commitOf, filesAt, isOid, type RepoFile, savedTree } from './listing.js';
import { walk } from './local.js';
import { chooseFrom, type ResolvedModel, type ResolveOptions } from './model.js';
import { type HubReference, showReference } from './reference.js';

/** Tries to ask what a branch is at, where the cache could answer too. */
const TRIES_IF_CACHED = 2;

/** The files of a reference in the cache's snapshot of its commit, downloaded where they were missing. */
export async function snapshot(
  hub: HubClient,
  cache: RepoCache,
  reference: HubReference,
  options: ResolveOptions,
): Promise<ResolvedModel> {
  const where = showReference(reference);
  const { commit, files } = await listed(hub, cache, reference);
  const { below, named } = partOf(files, reference);
  const inFolder = files
    .filter((f) => below === '' || f.path.startsWith(`${below}/`))
    .map((file) => ({ path: below ? file.path.slice(below.length + 1) : file.path, size: file.size, file }));
  const chosen = chooseFrom(inFolder, named, where, options);

  const missing: RepoFile[] = [];
  for (const { file } of chosen) if (!(await isCached(hub, cache, commit, file))) missing.push(file);
  if (missing.length > 0) {
    if (hub.settings.offline) throw absent(cache, where, missing.map((f) => f.path).join(', '));
    const present = chosen.map((c) => c.file).filter((f) => !missing.includes(f));
    await fetchAll(hub, cache, reference.repo, commit, { where, missing, present, onProgress: options.onProgress });
  }
  for (const { file } of chosen) await cache.show(commit, file);
  await cache.noteCommit(reference.revision, commit);

  const folder = join(cache.snapshot(commit), below);
  return {
    path: named === undefined ? folder : join(folder, named),
    folder,
    files: chosen.map(({ path, file: { size, oid } }) => ({ path, size, ...(oid.length === 64 && { sha256: oid }) })),
    commit,
  };
}

/** The commit of a revision and its files: from the hub, or from the cache where the hub is not to be asked or cannot be. */
async function listed(
  hub: HubClient,
  cache: RepoCache,
  reference: HubReference,
): Promise<{ commit: string; files: RepoFile[] }> {
  const { repo, revision } = reference;
  const known = await cache.knownCommit(revision);
  const kept = known === undefined ? undefined : await cachedFiles(cache, known);
  if (hub.settings.offline) {
    if (known === undefined || !kept) throw absent(cache, showReference(reference), 'this model');
    return { commit: known, files: kept };
  }
  try {
    const commit = known === revision ? known : await commitOf(hub, repo, revision, kept ? TRIES_IF_CACHED : TRIES);
    return { commit, files: await filesAt(hub, repo, commit, cache.folder) };
  } catch (e) {
    if (!(e instanceof Unreachable) || known === undefined || !kept) throw e;
    hub.warn(`${e.trouble}; using what the cache has of ${showReference(reference)} (commit ${known.slice(0, 8)})`);
    return { commit: known, files: kept };
  }
}

/** What the cache knows of a commit: the list that was kept, else the files that are there. */
async function cachedFiles(cache: RepoCache, commit: string): Promise<RepoFile[] | undefined> {
  const tree = await savedTree(cache.folder, commit);
  if (tree) return tree;
  const dir = cache.snapshot(commit);
  const there = await walk(dir).catch(() => []);
  if (there.length === 0) return undefined;
  return Promise.all(
    there.map(async ({ path, size }) => {
      const name = basename(await realpath(join(dir, path)));
      return { path, size, oid: isOid(name) ? name : '' };
    }),
  );
}

/** What of a repository is meant: a file, or a folder with all that is below it. */
function partOf(files: readonly RepoFile[], reference: HubReference): { below: string; named: string | undefined } {
  const { path } = reference;
  if (files.some((f) => f.path === path)) {
    const below = posix.dirname(path);
    return { below: below === '.' ? '' : below, named: posix.basename(path) };
  }
  if (path === '' || files.some((f) => f.path.startsWith(`${path}/`))) return { below: path, named: undefined };
  const near = files
    .map((f) => ({ path: f.path, edits: editDistance(path.toLowerCase(), f.path.toLowerCase()) }))
    .filter((n) => n.edits <= path.length / 2)
    .sort((a, b) => a.edits - b.edits)
    .slice(0, 3)
    .map((n) => n.path);
  const hint = path.includes('@')
    ? '; a revision stands after the name: hf:owner/name@revision/path'
    : near.length > 0
      ? `; there is ${near.join(', ')}`
      : '';
  throw new UserError(`${showReference({ ...reference, path: '' })} has no file or folder ${path}${hint}`);
}

async function isCached(hub: HubClient, cache: RepoCache, commit: string, file: RepoFile): Promise<boolean> {
  const found = await cache.find(commit, file);
  if (found === undefined) return false;
  if (file.oid === '' || (await cache.isSound(found, file))) return true;
  hub.warn(`${found} is not what its checksum says: ${hub.settings.offline ? 'delete it' : 'fetching it again'}`);
  if (!hub.settings.offline) await Promise.all([removeFileOrLink(found), removeFileOrLink(cache.blob(file))]);
  return false;
}

function absent(cache: RepoCache, where: string, what: string): UserError {
  return new UserError(
    `${where}: offline (HF_HUB_OFFLINE), and the cache lacks ${what} (looked in ${cache.folder}): run once without HF_HUB_OFFLINE, or set HF_HUB_CACHE`,
  );
}
