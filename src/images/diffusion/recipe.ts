import type { DiffusionFolder } from './folder.js';

/** What a pipeline takes from one of its text encoders. */
export interface EncoderUse {
  /** The states that the denoiser looks at: the last layer's, those of the last layer but one, or none. */
  states: 'last' | 'last but one' | 'none';
  /** The embedding of the whole caption that it is told as well. */
  pooled: 'text_embeds' | 'pooler_output' | 'none';
  /** Where the states stand: beside those of the encoder before, as more features, or behind them, as more tokens. */
  place: 'beside' | 'behind';
  /** Tokens of a caption; undefined: what the tokeniser says. */
  length: number | undefined;
  /** Whether an encoder that takes a mask is told which tokens are padding. */
  masked: boolean;
}

/** How a pipeline makes what the denoiser is told of a caption. */
export interface TextRecipe {
  encoders: readonly EncoderUse[];
  /** Tokens of zeros behind the others, and their features: Stable Diffusion 3 without its third encoder. */
  zeros: { tokens: number; dim: number } | undefined;
}

const alone: EncoderUse = { states: 'last', pooled: 'none', place: 'beside', length: undefined, masked: true };
const halfOfTwo: EncoderUse = { ...alone, states: 'last but one' };

/** Tokens of T5 in PixArt (diffusers, pipeline_pixart_alpha.py and _sigma.py). */
const PIXART: Readonly<Record<string, number>> = { PixArtAlphaPipeline: 120, PixArtSigmaPipeline: 300 };
/** CLIP's positions. */
const CLIP_LENGTH = 77;

/**
 * By the class in model_index.json (diffusers' pipelines of these names): Stable Diffusion 3 (Esser et al. 2024, appendix B.3) puts two CLIPs
 * side by side and T5 behind them; FLUX looks at T5 and is told CLIP's pooled output; Stable Diffusion XL puts two CLIPs side by side.
 */
export function textRecipe(folder: DiffusionFolder): TextRecipe {
  const { kind, textEncoders } = folder;
  const number = (key: string, otherwise: number) => {
    const value = folder.denoiser.config[key];
    return typeof value === 'number' ? value : otherwise;
  };
  // Neither pipeline tells T5 which tokens are padding.
  const t5: EncoderUse = { ...alone, place: 'behind', masked: false, length: 256 };
  if (kind === 'StableDiffusion3Pipeline') {
    const clip: EncoderUse = { ...halfOfTwo, pooled: 'text_embeds', length: CLIP_LENGTH };
    const whole = textEncoders.length === 3;
    return {
      encoders: whole ? [clip, clip, t5] : [clip, clip],
      zeros: whole ? undefined : { tokens: CLIP_LENGTH, dim: number('joint_attention_dim', 4096) },
    };
  }
  if (kind === 'FluxPipeline') {
    // The schnell model, which is not told the guidance scale, learned with half as many.
    const length = folder.denoiser.config.guidance_embeds === true ? 512 : 256;
    return {
      encoders: [
        { ...alone, states: 'none', pooled: 'pooler_output', length: CLIP_LENGTH },
        { ...t5, length },
      ],
      zeros: undefined,
    };
  }
  if (textEncoders.length === 2)
    return { encoders: [halfOfTwo, { ...halfOfTwo, pooled: 'text_embeds' }], zeros: undefined };
  return { encoders: [{ ...alone, length: PIXART[kind] }], zeros: undefined };
}
