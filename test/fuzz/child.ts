import { asUserError, Interrupted } from '../../src/errors.js';
import { Transient } from '../../src/net/remote-server.js';
import { Rng } from '../../src/rng.js';
import { mutate } from './mutate.js';
import type { Parser } from './target.js';
import { type Room, targetsOf } from './targets/index.js';

/**
 * One process that feeds a target with inputs `from` … `to`, started by run.ts, which watches it: a parser that hangs, aborts or takes all
 * memory takes this process with it and no more.
 *   node child.js ROOM TARGET SEED FROM TO
 */

/** What a child tells, one message each. */
export type Message =
  | { ready: number; baselineMb: number }
  | { start: number }
  | { failed: { input: number; kind: 'error' | 'memory'; what: string } }
  | { done: { accepted: number; refused: number; peakMb: number } };

const [room, name, seed, from, to] = process.argv.slice(2);
const target = (await targetsOf(room as Room)).find((t) => t.name === name);
if (!target) throw new Error(`no target ${name}`);
const say = (message: Message): Promise<void> =>
  new Promise((sent) => {
    if (process.send) process.send(message, () => sent());
    else sent();
  });
/** Most that this process has ever held, bytes. */
const peak = (): number => process.resourceUsage().maxRSS * 1024;

const parser = await started();

/** Promises that nobody waits for any more count as errors of the input in hand. */
let stray: unknown;
process.on('unhandledRejection', (e) => {
  stray = e;
});
process.on('uncaughtException', (e) => {
  stray = e;
});
const baseline = peak();
await say({ ready: Number(from), baselineMb: baseline / 2 ** 20 });

const counts = { accepted: 0, refused: 0 };
for (let input = Number(from); input < Number(to); input++) {
  await say({ start: input });
  const { bytes, tag } = mutate(parser.seeds, Rng.of(Number(seed), 'fuzz', name, input));
  let thrown: unknown;
  try {
    await parser.parse(bytes, tag);
    counts.accepted++;
  } catch (e) {
    if (isOurs(e)) counts.refused++;
    else thrown = e ?? new Error(`${e} was thrown`);
  }
  // What nobody waited for is reported after the promises of this turn.
  await new Promise((done) => setImmediate(done));
  thrown ??= stray;
  stray = undefined;
  if (thrown !== undefined) await say({ failed: { input, kind: 'error', what: stackOf(thrown) } });
  const used = peak() - baseline;
  const bound = (target.allowanceMb ?? 192) * 2 ** 20 + (target.bytesPerByte ?? 64) * bytes.length;
  if (used > bound) {
    const what = `${Math.round(used / 2 ** 20)} MiB for an input of ${bytes.length} bytes, at most ${Math.round(bound / 2 ** 20)}`;
    await say({ failed: { input, kind: 'memory', what } });
    // The peak never falls: the next inputs need a process of their own.
    process.exit(3);
  }
}
await parser.close?.();
await say({ done: { ...counts, peakMb: peak() / 2 ** 20 } });
process.exit(0);

/**
 * The parser, after it has read all seeds: what those take is the baseline, libraries are loaded, code is compiled. A seed may be one that is
 * refused, as long as others are not.
 */
async function started(): Promise<Parser> {
  try {
    const opened = await target!.open();
    let refusal: unknown = new Error('there are no seeds');
    let read = 0;
    for (const s of opened.seeds)
      try {
        await opened.parse(s.bytes, s.tag);
        read++;
      } catch (e) {
        if (!isOurs(e)) throw e;
        refusal = e;
      }
    if (read === 0) throw refusal;
    return opened;
  } catch (e) {
    process.stderr.write(`${stackOf(e)}\n`);
    process.exit(1);
  }
}

/** Errors by which the product says that an input is bad. */
function isOurs(e: unknown): boolean {
  return asUserError(e) !== undefined || e instanceof Interrupted || e instanceof Transient;
}

function stackOf(e: unknown): string {
  return e instanceof Error ? (e.stack ?? e.message) : String(e);
}
