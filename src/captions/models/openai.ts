import { setMaxListeners } from 'node:events';
import type { Settings } from '../../config/schema.js';
import { Interrupted, UserError } from '../../errors.js';
import { RemoteServer } from '../../net/remote-server.js';
import {
  type Completion,
  type CompletionOptions,
  type CompletionRequest,
  type LanguageModel,
  type Prompt,
  promptText,
  type Usage,
} from '../language-model.js';
import { writerAddress } from './openai-address.js';
import { firstLine, readAnswer, type Said } from './openai-answer.js';
import { type Api, OpenAiClient, Refusal } from './openai-client.js';
import { Dialect } from './openai-dialect.js';
import { servedModel } from './openai-models.js';

/** Prompts in one request, where answers do not depend on it. */
const TOGETHER = 16;
/** Asked once at the beginning, to learn what the server takes. */
const PROBE: Prompt = {
  instruction: 'Each line names a thing and, after the arrow, its colour.',
  demonstrations: [
    { left: 'grass =>', right: 'green' },
    { left: 'coal =>', right: 'black' },
  ],
  left: 'snow =>',
};
/** Hosted models that think refuse to answer in fewer tokens. */
const PROBE_TOKENS = 16;

/**
 * A language model behind an OpenAI-compatible server: one of the models it lists, and one request that learns what it takes.
 * @throws UserError when the server is not there, does not serve the model, or refuses the key or the request
 * @throws Interrupted when the signal is aborted
 */
export async function openOpenAi(
  settings: Settings,
  options: { signal?: AbortSignal; warn?: (line: string) => void } = {},
): Promise<OpenAiModel> {
  const { warn } = options;
  const { inFlight, timeout, patience } = settings.runtime.writer;
  const address = writerAddress(settings);
  const client = await OpenAiClient.open(address);
  const names = { timeout: 'runtime.writer.timeout' };
  const server = new RemoteServer({ name: address.name, inFlight, timeout, patience, settings: names, warn });
  const model = await servedModel(client, server, settings.captions.model, options.signal);
  const dialect = new Dialect(`${model}, ${address.name},`, warn);
  const { api, temperature, topP, maxTokens } = settings.captions;
  const asked: Api[] = api === 'auto' ? ['chat', 'completions'] : [api];
  let first: Refusal | undefined;
  for (const way of asked) {
    const opened = new OpenAiModel({ client, server, dialect, model, api: way, inFlight });
    try {
      const { thought } = await opened.probe({ temperature, topP }, options.signal);
      if (thought)
        warn?.(
          `${model} thinks before it answers, and its thoughts count as tokens: turn thinking off at the server, or raise captions.maxTokens (${maxTokens})`,
        );
      // That a base model has no template is no news; anything else may be a mistake.
      if (first && first.status !== 404 && first.status !== 405 && !/chat.?template/i.test(first.message))
        warn?.(
          `${model} is asked to continue text, since ${address.name} refuses conversations: ${first.status} ${first.message}`,
        );
      return opened;
    } catch (e) {
      if (!(e instanceof Refusal)) throw e;
      first ??= e;
    }
  }
  // Not the address is wrong then, as other 404s are read.
  if (first!.status === 404 && /\bmodel\b/i.test(first!.message))
    throw new UserError(
      `${address.name} does not answer as ${model} (404 ${first!.message}): check captions.model and captions.api`,
    );
  throw first!.user;
}

/** What an {@link OpenAiModel} is made of. */
export interface OpenAiParts {
  client: OpenAiClient;
  server: RemoteServer;
  dialect: Dialect;
  model: string;
  api: Api;
  inFlight: number;
}

export class OpenAiModel implements LanguageModel {
  readonly name = 'openai';
  readonly model: string;
  /** How it is asked. */
  readonly api: Api;
  readonly inFlight: number;
  readonly usage: Usage = { promptTokens: 0, completionTokens: 0 };
  private readonly client: OpenAiClient;
  private readonly server: RemoteServer;
  private readonly dialect: Dialect;
  /** Whether the server answers several prompts in one request; undefined until it was tried. */
  private arrays: boolean | undefined;

  constructor(parts: OpenAiParts) {
    this.client = parts.client;
    this.server = parts.server;
    this.dialect = parts.dialect;
    this.model = parts.model;
    this.api = parts.api;
    this.inFlight = parts.inFlight;
  }

  async complete(requests: readonly CompletionRequest[], options: CompletionOptions): Promise<Completion[]> {
    // Whatever fails ends all: nobody would take the other answers.
    const controller = new AbortController();
    const { signal } = controller;
    setMaxListeners(0, signal);
    const abort = () => controller.abort();
    options.signal?.addEventListener('abort', abort, { once: true });
    if (options.signal?.aborted) abort();
    const failed: unknown[] = [];
    const started = <T>(work: Promise<T>): Promise<T | undefined> =>
      work.catch((e) => {
        failed.push(e);
        abort();
        return undefined;
      });
    try {
      const out: (Completion[] | undefined)[] = [];
      const groups = this.groups(requests, options);
      // The first shows whether the server takes several prompts at once.
      if (groups.length > 1 && groups[0].length > 1 && this.arrays === undefined)
        out.push(await started(this.together(groups[0], options, signal)));
      const rest = groups.slice(out.length);
      out.push(...(await Promise.all(rest.map((group) => started(this.together(group, options, signal))))));
      if (options.signal?.aborted) throw new Interrupted(`stopped while waiting for ${this.client.address.name}`);
      if (failed.length > 0) throw failed[0] instanceof Refusal ? failed[0].user : failed[0];
      return out.flatMap((completions) => completions!);
    } finally {
      options.signal?.removeEventListener('abort', abort);
    }
  }

