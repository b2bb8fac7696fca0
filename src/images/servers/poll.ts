import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { Transient } from '../../net/remote-server.js';

/** The name of a job, which becomes part of an address. */
export const jobName = z.string().regex(/^\w[\w.:-]*$/, 'expected the name of a job');

/** Pauses between looks, milliseconds: a tenth of what was waited so far, within these. */
const PAUSE = { least: 25, most: 1000 };
/** Looks in a row that may fail: a server that is busy painting may miss one, and its job is still worth waiting for. */
const MOST_FAILURES = 4;

/**
 * Looks until there is something to see.
 * @param look undefined: not yet
 * @throws what `look` throws, a Transient only when it comes again and again, or is lasting, or the reason is `lost`
 */
export async function poll<T>(look: () => Promise<T | undefined>, signal: AbortSignal): Promise<T> {
  const began = performance.now();
  let failures = 0;
  for (;;) {
    const waited = performance.now() - began;
    let pause = Math.min(PAUSE.most, Math.max(PAUSE.least, waited / 10));
    try {
      const seen = await look();
      if (seen !== undefined) return seen;
      failures = 0;
    } catch (e) {
      if (!(e instanceof Transient) || e.reason === 'lost' || e.lasting) throw e;
      if (++failures === MOST_FAILURES || signal.aborted) throw e;
      pause = Math.max(PAUSE.most / 4, e.retryAfter ?? 0);
    }
    await sleep(pause, undefined, { signal });
  }
}
