import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Completion, promptText } from '../src/captions/language-model.js';
import { LanguageWriter } from '../src/captions/language-writer.js';
import { openOpenAi } from '../src/captions/models/openai.js';
import { firstLine } from '../src/captions/models/openai-answer.js';
import { buildPrompt } from '../src/captions/prompt.js';
import type { Draw } from '../src/captions/record.js';
import { settingsSchema } from '../src/config/schema.js';
import { Rng } from '../src/rng.js';
import { haveLlama, loadLlama } from './llama/data.js';
import type { Fault } from './llama/faults.js';
import { generate } from './llama/generate.js';
import { ReferenceLlama } from './llama/reference.js';
import type { LoggedRequest } from './llama/server.js';
import { LlamaServer } from './llama/server-process.js';
import { until } from './process.js';

/** A real language model behind a server process that fails in every way: captions as if it never had. */

const KEY = 'sk-verysecret';
/** Tokens that the model reads of a prompt; a caption's, enough to differ. */
const WINDOW = 16;
const SAMPLING = { maxTokens: 8, temperature: 0.8, topP: 0.9 };
const CONCEPTS = ['newt', 'tram', 'hat', 'dog', 'tree', 'cup', 'owl', 'boat'];
const DRAWS: Draw[] = Array.from({ length: 24 }, (_, id) => ({
  id,
  template: 'concept',
  kind: 'object',
  concept: CONCEPTS[id % CONCEPTS.length],
  source: 'file',
}));

