import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openCorpus } from '../src/corpus/corpus.js';
import type { ImageRecord } from '../src/corpus/image-shards.js';
import { readManifest } from '../src/corpus/manifest.js';
import { Rng } from '../src/rng.js';
import { type Fault as ImageFault, type ImageServer, startImageServer } from './image-server.js';
import { haveLlama } from './llama/data.js';
import { LlamaServer } from './llama/server-process.js';
import { micro } from './micro.js';
import { testSeed } from './numbers.js';
import { type Outcome, synclr } from './process.js';
import { sums } from './small-corpus.js';

/**
 * A corpus from a language model and a painter behind servers. Both do everything wrong that servers do, the client is killed with -9 again
 * and again, and the corpus ends in the bytes of an undisturbed run. SYNCLR_TEST_SEED repeats the moments.
 */
const seed = testSeed('generators.test.ts');

const SIZES = {
  'captions.count': 20,
  'captions.perShard': 8,
  'captions.maxTokens': 24,
  // Its prose is nonsense: what is tested is that it arrives.
  'captions.requireConcept': 'false',
  'captions.words': '2,80',
  'images.perCaption': 2,
  'images.size': 28,
  'images.paintSize': 56,
  'images.captionsPerShard': 6,
  'images.guidance': 2.5,
  'images.steps': 4,
  // A request that hangs is given up soon.
  'runtime.writer.timeout': 5,
  'runtime.painter.timeout': 2,
};

let cwd: string;
let llama: LlamaServer | undefined;
let images: ImageServer;
let expected: Record<'captions' | 'images', Record<string, string>>;

const made = (dir: string, stage: 'captions' | 'images') => sums(join(cwd, dir, stage));
const withLlama = haveLlama('generators.test');

function args(command: string, out: string): string[] {
  const writer = llama ? ['--captions.writer', 'openai', '--runtime.writer.url', llama.url] : [];
  const painter = ['--images.painter', 'a1111', '--runtime.painter.url', images.url, '--images.scheduler', 'DDIM'];
  return [command, '--out', out, ...micro(SIZES), ...writer, ...painter];
}

/** Runs a stage; killed with -9 after so many milliseconds, if given. */
const stage = (command: string, out: string, kill?: number): Promise<Outcome> =>
  synclr(args(command, out), cwd, (child) => {
    if (kill !== undefined) setTimeout(() => child.kill('SIGKILL'), kill);
  });

/** Runs a stage to its end; a fault at a server's first questions may refuse the command, which is then given again. */
async function opened(command: string, out: string): Promise<Outcome> {
  for (let again = 3; ; again--) {
    const outcome = await stage(command, out);
    if (outcome.code !== 2 || again === 0) return outcome;
  }
}

const well = (outcome: Outcome) => expect(outcome, outcome.stdout + outcome.stderr).toMatchObject({ code: 0 });

beforeAll(async () => {
  cwd = mkdtempSync(join(tmpdir(), 'synclr-generators-'));
  if (withLlama) llama = await LlamaServer.start({ window: 40, revive: true });
  images = await startImageServer([], { supervise: true, models: ['sketch'] });
  well(await stage('captions', 'undisturbed'));
  well(await stage('images', 'undisturbed'));
  expected = { captions: made('undisturbed', 'captions'), images: made('undisturbed', 'images') };
}, 240_000);
afterAll(async () => {
  await llama?.close();
  await images.stop();
  rmSync(cwd, { recursive: true });
});

