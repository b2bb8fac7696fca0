import { stat } from 'node:fs/promises';
import { runApart } from '../../apart.js';
import { Interrupted, UserError } from '../../errors.js';

/** Longest trial: so many milliseconds, and one more for so many bytes (a slow disk). */
const PATIENCE_MS = 120_000;
const BYTES_A_MS = 10_000;

/** Trials that went well: a file that is loaded again as it was needs no other. */
const well = new Set<string>();

/**
 * Tries a model as {@link tryAlone} does, once a process as long as its files stay the same.
 * @param paths the file, or the parts of a split model in order
 * @throws UserError naming the file, with what llama.cpp said last; Interrupted when the signal is aborted
 */
export async function tryGguf(paths: readonly string[], signal?: AbortSignal): Promise<void> {
  const found = await Promise.all(paths.map((path) => stat(path)));
  const key = JSON.stringify([paths, found.map(({ size, mtimeMs, ino }) => [size, mtimeMs, ino])]);
  if (well.has(key)) return;
  await tryAlone(
    paths[0],
    found.reduce((sum, { size }) => sum + size, 0),
    signal,
  );
  well.add(key);
}

/**
 * Loads a model and runs one token through it in a process of its own: where llama.cpp gives up on a file it ends the process that it is in.
 * @param bytes of the model, by which the time is measured that it may take
 */
async function tryAlone(path: string, bytes: number, signal?: AbortSignal): Promise<void> {
  const own = import.meta.url;
  // From the TypeScript sources (tests) it is the compiled one, as with workers.
  const script = own.endsWith('.ts')
    ? new URL('../../../dist/captions/models/try-gguf.js', own)
    : new URL('./try-gguf.js', own);
  const patience = PATIENCE_MS + bytes / BYTES_A_MS;
  // Where ggml aborts it would have a debugger look at the process, for seconds.
  const ended = await runApart(script, [path], { patience, signal, env: { GGML_NO_BACKTRACE: '1' } });
  if (signal?.aborted) throw new Interrupted('stopped while the language model was loaded');
  if (/^ok$/m.test(ended.out)) return;
  const said = /^failed (.*)$/m.exec(ended.out)?.[1] ?? lastLine(ended.err);
  const how = ended.late
    ? 'it did not come to an end'
    : ended.signal
      ? `it was ended by ${ended.signal}`
      : `it ended with code ${ended.code}`;
  throw new UserError(
    `captions.model: llama.cpp cannot load ${path}: ${said ?? how}${said && ended.signal ? ` (${how})` : ''}`,
  );
}

/** llama.cpp's own last word before it aborts is about a file and a line of its source; stacks come after that. */
function lastLine(text: string): string | undefined {
  const lines = text.split('\n').map((l) => l.trim());
  const assertion = lines.find((l) => /GGML_ASSERT|GGML_ABORT|terminate called|what\(\)/.test(l));
  return (assertion ?? lines.findLast((l) => l !== ''))?.slice(0, 300);
}
