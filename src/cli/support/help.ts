import { type Leaf, settingLeaves, showValue } from '../../config/leaves.js';
import { PRESETS } from '../../config/presets.js';
import { getPath } from '../../config/resolve.js';
import type { Settings } from '../../config/schema.js';
import { shownValue } from '../../config/secrets.js';
import { flagSyntax, flagsOf, HELP_FLAGS } from './args.js';
import type { Command } from './command.js';

export interface HelpOptions {
  /** Columns. */
  width: number;
  /** List the settings, too. */
  all?: boolean;
  /** The values that stand where nothing else is given, and in words where they come from. */
  values: { settings: Settings; from: string };
}

/** `synclr COMMAND --help`, from the command's declarations and the settings' schema. */
export function commandHelp(command: Command, o: HelpOptions): string {
  const usage = ['synclr', command.name];
  if (command.positional)
    usage.push(command.positional.required ? command.positional.name : `[${command.positional.name}]`);
  usage.push('[flags]');
  if (command.settings) usage.push('[--group.setting value …]');
  const { width } = o;
  const parts = [`${wrap(command.about, 0, width)}\n`, `Usage: ${usage.join(' ')}`];
  if (command.details) parts.push(`\n${wrap(command.details, 0, width)}`);
  if (command.positional)
    parts.push(`\nArgument\n${table([[command.positional.name, command.positional.about]], width)}`);
  const leaves = new Map(settingLeaves().map((l) => [l.path, l]));
  const rows = flagsOf(command).map((f) => {
    const leaf = f.setting === undefined ? undefined : leaves.get(f.setting);
    const name = f.setting && f.setting !== f.name ? ` (${f.setting})` : '';
    return [flagSyntax(f), f.about + name + (leaf ? inBrackets(leaf, o.values.settings) : '')];
  });
  const help = HELP_FLAGS.filter((f) => f.name !== 'help-all' || command.settings);
  rows.push(...help.map((f) => [flagSyntax(f), f.about]));
  parts.push(`\nFlags\n${table(rows, width)}`);
  if (command.flags.some((f) => f.name === 'preset')) {
    parts.push(
      `\nPresets\n${table(
        Object.entries(PRESETS).map(([name, p]) => [name, p.about]),
        width,
      )}`,
    );
  }
  parts.push(
    `\nExamples\n${table(
      command.examples.map((e) => [e.line, e.about]),
      width,
    )}`,
  );
  if (command.settings) parts.push(o.all ? settingsHelp(command.settings, o) : settingsLine(command, o));
  return parts.join('\n');
}

/** One line on the settings, in place of their list. */
function settingsLine(command: Command, { width, values }: HelpOptions): string {
  const others = command.flags.some((f) => f.name === 'preset') ? '; --preset NAME --help shows another preset’s' : '';
  return `\n${wrap(
    `Values in [brackets] are those of ${values.from}${others}. Every setting (${command.settings!.map((g) => (g === 'seed' ? g : `${g}.*`)).join(', ')} …) is a flag, too, by its dotted name: synclr ${command.name} --help-all lists them, and so does docs/settings.md.`,
    0,
    width,
  )}`;
}

/** The settings of these groups with values and meanings. */
function settingsHelp(groups: readonly string[], { width, values }: HelpOptions): string {
  const about = [
    'Settings: each is a flag, --views.globalSize 32; lists --views.globalScale 0.3,1; switches --no-probe.baselines.',
    'Order: defaults < preset < --config < flags.',
    `The values in [brackets] are those of ${values.from}.`,
  ];
  const out: string[] = [`\n${wrap(about.join(' '), 0, width)}`];
  for (const group of groups) {
    const leaves = settingLeaves().filter((l) => l.path === group || l.path.startsWith(`${group}.`));
    out.push(
      `\n  ${group}`,
      table(
        leaves.map((l) => [`--${l.path}`, describeLeaf(l, values.settings)]),
        width,
      ),
    );
  }
  out.push('\nAll settings of all groups are accepted here; docs/settings.md lists them.');
  return out.join('\n');
}

function describeLeaf(l: Leaf, settings: Settings): string {
  const about = l.about ? `${l.about}; ` : '';
  return `${about}${l.expected}${inBrackets(l, settings)}`;
}

/** The value that a setting has, ` [32]`; nothing where it has none. */
function inBrackets(l: Leaf, settings: Settings): string {
  const value = getPath(settings, l.path);
  const shown = value === undefined ? '' : shownValue(l.path, showValue(value));
  return shown === '' ? '' : ` [${shown}]`;
}

/** Two columns of `width` in all, the second wrapped. */
export function table(rows: readonly (readonly string[])[], width: number): string {
  const widest = Math.min(38, Math.floor(width * 0.4), Math.max(...rows.map((r) => r[0].length)));
  return rows
    .map(([left, right]) => {
      const text = wrap(right, widest + 4, width);
      return left.length > widest ? `  ${left}\n${' '.repeat(widest + 4)}${text}` : `  ${left.padEnd(widest)}  ${text}`;
    })
    .join('\n');
}

function wrap(text: string, indent: number, width: number): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line && line.length + 1 + word.length > width - indent) {
      lines.push(line);
      line = word;
    } else line = line ? `${line} ${word}` : word;
  }
  lines.push(line);
  return lines.join(`\n${' '.repeat(indent)}`);
}
