import { spawn } from 'node:child_process';
import { UserError } from '../../errors.js';

/** What can fetch wheels on this machine. */
export interface Fetcher {
  tool: 'pip' | 'uv';
  /** Program and first arguments. */
  command: readonly [string, ...string[]];
  /** Such as `pip 26.1`. */
  version: string;
}

/** In this order: of pip's wheels the very file is seen and its hash kept, of uv's what it unpacked. */
const CANDIDATES: readonly (readonly [Fetcher['tool'], readonly [string, ...string[]]])[] = [
  ['pip', ['pip']],
  ['pip', ['pip3']],
  ['pip', ['python3', '-m', 'pip']],
  ['pip', ['python', '-m', 'pip']],
  ['pip', ['py', '-m', 'pip']],
  ['uv', ['uv']],
];
/** First pip that knows today's names of platforms (PEP 600). */
const OLDEST_PIP = [20, 3];
const PATIENCE_MS = 30_000;

/** One pip and one uv, as far as they are here. @throws UserError where there is neither */
export async function findFetchers(signal?: AbortSignal): Promise<Fetcher[]> {
  const found: Fetcher[] = [];
  let old = '';
  for (const [tool, command] of CANDIDATES) {
    if (found.some((f) => f.tool === tool)) continue;
    const said = await run(command, ['--version'], { patience: PATIENCE_MS, signal }).catch(() => undefined);
    const version = said?.code === 0 ? /^(?:pip|uv) (\d+)\.(\d+)\S*/.exec(said.out) : null;
    if (!version) continue;
    if (tool === 'pip' && isOlder([Number(version[1]), Number(version[2])])) old ||= version[0];
    else found.push({ tool, command, version: version[0] });
  }
  if (found.length > 0) return found;
  throw new UserError(
    `${old ? `${old} is too old (20.3 or newer), and there is no uv` : 'neither pip nor uv is here'}: install one of them, or fetch the wheels on another machine and name each with --wheel FILE (docs/accelerators.md lists them)`,
  );
}

const isOlder = ([major, minor]: readonly [number, number]): boolean =>
  major < OLDEST_PIP[0] || (major === OLDEST_PIP[0] && minor < OLDEST_PIP[1]);

export interface RunOptions {
  env?: NodeJS.ProcessEnv;
  signal?: AbortSignal;
  /** Milliseconds; absent: as long as it takes. */
  patience?: number;
  /** Of either output. */
  onLine?(line: string): void;
}

export interface Ran {
  code: number | null;
  /** Ends of both outputs. */
  out: string;
  err: string;
}

const MOST_SAID = 200_000;

/** Runs a program to its end; an abort ends it. @throws the operating system's error where it cannot be started; AbortError */
export function run(
  [program, ...first]: readonly [string, ...string[]],
  args: readonly string[],
  o: RunOptions = {},
): Promise<Ran> {
  return new Promise((done, failed) => {
    const child = spawn(program, [...first, ...args], {
      env: { ...process.env, ...o.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      signal: o.signal,
      timeout: o.patience,
    });
    const ends = { out: '', err: '' };
    for (const [name, stream] of [
      ['out', child.stdout],
      ['err', child.stderr],
    ] as const) {
      let line = '';
      stream.setEncoding('utf8').on('data', (text: string) => {
        ends[name] = (ends[name] + text).slice(-MOST_SAID);
        const lines = (line + text).split(/[\r\n]+/);
        line = lines.pop()!.slice(-MOST_SAID);
        for (const l of lines) if (l !== '') o.onLine?.(l);
      });
    }
    child.on('error', failed);
    child.on('close', (code) => done({ code, ...ends }));
  });
}
