import { DEFAULT_PRESET } from '../config/presets.js';
import { presetName, resolveSettings } from '../config/resolve.js';
import { didYouMean } from '../config/suggest.js';
import { asUserError, Interrupted, UserError } from '../errors.js';
import { oneLine } from '../printable.js';
import { VERSION } from '../version.js';
import { parseArguments, shownCommand } from './support/args.js';
import type { Command } from './support/command.js';
import { commandHelp, type HelpOptions, table } from './support/help.js';
import type { Terminal } from './support/terminal.js';

/** The commands; each is one file, loaded when it is called. */
const COMMANDS: Readonly<Record<string, { about: string; load: () => Promise<{ command: Command }> }>> = {
  run: { about: 'from concepts to a probed encoder, all stages', load: () => import('./run.js') },
  concepts: {
    about: 'show what a list of concepts is taken for, and what will be drawn',
    load: () => import('./concepts.js'),
  },
  captions: {
    about: 'write captions for concepts; --report looks at them',
    load: () => import('./captions.js'),
  },
  backgrounds: {
    about: 'ask a language model for backgrounds of each concept',
    load: () => import('./backgrounds.js'),
  },
  images: {
    about: 'paint images for captions; --preview shows a contact sheet, --again paints some once more',
    load: () => import('./images.js'),
  },
  train: { about: 'train the encoder', load: () => import('./train.js') },
  eval: {
    about: 'probe a run’s encoder, or compare encoders by the paper’s protocols',
    load: () => import('./eval.js'),
  },
  ablate: { about: 'train a grid of learners alike, beside the paper’s figures', load: () => import('./ablate.js') },
  classify: {
    about: 'a classifier of your concepts from painted captions alone, tested on your photos, exported as ONNX',
    load: () => import('./classify.js'),
  },
  embed: { about: 'features of a folder of images', load: () => import('./embed.js') },
  index: {
    about: 'an index of a folder of photos, made or brought up to date',
    load: () => import('./index-photos.js'),
  },
  search: { about: 'photos of an index by an image or by words', load: () => import('./search.js') },
  duplicates: { about: 'near-duplicates among the photos of an index', load: () => import('./duplicates.js') },
  encoders: {
    about: 'what an encoder is: its family, sizes, preprocessing, what its file holds besides',
    load: () => import('./encoders.js'),
  },
  export: { about: 'the encoder as safetensors and ONNX, for Node and browsers', load: () => import('./export.js') },
  report: { about: 'write report.html of a run', load: () => import('./report.js') },
  backend: {
    about: 'XLA plugins for accelerators: what is here and works; install, remove',
    load: () => import('./backend.js'),
  },
  doctor: { about: 'check this machine', load: () => import('./doctor.js') },
  schema: { about: 'print the JSON schema of settings files', load: () => import('./schema.js') },
  completion: {
    about: 'print a script by which bash, zsh or fish completes synclr’s command lines',
    load: () => import('./completion.js'),
  },
};

const names = Object.keys(COMMANDS);

/** All commands, loaded: for what is generated from their declarations. */
export async function allCommands(): Promise<Command[]> {
  return Promise.all(Object.values(COMMANDS).map(async ({ load }) => (await load()).command));
}

const help = (
  width: number,
): string => `synclr ${VERSION}: trains a vision encoder from a list of concepts, without a single real image.

Usage: synclr COMMAND [flags]

Commands
${table(
  Object.entries(COMMANDS).map(([name, c]) => [name, c.about]),
  width,
)}

  synclr COMMAND --help       flags and examples; synclr help COMMAND is the same
  synclr COMMAND --help-all   and settings
  synclr --version`;

/**
 * Runs one command line.
 * @param argv without the program's name
 * @throws what the command throws; see {@link say}
 */
