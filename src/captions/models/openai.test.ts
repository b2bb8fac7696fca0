import { type ChildProcess, spawn } from 'node:child_process';
import { createServer as createHttp } from 'node:http';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { settingsSchema } from '../../config/schema.js';
import type { CompletionRequest, Prompt } from '../language-model.js';
import { type OpenAiModel, openOpenAi } from './openai.js';
import { writerAddress } from './openai-address.js';
import { readAnswer } from './openai-answer.js';

/** Services that differ, all served by the process test/llm-server.mjs. What happens to a real model's answers: test/openai-llama.test.ts. */

const SCRIPT = fileURLToPath(new URL('../../../test/llm-server.mjs', import.meta.url));
const KEY = 'sk-verysecret';
const OPTIONS = { line: true, maxTokens: 100, temperature: 0.8, topP: 0.9 };

interface Logged {
  path: string;
  body: Record<string, unknown> & { messages?: { role: string; content: string }[]; prompt?: string | string[] };
  authorization: string;
}

let child: ChildProcess;
let root: string;
beforeAll(async () => {
  child = spawn(process.execPath, [SCRIPT], { stdio: ['pipe', 'pipe', 'inherit'] });
  root = `http://127.0.0.1:${await new Promise((done) => child.stdout!.once('data', (line) => done(Number(line))))}`;
});
afterAll(() => child.kill('SIGKILL'));
afterEach(() => vi.unstubAllEnvs());

/** A new service of the process. */
async function service(options: object) {
  const body = JSON.stringify({ models: ['newt'], ...options });
  const base = `${root}${await (await fetch(root, { method: 'POST', body })).text()}`;
  return {
    url: `${base}/v1`,
    log: async () => (await (await fetch(`${base}/log`)).json()) as Logged[],
  };
}

const settingsOf = (captions: object, writer: object) =>
  settingsSchema.parse({ captions: { writer: 'openai', ...captions }, runtime: { writer } });

/** A model, and what was warned of. */
async function open(url: string, captions: object = {}, writer: object = {}) {
  const warnings: string[] = [];
  const settings = settingsOf(captions, { url, ...writer });
  const model = await openOpenAi(settings, { warn: (line) => warnings.push(line) });
  return { model, warnings };
}

const promptOf = (left: string): Prompt => ({
  instruction: 'Each line gives a visual concept and its caption.',
  demonstrations: [
    { left: 'otter =>', right: 'an otter on its back' },
    { left: 'tram =>', right: 'a tram in the rain' },
  ],
  left: `${left} =>`,
});
const requests = (n: number, from = 0): CompletionRequest[] =>
  Array.from({ length: n }, (_, i) => ({ prompt: promptOf(`thing ${from + i}`), seed: 1000 + from + i }));
const texts = async (model: OpenAiModel, asked: readonly CompletionRequest[], options: object = {}) =>
  (await model.complete(asked, { ...OPTIONS, ...options })).map((c) => c.text);
const NUMBERED = /^ ?a newt numbered [0-9a-f]{8}$/;

