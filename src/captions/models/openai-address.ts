import { UserError } from '../../errors.js';
import { shownUrl } from '../../net/complaint.js';
import { openAiPath } from '../../net/openai-path.js';
import type { WriterSettings } from '../writer-settings.js';

/** Where vLLM listens unless told otherwise. */
const LOCAL = 'http://127.0.0.1:8000/v1';
const HOSTED = 'https://api.openai.com/v1';

/** A server of OpenAI's API, as the settings and the environment name it. */
export interface Address {
  /** Base URL without query, ending in neither slash nor endpoint, e.g. `http://127.0.0.1:8000/v1`. */
  url: string;
  /** What stands after `?`, for services that want it in every request. */
  query: Record<string, string>;
  /** Never shown. */
  key: string | undefined;
  /** For messages: `the writer at http://127.0.0.1:8000/v1`. */
  name: string;
}

/**
 * The writer's server: `runtime.writer.url`, else OPENAI_BASE_URL; else OpenAI's own where a key is given, and vLLM's usual address where
 * none is. The key: `runtime.writer.key`, else OPENAI_API_KEY.
 * @throws UserError for an address or a key that cannot be one
 */
export function writerAddress({ runtime: { writer } }: WriterSettings, env: NodeJS.ProcessEnv = process.env): Address {
  const key = writer.key.trim() || env.OPENAI_API_KEY?.trim() || undefined;
  // In a header, anything else would be refused by a message that shows the key.
  if (key !== undefined && !/^[\x21-\x7e]+$/.test(key))
    throw new UserError(
      `${writer.key.trim() ? 'runtime.writer.key' : 'OPENAI_API_KEY'} holds characters that no key has: give the key alone`,
    );
  const [setting, text] = writer.url.trim()
    ? ['runtime.writer.url', writer.url.trim()]
    : env.OPENAI_BASE_URL?.trim()
      ? ['OPENAI_BASE_URL', env.OPENAI_BASE_URL.trim()]
      : ['runtime.writer.url', key === undefined ? LOCAL : HOSTED];
  const parsed = URL.canParse(text) ? new URL(text) : undefined;
  if (parsed === undefined || !/^https?:$/.test(parsed.protocol))
    throw new UserError(`${setting} is no address of a server: give one such as ${LOCAL}`);
  if (parsed.username || parsed.password)
    throw new UserError(`${setting} holds a name or password: give it as runtime.writer.key instead`);
  const url = `${parsed.origin}${openAiPath(parsed.pathname)}`;
  return { url, query: Object.fromEntries(parsed.searchParams), key, name: `the writer at ${shownUrl(url)}` };
}
