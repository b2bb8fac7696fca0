import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { closest } from '../../config/suggest.js';
import { Interrupted, UserError } from '../../errors.js';
import { checked } from '../../formats/json.js';
import { parsePythonJson } from '../../formats/python-json.js';
import { redact, shownUrl } from '../../net/complaint.js';
import { type HttpRequest, request, requestJson } from '../../net/http.js';
import { Transient } from '../../net/remote-server.js';
import { cutAtWord, MOST_NAME } from '../../printable.js';
import type { PainterSettings } from '../painter-settings.js';

/** What is particular to an API's addresses. */
export interface ServerKind {
  /** Where such a server usually is. */
  usual: string;
  /** How one is started, for the message that none is there. */
  start: string;
  /** Environment variables that stand in for the settings. */
  environment?: { url: string; key: string };
  /** A key of the form `user:password` is meant for basic authentication. */
  basicKey?: boolean;
  /** What an address becomes that a person gives: where only the server is named, its API is meant. */
  completed?(url: URL): void;
}

/** Longest wait for one answer to what is asked at opening, and for a cancellation to be heard, milliseconds. */
const OPENING_MS = 20_000;
const FAREWELL_MS = 1500;
/** Longest wait for an answer of what may stand beside the API, milliseconds. */
const BESIDE_MS = 5000;
/** Bytes a pixel that an image's file may have (PNG with 16 bits and transparency: 8), and what any answer may, bytes. */
const PIXEL_BYTES = 16;
const LEAST_LIMIT = 16 * 2 ** 20;
/** Pauses before it is asked again at opening: as long as a server takes that is just being started anew, milliseconds. */
const OPENING_PAUSES = [300, 600, 1200];

/** What a server calls a model, a sampler and the like. */
export const name = z.string().transform((text) => cutAtWord(text, MOST_NAME));

interface Call {
  body?: unknown;
  signal: AbortSignal;
  refusal?: HttpRequest['refusal'];
}

/** An answer of another form than its API has. */
export class OddAnswer extends Transient {
  /** @param message names the route and what is wrong there */
  constructor(message: string) {
    super('garbage', message, { lasting: true });
  }
}

/** The server of a painter: its address, its key, and requests to it. */
export class ServerApi {
  /** For messages: `the painter at http://…`. */
  readonly name: string;
  /** It has painted: a path that it suddenly has no more is one that it has not yet, while it starts anew. */
  proven = false;
  private readonly base: string;
  private readonly kind: ServerKind;
  private readonly common: Pick<HttpRequest, 'server' | 'settings' | 'authorization' | 'secrets' | 'most'>;

  /** @throws UserError for an address that is none */
  constructor({ images, runtime: { painter } }: PainterSettings, kind: ServerKind) {
    const environment = kind.environment ?? { url: '', key: '' };
    const given = painter.url || process.env[environment.url] || '';
    const where = !painter.url && given ? environment.url : 'runtime.painter.url';
    const url = parseAddress(given || kind.usual, where, kind.usual);
    const key = painter.key.trim() || process.env[environment.key]?.trim() || '';
    const basic = basicCredentials(url, kind.basicKey ? key : '');
    // In a header, anything else would be refused by each request; of a user and a password only base64 stands there.
    if (!basic && !/^[\x21-\x7e]*$/.test(key))
      throw new UserError(
        `${painter.key.trim() ? 'runtime.painter.key' : environment.key} holds characters that no key has: give the key alone`,
      );
    url.username = url.password = '';
    kind.completed?.(url);
    this.kind = kind;
    this.base = shownUrl(url.href);
    this.name = `the painter at ${this.base}`;
    const bearer = key ? `Bearer ${key}` : undefined;
    this.common = {
      server: this.name,
      settings: {
        url: where,
        key: environment.key ? `runtime.painter.key or ${environment.key}` : 'runtime.painter.key',
      },
      authorization: basic ? `Basic ${basic.token}` : bearer,
      // In base64, four letters for three bytes.
      most: Math.max(LEAST_LIMIT, Math.ceil((PIXEL_BYTES * (images.paintSize ?? images.size) ** 2 * 4) / 3)),
      secrets: [key, ...(basic ? [basic.token, basic.password, encodeURIComponent(basic.password)] : [])],
    };
  }

