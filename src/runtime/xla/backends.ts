import { lstatSync, readFileSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';
import { z } from 'zod';
import { isTemporary } from '../../files/temporary.js';
import { checked, parseJson } from '../../formats/json.js';
import { namesIn } from './site.js';

/** What `synclr backend install` can fetch. */
export const BACKENDS = ['cuda', 'rocm', 'oneapi', 'tpu', 'cpu'] as const;
export type BackendName = (typeof BACKENDS)[number];

/** In every folder of a backend: what is in it and where it came from. */
export const BACKEND_FILE = 'backend.json';

export const backendSchema = z.strictObject({
  format: z.literal('synclr-backend'),
  version: z.literal(1),
  name: z.enum(BACKENDS),
  /** The PJRT library, by its path in the folder, with slashes. */
  plugin: z.string().min(1),
  /** The folder of the unpacked packages, likewise. */
  site: z.string().min(1),
  /** What fetched the wheels: `pip 26.1`, `uv 0.13`, or `files` for those brought by hand. */
  from: z.string(),
  wheels: z.array(
    z.strictObject({
      name: z.string(),
      version: z.string(),
      /** SHA-256 of the wheel; several where a lock names those of all platforms and the fetcher took the one that fits. */
      sha256: z.array(z.string()).min(1),
    }),
  ),
});
export type BackendForm = z.output<typeof backendSchema>;

/** A backend in our own folder. */
export interface Backend {
  kind: BackendName;
  dir: string;
  /** Absolute paths; empty where there is a problem. */
  plugin: string;
  site: string;
  wheels: BackendForm['wheels'];
  from: string;
  /** Why it does not count: `backend.json is not JSON …`. */
  problem?: string;
}

/** The backends in our own folder, in the order of {@link BACKENDS}: accelerators first. Temporaries do not count. */
export function backendsIn(folder: string): Backend[] {
  const names = new Set(namesIn(folder).filter((name) => !isTemporary(name)));
  return BACKENDS.filter((name) => names.has(name)).map((name) => readBackend(name, join(folder, name)));
}

function readBackend(kind: BackendName, dir: string): Backend {
  const nothing = { kind, dir, plugin: '', site: '', wheels: [], from: '' };
  try {
    const path = join(dir, BACKEND_FILE);
    const form = checked(parseJson(readFileSync(path, 'utf8'), path), backendSchema, path);
    const plugin = inside(dir, form.plugin);
    if (!lstatSync(plugin).isFile()) return { ...nothing, problem: `${plugin} is no file` };
    return { kind, dir, plugin, site: inside(dir, form.site), wheels: form.wheels, from: form.from };
  } catch (e) {
    return { ...nothing, problem: (e as Error).message };
  }
}

function inside(dir: string, path: string): string {
  const at = resolve(dir, path);
  if (!at.startsWith(dir + sep)) throw new Error(`${path} does not lie in ${dir}`);
  return at;
}
