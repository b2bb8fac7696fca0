import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { APIS, type Api, openAt, server, serverSettings, userError } from '../../../test/server-painters.js';
import { paintAgain } from '../../corpus/again.js';
import { writeCaptions } from '../../corpus/captions-stage.js';
import { imagesCost, writeImages } from '../../corpus/images-stage.js';
import { readManifest } from '../../corpus/manifest.js';
import { Rng } from '../../rng.js';
import type { StageOptions } from '../../stage.js';
import { paintSamples } from '../paint-samples.js';
import { serverSeed } from '../painter.js';

/** Servers that do not heed the seed, or not always: no copies get into a run without a word. */

let base: string;
beforeAll(() => {
  base = mkdtempSync(join(tmpdir(), 'copies-'));
});
afterAll(() => rmSync(base, { recursive: true, force: true }));

const SMALL = {
  'train.captionsPerBatch': 8,
  'captions.count': 12,
  'captions.perShard': 12,
  'images.captionsPerShard': 2,
  'images.perCaption': 2,
};
const captions = [
  { id: 0, caption: 'a drawing of an owl' },
  { id: 1, caption: 'a lion and a key' },
];
const settingsOf = (api: Api, url: string, changes: Record<string, unknown> = {}) =>
  serverSettings(api, url, { ...SMALL, ...changes });
const stage = (api: Api, url: string, dir: string, changes: Record<string, unknown> = {}): StageOptions => ({
  settings: settingsOf(api, url, changes),
  dir: join(base, dir),
  hooks: { signal: new AbortController().signal, progress: () => {}, warn: () => {} },
});

const ignores =
  /^the painter at http\S+ ignores the seed: it paints one and the same picture of “a red apple .*” with the seeds \d+ and \d+, so that all images of a caption would be copies; /;

describe.concurrent('a server that ignores the seed', () => {
  test('is refused with the way out, whatever the API, and however its files differ', async () => {
    const kinds = [undefined, 'png', 'jpeg'] as const;
    const servers = await Promise.all(
      kinds.map((again) => server([{ kind: 'seedless', again }], { without: ['/sdcpp/v1/capabilities'] })),
    );
    await Promise.all(
      APIS.flatMap((api) =>
        servers.map(async (s) => {
          const painter = await openAt(api, s.url);
          const message = await userError(paintSamples(painter, captions, settingsOf(api, s.url)));
          expect(message).toMatch(ignores);
          if (api === 'comfyui') expect(message).toMatch(/see whether \{\{seed\}\} in .*workflow\.json reaches/);
          if (api === 'openai') expect(message).toMatch(/use one that heeds them, such as vLLM-Omni or SGLang/);
        }),
      ),
    );
  });

  test('that is stable-diffusion.cpp’s is named with the flags that heed it', async () => {
    const s = await server([{ kind: 'seedless' }]);
    for (const api of ['openai', 'a1111'] as const) {
      const painter = await openAt(api, s.url);
      const message = await userError(paintSamples(painter, captions, settingsOf(api, s.url)));
      expect(message).toContain(`its own API heeds them: --images.painter sdcpp --runtime.painter.url ${s.url}`);
    }
  });

  test('is noticed with one image a caption, too', async () => {
    const [bad, good] = await Promise.all([server([{ kind: 'seedless' }]), server()]);
    const one = (url: string) => {
      const settings = settingsOf('openai', url);
      return { ...settings, images: { ...settings.images, perCaption: 1 } };
    };
    const painter = await openAt('openai', bad.url);
    expect(await userError(paintSamples(painter, captions, one(bad.url)))).toMatch(ignores);
    const other = await openAt('openai', good.url);
    for (let i = 0; i < 2; i++) await paintSamples(other, captions, one(good.url));
    // One image more, once.
    expect(good.log().filter((e) => e.prompt).length).toBe(5);
  });

  test('is refused by the cost, by the stage, when it goes on, and when it begins to do so in mid-run', async () => {
    const s = await server([{ kind: 'seedless', from: 9 }]);
    const o = stage('a1111', s.url, 'run');
    await writeCaptions(o);
    expect(await userError(writeImages(o))).toMatch(ignores);
    const { shards } = (await readManifest(join(o.dir, 'images')))!;
    expect(shards.length).toBeGreaterThan(0);
    expect(shards.length).toBeLessThan(6);
    for (const shard of shards) expect(shard.rejected).toBeUndefined();
    await s.setFaults([{ kind: 'seedless' }]);
    expect(await userError(imagesCost(o))).toMatch(ignores);
    expect(await userError(writeImages(o))).toMatch(ignores);
    await s.setFaults([]);
    expect(await writeImages(o)).toEqual({ images: 24 });
    expect((await readManifest(join(o.dir, 'images')))!.samples).toBe(12);
  });
});

