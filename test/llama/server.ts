import { appendFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type ChatMessage, renderChat } from './chat.js';
import { loadLlama } from './data.js';
import { type Fault, faultOf } from './faults.js';
import { generate } from './generate.js';
import { ReferenceLlama } from './reference.js';

/**
 * An OpenAI-compatible HTTP server over the reference forward pass, started as a process of its own by server-process.ts:
 * GET /v1/models, POST /v1/completions (one prompt or several), POST /v1/chat/completions; POST /faults sets what goes wrong from now on.
 * It prints its port when it listens. One prompt is computed at a time; the same seed and prompt always give the same text.
 */
export interface ServerOptions {
  /** Folder of the model. */
  dir: string;
  /** File that gets one {@link LoggedRequest} a line. */
  log: string;
  /** 0 takes a free one. */
  port: number;
  faults: readonly Fault[];
  /** Requests without it as bearer token are answered 401. */
  key?: string;
  /** Fields of a request's body that are answered 400, as some servers do with what they don't know. */
  refuse?: readonly string[];
  /** Only so many of a prompt's last tokens are read: quicker, and no prompt is too long. */
  window?: number;
}

/** One line of the log. Written when the request is answered, faulty, or left by its client. */
export interface LoggedRequest {
  /** Number since the faults were set. */
  n: number;
  path: string;
  /** Milliseconds of arrival and end since 1970. */
  at: number;
  ended: number;
  /** Requests in hand at arrival, this one included. */
  inFlight: number;
  body: Record<string, unknown>;
  authorization?: string;
  /** Answer's status; absent where none was given. */
  status?: number;
  fault?: Fault['kind'];
  /** Texts that were answered. */
  texts?: string[];
}

const options = JSON.parse(process.env.LLAMA_SERVER ?? '') as ServerOptions;
const { weights, tokenizer } = loadLlama(options.dir);
const model = new ReferenceLlama(weights);
let faults = options.faults;
let count = 0;
let inFlight = 0;
let last: Promise<unknown> = Promise.resolve();

class Refused extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

interface Choice {
  text: string;
  finish: string;
  tokens: number;
}

/** Generations one after another; the event loop turns between them. */
function queued<T>(work: () => T): Promise<T> {
  const turn = last.then(() => new Promise((done) => setImmediate(done))).then(work);
  last = turn.catch(() => undefined);
  return turn;
}

function number(body: Record<string, unknown>, name: string, otherwise: number): number {
  const value = body[name] ?? otherwise;
  if (typeof value !== 'number') throw new Refused(400, `${name} is not a number`);
  return value;
}

/** Answers `prompts` with n choices each, in order. */
async function complete(prompts: readonly string[], body: Record<string, unknown>, left: () => boolean) {
  const stop = body.stop === undefined || body.stop === null ? [] : [body.stop as string | string[]].flat();
  const maxTokens = number(body, 'max_tokens', number(body, 'max_completion_tokens', 16));
  const seed = number(body, 'seed', Math.floor(Math.random() * 2 ** 32));
  const sampling = { temperature: number(body, 'temperature', 1), topP: number(body, 'top_p', 1), maxTokens, stop };
  const choices: Choice[] = [];
  let promptTokens = 0;
  for (const prompt of prompts) {
    const all = tokenizer.encode(prompt);
    const read = options.window === undefined ? all : all.slice(-options.window);
    promptTokens += 1 + read.length;
    if (1 + read.length + maxTokens > weights.shape.context)
      throw new Refused(
        400,
        `This model's maximum context length is ${weights.shape.context} tokens, but ${1 + read.length} + ${maxTokens} were asked for`,
      );
    for (let i = 0; i < number(body, 'n', 1); i++)
      if (!left()) {
        const made = await queued(() =>
          left() ? undefined : generate(model, tokenizer, read, { ...sampling, seed: (seed + i) % 2 ** 32 }),
        );
        if (made) choices.push({ text: made.text, finish: made.finish, tokens: made.tokens.length });
      }
  }
  return { choices, promptTokens };
}

