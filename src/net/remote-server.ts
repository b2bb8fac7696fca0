import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Counts, count } from '../counts.js';
import { Interrupted, UserError } from '../errors.js';
import { AdaptiveLimit } from './limit.js';

/** An answer that may be better next time: a refused connection, an overload, an error of the server's, garbage. */
export class Transient extends Error {
  override name = 'Transient';
  /** Short and countable: `429`, `500`, `timeout`, `connection`, `garbage`. */
  readonly reason: string;
  /** The server has too much to do. */
  readonly overload: boolean;
  /** How long the server asks to be left alone, milliseconds. */
  readonly retryAfter: number | undefined;
  /** Hardly better next time: an answer that is whole and yet of no use. It is asked for a few times only. */
  readonly lasting: boolean;

  constructor(
    reason: string,
    message: string,
    options: { overload?: boolean; retryAfter?: number; lasting?: boolean } = {},
  ) {
    super(message);
    this.reason = reason;
    this.overload = options.overload ?? false;
    this.retryAfter = options.retryAfter;
    this.lasting = options.lasting ?? false;
  }
}

export interface RemoteServerOptions {
  /** For messages, without secrets: `the painter at http://…`. */
  name: string;
  /** Most requests in hand at once. */
  inFlight: number;
  /** Seconds that one request may take; one that took longer is asked again with twice the time, up to the patience. */
  timeout: number;
  /** Seconds without a single good answer after which the server is given up. */
  patience: number;
  /** What the settings call the time limit, for messages: `runtime.painter.timeout`. */
  settings: { timeout: string };
  warn?: (line: string) => void;
}

/** First and longest pause before a request is tried again, milliseconds. */
const PAUSE = { first: 500, longest: 30_000 };
/** A pause that a server asks for is told from here on, seconds. */
const LONG_WAIT = 30;
/** Times that one request may fail while others succeed: what it asks for is then not to be had. */
const MOST_FAULTS = 40;
/** Times that it may be answered with what is lastingly of no use. */
const MOST_LASTING = 3;

/**
 * One server that is asked many things: a limit that adapts, a time limit a request, and patience. Trouble costs time, not results:
 * a request is repeated with growing pauses, or after the pause that the server asks for, until it succeeds.
 */
export class RemoteServer {
  /** Requests that had to be repeated, by reason. */
  readonly repeated: Counts = {};
  private readonly options: RemoteServerOptions;
  private readonly limit: AdaptiveLimit;
  private answers = 0;
  /** When the first failure after the last good answer was; undefined while all is well. */
  private failingSince: number | undefined;
  private warned = false;

  constructor(options: RemoteServerOptions) {
    this.options = options;
    this.limit = new AdaptiveLimit(options.inFlight);
  }

  /**
   * Runs one request until it succeeds. The action must be repeatable without harm.
   * @param action does the request; aborted when it takes too long or the caller's signal says so; throws `Transient` for what may be tried again
   * @throws Interrupted when the caller's signal is aborted
   * @throws UserError when the server has given no good answer for longer than its patience, or answers others but never this request
   */
  async ask<T>(action: (signal: AbortSignal) => Promise<T>, signal?: AbortSignal): Promise<T> {
    // A stage's signal is listened to by every request in hand.
    if (signal) setMaxListeners(0, signal);
    // Refusals for want of time say nothing about the request: they count for the pause, not against it.
    let faults = 0;
    // Nor does a server that answers nobody: that is what patience is for.
    let alone = 0;
    let heard = this.answers;
    let lasting = 0;
    // What took too long needs longer: asked again within the same time it would only make a slow server slower.
    let seconds = this.options.timeout;
    for (let tries = 1; ; tries++) {
      try {
        const value = await this.once(action, seconds, signal);
        this.recovered();
        return value;
      } catch (e) {
        if (signal?.aborted) throw new Interrupted(`stopped while waiting for ${this.options.name}`);
        if (!(e instanceof Transient)) throw e;
        if (!e.overload) {
          faults++;
          if (this.answers > heard) alone++;
          heard = this.answers;
        }
        if (e.lasting) lasting++;
        if (e.reason === 'timeout') seconds = Math.max(seconds, Math.min(2 * seconds, this.options.patience));
        const left = this.failed(e, { faults, alone, lasting });
        const backoff = Math.min(PAUSE.longest, PAUSE.first * 2 ** Math.min(tries - 1, 10)) * (0.5 + Math.random() / 2);
        // Whoever asks for more than there is patience for is asked once more at its end.
        await sleep(Math.max(backoff, Math.min(e.retryAfter ?? 0, left)), undefined, { signal }).catch(() => {});
        if (signal?.aborted) throw new Interrupted(`stopped while waiting for ${this.options.name}`);
      }
    }
  }

  private async once<T>(
    action: (signal: AbortSignal) => Promise<T>,
    seconds: number,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    const leave = await this.limit.enter(signal);
    // Not AbortSignal.any: a run's signal outlives millions of requests, and each would stay linked to it.
    const controller = new AbortController();
    const abort = () => controller.abort();
    signal?.addEventListener('abort', abort, { once: true });
    // It may have been aborted between the place being given and here.
    if (signal?.aborted) abort();
    let late = false;
    const timer = setTimeout(
      () => {
        late = true;
        abort();
        // A longer timer fires at once.
      },
      Math.min(seconds * 1000, 2 ** 31 - 1),
    );
    let overloaded = false;
    try {
      return await action(controller.signal);
    } catch (e) {
      const what =
        late && !(e instanceof UserError)
          ? new Transient('timeout', `no answer within ${seconds} s, ${this.options.settings.timeout}`, {
              overload: true,
            })
          : e;
      overloaded = what instanceof Transient && what.overload;
      throw what;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      leave(overloaded);
    }
  }

  /**
   * @param times that this request failed: `faults` for another reason than an overload, `alone` of those while others were answered,
   *   `lasting` with what will hardly be better
   * @returns milliseconds of patience that are left
   * @throws UserError when there is none
   */
  private failed(e: Transient, times: { faults: number; alone: number; lasting: number }): number {
    count(this.repeated, e.reason);
    const now = performance.now();
    this.failingSince ??= now;
    const { name, patience, settings, warn } = this.options;
    const { faults } = times;
    const seconds = (now - this.failingSince) / 1000;
    if (seconds > patience || times.alone >= MOST_FAULTS || times.lasting >= MOST_LASTING) {
      const howLong = seconds > patience ? `for ${Math.round(seconds)} s` : `after ${faults} tries`;
      const mend =
        e.reason === 'timeout' ? `raise ${settings.timeout} if it needs longer, or mend the server` : 'mend the server';
      throw new UserError(
        `${name} gives no usable answer (${e.message}) ${howLong}; what is finished is kept: ${mend}, then run the same command again`,
      );
    }
    // A busy server is no news; one that fails is, and one that is not to be asked for long.
    const asked = (e.retryAfter ?? 0) / 1000;
    const late = e.reason === 'timeout';
    if (!this.warned && (late || (e.overload ? asked >= LONG_WAIT : faults > 1))) {
      this.warned = true;
      const wish = asked >= LONG_WAIT ? `, and asks to be left alone for ${Math.round(asked)} s` : '';
      const way = late ? ', with twice the time; raise it if it always needs longer' : '';
      warn?.(`${name}: ${e.message}${wish}; trying again for up to ${patience} s${way}`);
    }
    return (patience - seconds) * 1000;
  }

  private recovered(): void {
    this.answers++;
    this.failingSince = undefined;
    this.warned = false;
  }
}
