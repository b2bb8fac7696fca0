/** A few-shot prompt (paper, section 3.1): what is asked, examples, and what is to be completed. */
export interface Prompt {
  instruction: string;
  /** E.g. `otter =>` and its caption. */
  demonstrations: readonly { left: string; right: string }[];
  left: string;
}

/** A model's answer: raw text as it came, and whether a token limit cut it off. */
export interface Completion {
  text: string;
  cut: boolean;
  /** Cut before it had all the tokens that it was to have: the model's context was full, or its server has a limit of its own. */
  full?: boolean;
}

/** Tokens asked and answered so far; estimates where a server does not say. */
export interface Usage {
  promptTokens: number;
  completionTokens: number;
}

export interface CompletionRequest {
  prompt: Prompt;
  /** 31 bits; the same request with the same seed gives the same text, where the model's server can promise it. */
  seed: number;
}

export interface CompletionOptions {
  signal?: AbortSignal;
  /** Stop at the first line feed (captions); false for lists (backgrounds). */
  line: boolean;
  maxTokens: number;
  temperature: number;
  topP: number;
}

/** A language model, in process or behind a server. */
export interface LanguageModel {
  /** Its kind, as `captions.writer` names it. */
  readonly name: string;
  /** What is recorded of it: its name on the server, or file name and digest. */
  readonly model: string;
  /** Requests that it likes to have in hand at once. */
  readonly inFlight: number;
  /** Of a server: what it says that it writes with, by setting, e.g. `captions.model (resolved)`; part of what captions depend on. */
  readonly resolved?: Readonly<Record<string, unknown>>;
  readonly usage: Usage;
  /**
   * One completion a request, in order.
   * @throws Interrupted when the signal is aborted
   * @throws UserError for what the user must mend
   */
  complete(requests: readonly CompletionRequest[], options: CompletionOptions): Promise<Completion[]>;
  close(): Promise<void>;
}

/** A prompt as plain text, for models that continue text. */
export function promptText({ instruction, demonstrations, left }: Prompt): string {
  return [instruction, '', ...demonstrations.map((d) => `${d.left} ${d.right}`), left].join('\n');
}

export interface ChatMessage {
  role: 'system' | 'user' | 'assistant';
  content: string;
}

/** A prompt as a conversation, for models that answer: the instruction, then the demonstrations as if answered before. */
export function promptMessages({ instruction, demonstrations, left }: Prompt): ChatMessage[] {
  return [
    { role: 'system', content: `${instruction} Answer with what comes after the arrow, and nothing else.` },
    ...demonstrations.flatMap((d): ChatMessage[] => [
      { role: 'user', content: d.left },
      { role: 'assistant', content: d.right },
    ]),
    { role: 'user', content: left },
  ];
}

/** The same conversation for models whose template knows no system role: the instruction opens the first question. */
export function withoutSystem([system, question, ...rest]: readonly ChatMessage[]): ChatMessage[] {
  return [{ role: 'user', content: `${system.content}\n\n${question.content}` }, ...rest];
}
