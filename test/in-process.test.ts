import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openCorpus } from '../src/corpus/corpus.js';
import type { ImageRecord } from '../src/corpus/image-shards.js';
import { readManifest } from '../src/corpus/manifest.js';
import { haveLlama, loadLlama } from './llama/data.js';
import { writeGguf } from './llama/gguf.js';
import { micro } from './micro.js';
import { type Outcome, synclr } from './process.js';
import { sums } from './small-corpus.js';
import { SD_SCHEDULER, TINY, writeDiffusion } from './tiny-diffusion.js';

/** The whole job with a language model and a diffusion pipeline in process: a tiny Llama as GGUF, and a tiny pipeline of random weights. */

const SIZES = {
  'captions.count': 5,
  'captions.perShard': 3,
  'captions.maxTokens': 20,
  // Its prose is nonsense: what is tested is that it arrives.
  'captions.requireConcept': 'false',
  'captions.words': '2,80',
  'images.perCaption': 2,
  'images.size': 16,
  'images.steps': 3,
  'images.captionsPerShard': 3,
  'train.steps': 4,
  'train.checkpointEvery': 2,
  'optim.warmup': 1,
  'train.captionsPerBatch': 4,
  'probe.ownClasses': 2,
  'probe.ownTrain': 4,
  'probe.ownTest': 4,
  'probe.heldOutClasses': 0,
  'runtime.threads': 1,
  // llama.cpp gives the same bits again only for one sequence at a time.
  'runtime.writer.inFlight': 1,
};

let cwd: string;
const withLlama = haveLlama('in-process.test');

const args = (command: string, out: string) => [
  command,
  '--out',
  out,
  ...micro(SIZES),
  ...(withLlama ? ['--captions.writer', 'gguf', '--captions.model', 'stories.gguf'] : []),
  ...['--images.painter', 'diffusion', '--images.model', 'pipeline'],
];
const well = (outcome: Outcome) => expect(outcome, outcome.stdout + outcome.stderr).toMatchObject({ code: 0 });

beforeAll(async () => {
  cwd = mkdtempSync(join(tmpdir(), 'synclr-in-process-'));
  if (withLlama) {
    const { weights, tokenizer } = loadLlama();
    await writeGguf(join(cwd, 'stories.gguf'), weights, tokenizer, { name: 'stories' });
  }
  await writeDiffusion(join(cwd, 'pipeline'), { family: 'sd', seed: 3, sizes: TINY, scheduler: SD_SCHEDULER });
});
afterAll(() => rmSync(cwd, { recursive: true }));

describe('synclr run with models in process', () => {
  test('goes from concepts to images, and every image can be painted again', { timeout: 240_000 }, async () => {
    const said = [await synclr(args('captions', 'whole'), cwd), await synclr(args('images', 'whole'), cwd)];
    for (const outcome of said) well(outcome);
    await made(said.map((outcome) => outcome.stdout).join(''), 'whole');
  });

  test('goes on to a probed encoder', { tags: 'nightly', timeout: 240_000 }, async () => {
    const short = ['--writer', '--writer-model', '--painter', '--painter-model'];
    const long = ['--captions.writer', '--captions.model', '--images.painter', '--images.model'];
    const outcome = await synclr(
      args('run', 'probed').map((a) => (long.includes(a) ? short[long.indexOf(a)] : a)),
      cwd,
    );
    well(outcome);
    await made(outcome.stdout, 'probed');
  });

  /** What was said while a corpus was made, and how it can be made again. */
  async function made(stdout: string, out: string): Promise<void> {
    if (withLlama) expect(stdout).toMatch(/captions: about .* tokens read and .* written/);
    expect(stdout).toMatch(/images: about .*, 10 images/);

    const corpus = await openCorpus(join(cwd, out));
    const record = (await corpus.read(4)).record as ImageRecord;
    await corpus.close();
    expect(record).toMatchObject({
      painter: 'diffusion',
      painterModel: 'pipeline',
      painterHash: expect.stringMatching(/^[0-9a-f]{16}$/),
      scheduler: 'DDIMScheduler',
      steps: 3,
      guidance: 2.5,
      noise: [
        [0, 4, 0],
        [0, 4, 1],
      ],
    });
    if (withLlama)
      expect(record).toMatchObject({
        writer: 'gguf',
        writerModel: expect.stringMatching(/^stories\.gguf@[0-9a-f]{12}$/),
        promptSeed: expect.any(Number),
      });
    expect(JSON.stringify(record)).not.toContain(cwd);

    const again = await synclr(['images', '--out', out, '--again', '4', '--sheet', 'again.png'], cwd);
    well(again);
    expect(again.stdout.match(/the same file, byte for byte/g)).toHaveLength(2);
    expect(readFileSync(join(cwd, 'again.png')).subarray(1, 4).toString()).toBe('PNG');
  }

  test('a model with another content is another corpus', { timeout: 120_000 }, async () => {
    for (const part of ['config.json', 'captions', 'images'])
      cpSync(join(cwd, 'whole', part), join(cwd, 'other', part), { recursive: true });
    const { settings } = (await readManifest(join(cwd, 'other/images')))!;
    expect(settings['images.model (content)']).toMatch(/^[0-9a-f]{16}$/);
    const before = sums(join(cwd, 'other/images'));
    await writeDiffusion(join(cwd, 'pipeline'), { family: 'sd', seed: 4, sizes: TINY, scheduler: SD_SCHEDULER });
    const outcome = await synclr(args('images', 'other'), cwd);
    expect(outcome).toMatchObject({ code: 2, stdout: '' });
    expect(outcome.stderr).toMatch(
      /^synclr: other.images holds images made with other settings: images\.model \(content\) .*\n$/,
    );
    expect(sums(join(cwd, 'other/images'))).toEqual(before);
    const again = await synclr(['images', '--out', 'other', '--again', '3'], cwd);
    expect(again.code).toBe(1);
    expect(again.stderr).toMatch(/painted with other settings: painterHash/);
    expect(again.stdout).toMatch(/image 0 .*differs: by/);
  });
});
