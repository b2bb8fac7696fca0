import { closest } from '../../config/suggest.js';
import { UserError } from '../../errors.js';
import { type RemoteServer, Transient } from '../../net/remote-server.js';
import { type OpenAiClient, Refusal } from './openai-client.js';

/** A server that is there says what it serves within this time, milliseconds. */
const PROMPT = 15_000;
/** Names shown in a message. */
const SHOWN = 12;

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
): Promise<string> {
  const { name } = client.address;
  const listed = await listedModels(client, server, signal);
  if (wanted) {
    if (listed === undefined || listed.length === 0 || listed.some((id) => means(wanted, id))) return wanted;
    const near = closest(wanted, listed);
    throw new UserError(
      near.length > 0
        ? `captions.model: ${name} does not serve "${wanted}"; did you mean ${near.join(' or ')}?`
        : `captions.model: ${name} does not serve "${wanted}"; it serves ${shown(listed)}`,
    );
  }
  const choices = (listed ?? []).filter((id) => !/embed/i.test(id));
  if (choices.length === 1) return choices[0];
  if (choices.length === 0) throw new UserError(`${name} lists no models: say which one to ask with captions.model`);
  throw new UserError(`${name} serves several models: choose one with captions.model: ${shown(choices)}`);
}

/** Ollama's names end in a tag that may be left out; gateways take variants, as in `model:free`, that they do not list. */
function means(wanted: string, id: string): boolean {
  return id === wanted || id === `${wanted}:latest` || id === wanted.slice(0, wanted.lastIndexOf(':'));
}

function shown(ids: readonly string[]): string {
  return ids.length > SHOWN ? `${ids.slice(0, SHOWN).join(', ')} and ${ids.length - SHOWN} more` : ids.join(', ');
}

/** What the server lists; undefined if it has no list. */
async function listedModels(client: OpenAiClient, server: RemoteServer, signal?: AbortSignal) {
  const { name } = client.address;
  const hint = 'start it, or say where it is with runtime.writer.url';
  let garbled = 0;
  const action = async (s: AbortSignal) => {
    const late = AbortSignal.timeout(PROMPT);
    try {
      return idsOf(await client.models(AbortSignal.any([s, late])));
    } catch (e) {
      if (e instanceof Refusal && [403, 404, 405, 501].includes(e.status)) return undefined;
      if (s.aborted) throw e;
      if (late.aborted) throw new UserError(`${name} does not answer within ${PROMPT / 1000} s: ${hint}`);
      // At the beginning, a server that is not there is news, and a loading or busy one (503, 429) is not.
      if (e instanceof Transient && e.reason === 'connection')
        throw new UserError(`${name} cannot be reached (${e.message}): ${hint}`);
      if (e instanceof Transient && e.reason === 'garbage' && ++garbled === 3)
        throw new UserError(`${name} does not speak OpenAI's API (${e.message}): check runtime.writer.url`);
      throw e;
    }
  };
  try {
    return await server.ask(action, signal);
  } catch (e) {
    throw e instanceof Refusal ? e.user : e;
  }
}

/** Names in a list of models, in OpenAI's form. */
function idsOf(answer: unknown): string[] | undefined {
  const data = (answer as { data?: unknown } | null | undefined)?.data ?? answer;
  if (!Array.isArray(data)) return undefined;
  return data.flatMap((entry: { id?: unknown } | null) => (typeof entry?.id === 'string' ? entry.id : []));
}