  async close(): Promise<void> {
    // Connections that nobody uses hold nothing up.
  }

  /** One small request, which teaches the dialect. @throws Refusal when the server will not be asked so */
  async probe(sampling: Pick<CompletionOptions, 'temperature' | 'topP'>, signal?: AbortSignal): Promise<Said> {
    const options = { ...sampling, line: true, maxTokens: PROBE_TOKENS };
    return (await this.exchange([{ prompt: PROBE, seed: 1 }], options, this.stop(options), signal))[0];
  }

  /**
   * Which requests share one HTTP request. A request has one seed, and a caption is to depend on its own alone; so prompts go together only
   * where seeds mean nothing: at temperature 0, or where the server refuses them.
   */
  private groups(requests: readonly CompletionRequest[], { temperature }: CompletionOptions): CompletionRequest[][] {
    const shared = this.api === 'completions' && this.arrays !== false && (temperature === 0 || !this.dialect.seeded);
    const size = shared ? TOGETHER : 1;
    return Array.from({ length: Math.ceil(requests.length / size) }, (_, i) =>
      requests.slice(i * size, (i + 1) * size),
    );
  }

  private async together(
    group: readonly CompletionRequest[],
    options: CompletionOptions,
    signal: AbortSignal,
  ): Promise<Completion[]> {
    if (group.length === 1 || this.arrays === false)
      return Promise.all(group.map((request) => this.alone(request, options, signal)));
    let said: Said[];
    try {
      said = await this.exchange(group, options, this.stop(options), signal);
      this.arrays = true;
    } catch (e) {
      if (!(e instanceof Refusal)) throw e;
      // No arrays here, or one prompt of them is at fault: alone, each shows.
      this.arrays ??= false;
      return Promise.all(group.map((request) => this.alone(request, options, signal)));
    }
    return Promise.all(said.map((one, i) => this.finished(one, group[i], options, signal)));
  }

  private async alone(
    request: CompletionRequest,
    options: CompletionOptions,
    signal: AbortSignal,
  ): Promise<Completion> {
    try {
      const [said] = await this.exchange([request], options, this.stop(options), signal);
      return await this.finished(said, request, options, signal);
    } catch (e) {
      // The server's filter is against this prompt; another draw will take its place.
      if (e instanceof Refusal && e.content) return { text: '', cut: false };
      throw e;
    }
  }

  /** Conversations are not stopped at the line feed: models like to begin with one, or with a remark. */
  private stop({ line }: { line: boolean }): readonly string[] {
    return line && this.api === 'completions' ? ['\n'] : [];
  }

  /** What is said as a completion; asks again without stop where a line feed came first. */
  private async finished(
    said: Said,
    request: CompletionRequest,
    options: CompletionOptions,
    signal: AbortSignal,
  ): Promise<Completion> {
    if (!options.line || this.api === 'chat') return { text: said.text, cut: said.cut };
    const empty = said.text.trim() === '' && !said.cut && !said.withheld && !said.thought;
    const [whole] = empty ? await this.exchange([request], options, [], signal) : [said];
    return firstLine(whole);
  }

  /** Asks in the form that the server takes, until it answers. @throws Refusal when it takes none */
  private async exchange(
    requests: readonly CompletionRequest[],
    options: CompletionOptions,
    stop: readonly string[],
    signal: AbortSignal | undefined,
  ): Promise<Said[]> {
    const one = requests.length === 1;
    for (;;) {
      const asked =
        this.api === 'chat'
          ? { messages: this.dialect.messages(requests[0].prompt) }
          : { prompt: one ? promptText(requests[0].prompt) : requests.map(({ prompt }) => promptText(prompt)) };
      const fields = this.dialect.fields(this.api, options, one ? requests[0].seed : undefined, stop);
      const body = { model: this.model, ...asked, ...fields };
      try {
        const { said, usage } = await this.server.ask(
          async (s) =>
            readAnswer(await this.client.post(this.api, body, s), this.api, requests.length, this.client.address.key),
          signal,
        );
        this.count(requests, said, usage);
        return said;
      } catch (e) {
        if (!(e instanceof Refusal && this.dialect.learn(e, fields, this.api))) throw e;
      }
    }
  }

  private count(requests: readonly CompletionRequest[], said: readonly Said[], usage: Usage | undefined): void {
    // About four letters a token in English.
    const tokens = (texts: readonly string[]) => texts.reduce((sum, text) => sum + Math.ceil(text.length / 4), 0);
    this.usage.promptTokens += usage?.promptTokens ?? tokens(requests.map(({ prompt }) => promptText(prompt)));
    this.usage.completionTokens += usage?.completionTokens ?? tokens(said.map(({ text }) => text));
  }
}
