import {
  type ChatMessage,
  type CompletionOptions,
  type Prompt,
  promptMessages,
  withoutSystem,
} from '../language-model.js';
import type { Api, Refusal } from './openai-client.js';

/** Fields of a request, besides what is asked. */
export type Fields = Record<string, unknown>;
type Sampling = Pick<CompletionOptions, 'maxTokens' | 'temperature' | 'topP'>;

/** How servers say that they don't know a field: OpenAI, Azure, vLLM and FastAPI, Anthropic, LM Studio. */
const UNKNOWN =
  /unsupported|(not|n't) support|unrecogni[sz]ed|unknown|unexpected|extra (inputs|fields|_forbidden)|extra_forbidden|not (permitted|allowed|recognized)|cannot (both )?be (both )?(specified|used|set)/i;

/** How chat templates without a system role say so: Gemma, Mistral, OpenAI's first reasoning models. */
const NO_SYSTEM =
  /\bsystem\b(?:(?!\bsystem\b).)*\b(?:role|message|prompt)|\brole\b(?:(?!\brole\b).)*\bsystem\b|roles must alternate/i;

/**
 * Which fields a server takes. All that is asked for is sent until the server refuses one; that one is then left out for good.
 */
export class Dialect {
  private readonly refused = new Set<string>();
  /** Newer hosted models take only the second name. */
  private limit: 'max_tokens' | 'max_completion_tokens' = 'max_tokens';
  /** The instruction may stand as a message of its own. */
  private system = true;
  private readonly warn: (line: string) => void;
  private readonly name: string;

  /** @param name of the server, for messages */
  constructor(name: string, warn: (line: string) => void = () => {}) {
    this.name = name;
    this.warn = warn;
  }

  /** Whether a caption's seed has a meaning for the server. */
  get seeded(): boolean {
    return !this.refused.has('seed');
  }

  /** A prompt as a conversation. */
  messages(prompt: Prompt): ChatMessage[] {
    const messages = promptMessages(prompt);
    return this.system ? messages : withoutSystem(messages);
  }

  /** @param seed left out for several prompts at once; @param stop texts that end the answer */
  fields(api: Api, sampling: Sampling, seed: number | undefined, stop: readonly string[]): Fields {
    const all: Fields = { temperature: sampling.temperature, top_p: sampling.topP };
    if (seed !== undefined) all.seed = seed;
    if (stop.length > 0) all.stop = stop;
    for (const name of this.refused) delete all[name];
    all[api === 'chat' ? this.limit : 'max_tokens'] = sampling.maxTokens;
    return all;
  }

  /**
   * Learns from a refusal.
   * @param sent what was refused
   * @returns whether the same is now asked in another form
   */
  learn(refusal: Refusal, sent: Fields, api: Api): boolean {
    if (api === 'chat' && NO_SYSTEM.test(refusal.message) && this.system) {
      this.system = false;
      return true;
    }
    const about = this.namesIn(refusal, sent);
    for (const name of about) {
      if (name === 'max_tokens') this.limit = 'max_completion_tokens';
      else if (!this.refused.has(name)) {
        this.refused.add(name);
        if (name === 'seed' && sent.temperature !== 0)
          this.warn(`${this.name} takes no seed: the same captions cannot be had from it again`);
        if (name === 'temperature' || name === 'top_p')
          this.warn(`${this.name} takes no ${name}: captions are sampled by its own`);
      }
    }
    return about.some((name) => name !== 'max_tokens' || api === 'chat');
  }

  /** Fields of the request that the refusal is about. */
  private namesIn({ status, message, param }: Refusal, sent: Fields): string[] {
    if ((status !== 400 && status !== 422) || !UNKNOWN.test(message)) return [];
    const names = ['seed', 'stop', 'top_p', 'temperature', 'max_tokens'].filter((name) => name in sent);
    if (param !== undefined && names.includes(param)) return [param];
    const found = names.filter((name) => new RegExp(`\\b${name}\\b`).test(message));
    // `temperature` and `top_p` cannot both be specified: one of them can.
    return found.includes('top_p') && found.includes('temperature') && /both/i.test(message) ? ['top_p'] : found;
  }
}
