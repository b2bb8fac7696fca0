import { UserError } from '../../errors.js';
import { withoutThoughts } from '../first-line.js';
import type { Completion, Usage } from '../language-model.js';
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
}

type Json = Record<string, unknown>;
const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Answers to `count` prompts, in their order.
 * @throws Transient when the answer is not of the API's form
 * @throws Refusal when the server took several prompts for one
 */
export function readAnswer(answer: unknown, api: Api, count: number, key?: string): { said: Said[]; usage?: Usage } {
  // llama.cpp answers several prompts with as many answers.
  if (Array.isArray(answer) && answer.length === count && count > 1) {
    const each = answer.map((a) => readAnswer(a, api, 1, key));
    const usages = each.flatMap(({ usage }) => usage ?? []);
    const sum = (pick: (u: Usage) => number) => usages.reduce((total, u) => total + pick(u), 0);
    return {
      said: each.map(({ said }) => said[0]),
      usage:
        usages.length === count
          ? { promptTokens: sum((u) => u.promptTokens), completionTokens: sum((u) => u.completionTokens) }
          : undefined,
    };
  }
  if (!isObject(answer)) throw garbage('is no object', JSON.stringify(answer) ?? 'nothing', key);
  const choices = answer.choices;
  if (!Array.isArray(choices) || choices.length === 0)
    throw garbage('has no choices', complaint(answer) ?? JSON.stringify(answer), key);
  if (count > 1 && choices.length === 1)
    throw new Refusal(200, 'one answer to several prompts', new UserError('internal: several prompts in one request'));
  if (choices.length !== count) throw garbage(`has ${choices.length} choices, not ${count}`, '', key);
  const said: Said[] = [];
  for (const [i, choice] of choices.entries()) {
    if (!isObject(choice)) throw garbage('has a choice that is no object', JSON.stringify(choice), key);
    const index = count === 1 ? 0 : (choice.index ?? i);
    if (!Number.isInteger(index) || said[index as number] !== undefined || !((index as number) < count))
      throw garbage('has choices that are not numbered', '', key);
    said[index as number] = readChoice(choice, api, key);
  }
  // Hosted models keep their thoughts to themselves, and count them.
  if (isObject(answer.usage) && isObject(answer.usage.completion_tokens_details))
    if (Number(answer.usage.completion_tokens_details.reasoning_tokens) > 0) for (const one of said) one.thought = true;
  return { said, usage: readUsage(answer.usage) };
}

function readChoice(choice: Json, api: Api, key: string | undefined): Said {
  const holder = api === 'chat' ? choice.message : choice;
  if (!isObject(holder)) throw garbage('has a choice without message', JSON.stringify(choice), key);
  const reasoning = holder.reasoning_content ?? holder.reasoning;
  const thinks = typeof reasoning === 'string' && reasoning.trim() !== '';
  let raw = api === 'chat' ? holder.content : holder.text;
  // All tokens went into thinking, or the model declined.
  if ((raw === null || raw === undefined) && (reasoning != null || typeof holder.refusal === 'string' || raw === null))
    raw = '';
  if (typeof raw !== 'string') throw garbage('has a choice without text', JSON.stringify(choice), key);
  const withheld = choice.finish_reason === 'content_filter';
  const text = withheld ? '' : withoutThoughts(raw);
  return { text, cut: choice.finish_reason === 'length', withheld, thought: thinks || text !== raw };
}

/** The first line that holds something, as a stop at the line feed would have left it. */
export function firstLine({ text, cut }: Completion): Completion {
  const [line] = /[^\r\n]*\S[^\r\n]*/.exec(text) ?? [''];
  const after = text.slice(text.indexOf(line) + line.length);
  return { text: line, cut: cut && !/[\r\n]/.test(after) };
}

function readUsage(usage: unknown): Usage | undefined {
  if (!isObject(usage)) return undefined;
  const { prompt_tokens: prompt, completion_tokens: completion } = usage;
  if (!Number.isFinite(prompt) || !Number.isFinite(completion)) return undefined;
  return { promptTokens: prompt as number, completionTokens: completion as number };
}

/** What a server says in an answer that is no error by its status. */
function complaint({ error, message }: Json): string | undefined {
  const found = isObject(error) ? error.message : (error ?? message);
  return typeof found === 'string' ? found : undefined;
}
