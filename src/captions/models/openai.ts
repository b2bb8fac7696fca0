import { setMaxListeners } from 'node:events';
import { Interrupted, UserError } from '../../errors.js';
import { RemoteServer, Transient } from '../../net/remote-server.js';
import { oneLine } from '../../printable.js';
import {
  type Completion,
  type CompletionOptions,
  type CompletionRequest,
  type LanguageModel,
  type Prompt,
  promptText,
  type Usage,
} from '../language-model.js';
import type { WriterSettings } from '../writer-settings.js';
import { writerAddress } from './openai-address.js';
import { firstLine, readAnswer, type Said, Unreadable } from './openai-answer.js';
import { type Api, OpenAiClient, Refusal } from './openai-client.js';
import { Dialect } from './openai-dialect.js';
import { otherModel, type Served, servedModel, stillServed } from './openai-models.js';
import { askSoon, Failing } from './openai-opening.js';
import { plausibleUsage } from './openai-usage.js';

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
  settings: WriterSettings,
  options: { signal?: AbortSignal; warn?: (line: string) => void } = {},
): Promise<OpenAiModel> {
  const { warn } = options;
  const { inFlight, timeout, patience } = settings.runtime.writer;
  const address = writerAddress(settings);
  const client = await OpenAiClient.open(address);
  const names = { timeout: 'runtime.writer.timeout' };
  const server = new RemoteServer({ name: address.name, inFlight, timeout, patience, settings: names, warn });
  const served = await servedModel(client, server, settings.captions.model, options.signal);
  const model = oneLine(served.name);
  const dialect = new Dialect(`${model}, ${address.name},`, warn);
  const { api, temperature, topP, maxTokens } = settings.captions;
  const asked: Api[] = api === 'auto' ? ['chat', 'completions'] : [api];
  let first: Refusal | Failing | undefined;
  for (const way of asked) {
    const opened = new OpenAiModel({ client, server, dialect, served, api: way, inFlight, warn });
    try {
      const { thought } = await opened.probe({ temperature, topP }, options.signal);
      if (thought)
        warn?.(
          `${model} thinks before it answers, and its thoughts count as tokens: turn thinking off at the server, or raise captions.maxTokens (${maxTokens})`,
        );
      // That a base model has no template is no news; anything else may be a mistake.
      if (first instanceof Failing)
        warn?.(`${model} is asked to continue text, since ${address.name} fails at conversations: ${first.message}`);
      else if (first && first.status !== 404 && first.status !== 405 && !/chat.?template/i.test(first.message))
        warn?.(
          `${model} is asked to continue text, since ${address.name} refuses conversations: ${first.status} ${first.message}`,
        );
      return opened;
    } catch (e) {
      if (!(e instanceof Refusal || e instanceof Failing)) throw e;
      first ??= e;
    }
  }
  if (first instanceof Failing)
    throw new UserError(
      `${address.name} fails when ${model} is asked (${first.message}): mend the server, or check captions.model and captions.api`,
    );
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
  served: Served;
  api: Api;
  inFlight: number;
  warn?: (line: string) => void;
}

/** Reasons of failures after which the server may be another: Cloudflare's numbers, too. */
const AWAY = /^(connection|50[234]|52\d|530)$/;

export class OpenAiModel implements LanguageModel {
  readonly name = 'openai';
  /** How it is asked. */
  readonly api: Api;
  readonly inFlight: number;
  readonly usage: Usage = { promptTokens: 0, completionTokens: 0 };
  private readonly client: OpenAiClient;
  private readonly server: RemoteServer;
  private readonly dialect: Dialect;
  private readonly served: Served;
  private readonly warn: ((line: string) => void) | undefined;
  /** What the server first called what answered. */
  private answered: string | undefined;
  /** The server was away. */
  private away = false;
  private warnedOfContext = false;
  private warnedOfSilence = false;
  /** Tokens of a letter of prompt, as the first question showed. */
  private tokensPerLetter: number | undefined;
  /** Whether the server answers several prompts in one request; undefined until it was tried. */
  private arrays: boolean | undefined;

  constructor(parts: OpenAiParts) {
    this.client = parts.client;
    this.server = parts.server;
    this.dialect = parts.dialect;
    this.served = parts.served;
    this.api = parts.api;
    this.inFlight = parts.inFlight;
    this.warn = parts.warn;
  }

  /** What the server calls what answers: the name that it is asked by may stand for one model today and for another tomorrow. */
  get model(): string {
    return oneLine(this.answered ?? this.served.name);
  }

