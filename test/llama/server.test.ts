import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../process.js';
import { renderChat } from './chat.js';
import { haveLlama, loadLlama } from './data.js';
import { generate } from './generate.js';
import { ReferenceLlama } from './reference.js';
import { LlamaServer } from './server-process.js';
import type { LlamaTokenizer } from './tokenizer.js';

interface Answer {
  choices: { text: string }[];
  usage: unknown;
  error: { message: string };
  data: { id: string }[];
}
const json = async (response: Response) => (await response.json()) as Answer;

describe.runIf(haveLlama('server.test'))('the test server', () => {
  let tokenizer: LlamaTokenizer;
  let model: ReferenceLlama;
  let server: LlamaServer;

  beforeAll(async () => {
    const { weights, ...read } = loadLlama();
    tokenizer = read.tokenizer;
    model = new ReferenceLlama(weights);
    server = await LlamaServer.start({ key: 'secret', refuse: ['logit_bias'] });
  });
  afterAll(() => server.close());

  const post = (path: string, body: object, key = 'secret') =>
    fetch(`${server.url}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });

  test('several prompts and choices come as each alone', async () => {
    const sampling = { temperature: 1.2, top_p: 0.95, max_tokens: 24, seed: 5 };
    const response = await post('/completions', { ...sampling, prompt: ['Once upon a time', 'Tom was'], n: 2 });
    const { choices, usage } = await json(response);
    const expected = ['Once upon a time', 'Tom was'].flatMap((prompt) =>
      [5, 6].map((seed) => generate(model, tokenizer, prompt, { temperature: 1.2, topP: 0.95, maxTokens: 24, seed })),
    );
    expect(choices.map(({ text }) => text)).toEqual(expected.map(({ text }) => text));
    expect(new Set(expected.map(({ text }) => text)).size).toBe(4);
    expect(usage).toEqual({
      prompt_tokens: 2 + tokenizer.encode('Once upon a time').length + tokenizer.encode('Tom was').length,
      completion_tokens: expected.reduce((sum, { tokens }) => sum + tokens.length, 0),
      total_tokens: expect.any(Number),
    });
    expect(server.log().at(-1)).toMatchObject({ path: '/v1/completions', status: 200, body: { seed: 5 } });
  });

  test('chat goes through the template; a stop text ends it', async () => {
    const messages = [
      { role: 'system', content: 'Tell a story.' },
      { role: 'user', content: 'A cat' },
    ];
    const body = { messages, temperature: 0, max_tokens: 40, stop: '.' };
    const { choices } = await json(await post('/chat/completions', body));
    const whole = generate(model, tokenizer, renderChat(messages), {
      temperature: 0,
      topP: 1,
      seed: 0,
      maxTokens: 40,
    }).text;
    expect(whole).toContain('.');
    expect(choices).toMatchObject([
      { finish_reason: 'stop', message: { role: 'assistant', content: whole.split('.')[0] } },
    ]);
  });

  test('wrong key, refused field and too long a prompt', async () => {
    expect((await post('/completions', { prompt: 'a' }, 'other')).status).toBe(401);
    expect((await post('/completions', { prompt: 'a', logit_bias: {} })).status).toBe(400);
    const long = await post('/completions', { prompt: 'a cat '.repeat(300), max_tokens: 5 });
    expect(long.status).toBe(400);
    expect((await json(long)).error.message).toContain('maximum context length is 512');
  });

  test('faults, in their order, then health again; death and return', async () => {
    await server.setFaults([
      { kind: 'status', status: 429, retryAfter: '2', from: 0 },
      { kind: 'garbage', from: 1 },
      { kind: 'truncated', from: 2 },
      { kind: 'empty', from: 3 },
      { kind: 'reset', from: 4 },
      { kind: 'hang', from: 5 },
      { kind: 'wrong', from: 6 },
      { kind: 'status', from: 7, times: 2, every: 2 },
      { kind: 'die', from: 10 },
    ]);
    const ask = () => post('/completions', { prompt: 'a', max_tokens: 1 });
    const limited = await ask();
    expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '2']);
    await expect((await ask()).json()).rejects.toThrow();
    await expect((await ask()).json()).rejects.toThrow();
    expect((await json(await ask())).choices).toEqual([]);
    await expect(ask()).rejects.toThrow();
    const body = JSON.stringify({ prompt: 'a' });
    const headers = { authorization: 'Bearer secret' };
    const signal = AbortSignal.timeout(300);
    await expect(fetch(`${server.url}/completions`, { method: 'POST', headers, body, signal })).rejects.toThrow();
    expect((await json(await ask())).usage).toBe('much');
    expect([(await ask()).status, (await ask()).status, (await ask()).status]).toEqual([500, 200, 500]);
    await expect(ask()).rejects.toThrow();
    await until(() => server.log().at(-1)?.fault === 'die', 'the log of its death');
    await server.restart();
    expect((await ask()).status).toBe(200);
    expect((await json(await fetch(`${server.url}/models`))).data[0].id).toBe('stories260K');
  });
});
