import { UserError } from '../errors.js';
import type { Provider } from './ort/onnx.js';
import { type FoundPlugin, findPlugins } from './xla/plugins.js';
import { type Trial, tryPlugin } from './xla/trial.js';

/** Values of `runtime.provider`. */
export type ProviderName = 'auto' | 'cpu' | 'webgpu' | 'xla' | 'cuda' | 'rocm' | 'oneapi' | 'tpu';

/** The settings that choose an executor. */
export interface ProviderSettings {
  provider: ProviderName;
  /** A plugin's library; empty: what is found. */
  plugin: string;
}

/** What runs graphs, and one line that says so. */
export type Chosen =
  | { kind: 'ort'; provider: 'cpu' | 'webgpu'; says: string }
  | { kind: 'xla'; plugin: FoundPlugin; trial: Trial; says: string };

export interface ChooseOptions {
  env?: NodeJS.ProcessEnv;
  signal?: AbortSignal;
  /** How a library is tried; default: {@link tryPlugin}. */
  attempt?(path: string): Promise<Trial>;
}

/**
 * What trains and embeds on this machine. `cpu` and `webgpu` are ONNX Runtime's. `cuda`, `rocm`, `oneapi`, `tpu` are XLA plugins of that
 * name; `xla` is the settings' plugin, else an accelerator's, else a CPU plugin; `auto` is the settings' plugin where they name one, else an
 * accelerator's that works, else ONNX Runtime on the CPU. A plugin is tried in a process of its own before it is chosen: one that crashes does so there.
 * @throws UserError where what the settings name is not here or does not work: what was found, and what to do
 */
export async function chooseProvider(settings: ProviderSettings, options: ChooseOptions = {}): Promise<Chosen> {
  // Who names a plugin means it, and wants to hear when it does not work.
  const provider = settings.provider === 'auto' && settings.plugin !== '' ? 'xla' : settings.provider;
  if (provider === 'cpu' || provider === 'webgpu') return onnxRuntime(provider, '');
  const plugins = candidates({ ...settings, provider }, options.env);
  if (provider !== 'auto' && plugins.length === 0) throw new UserError(absent(provider));

  const { signal, attempt = (path: string) => tryPlugin(path, { signal }) } = options;
  const failed: string[] = [];
  for (const plugin of plugins) {
    const trial = await attempt(plugin.path);
    signal?.throwIfAborted();
    if (trial.works) return { kind: 'xla', plugin, trial, says: `XLA on ${devicesOf(trial)} (${plugin.path})` };
    failed.push(`${plugin.path}: ${trial.error}${trial.todo ? `; ${trial.todo}` : ''}`);
  }
  if (provider === 'auto') {
    const kinds = plugins.map((p) => p.kind).join(', ');
    return onnxRuntime(
      'cpu',
      failed.length > 0 ? `; XLA plugins are here (${kinds}), but none works: synclr backend says why` : '',
    );
  }
  const others = failed.length > 1 ? ` (and ${failed.length - 1} more: synclr backend)` : '';
  throw new UserError(`runtime.provider ${provider}: ${failed[0]}${others}`);
}

/** The plugins that a provider's name allows, best first. */
function candidates({ provider, plugin }: ProviderSettings, env?: NodeJS.ProcessEnv): FoundPlugin[] {
  const found = findPlugins({ setting: plugin, env });
  const isNamed = (p: FoundPlugin) => p.source === 'settings';
  // A library's name need not tell its kind: what the settings name is meant whatever it is called.
  if (provider === 'xla') return found.some(isNamed) ? found.filter(isNamed) : acceleratorsFirst(found);
  if (provider === 'auto') return found.filter(isAccelerator);
  return found.filter((p) => p.kind === provider || (isNamed(p) && p.kind === 'other'));
}

const isAccelerator = ({ kind }: FoundPlugin): boolean => kind !== 'cpu';
const acceleratorsFirst = (plugins: readonly FoundPlugin[]): FoundPlugin[] => [
  ...plugins.filter(isAccelerator),
  ...plugins.filter((p) => !isAccelerator(p)),
];

function absent(provider: ProviderName): string {
  const install = provider === 'xla' ? 'synclr backend install cuda (rocm, oneapi, tpu, cpu)' : installLine(provider);
  return `runtime.provider ${provider}: no such XLA plugin is here; ${install} fetches one, runtime.plugin names one, or train with --provider cpu`;
}
const installLine = (provider: string): string => `synclr backend install ${provider}`;

function onnxRuntime(provider: 'cpu' | 'webgpu', why: string): Chosen {
  const says = `ONNX Runtime on ${{ cpu: 'the CPU', webgpu: 'WebGPU' }[provider]}`;
  return { kind: 'ort', provider, says: says + why };
}

/** A plugin's devices in a few words: `8 × NVIDIA H100 80GB HBM3`. */
export function devicesOf({ platform, devices }: Pick<Trial, 'platform' | 'devices'>): string {
  const kinds = [...new Set(devices.map((d) => d.kind))].join(', ');
  return `${devices.length === 1 ? '' : `${devices.length} × `}${kinds || platform}`;
}

/** Whether a choice is a device whose products of matrices are far faster in bfloat16: any but a CPU. */
export const isAcceleratorChosen = (chosen: Chosen): boolean =>
  chosen.kind === 'xla' && chosen.trial.platform !== 'cpu';

/**
 * The precision that `runtime.precision` means there: `auto` is bfloat16 on accelerators, else float32.
 * @throws UserError for bfloat16 through ONNX Runtime, which trains in float32 alone
 */
export function precisionOf(chosen: Chosen, setting: 'auto' | 'float32' | 'bfloat16'): 'float32' | 'bfloat16' {
  if (setting === 'auto') return isAcceleratorChosen(chosen) ? 'bfloat16' : 'float32';
  if (setting === 'bfloat16' && chosen.kind === 'ort')
    throw new UserError(
      'runtime.precision bfloat16 needs an XLA plugin (runtime.provider xla): ONNX Runtime trains in float32',
    );
  return setting;
}

/**
 * Where ONNX models in process (diffusion painters) run: WebGPU or ONNX Runtime's own CUDA where the settings name them, else the CPU. XLA
 * plugins do not run ONNX.
 */
export function onnxProvider(provider: ProviderName): Provider {
  return provider === 'webgpu' || provider === 'cuda' ? provider : 'cpu';
}
