import { oneLine } from '../../printable.js';
import { chooseProvider, devicesOf } from '../../runtime/choose.js';
import { type Backend, backendsIn } from '../../runtime/xla/backends.js';
import { damageIn } from '../../runtime/xla/install.js';
import { backendsFolder, type FoundPlugin, findPlugins } from '../../runtime/xla/plugins.js';
import { type Trial, tryPlugin } from '../../runtime/xla/trial.js';
import { megabytes, shownPath } from './format.js';
import { tryAlone } from './try-alone.js';

/** A plugin of this machine and what it did when it was tried. */
export interface TriedPlugin extends FoundPlugin, Trial {
  /** Of one in our own folder, what is not as it was installed. */
  damage?: string;
  /** Of one in our own folder: what it was made from, and what fetched that. */
  wheels?: Backend['wheels'];
  from?: string;
}

/** All that can train here. */
export interface BackendList {
  /** Our own folder of plugins. */
  folder: string;
  plugins: TriedPlugin[];
  /** What lies in our own folder and does not count. */
  unusable: { dir: string; problem: string }[];
  onnxRuntime: { provider: 'cpu' | 'webgpu'; works: boolean; says: string }[];
  /** What `runtime.provider auto` takes. */
  auto: string;
}

/**
 * Finds and tries everything, each plugin in a process of its own; what lies in our own folder is compared with what was installed.
 * @param setting a library to be tried beside those that are found
 */
export async function listBackends(setting: string, signal: AbortSignal): Promise<BackendList> {
  const folder = backendsFolder();
  const own = backendsIn(folder);
  const plugins: TriedPlugin[] = [];
  for (const found of findPlugins({ setting })) {
    const ours = own.find(({ plugin }) => plugin === found.path);
    const [trial, damage] = await Promise.all([tryPlugin(found.path, { signal }), ours && damageIn(ours.dir)]);
    signal.throwIfAborted();
    plugins.push({ ...found, ...trial, damage, wheels: ours?.wheels, from: ours?.from });
  }
  const tried = new Map<string, Trial>(plugins.map((p) => [p.path, p]));
  const auto = await chooseProvider(
    { provider: 'auto', plugin: '' },
    { attempt: async (path) => tried.get(path) ?? tryPlugin(path, { signal }) },
  );
  const onnxRuntime = [];
  for (const provider of ['cpu', 'webgpu'] as const) {
    const { ok, text } = await tryAlone('./try-provider.js', [provider]);
    onnxRuntime.push({ provider, works: ok, says: text });
  }
  const unusable = own.flatMap(({ dir, problem }) => (problem === undefined ? [] : [{ dir, problem }]));
  return { folder, plugins, unusable, onnxRuntime, auto: auto.says };
}

/** The list as a person reads it. */
export function shownBackends({ folder, plugins, unusable, onnxRuntime, auto }: BackendList): string {
  const rows = [
    ...plugins.flatMap((p) => [
      row(p.works && !p.damage, p.kind, describePlugin(p)),
      under(`${SOURCES[p.source]}: ${shownPath(p.path)}`),
      ...(p.damage ? [under(`→ ${p.damage}: synclr backend remove ${p.kind}, then install it again`)] : []),
      ...(p.todo ? [under(`→ ${p.todo}`)] : []),
    ]),
    ...unusable.map(({ dir, problem }) => row(false, '?', `${shownPath(dir)}: ${problem}`)),
  ];
  if (rows.length === 0)
    rows.push('  none here; synclr backend install cuda (rocm, oneapi, tpu, cpu) fetches one', under(`into ${folder}`));
  return [
    'XLA plugins',
    ...rows,
    '',
    'ONNX Runtime',
    ...onnxRuntime.map(({ provider, works, says }) =>
      row(works, provider, works ? `computes (${says})` : `does not start: ${says}`),
    ),
    '',
    oneLine(`--provider auto takes ${auto}`),
  ].join('\n');
}

const SOURCES: Readonly<Record<FoundPlugin['source'], string>> = {
  settings: 'runtime.plugin',
  SYNCLR_XLA_PLUGIN: 'SYNCLR_XLA_PLUGIN',
  own: 'our own folder',
  'virtual environment': 'virtual environment',
  Conda: 'Conda environment',
};

const row = (works: boolean, name: string, text: string): string =>
  `  ${works ? 'works' : '–    '}  ${name.padEnd(7)} ${oneLine(text)}`;
const under = (text: string): string => `${' '.repeat(17)}${oneLine(text)}`;

/** Package, API, version, devices with their memory; or what is wrong. */
export function describePlugin(p: FoundPlugin & Trial): string {
  const parts = [p.package, p.api && `PJRT API ${p.api.join('.')}`];
  if (p.works) parts.push(...[p.version === p.platform ? undefined : p.version, devicesOf(p), memoryOf(p)]);
  else parts.push(p.error);
  return parts.filter((part) => part !== undefined && part !== '').join(', ');
}

function memoryOf({ devices }: Trial): string | undefined {
  const limits = devices.flatMap((d) => d.memory?.limit ?? []);
  return limits.length === 0 ? undefined : `${megabytes(Math.min(...limits) / 2 ** 20)} of memory each`;
}
