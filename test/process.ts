import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { temporaryName } from '../src/files/temporary.js';

/** The built command line; `npm test` builds it first. */
export const MAIN = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));

export interface Outcome {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** A temporary file's name as a process that is gone left it; no process of Linux has this number. */
export const leftBehind = (path: string): string => temporaryName(path).replace(/-\d+-/, '-4194305-');

/** Runs `synclr …` in `cwd` to its end; `onStart` gets the process, e.g. to send it a signal; `env` goes beside this process's. */
export function synclr(
  args: readonly string[],
  cwd: string,
  onStart?: (child: ChildProcess) => void,
  env: NodeJS.ProcessEnv = {},
): Promise<Outcome> {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [MAIN, ...args], {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (d) => (stdout += d));
    child.stderr.on('data', (d) => (stderr += d));
    child.on('error', fail);
    child.on('close', (code, signal) => done({ code, signal, stdout, stderr }));
    onStart?.(child);
  });
}

/** Waits until `test` holds. */
export async function until(test: () => boolean, what: string, seconds = 60): Promise<void> {
  for (const end = Date.now() + seconds * 1000; !test(); ) {
    if (Date.now() > end) throw new Error(`waited ${seconds} s for ${what}`);
    await new Promise((done) => setTimeout(done, 20));
  }
}
