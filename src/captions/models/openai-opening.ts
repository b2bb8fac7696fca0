import { type RemoteServer, Transient } from '../../net/remote-server.js';

/** Times that a server may fail at the first questions: some seconds. */
const FEW = 5;

/** A server that fails at one of the first questions again and again. */
export class Failing extends Error {
  override name = 'Failing';
  /** As of `Transient`. */
  readonly reason: string;

  constructor({ reason, message }: Transient) {
    super(`${message}, ${FEW} times running`);
    this.reason = reason;
  }
}

/**
 * `server.ask` for the first questions, with little patience: one that loads its model or is busy (503, 429) is waited for as ever, but one
 * that fails was never known to work, and whoever started it is still there to hear of it.
 * @throws Failing when it fails again and again
 */
export function askSoon<T>(
  server: RemoteServer,
  action: (signal: AbortSignal) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  let faults = 0;
  return server.ask(async (s) => {
    try {
      return await action(s);
    } catch (e) {
      if (!s.aborted && e instanceof Transient && !e.overload && ++faults === FEW) throw new Failing(e);
      // What lasts is this function's to end, too.
      throw e instanceof Transient && e.lasting ? new Transient(e.reason, e.message) : e;
    }
  }, signal);
}
