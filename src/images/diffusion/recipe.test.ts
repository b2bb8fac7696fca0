import { describe, expect, it } from 'vitest';
import type { DiffusionFolder, Part } from './folder.js';
import { familyOf, textRecipe } from './recipe.js';

const part = (name = 'part', config: Part['config'] = {}): Part => ({ name, file: 'model.onnx', config });
const folder = (kind: string, encoders: number, denoiser = part('transformer')): DiffusionFolder => ({
  root: 'models/x',
  index: {},
  kind,
  tokenizers: [],
  textEncoders: Array.from({ length: encoders }, () => part()),
  denoiser,
  decoder: part(),
  schedulerFile: '',
  scheduler: {},
});
const asks = { contextDim: undefined, guidance: false };
const unet = part('unet');

describe('the family of a pipeline', () => {
  it('goes by its class, also where that changes images', () => {
    expect(familyOf(folder('StableDiffusionPipeline', 1, unet))).toBe('one encoder');
    expect(familyOf(folder('', 1, unet))).toBe('one encoder');
    expect(familyOf(folder('StableDiffusionXLPipeline', 2, unet))).toBe('two encoders');
    for (const kind of ['StableDiffusion3Pipeline', 'StableDiffusion3Img2ImgPipeline'])
      expect(familyOf(folder(kind, 3))).toBe('sd3');
    for (const kind of ['FluxPipeline', 'FluxImg2ImgPipeline', 'FluxInpaintPipeline'])
      expect(familyOf(folder(kind, 2))).toBe('flux');
  });

  it('is refused where it paints from more than a caption, or nothing tells', () => {
    for (const kind of ['FluxKontextPipeline', 'FluxFillPipeline', 'StableDiffusion3ControlNetPipeline'])
      expect(() => familyOf(folder(kind, 2))).toThrow(
        `models/x/model_index.json: ${kind} paints from more than a caption; StableDiffusion3Pipeline and FluxPipeline do not`,
      );
    expect(() => familyOf(folder('', 3))).toThrow(
      /without a _class_name, a pipeline with 3 text encoders and a transf/,
    );
    expect(() => familyOf(folder('HunyuanDiTPipeline', 2))).toThrow(/HunyuanDiTPipeline with 2 text encoders and a tr/);
  });
});

describe('how captions are encoded', () => {
  it('in as many tokens as the models learned', () => {
    const lengths = (kind: string, encoders: number, guidance = false) =>
      textRecipe(folder(kind, encoders, kind.includes('XL') ? unet : undefined), { ...asks, guidance }).encoders.map(
        (e) => e.length,
      );
    expect(lengths('StableDiffusionPipeline', 1)).toEqual([undefined]);
    expect(lengths('StableDiffusionXLPipeline', 2)).toEqual([undefined, undefined]);
    expect(lengths('PixArtAlphaPipeline', 1)).toEqual([120]);
    expect(lengths('PixArtSigmaPipeline', 1)).toEqual([300]);
    expect(lengths('StableDiffusion3Pipeline', 3)).toEqual([77, 77, 256]);
    expect(lengths('FluxPipeline', 2, true)).toEqual([77, 512]);
    expect(lengths('FluxPipeline', 2)).toEqual([77, 256]);
  });

  it('with zeros for Stable Diffusion 3’s third encoder where it is left out', () => {
    const zeros = (encoders: number, contextDim?: number, config: Part['config'] = {}) =>
      textRecipe(folder('StableDiffusion3Pipeline', encoders, part('transformer', config)), { ...asks, contextDim })
        .zeros;
    expect(zeros(3)).toBeUndefined();
    expect(zeros(2)).toEqual({ tokens: 77, dim: 4096 });
    expect(zeros(2, undefined, { joint_attention_dim: 64 })).toEqual({ tokens: 77, dim: 64 });
    expect(zeros(2, 40, { joint_attention_dim: 64 })).toEqual({ tokens: 77, dim: 40 });
  });
});
