import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Of what a script says on each of its outputs, the end is kept: so many characters. */
const MOST_SAID = 20_000;

/** How a script ended. */
export interface Apart {
  code: number | null;
  signal: NodeJS.Signals | null;
  out: string;
  err: string;
  /** It was killed for want of time. */
  late: boolean;
}

export interface ApartOptions {
  /** Longest time that it may take, milliseconds. */
  patience: number;
  /** Beside this process's environment. */
  env?: NodeJS.ProcessEnv;
  /** Its abort kills the script. */
  signal?: AbortSignal;
  /** What it reads from its standard input; default nothing. */
  input?: string;
}

/**
 * Runs a script of ours in a process of its own, which native code may take down with it.
 * @throws the operating system's error where no process could be started
 */
export function runApart(script: URL, args: readonly string[], o: ApartOptions): Promise<Apart> {
  return new Promise((done, failed) => {
    const env = { ...process.env, ...o.env };
    const child = spawn(process.execPath, [fileURLToPath(script), ...args], { env, stdio: 'pipe' });
    // One that ends without reading it all is no error of ours.
    child.stdin.on('error', () => {});
    child.stdin.end(o.input);
    let out = '';
    let err = '';
    let late = false;
    child.stdout.on('data', (d) => (out = (out + d).slice(-MOST_SAID)));
    child.stderr.on('data', (d) => (err = (err + d).slice(-MOST_SAID)));
    const stop = () => child.kill('SIGKILL');
    const timer = setTimeout(() => {
      late = true;
      stop();
    }, o.patience);
    o.signal?.addEventListener('abort', stop);
    if (o.signal?.aborted) stop();
    const end = () => {
      clearTimeout(timer);
      o.signal?.removeEventListener('abort', stop);
    };
    child.on('error', (e) => {
      end();
      failed(e);
    });
    child.on('close', (code, signal) => {
      end();
      done({ code, signal, out, err, late });
    });
  });
}