test('a picture that stands for what a server will not paint is no reason to stop: painted again, kept, and counted', async () => {
  const s = await server();
  const painter = await openAt('openai', s.url);
  const stopped: string[] = [];
  const filtered = {
    name: painter.name,
    ignoresSeed: painter.ignoresSeed!.bind(painter),
    async paint(requests: Parameters<typeof painter.paint>[0]) {
      const images = await painter.paint(requests);
      const [sign] = await painter.paint([{ ...requests[0], caption: 'a sign', captionId: 0, image: 0, attempt: 0 }]);
      return requests.map((r, i) => {
        const stop = r.caption.includes('lion') && !(r.image === 1 && r.attempt === 2);
        if (stop) stopped.push(`${r.image}.${r.attempt}`);
        return stop ? sign : images[i];
      });
    },
  };
  const settings = settingsOf('openai', s.url);
  const [first, second] = await paintSamples(filtered, captions, settings);
  expect(first).toMatchObject({ attempts: [0, 0], rejected: {} });
  expect(second).toMatchObject({ attempts: [0, 2], rejected: { copy: 2 } });
  expect(stopped).toEqual(['0.0', '1.0', '1.1']);
});

test.each([
  ['hardly', 0.02, { attempts: [0, 0], rejected: {} }],
  ['not at all', 0, undefined],
])('a model of few steps that heeds the seed %s', async (_, share, sample) => {
  const s = await server();
  const painter = await openAt('openai', s.url);
  let painted = 0;
  const turbo = {
    name: painter.name,
    ignoresSeed: painter.ignoresSeed!.bind(painter),
    async paint(requests: Parameters<typeof painter.paint>[0]) {
      painted += requests.length;
      const plain = await painter.paint(requests.map((r) => ({ ...r, image: 0, attempt: 0 })));
      return plain.map((p, i) => {
        // Another light for each seed, but faintly: a few levels, from one side to the other.
        const rng = Rng.of(requests[i].caption, serverSeed(requests[i]));
        const [left, right] = [rng.range(0, 350), rng.range(0, 350)];
        const light = (k: number) => left + ((right - left) * (Math.floor(k / 3) % p.width)) / p.width;
        return { ...p, data: p.data.map((v, k) => Math.min(255, v * (1 - share) + share * light(k))) };
      });
    },
  };
  const settings = settingsOf('openai', s.url);
  if (sample === undefined) return expect(await userError(paintSamples(turbo, captions, settings))).toMatch(ignores);
  expect(await paintSamples(turbo, captions, settings)).toMatchObject([sample, sample]);
  // The harmless caption with two seeds, and once more with one of them; then never again.
  expect(painted).toBe(4 + 3);
  await paintSamples(turbo, captions, settings);
  expect(painted).toBe(4 + 3 + 4);
});

test('--again does not confirm copies', async () => {
  const s = await server();
  const o = stage('sdcpp', s.url, 'again');
  await writeCaptions(o);
  await writeImages(o);
  const good = await paintAgain(o, 3);
  expect(good.copies).toEqual({ stored: [], again: [] });
  expect(good.images.every((i) => i.identical)).toBe(true);
  await s.setFaults([{ kind: 'seedless' }]);
  const bad = await paintAgain(o, 3);
  expect(bad.copies).toEqual({ stored: [], again: ['1 of 0'] });
  expect(readFileSync(join(o.dir, 'images', 'manifest.json'), 'utf8')).toContain(
    '"images.model (resolved)": "sketch.gguf"',
  );
});
