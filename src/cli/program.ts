import { didYouMean } from '../config/suggest.js';
import { asUserError, Interrupted, UserError } from '../errors.js';
import { oneLine } from '../printable.js';
import { VERSION } from '../version.js';
import { parseArguments, shownCommand } from './support/args.js';
import type { Command } from './support/command.js';
import { commandHelp, table } from './support/help.js';
import type { Terminal } from './support/terminal.js';

/** The commands; each is one file, loaded when it is called. */
const COMMANDS: Readonly<Record<string, { about: string; load: () => Promise<{ command: Command }> }>> = {
  run: { about: 'from concepts to a probed encoder, all stages', load: () => import('./run.js') },
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
  eval: { about: 'probe the encoder: kNN, linear, baselines', load: () => import('./eval.js') },
  embed: { about: 'features of a folder of images', load: () => import('./embed.js') },
  export: { about: 'the encoder as safetensors and ONNX, for Node and browsers', load: () => import('./export.js') },
  report: { about: 'write report.html of a run', load: () => import('./report.js') },
  backend: {
    about: 'XLA plugins for accelerators: what is here and works; install, remove',
    load: () => import('./backend.js'),
  },
  doctor: { about: 'check this machine', load: () => import('./doctor.js') },
};

const names = Object.keys(COMMANDS);

const HELP = `synclr ${VERSION}: trains a vision encoder from a list of concepts, without a single real image.

Usage: synclr COMMAND [flags]

Commands
${table(Object.entries(COMMANDS).map(([name, c]) => [name, c.about]))}

  synclr COMMAND --help    flags, settings and examples
  synclr --version`;

/**
 * Runs one command line.
 * @param argv without the program's name
 * @throws what the command throws; see {@link say}
 */
export async function runCommand(argv: readonly string[], terminal: Terminal, signal: AbortSignal): Promise<void> {
  const [name, ...rest] = argv;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    const about = name === 'help' ? rest[0] : undefined;
    terminal.text(about ? commandHelp(await commandOf(about)) : HELP);
    return;
  }
  if (name === '--version' || name === '-v' || name === '-V') {
    terminal.line(VERSION);
    return;
  }
  const command = await commandOf(name);
  const end = rest.indexOf('--');
  if ((end < 0 ? rest : rest.slice(0, end)).some((a) => a === '--help' || a === '-h')) {
    terminal.text(commandHelp(command));
    return;
  }
  const parsed = parseArguments(command, rest);
  const json = parsed.switches.has('json');
  const answer = (value: unknown, show: () => void) => (json ? terminal.text(JSON.stringify(value)) : show());
  await command.run(parsed, { terminal, signal, line: shownCommand(command, rest), answer });
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
