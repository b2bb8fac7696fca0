import type { IncomingHttpHeaders } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { Interrupted, UserError } from '../errors.js';
import { readWhole } from '../net/body.js';
import type { Reply } from '../net/exchange.js';
import { parseAnswer } from '../net/http.js';
import { followRedirects } from '../net/redirect.js';
import { Transient } from '../net/remote-server.js';
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
/** Most of one JSON answer, bytes: a page of the list has a thousand entries of some hundred bytes. */
const MOST_JSON = 16 * 2 ** 20;
/** A JSON answer may take so many times what a server may say nothing for. */
const JSON_SILENCES = 4;
/** Fewer bytes in the time that a server may say nothing for are silence too. */
const LEAST_HEARD = 4096;

/**
 * Speaks HTTP with the hub. Not `@huggingface/hub` (2.17 as this was written): that library's downloads begin anew after a break, compare no
 * checksum, retry nothing and know no HF_ENDPOINT. What is left to take from it are two routes. Gigabytes stream to disk, so only silence
 * counts as trouble there; JSON is small, and bounded in bytes and time.
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
   * GET, following redirects, never from https to http. The token goes to the endpoint's own origin and nowhere else.
   * @param most largest body, bytes
   * @param use reads the answer (status 200, 206 or 416) and tells `alive` how many bytes came, or the silence counts as trouble
   * @throws Trouble where another try may help, UserError where none will, Interrupted
   */
  async get<T>(
    url: string,
    headers: Record<string, string>,
    most: number,
    use: (reply: Reply, alive: (bytes: number) => void) => Promise<T>,
  ): Promise<T> {
    this.stopIfAsked();
    const silence = new AbortController();
    const { silenceMs } = this.settings;
    const timer = setTimeout(() => silence.abort(), silenceMs);
    let heard = 0;
    const alive = (bytes: number) => {
      heard += bytes;
      if (heard < LEAST_HEARD) return;
      heard = 0;
      timer.refresh();
    };
    const way = { at: new URL(url) };
    try {
      const signal = AbortSignal.any([this.signal, silence.signal]);
      const reply = await this.follow(way, headers, most, signal);
      try {
        timer.refresh();
        return await use(reply, alive);
      } finally {
        // Whatever was not read is not wanted; without this the connection would stay busy.
        reply.body.destroy();
      }
    } catch (e) {
      this.stopIfAsked();
      if (silence.signal.aborted)
        throw new Trouble(`${way.at.host} said nothing, or hardly anything, for ${silenceMs / 1000} s`);
      if (e instanceof Transient) {
        const what = `cannot read from ${way.at.host}: ${e.message}`;
        throw e.lasting ? new UserError(`${what}: check HF_ENDPOINT (${this.settings.endpoint})`) : new Trouble(what);
      }
      throw e;
    } finally {
      clearTimeout(timer);
    }
  }

  /** The JSON at an address of the hub's API, with retries; and the answer's headers. @throws as `get`; Unreachable */
  async json(url: string, tries = TRIES): Promise<{ value: unknown; headers: IncomingHttpHeaders }> {
    for (let failures = 1; ; failures++) {
      try {
        return await this.get(url, { accept: 'application/json' }, MOST_JSON, async (reply, alive) => {
          const { silenceMs } = this.settings;
          let late = false;
          const timer = setTimeout(() => {
            late = true;
            reply.body.destroy();
          }, JSON_SILENCES * silenceMs);
          try {
            return { value: parseAnswer(await readWhole(reply, MOST_JSON, alive)), headers: reply.headers };
          } catch (e) {
            throw late
              ? new Trouble(`${reply.url.host} takes more than ${(JSON_SILENCES * silenceMs) / 1000} s for one answer`)
              : e;
          } finally {
            clearTimeout(timer);
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
  private async follow(
    way: { at: URL },
    headers: Record<string, string>,
    most: number,
    signal: AbortSignal,
  ): Promise<Reply> {
    const { token, endpoint } = this.settings;
    const reply = await followRedirects({
      url: way.at,
      headers: { 'user-agent': `synclr/${VERSION}`, ...headers },
      authorization: token && `Bearer ${token}`,
      origin: this.origin,
      signal,
      // A mirror on http may keep its files on another; what came is compared with its checksum.
      elsewhere: 'no-downgrade',
      hops: REDIRECTS,
      most,
      onHop: (url) => {
        way.at = url;
      },
      refused: (what) => new UserError(`${way.at.host} ${what}: check HF_ENDPOINT (${endpoint})`),
    });
    const { status, url: at } = reply;
    if ((status >= 200 && status < 300) || status === 416) return reply;
    reply.body.destroy();
    // A storage host that forbids is handed a stale address: the hub gives a fresh one.
    const ours = at.origin === this.origin;
    if (BUSY.has(status) || (!ours && (status === 401 || status === 403)))
      throw new Trouble(`${at.host} answered ${status}`, waitAsked(reply.headers));
    throw refusal(reply, this.settings);
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
function waitAsked(headers: IncomingHttpHeaders): number | undefined {
  const asked = retryAfter(headers['retry-after']);
  if (asked !== undefined) return asked;
  const left = /;\s*r=0\s*;\s*t=(\d+)/.exec(String(headers.ratelimit ?? ''));
  return left ? Number(left[1]) * 1000 : undefined;
}
