/**
 * kill -9 at random moments of all commands that write: what is killed again and again ends in the same bytes as what never was, and leaves
 * nothing behind.
 *   npm run crash [-- --kills 300] [--seed N] [--job NAME]
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import sharp from 'sharp';
import { Rng } from '../../src/rng.js';
import { type Job, jobs } from './jobs.js';
import { synclr } from './program.js';

/** Kills of one folder before it may end. */
const IN_A_ROW = 6;

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '300' },
    seed: { type: 'string', default: process.env.SYNCLR_TEST_SEED ?? String(Date.now() % 1_000_000) },
    job: { type: 'string', multiple: true },
  },
});
const seed = Number(values.seed);
const wanted = Number(values.kills);
console.log(`crash: seed ${seed}, ${wanted} kills`);

const cwd = mkdtempSync(join(tmpdir(), 'synclr-crash-'));
process.on('exit', () => rmSync(cwd, { recursive: true, force: true }));
mkdirSync(join(cwd, 'photos'));
for (let i = 0; i < 300; i++) {
  const data = Buffer.from(Array.from({ length: 40 * 40 * 3 }, (_, k) => (k * (i + 7)) % 256));
  await sharp(data, { raw: { width: 40, height: 40, channels: 3 } })
    .png()
    .toFile(join(cwd, 'photos', `${i}.png`));
}
const { all, close } = await jobs(cwd);
const unknown = values.job?.find((name) => !all.some((j) => j.name === name));
if (unknown !== undefined || !Number.isSafeInteger(seed) || !(wanted > 0)) {
  console.error(`no job ${unknown}; there are: ${all.map((j) => j.name).join('; ')}`);
  process.exit(2);
}

/** Runs a job's commands to the end, from the given one on. @returns how long each took, milliseconds */
async function whole(job: Job, out: string, from = 0): Promise<number[]> {
  const took: number[] = [];
  for (const command of job.commands(out).slice(from)) {
    const ended = await synclr(command, cwd);
    if (ended.code !== 0) throw new Error(`${command.slice(0, 3).join(' ')} … ended with ${ended.code}: ${ended.text}`);
    took.push(ended.took);
  }
  return took;
}

// The unbroken ones; the run's own folder is what others begin from.
const unbroken = new Map<string, { took: number[]; made: unknown }>();
const tried = all.filter((j) => j.name === 'run' || !values.job || values.job.includes(j.name));
for (const job of tried) {
  const out = join(cwd, job.name === 'run' ? 'finished' : `unbroken ${job.name}`);
  job.prepare?.(out);
  const took = await whole(job, out);
  unbroken.set(job.name, { took, made: job.made(out) });
}

let kills = 0;
let failures = 0;
const counts = new Map<string, { kills: number; folders: number }>();
const drawn = tried.filter((j) => !values.job || values.job.includes(j.name));
for (let folder = 0; kills < wanted; folder++) {
  const job = drawn[folder % drawn.length];
  const rng = Rng.of(seed, 'crash', folder);
  const out = join(cwd, `folder ${folder}`);
  const { took, made } = unbroken.get(job.name)!;
  const count = counts.get(job.name) ?? { kills: 0, folders: 0 };
  counts.set(job.name, count);
  count.folders++;
  const moments: string[] = [];
  try {
    job.prepare?.(out);
    const commands = job.commands(out);
    let at = 0;
    for (let k = 0; k < IN_A_ROW && at < commands.length && kills < wanted; ) {
      const after = rng.range(0, took[at]);
      const ended = await synclr(commands[at], cwd, after);
      moments.push(`${commands[at][0]} after ${after.toFixed(0)} ms`);
      if (ended.signal === 'SIGKILL') {
        k++;
        kills++;
        count.kills++;
        // The later commands are to have their share, too.
        if (rng.uniform() < (commands.length - 1) / IN_A_ROW) {
          const done = await synclr(commands[at++], cwd);
          if (done.code !== 0) throw new Error(`ended with ${done.code}: ${done.text}`);
        }
      } else if (ended.code === 0) at++;
      else throw new Error(`ended with ${ended.code}: ${ended.text}`);
    }
    await whole(job, out, at);
    const now = job.made(out);
    if (!isDeepStrictEqual(now, made)) throw new Error(`other content: ${difference(made, now)}`);
  } catch (e) {
    failures++;
    console.log(`crash: ${job.name}, folder ${folder} (${moments.join(', ')}): ${(e as Error).message}`);
  }
  rmSync(out, { recursive: true, force: true });
}
await close();
for (const [name, c] of counts) console.log(`${name.padEnd(32)} ${c.kills} kills in ${c.folders} folders`);
console.log(`crash: ${kills} kills, ${failures} folders that ended otherwise (seed ${seed})`);
process.exit(failures > 0 ? 1 : 0);

/** What differs, in short. */
function difference(before: unknown, now: unknown): string {
  const flat = (value: unknown, path = ''): [string, string][] =>
    typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([k, v]) => flat(v, `${path}/${k}`))
      : [[path, String(value)]];
  const old = new Map(flat(before));
  const fresh = new Map(flat(now));
  const paths = [...new Set([...old.keys(), ...fresh.keys()])].filter((p) => old.get(p) !== fresh.get(p));
  return paths
    .slice(0, 8)
    .map((p) => `${p}: ${old.get(p) ?? 'absent'} → ${fresh.get(p) ?? 'absent'}`)
    .join('; ');
}
