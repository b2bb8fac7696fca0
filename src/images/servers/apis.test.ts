import { createServer } from 'node:http';
import { describe, expect, test } from 'vitest';
import { openAt, paintRequests, server, userError } from '../../../test/server-painters.js';
import { serverSeed } from '../painter.js';

/** What each API is asked in detail, and what only it can refuse. */

const [one, two] = paintRequests(2);
const seed = serverSeed(one);
const MODELS = { models: ['sketch', 'sketch-large', 'photo'], samplers: ['Euler', 'DDIM'] };
const FULL = {
  'images.negative': 'blurry',
  'images.guidance': 3.5,
  'images.scheduler': 'DDIM',
  'images.model': 'photo',
};

describe.concurrent('openai', () => {
  test('sends all fields, always', async () => {
    const s = await server([], MODELS);
    const warnings: string[] = [];
    const painter = await openAt('openai', s.url, FULL, { warn: (w) => warnings.push(w) });
    await painter.paint([one]);
    expect(s.log()[0].body).toEqual({
      model: 'photo',
      prompt: one.caption,
      n: 1,
      size: '32x32',
      response_format: 'b64_json',
      output_format: 'png',
      seed,
      guidance_scale: 3.5,
      num_inference_steps: 7,
      negative_prompt: 'blurry',
    });
    // The API has no field for the scheduler.
    expect(painter.about).toEqual({ model: 'photo', steps: 7, guidance: 3.5, negative: 'blurry' });
    expect(warnings).toContainEqual(expect.stringMatching(/^images\.scheduler: .* has no field for it/));
    expect(painter.name).toBe('openai');
  });

  test('takes the only model, and asks which of several', async () => {
    const single = await server();
    expect((await openAt('openai', single.url)).about).toMatchObject({ model: 'sketch' });
    const several = await server([], MODELS);
    expect(await userError(openAt('openai', several.url))).toMatch(
      /images\.model: name the model.*sketch-large, photo/,
    );
    const unknown = await userError(openAt('openai', several.url, { 'images.model': 'sketsh' }));
    expect(unknown).toMatch(/images\.model: .* has no "sketsh" \(choices: sketch, sketch-large, photo\)/);
    const silent = await server([], { without: ['/v1/models'] });
    expect((await openAt('openai', silent.url, { 'images.model': 'any' })).about).toMatchObject({ model: 'any' });
    expect(await userError(openAt('openai', silent.url))).toMatch(/images\.model: name the model/);
  });

  test('follows links to images on its own server, and no others without https', async () => {
    const s = await server(
      [
        { kind: 'link', at: [1] },
        { kind: 'link', at: [3], url: 'http://127.0.0.1:1/a.png' },
      ],
      {
        authorization: 'Bearer k',
      },
    );
    const painter = await openAt('openai', s.url, { 'runtime.painter.key': 'k' });
    const [linked] = await painter.paint([one]);
    const [direct] = await painter.paint([one]);
    expect(linked).toEqual(direct);
    expect(await userError(painter.paint([one]))).toMatch(
      /link elsewhere that is no https: http:\/\/127\.0\.0\.1:1\/a\.png/,
    );
  });

  test('says that a model which takes no seed will not do', async () => {
    const s = await server([], { hosted: true });
    const painter = await openAt('openai', s.url);
    expect(await userError(painter.paint([one]))).toMatch(/takes no "seed" \(Unknown parameter: 'seed'\.\)/);
  });
});