  /** A JSON answer. @param path after the address, `/sdapi/v1/txt2img` @throws as `requestJson` */
  async json(path: string, call: Call): Promise<unknown> {
    try {
      // Most of these servers are written in Python, whose JSON may hold NaN.
      return await requestJson(
        { ...this.common, url: this.base + path, ...call, refusal: this.refusal(call) },
        { python: true },
      );
    } catch (e) {
      if (!(e instanceof Transient && e.lasting)) throw e;
      throw new OddAnswer(e.message.replace(/^its answer/, `its answer to ${routeOf(path)}`));
    }
  }

  /** A JSON answer of a known form. @throws OddAnswer for another; otherwise as `json` */
  async answer<T>(path: string, schema: z.ZodType<T>, call: Call): Promise<T> {
    return this.form(await this.json(path, call), schema, path);
  }

  /** A value from an answer, in the form that it should have. @param route that it came from @throws OddAnswer */
  form<T>(value: unknown, schema: z.ZodType<T>, route: string): T {
    try {
      return checked(value, schema, `its answer to ${routeOf(route)} has an unexpected form`);
    } catch (e) {
      throw e instanceof UserError ? new OddAnswer(e.message) : e;
    }
  }

  /** Whether something of a path that stands beside the API's answers there. @param path after the server's own address */
  async hasBeside(path: string, schema: z.ZodType): Promise<boolean> {
    const url = this.root + path;
    const signal = AbortSignal.timeout(BESIDE_MS);
    const found = await requestJson({ ...this.common, url, signal }).catch(() => undefined);
    return schema.safeParse(found).success;
  }

  /** The server's address without the API's `/v1`. */
  get root(): string {
    return this.base.replace(/\/v1$/, '');
  }

  /** A file. @throws as `request` */
  bytes(path: string, call: Call): Promise<Buffer> {
    return request({ ...this.common, url: this.base + path, ...call, refusal: this.refusal(call) });
  }

  /** A file that an answer links to: from this server, or from anywhere by https. The key is sent to this server only. @throws as `request` */
  async linked(link: string, call: Call): Promise<Buffer> {
    const url = URL.canParse(link, `${this.base}/`) ? new URL(link, `${this.base}/`) : undefined;
    const own = url !== undefined && isSameServer(url, new URL(this.base));
    if (!url || (!own && url.protocol !== 'https:'))
      throw new UserError(
        `${this.name} answers with a link elsewhere that is no https: ${redact(link, this.common.secrets).slice(0, 80)}`,
      );
    return request({ ...this.common, url: url.href, ...call, ...(own ? {} : { authorization: undefined }) });
  }

  /**
   * What the server says of itself before the first image. A run that has not begun does not wait for a server that is not there.
   * @returns undefined where it has no such route, or cannot answer now
   * @throws UserError when it cannot be reached, refuses the key, or answers in another form
   */
  async atOpening<T>(path: string, schema: z.ZodType<T>, signal?: AbortSignal): Promise<T | undefined> {
    const answer = await this.askedAtOpening(path, signal);
    if (answer === undefined) return undefined;
    try {
      return this.form(answer, schema, path);
    } catch (e) {
      throw e instanceof OddAnswer ? new UserError(`${this.name}: ${e.message}`) : e;
    }
  }