describe('a corpus from servers', () => {
  test('every sample says how it was made, and is painted again as it was', async () => {
    const corpus = await openCorpus(join(cwd, 'undisturbed'));
    expect(corpus.length).toBe(20);
    const record = (await corpus.read(13)).record as ImageRecord;
    await corpus.close();
    expect(record).toMatchObject({
      id: 13,
      painter: 'a1111',
      scheduler: 'DDIM',
      steps: 4,
      guidance: 2.5,
      size: 28,
      paintSize: 56,
      seed: 0,
      noise: [
        [0, 13, 0],
        [0, 13, 1],
      ],
    });
    if (llama)
      expect(record).toMatchObject({
        writer: 'openai',
        writerModel: expect.any(String),
        promptSeed: expect.any(Number),
      });
    const again = await synclr(['images', '--out', 'undisturbed', '--again', '13'], cwd);
    well(again);
    expect(again.stdout.match(/the same file, byte for byte/g)).toHaveLength(2);
    // All that are stored, whatever else is asked for.
    const fewer = await synclr(['images', '--out', 'undisturbed', '--again', '13', '--images.perCaption', '3'], cwd);
    expect(fewer.stdout.match(/the same file, byte for byte/g), fewer.stderr).toHaveLength(2);
  });

  const title = 'whatever the servers do, and however often the client is killed, it ends in the same bytes';
  test(`${title}: once, without long silences`, { timeout: 400_000 }, () => disturbed('once', 1, false));
  test(`${title}: three times`, { tags: 'nightly', timeout: 400_000 }, () => disturbed('thrice', 3, true));

  async function disturbed(out: string, kills: number, silences: boolean): Promise<void> {
    const rng = Rng.of(seed, 'generators', out);
    const everything = { times: silences ? 3 : 1, every: 9 };
    await llama?.setFaults([
      { kind: 'status', status: 429, retryAfter: '0.3', from: 1, ...everything },
      { kind: 'status', status: 500, from: 2, ...everything },
      { kind: 'garbage', from: 3, ...everything },
      { kind: 'truncated', from: 4, ...everything },
      { kind: 'empty', from: 5, ...everything },
      { kind: 'wrong', from: 6, ...everything },
      { kind: 'reset', from: 7, ...everything },
      ...(silences ? [{ kind: 'hang', from: 16 } as const, { kind: 'die', from: 40 } as const] : []),
    ]);
    for (let kill = 0; kill < kills; kill++) await stage('captions', out, rng.range(1500, 8000));
    well(await opened('captions', out));
    expect(made(out, 'captions'), `seed ${seed}`).toEqual(expected.captions);

    const silent: ImageFault[] = [
      { kind: 'hang', at: [8] },
      { kind: 'die', at: [24], times: 2 },
    ];
    await images.setFaults([
      { kind: 'status', status: 429, retryAfter: 0.3, every: 9, at: undefined },
      { kind: 'status', status: 500, at: [2, 14] },
      { kind: 'garbage', at: [3, 15] },
      { kind: 'truncate', at: [4, 16] },
      { kind: 'base64', at: [5, 17] },
      { kind: 'half', at: [6, 19] },
      { kind: 'size', side: 40, at: [7, 20] },
      { kind: 'drop', at: [10, 21] },
      ...(silences ? silent : []),
    ]);
    for (let kill = 0; kill < kills; kill++) await stage('images', out, rng.range(700, 4000));
    well(await opened('images', out));
    expect(made(out, 'images'), `seed ${seed}`).toEqual(expected.images);
    const left = ['captions', 'images'].flatMap((s) => readdirSync(join(cwd, out, s)));
    expect(left.filter((n) => n.startsWith('.') || /part|journal/.test(n))).toEqual([]);
  }

  test('grows without asking again for what is there, to the bytes of one that was asked for at once', {
    tags: 'nightly',
  }, async () => {
    const grow = (command: string, captions: number) =>
      synclr([...args(command, 'grown'), '--captions.count', String(captions)], cwd);
    // A painting that fails and is asked for again would count twice.
    await llama?.setFaults([]);
    await images.setFaults([]);
    const before = images.log().length;
    for (const captions of [11, 20]) for (const command of ['captions', 'images']) well(await grow(command, captions));
    for (const name of ['captions', 'images'] as const) expect(made('grown', name)).toEqual(expected[name]);
    // The first captions are also painted to see what the rest will cost.
    const later = Array.from({ length: 20 - 6 }, (_, i) => 6 + i);
    const corpus = await openCorpus(join(cwd, 'grown'));
    const captions = new Set(await Promise.all(later.map(async (id) => (await corpus.read(id)).record?.caption)));
    await corpus.close();
    const painted = images
      .log()
      .slice(before)
      .filter((entry) => captions.has(entry.prompt));
    expect(painted.length).toBe(later.length * 2);
  });

  test('blank images are painted again with the next key, and counted', async () => {
    await images.setFaults([{ kind: 'blank', every: 5 }]);
    for (const part of ['config.json', 'captions'])
      cpSync(join(cwd, 'undisturbed', part), join(cwd, 'blank', part), { recursive: true });
    const outcome = await stage('images', 'blank');
    await images.setFaults([]);
    well(outcome);
    const corpus = await openCorpus(join(cwd, 'blank'));
    const noise: number[][] = [];
    for (let i = 0; i < corpus.length; i++) noise.push(...((await corpus.read(i)).record as ImageRecord).noise);
    await corpus.close();
    const attempts = noise.map((n) => n[3] ?? 0);
    expect(Math.max(...attempts)).toBeGreaterThanOrEqual(1);
    const { shards } = (await readManifest(join(cwd, 'blank/images')))!;
    const counted = shards.reduce((sum, s) => sum + (s.rejected?.blank ?? 0), 0);
    expect(counted).toBe(attempts.reduce((sum, n) => sum + n, 0));
    expect(outcome.stdout).toContain(`, ${counted} repainted`);
  });
});
