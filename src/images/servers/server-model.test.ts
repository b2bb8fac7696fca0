import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Api, openAt, paintRequests, server, serverSettings, userError } from '../../../test/server-painters.js';
import { writeCaptions } from '../../corpus/captions-stage.js';
import { differences } from '../../corpus/fingerprint.js';
import { writeImages } from '../../corpus/images-stage.js';
import { readManifest } from '../../corpus/manifest.js';
import type { StageOptions } from '../../stage.js';
import { painterContent } from '../registry.js';
import { trueHash } from './server-painter.js';

/** The model that a server says it has: part of what a run is made of, whether it is named in the settings or not. */

let base: string;
beforeAll(() => {
  base = mkdtempSync(join(tmpdir(), 'models-'));
});
afterAll(() => rmSync(base, { recursive: true, force: true }));

const SMALL = {
  'train.captionsPerBatch': 8,
  'captions.count': 8,
  'images.captionsPerShard': 2,
  'images.perCaption': 2,
  'runtime.painter.inFlight': 2,
};
function stage(api: Api, url: string, dir: string): StageOptions {
  const hooks = { signal: new AbortController().signal, progress: () => {}, warn: () => {} };
  return { settings: serverSettings(api, url, SMALL), dir: join(base, dir), hooks };
}

const NAMES = { openai: ['sketch', 'photo'], a1111: ['sketch', 'photo'], sdcpp: ['sketch.gguf', 'photo.gguf'] };
const SERVED = ['openai', 'a1111', 'sdcpp'] as const;

describe.concurrent('with an empty images.model', () => {
  test('a run is not gone on with by another model; what is finished needs no server', async () => {
    const s = await server([{ kind: 'status', status: 400, from: 10 }]);
    const o = stage('sdcpp', s.url, 'run');
    await writeCaptions(o);
    await userError(writeImages(o));
    const { settings, shards } = (await readManifest(join(o.dir, 'images')))!;
    expect(shards.length).toBeGreaterThan(0);
    expect(settings).toMatchObject({ 'images.model (resolved)': 'sketch.gguf' });
    await s.setFaults([]);
    await s.change({ models: ['photo'] });
    expect(await userError(writeImages(o))).toContain(
      'images made with other settings: images.model (resolved) (sketch.gguf there, photo.gguf now); go back to those',
    );
    // Manifests of older versions say nothing of it.
    const file = join(o.dir, 'images', 'manifest.json');
    const manifest = JSON.parse(readFileSync(file, 'utf8'));
    delete manifest.settings['images.model (resolved)'];
    writeFileSync(file, JSON.stringify(manifest));
    expect(await writeImages(o)).toEqual({ images: 16 });
    await s.kill();
    expect(await writeImages(o)).toEqual({ images: 16 });
  });

  test('what each server says it has is part of the fingerprint, if it says so', async () => {
    const s = await server();
    const contentOf = (api: Api) => painterContent(serverSettings(api, s.url));
    for (const now of [0, 1]) {
      for (const api of SERVED)
        expect(await contentOf(api)).toMatchObject({ 'images.model (resolved)': NAMES[api][now] });
      await s.change({ models: ['photo'] });
    }
    const silent = await server([], {
      without: ['/sdcpp/v1/capabilities', '/sdapi/v1/sd-models', '/sdapi/v1/options'],
    });
    for (const api of ['sdcpp', 'a1111'] as const) {
      const painter = await openAt(api, silent.url);
      expect(painter.resolved).toEqual({ 'images.model (resolved)': 'unknown' });
      expect(painter.about).toMatchObject({ model: 'unknown' });
    }
    const unknown = { 'images.model (resolved)': 'unknown' };
    const known = { 'images.model (resolved)': 'sketch' };
    expect(differences(known, known)).toEqual([]);
    expect(differences(unknown, known)).toEqual([]);
    expect(differences({}, known)).toEqual([]);
    expect(differences(known, {})).toEqual([]);
    expect(differences(known, unknown)).toEqual(['images.model (resolved) (sketch there, unknown now)']);
  });

  test('another model in mid-run ends it, and its images do not count', async () => {
    const told =
      /paints with another model than (before: photo[^,]*, not sketch(\.gguf)?; what is finished is kept|sketch \(photo)/;
    for (const kind of [...SERVED, 'a1111 silent' as const]) {
      const [api] = kind.split(' ') as [Api];
      const s = await server([], kind === 'a1111 silent' ? { info: '' } : {});
      const painter = await openAt(api, s.url);
      await painter.paint(paintRequests(2));
      await s.change({ models: ['photo'] });
      expect(await userError(painter.paint(paintRequests(4))), kind).toMatch(told);
    }
  });

  test('an answer that names another model than the first ends it', async () => {
    const s = await server([], { models: ['sketch'], tellsModel: true, without: ['/v1/models'] });
    const painter = await openAt('openai', s.url, { 'images.model': 'alias' });
    await painter.paint(paintRequests(2));
    await s.change({ models: ['photo'] });
    expect(await userError(painter.paint(paintRequests(2)))).toMatch(/another model than before: photo, not sketch/);
  });
});

test('a hash that is none is not recorded', async () => {
  for (const none of ['8888888888', '8'.repeat(64), '0'.repeat(10), '', 'none', undefined, null])
    expect(trueHash(none), String(none)).toBeUndefined();
  expect(trueHash('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')).toBeUndefined();
  expect(trueHash('6ce0161689')).toBe('6ce0161689');
  const list = [
    { title: 'flux', model_name: 'flux', filename: 'flux.gguf', hash: '8888888888', sha256: '8'.repeat(64) },
  ];
  const odd = { '/sdapi/v1/sd-models': JSON.stringify(list), '/sdapi/v1/options': '{"sd_model_checkpoint":"flux"}' };
  const s = await server([], { info: '', odd });
  const painter = await openAt('a1111', s.url);
  await painter.paint(paintRequests(2));
  expect(painter.about).toMatchObject({ model: 'flux' });
  expect(painter.about).not.toHaveProperty('modelHash');
  expect(painter.resolved).toEqual({ 'images.model (resolved)': 'flux' });
});