  /** What captions depend on beside the settings. A file's folder is no part of it: servers call models by their path. */
  get resolved(): Record<string, unknown> {
    const { weights } = this.served.listed ?? {};
    return {
      'captions.model (resolved)': this.model.replace(/^.*[\\/](?=[^\\/]+\.gguf$)/i, ''),
      'captions.api (resolved)': this.api,
      ...(weights ? { 'captions.model weights (resolved)': weights } : {}),
    };
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
    return (await this.exchange([{ prompt: PROBE, seed: 1 }], options, this.stop(options), signal, true))[0];
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
    if (!options.line || this.api === 'chat') return completionOf(said);
    const empty = said.text.trim() === '' && !said.cut && !said.withheld && !said.thought;
    const [whole] = empty ? await this.exchange([request], options, [], signal) : [said];
    return firstLine(completionOf(whole));
  }

  /** Asks in the form that the server takes, until it answers. @throws Refusal when it takes none */
  private async exchange(
    requests: readonly CompletionRequest[],
    options: CompletionOptions,
    stop: readonly string[],
    signal: AbortSignal | undefined,
    first = false,
  ): Promise<Said[]> {
    const one = requests.length === 1;
    const { name, key } = this.client.address;
    const about = { server: name, key, maxTokens: options.maxTokens };
    for (;;) {
      const asked =
        this.api === 'chat'
          ? { messages: this.dialect.messages(requests[0].prompt) }
          : { prompt: one ? promptText(requests[0].prompt) : requests.map(({ prompt }) => promptText(prompt)) };
      const fields = this.dialect.fields(this.api, options, one ? requests[0].seed : undefined, stop);
      const body = { model: this.served.name, ...asked, ...fields };
      const action = async (s: AbortSignal) => {
        const answer = await this.post(body, s);
        try {
          return readAnswer(answer, this.api, requests.length, about);
        } catch (e) {
          // One that has answered well has a bad moment, as gateways have; a few more tries tell.
          if (e instanceof Unreadable && !first)
            throw new Transient('garbage', `its answer cannot be read: ${e.place}`, { lasting: true });
          throw e;
        }
      };
      try {
        const { said, usage, model } = await (first
          ? askSoon(this.server, action, signal)
          : this.server.ask(action, signal));
        if (model !== undefined && model !== (this.answered ??= model))
          throw otherModel(name, `it answers as ${oneLine(model)}`, `as ${this.model}`);
        this.count(requests, said, usage);
        this.lookAtSilence(said);
        if (one) this.lookAtLength(said[0], usage, options.maxTokens);
        return said;
      } catch (e) {
        if (!(e instanceof Refusal && this.dialect.learn(e, fields, this.api))) throw e;
      }
    }
  }

  /** One request as it is. A server that was away is first asked what it serves now. */
  private async post(body: object, signal: AbortSignal): Promise<unknown> {
    try {
      if (this.away) await stillServed(this.client, this.served, signal);
      this.away = false;
      return await this.client.post(this.api, body, signal);
    } catch (e) {
      if (e instanceof Transient && AWAY.test(e.reason)) this.away = true;
      throw e;
    }
  }

  private count(requests: readonly CompletionRequest[], said: readonly Said[], usage: Usage | undefined): void {
    const prompts = requests.map(({ prompt }) => promptText(prompt));
    const letters = prompts.reduce((sum, text) => sum + text.length, 0);
    if (usage && prompts.length === 1) this.tokensPerLetter ??= usage.promptTokens / letters;
    // About four letters a token in English.
    const tokens = (texts: readonly string[]) => texts.reduce((sum, text) => sum + Math.ceil(text.length / 4), 0);
    const found = usage && plausibleUsage(usage, prompts.length, (this.tokensPerLetter ?? 0.25) * letters);
    this.usage.promptTokens += found?.promptTokens ?? tokens(prompts);
    this.usage.completionTokens += found?.completionTokens ?? tokens(said.map(({ text }) => text));
  }

  /** No text is what rejected captions are told as, and why there is none is known only here. */
  private lookAtSilence(said: readonly Said[]): void {
    const instead = said.find((one) => one.instead)?.instead;
    if (!instead || this.warnedOfSilence) return;
    this.warnedOfSilence = true;
    this.warn?.(
      `${this.client.address.name} answers with ${instead}; such answers are no captions, and asked for again`,
    );
  }

  /** An answer that ends for its length before it has it was ended by something else than what was asked for. */
  private lookAtLength(said: Said, usage: Usage | undefined, maxTokens: number): void {
    const tokens = usage?.completionTokens ?? Number.POSITIVE_INFINITY;
    if (!said.cut || tokens >= maxTokens) return;
    said.full = true;
    if (this.warnedOfContext) return;
    this.warnedOfContext = true;
    this.warn?.(
      `${this.client.address.name} ended an answer after ${tokens} of ${maxTokens} tokens: its context is full, or it has a limit of its own; start it with a larger context (llama.cpp: --ctx-size, which all --parallel slots share)`,
    );
  }
}

const completionOf = ({ text, cut, full }: Said): Completion => ({ text, cut, ...(full ? { full } : {}) });
