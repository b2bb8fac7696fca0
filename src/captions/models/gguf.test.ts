import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { getLlama, type Token } from 'node-llama-cpp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CHAT_TEMPLATE, renderChat } from '../../../test/llama/chat.js';
import { haveLlama, loadLlama } from '../../../test/llama/data.js';
import { type Generated, generate } from '../../../test/llama/generate.js';
import { writeGguf } from '../../../test/llama/gguf.js';
import { ReferenceLlama } from '../../../test/llama/reference.js';
import { BOS, type LlamaTokenizer } from '../../../test/llama/tokenizer.js';
import { Interrupted, UserError } from '../../errors.js';
import { Rng } from '../../rng.js';
import {
  type CompletionOptions,
  type LanguageModel,
  type Prompt,
  promptMessages,
  promptText,
} from '../language-model.js';
import { buildPrompt } from '../prompt.js';
import { type GgufOptions, loadGguf } from './gguf.js';

const ROOT = resolve(import.meta.dirname, '../../..');
const folder = mkdtempSync(join(tmpdir(), 'gguf-'));
const base = join(folder, 'stories.gguf');
const chat = join(folder, 'stories-chat.gguf');
afterAll(() => rmSync(folder, { recursive: true }));

/** One thread: others use the machine's cores, and llama.cpp's threads wait for each other. */
const load = (o: Partial<GgufOptions>) =>
  loadGguf({ path: base, api: 'auto', inFlight: 8, gpu: false, threads: 1, ...o });

/** Tokens of greedy answers: the reference, in JavaScript, takes most of the time, and is asked once a prompt. */
const GREEDILY = 40;
const GREEDY: CompletionOptions = { line: false, maxTokens: GREEDILY, temperature: 0, topP: 1 };
const CAPTIONS: CompletionOptions = { line: true, maxTokens: 60, temperature: 0.8, topP: 0.9 };

/** Loads a file in a process of its own, by the built code in `dist`. @returns what went wrong, and what stood on the terminal */
function inDist(dist: string, path: string): { stdout: string; stderr: string } {
  const script = join(folder, 'load.mjs');
  writeFileSync(
    script,
    `const { loadGguf } = await import(process.argv[2]);
    const o = { path: process.argv[3], api: 'auto', inFlight: 1, gpu: false, threads: 1 };
    await loadGguf(o).catch((error) => console.log(error.name + ': ' + error.message));`,
  );
  const args = [script, join(dist, 'captions/models/gguf.js'), path];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  return { stdout, stderr };
}

/** A real few-shot prompt of the writer's. */
const few = (seed: number, concept = 'red panda'): Prompt =>
  buildPrompt(
    { id: 0, template: 'background', kind: 'object', concept, source: 'test', background: 'forest' },
    Rng.of(seed),
  );
/** A text to go on from; the model knows stories. */
const plain = (text: string): Prompt => ({ instruction: text, demonstrations: [], left: 'Once upon a time' });