  private async askedAtOpening(path: string, signal?: AbortSignal): Promise<unknown> {
    for (let tries = 0; ; tries++) {
      const timeout = AbortSignal.timeout(OPENING_MS);
      try {
        return await this.json(path, {
          signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
          refusal: (status) => (status === 404 || status === 405 ? new NoRoute() : undefined),
        });
      } catch (e) {
        if (signal?.aborted) throw new Interrupted(`stopped while opening ${this.name}`);
        if (e instanceof NoRoute) return undefined;
        if (!(e instanceof Transient)) throw e;
        if (e.lasting) throw new UserError(`${this.name}: ${e.message}`);
        if (tries === OPENING_PAUSES.length || timeout.aborted) {
          if (e.reason !== 'connection') return undefined;
          const why = timeout.aborted ? `no answer within ${OPENING_MS / 1000} s` : e.message;
          throw new UserError(
            `${this.name} cannot be reached (${why}): start it (${this.kind.start}), or set ${this.common.settings.url}`,
          );
        }
        await sleep(OPENING_PAUSES[tries], undefined, { signal }).catch(() => {});
      }
    }
  }

  private refusal(call: Call): HttpRequest['refusal'] {
    return (status, text) =>
      call.refusal?.(status, text) ??
      (this.proven && (status === 404 || status === 405)
        ? new Transient(String(status), `${status} for now`)
        : undefined);
  }

  /** What is asked on the way out; undefined where there is no such answer in time. */
  async brief<T>(path: string, schema: z.ZodType<T>, body?: unknown): Promise<T | undefined> {
    const found = await this.json(path, { body, signal: AbortSignal.timeout(FAREWELL_MS) }).catch(() => undefined);
    return schema.safeParse(found).data;
  }

  /** JSON within an answer. @param route that it came from @throws OddAnswer */
  parsed(text: string, route: string): unknown {
    try {
      return parsePythonJson(text, `its answer to ${route}`);
    } catch (e) {
      throw e instanceof UserError ? new OddAnswer(e.message) : e;
    }
  }

  /** Tells the server that something is not wanted any more; whether it listens makes no difference. */
  async farewell(path: string, body: unknown): Promise<void> {
    await this.bytes(path, { body, signal: AbortSignal.timeout(FAREWELL_MS) }).catch(() => {});
  }
}

class NoRoute extends Error {}

/** On this machine a server may not know by which of its names it is asked. */
function isSameServer(a: URL, b: URL): boolean {
  const local = ({ hostname }: URL) => /^(localhost|127\.0\.0\.1|\[::1\])$/.test(hostname);
  return a.protocol === b.protocol && a.port === b.port && (a.hostname === b.hostname || (local(a) && local(b)));
}

/** A path without what may be asked behind it. */
const routeOf = (path: string): string => path.replace(/\?.*/s, '');

function parseAddress(text: string, where: string, usual: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  // A password may stand before the @, a key behind the question mark.
  const shown = text.replace(/^.*@/s, '…@').replace(/[?#].*$/s, (rest) => `${rest[0]}…`);
  if (!url || !(url.protocol === 'http:' || url.protocol === 'https:') || url.search || url.hash)
    throw new UserError(`${where}: ${shown} is not an address such as ${usual}`);
  return url;
}

/** User and password from the address, or from `user:password`. */
function basicCredentials(url: URL, otherwise: string): { token: string; password: string } | undefined {
  const inUrl = url.username || url.password;
  const pair = inUrl ? `${decoded(url.username)}:${decoded(url.password)}` : otherwise;
  const colon = pair.indexOf(':');
  if (colon < 1) return undefined;
  return { token: Buffer.from(pair).toString('base64'), password: pair.slice(colon + 1) };
}

/** A part of an address; a percent sign that is no escape stands for itself, as browsers read it. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Choices shown in a message. */
const MOST_CHOICES = 12;

/** @throws UserError when `value` is not among the choices, naming some of them, the closest first */
export function requireChoice(setting: string, value: string, choices: readonly string[], server: ServerApi): void {
  if (choices.includes(value)) return;
  const ordered = [...new Set([...closest(value, choices), ...choices])];
  const shown = ordered.slice(0, MOST_CHOICES).join(', ') + (ordered.length > MOST_CHOICES ? ' …' : '');
  throw new UserError(`${setting}: ${server.name} has no "${value}" (choices: ${shown || 'none'})`);
}
