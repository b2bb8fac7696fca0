import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Rng } from '../src/rng.js';
import { testSeed } from './numbers.js';
import { smallSettings, sums } from './small-corpus.js';

/**
 * kill -9 within the two stages that write the corpus, at many random moments a folder; the folder then ends in the bytes of an unbroken run.
 * SYNCLR_TEST_SEED repeats the moments, SYNCLR_KILL_TIMES tries more folders.
 */
const seed = testSeed('corpus-kill.test.ts');
const times = Number(process.env.SYNCLR_KILL_TIMES ?? 1);
/** Small shards: most kills fall between or within one. */
const SIZES = { 'captions.perShard': 2, 'images.captionsPerShard': 2, 'images.perCaption': 4 };

const SCRIPT = `
const { writeCaptions } = await import(new URL('corpus/captions-stage.js', process.env.DIST).href);
const { writeImages } = await import(new URL('corpus/images-stage.js', process.env.DIST).href);
const o = JSON.parse(process.env.OPTIONS);
o.hooks = { signal: new AbortController().signal, progress() {}, warn() {} };
const say = (text) => new Promise((done) => process.stdout.write(text, done));
await say('captions ');
await writeCaptions(o);
await say('images ');
await writeImages(o);
await say('done');
`;

let base: string;
const took: Record<string, number> = {};

/** Runs both stages; killed `after` milliseconds into `stage`, if given. @returns the stages begun, and `done` */
function run(
  dir: string,
  captions: number,
  workers: number,
  kill?: { stage: string; after: number },
): Promise<string[]> {
  const settings = smallSettings({ ...SIZES, 'captions.count': captions, 'runtime.workers': workers });
  const env = {
    ...process.env,
    DIST: new URL('../dist/', import.meta.url).href,
    OPTIONS: JSON.stringify({ settings, dir }),
  };
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(base, 'stages.mjs')], {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let text = '';
    const begun: Record<string, number> = {};
    child.stdout.on('data', (d) => {
      text += d;
      for (const stage of ['captions', 'images', 'done'])
        if (text.includes(stage) && begun[stage] === undefined) {
          begun[stage] = performance.now();
          if (stage === kill?.stage) setTimeout(() => child.kill('SIGKILL'), kill.after);
        }
    });
    child.on('error', reject);
    child.on('close', (code) => {
      if (!kill) Object.assign(took, { captions: begun.images - begun.captions, images: begun.done - begun.images });
      if (!kill && code !== 0) reject(new Error(`exit code ${code}`));
      else resolve(text.trim().split(' '));
    });
  });
}

const everything = (dir: string) => ({ captions: sums(join(dir, 'captions')), images: sums(join(dir, 'images')) });

beforeAll(() => {
  base = mkdtempSync(join(tmpdir(), 'corpus-kill-'));
  writeFileSync(join(base, 'stages.mjs'), SCRIPT);
});
afterAll(() => rmSync(base, { recursive: true }));

const title = 'killed again and again, the corpus ends in the same bytes';
test(`${title}: three times`, { timeout: 300_000 }, async () => {
  await killed(60, ['captions', 'images', 'images']);
});
test(`${title}: five times a larger one`, { tags: 'nightly', timeout: 300_000 }, async () => {
  expect(await killed(200, ['captions', 'captions', 'images', 'images', 'images'])).toBeGreaterThan(0);
});

/** @param stages in which it is killed, one after the other @returns how often it was */
async function killed(captions: number, stages: readonly string[]): Promise<number> {
  const unbroken = join(base, `unbroken-${captions}`);
  expect((await run(unbroken, captions, 2)).at(-1)).toBe('done');
  let all = 0;
  const expected = everything(unbroken);
  for (let time = 0; time < times; time++) {
    const rng = Rng.of(seed, 'corpus', time);
    const dir = join(base, `${captions}-${time}`);
    let kills = 0;
    for (const stage of stages) {
      const after = rng.range(0, took[stage]);
      const ended = (await run(dir, captions, 1 + rng.int(3), { stage, after })).at(-1) === 'done';
      if (!ended) kills++;
    }
    expect((await run(dir, captions, 1 + rng.int(3))).at(-1), `seed ${seed}`).toBe('done');
    expect(everything(dir), `seed ${seed}`).toEqual(expected);
    const left = [...(await readdir(join(dir, 'captions'))), ...(await readdir(join(dir, 'images')))];
    expect(left.filter((n) => n.startsWith('.') || n.endsWith('.journal'))).toEqual([]);
    console.log(`corpus-kill.test: killed ${kills} times`);
    all += kills;
  }
  return all;
}
