import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { cutAtWord } from '../../printable.js';

/** Longest time that an attempt may take, milliseconds. */
const PATIENCE_MS = 60_000;

/**
 * Runs one of our `try-….js` in a process of its own, which native code may take down with it. The script prints one line, `ok …` or `failed …`.
 * @returns what it said, or the reason for which it could not
 */
export function tryAlone(script: string, args: readonly string[] = []): Promise<{ ok: boolean; text: string }> {
  const path = fileURLToPath(new URL(script, import.meta.url));
  return new Promise((done) => {
    const child = spawn(process.execPath, [path, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
    let out = '';
    let err = '';
    child.stdout.on('data', (d) => (out += d));
    child.stderr.on('data', (d) => (err += d));
    child.on('error', (e) => done({ ok: false, text: e.message }));
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      const result = out.match(/^(ok|failed) (.*)$/m);
      if (result?.[1] === 'ok') return done({ ok: true, text: result[2] });
      const said = result?.[2] ?? lastLine(err) ?? (signal ? `ended by ${signal}` : `exit code ${code}`);
      // ONNX Runtime puts file, line and function in front of what it has to say; Dawn says more on stderr.
      const reason = said.split(/ was false\. |\] /).at(-1)!;
      const more = err.match(/Warning: (.*)/)?.[1];
      const text = more ? `${reason} (${more})` : reason;
      done({ ok: false, text: cutAtWord(text, 200) });
    });
  });
}

function lastLine(text: string): string | undefined {
  return text.trim().split('\n').at(-1) || undefined;
}
