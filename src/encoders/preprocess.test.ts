import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { UserError } from '../errors.js';
import { readConfigs } from './configs.js';
import { HALF, IMAGENET, OPENAI, preprocessingFor } from './preprocess.js';

const dir = mkdtempSync(join(tmpdir(), 'synclr-preprocess-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const usual = { size: 48, crop: 'squash', kernel: 'bilinear', ...HALF } as const;
let made = 0;

/** What is read of descriptions beside weights. */
async function told(files: Readonly<Record<string, unknown>>) {
  const folder = mkdtempSync(join(dir, `${made++}-`));
  for (const [name, value] of Object.entries(files)) writeFileSync(join(folder, name), JSON.stringify(value));
  return preprocessingFor(await readConfigs(join(folder, 'model.safetensors')), usual, 'Any');
}
const processor = (p: Record<string, unknown>) => told({ 'preprocessor_config.json': p });
const timm = (p: Record<string, unknown>) =>
  told({ 'config.json': { architecture: 'vit_small_patch16_224', pretrained_cfg: p } });
const openClip = (p: Record<string, unknown> | undefined, vision: Record<string, unknown> = {}) =>
  told({ 'open_clip_config.json': { model_cfg: { vision_cfg: vision }, ...(p && { preprocess_cfg: p }) } });

describe('preprocessor_config.json', () => {
  test.each([
    ['ViTImageProcessor', { size: 224, crop: 'squash', kernel: 'bilinear', ...HALF }],
    ['DeiTImageProcessor', { size: 224, resize: 256, crop: 'squash', kernel: 'bicubic', ...HALF }],
    ['CLIPImageProcessorFast', { size: 224, crop: 'shortest', kernel: 'bicubic', ...OPENAI }],
    ['BitImageProcessor', { size: 224, crop: 'shortest', kernel: 'bicubic', ...OPENAI }],
    ['SiglipImageProcessor', { size: 224, crop: 'squash', kernel: 'bicubic', ...HALF }],
    ['BeitFeatureExtractor', { size: 224, crop: 'squash', kernel: 'bicubic', ...HALF }],
    ['DINOv3ViTImageProcessorFast', { size: 224, crop: 'squash', kernel: 'bilinear', ...IMAGENET }],
  ])('what %s does where nothing is said', async (image_processor_type, expected) => {
    const { preprocessing, notes } = await processor({ image_processor_type, size: null, image_mean: null });
    expect(preprocessing).toEqual({ ...expected, antialias: true });
    expect(notes).toEqual([]);
  });

  test('a size without a name is that of the shorter side or of both, by the processor', async () => {
    const of = async (feature_extractor_type: string) =>
      (await processor({ feature_extractor_type, size: 40, crop_size: 32, do_center_crop: true })).preprocessing;
    expect(await of('CLIPFeatureExtractor')).toMatchObject({ size: 32, resize: 40, crop: 'shortest' });
    expect(await of('DeiTFeatureExtractor')).toMatchObject({ size: 32, resize: 40, crop: 'squash' });
  });

  test('scales of pixels are taken into the mean', async () => {
    const of = async (p: Record<string, unknown>) => (await processor({ size: 32, ...p })).preprocessing;
    const numbers = { image_mean: 51, image_std: [51, 102, 255] };
    const raw = await of({ do_rescale: false, ...numbers });
    expect(raw.mean).toEqual([0.2, 0.2, 0.2]);
    expect(raw.std).toEqual([0.2, 0.4, 1]);
    expect((await of({ rescale_factor: 1 / 127.5, image_mean: 1, image_std: 1 })).mean).toEqual([0.5, 0.5, 0.5]);
    expect(await of({ do_normalize: false, image_mean: 0.3 })).toMatchObject({ mean: [0, 0, 0], std: [1, 1, 1] });
    expect((await of({ do_normalize: false, do_rescale: false })).std).toEqual([1 / 255, 1 / 255, 1 / 255]);
    // As libraries write 1/255.
    expect((await of({ rescale_factor: 0.00392156862745098, image_mean: 0.4 })).mean).toEqual([0.4, 0.4, 0.4]);
    await expect(of({ image_std: [0.2, 0, 0.2] })).rejects.toThrow(UserError);
  });

  test('of processors for pictures and texts in one file, that of pictures comes first', async () => {
    const image_processor = { image_processor_type: 'SiglipImageProcessor', size: { height: 64, width: 64 } };
    const { preprocessing } = await told({
      'processor_config.json': { processor_class: 'SiglipProcessor', image_processor },
      'preprocessor_config.json': { size: 16 },
    });
    expect(preprocessing).toMatchObject({ size: 64, kernel: 'bicubic' });
    const named = { 'processor_config.json': { processor_class: 'CLIPProcessor' } };
    expect((await told({ ...named, 'preprocessor_config.json': { size: 16 } })).preprocessing.size).toBe(16);
  });

  test.each([
    [{ do_resize: false, size: 32 }, /other sides than 48 px .* do_resize false/],
    [{ size: { shortest_edge: 32 } }, /middle is cut out of pictures that are no squares/],
    [{ size: { shortest_edge: 32, longest_edge: 64 }, do_center_crop: true, crop_size: 32 }, /longest_edge 64/],
    [{ size: { height: 32, width: 64 } }, /32 × 64 px/],
    [{ size: 24, do_center_crop: true, crop_size: 32 }, /resized to 32 px, .* border around 24 px/],
    [{ size: 32, resample: 1 }, /cubic kernel, .* lanczos/],
    [{ size: 32, do_pad: true }, /not padded/],
    [{ size: 32, image_processor_type: 'ConvNextImageProcessor', crop_pct: 0.9 }, /ConvNext.*not known.*|crop_pct/],
  ])('what is not done as %j says is a note', async (p, note) => {
    const { notes, otherwise } = await processor(p);
    expect(notes.join('; ')).toMatch(note);
    expect(otherwise).toEqual(notes);
  });
});

describe('timm’s pretrained_cfg', () => {
  test('is read as timm does, the middle by its rounding', async () => {
    const { preprocessing, notes } = await timm({ input_size: [3, 64, 64], crop_pct: 0.9, mean: [0.1, 0.2, 0.3] });
    expect(preprocessing).toEqual({
      ...{ size: 64, resize: 71, crop: 'shortest', middle: 'even', kernel: 'bicubic', antialias: true },
      ...{ mean: [0.1, 0.2, 0.3], std: IMAGENET.std },
    });
    expect(notes).toEqual([]);
    const squash = (await timm({ crop_mode: 'squash', crop_pct: 1, interpolation: 'bilinear' })).preprocessing;
    expect(squash).toEqual({ size: 224, crop: 'squash', kernel: 'bilinear', antialias: true, ...IMAGENET });
  });

  test('older ones have it in config.json itself', async () => {
    const config = { architecture: 'vit_small_patch16_224', input_size: [3, 96, 96], crop_pct: 1, std: [1, 1, 1] };
    const { preprocessing } = await told({ 'config.json': config, 'preprocessor_config.json': { size: 16 } });
    expect(preprocessing).toMatchObject({ size: 96, crop: 'shortest', std: [1, 1, 1] });
  });

  test.each([
    [{ crop_mode: 'border' }, /cropped in the middle, not by "border"/],
    [{ crop_pct: 1.2 }, /border around 186 px/],
    [{ interpolation: 'lanczos' }, /not by "lanczos"/],
    [{ input_size: [3, 64, 32] }, /64 × 32 px/],
  ])('what is not done as %j says is a note', async (p, note) => {
    expect((await timm(p)).notes.join('; ')).toMatch(note);
  });
});

describe('open_clip’s preprocess_cfg', () => {
  test('is read as open_clip does: the tower’s side comes first', async () => {
    const p = { size: 224, mean: HALF.mean, std: null, resize_mode: 'squash' };
    expect((await openClip(p, { image_size: 96 })).preprocessing).toMatchObject({
      ...{ size: 96, crop: 'squash', kernel: 'bicubic', mean: HALF.mean, std: OPENAI.std },
    });
    const silent = (await openClip(undefined, { image_size: 96 })).preprocessing;
    expect(silent).toMatchObject({ size: 96, crop: 'shortest', middle: 'even', ...OPENAI });
    expect((await openClip({ resize_mode: 'longest' })).notes.join('; ')).toMatch(
      /pads them \(resize_mode "longest"\)/,
    );
  });
});
