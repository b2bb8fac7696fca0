import type { APIError, OpenAI } from 'openai';
import { UserError } from '../../errors.js';
import { NestedTooDeep, parseJson } from '../../formats/json.js';
import { parsePythonJson } from '../../formats/python-json.js';
import { redact, said } from '../../net/complaint.js';
import { connectionError } from '../../net/connection-error.js';
import { statusError } from '../../net/http.js';
import { limitedFetch } from '../../net/limited-fetch.js';
import { Transient } from '../../net/remote-server.js';
import { cutAtWord } from '../../printable.js';
import type { Address } from './openai-address.js';

/** Settings that name the server, for messages. */
const SETTINGS = { url: 'runtime.writer.url', key: 'runtime.writer.key or OPENAI_API_KEY' };
/** Largest answers that are read, bytes: many times what a long thought has, of which dozens may come at once, and a gateway's list of models. */
const MOST_BYTES = { text: 2 * 2 ** 20, models: 8 * 2 ** 20 };

/** The two ways to ask a language model: as a conversation, or to continue text. */
export type Api = 'chat' | 'completions';
const PATHS = { chat: '/chat/completions', completions: '/completions' } as const;

/** A request that the server will refuse every time, in this form. */
export class Refusal extends Error {
  override name = 'Refusal';
  readonly status: number;
  /** The field of the request that it is about, where the server says so. */
  readonly param: string | undefined;
  /** What the server says was against its rules: the content, not the form. */
  readonly content: boolean;
  /** What it means for the user. */
  readonly user: UserError;

  constructor(status: number, text: string, user: UserError, about: { param?: unknown; code?: unknown } = {}) {
    super(text);
    this.status = status;
    this.param = typeof about.param === 'string' ? about.param : undefined;
    // OpenAI: content_policy_violation, invalid_prompt; Azure: content_filter, ResponsibleAIPolicyViolation.
    this.content = /content.?(filter|policy|management)|invalid_prompt|ResponsibleAI/i.test(`${about.code} ${text}`);
    this.user = user;
  }
}

/** OpenAI's client, without its own retries and log, whose failures are ours: `Transient`, `Refusal` or `UserError`. */
export class OpenAiClient {
  readonly address: Address;
  private readonly client: OpenAI;
  private readonly errors: typeof import('openai');

  private constructor(address: Address, errors: typeof import('openai')) {
    this.address = address;
    this.errors = errors;
    const hosted = new URL(address.url).hostname === 'api.openai.com';
    this.client = new errors.OpenAI({
      baseURL: address.url,
      defaultQuery: address.query,
      // The client insists on a key; servers without one ignore it.
      apiKey: address.key ?? 'none',
      adminAPIKey: null,
      ...(hosted ? {} : { organization: null, project: null }),
      maxRetries: 0,
      // Time is RemoteServer's matter.
      timeout: 2 ** 31 - 1,
      logLevel: 'off',
      fetch: fetchSaying(address),
    });
  }

  static async open(address: Address): Promise<OpenAiClient> {
    return new OpenAiClient(address, await import('openai'));
  }

  /** `GET /models`, as the server answers it. @throws as `post` */
  models(signal: AbortSignal): Promise<unknown> {
    return this.json('/models', (path) => this.client.get<unknown>(path, { signal }));
  }

  /**
   * One request for text, as the server answers it.
   * @throws Transient for what may pass, and an answer that is not JSON
   * @throws Refusal when the server will not answer such a request
   * @throws UserError for a refused key
   */
  post(api: Api, body: object, signal: AbortSignal): Promise<unknown> {
    return this.json(PATHS[api], (path) => this.client.post<unknown>(path, { body, signal }));
  }

  private async json(path: string, ask: (path: string) => Promise<unknown>): Promise<unknown> {
    let answer: unknown;
    try {
      answer = await ask(path);
    } catch (e) {
      throw this.failure(e, path);
    }
    const { name, key } = this.address;
    const text = String(answer);
    try {
      // Most of these servers are written in Python, whose JSON may hold NaN.
      return parsePythonJson(text, `the answer of ${name}`);
    } catch (e) {
      // A stream of events that nobody asked for will come each time; what is cut short or of something in between may not.
      if (isStream(text))
        throw new UserError(
          `${name} answers with a stream, though none was asked for: turn streaming off at the server, or ask another`,
        );
      if (e instanceof NestedTooDeep) throw e;
      throw garbage('is not JSON', text, key);
    }
  }

