import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeEncoder } from '../../test/tiny-encoder.js';
import { resolveSettings } from '../config/resolve.js';
import { exportEncoder } from '../encoders/export.js';
import { UserError } from '../errors.js';
import { readSafetensors, type SafeTensor, writeSafetensors } from '../formats/safetensors.js';
import { sizeOf } from '../graph/index.js';
import { saveCheckpoint } from '../learn/checkpoint.js';
import { learnerOf } from '../learn/learners/index.js';
import { readBackbone } from './backbone.js';
import { checkpointName } from './checkpoint-file.js';

const settings = resolveSettings({
  flags: {
    'views.globalSize': 16,
    'views.localSize': 8,
    'model.dim': 24,
    'model.depth': 2,
    'learn.projectionHidden': 8,
    'learn.projectionWidth': 8,
    'learn.prototypes': 16,
    'learn.prototypeHidden': 8,
    'learn.prototypeBottleneck': 8,
    'train.captionsPerBatch': 4,
  },
});
const specs = learnerOf(settings).parameters;

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'backbone-'));
});
afterAll(() => rm(dir, { recursive: true }));

const refused = async (path: string): Promise<string> => {
  const error = await readBackbone(path, 'teacher').catch((e: Error) => e);
  expect(error, path).toBeInstanceOf(UserError);
  return (error as Error).message;
};