describe.concurrent('a1111', () => {
  test('sends all fields, and records the model that it is told', async () => {
    const s = await server([], MODELS);
    const painter = await openAt('a1111', s.url, { ...FULL, 'images.model': 'photo', 'images.guidance': 0.5 });
    const { model, modelHash } = painter.about!;
    const title = `photo.safetensors [${modelHash!.slice(0, 10)}]`;
    expect(model).toBe('photo');
    await painter.paint([one]);
    expect(s.log()[0].body).toEqual({
      prompt: one.caption,
      negative_prompt: 'blurry',
      seed,
      steps: 7,
      cfg_scale: 1,
      width: 32,
      height: 32,
      sampler_name: 'DDIM',
      batch_size: 1,
      n_iter: 1,
      subseed_strength: 0,
      enable_hr: false,
      force_task_id: expect.stringMatching(/^synclr-/),
      override_settings: { sd_model_checkpoint: title },
      override_settings_restore_afterwards: false,
      send_images: true,
      save_images: false,
      do_not_save_samples: true,
      do_not_save_grid: true,
    });
  });

  test('without a model, records the loaded one; knows a model by any of its names', async () => {
    const s = await server([], MODELS);
    const painter = await openAt('a1111', s.url);
    expect(painter.about).toMatchObject({ model: 'sketch', modelHash: expect.stringMatching(/^[0-9a-f]{64}$/) });
    await painter.paint([one]);
    expect(s.log()[0].body).not.toHaveProperty('override_settings');
    for (const name of ['photo', 'photo.safetensors'])
      expect((await openAt('a1111', s.url, { 'images.model': name })).about).toMatchObject({ model: 'photo' });
    expect(await userError(openAt('a1111', s.url, { 'images.model': 'foto' }))).toMatch(/"foto" \(choices: photo, /);
    const silent = await server([], { without: ['/sdapi/v1/sd-models', '/sdapi/v1/samplers'] });
    const told = await openAt('a1111', silent.url, { 'images.scheduler': 'any' });
    expect(told.about).not.toHaveProperty('modelHash');
    await told.paint([one]);
    expect(told.about).toMatchObject({ model: 'sketch', modelHash: expect.stringMatching(/^[0-9a-f]{10}$/) });
  });

  test('refuses an unknown sampler, another seed than asked for, and a change of the model', async () => {
    const s = await server([
      { kind: 'seed', at: [1] },
      { kind: 'model', at: [2, 4] },
    ]);
    expect(await userError(openAt('a1111', s.url, { 'images.scheduler': 'Eular' }))).toMatch(
      /images\.scheduler: .* has no "Eular" \(choices: Euler, DDIM\)/,
    );
    await openAt('a1111', s.url, { 'images.scheduler': 'k_euler' });
    const painter = await openAt('a1111', s.url);
    expect(await userError(painter.paint([one]))).toContain(
      `painted with seed ${seed + 1} where ${seed} was asked for`,
    );
    const another = /paints with another model than sketch \(another .*set images\.model/;
    expect(await userError(painter.paint([one]))).toMatch(another);
    await painter.paint([one]);
    expect(await userError(painter.paint([one]))).toMatch(another);
    expect(painter.about).toMatchObject({ model: 'sketch' });
  });
});

describe.concurrent('sdcpp', () => {
  test('sends all fields', async () => {
    const s = await server([], MODELS);
    const model = { 'images.model': 'sketch', 'images.scheduler': 'ddim' };
    const painter = await openAt('sdcpp', s.url, { ...FULL, ...model });
    await painter.paint([one]);
    expect(s.log()[0].body).toEqual({
      prompt: one.caption,
      negative_prompt: 'blurry',
      seed,
      width: 32,
      height: 32,
      batch_count: 1,
      embed_image_metadata: false,
      sample_params: { sample_steps: 7, guidance: { txt_cfg: 3.5 }, sample_method: 'ddim' },
      output_format: 'png',
    });
    expect(painter.about).toMatchObject({ model: 'sketch.gguf', scheduler: 'ddim' });
    await (await openAt('sdcpp', s.url)).paint([two]);
    expect(s.log()[1].body.sample_params).not.toHaveProperty('sample_method');
  });

  test('refuses what the server has not, and asks no more than its queue holds', async () => {
    const s = await server([], { queue: 3 });
    const refused = (changes: Record<string, unknown>) => userError(openAt('sdcpp', s.url, changes));
    expect(await refused({ 'images.model': 'other' })).toMatch(/has no "other" \(choices: sketch\.gguf, sketch\)/);
    expect(await refused({ 'images.scheduler': 'eular' })).toMatch(/has no "eular" \(choices: euler, ddim\)/);
    expect(await refused({ 'images.paintSize': 8 })).toMatch(/images\.paintSize: .* sides of 16 … 4096 px, not 8/);
    expect((await openAt('sdcpp', s.url)).inFlight).toBe(3);
  });
});

test('an address of something else is named as such', async () => {
  const other = createServer((_, response) => response.writeHead(404).end('<html>nothing</html>')).listen(
    0,
    '127.0.0.1',
  );
  await new Promise((done) => other.once('listening', done));
  const url = `http://127.0.0.1:${(other.address() as { port: number }).port}`;
  try {
    for (const api of ['a1111', 'sdcpp', 'comfyui', 'openai'] as const) {
      const painter = await openAt(api, url, api === 'openai' ? { 'images.model': 'm' } : {});
      expect(await userError(painter.paint([one]))).toMatch(/has no \/\S+ \(404\): check runtime\.painter\.url/);
    }
  } finally {
    other.close();
  }
});

test('OpenAI’s environment variables stand in for address and key', async () => {
  const s = await server([], { authorization: 'Bearer from-env' });
  const { OPENAI_BASE_URL, OPENAI_API_KEY } = process.env;
  const restore = (name: string, value: string | undefined) => {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  };
  try {
    Object.assign(process.env, { OPENAI_BASE_URL: `${s.url}/v1/`, OPENAI_API_KEY: 'from-env' });
    const painter = await openAt('openai', s.url, { 'runtime.painter.url': '' });
    expect((await painter.paint([one])).length).toBe(1);
    process.env.OPENAI_BASE_URL = 'nowhere';
    const message = await userError(openAt('openai', s.url, { 'runtime.painter.url': '' }));
    expect(message).toMatch(/^OPENAI_BASE_URL: nowhere/);
  } finally {
    restore('OPENAI_BASE_URL', OPENAI_BASE_URL);
    restore('OPENAI_API_KEY', OPENAI_API_KEY);
  }
});
