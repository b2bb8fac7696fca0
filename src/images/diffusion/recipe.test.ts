import { describe, expect, it } from 'vitest';
import type { DiffusionFolder, Part } from './folder.js';
import { textRecipe } from './recipe.js';

const part = (config: Part['config'] = {}): Part => ({ name: 'part', file: 'model.onnx', config });
const folder = (kind: string, encoders: number, denoiser: Part['config'] = {}): DiffusionFolder => ({
  root: '',
  index: {},
  kind,
  tokenizers: [],
  textEncoders: Array.from({ length: encoders }, () => part()),
  denoiser: part(denoiser),
  decoder: part(),
  schedulerFile: '',
  scheduler: {},
});
const lengths = (...args: Parameters<typeof folder>) => textRecipe(folder(...args)).encoders.map((e) => e.length);

describe('how captions are encoded', () => {
  it('to the lengths of diffusers’ pipelines', () => {
    expect(lengths('StableDiffusionPipeline', 1)).toEqual([undefined]);
    expect(lengths('StableDiffusionXLPipeline', 2)).toEqual([undefined, undefined]);
    expect(lengths('PixArtAlphaPipeline', 1)).toEqual([120]);
    expect(lengths('PixArtSigmaPipeline', 1)).toEqual([300]);
    expect(lengths('StableDiffusion3Pipeline', 3)).toEqual([77, 77, 256]);
    expect(lengths('FluxPipeline', 2, { guidance_embeds: true })).toEqual([77, 512]);
    expect(lengths('FluxPipeline', 2, { guidance_embeds: false })).toEqual([77, 256]);
  });

  it('T5 of Stable Diffusion 3 and FLUX reads its padding, PixArt’s does not', () => {
    const masked = (...args: Parameters<typeof folder>) => textRecipe(folder(...args)).encoders.at(-1)!.masked;
    expect(masked('PixArtAlphaPipeline', 1)).toBe(true);
    expect(masked('StableDiffusion3Pipeline', 3)).toBe(false);
    expect(masked('FluxPipeline', 2)).toBe(false);
  });

  it('zeros stand for Stable Diffusion 3’s third encoder where it is left out', () => {
    expect(textRecipe(folder('StableDiffusion3Pipeline', 3)).zeros).toBeUndefined();
    expect(textRecipe(folder('StableDiffusion3Pipeline', 2)).zeros).toEqual({ tokens: 77, dim: 4096 });
    const small = folder('StableDiffusion3Pipeline', 2, { joint_attention_dim: 64 });
    expect(textRecipe(small).zeros).toEqual({ tokens: 77, dim: 64 });
  });
});
