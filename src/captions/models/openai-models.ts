import { z } from 'zod';
import { closest } from '../../config/suggest.js';
import { UserError } from '../../errors.js';
import { type RemoteServer, Transient } from '../../net/remote-server.js';
import { MOST_NAME, oneLine } from '../../printable.js';
import { type OpenAiClient, Refusal } from './openai-client.js';
import { askSoon, Failing } from './openai-opening.js';

/** A server that is there says what it serves within this time, milliseconds. */
const PROMPT = 15_000;
/** Names shown in a message. */
const SHOWN = 12;

/** A model that a server lists. */
export interface Listed {
  id: string;
  /** Parameters and bytes of its weights, where the server says so (llama.cpp): the same name can hide another file. */
  weights?: string;
}

/** A model to be asked, as it was listed; without `listed`, its server had no list or not this name in it. */
export interface Served {
  name: string;
  listed?: Listed;
}

/**
 * The model to ask: `wanted`, if the server lists it or has no list; or the only one that is listed.
 * @throws UserError when there is no such server or model, or none is named and there are several
 * @throws Interrupted when the signal is aborted
 */
export async function servedModel(
  client: OpenAiClient,
  server: RemoteServer,
  wanted: string,
  signal?: AbortSignal,
): Promise<Served> {
  const { name } = client.address;
  const listed = await listedModels(client, server, wanted, signal);
  if (wanted) {
    const found = listed?.find(({ id }) => means(wanted, id));
    if (listed === undefined || listed.length === 0 || found) return { name: wanted, listed: found };
    const ids = listed.map(({ id }) => id);
    const near = closest(wanted, ids);
    throw new UserError(
      near.length > 0
        ? `captions.model: ${name} does not serve "${wanted}"; did you mean ${near.join(' or ')}?`
        : `captions.model: ${name} does not serve "${wanted}"; it serves ${shown(ids)}`,
    );
  }
  const choices = (listed ?? []).filter(({ id }) => !/embed/i.test(id));
  if (choices.length === 1) return { name: choices[0].id, listed: choices[0] };
  if (choices.length === 0) throw new UserError(`${name} lists no models: say which one to ask with captions.model`);
  throw new UserError(
    `${name} serves several models: choose one with captions.model: ${shown(choices.map(({ id }) => id))}`,
  );
}

/**
 * Asks a server that was away whether it still serves what it served before: a restart is when models change.
 * @throws UserError when it does not
 * @throws Transient when it is still away
 */
export async function stillServed(client: OpenAiClient, { listed }: Served, signal: AbortSignal): Promise<void> {
  if (!listed) return;
  let now: Listed[] | undefined;
  try {
    now = listOf(await client.models(signal));
  } catch (e) {
    if (e instanceof Refusal) return;
    throw e;
  }
  if (!now || now.length === 0) return;
  const same = now.find(({ id }) => id === listed.id);
  if (same && same.weights === listed.weights) return;
  throw otherModel(
    client.address.name,
    same ? `${listed.id} of ${same.weights}` : `serves ${shown(now.map(({ id }) => id))}`,
    same ? `${listed.id} of ${listed.weights}` : `served ${listed.id}`,
  );
}

/** That another model answers than did. @param now, before: what the server serves, or answers as */
export function otherModel(name: string, now: string, before: string): UserError {
  return new UserError(
    `${name} has another model than before: now ${now}, then ${before}; what is finished is kept: start it with the old model, then run the same command again, or begin anew in another folder (--out)`,
  );
}

/** Ollama's names end in a tag that may be left out; gateways take variants, as in `model:free`, that they do not list. */
function means(wanted: string, id: string): boolean {
  return id === wanted || id === `${wanted}:latest` || id === wanted.slice(0, wanted.lastIndexOf(':'));
}

function shown(ids: readonly string[]): string {
  const names = ids.slice(0, SHOWN).map(oneLine).join(', ');
  return ids.length > SHOWN ? `${names} and ${ids.length - SHOWN} more` : names;
}

/** What the server lists; undefined if it has no list, or none that can be had while it is not needed. */
async function listedModels(client: OpenAiClient, server: RemoteServer, wanted: string, signal?: AbortSignal) {
  const { name } = client.address;
  const hint = 'start it, or say where it is with runtime.writer.url';
  const action = async (s: AbortSignal) => {
    const late = AbortSignal.timeout(PROMPT);
    try {
      return listOf(await client.models(AbortSignal.any([s, late])));
    } catch (e) {
      if (e instanceof Refusal && [403, 404, 405, 501].includes(e.status)) return undefined;
      if (s.aborted) throw e;
      if (late.aborted) throw new UserError(`${name} does not answer within ${PROMPT / 1000} s: ${hint}`);
      // At the beginning, a server that is not there is news, and a loading or busy one (503, 429) is not.
      if (e instanceof Transient && e.reason === 'connection')
        throw new UserError(`${name} cannot be reached (${e.message}): ${hint}`);
      throw e;
    }
  };
  try {
    return await askSoon(server, action, signal);
  } catch (e) {
    if (e instanceof Refusal) throw e.user;
    if (!(e instanceof Failing)) throw e;
    // The list is for those who name no model; the first question shows whether there is this one.
    if (wanted) return undefined;
    throw new UserError(
      e.reason === 'garbage'
        ? `${name} does not speak OpenAI's API (${e.message}): check runtime.writer.url`
        : `${name} does not say which models it has (${e.message}): name one with captions.model, or mend the server`,
    );
  }
}

const ENTRY = z.looseObject({
  id: z.string().min(1).max(MOST_NAME),
  meta: z.looseObject({ n_params: z.number(), size: z.number() }).nullish().catch(undefined),
});
/** OpenAI's form, and that of servers that leave the envelope out. */
const LIST = z.union([
  z.looseObject({ data: z.array(z.unknown()) }).transform(({ data }) => data),
  z.array(z.unknown()),
]);

/** Models in a list; undefined where it is none. */
function listOf(answer: unknown): Listed[] | undefined {
  return LIST.safeParse(answer).data?.flatMap((value): Listed[] => {
    const { data } = ENTRY.safeParse(value);
    if (!data) return [];
    const { id, meta } = data;
    return [{ id, ...(meta ? { weights: `${meta.n_params} parameters, ${meta.size} bytes` } : {}) }];
  });
}