describe.concurrent('opening', () => {
  it('takes the only model that is served, and asks once what it takes', async () => {
    const { url, log } = await service({ models: ['newt', 'text-embedding-newt'] });
    const { model, warnings } = await open(url);
    expect([model.name, model.model, model.api, model.inFlight]).toEqual(['openai', 'newt', 'chat', 32]);
    expect(await log()).toMatchObject([{ path: '/v1/chat/completions', body: { model: 'newt', temperature: 0.8 } }]);
    expect(warnings).toEqual([]);
  });

  it.each([
    ['nothing named', ['newt', 'toad'], '', /serves several models: choose one with captions\.model: newt, toad$/],
    ['a typing error', ['newt-7b', 'toad-7b'], 'newt-7', /does not serve "newt-7"; did you mean newt-7b\?$/],
    ['a stranger', ['newt', 'toad'], 'elephant', /does not serve "elephant"; it serves newt, toad$/],
    ['no list', undefined, '', /lists no models: say which one to ask with captions\.model$/],
    ['a web page', 'page', '', /does not speak OpenAI's API .*: check runtime\.writer\.url$/],
  ])('is refused with %s', async (_, models, wanted, message) => {
    const { url } = await service({ models });
    const error = await open(url, { model: wanted }).catch((e) => e);
    expect(error.name).toBe('UserError');
    expect(error.message).toMatch(message);
    expect(error.message).toContain(`the writer at ${url}`);
  });

  it.each([
    ['llama3', ['llama3:latest', 'x']],
    ['a/b:free', ['a/b', 'x']],
    ['unlisted', undefined],
  ])('takes %s where %j is listed', async (wanted, models) => {
    const { url } = await service({ models });
    expect((await open(url, { model: wanted })).model.model).toBe(wanted);
  });

  it('waits for a server that loads its model', async () => {
    const { url } = await service({ models: 'loading' });
    expect((await open(url)).model.model).toBe('newt');
  });

  it('says at once that no server is there', async () => {
    const probe = createServer().listen(0, '127.0.0.1');
    await new Promise((done) => probe.once('listening', done));
    const { port } = probe.address() as { port: number };
    await new Promise((done) => probe.close(done));
    await expect(open(`http://127.0.0.1:${port}`)).rejects.toThrow(
      `the writer at http://127.0.0.1:${port}/v1 cannot be reached (nothing listens at this address [ECONNREFUSED]): start it, or say where it is with runtime.writer.url`,
    );
  });

  it('stops when asked to, whatever hangs', async () => {
    const { url } = await service({ models: 'hang' });
    const controller = new AbortController();
    const opening = openOpenAi(settingsOf({}, { url }), { signal: controller.signal });
    setTimeout(() => controller.abort(), 50);
    await expect(opening).rejects.toMatchObject({ name: 'Interrupted' });
  });

  it.each([
    ['no template', /^\/v1\/completions$/],
    ['no template 500', /^\/v1\/completions$/],
    ['none', /^\/v1\/completions$/],
    ['no system', /^\/v1\/chat\/completions$/],
  ])('finds how a model is asked: %s', async (chat, path) => {
    const { url, log } = await service({ chat });
    const { model, warnings } = await open(url);
    expect(warnings).toEqual([]);
    const [text] = await texts(model, requests(1));
    expect(text).toMatch(NUMBERED);
    const { path: last, body } = (await log()).at(-1)!;
    expect(last).toMatch(path);
    if (chat === 'no system') {
      expect(body.messages!.map((m) => m.role)).toEqual(['user', 'assistant', 'user', 'assistant', 'user']);
      expect(body.messages![0].content).toMatch(/^Each line .*\n\notter =>$/s);
    } else expect(body).toMatchObject({ prompt: expect.stringMatching(/\nthing 0 =>$/), stop: ['\n'] });
    expect(await log()).toHaveLength(3);
  });

  it('says so where conversations are refused for another reason', async () => {
    const { url } = await service({ refuse: { messages: 'Something is off' } });
    const { model, warnings } = await open(url);
    expect(model.api).toBe('completions');
    expect(warnings).toEqual([
      `newt is asked to continue text, since the writer at ${url} refuses conversations: 400 Something is off (you sent Bearer none)`,
    ]);
  });

  it('asks as captions.api says, and passes on what the server has against it', async () => {
    const { url } = await service({ chat: 'no template' });
    await expect(open(url, { api: 'chat' })).rejects.toThrow(/refuses the request: 400 default chat template/);
    const other = await service({ chat: 'none' });
    await expect(open(other.url, { api: 'chat' })).rejects.toThrow(/check captions\.model and captions\.api$/);
    const plain = await service({});
    const { model } = await open(plain.url, { api: 'completions' });
    expect(model.api).toBe('completions');
    expect((await plain.log()).map((l) => l.path)).toEqual(['/v1/completions']);
  });
});

describe.concurrent('a server that fails at the first questions', () => {
  it('at its list: passed over where the model is named, else a line within seconds', async () => {
    const { url } = await service({ fails: { '/v1/models': 500 } });
    const named = open(url, { model: 'newt' });
    await expect(open(url)).rejects.toThrow(
      /does not say which models it has \(500 Internal Server Error .*, 5 times running\): name one with captions\.model/,
    );
    expect((await named).model.model).toBe('newt');
  }, 40_000);

  it('at conversations: asked to continue text', async () => {
    const { url } = await service({ fails: { '/v1/chat/completions': 500 } });
    const chat = expect(open(url, { api: 'chat' })).rejects.toThrow(/fails when newt is asked \(500 Internal/);
    const { model, warnings } = await open(url);
    expect(model.api).toBe('completions');
    expect(warnings.at(-1)).toMatch(
      /^newt is asked to continue text, since the writer at \S+ fails at conversations: 500 Internal .* 5 times running$/,
    );
    await chat;
  }, 40_000);
});

describe.concurrent('the model that answers', () => {
  it('is the one that is recorded, and part of what captions depend on', async () => {
    const { url } = await service({ as: ['newt-2024-08-06'] });
    const { model } = await open(url);
    expect([model.model, model.resolved]).toEqual([
      'newt-2024-08-06',
      { 'captions.model (resolved)': 'newt-2024-08-06', 'captions.api (resolved)': 'chat' },
    ]);
    const file = await service({ models: ['/models/newt-Q4.gguf'], as: ['/models/newt-Q4.gguf'] });
    expect((await open(file.url)).model.resolved).toMatchObject({ 'captions.model (resolved)': 'newt-Q4.gguf' });
  });

  it('has no control characters in its name', async () => {
    const { url } = await service({ as: ['newt\u001b]52;c;aGk=\u0007'] });
    expect((await open(url)).model.model).toBe('newt\\u001b]52;c;aGk=\\u0007');
  });

  it('is the same to the end: another stops the run', async () => {
    const { url } = await service({ as: ['newt', 'newt', 'newt', 'toad'] });
    const { model } = await open(url);
    expect(await texts(model, requests(2))).toHaveLength(2);
    await expect(texts(model, requests(1, 2))).rejects.toThrow(
      `the writer at ${url} has another model than before: now it answers as toad, then as newt; what is finished is kept: start it with the old model, then run the same command again`,
    );
  });

  it('is compared with what the server said first, not with what it was asked for', async () => {
    const { url } = await service({ models: ['alias'], as: ['upstream/newt'] });
    const { model } = await open(url, { model: 'alias' });
    expect(await texts(model, requests(2))).toHaveLength(2);
  });

  it('has a name of some length, whatever the server calls it', async () => {
    const long = 'newt'.repeat(50_000);
    const { model } = await open((await service({ as: [long] })).url);
    expect(model.model).toBe(`${long.slice(0, 254)} …`);
    await expect(open((await service({ models: [long] })).url)).rejects.toThrow(/lists no models/);
  });

  it('is asked after when the server was away', async () => {
    // A server that answers under whatever name it is asked for, and is replaced by another.
    let models = ['newt'];
    let away = 0;
    const server = createHttp((request, response) => {
      if (away > 0) {
        away--;
        return void request.socket.destroy();
      }
      request.resume().on('end', () => {
        const data = models.map((id) => ({ id, meta: { n_params: 1000 * id.length, size: 9 } }));
        const choice = { message: { content: 'a newt' }, finish_reason: 'stop' };
        response.end(JSON.stringify(request.url!.endsWith('/models') ? { data } : { choices: [choice] }));
      });
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    try {
      const { model } = await open(`http://127.0.0.1:${(server.address() as { port: number }).port}`);
      expect(model.resolved).toMatchObject({ 'captions.model weights (resolved)': '4000 parameters, 9 bytes' });
      expect(await texts(model, requests(1))).toEqual(['a newt']);
      // The first of them may meet a kept connection, and is sent again at once.
      away = 2;
      expect(await texts(model, requests(1))).toEqual(['a newt']);
      away = 2;
      models = ['toad'];
      await expect(texts(model, requests(1))).rejects.toThrow(
        /has another model than before: now serves toad, then served newt; what is finished is kept/,
      );
    } finally {
      server.closeAllConnections();
      server.close();
    }
  }, 30_000);
});

describe('the address', () => {
  const at = (writer: object, env: NodeJS.ProcessEnv = {}) => writerAddress(settingsOf({}, writer), env);

  it.each([
    ['', {}, 'http://127.0.0.1:8000/v1'],
    ['', { OPENAI_API_KEY: 'sk-1' }, 'https://api.openai.com/v1'],
    ['', { OPENAI_API_KEY: 'sk-1', OPENAI_BASE_URL: 'http://gpu:9/v1/' }, 'http://gpu:9/v1'],
    ['http://gpu:9', { OPENAI_BASE_URL: 'http://other/v1' }, 'http://gpu:9/v1'],
    ['https://gate.example/openai/v1/chat/completions', {}, 'https://gate.example/openai/v1'],
  ])('%j with %j is %s', (url, env, expected) => {
    expect(at({ url }, env).url).toBe(expected);
  });

  it('may have a query, which is sent and not shown', () => {
    const address = at({ url: 'https://gate.example/v1?token=abc' });
    expect(address.query).toEqual({ token: 'abc' });
    expect(address.name).toBe('the writer at https://gate.example/v1');
  });

  it.each([
    [{ url: 'gpu box' }, {}, /^runtime\.writer\.url is no address of a server/],
    [{ url: 'localhost:8000' }, {}, /^runtime\.writer\.url is no address of a server/],
    [{}, { OPENAI_BASE_URL: 'ftp://gpu' }, /^OPENAI_BASE_URL is no address of a server/],
    [{ url: 'http://me:secret@gpu/v1' }, {}, /^runtime\.writer\.url holds a name or password: (?!.*secret)/],
    [{ key: 'sk-1 sk-2' }, {}, /^runtime\.writer\.key holds characters that no key has(?!.*sk-)/],
    [{}, { OPENAI_API_KEY: 'sk-“1”' }, /^OPENAI_API_KEY holds characters that no key has(?!.*sk-)/],
  ])('%j with %j is a mistake', (writer, env, message) => {
    expect(() => at(writer, env)).toThrow(message);
  });
});

describe.concurrent('what a service does not take', () => {
  const unsupported = (field: string) => `Unsupported parameter: '${field}' is not supported with this model.`;

  it('is left out from then on, and said once where captions change', async () => {
    const { url, log } = await service({
      refuse: {
        max_tokens: `${unsupported('max_tokens')} Use 'max_completion_tokens' instead.`,
        temperature: "Unsupported value: 'temperature' does not support 0.8 with this model.",
        seed: '[{"type":"extra_forbidden","loc":["body","seed"],"msg":"Extra inputs are not permitted"}]',
      },
    });
    const { model, warnings } = await open(url);
    await texts(model, requests(3));
    const bodies = (await log()).map(({ body }) => Object.keys(body).filter((k) => k !== 'model' && k !== 'messages'));
    expect(bodies).toEqual([
      ['temperature', 'top_p', 'seed', 'max_tokens'],
      ['temperature', 'top_p', 'seed', 'max_completion_tokens'],
      ['top_p', 'seed', 'max_completion_tokens'],
      ...Array.from({ length: 4 }, () => ['top_p', 'max_completion_tokens']),
    ]);
    const name = `newt, the writer at ${url},`;
    expect(warnings).toEqual([
      `${name} takes no temperature: captions are sampled by its own`,
      `${name} takes no seed: the same captions cannot be had from it again`,
    ]);
  });

  it('is one of two that cannot both be there', async () => {
    const { url, log } = await service({
      refuse: { top_p: '`temperature` and `top_p` cannot both be specified for this model.' },
    });
    await open(url);
    expect((await log()).at(-1)!.body).toMatchObject({ temperature: 0.8 });
    expect(await log()).toHaveLength(2);
  });

  it('makes no difference to captions where it is the stop', async () => {
    const plain = await service({ chat: 'none' });
    const without = await service({ chat: 'none', refuse: { stop: unsupported('stop') } });
    const asked = requests(5);
    const expected = await texts((await open(plain.url)).model, asked);
    expect(expected.every((t) => NUMBERED.test(t))).toBe(true);
    expect(await texts((await open(without.url)).model, asked)).toEqual(expected);
  });

  it('is the end where it is the request itself', async () => {
    const { url, log } = await service({
      refuse: { max_tokens: "'max_tokens' is too large: 100. The context is 64." },
    });
    await expect(open(url)).rejects.toThrow(/refuses the request: 400 'max_tokens' is too large/);
    // As a conversation and as text, once each.
    expect(await log()).toHaveLength(2);
  });
});

describe.concurrent('several prompts in one request', () => {
  it.each(['', 'reversed', 'llama.cpp', 'first counted', 'refused', 'one'])('change no caption: %s', async (arrays) => {
    const { url, log } = await service({ arrays, chat: 'none' });
    const { model } = await open(url, { api: 'completions', temperature: 0 });
    const asked = requests(40);
    const alone: string[] = [];
    for (const request of asked) alone.push(...(await texts(model, [request], { temperature: 0 })));
    expect(new Set(alone).size).toBe(40);
    const before = (await log()).length;
    expect(await texts(model, asked, { temperature: 0 })).toEqual(alone);
    const sizes = (await log()).slice(before).map(({ body }) => [body.prompt].flat().length);
    if (arrays === 'refused' || arrays === 'one') {
      expect(sizes).toEqual([16, ...Array.from({ length: 40 }, () => 1)]);
      // And never again.
      await texts(model, asked, { temperature: 0 });
      expect((await log()).length).toBe(before + 1 + 40 + 40);
    } else expect(sizes.sort()).toEqual([16, 16, 8]);
    expect(model.usage).toEqual({
      promptTokens: 10 * (1 + 80 + (sizes.length > 3 ? 40 : 0)),
      completionTokens: 5 * (1 + 80 + (sizes.length > 3 ? 40 : 0)),
    });
  });

  it('are not sent where each has its seed, so that captions depend on nothing else', async () => {
    const { url, log } = await service({ chat: 'none' });
    const { model } = await open(url);
    const asked = requests(40);
    const all = await texts(model, asked);
    expect(await texts(model, asked.slice(7, 9))).toEqual(all.slice(7, 9));
    expect(await texts(model, [...asked].reverse())).toEqual([...all].reverse());
    expect((await log()).every(({ body }) => typeof body.prompt === 'string' || body.messages)).toBe(true);
  });

  it('are sent where seeds are refused', async () => {
    const { url, log } = await service({ chat: 'none', refuse: { seed: 'Unrecognized request argument: seed' } });
    const { model, warnings } = await open(url);
    await texts(model, requests(20));
    expect((await log()).slice(-2).map(({ body }) => body.prompt!.length)).toEqual([16, 4]);
    expect(warnings).toHaveLength(1);
  });
});

describe.concurrent('answers', () => {
  const one = async (options: object, captions: object = {}, complete: object = {}) => {
    const { url, log } = await service(options);
    const { model, warnings } = await open(url, captions);
    const [completion] = await model.complete(requests(1), { ...OPTIONS, ...complete });
    return { completion, warnings, model, log: await log() };
  };

  it('that begin with a line feed are asked for once more, without stop', async () => {
    const { completion, log } = await one({ style: 'newline' }, { api: 'completions' });
    expect(completion).toEqual({ text: expect.stringMatching(NUMBERED), cut: false });
    // The probe does not mind; the caption took two.
    expect(log.slice(-2).map(({ body }) => [body.stop, body.seed])).toEqual([
      [['\n'], 1000],
      [undefined, 1000],
    ]);
    const chat = await one({ style: 'newline' });
    expect(chat.completion.text).toMatch(/^\n a newt numbered \w+\nwolf/);
    expect(chat.log).toHaveLength(2);
  });

  it.each(['think', 'open think', 'reasoning'])('lose what was thought: %s', async (style) => {
    const { completion, warnings } = await one({ style });
    expect(completion).toEqual({ text: expect.stringMatching(NUMBERED), cut: false });
    expect(warnings).toEqual([expect.stringMatching(/^newt thinks before it answers.*captions\.maxTokens \(100\)$/)]);
  });

  it('of which thinking took all tokens are cut and empty', async () => {
    const { completion } = await one({ style: 'reasoning' }, {}, { maxTokens: 4 });
    expect(completion).toEqual({ text: '', cut: true });
  });

  it('are known as thought out by their count', async () => {
    expect((await one({ style: 'hidden reasoning' })).warnings).toHaveLength(1);
  });

  it('that the service withholds are empty, and asked for once', async () => {
    for (const style of ['filter', 'refusal']) {
      const { completion, log } = await one({ style });
      expect(completion.text).toBe('');
      expect(log).toHaveLength(2);
    }
    const filtered = await one({ style: 'filter' }, { api: 'completions' });
    expect([filtered.completion.text, filtered.log.length]).toEqual(['', 2]);
    const { url } = await service({ filter: 'thing 3' });
    const { model } = await open(url);
    const got = await texts(model, requests(6));
    expect(got.map((t) => t === '')).toEqual([false, false, false, true, false, false]);
  });

  it('that were cut say so', async () => {
    expect((await one({}, {}, { maxTokens: 4 })).completion).toMatchObject({ cut: true });
    expect((await one({ chat: 'none' }, {}, { maxTokens: 4, line: false })).completion).toMatchObject({ cut: true });
    const list = await one({ chat: 'none' }, {}, { line: false });
    expect(list.completion).toEqual({ text: expect.stringMatching(/\nwolf => a wolf$/), cut: false });
  });

  it('without usage are counted by their letters', async () => {
    const { model } = await one({ usage: false });
    expect(model.usage.promptTokens).toBeGreaterThan(40);
    expect(model.usage.completionTokens).toBe(2 * Math.ceil(' a newt numbered 00000000'.length / 4));
  });

  it.each(['parts', 'harmony', 'bare harmony'])('lose what was thought, and are put together: %s', async (style) => {
    const { completion, warnings } = await one({ style });
    expect(completion.text).toMatch(style === 'parts' ? /^ a newt numbered [0-9a-f]{8}!$/ : NUMBERED);
    expect(warnings).toEqual([expect.stringMatching(/^newt thinks before it answers/)]);
  });

  it('of thoughts alone are empty', async () => {
    expect((await one({ style: 'only thoughts' })).completion.text).toBe('');
  });

  it.each([
    [
      'object',
      'answers in a form that cannot be read (choices.0.message.content is neither text nor a list of parts: {"',
    ],
    [
      'tool parts',
      'answers in a form that cannot be read (choices.0.message.content is a part of type image_url): check',
    ],
    ['stream', 'answers with a stream, though none was asked for: turn streaming off at the server'],
    ['nested', 'is nested more than 200 deep'],
  ])('whose form is not known end all at once: %s', async (style, message) => {
    const { url, log } = await service({ style });
    const error = await open(url).catch((e) => e);
    expect(error.name).toBe('UserError');
    expect(error.message).toContain(`the writer at ${url}`);
    expect(error.message).toContain(message);
    expect(await log()).toHaveLength(1);
  });

  const event = 'data: {"choices":[{"delta":{"content":"a newt"}}]}\n\ndata: [DONE]\n\n';
  const line = (content: string) => `${JSON.stringify({ model: 'newt', message: { content }, done: false })}\n`;
  const stream = 'answers with a stream, though none was asked for: turn streaming off at the server';
  const other = (field: string) =>
    `answers in a form that cannot be read (${field} is what another API answers with: {`;
  it.each([
    ['a comment before events', `: OPENROUTER PROCESSING\n\n${event}`, stream],
    ['the pause before events', `\r\nretry: 3000\r\n\r\n${event}`, stream],
    ['lines of JSON', line('a') + line(' newt'), stream],
    ['Anthropic’s own', { type: 'message', content: [{ type: 'text', text: 'a newt' }] }, other('content')],
    ['llama.cpp’s own', { content: 'a newt', stop: true }, other('content')],
    ['Ollama’s own', { model: 'newt', response: 'a newt', done: true }, other('response')],
    ['OpenAI’s responses', { object: 'response', output: [{ type: 'message' }] }, other('output')],
    ['a voice', { choices: [{ message: { content: null, audio: { data: 'AA==' } } }] }, 'is audio without text)'],
  ])('of another API end all at once: %s', async (_, raw, message) => {
    const { url, log } = await service({ raw: typeof raw === 'string' ? raw : JSON.stringify(raw) });
    const error = await open(url).catch((e) => e);
    expect(error.name).toBe('UserError');
    expect(error.message).toContain(message);
    expect(await log()).toHaveLength(1);
  });

  it.each([
    ['a call of a tool, though it was given none', { tool_calls: [{ function: { name: 'see', arguments: '{}' } }] }],
    ['a call of a tool, though it was given none', { function_call: { name: 'see', arguments: '{}' } }],
    ['a refusal: I will not.', { refusal: 'I will not.' }],
    ['a refusal: I will not.', { content: [{ type: 'refusal', refusal: 'I will not.' }] }],
  ])('without text say once what came instead: %s', async (what, message) => {
    const { url } = await service({ message });
    const { model, warnings } = await open(url);
    expect(await texts(model, requests(3))).toEqual(['', '', '']);
    expect(warnings).toEqual([
      `the writer at ${url} answers with ${what}; such answers are no captions, and asked for again`,
    ]);
  });

  it.each([['reasoning'], ['reasoning_content'], ['thinking']])('may think under the name %s', async (name) => {
    const { url } = await service({ message: { content: 'a newt', [name]: 'A newt. Or two?' } });
    expect((await open(url)).warnings).toEqual([expect.stringMatching(/^newt thinks before it answers/)]);
  });

  it('may hold a NaN beside the text', async () => {
    const raw = '{"choices":[{"message":{"content":"a newt"},"logprobs":NaN}],"usage":{"seconds":-Infinity}}';
    const { model } = await open((await service({ raw })).url);
    expect(await texts(model, requests(1))).toEqual(['a newt']);
  });

  it.each([
    ['error choice', 'its answer has an error in place of text: upstream is gone, 5 times running'],
    ['large', 'its answer is larger than 2 MiB, the most that is read of one, 5 times running'],
  ])(
    'of a server in trouble are asked for a few times at the beginning: %s',
    async (style, message) => {
      const { url, log } = await service({ style });
      await expect(open(url, { api: 'chat' })).rejects.toThrow(`fails when newt is asked (${message})`);
      expect(await log()).toHaveLength(5);
    },
    20_000,
  );

  it('are never sent to another host', async () => {
    const other = await service({});
    const elsewhere = other.url.replace('127.0.0.1', 'localhost');
    const { url } = await service({ to: elsewhere });
    await expect(open(url)).rejects.toThrow(
      `the writer at ${url} redirects to ${elsewhere}/chat/completions: check runtime.writer.url`,
    );
    expect(await other.log()).toEqual([]);
  });

  it('are cut to what was asked for', () => {
    const text = 'a newt '.repeat(100_000);
    const { said } = readAnswer({ choices: [{ message: { content: text } }] }, 'chat', 1, { maxTokens: 100 });
    expect(said[0]).toMatchObject({ text: text.slice(0, 1600), cut: true });
  });

  it('that end before they had their tokens blame the context, once', async () => {
    const { url } = await service({ style: 'full' });
    const { model, warnings } = await open(url);
    const completions = await model.complete(requests(3), OPTIONS);
    expect(completions.map(({ cut, full }) => [cut, full])).toEqual(Array.from({ length: 3 }, () => [true, true]));
    expect(warnings).toEqual([
      `the writer at ${url} ended an answer after 5 of 16 tokens: its context is full, or it has a limit of its own; start it with a larger context (llama.cpp: --ctx-size, which all --parallel slots share)`,
    ]);
  });

  it('that do not fit blame the context', async () => {
    const complaint = 'request (512 tokens) exceeds the available context size (512 tokens), try increasing it';
    const { url } = await service({ refuse: { seed: complaint } });
    await expect(open(url)).rejects.toThrow(
      `the writer at ${url} has too small a context for a prompt and its answer (400 ${complaint} (you sent Bearer none)): start it with a larger one (llama.cpp: --ctx-size`,
    );
  });
});

describe('the key', () => {
  it('is sent, from the settings or else the environment, and never shown', async () => {
    const { url, log } = await service({});
    vi.stubEnv('OPENAI_API_KEY', 'sk-environment');
    await open(url, {}, { key: KEY });
    await open(url);
    vi.stubEnv('OPENAI_API_KEY', '');
    await open(url);
    expect((await log()).map((l) => l.authorization)).toEqual([
      `Bearer ${KEY}`,
      'Bearer sk-environment',
      'Bearer none',
    ]);
  });

  it.each([400, 401, 403, 404, 418, 429, 500, 503])('is not in what is said of a %i that shows it', async (status) => {
    const { url } = await service({ status });
    vi.stubEnv('OPENAI_LOG', 'debug');
    const printed: unknown[] = [];
    for (const method of ['debug', 'info', 'log', 'warn', 'error'] as const)
      vi.spyOn(console, method).mockImplementation((...line) => void printed.push(...line));
    const warnings: string[] = [];
    const settings = settingsOf({}, { url, key: KEY, patience: 0 });
    const error = await openOpenAi(settings, { warn: (line) => warnings.push(line) }).catch((e) => e);
    vi.restoreAllMocks();
    expect(error.name).toBe('UserError');
    expect(error.message).toContain('as told (you sent Bearer …)');
    expect(JSON.stringify([error.message, error.stack, warnings, printed])).not.toContain(KEY);
    expect(printed).toEqual([]);
  });

  it('is not in a long complaint either, which is cut in the middle of it', async () => {
    for (const times of [17, 18, 19]) {
      const { url } = await service({ status: 400, times });
      const error = await open(url, {}, { key: KEY }).catch((e) => e);
      expect(error.message).toMatch(/as told and told/);
      expect(error.message).not.toContain(KEY.slice(0, 4));
    }
  });

  it('that has no quota left is news at once', async () => {
    const { url, log } = await service({ status: 429, about: { code: 'insufficient_quota' } });
    await expect(open(url, {}, { key: KEY })).rejects.toThrow(/has no quota left for this key/);
    expect(await log()).toHaveLength(1);
  });
});

it('ends all when one request is refused for good, and asks nothing more', async () => {
  const { url, log } = await service({ long: 'thing 3 ' });
  const { model } = await open(url, {}, { inFlight: 2 });
  await expect(texts(model, requests(30))).rejects.toThrow(/refuses the request: 400 The prompt is too long/);
  const asked = (await log()).length;
  expect(asked).toBeLessThan(9);
  // The rest were taken back, not left waiting.
  await new Promise((done) => setTimeout(done, 50));
  expect((await log()).length).toBe(asked);
});
