import { describe, expect, test } from 'vitest';
import type { LogEntry } from '../../../test/image-server.js';
import { APIS, type Api, openAt, paintRequests, server, userError } from '../../../test/server-painters.js';
import { Interrupted } from '../../errors.js';

/** Answers of another form than their API has, what answers tell of the painting, and what becomes of requests that are given up. */

const requests = paintRequests(2);
const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));

/** A list or answer, what it holds in another form, and what is said of it. */
const AT_OPENING: [Api, string, unknown, RegExp][] = [
  ['a1111', '/sdapi/v1/sd-models', [null], /\/sd-models has an unexpected form: 0: /],
  ['a1111', '/sdapi/v1/sd-models', [{ filename: 5, title: 7 }], /\/sd-models has an unexpected form: 0\.title: /],
  ['a1111', '/sdapi/v1/sd-models', { detail: 'x' }, /\/sd-models has an unexpected form: .*expected array/],
  ['a1111', '/sdapi/v1/options', null, /\/options has an unexpected form: .*expected object, received null/],
  [
    'a1111',
    '/sdapi/v1/options',
    { sd_model_checkpoint: ['a'] },
    /\/options has an unexpected form: sd_model_checkpoint/,
  ],
  ['a1111', '/sdapi/v1/samplers', [{ name: 'x', aliases: 5 }], /\/samplers has an unexpected form: 0\.aliases: /],
  ['a1111', '/sdapi/v1/samplers', [null], /\/samplers has an unexpected form: 0: /],
  ['sdcpp', '/sdcpp/v1/capabilities', { supported_modes: 'img_gen' }, /\/capabilities has .*: supported_modes: /],
  ['sdcpp', '/sdcpp/v1/capabilities', { limits: { max_queue_size: -3 } }, /limits\.max_queue_size: /],
  ['sdcpp', '/sdcpp/v1/capabilities', { limits: { max_queue_size: 0.2 } }, /limits\.max_queue_size: /],
  ['sdcpp', '/sdcpp/v1/capabilities', { model: { name: 5 } }, /model\.name: /],
  ['sdcpp', '/sdcpp/v1/capabilities', null, /\/capabilities has an unexpected form: .*received null/],
  ['openai', '/v1/models', { data: [{ id: 7 }] }, /\/models has an unexpected form: data\.0\.id: /],
  ['openai', '/v1/models', ['x'], /\/models has an unexpected form: data\.0\.id: /],
  ['openai', '/v1/models', { data: 'x' }, /\/models has an unexpected form: data: /],
];
const PAINTING: [Api, string, unknown, RegExp][] = [
  [
    'a1111',
    '/sdapi/v1/txt2img',
    { images: [5] },
    /\(its answer to \/sdapi\/v1\/txt2img has an unexpected form: images\.0: /,
  ],
  ['a1111', '/sdapi/v1/txt2img', { images: ['eA=='], info: '{1' }, /txt2img: info is not JSON/],
  [
    'a1111',
    '/sdapi/v1/txt2img',
    { images: ['eA=='], info: '{"seed":"1"}' },
    /painted with seed 1 where \d+ was asked for/,
  ],
  ['a1111', '/sdapi/v1/txt2img', { images: [] }, /its answer to \/sdapi\/v1\/txt2img has no image\) after 3 tries/],
  [
    'openai',
    '/v1/images/generations',
    { data: [] },
    /its answer to \/images\/generations has no image\) after 3 tries/,
  ],
  ['openai', '/v1/images/generations', { images: ['eA=='] }, /\/images\/generations has no image\) after 3 tries/],
  ['openai', '/v1/images/generations', { data: 'x' }, /\/images\/generations has an unexpected form: data: /],
  ['openai', '/v1/images/generations', null, /\/images\/generations has an unexpected form: .*received null/],
  ['sdcpp', '/sdcpp/v1/img_gen', { id: '..' }, /\/img_gen has an unexpected form: id: /],
  ['comfyui', '/prompt', { prompt_id: '../../x' }, /\/prompt has an unexpected form: prompt_id: /],
  ['comfyui', '/prompt', { prompt_id: 5 }, /\/prompt has an unexpected form: prompt_id: /],
];
const scheduled = (api: Api) => (api === 'a1111' ? { 'images.scheduler': 'Euler' } : {});

