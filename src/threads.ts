import { parentPort, Worker } from 'node:worker_threads';
import { asUserError, Interrupted, UserError } from './errors.js';

/**
 * Worker threads are spoken to by one client, `Thread`, and answer by one counterpart, `serve`. What can be asked of a
 * thread is an interface of functions of one request each; it stands in the thread's module, and both sides are held to
 * it:
 *
 *     export interface Sums { sum(request: { of: Float32Array }): number }      // sums-worker.ts
 *     serve<Sums>({ sum: ({ of }) => of.reduce((a, b) => a + b, 0) });
 *
 *     const thread = Thread.start<Sums>('sums-worker', { what: 'a summing thread' });
 *     await thread.ask('sum', { of: numbers }, [numbers]);                      // `numbers` is moved, not copied
 *     await thread.close();
 */
export type Calls<C> = { [K in keyof C]: (request: never) => unknown };

/**
 * What is moved to the other thread instead of copied, and is empty here afterwards; memory that is shared stays
 * shared.
 */
export type Moving = readonly (ArrayBufferLike | ArrayBufferView)[];

type Answer<F extends (request: never) => unknown> = Awaited<ReturnType<F>>;
type Asked = { id: number; kind: string | undefined; request: unknown };
type Reply = { id: number; value: unknown } | { id: number; error: ThreadError } | { told: unknown };

export interface ThreadOptions<Told> {
  /** What it is, for messages: `a loader thread`. */
  what: string;
  /** Its `workerData`. */
  data?: unknown;
  /** Hears what the thread tells without being asked, in the order told, and before the answers that it gives later. */
  heard?: (told: Told) => void;
}

/** A worker thread, as seen by whoever started it. */
export class Thread<C extends Calls<C>, Told = never> {
  private readonly worker: Worker;
  private readonly what: string;
  private readonly waiting = new Map<number, { resolve: (value: never) => void; reject: (e: Error) => void }>();
  private next = 0;
  /** Why nothing more can be asked. */
  private refused: Error | undefined;
  private ended = false;
  private closing: Promise<void> | undefined;

  /** @param worker runs `serve`; it is this client's from now on */
  constructor(worker: Worker, { what, heard }: Omit<ThreadOptions<Told>, 'data'>) {
    this.worker = worker;
    this.what = what;
    worker.on('message', (reply: Reply) => {
      if ('told' in reply) {
        heard?.(reply.told as Told);
        return;
      }
      const asker = this.waiting.get(reply.id);
      this.waiting.delete(reply.id);
      if (this.waiting.size === 0) worker.unref();
      if ('error' in reply) asker?.reject(unpackError(reply.error));
      else asker?.resolve(reply.value as never);
    });
    // However it ends (thrown out of, out of memory, by `process.exit` or a native library, without a word), whoever
    // waits is told.
    worker.on('error', (e) => this.end(revived(e)));
    worker.on('messageerror', (e) => {
      this.end(new Error(`internal: ${what} gave an answer that cannot be read: ${e.message}`));
      void worker.terminate();
    });
    worker.on('exit', (code) =>
      this.end(new Error(`internal: ${what} ended before its work was done (exit code ${code})`)),
    );
    // One that is forgotten must not hold the process: it does so only while an answer is waited for. After the listeners, which hold it.
    worker.unref();
  }

  /**
   * Starts the thread whose module is `path` relative to the source root without its ending, e.g.
   * `views/loader-worker`. From compiled code that is dist/; from the TypeScript sources (tests) it is dist/ beside
   * them, which the test command builds first.
   */
  static start<C extends Calls<C>, Told = never>(path: string, o: ThreadOptions<Told>): Thread<C, Told> {
    const root = import.meta.url.endsWith('.ts') ? '../dist/' : './';
    // `node --input-type=module -e …` would have the thread's file be no file; other flags are only inherited where none are given.
    const evaluated = process.execArgv.some((arg) => arg.startsWith('--input-type'));
    const own = evaluated ? { execArgv: [] } : {};
    return new Thread(new Worker(new URL(`${root}${path}.js`, import.meta.url), { workerData: o.data, ...own }), o);
  }

  /**
   * @param moving what of the request is moved, not copied
   * @returns the thread's answer; rejected with what it threw (a `UserError` or `Interrupted` stays one), with the
   * reason of its end, at once when it has ended or was closed, and when the request cannot be cloned
   */
  ask<K extends keyof C & string>(
    kind: K,
    ...[request, moving]: Parameters<C[K]> extends [] ? [] : [request: Parameters<C[K]>[0], moving?: Moving]
  ): Promise<Answer<C[K]>> {
    return this.send(kind, request, moving);
  }

  /**
   * Ends the thread once it has answered what was asked and done its `close`; nothing can be asked from now on. Further
   * calls return the same promise; a thread that has ended is none to close.
   * @param patience milliseconds after which it is ended whatever it does
   * @throws what its `close` throws; it has ended then, too
   */
  close(patience = Number.POSITIVE_INFINITY): Promise<void> {
    this.closing ??= this.closeWithin(patience);
    return this.closing;
  }

