import { type Apart, runApart } from '../../apart.js';
import { cutAtWord } from '../../printable.js';

/** Longest time that an attempt may take, milliseconds. */
const PATIENCE_MS = 60_000;

/**
 * Runs one of our `try-….js` in a process of its own, which native code may take down with it. The script prints one line, `ok …` or `failed …`.
 * @returns what it said, or the reason for which it could not
 */
export async function tryAlone(script: string, args: readonly string[] = []): Promise<{ ok: boolean; text: string }> {
  let ended: Apart;
  try {
    ended = await runApart(new URL(script, import.meta.url), args, { patience: PATIENCE_MS });
  } catch (e) {
    return { ok: false, text: (e as Error).message };
  }
  const { out, err, signal, code } = ended;
  const result = out.match(/^(ok|failed) (.*)$/m);
  if (result?.[1] === 'ok') return { ok: true, text: result[2] };
  const said = result?.[2] ?? lastLine(err) ?? (signal ? `ended by ${signal}` : `exit code ${code}`);
  // ONNX Runtime puts file, line and function in front of what it has to say; Dawn says more on stderr.
  const reason = said.split(/ was false\. |\] /).at(-1)!;
  const more = err.match(/Warning: (.*)/)?.[1];
  return { ok: false, text: cutAtWord(more ? `${reason} (${more})` : reason, 200) };
}

function lastLine(text: string): string | undefined {
  return text.trim().split('\n').at(-1) || undefined;
}
