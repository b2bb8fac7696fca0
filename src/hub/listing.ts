import type { IncomingHttpHeaders } from 'node:http';
import { join } from 'node:path';
import { z } from 'zod';
import { UserError } from '../errors.js';
import { writeFileAtomic } from '../files/write.js';
import { readJson } from '../formats/json.js';
import { cutAtWord } from '../printable.js';
import { type HubClient, TRIES } from './client.js';
import { inApi, isSafePath } from './reference.js';

/** A file of a repository. */
export interface RepoFile {
  /** In the repository. */
  path: string;
  /** Bytes of the content itself, not of its LFS pointer. */
  size: number;
  /** SHA-256 of an LFS file's content, 64 digits; else git's SHA-1 of the blob, 40 digits. Also its name in the cache. */
  oid: string;
}

/** What {@link savedTree} keeps of a file, in the names of huggingface_hub's `trees/<commit>.json` (its _tree_cache.py). */
interface SavedFile {
  size: number;
  blob_id: string;
  lfs_sha256?: string;
  lfs_size?: number;
  xet_hash?: string;
}

const FORMAT = 1;
/** Most of one repository's list: pages, entries, and of an entry's path characters. The hub advises against more than 100,000 files. */
const MOST_PAGES = 1000;
const MOST_ENTRIES = 100_000;
const MOST_PATH = 512;
/** A list may take so many times what a server may say nothing for. */
const LIST_SILENCES = 20;
export const COMMIT = /^[0-9a-f]{40}$/;
const SHA1 = COMMIT;
const SHA256 = /^[0-9a-f]{64}$/;

/** Whether a text can be a content's checksum. */
export const isOid = (text: string): boolean => SHA1.test(text) || SHA256.test(text);

/** The commit that a revision stands for now. */
export async function commitOf(hub: HubClient, repo: string, revision: string, tries = TRIES): Promise<string> {
  const url = `${hub.settings.endpoint}/api/${inApi(repo)}/revision/${encodeURIComponent(revision)}`;
  const { value } = await hub.json(url, tries);
  const sha = (value as { sha?: unknown } | null)?.sha;
  if (typeof sha !== 'string' || !COMMIT.test(sha))
    throw new UserError(`${url} names no commit: is HF_ENDPOINT a hub?`);
  return sha;
}

/**
 * All files at a commit, from the cache or else from the hub, which gives them in pages. A commit never changes, so the
 * list is asked for once and kept beside the snapshots, where huggingface_hub keeps it too.
 */
export async function filesAt(hub: HubClient, repo: string, commit: string, folder: string): Promise<RepoFile[]> {
  const saved = await savedTree(folder, commit);
  if (saved) return saved;
  const first = `${hub.settings.endpoint}/api/${inApi(repo)}/tree/${commit}?recursive=true&expand=false`;
  const found = new Map<string, SavedFile>();
  const seen = new Set<string>();
  let entries = 0;
  const end = performance.now() + LIST_SILENCES * hub.settings.silenceMs;
  for (let url: string | undefined = first; url && !seen.has(url); ) {
    const unending = (what: string) =>
      new UserError(`${hub.settings.endpoint} lists the files of ${repo} ${what}: is HF_ENDPOINT a hub?`);
    if (seen.size === MOST_PAGES) throw unending(`in more than ${MOST_PAGES} pages`);
    if (performance.now() > end) throw unending(`for more than ${(LIST_SILENCES * hub.settings.silenceMs) / 1000} s`);
    seen.add(url);
    const { value, headers }: { value: unknown; headers: IncomingHttpHeaders } = await hub.json(url);
    if (!Array.isArray(value)) throw new UserError(`${url} is not a list of files: is HF_ENDPOINT a hub?`);
    entries += value.length;
    if (entries > MOST_ENTRIES) throw unending(`with more than ${MOST_ENTRIES} entries`);
    for (const entry of value as unknown[]) {
      if ((entry as { type?: unknown } | null)?.type !== 'file') continue;
      const { success, data } = ENTRY.safeParse(entry);
      if (!success) throw new UserError(`${url} lists a file that cannot be: ${cutAtWord(JSON.stringify(entry), 200)}`);
      found.set(data.path, savedFile(data));
    }
    url = nextPage([headers.link ?? ''].flat().join(', '), url);
  }
  for (const path of found.keys())
    for (let at = path.indexOf('/'); at !== -1; at = path.indexOf('/', at + 1))
      if (found.has(path.slice(0, at)))
        throw new UserError(`${first} lists ${path.slice(0, at)} as a file and as the folder of ${path}`);
  const files = Object.fromEntries(found);
  await writeFileAtomic(treePath(folder, commit), JSON.stringify({ format_version: FORMAT, files })).catch(readOnly);
  return toFiles(files);
}

/** The kept list of a commit's files, if there is one that can be read. */
export async function savedTree(folder: string, commit: string): Promise<RepoFile[] | undefined> {
  try {
    const { format_version, files } = (await readJson(treePath(folder, commit))) as {
      format_version?: unknown;
      files: Record<string, SavedFile>;
    };
    if (format_version !== FORMAT) return undefined;
    const list = toFiles(files);
    return list.every((f) => isSafePath(f.path) && isSize(f.size) && isOid(f.oid)) ? list : undefined;
  } catch {
    return undefined;
  }
}

/** A cache that others filled may be closed for writing: what was to be noted there is asked for again. */
export function readOnly(e: NodeJS.ErrnoException): void {
  if (!['EACCES', 'EPERM', 'EROFS'].includes(e.code ?? '')) throw e;
}

const treePath = (folder: string, commit: string): string => join(folder, 'trees', `${commit}.json`);
const isSize = (n: unknown): n is number => Number.isSafeInteger(n) && (n as number) >= 0;

const size = z.number().refine(isSize);
/** A file in the hub's list. */
const ENTRY = z.object({
  path: z.string().max(MOST_PATH).refine(isSafePath),
  size,
  oid: z.string().regex(SHA1),
  lfs: z.object({ oid: z.string().regex(SHA256), size }).nullish(),
  xetHash: z.unknown().optional(),
});

function savedFile({ size, oid, lfs, xetHash }: z.infer<typeof ENTRY>): SavedFile {
  return {
    size,
    blob_id: oid,
    ...(lfs && { lfs_sha256: lfs.oid, lfs_size: lfs.size }),
    ...(typeof xetHash === 'string' && SHA256.test(xetHash) && { xet_hash: xetHash }),
  };
}

const toFiles = (files: Record<string, SavedFile>): RepoFile[] =>
  Object.entries(files).map(([path, f]) => ({ path, size: f.lfs_size ?? f.size, oid: f.lfs_sha256 ?? f.blob_id }));

/** Only the query of the next page's address is taken: a mirror may name the hub's own host there. */
function nextPage(link: string, current: string): string | undefined {
  for (const part of link.split(/,\s*(?=<)/)) {
    const [, address, about] = /^\s*<([^>]*)>(.*)$/.exec(part) ?? [];
    if (address === undefined || !/;\s*rel="?next"?/.test(about) || !URL.canParse(address, current)) continue;
    const url = new URL(current);
    url.search = new URL(address, current).search;
    return url.href;
  }
  return undefined;
}
