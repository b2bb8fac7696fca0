import { setTimeout as sleep } from 'node:timers/promises';
import { Interrupted, UserError } from '../errors.js';
import { retryAfter } from '../net/retry-after.js';
import { VERSION } from '../version.js';
import { refusal } from './refusal.js';
import type { HubSettings } from './settings.js';

/** Something that another try may mend: a lost connection, a busy or broken server. */
export class Trouble extends Error {
  /** What the server asked for, milliseconds. */
  readonly waitMs: number | undefined;

  constructor(message: string, waitMs?: number) {
    super(message);
    this.waitMs = waitMs;
  }
}

/** Tries in a row that got nowhere before a download gives up. */
export const TRIES = 6;
/** A server that asks for a longer wait than this is not waited for, milliseconds; the hub counts in windows of 5 minutes. */
const LONGEST_WAIT = 15 * 60_000;
const REDIRECTS = 5;
const BUSY = new Set([408, 425, 429, 500, 502, 503, 504]);

/**
 * Speaks HTTP with the hub. `fetch` and not `@huggingface/hub` (2.17 as this was written): that library's downloads begin anew after a break,
 * compare no checksum, retry nothing and know no HF_ENDPOINT. What is left to take from it are two routes. And not `net/http.ts`, which holds
 * whole answers and limits how long they take: here gigabytes stream to disk, and only silence counts as trouble.
 */
export class HubClient {
  readonly settings: HubSettings;
  readonly signal: AbortSignal;
  readonly warn: (line: string) => void;
  private readonly origin: string;

  constructor(settings: HubSettings, signal: AbortSignal, warn: (line: string) => void) {
    this.settings = settings;
    this.signal = signal;
    this.warn = warn;
    this.origin = new URL(settings.endpoint).origin;
  }

  /**
   * GET, following redirects. The token goes to the endpoint's own origin and nowhere else.
   * @param use reads the answer (status 200, 206 or 416) and calls `alive` whenever something came, or the silence counts as trouble
   * @throws Trouble where another try may help, UserError where none will, Interrupted
   */
  async get<T>(
    url: string,
    headers: Record<string, string>,
    use: (response: Response, alive: () => void) => Promise<T>,
  ): Promise<T> {
    this.stopIfAsked();
    const silence = new AbortController();
    const { silenceMs } = this.settings;
    const timer = setTimeout(() => silence.abort(), silenceMs);
    const way = { at: new URL(url) };
    try {
      const signal = AbortSignal.any([this.signal, silence.signal]);
      const response = await this.follow(way, headers, signal);
      try {
        timer.refresh();
        return await use(response, () => timer.refresh());
      } finally {
        // Whatever was not read is not wanted; without this the connection would stay busy.
        if (!response.bodyUsed) await response.body?.cancel().catch(() => {});
      }
    } catch (e) {
      this.stopIfAsked();
      if (silence.signal.aborted) throw new Trouble(`${way.at.host} said nothing for ${silenceMs / 1000} s`);
      // undici's errors of the network have what happened as their cause; a TypeError without one is a mistake of ours.
      if (e instanceof TypeError && e.cause instanceof Error) throw new Trouble(networkText(e.cause, way.at.host));
      throw e;
    } finally {
      clearTimeout(timer);
    }
  }

  /** The JSON at an address of the hub's API, with retries; and the answer's headers. */
  async json(url: string, tries = TRIES): Promise<{ value: unknown; headers: Headers }> {
    for (let failures = 1; ; failures++) {
      try {
        return await this.get(url, { accept: 'application/json' }, async (response) => {
          const text = await response.text();
          try {
            return { value: JSON.parse(text) as unknown, headers: response.headers };
          } catch {
            throw new Trouble(`${new URL(url).host} answered with something that is not JSON`);
          }
        });
      } catch (e) {
        await this.pause(e, failures, tries);
      }
    }
  }

  /**
   * After the `failures`-th failure in a row: waits, or gives up.
   * @throws what is not {@link Trouble}, and {@link Unreachable} after `tries` failures
   */
  async pause(trouble: unknown, failures: number, tries = TRIES): Promise<void> {
    if (!(trouble instanceof Trouble)) throw trouble;
    const asked = trouble.waitMs;
    if (failures >= tries || (asked ?? 0) > LONGEST_WAIT) throw new Unreachable(trouble.message);
    const { retryMs } = this.settings;
    // Half of it by chance, so that many clients do not come back at one moment.
    const backoff = Math.min(30, 2 ** (failures - 1)) * retryMs * (0.5 + Math.random() / 2);
    const wait = Math.max(asked ?? 0, backoff);
    if (wait > 5000) this.warn(`${trouble.message}; trying again in ${Math.round(wait / 1000)} s`);
    await sleep(wait, undefined, { signal: this.signal }).catch(() => {});
    this.stopIfAsked();
  }

  stopIfAsked(): void {
    if (this.signal.aborted) throw new Interrupted('stopped while downloading; the same command goes on from there');
  }

  /** @param way `at` is where the request is now, for messages */
  private async follow(way: { at: URL }, headers: Record<string, string>, signal: AbortSignal): Promise<Response> {
    for (let hops = 0; hops <= REDIRECTS; hops++) {
      const { at } = way;
      const ours = at.origin === this.origin;
      const { token } = this.settings;
      const response = await fetch(at, {
        headers: {
          'user-agent': `synclr/${VERSION}`,
          // Ranges count the file's own bytes.
          'accept-encoding': 'identity',
          ...headers,
          ...(ours && token ? { authorization: `Bearer ${token}` } : {}),
        },
        redirect: 'manual',
        signal,
      });
      if (response.ok || response.status === 416) return response;
      const location = response.headers.get('location');
      await response.body?.cancel().catch(() => {});
      if (location && response.status >= 300 && response.status < 400) {
        if (!URL.canParse(location, at.href))
          throw new Trouble(`${at.host} redirects to an address that cannot be read`);
        way.at = new URL(location, at);
        continue;
      }
      const { status } = response;
      // A storage host that forbids is handed a stale address: the hub gives a fresh one.
      if (BUSY.has(status) || (!ours && (status === 401 || status === 403)))
        throw new Trouble(`${at.host} answered ${status}`, waitAsked(response.headers));
      throw refusal(response, at, this.settings);
    }
    throw new Trouble(`${way.at.host} redirects in a circle`);
  }
}

/** Every try failed: the user's network, or the server. */
export class Unreachable extends UserError {
  /** What happened, without the advice. */
  readonly trouble: string;

  constructor(what: string) {
    super(
      `${what}; what was downloaded is kept: check the connection (and HF_ENDPOINT, if set), then run the same command`,
    );
    this.trouble = what;
  }
}

/** Retry-After in seconds or as a date, else what is left of the hub's window (`RateLimit: "api";r=0;t=55`), milliseconds. */
function waitAsked(headers: Headers): number | undefined {
  const asked = retryAfter(headers.get('retry-after'));
  if (asked !== undefined) return asked;
  const left = /;\s*r=0\s*;\s*t=(\d+)/.exec(headers.get('ratelimit') ?? '');
  return left ? Number(left[1]) * 1000 : undefined;
}

function networkText(cause: Error & { code?: string }, host: string): string {
  if (cause.code === 'ENOTFOUND' || cause.code === 'EAI_AGAIN') return `cannot find ${host} (${cause.code})`;
  return `cannot read from ${host} (${cause.code ?? cause.message})`;
}
