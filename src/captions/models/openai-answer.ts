import { z } from 'zod';
import { UserError } from '../../errors.js';
import { isObject } from '../../formats/json.js';
import { redact } from '../../net/complaint.js';
import { cutAtWord, MOST_NAME } from '../../printable.js';
import type { Completion, Usage } from '../language-model.js';
import { withoutThoughts } from '../thoughts.js';
import { type Api, garbage, Refusal } from './openai-client.js';

/** What a model said to one prompt. */
export interface Said {
  /** Without what it thought aloud. */
  text: string;
  /** Ended because it had its full number of tokens. */
  cut: boolean;
  /** It, or the server's filter, would not say it. */
  withheld: boolean;
  /** It thought before it answered. */
  thought: boolean;
  /** Cut before it had the tokens asked for. */
  full?: boolean;
  /** What came in place of text, where none did: for a message. */
  instead?: string;
}

/** What one request was answered. */
export interface Answer {
  /** In the order of the prompts. */
  said: Said[];
  usage?: Usage;
  /** Which model answered, where the server says so. */
  model?: string;
}

/** What a reader needs to know beside the answer. */
export interface Asked {
  /** For messages: `the writer at http://…`. */
  server?: string;
  /** Never shown. */
  key?: string;
  /** Tokens that were asked for. */
  maxTokens?: number;
}

/** An answer that is whole, and of a form that is not known: of a server that never gave another, the next will be the same. */
export class Unreadable extends UserError {
  /** What is wrong where. */
  readonly place: string;

  constructor(server: string, place: string) {
    super(
      `${server} answers in a form that cannot be read (${place}): check runtime.writer.url and captions.api, or ask another server`,
    );
    this.place = place;
  }
}

/** Characters kept for each token asked for: words have five, and blanks and other scripts need no more than this. */
const PER_TOKEN = 16;

const TEXT = z.union([z.string(), z.object({ value: z.string() }).transform(({ value }) => value)]);
const PART = z.union([
  z.string().transform((text) => ({ type: 'text', text, refusal: undefined })),
  z.looseObject({ type: z.string().default('text'), text: TEXT.nullish(), refusal: z.string().nullish() }),
]);
const CONTENT = z.union([z.string(), z.array(PART)], { error: 'neither text nor a list of parts' }).nullish();
const MESSAGE = z.looseObject(
  {
    content: CONTENT,
    refusal: z.string().nullish().catch(undefined),
    reasoning_content: z.unknown().optional(),
    reasoning: z.unknown().optional(),
    thinking: z.unknown().optional(),
    audio: z.unknown().optional(),
    tool_calls: z.unknown().optional(),
    function_call: z.unknown().optional(),
  },
  { error: 'no message' },
);
const CHOICE = z.looseObject(
  {
    index: z.number().int().nullish(),
    finish_reason: z.string().nullish().catch(undefined),
    message: z.unknown().optional(),
    text: z.unknown().optional(),
    error: z.unknown().optional(),
  },
  { error: 'no object' },
);
const COUNT = z.number().int().min(0);
const USAGE = z.object({
  prompt_tokens: COUNT,
  completion_tokens: COUNT,
  completion_tokens_details: z.looseObject({ reasoning_tokens: COUNT.nullish() }).nullish().catch(undefined),
});
const ANSWER = z.looseObject({
  choices: z.array(z.unknown()).min(1),
  // What is said beside the text is worth no caption.
  usage: USAGE.nullish().catch(undefined),
  model: z.string().nullish().catch(undefined),
});
const COMPLAINT = z.looseObject({
  error: z
    .union([z.string(), z.looseObject({ message: z.string() }).transform(({ message }) => message)])
    .optional()
    .catch(undefined),
  message: z.string().optional().catch(undefined),
});

/** Where other APIs have their text: Ollama's own, llama.cpp's own, Anthropic's, OpenAI's responses, TGI's own, Gemini's. */
const OTHER_APIS = ['response', 'content', 'output', 'generated_text', 'candidates'];
/** Types of parts that are what a model says. */
const SPOKEN = new Set(['text', 'output_text']);
/** Those that are what it thought before: Mistral, Anthropic's and OpenAI's forms. */
const THOUGHT = /think|reason|summary/;

/**
 * Answers to `count` prompts.
 * @throws Transient when it is no answer, as of a server in trouble, which may give one next time
 * @throws Unreadable when it is one whose form is not known
 * @throws Refusal when the server took several prompts for one
 */