describe.runIf(haveLlama('gguf.test'))('a GGUF model in process', () => {
  let tokenizer: LlamaTokenizer;
  let reference: ReferenceLlama;
  const known = new Map<string, Generated>();
  const greedy = (text: string, maxTokens = GREEDILY) => {
    const key = `${maxTokens} ${text}`;
    const sampling = { temperature: 0, topP: 1, seed: 0, maxTokens };
    known.set(key, known.get(key) ?? generate(reference, tokenizer, text, sampling));
    return known.get(key) as Generated;
  };
  /** Eight sequences at once. */
  let model: LanguageModel;
  let single: LanguageModel;

  beforeAll(async () => {
    const { weights, ...read } = loadLlama();
    tokenizer = read.tokenizer;
    reference = new ReferenceLlama(weights);
    writeGguf(base, weights, tokenizer);
    writeGguf(chat, weights, tokenizer, { chatTemplate: CHAT_TEMPLATE });
    model = await load({});
    single = await load({ inFlight: 1 });
  });
  afterAll(async () => {
    await model.close();
    await single.close();
  });

  test('llama.cpp reads the converted file as the reference does: the same tokens, greedily', async () => {
    const llama = await getLlama({ build: 'never', gpu: false, maxThreads: 1 });
    const loaded = await llama.loadModel({ modelPath: base });
    const texts = [
      'Once upon a time',
      'Tim and  Mia\n\nwere "happy"',
      'naïve Ünï — 🐼\ttab',
      '  two blanks',
      '=> [x] 3,5 %',
    ];
    for (const text of texts) expect(loaded.tokenize(text), text).toEqual(tokenizer.encode(text));

    // Keys and values in float32, not llama.cpp's usual float16: what is left is the order of sums.
    const exact = { experimentalKvCacheKeyType: 'F32', experimentalKvCacheValueType: 'F32' } as const;
    const context = await loaded.createContext({ contextSize: 512, sequences: 1, threads: 1, ...exact });
    const sequence = context.getSequence();
    const prompts = ['Once upon a time', 'Lily had a red ball.', 'The dog was sad because', '=> One day, a bird'];
    for (const text of [...prompts, promptText(few(2, 'lighthouse'))]) {
      const given = [BOS, ...tokenizer.encode(text)];
      const tokens: number[] = [];
      await sequence.clearHistory();
      for await (const token of sequence.evaluate(given as Token[], { temperature: 0 }))
        if (tokens.push(token) === GREEDILY) break;
      const expected = greedy(text).tokens;
      expect(tokens).toEqual(expected);
    }
    await llama.dispose();
  });

  /**
   * That `text` is what the reference answers greedily. llama.cpp keeps keys and values in float16: where the two best tokens are nearly
   * equal (logits less than 0.02 apart), the other one may come, and what follows is another story.
   */
  function expectGreedy(prompt: string, text: string, maxTokens = GREEDILY): void {
    const { tokens, text: expected } = greedy(prompt, maxTokens);
    if (text === expected) return;
    let n = 0;
    while (n < tokens.length && text.startsWith(tokenizer.decode(tokens.slice(0, n + 1)))) n++;
    const shared = tokens.slice(0, n);
    const logits = reference.logits([BOS, ...tokenizer.encode(prompt), ...shared]);
    const rest = text.slice(tokenizer.decode(shared).length);
    const possible = logits.filter((_, token) => tokenizer.pieces[token] && rest.startsWith(tokenizer.pieces[token]));
    const apart = Math.max(...logits) - Math.max(...possible);
    console.log(
      `gguf.test: after ${n} tokens two logits ${apart.toFixed(4)} apart changed places (${JSON.stringify(rest)})`,
    );
    expect(apart, `${prompt}${text}\nin place of\n${expected}`).toBeLessThan(0.02);
  }

  test('greedy answers, eight at once, are the reference’s', async () => {
    const prompts = [
      few(1, 'bee'),
      few(2, 'lighthouse'),
      ...[1, 2, 3, 4, 5, 6].map((i) => plain(`The sun was hot. ${i}`)),
    ];
    const requests = prompts.map((prompt, seed) => ({ prompt, seed }));
    const answers = await model.complete(requests, GREEDY);
    for (const [i, prompt] of prompts.entries()) expectGreedy(promptText(prompt), answers[i].text);
    expect(answers.map(({ cut }) => cut)).toEqual(prompts.map(() => true));
  });

  test('a seed decides: repeated, the same; another, another; cold or narrow, greedy', async () => {
    const prompt = plain('A cat.');
    const ask = async (seed: number, options: Partial<CompletionOptions> = {}) =>
      (await single.complete([{ prompt, seed }], { ...CAPTIONS, maxTokens: 40, ...options }))[0].text;
    const texts: string[] = [];
    for (let seed = 0; seed < 8; seed++) texts.push(await ask(seed));
    expect(new Set(texts).size).toBeGreaterThan(5);
    expect(await ask(3)).toBe(texts[3]);
    const cold = await ask(1, { temperature: 0 });
    expect(cold).not.toBe(texts[1]);
    expect(await ask(2, { temperature: 0 })).toBe(cold);
    expect(await ask(3, { topP: 1e-6 })).toBe(cold);
  });

  test('the first line that says something ends a caption; the token limit cuts it', async () => {
    const prompt = plain('A cat.');
    const whole = greedy(promptText(prompt), 200).text;
    const line = /^\s*\S.*/.exec(whole)?.[0] ?? '';
    expect(whole).toContain(`${line}\n`);
    const ask = (options: Partial<CompletionOptions>) =>
      single.complete([{ prompt, seed: 1 }], { ...GREEDY, maxTokens: 200, ...options });
    expect(await ask({ line: true })).toEqual([{ text: line, cut: false }]);
    const [{ text, cut }] = await ask({ line: true, maxTokens: 5 });
    expect(cut).toBe(true);
    expect(tokenizer.encode(promptText(prompt) + text).slice(-5)).toEqual(greedy(promptText(prompt), 5).tokens);
  });

  test('one at a time, order and neighbours change nothing; eight at once, only what rounding decides', async () => {
    const requests = Array.from({ length: 8 }, (_, i) => ({
      prompt: few(i % 3, ['owl', 'boat'][i % 2]),
      seed: 100 + i,
    }));
    const asked = { ...single.usage };
    const alone = await single.complete(requests, CAPTIONS);
    expect({
      promptTokens: single.usage.promptTokens - asked.promptTokens,
      completionTokens: single.usage.completionTokens - asked.completionTokens,
    }).toEqual({
      promptTokens: requests.reduce((n, { prompt }) => n + 1 + tokenizer.encode(promptText(prompt)).length, 0),
      completionTokens: expect.any(Number),
    });
    expect((await single.complete(requests.toReversed(), CAPTIONS)).toReversed()).toEqual(alone);
    const together = await model.complete(requests, CAPTIONS);
    const same = together.filter(({ text }, i) => text === alone[i].text).length;
    console.log(`gguf.test: ${same} of 8 sampled captions are the same alone and together`);
    expect(same).toBeGreaterThanOrEqual(4);
  });

  test('prompts that differ in length share a model; concurrent callers too', async () => {
    const small = await load({ inFlight: 2 });
    const asked = [plain('Hi.'), few(4), plain('A cat.'), plain('A big dog.')];
    const options = { ...GREEDY, maxTokens: 30 };
    const answers = await Promise.all(asked.map((prompt) => small.complete([{ prompt, seed: 0 }], options)));
    for (const [i, prompt] of asked.entries()) expectGreedy(promptText(prompt), answers[i][0].text, 30);
    await small.close();
  });

  test('a chat-tuned model is asked through its template, unless plain text is wanted', async () => {
    const prompt = few(6, 'kettle');
    for (const api of ['auto', 'completions'] as const) {
      const tuned = await load({ path: chat, api });
      const [{ text }] = await tuned.complete([{ prompt, seed: 0 }], { ...GREEDY, maxTokens: 16 });
      expectGreedy(api === 'completions' ? promptText(prompt) : renderChat(promptMessages(prompt)), text, 16);
      await tuned.close();
    }
    expect(greedy(renderChat(promptMessages(prompt)), 16).text).not.toBe(greedy(promptText(prompt), 16).text);
    await expect(load({ api: 'chat' })).rejects.toThrow(/has no chat template; set captions.api/);
  });

  test('a model is known by name and content', async () => {
    expect(model.model).toMatch(/^stories\.gguf@[0-9a-f]{12}$/);
    const other = join(folder, 'other', 'stories.gguf');
    mkdirSync(join(folder, 'other'));
    const bytes = readFileSync(base);
    bytes[bytes.length - 1] ^= 1;
    writeFileSync(other, bytes);
    const changed = await load({ path: other });
    expect(changed.model).toMatch(/^stories\.gguf@/);
    expect(changed.model).not.toBe(model.model);
    await changed.close();
  });

  test('a stop comes at once, and the model can be asked again', async () => {
    const controller = new AbortController();
    const requests = Array.from({ length: 40 }, (_, seed) => ({ prompt: few(seed), seed }));
    const before = model.usage.completionTokens;
    const stopped = model.complete(requests, { ...CAPTIONS, line: false, signal: controller.signal });
    setTimeout(() => controller.abort(), 100);
    await expect(stopped).rejects.toThrow(Interrupted);
    expect(model.usage.completionTokens - before).toBeLessThan(40 * 60);
    await expect(model.complete(requests, { ...CAPTIONS, signal: AbortSignal.abort() })).rejects.toThrow(Interrupted);
    expect((await model.complete(requests.slice(0, 1), CAPTIONS)).length).toBe(1);
  });

  test('too long a prompt is named before anything is written', async () => {
    const before = model.usage.completionTokens;
    const requests = [plain('Hi.'), plain('a cat '.repeat(200))].map((prompt) => ({ prompt, seed: 0 }));
    const asked = model.complete(requests, CAPTIONS);
    await expect(asked).rejects.toThrow(UserError);
    await expect(asked).rejects.toThrow(
      /reads 512 tokens at most, but a prompt has \d+ and captions\.maxTokens asks for 60/,
    );
    expect(model.usage.completionTokens).toBe(before);
  });

  test('half a file is no model: one line, and nothing of llama.cpp’s on the terminal', () => {
    const half = join(folder, 'half.gguf');
    cpSync(base, half);
    truncateSync(half, 300_000);
    const { stdout, stderr } = inDist(resolve(ROOT, 'dist'), half);
    expect(stdout).toMatch(
      /^UserError: captions\.model: .*half\.gguf cannot be read as a GGUF file: it is cut off: tensor \S+ ends at byte \d+, the file has 300000; get it again\n$/,
    );
    expect(stderr).toBe('');
  });
});

