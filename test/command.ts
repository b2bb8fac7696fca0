import { Writable } from 'node:stream';
import { runCommand, say } from '../src/cli/program.js';
import { Terminal } from '../src/cli/support/terminal.js';
import type { Outcome } from './process.js';

/** What a command writes to a stream. */
class Kept extends Writable {
  text = '';

  override _write(chunk: Buffer, _: string, done: () => void): void {
    this.text += chunk;
    done();
  }
}

/**
 * As `synclr` of process.ts, in this process: for the many command lines of which only the answer matters, since to start a process takes
 * longer than most of them. One at a time: the folder and the exit code are the process's.
 */
export async function command(args: readonly string[], cwd: string): Promise<Outcome> {
  const [stdout, stderr] = [new Kept(), new Kept()];
  const terminal = new Terminal(stdout as never, stderr as never);
  const { signal } = new AbortController();
  const before = process.cwd();
  process.chdir(cwd);
  let code = 0;
  try {
    await runCommand(args, terminal, signal);
    code = Number(process.exitCode ?? 0);
  } catch (e) {
    code = say(e, terminal, { signal, exitCode: 130 });
  } finally {
    process.exitCode = undefined;
    process.chdir(before);
  }
  return { code, signal: null, stdout: stdout.text, stderr: stderr.text };
}
