import { Worker } from 'node:worker_threads';
import { asUserError, Interrupted, UserError } from './errors.js';

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

/** An error on its way between threads: structured cloning keeps neither its class nor, of the system's errors, their code. */
export interface ThreadError {
  message: string;
  kind: 'user' | 'interrupted' | 'internal';
  /** Of an internal one. */
  stack?: string;
}

/** On the thread where it was thrown. What the operating system says is turned into the user's line here, while it still has a path. */
export function packError(e: unknown): ThreadError {
  const known = asUserError(e) ?? e;
  if (known instanceof UserError) return { message: known.message, kind: 'user' };
  if (known instanceof Interrupted) return { message: known.message, kind: 'interrupted' };
  return known instanceof Error
    ? { message: known.message, kind: 'internal', stack: known.stack }
    : { message: String(known), kind: 'internal' };
}

/** On the thread that waits for it. */
export function unpackError({ message, kind, stack }: ThreadError): Error {
  if (kind === 'user') return new UserError(message);
  if (kind === 'interrupted') return new Interrupted(message);
  const e = new Error(message);
  if (stack !== undefined) e.stack = stack;
  return e;
}

/**
 * Tells when a thread ends, whichever way: thrown out of, out of memory, stopped by `process.exit` or a native library, without a word.
 * Whoever waits for an answer of it would wait for ever.
 * @param what it is, for the message: `a loader thread`
 */
export function onEnd(worker: Worker, what: string, tell: (e: Error) => void): void {
  // Errors of the system arrive with their code.
  worker.on('error', (e) => tell(unpackError(packError(e))));
  worker.on('messageerror', (e) =>
    tell(new Error(`internal: ${what} gave an answer that cannot be read: ${e.message}`)),
  );
  worker.on('exit', (code) => tell(new Error(`internal: ${what} ended before its work was done (exit code ${code})`)));
}