describe.runIf(haveLlama('gguf.test'))('a model that llama.cpp cannot bear', () => {
  test.each([
    // Divided by, or looked up: what llama.cpp does with these is its own affair, as long as this process lives.
    ['llama.attention.head_count', 0],
    ['llama.block_count', 0x7fffffff],
    ['tokenizer.ggml.bos_token_id', 0x7fffffff],
  ])('%s = %d: a line that names the file, or a model', async (key, value) => {
    const bytes = readFileSync(base);
    const at = bytes.indexOf(key);
    expect(at).toBeGreaterThan(0);
    bytes.writeUInt32LE(value, at + key.length + 4);
    const path = join(folder, 'odd.gguf');
    writeFileSync(path, bytes);
    await load({ path }).then(
      (loaded) => loaded.close(),
      (e) => {
        expect(e).toBeInstanceOf(UserError);
        expect(e.message).toMatch(/^captions\.model: llama\.cpp cannot load .*odd\.gguf: [^\n]+$/);
      },
    );
  });
});

describe('a GGUF file that is none', () => {
  test.each([
    ['absent', undefined, /there is no file .*absent\.gguf; a \.gguf file is needed/],
    ['empty', '', /empty\.gguf is no GGUF file: it is empty/],
    ['junk', '<!DOCTYPE html>', /junk\.gguf is no GGUF file: it begins with "<!DO", not "GGUF"/],
    ['short', 'GGUF', /short\.gguf is no GGUF file: it ends after 4 bytes/],
  ])('%s', async (name, content, message) => {
    const path = join(folder, `${name}.gguf`);
    if (content !== undefined) writeFileSync(path, content);
    await expect(load({ path })).rejects.toThrow(message);
    await expect(load({ path })).rejects.toThrow(UserError);
  });

  test('a folder', async () => {
    await expect(load({ path: folder })).rejects.toThrow(/is not a file; a \.gguf file is needed/);
  });
});

test('without node-llama-cpp one line says what to install', () => {
  const alone = join(folder, 'alone');
  cpSync(join(ROOT, 'dist/captions'), join(alone, 'captions'), { recursive: true });
  for (const part of ['errors.js', 'apart.js', 'printable.js', 'formats', 'files'])
    cpSync(join(ROOT, 'dist', part), join(alone, part), { recursive: true });
  // What the writer needs of other packages, but not this one.
  const jinja = 'node_modules/@huggingface/jinja';
  cpSync(join(ROOT, jinja), join(alone, jinja), { recursive: true });
  writeFileSync(join(alone, 'package.json'), '{ "type": "module" }');
  const path = join(folder, 'begin.gguf');
  writeFileSync(path, `GGUF\x03${'\0'.repeat(27)}`);
  expect(inDist(alone, path)).toEqual({
    stdout: 'UserError: captions.writer gguf needs the package node-llama-cpp: npm install node-llama-cpp\n',
    stderr: '',
  });
});
