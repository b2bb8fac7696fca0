import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  text: string;
  /** Milliseconds from the start to the end. */
  took: number;
}

/** Runs `synclr …` to its end, or kills it with -9 after `kill` milliseconds. */
export function synclr(args: readonly string[], cwd: string, kill?: number): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const child = spawn(process.execPath, [MAIN, ...args], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (d) => (text += d));
    const timer = kill === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), kill);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal, text, took: performance.now() - began });
    });
  });
}

/** Checksum by path of all files below a folder; a link counts by where it leads. */
export function allFiles(dir: string, wanted: (path: string) => boolean = () => true): Record<string, string> {
  const out: Record<string, string> = {};
  for (const path of readdirSync(dir, { recursive: true, encoding: 'utf8' }).sort()) {
    const full = join(dir, path);
    if (!wanted(path) || lstatSync(full).isDirectory()) continue;
    out[path] = createHash('sha256').update(readFileSync(full)).digest('hex').slice(0, 16);
  }
  return out;
}
