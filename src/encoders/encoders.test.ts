import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import {
  type Foreign,
  foreign,
  hfVitConfig,
  hfVitTensors,
  type Tensors,
  timmTensors,
  writeForeign,
} from '../../test/foreign-encoders.js';
import { FakeHub } from '../../test/hub-fixture.js';
import { testSeed } from '../../test/numbers.js';
import { UserError } from '../errors.js';
import { recordLines } from './describe.js';
import { hubEncoderFiles } from './hub-files.js';
import { openForeign } from './open.js';
import { openBackbone } from './open-backbone.js';

const seed = testSeed('encoders.test.ts');
const dir = mkdtempSync(join(tmpdir(), 'synclr-encoders-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

let made = 0;
const written = (tensors: Tensors, beside?: Record<string, unknown>) =>
  writeForeign(join(dir, `e${made++}`), tensors, beside);
const zeros = (...shape: number[]) => ({
  ...{ dtype: 'F32' as const, shape },
  data: new Float32Array(shape.reduce((a, b) => a * b, 1)),
});

/** All parameters but the mask token, which only training needs. */
function same(e: { parameters: Map<string, Float32Array> }, f: Foreign): void {
  for (const [name, data] of f.parameters)
    if (name !== 'backbone.mask_token') expect(e.parameters.get(name), name).toEqual(data);
}

describe('what an encoder is', () => {
  test('Hugging Face’s names become ours, with heads, epsilon and pictures as its descriptions say', async () => {
    const f = foreign({ eps: 1e-12 }, seed);
    const config = hfVitConfig(f);
    const path = await written(hfVitTensors(f, 'vit.'), {
      'config.json': config,
      'preprocessor_config.json': {
        ...{ size: { shortest_edge: 40 }, do_center_crop: true, crop_size: { height: 32, width: 32 }, resample: 2 },
        ...{ image_mean: [0.1, 0.2, 0.3], image_std: [0.4, 0.5, 0.6] },
      },
    });
    const { backbone, record } = await openForeign(path);
    same(backbone, f);
    expect(backbone.vit).toEqual({ ...f.vit, resampling: 'plain' });
    expect(backbone.preprocessing).toEqual({
      ...{ size: 32, crop: 'shortest', resize: 40, kernel: 'bilinear', antialias: true },
      ...{ mean: [0.1, 0.2, 0.3], std: [0.4, 0.5, 0.6] },
    });
    expect(record).toMatchObject({ family: 'Hugging Face ViT', prefix: 'vit.', heads: '3, config.json', others: [] });
    expect(recordLines(record, { names: true }).join('\n')).toContain(
      'backbone.blocks.*.norm1.weight ← vit.encoder.layer.*.layernorm_before.weight',
    );
  });

  test('prefixes of wrappers do not matter, wherever they stand', async () => {
    const f = foreign({}, seed + 1);
    for (const prefix of ['module.', '_orig_mod.', 'model.encoder.', 'module._orig_mod.backbone.', 'visual.trunk.']) {
      const path = await written(timmTensors(f, prefix));
      same((await openForeign(path, { heads: 3 })).backbone, f);
    }
    const inner = new Map([...timmTensors(f)].map(([n, t]) => [n.replace('.attn.', '._fsdp_wrapped_module.attn.'), t]));
    same((await openForeign(await written(inner), { heads: 3 })).backbone, f);
  });

  test('options are read off the tensors', async () => {
    const f = foreign(
      { registers: 3, prefixPositions: 0, layerScale: true, activation: 'swiglu', normBefore: true, eps: 1e-5 },
      seed + 2,
    );
    const { backbone } = await openForeign(await written(timmTensors(f)), { heads: 3 });
    expect(backbone.vit).toEqual({ ...f.vit, resampling: 'antialias' });
    same(backbone, f);
  });

  test('positions of no square take their sides from the description', async () => {
    const f = foreign({ grid: [2, 5], imageSize: 40 }, seed + 3);
    const tensors = timmTensors(f);
    await expect(openForeign(await written(tensors), { heads: 3 })).rejects.toThrow(/11 positions are no square/);
    const config = { architecture: 'vit_tiny_patch16_224', model_args: { num_heads: 3, img_size: [16, 40] } };
    const { backbone } = await openForeign(await written(tensors, { 'config.json': config }));
    expect(backbone.vit).toMatchObject({ grid: [2, 5], imageSize: 40 });
  });

  test('timm’s description decides what tensors do not show', async () => {
    const f = foreign({}, seed + 4);
    const of = async (architecture: string, more: Record<string, unknown> = {}) => {
      const config = { architecture, model_args: { num_heads: 3, ...more }, pretrained_cfg: { crop_pct: 0.9 } };
      return (await openForeign(await written(timmTensors(f), { 'config.json': config }))).backbone;
    };
    expect((await of('vit_base_patch16_clip_quickgelu_224')).vit).toMatchObject({
      activation: 'quick_gelu',
      eps: 1e-5,
    });
    expect((await of('vit_base_patch16_224', { act_layer: 'gelu_tanh' })).vit.activation).toBe('gelu_tanh');
    const plain = await of('vit_base_patch16_224', { global_pool: 'avg' });
    expect(plain.vit).toEqual({ ...f.vit, pool: 'mean', resampling: 'antialias' });
    expect(plain.preprocessing).toMatchObject({ crop: 'shortest', size: 224, resize: 248 });
    await expect(of('vit_base_patch16_rope_224')).rejects.toThrow(/vit_base_patch16_rope_224 is not run here/);
    await expect(of('convnext_tiny')).rejects.toThrow(/ConvNeXt \(convnext_tiny\) is not run here/);
  });
});

describe('several encoders in one file', () => {
  const [teacher, student] = [foreign({}, seed + 5), foreign({}, seed + 6)];
  const both = () =>
    written(new Map([...timmTensors(student, 'student.backbone.'), ...timmTensors(teacher, 'teacher.backbone.')]));

  test('the teacher is taken, unless another is named', async () => {
    const path = await both();
    const own = await openForeign(path, { heads: 3 });
    same(own.backbone, teacher);
    expect(own.record).toMatchObject({ weights: 'teacher', others: ['student'] });
    same((await openForeign(path, { heads: 3, weights: 'student' })).backbone, student);
    await expect(openForeign(path, { heads: 3, weights: 'ema' })).rejects.toThrow(
      /holds no encoder "ema": it has student, teacher/,
    );
  });

  test('where none is called teacher, asking for it means the one that authors evaluate', async () => {
    const path = await written(
      new Map([...timmTensors(student, 'module.momentum_encoder.'), ...timmTensors(teacher, 'module.base_encoder.')]),
    );
    const found = await openBackbone(path, { heads: 3, weights: 'teacher' });
    same(found, teacher);
    expect(found.record?.family).toBe('MoCo v3');
  });
});

describe('what is refused', () => {
  const f = foreign({}, seed + 7);
  const fails = async (change: (t: Tensors) => void, o?: { heads?: number }, beside?: Record<string, unknown>) => {
    const tensors = timmTensors(f);
    change(tensors);
    const error = await openForeign(await written(tensors, beside), { heads: 3, ...o }).catch((e: Error) => e);
    expect(error).toBeInstanceOf(UserError);
    expect((error as Error).message).not.toContain('\n');
    return expect((error as Error).message);
  };

  test('by name, in one line', async () => {
    (await fails((t) => t.delete('blocks.1.norm2.bias'))).toMatch(/blocks\.1\.norm2\.bias is missing/);
    (await fails((t) => t.set('blocks.0.attn.q_norm.weight', zeros(8)))).toMatch(/q_norm\.weight belongs to an arch/);
    (await fails((t) => t.set('blocks.1.mlp.fc2.weight', zeros(24, 40)))).toMatch(/\[24,40\] does not fit/);
    (await fails((t) => t.set('patch_embed.proj.weight', zeros(24, 1, 8, 8)))).toMatch(/images of 1 channels/);
    (await fails((t) => t.set('patch_embed.proj.weight', zeros(24, 3, 8, 4)))).toMatch(/8 × 4 px are not run/);
    (await fails(() => {}, { heads: undefined })).toMatch(/how many heads .* --encoder-heads N/);
    (await fails(() => {}, { heads: 5 })).toMatch(/5 heads \(--encoder-heads\) do not divide the width 24/);
    (await fails((t) => t.delete('pos_embed'))).toMatch(/holds no positions/);
    (await fails((t) => t.set('norm.bias', { ...zeros(24), data: new Float32Array(24).fill(Number.NaN) }))).toMatch(
      /norm\.bias holds NaN/,
    );
    const beside = { 'config.json': { model_type: 'swin', hidden_size: 24 } };
    (await fails(() => {}, {}, beside)).toMatch(/Swin Transformer \(swin\) is not run here/);
    (await fails((t) => t.set('stages.0.blocks.0.conv_dw.weight', zeros(4, 1, 7, 7)))).toMatch(/ConvNeXt is not run/);
  });

  test('what pictures’ description asks for and is not done is warned of', async () => {
    const beside = { 'config.json': hfVitConfig(f), 'preprocessor_config.json': { size: 32, do_pad: true } };
    const warned: string[] = [];
    const hooks = { warn: (line: string) => void warned.push(line) };
    const path = await written(hfVitTensors(f), beside);
    const { record } = await openBackbone(path, { hooks });
    expect(warned).toEqual([`${path}: pictures are not padded, where its description says do_pad true`]);
    expect(record?.notes).toContain('pictures are not padded, where its description says do_pad true');
  });

  test('a description of another model beside the weights', async () => {
    const path = await written(hfVitTensors(f), { 'config.json': hfVitConfig(f, { hidden_size: 48 }) });
    await expect(openForeign(path)).rejects.toThrow(/of another model: hidden_size is 48, the weights’ 24/);
  });
});

describe('on the hub', () => {
  test('files of one format, all shards, and what lies beside', () => {
    const listed = (...paths: string[]) => paths.map((path) => ({ path, size: 1 }));
    const beside = ['config.json', 'preprocessor_config.json', 'processor_config.json'];
    const files = listed('README.md', ...beside, 'flax_model.msgpack', 'pytorch_model.bin', 'model.safetensors');
    expect(hubEncoderFiles(files, undefined, 'hf:o/e')).toEqual(['model.safetensors', ...beside]);
    const index = 'model.safetensors.index.json';
    const sharded = listed(index, 'model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors', 'a/b.bin');
    expect(hubEncoderFiles(sharded, undefined, 'hf:o/e')).toEqual([
      index,
      'model-00001-of-00002.safetensors',
      'model-00002-of-00002.safetensors',
    ]);
    expect(() => hubEncoderFiles(listed('a.pth', 'b.pth'), undefined, 'hf:o/e')).toThrow(/hf:o\/e\/a\.pth/);
    expect(hubEncoderFiles(listed('a.pth', 'b.pth'), 'b.pth', 'hf:o/e/b.pth')).toEqual(['b.pth']);
  });

  test('an encoder is fetched once, and opened as one that lies here', async () => {
    const f = foreign({ eps: 1e-12 }, seed + 8);
    const path = await written(hfVitTensors(f), { 'config.json': hfVitConfig(f) });
    const commit = 'c0ffee'.repeat(6).padEnd(40, '0');
    const files = {
      'config.json': readFileSync(join(path, 'config.json'), 'utf8'),
      'model.safetensors': new Uint8Array(readFileSync(join(path, 'model.safetensors'))),
      'pytorch_model.bin': new Uint8Array(9),
    };
    const hub = await FakeHub.start({ 'o/vit': { commit, refs: { main: commit }, files } });
    try {
      for (const [name, value] of Object.entries(hub.env(hub.newCache()))) vi.stubEnv(name, value);
      const found = await openBackbone('hf:o/vit');
      same(found, f);
      expect(found.origin).toBe('hf:o/vit');
      await hub.asked();
      expect((await openBackbone('hf:o/vit')).vit).toEqual(found.vit);
      expect((await hub.asked()).filter((r) => r.on === 'storage')).toEqual([]);
    } finally {
      vi.unstubAllEnvs();
      await hub.stop();
    }
  });
});
