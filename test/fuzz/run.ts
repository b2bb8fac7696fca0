import { fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Message } from './child.js';
import type { Room } from './targets/index.js';

/** Longest that one input may keep a parser busy, seconds of processor time; where that cannot be known, and for idle waiting, of the clock. */
const MOST_SECONDS = 2;
const MOST_WAITING = 30;
/** Inputs of one process; a new one starts with its memory small. */
const PER_PROCESS = 2500;

export interface Failure {
  target: string;
  seed: number;
  input: number;
  kind: 'error' | 'memory' | 'hang' | 'crash';
  what: string;
}

export interface Tried {
  room: Room;
  target: string;
  inputs: number;
  accepted: number;
  refused: number;
  /** Most memory that a process held, MiB. */
  peakMb: number;
  seconds: number;
  failures: Failure[];
}

/** Feeds a target with inputs `from` … `to` of a seed; ends after `most` failures. */
export async function tryTarget(
  { room, target }: { room: Room; target: string },
  seed: number,
  from: number,
  to: number,
  most = 20,
): Promise<Tried> {
  const began = performance.now();
  const tried: Tried = { room, target, inputs: 0, accepted: 0, refused: 0, peakMb: 0, seconds: 0, failures: [] };
  let next = from;
  while (next < to && tried.failures.length < most)
    next = await oneProcess(tried, seed, next, Math.min(to, next + PER_PROCESS));
  tried.inputs = next - from;
  tried.seconds = (performance.now() - began) / 1000;
  return tried;
}

/** @returns the first input that is still to be tried */
function oneProcess(tried: Tried, seed: number, from: number, to: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = fork(
      fileURLToPath(new URL('./child.js', import.meta.url)),
      [tried.room, tried.target, `${seed}`, `${from}`, `${to}`],
      {
        stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
        execArgv: ['--max-old-space-size=1024'],
      },
    );
    let input: number | undefined;
    let since = { clock: performance.now(), busy: 0 };
    let ended: number | undefined;
    let said = '';
    const fail = (kind: Failure['kind'], what: string, at: number) =>
      tried.failures.push({ target: tried.target, seed, input: at, kind, what });
    child.stderr!.on('data', (d) => {
      said = (said + d).slice(-4000);
    });
    const watch = setInterval(() => {
      if (input === undefined || ended !== undefined) return;
      const busy = processorSeconds(child.pid!);
      const waited = (performance.now() - since.clock) / 1000;
      const hangs = busy === undefined ? waited > 10 * MOST_SECONDS : busy - since.busy > MOST_SECONDS;
      if (!hangs && waited < MOST_WAITING) return;
      fail(
        'hang',
        `no end after ${waited.toFixed(1)} s${busy === undefined ? '' : `, busy for ${(busy - since.busy).toFixed(1)} s of them`}`,
        input,
      );
      ended = input + 1;
      child.kill('SIGKILL');
    }, 200);
    child.on('message', (m: Message) => {
      if ('start' in m) {
        input = m.start;
        since = { clock: performance.now(), busy: processorSeconds(child.pid!) ?? 0 };
      } else if ('failed' in m) {
        fail(m.failed.kind, m.failed.what, m.failed.input);
        if (m.failed.kind === 'memory') ended = m.failed.input + 1;
      } else if ('done' in m) {
        tried.accepted += m.done.accepted;
        tried.refused += m.done.refused;
        tried.peakMb = Math.max(tried.peakMb, m.done.peakMb);
        ended = to;
      }
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearInterval(watch);
      if (ended === undefined) {
        // Before the first input it is the target that is broken.
        if (input === undefined) {
          fail('crash', `the target does not start: ${said}`, from);
          return resolve(to);
        }
        fail(code === 13 ? 'hang' : 'crash', `the process ended with ${signal ?? code}: ${said}`, input);
        ended = input + 1;
      }
      resolve(ended);
    });
  });
}

/** Processor time that a process has used, seconds; undefined where /proc does not say. */
function processorSeconds(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // proc(5): utime and stime, in ticks of which Linux has 100 a second.
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return undefined;
  }
}