  private failure(e: unknown, path: string): unknown {
    const { APIConnectionError, APIError, APIUserAbortError } = this.errors;
    if (e instanceof APIUserAbortError) return e;
    if (e instanceof APIConnectionError) return connectionError(e.cause ?? e);
    if (e instanceof APIError && e.status !== undefined) return this.refused(e, path);
    return e instanceof TypeError ? connectionError(e) : e;
  }

  private refused(e: APIError, path: string): Error {
    const { address } = this;
    const status = e.status as number;
    const { message, param, code } = (e.error ?? {}) as { message?: string; param?: unknown; code?: unknown };
    const text = redact(message ?? '', address.key);
    const ms = e.headers?.get('retry-after-ms');
    const error = statusError(
      {
        server: address.name,
        url: `${address.url}${path}`,
        settings: SETTINGS,
        key: address.key,
      },
      status,
      text,
      e.headers?.get('retry-after') ?? (ms ? String(Number(ms) / 1000) : null),
    );
    // It says 429 as if it would pass, and it will not.
    if (code === 'insufficient_quota') return new UserError(`${address.name} has no quota left for this key: ${text}`);
    // Some servers say so with 500.
    if (status === 501 || (status >= 500 && /chat.?template|jinja|system role|roles must alternate/i.test(text)))
      return new Refusal(status, text, new UserError(`${address.name} refuses the request: ${status} ${text}`));
    if (error instanceof Transient || status === 401) return error;
    // Of the server's making, though it is captions.maxTokens that many blame.
    if (CONTEXT.test(`${code} ${text}`))
      return new Refusal(
        status,
        text,
        new UserError(
          `${address.name} has too small a context for a prompt and its answer (${status} ${text}): start it with a larger one (llama.cpp: --ctx-size, which all --parallel slots share; vLLM: --max-model-len), or lower captions.maxTokens if it is just too small`,
        ),
        { param, code },
      );
    return new Refusal(status, text, error as UserError, { param, code });
  }
}

/** Server-sent events, which may begin with a comment (`: keep-alive`), or JSON by the line, as Ollama's own API streams it. */
function isStream(text: string): boolean {
  if (/^\s*(?:data|event|id|retry)?:/.test(text)) return true;
  const [first, second] = text
    .slice(0, 10_000)
    .trimStart()
    .split(/[\r\n]+/, 2);
  return (second ?? '').startsWith('{') && typeof parsed(first) === 'object';
}

/** An answer that is of no use. @param shown the beginning of what was answered, or what the server says of it */
export function garbage(what: string, shown: string, key: string | undefined): Transient {
  const text = cutAtWord(redact(shown.slice(0, 10_000), key).replace(/\s+/g, ' ').trim(), 80);
  return new Transient('garbage', `its answer ${what}${text ? `: ${text}` : ''}`);
}

/** How servers say that prompt and answer are longer than the model, or its share of the memory, can hold: llama.cpp, vLLM, OpenAI, SGLang. */
const CONTEXT = /context.{0,16}(?:length|size|window)|context_length|max_model_len/i;

/**
 * `fetch` within limits. Answers come as text, whatever the server calls them: they are parsed here. Complaints come in OpenAI's form whoever
 * makes them: the client reads no other, and forgets what vLLM and FastAPI say.
 */
function fetchSaying({ name, key }: Address): typeof fetch {
  const limited = (most: number) => limitedFetch({ server: name, settings: SETTINGS, secrets: key ? [key] : [], most });
  const [text, list] = [limited(MOST_BYTES.text), limited(MOST_BYTES.models)];
  return async (url, init) => {
    const response = await (init?.method === 'GET' ? list : text)(url, init);
    const { status } = response;
    const headers = new Headers(response.headers);
    const body = await response.text();
    if (response.ok) {
      headers.set('content-type', 'text/plain');
      // Without a body, a client takes 204 for an answer of its own kind.
      return new Response(body, { headers });
    }
    // Before the complaint is cut: half a key would no longer be found.
    const safe = redact(body, key);
    const complaint = parsed(safe) as { error?: unknown } | undefined;
    const about = typeof complaint?.error === 'object' ? complaint.error : complaint;
    headers.set('content-type', 'application/json');
    return new Response(JSON.stringify({ error: { ...(about ?? {}), message: said(safe) } }), { status, headers });
  };
}

function parsed(text: string): unknown {
  try {
    return parseJson(text, 'it');
  } catch {
    return undefined;
  }
}
