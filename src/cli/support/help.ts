import { type Leaf, settingLeaves, showValue } from '../../config/leaves.js';
import { PRESETS } from '../../config/presets.js';
import { flagSyntax } from './args.js';
import type { Command } from './command.js';

const WIDTH = 110;

/** `synclr COMMAND --help`, from the command's declarations and the settings' schema. */
export function commandHelp(command: Command): string {
  const usage = ['synclr', command.name];
  if (command.positional)
    usage.push(command.positional.required ? command.positional.name : `[${command.positional.name}]`);
  usage.push('[flags]');
  if (command.settings) usage.push('[--group.setting value …]');
  const parts = [`${command.about}\n`, `Usage: ${usage.join(' ')}`];
  if (command.details) parts.push(`\n${wrap(command.details, 0)}`);
  if (command.positional) parts.push(`\nArgument\n${table([[command.positional.name, command.positional.about]])}`);
  const rows = command.flags.map((f) => [
    flagSyntax(f),
    f.about + (f.setting && f.setting !== f.name ? ` (${f.setting})` : ''),
  ]);
  rows.push(['--help', 'this text']);
  parts.push(`\nFlags\n${table(rows)}`);
  if (command.flags.some((f) => f.name === 'preset')) {
    parts.push(`\nPresets\n${table(Object.entries(PRESETS).map(([name, p]) => [name, p.about]))}`);
  }
  parts.push(`\nExamples\n${table(command.examples.map((e) => [e.line, e.about]))}`);
  if (command.settings) parts.push(settingsHelp(command.settings));
  return parts.join('\n');
}

/** The settings of these groups with defaults and meanings. */
function settingsHelp(groups: readonly string[]): string {
  const out: string[] = [
    '\nSettings (each is a flag, --views.globalSize 32; lists --views.globalScale 0.3,1; switches --no-probe.baselines)',
    'Order: defaults < preset < --config < flags. The defaults below are the schema’s; presets change some of them.',
  ];
  for (const group of groups) {
    const leaves = settingLeaves().filter((l) => l.path === group || l.path.startsWith(`${group}.`));
    out.push(`\n  ${group}`, table(leaves.map((l) => [`--${l.path}`, describeLeaf(l)])));
  }
  out.push('\nAll settings of all groups are accepted here; docs/settings.md lists them.');
  return out.join('\n');
}

function describeLeaf(l: Leaf): string {
  const given = l.default === undefined ? '' : ` [${showValue(l.default)}]`;
  const about = l.about ? `${l.about}; ` : '';
  return `${about}${l.expected}${given}`;
}

/** Two columns, the second wrapped. */
export function table(rows: readonly (readonly string[])[]): string {
  const widest = Math.min(38, Math.max(...rows.map((r) => r[0].length)));
  return rows
    .map(([left, right]) => {
      const text = wrap(right, widest + 4);
      return left.length > widest ? `  ${left}\n${' '.repeat(widest + 4)}${text}` : `  ${left.padEnd(widest)}  ${text}`;
    })
    .join('\n');
}

function wrap(text: string, indent: number): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line && line.length + 1 + word.length > WIDTH - indent) {
      lines.push(line);
      line = word;
    } else line = line ? `${line} ${word}` : word;
  }
  lines.push(line);
  return lines.join(`\n${' '.repeat(indent)}`);
}