  /** Ends the thread at once; whoever waits for an answer is refused. */
  async terminate(): Promise<void> {
    this.end(this.closed());
    await this.worker.terminate();
  }

  private async closeWithin(patience: number): Promise<void> {
    const last = this.send(undefined, undefined);
    this.refused ??= this.closed();
    const timer = Number.isFinite(patience) ? setTimeout(() => void this.terminate(), patience) : undefined;
    try {
      await last;
    } catch (e) {
      // That it ended is what was wanted.
      if (!this.ended) throw e;
    } finally {
      clearTimeout(timer);
      await this.terminate();
    }
  }

  private send<T>(kind: string | undefined, request: unknown, moving: Moving = []): Promise<T> {
    if (this.refused) return Promise.reject(this.refused);
    const id = this.next++;
    return new Promise<T>((resolve, reject) => {
      this.worker.postMessage({ id, kind, request } satisfies Asked, buffersOf(moving));
      if (this.waiting.size === 0) this.worker.ref();
      this.waiting.set(id, { resolve, reject });
    });
  }

  private end(e: Error): void {
    if (this.ended) return;
    this.ended = true;
    this.refused ??= e;
    for (const { reject } of this.waiting.values()) reject(e);
    this.waiting.clear();
  }

  private closed(): Error {
    return new Error(`internal: ${this.what} was closed`);
  }
}

/** An answer of which a part is moved to the asking thread. */
export class Moved<T> {
  readonly value: T;
  readonly moving: Moving;

  constructor(value: T, moving: Moving) {
    this.value = value;
    this.moving = moving;
  }
}

type Handlers<C extends Calls<C>> = {
  [K in keyof C]: (
    request: Parameters<C[K]>[0],
  ) => Answer<C[K]> | Moved<Answer<C[K]>> | Promise<Answer<C[K]> | Moved<Answer<C[K]>>>;
};

export interface ServeOptions<C> {
  /**
   * Requests that are begun when they come, whatever else is in hand: all, or those named. The others are answered one
   * after the other.
   */
  concurrent?: boolean | readonly (keyof C)[];
  /** The thread's last work, after all answers. */
  close?: () => unknown;
}

/**
 * Answers, on a worker thread, what its `Thread` asks. What a handler throws, and an answer that cannot be cloned,
 * reach the asker as an error; the thread goes on.
 * @returns tells the other side something that was not asked for
 */
export function serve<C extends Calls<C>, Told = never>(
  handlers: Handlers<C>,
  { concurrent = false, close }: ServeOptions<C> = {},
): (told: Told, moving?: Moving) => void {
  const port = parentPort;
  if (!port) throw new Error('internal: this module is that of a worker thread');
  const post = (reply: Reply, moving: Moving = []) => port.postMessage(reply, buffersOf(moving));
  const answer = async (id: number, work: () => unknown) => {
    try {
      const result = await work();
      if (result instanceof Moved) post({ id, value: result.value }, result.moving);
      else post({ id, value: result });
    } catch (e) {
      post({ id, error: packError(e) });
    }
  };
  const atOnce = (kind: keyof C) => (typeof concurrent === 'boolean' ? concurrent : concurrent.includes(kind));
  const inHand = new Set<Promise<void>>();
  let queue = Promise.resolve();
  port.on('message', ({ id, kind, request }: Asked) => {
    if (kind === undefined) {
      void queue.then(() => Promise.all(inHand)).then(() => answer(id, () => close?.()));
      return;
    }
    const work = () => handlers[kind as keyof C](request as never);
    if (atOnce(kind as keyof C)) {
      const one = answer(id, work).finally(() => inHand.delete(one));
      inHand.add(one);
    } else queue = queue.then(() => answer(id, work));
  });
  // The asker would wait for ever.
  port.on('messageerror', (e) => {
    throw e;
  });
  return (told, moving) => post({ told }, moving);
}

/** Every buffer once: a list that names one twice is refused. */
function buffersOf(moving: Moving): ArrayBuffer[] {
  const all = new Set(moving.map((x) => (ArrayBuffer.isView(x) ? x.buffer : x)));
  return [...all].filter((b) => b instanceof ArrayBuffer);
}

/** What a thread was thrown out of, which arrives with its name and its code but without its class. */
function revived(e: Error): Error {
  if (e.name === 'UserError') return new UserError(e.message);
  if (e.name === 'Interrupted') return new Interrupted(e.message);
  return asUserError(e) ?? e;
}

/**
 * An error on its way between threads: structured cloning keeps neither its class nor, of the system's errors, their
 * code.
 */
export interface ThreadError {
  message: string;
  kind: 'user' | 'interrupted' | 'internal';
  /** Of an internal one. */
  stack?: string;
}

/**
 * On the thread where it was thrown. What the operating system says is turned into the user's line here, while it still
 * has a path.
 */
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
