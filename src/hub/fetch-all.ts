import { UserError } from '../errors.js';
import { diskFreeMb } from '../resources.js';
import type { RepoCache } from './cache.js';
import { HubClient } from './client.js';
import { download } from './download.js';
import type { RepoFile } from './listing.js';
import { PartialFile } from './partial-file.js';
import { byteSize, type DownloadProgress } from './progress.js';

/** Files that are downloaded at once. */
const AT_ONCE = 4;
/** Least time between two reports of progress, milliseconds. */
const REPORT_EVERY = 100;

interface Work {
  /** The model as the user wrote it. */
  where: string;
  missing: readonly RepoFile[];
  /** Wanted as well, and there already: they count in the progress. */
  present: readonly RepoFile[];
  onProgress?: (progress: DownloadProgress) => void;
}

/** Downloads a model's missing files, a few at a time, the largest first. The first failure stops all; what has come is kept. */
export async function fetchAll(
  hub: HubClient,
  cache: RepoCache,
  repo: string,
  commit: string,
  { where, missing, present, onProgress }: Work,
): Promise<void> {
  // By content: two files of the same bytes are one download.
  const contents = new Map(missing.map((f) => [f.oid, f]));
  const queue = [...contents.values()].sort((a, b) => b.size - a.size);
  const before = present.reduce((sum, f) => sum + f.size, 0);
  const total = before + queue.reduce((sum, f) => sum + f.size, 0);
  const bytes = new Map<string, number>();
  for (const { oid, size } of queue) bytes.set(oid, Math.min(size, await PartialFile.left(cache.blobs, oid)));
  const done = () => before + [...bytes.values()].reduce((a, b) => a + b, 0);
  await requireSpace(cache.folder, total - done(), where);

  let reported = Number.NEGATIVE_INFINITY;
  const report = (always: boolean) => {
    if (!always && performance.now() - reported < REPORT_EVERY) return;
    reported = performance.now();
    onProgress?.({ reference: where, done: done(), total });
  };
  report(true);

  const stop = new AbortController();
  const client = new HubClient(hub.settings, AbortSignal.any([hub.signal, stop.signal]), hub.warn);
  let failure: { e: unknown } | undefined;
  const work = async () => {
    for (let file = queue.shift(); file && !failure; file = queue.shift()) {
      const { oid, path } = file;
      const url = `${hub.settings.endpoint}/${repo}/resolve/${commit}/${path.split('/').map(encodeURIComponent).join('/')}`;
      try {
        await download(client, cache, file, url, (n) => {
          bytes.set(oid, n);
          report(false);
        });
      } catch (e) {
        failure ??= { e };
        stop.abort();
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  if (failure) throw failure.e;
  report(true);
}

async function requireSpace(dir: string, bytes: number, where: string): Promise<void> {
  const free = (await diskFreeMb(dir)) * 2 ** 20;
  if (bytes > free)
    throw new UserError(
      `not enough disk at ${dir}: ${where} needs ${byteSize(bytes)} more, ${byteSize(free)} are free; free some, or set HF_HUB_CACHE to a folder on another disk`,
    );
}
