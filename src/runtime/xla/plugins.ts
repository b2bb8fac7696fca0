import { existsSync, realpathSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { UserError } from '../../errors.js';
import { backendsIn } from './backends.js';
import { kindOf, type PluginKind, packageOf, pluginsIn, sitesOf } from './site.js';

/** Where a plugin was found. */
export type PluginSource = 'settings' | 'SYNCLR_XLA_PLUGIN' | 'own' | 'virtual environment' | 'Conda';

/** A PJRT library on this machine; whether it works is another question (`tryPlugin`). */
export interface FoundPlugin {
  kind: PluginKind;
  /** The library's file. */
  path: string;
  source: PluginSource;
  /** What brought it, such as `jax-cuda13-pjrt 0.12.0.1`; undefined where nothing says. */
  package?: string;
}

export interface FindOptions {
  /** The setting `runtime.plugin`. */
  setting?: string;
  env?: NodeJS.ProcessEnv;
}

/**
 * The PJRT plugins of this machine, in the order in which they are taken: the settings' (`runtime.plugin`), those that `synclr backend
 * install` put into our own folder, those of the active virtual environment, those of the active Conda environment. The environment
 * variable SYNCLR_XLA_PLUGIN (a path) stands in the place of all but the settings'.
 * @throws UserError where the setting or the variable names no file
 */
export function findPlugins({ setting = '', env = process.env }: FindOptions = {}): FoundPlugin[] {
  const found: FoundPlugin[] = [];
  if (setting !== '') found.push(named(setting, 'settings', 'runtime.plugin'));
  const forced = env.SYNCLR_XLA_PLUGIN;
  if (forced) found.push(named(forced, 'SYNCLR_XLA_PLUGIN', 'SYNCLR_XLA_PLUGIN'));
  else {
    for (const { kind, plugin, site, problem } of backendsIn(backendsFolder(env)))
      if (problem === undefined) found.push({ kind, path: plugin, source: 'own', package: packageOf(site, plugin) });
    found.push(...installed(env.VIRTUAL_ENV, 'virtual environment'), ...installed(env.CONDA_PREFIX, 'Conda'));
  }
  const seen = new Set<string>();
  return found.filter(({ path }) => {
    const real = realpathSync(path);
    return !seen.has(real) && seen.add(real);
  });
}

/** A library by its path. Its package is looked for as if it were installed. */
function named(path: string, source: PluginSource, what: string): FoundPlugin {
  const library = resolve(path);
  if (!existsSync(library)) throw new UserError(`${what} ${path}: no such file; synclr backend lists what is here`);
  if (!statSync(library).isFile())
    throw new UserError(`${what} ${path} is no file: name the plugin's library itself (.so, .dylib, .dll)`);
  const sites = [dirname(dirname(library)), dirname(dirname(dirname(library)))];
  const from = sites.map((site) => packageOf(site, library)).find((name) => name !== undefined);
  return { kind: kindOf(library), path: library, source, package: from };
}

function installed(prefix: string | undefined, source: PluginSource): FoundPlugin[] {
  if (!prefix) return [];
  return sitesOf(prefix).flatMap((site) =>
    pluginsIn(site).map((path) => ({ kind: kindOf(path), path, source, package: packageOf(site, path) })),
  );
}

/**
 * Our own folder of plugins: SYNCLR_BACKENDS, else where the platform keeps a program's data for each user: XDG_DATA_HOME or
 * ~/.local/share, ~/Library/Application Support, or LOCALAPPDATA.
 */
export function backendsFolder(env: NodeJS.ProcessEnv = process.env, platform = process.platform): string {
  if (env.SYNCLR_BACKENDS) return resolve(env.SYNCLR_BACKENDS);
  return join(dataFolder(env, platform), 'synclr', 'backends');
}

function dataFolder(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): string {
  if (platform === 'win32') return env.LOCALAPPDATA || join(homedir(), 'AppData', 'Local');
  if (platform === 'darwin') return join(homedir(), 'Library', 'Application Support');
  // The XDG specification: a relative path is to be ignored.
  return env.XDG_DATA_HOME?.startsWith('/') ? env.XDG_DATA_HOME : join(homedir(), '.local', 'share');
}

/** Where compiled programs are kept: XDG_CACHE_HOME or ~/.cache, ~/Library/Caches, or LOCALAPPDATA. They can be made again at any time. */
export function programsFolder(env: NodeJS.ProcessEnv = process.env, platform = process.platform): string {
  const caches: Partial<Record<NodeJS.Platform, string>> = {
    win32: env.LOCALAPPDATA || join(homedir(), 'AppData', 'Local'),
    darwin: join(homedir(), 'Library', 'Caches'),
  };
  const xdg = env.XDG_CACHE_HOME?.startsWith('/') ? env.XDG_CACHE_HOME : join(homedir(), '.cache');
  return join(caches[platform] ?? xdg, 'synclr', 'programs');
}
