import { z } from 'zod';
import { backgroundLists } from '../concepts/background-file.js';
import { usualBackgrounds } from '../concepts/bank.js';
import type { Concept } from '../concepts/concept.js';
import { plainName } from '../concepts/plain-name.js';
import { Interrupted, UserError } from '../errors.js';

import { type FileKind, refuseForeignFile, removeOfKind } from '../files/replace.js';
import { removeTemporariesOf } from '../files/temporary.js';
import { writeFileAtomic } from '../files/write.js';
import { checked, readJson } from '../formats/json.js';
import { begins, JsonlWriter, readJsonl } from '../formats/jsonl.js';
import { Rng } from '../rng.js';
import type { StageHooks } from '../stage.js';
import { parseBackgrounds } from './background-answers.js';
import { backgroundPrompt } from './background-prompt.js';
import type { CompletionRequest, LanguageModel } from './language-model.js';

/**
 * Asks a language model for plausible backgrounds of every concept (paper, section 3.1) and writes them as one JSON object
 * concept → list, the authors' format. Finished concepts are noted in a journal beside the file, so that a killed run goes on where it was.
 */

/** Fewer usable backgrounds than this, and the concept is asked for again. */
const FEWEST = 3;
const ATTEMPTS = 3;
/** Tokens that a background of a few words takes with its comma, and a preamble: more than enough. */
const TOKENS = { each: 8, more: 40 };

export interface BackgroundsOptions {
  /** Objects to ask for, each name once, in the order of the file. */
  concepts: readonly Concept[];
  model: LanguageModel;
  /** Where the backgrounds go; concepts that are in it already are not asked for. */
  file: string;
  /** Backgrounds a concept. */
  each: number;
  seed: number;
  temperature: number;
  topP: number;
  hooks: StageHooks;
}

export interface BackgroundsDone {
  /** Concepts of the file that were asked for, in this run or before an interruption. */
  asked: number;
  /** Concepts that the file had before. */
  kept: number;
  /** Concepts with too few usable answers, whose list was filled up from the built-in ones. */
  filled: number;
  /** Backgrounds of the concepts asked for. */
  backgrounds: number;
}

interface Answered {
  concept: string;
  backgrounds: string[];
  filled: boolean;
}

const JOURNAL: FileKind = {
  what: 'a journal of backgrounds that synclr wrote',
  isOurs: (head) => begins(head, '{"model":"'),
};
const rowSchema = z.record(z.string(), z.unknown());
const answeredSchema: z.ZodType<Answered> = z.object({
  concept: z.string(),
  backgrounds: z.array(z.string()),
  filled: z.boolean(),
});

/** What a journal was begun with: answers to other questions must not mix. */
type Terms = { model: string } & Pick<BackgroundsOptions, 'each' | 'seed' | 'temperature' | 'topP'>;

/** The concepts to ask for: objects of training and held out, each name once. */
export function conceptsToAsk(bank: { concepts: readonly Concept[]; heldOut: readonly Concept[] }): Concept[] {
  const byName = new Map<string, Concept>();
  for (const concept of [...bank.concepts, ...bank.heldOut]) {
    const key = keyOf(concept.name);
    if (concept.kind === 'object' && !byName.has(key)) byName.set(key, concept);
  }
  return [...byName.values()];
}

/** Those of the concepts that a file says nothing of yet. @throws UserError for a file that is none of backgrounds */
export async function conceptsLeft(concepts: readonly Concept[], file: string): Promise<Concept[]> {
  const before = await existing(file);
  return concepts.filter((c) => !before.has(c.name.toLowerCase()));
}

/**
 * Asks, and writes the file when all have been answered. With a model that answers the same request the same way, the file is the same
 * byte for byte however often the run was interrupted.
 * @throws Interrupted when asked to stop; the answers so far are kept
 * @throws UserError for a file that is none of backgrounds, or a journal begun with another model or other settings
 */
export async function askBackgrounds(o: BackgroundsOptions): Promise<BackgroundsDone> {
  const before = await existing(o.file);
  const wanted = o.concepts.filter((c) => !before.has(keyOf(c.name)));
  const kept = o.concepts.length - wanted.length;
  const answers = new Map<string, Answered>();
  if (wanted.length > 0) {
    const journal = `${o.file}.journal`;
    const terms: Terms = {
      model: `${o.model.name} ${o.model.model}`,
      each: o.each,
      seed: o.seed,
      temperature: o.temperature,
      topP: o.topP,
    };
    const names = new Set(wanted.map((c) => c.name));
    for (const answer of await readJournal(journal, terms))
      if (names.has(answer.concept)) answers.set(answer.concept, answer);
    await ask(
      wanted.filter((c) => !answers.has(c.name)),
      o,
      await openJournal(journal, terms),
      answers,
      wanted.length,
    );
  }
  const all: [string, readonly string[]][] = [];
  for (const { name } of o.concepts) {
    const old = before.get(keyOf(name));
    all.push([old?.name ?? name, old?.list ?? answers.get(name)!.backgrounds]);
    before.delete(keyOf(name));
  }
  for (const { name, list } of before.values()) all.push([name, list]);
  const lines = all.map(([name, list]) => `${JSON.stringify(name)}: ${JSON.stringify(list)}`);
  if (wanted.length > 0) await writeFileAtomic(o.file, `{\n${lines.join(',\n')}\n}\n`);
  // Only now: a kill before this line leaves a journal that says what the file says.
  const journal = `${o.file}.journal`;
  await removeOfKind(journal, JOURNAL);
  await removeTemporariesOf(o.file);
  const asked = wanted.map((c) => answers.get(c.name)!);
  return {
    asked: wanted.length,
    kept,
    filled: asked.filter((a) => a.filled).length,
    backgrounds: asked.reduce((sum, a) => sum + a.backgrounds.length, 0),
  };
}

