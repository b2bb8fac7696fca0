import { existsSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { UserError } from '../../errors.js';
import { makeFolder } from '../../files/folders.js';
import { changeIn, type FolderKind, removeMadeFolder, replaceFolder } from '../../files/replace.js';
import { dropTemporary, removeTemporaries, temporaryName } from '../../files/temporary.js';
import { writeFileAtomic } from '../../files/write.js';
import { wheelName } from '../../formats/wheel.js';
import { diskFreeMb } from '../../resources.js';
import type { StageHooks } from '../../stage.js';
import { adoptPrefix } from './adopt.js';
import type { CudaMajor } from './advice.js';
import { BACKEND_FILE, type BackendForm, type BackendName } from './backends.js';
import { type Fetched, fetchWheels } from './fetch.js';
import { type Fetcher, findFetchers } from './fetchers.js';
import { backendsFolder } from './plugins.js';
import { checkPin, chooseCuda, type Recipe, recipeOf, requireSystem } from './recipes.js';
import { kindOf, packageOf, pluginsIn } from './site.js';
import { type Trial, tryPlugin } from './trial.js';
import { unpackWheel } from './unpack.js';

/** The folder of packages below a backend's own: plugins look for libraries at the places that a Python installation would have. */
const SITE = join('lib', 'python', 'site-packages');
const MB = 1e6;

export interface InstallOptions {
  name: BackendName;
  /** Wheels brought by hand: nothing is fetched. */
  wheels?: readonly string[];
  /** For `cuda`; default: the newest that the driver serves. */
  cuda?: CudaMajor;
  hooks: Pick<StageHooks, 'signal' | 'progress' | 'note' | 'warn'>;
  env?: NodeJS.ProcessEnv;
}

export interface Installed {
  dir: string;
  plugin: string;
  /** What brought the plugin: `jax-cuda13-pjrt 0.12.0.1`. */
  package: string;
  wheels: BackendForm['wheels'];
  trial: Trial;
}

/**
 * Puts a backend into our own folder, whole or not at all: fetches its wheels by pip or uv (or takes those given), holds them against pins,
 * lock and records, unpacks them, tries the plugin in a process of its own, and moves all into place. A plugin that loads but finds no
 * device is installed: it can compile.
 * @throws UserError for whatever keeps it from being installed, with what to do; nothing has changed then
 */
export async function installBackend(o: InstallOptions): Promise<Installed> {
  const { name, hooks } = o;
  const byHand = (o.wheels?.length ?? 0) > 0;
  if (!byHand) requireSystem(name);
  const recipe = recipeOf(name, name === 'cuda' ? chooseCuda(o.cuda) : 13);
  const folder = backendsFolder(o.env);
  await makeFolder(folder);
  await removeTemporaries(folder);
  await requireSpace(folder, recipe, byHand);
  const fetchers = byHand ? [] : await findFetchers(hooks.signal);
  const download = temporaryName(join(folder, 'wheels'));
  let made: Omit<Installed, 'dir'> | undefined;
  try {
    await replaceFolder(join(folder, name), {
      ...kind(name),
      fill: async (root) => {
        const from = byHand ? unpackGiven(o.wheels!, root, recipe, o) : fetchAll(recipe, fetchers, download, root, o);
        const { site, wheels, says } = await from;
        if (byHand) sayMissing(recipe, wheels, hooks);
        made = await tryIn(name, root, site, wheels, hooks.signal);
        await writeForm(root, { name, site, plugin: made.plugin, from: says, wheels });
        hooks.signal.throwIfAborted();
      },
    });
  } finally {
    await dropTemporary(download);
  }
  const dir = join(folder, name);
  return { ...made!, dir, plugin: join(dir, made!.plugin) };
}

/** Takes a backend out of our own folder. @throws UserError where there is none, or where something in it is not ours */
export async function removeBackend(name: BackendName, env?: NodeJS.ProcessEnv): Promise<string> {
  const folder = backendsFolder(env);
  await removeTemporaries(folder);
  const dir = join(folder, name);
  if (!existsSync(dir)) throw new UserError(`no backend ${name} in ${folder}`);
  await removeMadeFolder(dir, kind(name));
  return dir;
}

/** What in a backend is not as it was installed; undefined where all is. Reads all of it. */
export const damageIn = (dir: string): Promise<string | undefined> => changeIn(dir);

const kind = (name: BackendName): Omit<FolderKind, 'fill'> => ({ what: `the backend ${name} that synclr installed` });

async function requireSpace(folder: string, { size }: Recipe, byHand: boolean): Promise<void> {
  const needed = ((size.unpacked + (byHand ? 0 : size.download)) * MB) / 2 ** 20;
  const free = await diskFreeMb(folder);
  if (free >= needed) return;
  const gb = (mb: number) => `${((mb * 2 ** 20) / 1e9).toFixed(1)} GB`;
  throw new UserError(
    `not enough disk at ${folder}: about ${gb(needed)} are needed while it is installed, ${gb(free)} are free: free some, or set SYNCLR_BACKENDS to a folder elsewhere`,
  );
}

interface Filled {
  site: string;
  wheels: BackendForm['wheels'];
  /** What brought them. */
  says: string;
}

/** By the first of the fetchers that can. */
async function fetchAll(
  recipe: Recipe,
  fetchers: readonly Fetcher[],
  dir: string,
  root: string,
  o: InstallOptions,
): Promise<Filled> {
  const { hooks } = o;
  let failed: UserError | undefined;
  for (const fetcher of fetchers) {
    hooks.note?.(
      `${recipe.name}: about ${recipe.size.download} MB, fetched by ${fetcher.version} from where it is set up to`,
    );
    const fetched: Fetched | undefined = await fetchWheels(recipe, fetcher, join(dir, fetcher.tool), {
      signal: hooks.signal,
      note: hooks.note,
      onMegabytes: (mb) => {
        const total = Math.max(Math.round(mb), recipe.size.download);
        hooks.progress({ stage: 'backend', done: Math.round(mb), total, unit: 'MB' });
      },
    }).catch((e: unknown) => {
      if (!(e instanceof UserError)) throw e;
      failed ??= e;
      return undefined;
    });
    if (fetched?.kind === 'wheels')
      return { ...(await unpackGiven(fetched.files, root, recipe, o)), says: fetcher.version };
    if (fetched) {
      const { site, packages } = await adoptPrefix(fetched.prefix, root);
      const wheels = packages.map((p) => ({ ...p, sha256: [...(fetched.sha256.get(p.name) ?? [])] }));
      return { site, wheels, says: fetcher.version };
    }
  }
  throw failed!;
}

async function unpackGiven(
  files: readonly string[],
  root: string,
  { size }: Recipe,
  { hooks }: InstallOptions,
): Promise<Filled> {
  const site = join(root, SITE);
  const wheels: BackendForm['wheels'] = [];
  // All names are looked at before anything is unpacked.
  const names = files.map((file) => wheelName(file));
  const twice = names.find(({ name }, i) => names.findIndex((n) => n.name === name) !== i);
  if (twice) throw new UserError(`${twice.name} is given twice: one wheel a package`);
  let bytes = 0;
  for (const [i, file] of files.entries()) {
    const report = () => {
      const done = Math.round(bytes / MB);
      const total = Math.max(done, size.unpacked);
      hooks.progress({
        stage: 'backend',
        done,
        total,
        unit: 'MB unpacked',
        detail: { wheel: `${names[i].name} (${i + 1} of ${files.length})` },
      });
    };
    report();
    const unpacked = await unpackWheel(file, {
      root,
      site,
      signal: hooks.signal,
      onBytes: (n) => {
        bytes += n;
        report();
      },
    });
    checkPin(file, unpacked);
    wheels.push({ name: unpacked.name, version: unpacked.version, sha256: [unpacked.sha256] });
  }
  return { site, wheels, says: 'files' };
}

/** Of wheels brought by hand some may have been forgotten; a system may also have what they hold. */
function sayMissing({ name, parts }: Recipe, wheels: BackendForm['wheels'], hooks: Pick<StageHooks, 'warn'>): void {
  const missing = parts.filter((part) => !wheels.some((w) => w.name === part));
  if (missing.length > 0)
    hooks.warn(`${name}: not among the wheels: ${missing.join(', ')}; the plugin needs them from this system then`);
}

/** The plugin among what was unpacked, and how it does. @throws UserError where there is none, or it cannot be loaded */
async function tryIn(
  name: BackendName,
  root: string,
  site: string,
  wheels: BackendForm['wheels'],
  signal: AbortSignal,
): Promise<Omit<Installed, 'dir'>> {
  const found = pluginsIn(site).filter((path) => kindOf(path) === name);
  const has = wheels.map((w) => `${w.name} ${w.version}`).join(', ');
  if (found.length === 0) throw new UserError(`no PJRT plugin for ${name} is in ${has || 'what was given'}`);
  if (found.length > 1)
    throw new UserError(`${found.length} plugins for ${name} are in ${has}: give the wheels of one`);
  const trial = await tryPlugin(found[0], { signal });
  signal.throwIfAborted();
  const main = packageOf(site, found[0]) ?? has;
  if (!trial.loads)
    throw new UserError(`${main} does not load here: ${trial.error}${trial.todo ? `; ${trial.todo}` : ''}`);
  return { plugin: relative(root, found[0]), package: main, wheels, trial };
}

async function writeForm(
  root: string,
  { name, site, plugin, from, wheels }: Pick<BackendForm, 'name' | 'site' | 'plugin' | 'from' | 'wheels'>,
): Promise<void> {
  const slashes = (path: string) => path.split(sep).join('/');
  const form: BackendForm = {
    format: 'synclr-backend',
    version: 1,
    name,
    plugin: slashes(plugin),
    site: slashes(relative(root, site)),
    from,
    wheels,
  };
  await writeFileAtomic(join(root, BACKEND_FILE), `${JSON.stringify(form, null, 1)}\n`);
}
