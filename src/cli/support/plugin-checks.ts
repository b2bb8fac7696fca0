import { nvidiaDriver } from '../../runtime/xla/advice.js';
import { backendsIn } from '../../runtime/xla/backends.js';
import { backendsFolder, type FoundPlugin, findPlugins } from '../../runtime/xla/plugins.js';
import { tryPlugin } from '../../runtime/xla/trial.js';
import { describePlugin } from './backend-list.js';
import type { Check } from './checks.js';
import { shownPath } from './format.js';

/** XLA plugins: each that is found, tried in a process of its own; a run on the CPU or through WebGPU needs none. */
export async function* checkPlugins(): AsyncGenerator<Check> {
  let found: FoundPlugin[];
  try {
    found = findPlugins();
  } catch (e) {
    yield { name: 'XLA', state: 'absent', found: (e as Error).message };
    return;
  }
  for (const { dir, problem } of backendsIn(backendsFolder()))
    if (problem !== undefined)
      yield {
        name: 'XLA',
        state: 'absent',
        found: `${shownPath(dir)}: ${problem}`,
        todo: 'move that folder away, then install the backend again (synclr backend install NAME)',
      };
  for (const plugin of found) yield await check(plugin);
  if (found.length > 0) return;
  const driver = nvidiaDriver();
  yield {
    name: 'XLA',
    state: 'absent',
    found: driver === undefined ? 'no plugin is here' : `no plugin is here, though an NVIDIA driver is (${driver})`,
    todo: `${driver === undefined ? 'for an accelerator' : 'to train on that GPU'}: synclr backend install ${driver === undefined ? 'NAME' : 'cuda'} (docs/accelerators.md)`,
  };
}

async function check(plugin: FoundPlugin): Promise<Check> {
  const name = `XLA ${plugin.kind}`;
  const trial = await tryPlugin(plugin.path);
  const described = describePlugin({ ...plugin, ...trial });
  if (!trial.works)
    return { name, state: 'absent', found: `${described} (${shownPath(plugin.path)})`, todo: trial.todo };
  return { name, state: 'ok', found: `${described}: --provider ${PROVIDERS.has(plugin.kind) ? plugin.kind : 'xla'}` };
}

const PROVIDERS = new Set<string>(['cuda', 'rocm', 'oneapi', 'tpu']);