const keyOf = (name: string): string => plainName(name).toLowerCase();

/** The file's lists by name in lower case, of names that differ in nothing else one list; empty where there is no file. */
async function existing(file: string): Promise<Map<string, { name: string; list: readonly string[] }>> {
  let value: unknown;
  try {
    value = await readJson(file);
  } catch (e) {
    if (/ENOENT/.test((e as Error).message)) return new Map();
    throw e;
  }
  backgroundLists(value, file);
  const found = new Map<string, { name: string; list: readonly string[] }>();
  for (const [name, list] of Object.entries(value as Record<string, string[]>)) {
    if (list.length === 0) continue;
    const twin = found.get(keyOf(name));
    found.set(keyOf(name), twin ? { ...twin, list: [...new Set([...twin.list, ...list])] } : { name, list });
  }
  return found;
}

async function readJournal(journal: string, terms: Terms): Promise<Answered[]> {
  await refuseForeignFile(journal, JOURNAL);
  let rows: Record<string, unknown>[];
  try {
    rows = await readJsonl(journal, rowSchema);
  } catch (e) {
    if ((e as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw e;
  }
  const [begun, ...answers] = rows;
  if (begun === undefined) return [];
  const other = (Object.keys(terms) as (keyof Terms)[]).filter((key) => begun[key] !== terms[key]);
  if (other.length > 0) {
    const shown = other.map((key) => `${key} (${begun[key]} there, ${terms[key]} now)`).join(', ');
    throw new UserError(
      `${journal} was begun with other settings: ${shown}; go back to those, or delete it to begin anew`,
    );
  }
  return answers.map((row, i) => checked(row, answeredSchema, `${journal}: answer ${i + 1}`));
}

async function openJournal(journal: string, terms: Terms): Promise<JsonlWriter> {
  const writer = await JsonlWriter.open(journal, JOURNAL);
  const rows = await readJsonl(journal, rowSchema);
  if (rows.length === 0) await writer.write(terms);
  return writer;
}

/** A concept in hand. */
interface Question {
  concept: Concept;
  attempt: number;
  found: string[];
}

/** Asks for many at once; those with too few answers go first into the next round. */
async function ask(
  concepts: readonly Concept[],
  o: BackgroundsOptions,
  journal: JsonlWriter,
  answers: Map<string, Answered>,
  total: number,
): Promise<void> {
  const { model, hooks } = o;
  const batch = Math.max(1, 4 * model.inFlight);
  const report = () => hooks.progress({ stage: 'backgrounds', done: answers.size, total, unit: 'concepts' });
  let next = 0;
  let again: Question[] = [];
  try {
    report();
    while (next < concepts.length || again.length > 0) {
      if (hooks.signal.aborted)
        throw new Interrupted(
          `stopped: ${answers.size} of ${total} concepts have backgrounds; the same command continues`,
        );
      const fresh = concepts.slice(next, next + Math.max(0, batch - again.length));
      next += fresh.length;
      const round = [...again, ...fresh.map((concept): Question => ({ concept, attempt: 0, found: [] }))];
      again = [];
      await complete(round, o);
      for (const q of round) {
        if (q.found.length < FEWEST && q.attempt + 1 < ATTEMPTS) {
          again.push({ ...q, attempt: q.attempt + 1 });
          continue;
        }
        const answer = answered(q, o);
        await journal.write(answer);
        answers.set(answer.concept, answer);
      }
      await journal.flush();
      report();
    }
  } finally {
    await journal.close();
  }
}

/** One round: a line each at first, as the demonstrations have it; a model that then says little may like to write a list. */
async function complete(round: readonly Question[], o: BackgroundsOptions): Promise<void> {
  for (const line of [true, false]) {
    const questions = round.filter((q) => (q.attempt === 0) === line);
    if (questions.length === 0) continue;
    const requests = questions.map(({ concept, attempt }): CompletionRequest => {
      const seed = Rng.of(o.seed, 'backgrounds', concept.name, attempt).u32() >>> 1;
      return { prompt: backgroundPrompt(concept.name, o.each, seed), seed };
    });
    const completions = await o.model.complete(requests, {
      signal: o.hooks.signal,
      line,
      maxTokens: TOKENS.each * o.each + TOKENS.more,
      temperature: o.temperature,
      topP: o.topP,
    });
    if (completions.length !== requests.length)
      throw new Error(
        `internal: ${o.model.name} gave ${completions.length} completions for ${requests.length} requests`,
      );
    questions.forEach((q, i) => {
      q.found = [...new Set([...q.found, ...parseBackgrounds(completions[i], q.concept.name)])];
    });
  }
}

function answered({ concept, found }: Question, o: BackgroundsOptions): Answered {
  if (found.length >= FEWEST) return { concept: concept.name, backgrounds: found.slice(0, o.each), filled: false };
  const usual = Rng.of(o.seed, 'usual backgrounds', concept.name).shuffle(
    usualBackgrounds(concept.sort).map((b) => b.name),
  );
  const all = [...new Set([...found, ...usual])];
  return { concept: concept.name, backgrounds: all.slice(0, Math.max(o.each, FEWEST)), filled: true };
}

/** Tokens that asking once will take, about: a token is some four characters of English. */
export function backgroundTokens(concepts: number, each: number): { prompt: number; completion: number } {
  const { instruction, demonstrations } = backgroundPrompt('some concept', each, 0);
  const text = [instruction, ...demonstrations.map((d) => d.left + d.right)].join('\n');
  return { prompt: Math.round((concepts * text.length) / 4), completion: Math.round(concepts * each * 4) };
}