export async function runCommand(argv: readonly string[], terminal: Terminal, signal: AbortSignal): Promise<void> {
  const [first, ...others] = argv;
  // `synclr help run --preset gpu-b16` is `synclr run --help --preset gpu-b16`.
  const asksHelp = first === 'help' && others[0] !== undefined && !others[0].startsWith('-');
  const [name, ...rest] = asksHelp ? [others[0], ...others.slice(1), '--help'] : argv;
  if (name === undefined || ['--help', '-h', '--help-all', 'help'].includes(name)) {
    terminal.text(help(terminal.width));
    return;
  }
  if (isVersion(name)) {
    terminal.line(VERSION);
    return;
  }
  const command = await commandOf(name);
  const end = rest.indexOf('--');
  const flags = end < 0 ? rest : rest.slice(0, end);
  if (flags.some(isVersion)) {
    terminal.line(VERSION);
    return;
  }
  const all = flags.includes('--help-all');
  if (all || flags.includes('--help') || flags.includes('-h')) {
    terminal.text(commandHelp(command, { width: terminal.width, all, values: valuesOf(command, flags) }));
    return;
  }
  const parsed = parseArguments(command, rest);
  const json = parsed.switches.has('json');
  terminal.behave({ json, quiet: parsed.switches.has('quiet') });
  const answer = (value: unknown, show: () => void) => (json ? terminal.document(value) : terminal.answering(show));
  await command.run(parsed, { terminal, signal, line: shownCommand(command, rest), answer });
}

const isVersion = (arg: string): boolean => arg === '--version' || arg === '-v' || arg === '-V';

/** The settings that stand in a command's help: those of the preset and the file that stand beside `--help`. */
function valuesOf(command: Command, flags: readonly string[]): HelpOptions['values'] {
  const given = (name: string) => (command.flags.some((f) => f.name === name) ? valueAfter(flags, name) : undefined);
  const [preset, file] = [given('preset'), given('config')];
  const sources = { preset: preset === undefined ? undefined : presetName(preset), file, training: false };
  const from = [
    ...(preset !== undefined || file === undefined ? [`preset ${preset ?? DEFAULT_PRESET}`] : []),
    ...(file === undefined ? [] : [file]),
  ];
  return { settings: resolveSettings(sources), from: from.join(' and ') };
}

/** What stands after a flag, `--preset tiny` or `--preset=tiny`, in a command line that is not parsed. */
function valueAfter(argv: readonly string[], flag: string): string | undefined {
  const at = argv.findLastIndex((arg) => arg === `--${flag}` || arg.startsWith(`--${flag}=`));
  if (at < 0) return undefined;
  if (argv[at].includes('=')) return argv[at].slice(argv[at].indexOf('=') + 1);
  return argv[at + 1]?.startsWith('-') ? undefined : argv[at + 1];
}

async function commandOf(name: string): Promise<Command> {
  if (Object.hasOwn(COMMANDS, name)) return (await COMMANDS[name].load()).command;
  const near = didYouMean(name, names);
  throw new UserError(
    `unknown command "${name}"; ${near.startsWith('did') ? `${near} (valid: ${names.join(', ')})` : near}`,
  );
}

/** Says what went wrong. @param stop whether it was asked to, and the exit code for that @returns the exit code */
export function say(e: unknown, terminal: Terminal, stop: { signal: AbortSignal; exitCode: number }): number {
  if (e instanceof Interrupted || (stop.signal.aborted && (e as Error)?.name === 'AbortError')) {
    const reason = e instanceof Interrupted ? e.message : 'stopped';
    const what = oneLine(reason).replace(/[;,.]? the same command continues.*$/, '');
    terminal.error(`synclr: ${what}; what was finished is kept, the same command continues`);
    return stop.exitCode;
  }
  const mistake = asUserError(e);
  if (mistake) {
    terminal.error(`synclr: ${mistake.message}`);
    return mistake.exitCode;
  }
  terminal.error(`synclr ${VERSION}: an error of synclr itself, not of yours; please report it with what follows`);
  terminal.stack(e);
  return 1;
}
