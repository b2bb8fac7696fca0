import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../errors.js';

/** Where the hub is and where its files go. */
export interface HubSettings {
  /** Without a slash at its end. */
  endpoint: string;
  /** Sent to the endpoint's origin alone; never shown. */
  token: string | undefined;
  /** Folder of `models--owner--name` folders. */
  cache: string;
  /** Ask nobody; the cache must hold it all. */
  offline: boolean;
  /** A server that says nothing for so long has hung, milliseconds. */
  silenceMs: number;
  /** First wait after a failure, milliseconds; doubles up to 30 times itself. */
  retryMs: number;
}

/**
 * Settings from the variables that Hugging Face's own tools read (huggingface_hub, constants.py), so that they share a cache and a login.
 * @throws UserError for a variable that cannot be meant
 */
export function hubSettings(env: NodeJS.ProcessEnv = process.env): HubSettings {
  const home = place(env.HF_HOME) ?? join(place(env.XDG_CACHE_HOME) ?? join(homedir(), '.cache'), 'huggingface');
  return {
    endpoint: endpointOf(env.HF_ENDPOINT || 'https://huggingface.co'),
    token: tokenOf(env, home),
    cache: place(env.HF_HUB_CACHE) ?? place(env.HUGGINGFACE_HUB_CACHE) ?? join(home, 'hub'),
    offline: isOn(env.HF_HUB_OFFLINE) || isOn(env.TRANSFORMERS_OFFLINE),
    silenceMs: 1000 * secondsOf(env.HF_HUB_DOWNLOAD_TIMEOUT ?? '30'),
    retryMs: 1000,
  };
}

const isOn = (value: string | undefined): boolean => ['1', 'ON', 'YES', 'TRUE'].includes((value ?? '').toUpperCase());

/** A folder from the environment; shells leave `~` alone inside quotes. */
const place = (value: string | undefined): string | undefined =>
  value?.replace(/^~(?=$|[/\\])/, homedir()) || undefined;

function endpointOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) throw new UserError(`HF_ENDPOINT: "${text}" is not an http(s) address`);
  // The value is not repeated here: it holds a password.
  if (url.username || url.password)
    throw new UserError('HF_ENDPOINT: an address with a password in it is not supported; set HF_TOKEN');
  return text.replace(/(?<!\/)\/+$/, '');
}

function secondsOf(text: string): number {
  const seconds = Number(text);
  if (!(seconds > 0)) throw new UserError(`HF_HUB_DOWNLOAD_TIMEOUT: "${text}" is not a number of seconds above 0`);
  return seconds;
}

/** HF_TOKEN, else what `hf auth login` stored. */
function tokenOf(env: NodeJS.ProcessEnv, home: string): string | undefined {
  if (isOn(env.HF_HUB_DISABLE_IMPLICIT_TOKEN)) return undefined;
  const file = place(env.HF_TOKEN_PATH) ?? join(home, 'token');
  const token = (env.HF_TOKEN || env.HUGGING_FACE_HUB_TOKEN || stored(file)).trim();
  // Checked here, because fetch would show the whole header in its complaint.
  if (/[^\x21-\x7e]/.test(token))
    throw new UserError(`the token for the hub (HF_TOKEN or ${file}) holds characters that no token has`);
  return token || undefined;
}

function stored(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