describe.concurrent('an answer of another form', () => {
  test('at opening is refused in one line that names the server, the route and the place', async () => {
    const s = await server();
    for (const [api, path, json, line] of AT_OPENING) {
      await s.change({ odd: { [path]: JSON.stringify(json) } });
      const message = await userError(openAt(api, s.url, scheduled(api)));
      expect(message).toMatch(line);
      expect(message).toContain(`the painter at ${s.url}`);
    }
    // Nested without end.
    await s.change({ odd: { '/v1/models': `${'['.repeat(5000)}${']'.repeat(5000)}` } });
    expect(await userError(openAt('openai', s.url))).toBe(
      `the painter at ${s.url}/v1: its answer to /models is nested more than 200 deep`,
    );
  });

  test('to a painting ends soon, in one line', async () => {
    await Promise.all(
      PAINTING.map(async ([api, path, json, line]) => {
        const s = await server([], { odd: { [path]: JSON.stringify(json) } });
        const painter = await openAt(api, s.url);
        const message = await userError(painter.paint(requests));
        expect(message).toMatch(line);
        expect(message).toContain(`the painter at ${s.url}`);
      }),
    );
  });

  test('of ComfyUI: a history with other things in it, and NaN among them', async () => {
    const ids = Array.from({ length: 9 }, (_, i) => `job_1_${i + 1}`);
    const odd = (entry: unknown) => ({
      odd: { '/history': JSON.stringify(Object.fromEntries(ids.map((id) => [id, entry]))) },
    });
    const cases: [unknown, RegExp][] = [
      ['x', /\/history has an unexpected form: /],
      [{ status: { messages: [5] }, outputs: {} }, /\/history has an unexpected form: status\.messages\.0/],
      [{ outputs: { 9: { images: [null] } }, status: {} }, /\/history: outputs of node 9 has an unexpected form/],
      [{ outputs: { 3: null }, status: {} }, /gives no image: .* needs a SaveImage/],
    ];
    await Promise.all(
      cases.map(async ([entry, line]) => {
        const s = await server([], odd(entry));
        expect(await userError((await openAt('comfyui', s.url)).paint(requests.slice(0, 1)))).toMatch(line);
      }),
    );
    const nan = await server([], { nan: true });
    expect((await (await openAt('comfyui', nan.url)).paint(requests)).length).toBe(2);
    expect(nan.log().filter((e) => e.prompt).length).toBe(2);
  });
});

describe.concurrent('what A1111 tells of a painting', () => {
  test('is recorded where it is not what was asked for, with a warning', async () => {
    const s = await server([], { info: { steps: 20, cfg_scale: 1.5, sampler_name: 'DDIM' } });
    const warnings: string[] = [];
    const painter = await openAt('a1111', s.url, { 'images.scheduler': 'Euler' }, { warn: (w) => warnings.push(w) });
    await painter.paint(requests);
    expect(painter.about).toMatchObject({ steps: 20, guidance: 1.5, scheduler: 'DDIM' });
    for (const line of [
      'images.steps 20 where 7',
      'images.guidance 1.5 where 2.5',
      'images.scheduler DDIM where Euler',
    ])
      expect(warnings.join('\n')).toContain(`painted with ${line} was asked for`);
  });

  test('by another of its names is the same sampler', async () => {
    const s = await server([], { info: { steps: 7, cfg_scale: 2.5, sampler_name: 'Euler' } });
    const warnings: string[] = [];
    const painter = await openAt('a1111', s.url, { 'images.scheduler': 'k_euler' }, { warn: (w) => warnings.push(w) });
    await painter.paint(requests);
    expect(warnings.filter((w) => w.includes('asked for,'))).toEqual([]);
    expect(painter.about).toMatchObject({ scheduler: 'k_euler' });
  });

  test.each([
    ['text for numbers', { seed: 'SEED', steps: '20', cfg_scale: '1.5', sampler_name: 'DDIM' }],
    [
      'text for numbers, and what is neither',
      { seed: 'SEED', steps: '20', cfg_scale: '1.5', sampler_name: 'DDIM', sd_model_name: [5] },
    ],
    [
      'the text of an image’s file',
      'an owl, Steps: 3\nSteps: 20, Sampler: DDIM, CFG scale: 1.5, Seed: SEED, Size: 32x32',
    ],
  ])('may come as %s', async (_, info) => {
    const s = await server([], { info });
    const painter = await openAt('a1111', s.url);
    await painter.paint(requests);
    expect(painter.about).toMatchObject({ steps: 20, guidance: 1.5, scheduler: 'DDIM' });
  });

  test.each([['of another seed', 'an owl\nSteps: 20, Sampler: DDIM, CFG scale: 1.5, Seed: 5, Size: 32x32']])(
    'as the text of an image’s file %s is refused',
    async (_, info) => {
      const s = await server([], { info });
      const painter = await openAt('a1111', s.url);
      expect(await userError(painter.paint(requests))).toMatch(/painted with seed 5 where \d+ was asked for/);
    },
  );

  test.each([[['x']], [5], ['painted well'], ['']])('may be nothing that is known: %j', async (info) => {
    const s = await server([], { info });
    expect((await (await openAt('a1111', s.url)).paint(requests)).length).toBe(2);
  });

  test('must not change in mid-run', async () => {
    const s = await server([{ kind: 'told', info: { steps: 9 }, from: 3 }], { info: { steps: 7 } });
    const painter = await openAt('a1111', s.url);
    await painter.paint(requests);
    expect(await userError(painter.paint(requests))).toMatch(/paints with steps 9, and before with 7, though/);
  });
});