async function answer(path: string, body: Record<string, unknown>, left: () => boolean): Promise<[object, string[]]> {
  for (const field of options.refuse ?? [])
    if (field in body) throw new Refused(400, `Unrecognized request argument supplied: ${field}`);
  const chat = path === '/v1/chat/completions';
  if (!chat && path !== '/v1/completions') throw new Refused(404, `no ${path}`);
  const prompts = chat ? [renderChat(body.messages as ChatMessage[])] : [body.prompt as string | string[]].flat();
  const { choices, promptTokens } = await complete(prompts, body, left);
  const completionTokens = choices.reduce((sum, { tokens }) => sum + tokens, 0);
  return [
    {
      id: `cmpl-${count}`,
      object: chat ? 'chat.completion' : 'text_completion',
      created: Math.floor(Date.now() / 1000),
      model: 'stories260K',
      choices: choices.map(({ text, finish }, index) => ({
        index,
        finish_reason: finish,
        logprobs: null,
        ...(chat ? { message: { role: 'assistant', content: text } } : { text }),
      })),
      usage: {
        prompt_tokens: promptTokens,
        completion_tokens: completionTokens,
        total_tokens: promptTokens + completionTokens,
      },
    },
    choices.map(({ text }) => text),
  ];
}

async function read(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) as Record<string, unknown>;
  } catch {
    throw new Refused(400, 'the body is no JSON');
  }
}

function send(response: ServerResponse, status: number, body: object, headers: Record<string, string> = {}): number {
  if (!response.destroyed) {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(body));
  }
  return status;
}

/** Lets the fault happen. @returns the status that was answered, if any */
function befall(fault: Fault, response: ServerResponse): number | undefined {
  switch (fault.kind) {
    case 'die':
      process.exit(1);
      break;
    case 'reset':
      response.destroy();
      return undefined;
    case 'hang':
      return undefined;
    case 'status': {
      const status = fault.status ?? 500;
      const headers: Record<string, string> = fault.retryAfter === undefined ? {} : { 'retry-after': fault.retryAfter };
      return send(response, status, { error: { message: `status ${status} on purpose` } }, headers);
    }
    case 'garbage':
      response.writeHead(200, { 'content-type': 'text/html' });
      response.end('<html>no model is here</html>');
      return 200;
    case 'truncated':
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '5000' });
      response.write('{"id":"cmpl-0","choices":[{"index":0,"text":" A red');
      setTimeout(() => response.destroy(), 20);
      return 200;
    case 'empty':
      return send(response, 200, { id: 'cmpl-0', object: 'text_completion', choices: [] });
    case 'wrong':
      return send(response, 200, { choices: [{ index: 0, message: null, text: 7 }], usage: 'much' });
  }
}

async function completion(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
  const entry: LoggedRequest = { n: count++, path, at: Date.now(), ended: 0, inFlight: ++inFlight, body: {} };
  const fault = faultOf(faults, entry.n);
  let gone = false;
  let hanging = false;
  const finish = () => {
    inFlight--;
    entry.ended = Date.now();
    appendFileSync(options.log, `${JSON.stringify(entry)}\n`);
  };
  response.on('close', () => {
    gone = !response.writableFinished;
    if (hanging) finish();
  });
  try {
    entry.body = await read(request);
    if (request.headers.authorization !== undefined) entry.authorization = request.headers.authorization;
    if (options.key !== undefined && entry.authorization !== `Bearer ${options.key}`)
      throw new Refused(401, 'Incorrect API key provided');
    if (fault) {
      entry.fault = fault.kind;
      hanging = fault.kind === 'hang';
      if (fault.kind === 'die') finish();
      entry.status = befall(fault, response);
    } else {
      const [body, texts] = await answer(path, entry.body, () => gone);
      if (!gone) {
        entry.texts = texts;
        entry.status = send(response, 200, body);
      }
    }
  } catch (error) {
    const { status, message } = error instanceof Refused ? error : new Refused(500, String(error));
    entry.status = send(response, status, { error: { message, type: 'invalid_request_error' } });
  }
  if (!hanging) finish();
}

const server = createServer(async (request, response) => {
  const path = new URL(request.url ?? '/', 'http://localhost').pathname;
  if (request.method === 'GET' && path === '/v1/models')
    send(response, 200, { object: 'list', data: [{ id: 'stories260K', object: 'model', owned_by: 'test' }] });
  else if (request.method === 'POST' && path === '/faults') {
    faults = (await read(request)).faults as Fault[];
    count = 0;
    send(response, 200, {});
  } else if (request.method === 'POST') await completion(request, response, path);
  else send(response, 404, { error: { message: `no ${path}` } });
});
server.listen(options.port, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
// Its input ends with the process that started it, however that ends.
process.stdin.on('end', () => process.exit()).resume();
