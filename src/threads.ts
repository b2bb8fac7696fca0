import { Worker } from 'node:worker_threads';

/**
 * Starts the worker whose module is `path` relative to the source root without its ending, e.g. `views/worker`.
 * From compiled code that is dist/; from the TypeScript sources (tests) it is dist/ beside them, which the test command builds first.
 */
export function startWorker(path: string, workerData?: unknown): Worker {
  const url = import.meta.url.endsWith('.ts')
    ? new URL(`../dist/${path}.js`, import.meta.url)
    : new URL(`./${path}.js`, import.meta.url);
  return new Worker(url, { workerData });
}