test('steps and guidance are recorded of an OpenAI server that is known to heed them, and of no other', async () => {
  for (const owner of ['vllm', 'sglang', 'local', 'anybody']) {
    const s = await server([], { owner });
    const warnings: string[] = [];
    const { about } = await openAt('openai', s.url, { 'images.negative': 'blurry' }, { warn: (w) => warnings.push(w) });
    const known = owner === 'vllm' || owner === 'sglang';
    expect(about).toEqual(
      known ? { model: 'sketch', steps: 7, guidance: 2.5, negative: 'blurry' } : { model: 'sketch' },
    );
    expect(
      warnings.some((w) => /^images\.steps, images\.guidance, images\.negative: whether .* not known/.test(w)),
    ).toBe(!known);
  }
});

test.each([
  ['without an envelope', [{ id: 'other' }, { id: 'sketch' }]],
  ['of none', { data: [] }],
  ['with odd entries', { data: [{ name: 'x' }, null, { id: 'sketch', owned_by: 5 }] }],
  ['with a tag', { data: [{ id: 'sketch:latest' }, { id: 'other' }] }],
])('a list of models %s is no reason to refuse the one that is named', async (_, json) => {
  const s = await server([], { odd: { '/v1/models': JSON.stringify(json) } });
  const painter = await openAt('openai', s.url, { 'images.model': 'sketch' });
  expect((await painter.paint(requests)).length).toBe(2);
});

test('names that a server gives are recorded to some length', async () => {
  const long = 'sketch'.repeat(10_000);
  const s = await server([], { odd: { '/v1/models': JSON.stringify({ data: [{ id: long }] }) } });
  const { about, resolved } = await openAt('openai', s.url);
  expect(about?.model).toHaveLength(256);
  expect(JSON.stringify(resolved).length).toBeLessThan(400);
});

test('the openai painter’s address may be the server’s alone, or one of its endpoints', async () => {
  const s = await server();
  for (const path of ['', '/', '/v1', '/v1/', '/v1/images/generations', '/v1/models']) {
    const painter = await openAt('openai', s.url, { 'runtime.painter.url': `${s.url}${path}` });
    expect((await painter.paint(requests)).length).toBe(2);
  }
});

test('fewer than 256 px are warned of before anything is painted', async () => {
  const s = await server();
  for (const api of APIS) {
    const said = async (changes: Record<string, unknown>) => {
      const warnings: string[] = [];
      await openAt(api, s.url, changes, { warn: (w) => warnings.push(w) });
      return warnings.filter((w) => w.startsWith('images.paintSize'));
    };
    expect(await said({})).toEqual([
      `images.paintSize: the painter at ${s.url}${api === 'openai' ? '/v1' : ''} is asked for 32 px, and below 256 diffusion models paint little but noise: set it to what the model was made for (512 or 1024; scaled down to images.size 32)`,
    ]);
    expect(await said({ 'images.paintSize': 256 })).toEqual([]);
  }
});

describe.concurrent('a request that is given up', () => {
  const INTERRUPTED = (e: LogEntry) => e.interrupt !== undefined || e.cancel !== undefined;

  test('is cancelled at the server when the run is stopped, also the one that is being painted', async () => {
    for (const api of ['a1111', 'comfyui'] as const) {
      const s = await server([{ kind: api === 'a1111' ? 'hang' : 'stuck', running: true }]);
      const painter = await openAt(api, s.url);
      const controller = new AbortController();
      const painting = painter.paint(requests.slice(0, 1), controller.signal).catch((e) => e);
      while (!s.log().some((e) => e.prompt)) await pause(20);
      await pause(500);
      controller.abort();
      expect(await painting).toBeInstanceOf(Interrupted);
      expect(s.log().filter(INTERRUPTED).length, api).toBeGreaterThan(0);
    }
  });

  test('for want of time is interrupted, and asked again with twice the time; which setting to raise is said', async () => {
    const once = async (api: 'a1111' | 'comfyui' | 'sdcpp' | 'openai') => {
      const s = await server([{ kind: 'slow', ms: 2500 }]);
      const warnings: string[] = [];
      const short = { 'runtime.painter.timeout': 1, 'runtime.painter.patience': 120 };
      const painter = await openAt(api, s.url, short, { warn: (w) => warnings.push(w) });
      // 1 s and 2 s are not enough, 4 s are.
      expect((await painter.paint(requests.slice(0, 1))).length).toBe(1);
      const orders = s.log().filter((e) => e.prompt);
      expect(orders.length).toBeGreaterThan(1);
      expect(orders.length).toBeLessThan(6);
      expect(warnings.join('\n')).toMatch(
        /no answer within 1 s, runtime\.painter\.timeout; trying again for up to 120 s, with twice the time; raise it if/,
      );
      if (api === 'openai') return;
      expect(s.log().filter(INTERRUPTED).length, api).toBeGreaterThan(0);
    };
    // Nearly all of it is waiting.
    await Promise.all((['a1111', 'comfyui', 'sdcpp', 'openai'] as const).map(once));
  });
});
