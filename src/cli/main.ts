#!/usr/bin/env node
import { didYouMean } from '../config/suggest.js';
import { asUserError, Interrupted, UserError } from '../errors.js';
import { oneLine } from '../printable.js';
import { VERSION } from '../version.js';
import { parseArguments, shownCommand } from './support/args.js';
import type { Command } from './support/command.js';
import { commandHelp, table } from './support/help.js';
import { Stop } from './support/signals.js';
import { Terminal } from './support/terminal.js';

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
  doctor: { about: 'check this machine', load: () => import('./doctor.js') },
};

const names = Object.keys(COMMANDS);

const HELP = `synclr ${VERSION}: trains a vision encoder from a list of concepts, without a single real image.

Usage: synclr COMMAND [flags]

Commands
${table(Object.entries(COMMANDS).map(([name, c]) => [name, c.about]))}

  synclr COMMAND --help    flags, settings and examples
  synclr --version`;

async function main(argv: readonly string[], terminal: Terminal, stop: Stop): Promise<void> {
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
  await command.run(parsed, { terminal, signal: stop.signal, line: shownCommand(command, rest) });
}

async function commandOf(name: string): Promise<Command> {
  if (Object.hasOwn(COMMANDS, name)) return (await COMMANDS[name].load()).command;
  const near = didYouMean(name, names);
  throw new UserError(
    `unknown command "${name}"; ${near.startsWith('did') ? `${near} (valid: ${names.join(', ')})` : near}`,
  );
}

// Output piped into a program that stops reading (`| head`) is no error.
process.stdout.on('error', (e: NodeJS.ErrnoException) => {
  if (e.code === 'EPIPE') process.exit(0);
  throw e;
});

const terminal = new Terminal();
const stop = new Stop((signal) => {
  terminal.line(`${signal}: finishing what is in hand; the same command continues later (again to stop at once)`);
});

/** Says what went wrong. @returns the exit code */
function say(e: unknown): number {
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

// What no one waits for (a stream, a timer) would be printed by Node itself, as it is.
for (const event of ['uncaughtException', 'unhandledRejection'] as const)
  process.on(event, (e: unknown) => process.exit(say(e)));

try {
  await main(process.argv.slice(2), terminal, stop);
} catch (e) {
  process.exitCode = say(e);
}
// Whatever still runs (a painter's thread, a session) must not keep a finished command alive.
setTimeout(() => process.exit(), 2000).unref();
