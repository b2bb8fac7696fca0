import { existsSync } from 'node:fs';
import { z } from 'zod';
import { runApart } from '../../apart.js';
import { oneLine } from '../../printable.js';
import { adviceFor } from './advice.js';

/** Longest time that a plugin may take to start, milliseconds: drivers of machines with many cards are slow. */
const PATIENCE_MS = 90_000;
/** In front of what the script says: plugins print to the same stream. */
export const MARK = 'synclr-trial ';

const saidSchema = z.object({
  api: z.tuple([z.number(), z.number()]).optional(),
  platform: z.string().optional(),
  version: z.string().optional(),
  devices: z
    .array(
      z.object({
        id: z.number(),
        kind: z.string(),
        memory: z.object({ limit: z.number().optional(), inUse: z.number() }).optional(),
      }),
    )
    .optional(),
  error: z.string().optional(),
});
export type Said = z.output<typeof saidSchema>;

/** What a plugin did when it was tried. */
export interface Trial {
  /** It started and has a device. */
  works: boolean;
  /** It is a PJRT plugin that this version of synclr speaks with, whether or not there is a device: it can compile. */
  loads: boolean;
  /** PJRT API, of a plugin that could be loaded. */
  api?: [major: number, minor: number];
  /** As the plugin calls it: `cpu`, `cuda` … */
  platform?: string;
  version?: string;
  devices: { id: number; kind: string; memory?: { limit?: number; inUse: number } }[];
  /** One line; of a plugin that does not work. */
  error?: string;
  /** What may help. */
  todo?: string;
}

export interface TryOptions {
  signal?: AbortSignal;
  /** Milliseconds. */
  patience?: number;
}

/**
 * Starts a plugin in a process of its own, which it may take down with it, and asks for its devices. Takes no more of a device's memory than
 * the plugin's own start does.
 * @param path of the library
 * @throws Error where no process can be started
 */
export async function tryPlugin(path: string, { signal, patience = PATIENCE_MS }: TryOptions = {}): Promise<Trial> {
  const ended = await runApart(script(), [path], { patience, signal });
  const said: Said = {};
  for (const line of ended.out.split('\n')) {
    const at = line.indexOf(MARK);
    if (at >= 0) Object.assign(said, understood(line.slice(at + MARK.length)));
  }
  const { api, platform, version, devices = [] } = said;
  const trial = { api, platform, version, devices, loads: api !== undefined };
  if (said.error === undefined && devices.length > 0) return { ...trial, works: true };
  const error =
    said.error ??
    (said.devices
      ? 'starts, but has no device'
      : ended.late
        ? `did not start within ${Math.round(patience / 1000)} s`
        : `crashed in starting (${ended.signal ?? `exit code ${ended.code}`})${lastWords(ended.err)}`);
  // Where it lies is said by whoever asks.
  const plain = oneLine(error).replaceAll(path, 'the plugin');
  return { ...trial, works: false, error: plain, todo: adviceFor(path, error) };
}

/** From the TypeScript sources (tests) the script is the compiled one beside them, which the test command builds first. */
function script(): URL {
  const own = new URL('./try-plugin.js', import.meta.url);
  return existsSync(own) ? own : new URL('../../../dist/runtime/xla/try-plugin.js', import.meta.url);
}

function understood(line: string): Said {
  try {
    return saidSchema.parse(JSON.parse(line));
  } catch {
    return {};
  }
}

/** Of what a crashed plugin wrote: the first line that names a reason, else the last. */
function lastWords(text: string): string {
  const lines = text.split('\n').map((line) => line.trim());
  const line = lines.find((l) => /^F\d{4}|fatal|check failed|error/i.test(l)) ?? lines.filter((l) => l !== '').at(-1);
  return line ? `: ${line.slice(0, 200)}` : '';
}
