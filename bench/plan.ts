/**
 * What the presets need on cards that are not here, by the CUDA plugin's compiler: memory, cuDNN's calls, collectives.
 *   npm run bench:plan -- [TARGET:PRESET …] [--group.setting value …]      (default: the table of docs/accelerators.md)
 * Each takes a minute or two of two cores. Settings go to all of them.
 */
import { cpus } from 'node:os';
import { planText } from '../src/cli/support/plan-text.js';
import { presetName, resolveSettings } from '../src/config/resolve.js';
import { planTraining } from '../src/learn/plan.js';
import { parseTarget } from '../src/runtime/xla/targets/index.js';

/** The paper's batch on eight cards: its 8,192 captions in eight parts, each of which is contrasted with itself alone. */
const PAPER = { 'train.captionsPerBatch': 1024, 'optim.accumulate': 8, 'runtime.shard': 'optimizer' };
const TABLE: readonly [target: string, preset: string, flags: Record<string, unknown>][] = [
  ['h100', 'bench-b16', {}],
  ['h100', 'gpu-tiny', {}],
  ['h100', 'gpu-s16', {}],
  ['h100', 'gpu-b16', {}],
  ['h100x8', 'paper-b16', PAPER],
];

/** As JSON where it is some: numbers and truth values. */
function typed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

const args = process.argv.slice(2);
const flags: Record<string, unknown> = {};
const asked: [string, string, Record<string, unknown>][] = [];
for (let i = 0; i < args.length; i++)
  if (args[i].startsWith('--')) flags[args[i].slice(2)] = typed(args[++i]);
  else asked.push([...(args[i].split(':') as [string, string]), {}]);

console.log(`compiled on ${cpus().length} × ${cpus()[0].model}`);
for (const [target, preset, more] of asked.length > 0 ? asked : TABLE) {
  const settings = resolveSettings({ preset: presetName(preset), flags: { ...more, ...flags } });
  const said = Object.entries({ ...more, ...flags }).map(([name, value]) => `${name} ${value}`);
  console.log(`\n${preset}${said.length > 0 ? ` (${said.join(', ')})` : ''}`);
  console.log(planText(await planTraining(settings, parseTarget(target))));
}
