#!/usr/bin/env node
import { runCommand, say } from './program.js';
import { Stop } from './support/signals.js';
import { Terminal } from './support/terminal.js';

// Output piped into a program that stops reading (`| head`) is no error.
process.stdout.on('error', (e: NodeJS.ErrnoException) => {
  if (e.code === 'EPIPE') process.exit(0);
  throw e;
});

const terminal = new Terminal();
const stop = new Stop((signal) => {
  terminal.line(`${signal}: finishing what is in hand; the same command continues later (again to stop at once)`);
});

// What no one waits for (a stream, a timer) would be printed by Node itself, as it is.
for (const event of ['uncaughtException', 'unhandledRejection'] as const)
  process.on(event, (e: unknown) => process.exit(say(e, terminal, stop)));

try {
  await runCommand(process.argv.slice(2), terminal, stop.signal);
} catch (e) {
  process.exitCode = say(e, terminal, stop);
}
// Whatever still runs (a painter's thread, a session) must not keep a finished command alive.
setTimeout(() => process.exit(), 2000).unref();