describe('an exported encoder', () => {
  let encoder: string;
  let config: Record<string, unknown>;
  const file = (name: string) => join(encoder, name);
  const say = (value: unknown) =>
    writeFile(file('config.json'), typeof value === 'string' ? value : JSON.stringify(value));
  const wrong = async (changes: Record<string, unknown>): Promise<string> => {
    await say({ ...config, ...changes });
    const message = await refused(encoder);
    expect(message).toMatch(/config\.json: /);
    return message.slice(message.indexOf('config.json: ') + 'config.json: '.length);
  };

  beforeAll(async () => {
    encoder = join(dir, 'encoder');
    await writeEncoder(encoder, settings);
    config = JSON.parse(await readFile(file('config.json'), 'utf8'));
  });

  test('with a byte-order mark before its config is read', async () => {
    await say(`\ufeff${JSON.stringify({ ...config, model_type: 'vit' })}`);
    expect((await readBackbone(encoder, 'teacher')).vit).toMatchObject({ dim: 24, depth: 2, heads: 3, patch: 4 });
  });

  test('whose config is cut off, missing, or of another program is named', async () => {
    await say(JSON.stringify(config).slice(0, 90));
    expect(await refused(encoder)).toMatch(/encoder\/config\.json is not JSON: /);
    expect(await wrong({ model_type: 'dinov2' })).toBe('model_type: only "vit" is an encoder of synclr');
    expect(await wrong({ synclr: undefined })).toMatch(/^synclr: /);
    await say([]);
    expect(await refused(encoder)).toMatch(/config\.json: /);
    await rm(file('config.json'));
    expect(await refused(encoder)).toBe(`${file('config.json')} is missing beside model.safetensors: export again`);
  });

  test('whose mean or standard deviation is none is refused by name', async () => {
    const { mean, std } = settings.views;
    for (const bad of [0, -0.2, '1e999', null, '"0.2"'])
      expect(
        await (async () => {
          await say(
            JSON.stringify({ ...config, synclr: { mean, std: [std[0], 'HERE', std[2]] } }).replace(
              '"HERE"',
              String(bad),
            ),
          );
          return refused(encoder);
        })(),
      ).toContain('config.json: synclr.std.1: ');
    expect(await wrong({ synclr: { mean, std: [0.2, 0.2] } })).toMatch(/^synclr\.std/);
    expect(await wrong({ synclr: { mean: [...mean, 0.5], std } })).toMatch(/^synclr\.mean/);
    expect(await wrong({ synclr: { mean: ['NaN', 0, 0], std } })).toMatch(/^synclr\.mean\.0: /);
    expect(await wrong({ synclr: { mean } })).toMatch(/^synclr\.std/);
  });

  test('whose sizes are no sizes, or not those of its weights, is refused before anything is built after them', async () => {
    const sizes = {
      hidden_size: 'the width',
      num_hidden_layers: 'the number of blocks',
      num_attention_heads: 'the number of heads',
      intermediate_size: 'the hidden width of the MLP',
      patch_size: 'the side of a patch',
      image_size: 'the side of an image',
    };
    for (const [name, what] of Object.entries(sizes)) {
      for (const bad of [2.5, '"x"', null, undefined])
        expect(await wrong({ [name]: bad })).toBe(`${name}: expected a whole number: ${what}`);
      for (const bad of [0, -4]) expect(await wrong({ [name]: bad })).toMatch(new RegExp(`^${name}: `));
    }
    const began = performance.now();
    for (const huge of [1e9, 2 ** 53 - 1]) {
      expect(await wrong({ num_hidden_layers: huge })).toBe(
        `num_hidden_layers is ${huge}, but the weights have 2 blocks`,
      );
      expect(await wrong({ num_attention_heads: huge })).toBe(
        `num_attention_heads ${huge} does not divide hidden_size 24`,
      );
      expect(await wrong({ patch_size: huge })).toBe(`image_size 16 is not divisible by patch_size ${huge}`);
      expect(await wrong({ intermediate_size: huge })).toContain('intermediate_size is ' /* its rounding is ours */);
    }
    expect(await wrong({ hidden_size: 3e9 })).toBe(
      'hidden_size is 3000000000, but cls_token in the weights is [1,1,24], not [1,1,3000000000]',
    );
    expect(await wrong({ image_size: 4e9 })).toContain(
      'image_size is 4000000000, but pos_embed in the weights is [1,17,24]',
    );
    expect(await wrong({ patch_size: 8 })).toContain('patch_size is 8, but patch_embed.proj.weight in the weights is');
    expect(await wrong({ image_size: 18 })).toBe('image_size 18 is not divisible by patch_size 4');
    expect(await wrong({ num_hidden_layers: 1 })).toContain('is 1, but the weights have 2 blocks');
    // Seconds would be what a billion blocks take.
    expect(performance.now() - began).toBeLessThan(10_000);
    await say(config);
  });

  test('whose options are unknown, contradict each other or are not those of its weights is refused, too', async () => {
    const said = config.synclr as Record<string, unknown>;
    const vit = (options: Record<string, unknown>, more: Record<string, unknown> = {}) =>
      wrong({ synclr: { ...said, vit: options }, ...more });
    expect(await vit({ windows: 7 })).toMatch(/^synclr\.vit.*windows/);
    for (const bad of [{ cls: true }, { registers: -1 }, { registers: 1e9 }, { eps: 0 }, { activation: 'relu' }])
      expect(await vit(bad)).toMatch(new RegExp(`^synclr\\.vit\\.${Object.keys(bad)[0]}: `));
    expect(await vit({ rotary: { base: 100 } }, { num_attention_heads: 4 })).toContain('a multiple of 4, not 6');
    expect(await vit({ relative: 'shared', registers: 1 })).toContain('those of CLS and patches alone');
    expect(await vit({ prefixPositions: 2 })).toContain('2 of the 1 tokens before the patches have positions');
    expect(await vit({ cls: false, pool: 'cls' })).toContain('CLS, which there is not');
    expect(await vit({ activation: 'swiglu' })).toContain('blocks.0.mlp.fc1.weight in the weights is');
    expect(await vit({ grid: [4, 5] })).toContain('pos_embed in the weights is [1,17,24]');
    expect(await vit({ positions: false }, { image_size: 4e9 })).toContain('is more than 1024 patches of 4');
    for (const [options, name] of [
      [{ registers: 4 }, 'reg_token'],
      [{ layerScale: true }, 'blocks.0.ls1.gamma'],
      [{ relative: 'shared' }, 'rel_pos_bias.relative_position_bias_table'],
      [{ pool: 'attention' }, 'attn_pool.latent'],
    ] as const) {
      await say({ ...config, synclr: { ...said, vit: options } });
      expect(await refused(encoder)).toContain(`not an encoder of its own settings: ${name} is missing`);
    }
    await say(config);
  });

  test('in half precision, with tensors that nobody asked for, is read; one with NaN or without a tensor is not', async () => {
    const other = join(dir, 'other');
    await writeEncoder(other, settings);
    const weights = join(other, 'model.safetensors');
    const { tensors } = await readSafetensors(weights);
    const plain = await readBackbone(other, 'teacher');
    const name = 'blocks.1.norm2.bias';
    const change = async (changed: SafeTensor | undefined) => {
      const all = new Map(tensors);
      if (changed) all.set(name, changed);
      else all.delete(name);
      all.set('position_ids', { dtype: 'I64', shape: [3], data: new BigInt64Array(3) });
      all.set('scale', { dtype: 'F8_E4M3', shape: [3], data: new Uint8Array(3) });
      await writeSafetensors(weights, all);
    };
    await change({ dtype: 'F16', shape: [24], data: new Uint16Array(24).fill(0x3c00) });
    const back = await readBackbone(other, 'teacher');
    expect(back.parameters.get(`backbone.${name}`)).toEqual(new Float32Array(24).fill(1));
    expect(back.parameters.get('backbone.cls_token')).toEqual(plain.parameters.get('backbone.cls_token'));
    await change({ dtype: 'F32', shape: [24], data: new Float32Array(24).fill(Number.NaN, 7) });
    expect(await refused(other)).toBe(`${weights}: ${name} holds NaN (number 7 of 24)`);
    await change(undefined);
    expect(await refused(other)).toContain(`${weights}: not an encoder of its own settings: ${name} is missing`);
    await writeFile(weights, (await readFile(weights)).subarray(0, -9));
    expect(await refused(other)).toContain(`${weights}: not a valid safetensors file: cut off in tensor`);
  });
});

