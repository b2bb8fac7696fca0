import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** What a PJRT plugin drives, as far as its name tells. */
export type PluginKind = 'cuda' | 'rocm' | 'oneapi' | 'tpu' | 'cpu' | 'other';

/** Names of PJRT libraries: `xla_cuda_plugin.so`, `pjrt_c_api_cpu_plugin.so`, `libpjrt_cpu.so`, `libtpu.so`, `pjrt_plugin_metal_14.dylib`. */
function isLibrary(name: string): boolean {
  const stem = /^(\w+)\.(?:so|dylib|dll)$/.exec(name)?.[1] ?? '';
  return stem === 'libtpu' || stem.includes('pjrt') || (stem.startsWith('xla_') && stem.endsWith('_plugin'));
}
/** Folders of packages that hold one outside of `jax_plugins`. */
const PACKAGE = /pjrt|xla|^libtpu$/;

const KINDS: readonly (readonly [pattern: RegExp, kind: PluginKind])[] = [
  [/libtpu/, 'tpu'],
  [/cuda/, 'cuda'],
  [/rocm|_hip/, 'rocm'],
  [/oneapi|sycl|xpu|intel/, 'oneapi'],
  [/cpu/, 'cpu'],
];

/** The kind that the names of a library and of its folder tell. */
export function kindOf(path: string): PluginKind {
  for (const name of [basename(path), basename(dirname(path))])
    for (const [pattern, kind] of KINDS) if (pattern.test(name)) return kind;
  return 'other';
}

/**
 * PJRT libraries in a folder of installed Python packages (`site-packages`), in the order of their names: those of the namespace package
 * `jax_plugins`, where JAX looks, then those of packages of their own.
 */
export function pluginsIn(site: string): string[] {
  const spaced = namesIn(join(site, 'jax_plugins')).map((name) => join(site, 'jax_plugins', name));
  const own = namesIn(site).filter((name) => PACKAGE.test(name) && !/\.(?:dist|egg)-info$/.test(name));
  return [...spaced, ...own.map((name) => join(site, name))].flatMap((dir) =>
    namesIn(dir)
      .filter(isLibrary)
      .map((name) => join(dir, name)),
  );
}

/** The package (`jax-cuda13-pjrt 0.12.0.1`) that brought a library, by the list of files that installers keep; undefined where none says. */
export function packageOf(site: string, library: string): string | undefined {
  const entry = library.slice(site.length + 1).replaceAll('\\', '/');
  for (const name of namesIn(site)) {
    const found = /^(.+?)-([^-]+)\.dist-info$/.exec(name);
    if (!found || !/pjrt|xla|tpu|jax/.test(found[1])) continue;
    if (textOf(join(site, name, 'RECORD')).includes(`${entry},`)) return `${found[1].replaceAll('_', '-')} ${found[2]}`;
  }
  return undefined;
}

/** The folders of installed packages below a virtual environment or a Conda environment. */
export function sitesOf(prefix: string): string[] {
  const lib = join(prefix, 'lib');
  const pythons = namesIn(lib).filter((name) => /^python\d/.test(name));
  return [...pythons.map((name) => join(lib, name, 'site-packages')), join(prefix, 'Lib', 'site-packages')];
}

/** Names in a folder, in order; none where there is no such folder. */
export function namesIn(dir: string): string[] {
  try {
    return readdirSync(dir).sort();
  } catch {
    return [];
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