describe.runIf(haveLlama('openai-llama.test'))('a writer behind a server', () => {
  let server: LlamaServer;
  const stopping: (() => Promise<void>)[] = [];
  beforeAll(async () => {
    server = await LlamaServer.start({ key: KEY, window: WINDOW, revive: true });
  });
  afterAll(() => server.close());
  afterEach(async () => {
    for (const stop of stopping.splice(0)) await stop();
  });

  async function open(to: LlamaServer, writer: object = {}, captions: object = {}) {
    const warnings: string[] = [];
    const settings = settingsSchema.parse({
      captions: { writer: 'openai', ...captions },
      runtime: { writer: { url: to.url, key: KEY, inFlight: 6, ...writer } },
    });
    const model = await openOpenAi(settings, { warn: (line) => warnings.push(line) });
    return { model, warnings };
  }
  /** The log from an entry on. An answer is logged after it is sent, so one more request is waited for; it ends all faults. */
  const logged = async (to: LlamaServer, from = 0) => {
    await to.setFaults([]);
    return to.log().slice(from);
  };
  const identity = ({ body }: LoggedRequest) => JSON.stringify([body.prompt ?? body.messages, body.seed]);

  it.each(['chat', 'completions'] as const)('writes the same whatever happens on the way: %s', async (api) => {
    const { model } = await open(server, { timeout: 4 }, { api });
    const writer = new LanguageWriter(model, SAMPLING);
    const options = { seed: 3, attempt: 0 };
    const before = (await logged(server)).length;
    const calm = await writer.write(DRAWS, options);
    expect(new Set(calm.map((c) => c.text)).size).toBeGreaterThan(12);
    const once = await logged(server, before);
    expect(once).toHaveLength(DRAWS.length);

    const storms: Fault[][] = [
      [
        { kind: 'status', status: 429, retryAfter: '1', from: 1 },
        { kind: 'status', status: 500, from: 3 },
        { kind: 'garbage', from: 5 },
        { kind: 'truncated', from: 7 },
        { kind: 'hang', from: 8 },
        { kind: 'empty', from: 10 },
        { kind: 'wrong', from: 12 },
        { kind: 'reset', from: 14 },
        { kind: 'status', status: 503, retryAfter: new Date(Date.now() + 1500).toUTCString(), from: 15 },
      ],
      // All that is in hand dies with it.
      [{ kind: 'die', from: 17 }],
    ];
    for (const storm of storms) {
      const from = (await logged(server)).length;
      const lives = server.restarts;
      await server.setFaults(storm);
      expect(await writer.write(DRAWS, options)).toEqual(calm);
      expect(server.restarts - lives).toBe(storm[0].kind === 'die' ? 1 : 0);

      const entries = await logged(server, from);
      expect(new Set(entries.flatMap((e) => e.fault ?? []))).toEqual(new Set(storm.map((f) => f.kind)));
      // Never more than allowed at the server; each caption answered once, and nothing repeated but what failed.
      expect(Math.max(...entries.map((e) => e.inFlight))).toBeLessThanOrEqual(6);
      const answered = entries.filter((e) => e.texts);
      expect(answered.map(identity).sort()).toEqual(once.map(identity).sort());
      expect(entries).toHaveLength(DRAWS.length + storm.length);
      // For as long as it asks to be, it is left alone with that request.
      for (const limited of entries.filter((e) => e.status === 429)) {
        const again = entries.find((e) => e.at > limited.at && identity(e) === identity(limited));
        expect(again!.at - limited.ended).toBeGreaterThan(950);
      }
      expect(entries.every((e) => e.authorization === `Bearer ${KEY}`)).toBe(true);
    }
  });

  it('writes as the model does alone: greedily in one request for many, by seed in one for each', async () => {
    const { weights, tokenizer } = loadLlama();
    const reference = new ReferenceLlama(weights);
    const { model } = await open(server, {}, { api: 'completions' });
    for (const temperature of [0, 0.8]) {
      const requests = DRAWS.slice(0, temperature === 0 ? 20 : 4).map((draw) => {
        const seed = 70 + draw.id;
        return { prompt: buildPrompt(draw, Rng.of(seed)), seed };
      });
      const before = (await logged(server)).length;
      const got = await model.complete(requests, { ...SAMPLING, line: true, temperature });
      const expected = requests.map(({ prompt, seed }): Completion => {
        const read = tokenizer.encode(promptText(prompt)).slice(-WINDOW);
        const { text, finish } = generate(reference, tokenizer, read, { ...SAMPLING, temperature, seed, stop: ['\n'] });
        return firstLine({ text, cut: finish === 'length' });
      });
      expect(got).toEqual(expected);
      const sizes = (await logged(server, before)).map(({ body }) => [body.prompt].flat().length);
      expect(sizes.sort()).toEqual(temperature === 0 ? [16, 4] : [1, 1, 1, 1]);
    }
  });

  it('has a prompt and a seed for each draw and attempt, which can be had again', async () => {
    const { model } = await open(server, {}, { api: 'completions' });
    const writer = new LanguageWriter(model, SAMPLING);
    const options = { seed: 3, attempt: 0 };
    const tokens = writer.usage.completionTokens;
    const before = (await logged(server)).length;
    const written = await writer.write(DRAWS.slice(0, 6), options);
    expect(writer.usage.completionTokens).toBeGreaterThan(tokens);
    const sent = new Map((await logged(server, before)).map(({ body }) => [body.seed, body]));
    for (const [i, draw] of DRAWS.slice(0, 6).entries()) {
      const seed = writer.promptSeed(draw, options);
      const prompt = buildPrompt(draw, Rng.of('demonstrations', seed));
      expect(sent.get(seed)).toMatchObject({
        prompt: promptText(prompt),
        max_tokens: 8,
        temperature: 0.8,
        top_p: 0.9,
      });
      // One caption again, alone, from what its record holds.
      expect(await model.complete([{ prompt, seed }], { ...SAMPLING, line: true })).toEqual([written[i]]);
    }
    const second = await writer.write(DRAWS.slice(0, 6), { seed: 3, attempt: 1 });
    expect(second).not.toEqual(written);
    expect([writer.name, writer.model, writer.inFlight]).toEqual(['openai', 'stories260K', 6]);
  });

  it('asks a model without chat template to continue text', async () => {
    const base = await LlamaServer.start({ key: KEY, window: WINDOW, refuse: ['messages', 'seed'] });
    stopping.push(() => base.close());
    const { model, warnings } = await open(base);
    expect(model.api).toBe('completions');
    expect(warnings).toEqual([expect.stringMatching(/takes no seed/), expect.stringMatching(/asked to continue text/)]);
    const requests = DRAWS.slice(0, 3).map((d) => ({ prompt: buildPrompt(d, Rng.of(d.id)), seed: d.id }));
    expect(await model.complete(requests, { ...SAMPLING, line: true })).toHaveLength(3);
    expect((await logged(base)).at(-1)!.body.prompt).toHaveLength(3);
  });

  it('stops at once when asked to', async () => {
    const { model } = await open(server, { timeout: 600 });
    const before = (await logged(server)).length;
    await server.setFaults([{ kind: 'hang', from: 0, times: 1000 }]);
    const controller = new AbortController();
    const requests = DRAWS.map((d) => ({ prompt: buildPrompt(d, Rng.of(d.id)), seed: d.id }));
    const writing = model.complete(requests, { ...SAMPLING, line: true, signal: controller.signal });
    let aborted = 0;
    setTimeout(() => {
      aborted = performance.now();
      controller.abort();
    }, 300);
    await expect(writing).rejects.toMatchObject({ name: 'Interrupted' });
    // Far from the 600 s that a request may take.
    expect(performance.now() - aborted).toBeLessThan(10_000);
    // The server is let go of, too.
    await until(() => server.log().length === before + 6, 'the six that hung');
    await server.setFaults([]);
  });

  it('gives up a server that stays away, and says what is kept', async () => {
    const mortal = await LlamaServer.start({ key: KEY, window: WINDOW });
    stopping.push(() => mortal.close());
    const { model, warnings } = await open(mortal, { patience: 1 });
    await mortal.kill();
    const requests = DRAWS.slice(0, 4).map((d) => ({ prompt: buildPrompt(d, Rng.of(d.id)), seed: d.id }));
    await expect(model.complete(requests, { ...SAMPLING, line: true })).rejects.toThrow(
      /^the writer at http:\/\/127.* gives no usable answer \(nothing listens at this address \[ECONNREFUSED\]\) for \d s; what is finished is kept/,
    );
    expect(warnings).toEqual([expect.stringMatching(/ECONNREFUSED\]; trying again for up to 1 s$/)]);
  });

  it('refuses a wrong key without showing it', async () => {
    const error = await open(server, { key: 'sk-wrong' }).catch((e) => e);
    expect(error.message).toBe(
      `the writer at ${server.url} refuses the key (401 Incorrect API key provided): set runtime.writer.key or OPENAI_API_KEY`,
    );
  });
});