describe('a checkpoint', () => {
  const value = (step: number) =>
    new Map(specs.map((s) => [s.name, new Float32Array(sizeOf(s.shape)).fill(step / 100)]));
  const moments = new Map(
    [...value(0)].map(([name, m]): [string, { m: Float32Array; v: Float32Array }] => [name, { m, v: m }]),
  );
  const save = (folder: string, step: number, said: unknown = settings) =>
    saveCheckpoint(
      folder,
      { step, student: value(step), teacher: value(step), moments, centres: new Map() },
      specs,
      typeof said === 'string' ? said : JSON.stringify(said),
    );

  test('whose settings are cut off, missing, foreign, or do not fit its weights is named', async () => {
    const folder = join(dir, 'settings');
    const { model } = settings;
    const cases: [unknown, string][] = [
      ['{"seed":0,"concepts":', 'damaged: the settings text in its metadata is not JSON'],
      ['3', 'the settings in its metadata are no JSON object'],
      ['{"seed":"x"}', "the settings in its metadata are not this synclr's: seed: "],
      [{ ...settings, later: 1 }, "the settings in its metadata are not this synclr's: "],
      [
        { ...settings, model: { ...model, depth: 1e9 } },
        'its settings do not fit its teacher: model.depth is 1000000000, but the weights have 2 blocks',
      ],
      [{ ...settings, model: { ...model, heads: 5 } }, 'model.heads 5 does not divide model.dim 24'],
      [{ ...settings, model: { ...model, dim: 48 } }, 'model.dim is 48, but cls_token in the weights is [1,1,24]'],
      [{ ...settings, views: { ...settings.views, std: [0, 1, 1] } }, 'views.std.0: '],
    ];
    for (const [said, message] of cases) {
      const file = await save(folder, 4, said);
      expect(await refused(file)).toContain(`${file}: ${message.startsWith('model') ? 'its settings do not fit' : ''}`);
      expect(await refused(file)).toContain(message);
    }
    const { metadata, tensors } = await readSafetensors(await save(folder, 4));
    const { settings: _, ...rest } = metadata;
    const file = join(folder, checkpointName(4));
    await writeSafetensors(file, tensors, rest, { sealed: true });
    expect(await refused(file)).toBe(`${file}: its metadata has no settings`);
    await writeSafetensors(file, tensors, { ...metadata, format: 'pt' });
    expect(await refused(file)).toBe(`${file}: not a checkpoint of synclr`);
  });

  test('of which a bit was flipped is neither embedded with nor exported, and a run names its older one', async () => {
    const run = join(dir, 'run');
    const file = await save(join(run, 'checkpoints'), 20);
    await save(join(run, 'checkpoints'), 10);
    expect((await readBackbone(run, 'teacher')).origin).toBe(`${file} (teacher)`);
    const bytes = await readFile(file);
    // Of a moment, which no encoder reads: what has lost one bit may have lost others.
    bytes[bytes.length - 3] ^= 4;
    await writeFile(file, bytes);
    const line = `${file}: damaged: its bytes do not agree with the checksum in its header`;
    expect(await refused(file)).toBe(line);
    const way = `${line}; the older step-00000010.safetensors is whole: move step-00000020.safetensors elsewhere, and the same command goes on from step 10`;
    expect(await refused(run)).toBe(way);
    await expect(exportEncoder({ checkpoint: run, out: join(dir, 'out') })).rejects.toThrow(way);
    await rm(file);
    expect((await readBackbone(run, 'student')).parameters.get('backbone.norm.bias')?.[0]).toBeCloseTo(0.1);
  });

  test('exported, is sealed: a bit flipped there is found too', async () => {
    const out = await exportEncoder({ checkpoint: await save(join(dir, 'sealed'), 10), out: join(dir, 'sealed out') });
    const file = join(out, 'model.safetensors');
    await readBackbone(out, 'teacher');
    const bytes = await readFile(file);
    bytes[bytes.length - 1] ^= 1;
    await writeFile(file, bytes);
    expect(await refused(out)).toBe(`${file}: damaged: its bytes do not agree with the checksum in its header`);
  });

  test('is not looked for in what is no folder of checkpoints', async () => {
    const run = join(dir, 'no run');
    await mkdir(run);
    expect(await refused(run)).toContain('holds no checkpoint');
    await writeFile(join(run, 'checkpoints'), '');
    await expect(readBackbone(run, 'teacher')).rejects.toMatchObject({ code: 'ENOTDIR' });
    expect(await refused(join(run, 'absent'))).toContain('no such run, checkpoint or exported encoder');
    expect(await refused(join(dir, 'encoder', 'model.safetensors'))).toContain(
      'not a checkpoint of synclr (an exported encoder is named by its folder)',
    );
  });
});
