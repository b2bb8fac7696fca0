import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bareAddress } from '../../config/secrets.js';
import { hubSettings } from '../../hub/settings.js';
import type { Check } from './checks.js';
import { shownPath } from './format.js';
import { tryAlone } from './try-alone.js';

/** What writers and painters in process need beyond synclr's own packages; a run without them needs none of it. */
export async function* checkGenerators(): AsyncGenerator<Check> {
  yield await llama();
  yield checkHub();
}

const LLAMA = 'node-llama-cpp';

async function llama(): Promise<Check> {
  const version = versionOf(LLAMA);
  if (version === undefined) {
    return {
      name: LLAMA,
      state: 'absent',
      found: 'not installed (captions.writer gguf: language models in process)',
      todo: `npm install ${LLAMA}; writers behind a server (captions.writer openai) do without`,
    };
  }
  const { ok, text } = await tryAlone('./try-llama.js');
  if (ok) return { name: LLAMA, state: 'ok', found: `${version} (language models in process): ${text}` };
  return {
    name: LLAMA,
    state: 'absent',
    found: `${version} does not start: ${text}`,
    todo: `install it with its optional packages (npm install --include=optional ${LLAMA}); there are prebuilt files for Linux, macOS and Windows`,
  };
}

/** Where hf:owner/name comes from and goes to. The token is not shown. */
export function checkHub(env: NodeJS.ProcessEnv = process.env): Check {
  const name = 'model hub';
  try {
    const { endpoint, token, cache, offline } = hubSettings(env);
    const found = [
      `models by hf:owner/name go to ${shownPath(cache)}${existsSync(cache) ? '' : ' (not there yet)'}`,
      offline ? 'offline: only what is there is used' : `from ${bareAddress(endpoint)}`,
      token ? 'with a token' : 'no token',
    ];
    return { name, state: 'ok', found: found.join(', ') };
  } catch (e) {
    return {
      name,
      state: 'absent',
      found: (e as Error).message,
      todo: 'only hf:owner/name needs it: see docs/models.md',
    };
  }
}

/** Version of a package for `import` alone, which `require` cannot find; undefined where it is not installed. */
function versionOf(name: string): string | undefined {
  try {
    for (let at = dirname(fileURLToPath(import.meta.resolve(name))); dirname(at) !== at; at = dirname(at)) {
      const file = join(at, 'package.json');
      if (!existsSync(file)) continue;
      const found = JSON.parse(readFileSync(file, 'utf8')) as { name?: string; version?: string };
      if (found.name === name) return found.version;
    }
  } catch {
    // Not installed.
  }
  return undefined;
}