export function readAnswer(answer: unknown, api: Api, count: number, asked: Asked = {}): Answer {
  const { key } = asked;
  // llama.cpp answered several prompts with as many answers.
  if (Array.isArray(answer) && answer.length === count && count > 1) {
    const each = answer.map((a) => readAnswer(a, api, 1, asked));
    const usages = each.flatMap(({ usage }) => usage ?? []);
    const sum = (pick: (u: Usage) => number) => usages.reduce((total, u) => total + pick(u), 0);
    return {
      said: each.map(({ said }) => said[0]),
      model: each[0].model,
      usage:
        usages.length === count
          ? { promptTokens: sum((u) => u.promptTokens), completionTokens: sum((u) => u.completionTokens) }
          : undefined,
    };
  }
  const found = ANSWER.safeParse(answer);
  if (!found.success) {
    const fields = isObject(answer) ? answer : undefined;
    const other = fields && !('choices' in fields) && OTHER_APIS.find((field) => Object.hasOwn(fields, field));
    if (other) throw unreadable(other, 'what another API answers with', shown(answer), asked);
    throw garbage(fields ? 'has no choices' : 'is no object', complaint(answer) ?? shown(answer), key);
  }
  const { choices, usage, model } = found.data;
  if (count > 1 && choices.length === 1)
    throw new Refusal(200, 'one answer to several prompts', new UserError('internal: several prompts in one request'));
  if (choices.length !== count) throw garbage(`has ${choices.length} choices, not ${count}`, '', key);
  const said: Said[] = [];
  for (const [i, value] of choices.entries()) {
    const choice = read(CHOICE, value, `choices.${i}`, asked);
    const index = count === 1 ? 0 : (choice.index ?? i);
    if (said[index] !== undefined || index < 0 || index >= count)
      throw garbage('has choices that are not numbered', '', key);
    // Gateways pass on what went wrong behind them.
    if (choice.error != null || choice.finish_reason === 'error')
      throw garbage('has an error in place of text', complaint(choice) ?? shown(choice.error), key);
    said[index] = readChoice(choice, `choices.${i}`, api, asked);
  }
  // Hosted models keep their thoughts to themselves, and count them.
  if ((usage?.completion_tokens_details?.reasoning_tokens ?? 0) > 0) for (const one of said) one.thought = true;
  return {
    said,
    model: model?.trim() ? cutAtWord(model, MOST_NAME) : undefined,
    usage: usage ? { promptTokens: usage.prompt_tokens, completionTokens: usage.completion_tokens } : undefined,
  };
}

function readChoice(choice: z.infer<typeof CHOICE>, place: string, api: Api, asked: Asked): Said {
  const withheld = choice.finish_reason === 'content_filter';
  let raw: string;
  let reasoned = false;
  let instead: string | undefined;
  if (api === 'chat') {
    const message = read(MESSAGE, choice.message, `${place}.message`, asked);
    const { content } = message;
    // DeepSeek's name and vLLM's, OpenRouter's, Ollama's.
    const reasoning = message.reasoning_content ?? message.reasoning ?? message.thinking;
    reasoned = typeof reasoning === 'string' ? reasoning.trim() !== '' : reasoning != null;
    if (Array.isArray(content)) {
      raw = content.map(({ type, text }) => (SPOKEN.has(type) ? (text ?? '') : '')).join('');
      reasoned ||= content.some(({ type }) => THOUGHT.test(type));
      const other = content.find(({ type }) => !SPOKEN.has(type) && !THOUGHT.test(type) && type !== 'refusal');
      if (raw === '' && other) throw unreadable(`${place}.message.content`, `a part of type ${other.type}`, '', asked);
    }
    // All tokens went into thinking, or the model declined.
    else raw = content ?? '';
    if (raw.trim() === '') instead = insteadOf(message, asked);
    if (instead === 'audio') throw unreadable(`${place}.message`, 'audio without text', '', asked);
  } else raw = read(z.string({ error: 'no text' }).nullable(), choice.text, `${place}.text`, asked) ?? '';
  const whole = withheld ? '' : withoutThoughts(raw);
  const most = PER_TOKEN * (asked.maxTokens ?? Number.POSITIVE_INFINITY);
  return {
    text: whole.slice(0, most),
    cut: choice.finish_reason === 'length' || whole.length > most,
    withheld,
    thought: reasoned || (!withheld && whole !== raw),
    ...(instead ? { instead } : {}),
  };
}

/** What a message without text has. */
function insteadOf(message: z.infer<typeof MESSAGE>, { key }: Asked): string | undefined {
  const { refusal, audio, content } = message;
  const declined = refusal ?? (Array.isArray(content) ? content.find((part) => part.refusal)?.refusal : undefined);
  if (declined) return `a refusal: ${cutAtWord(redact(declined.slice(0, 10_000), key).replace(/\s+/g, ' '), 80)}`;
  if (audio) return 'audio';
  const called = message.function_call ?? message.tool_calls;
  return called && !(Array.isArray(called) && called.length === 0)
    ? 'a call of a tool, though it was given none'
    : undefined;
}

/** A part of an answer, of a known form. @throws Unreadable naming the place that is of another */
function read<T>(schema: z.ZodType<T>, value: unknown, place: string, asked: Asked): T {
  const found = schema.safeParse(value);
  if (found.success) return found.data;
  const { path, message } = found.error.issues[0];
  const at = path.reduce<unknown>((v, name) => (v as Record<PropertyKey, unknown> | undefined)?.[name], value);
  throw unreadable([place, ...path].map(String).join('.'), message, shown(at), asked);
}

/** @param found what stands there, as JSON */
function unreadable(place: string, what: string, found: string, { server = 'the writer', key }: Asked): Unreadable {
  const start = cutAtWord(redact(found, key).replace(/\s+/g, ' '), 80);
  return new Unreadable(server, `${place} is ${what}${start ? `: ${start}` : ''}`);
}

/** The first line that holds something, as a stop at the line feed would have left it. */
export function firstLine({ text, cut, full }: Completion): Completion {
  const lines = text.split(/[\r\n]/);
  const found = lines.findIndex((one) => /\S/.test(one));
  const line = lines[found] ?? '';
  const ends = cut && (found < 0 ? lines.length === 1 : found === lines.length - 1);
  return { text: line, cut: ends, ...(ends && full ? { full } : {}) };
}

/** What a server says in an answer that is no error by its status. */
function complaint(answer: unknown): string | undefined {
  const { data } = COMPLAINT.safeParse(answer);
  return data?.error ?? data?.message;
}

/** The beginning of what was answered, as JSON. */
const shown = (value: unknown): string => (JSON.stringify(value) ?? '').slice(0, 10_000);
