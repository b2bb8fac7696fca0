import { UserError } from '../../errors.js';
import { type DiffusionFolder, numberOf } from './folder.js';

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
export const CLIP_LENGTH = 77;

/** Kinds of pipelines that need to be told apart; all others have one text encoder. */
export type Family = 'sd3' | 'flux' | 'two encoders' | 'one encoder';

/**
 * The family of a folder, by its class in model_index.json; pipelines that change images hold the same networks as those that paint them.
 * @throws UserError for a class of these families that paints from more than a caption, and where no class tells them apart
 */
export function familyOf({ root, kind, textEncoders, denoiser }: DiffusionFolder): Family {
  if (/^StableDiffusion3(Img2Img|Inpaint)?Pipeline$/.test(kind)) return 'sd3';
  if (/^Flux(Img2Img|Inpaint)?Pipeline$/.test(kind)) return 'flux';
  if (/^(StableDiffusion3|Flux)/.test(kind))
    throw new UserError(
      `${root}/model_index.json: ${kind} paints from more than a caption; StableDiffusion3Pipeline and FluxPipeline do not`,
    );
  if (textEncoders.length === 1) return 'one encoder';
  if (textEncoders.length === 2 && denoiser.name === 'unet') return 'two encoders';
  throw new UserError(
    `${root}/model_index.json: ${kind || 'without a _class_name, a pipeline'} with ${textEncoders.length} text encoders and a ${denoiser.name} is not known (StableDiffusion3Pipeline and FluxPipeline are)`,
  );
}

/** Whether models of the family learned the velocity of a straight path from noise to image, in place of the noise. */
export const isFlow = (family: Family): boolean => family === 'sd3' || family === 'flux';

/** What the denoiser's file says of the text that it takes. */
export interface DenoiserAsks {
  /** Features of a token. */
  contextDim: number | undefined;
  /** Whether it is told the guidance scale. */
  guidance: boolean;
}

/**
 * By the pipelines of diffusers: Stable Diffusion 3 (Esser et al. 2024, appendix B.3) puts two CLIPs side by side and T5 behind them; FLUX
 * looks at T5 and is told CLIP's pooled output; Stable Diffusion XL puts two CLIPs side by side.
 * @throws UserError as `familyOf`
 */
export function textRecipe(folder: DiffusionFolder, asks: DenoiserAsks): TextRecipe {
  const { kind, textEncoders } = folder;
  // Neither pipeline tells T5 which tokens are padding.
  const t5: EncoderUse = { ...alone, place: 'behind', masked: false, length: 256 };
  switch (familyOf(folder)) {
    case 'sd3': {
      const clip: EncoderUse = { ...halfOfTwo, pooled: 'text_embeds', length: CLIP_LENGTH };
      const whole = textEncoders.length === 3;
      const dim = asks.contextDim ?? numberOf(folder.denoiser.config, 'joint_attention_dim') ?? 4096;
      return {
        encoders: whole ? [clip, clip, t5] : [clip, clip],
        zeros: whole ? undefined : { tokens: CLIP_LENGTH, dim },
      };
    }
    case 'flux': {
      // The schnell model, which is not told the guidance scale, learned with half as many.
      const length = asks.guidance ? 512 : 256;
      return {
        encoders: [
          { ...alone, states: 'none', pooled: 'pooler_output', length: CLIP_LENGTH },
          { ...t5, length },
        ],
        zeros: undefined,
      };
    }
    case 'two encoders':
      return { encoders: [halfOfTwo, { ...halfOfTwo, pooled: 'text_embeds' }], zeros: undefined };
    case 'one encoder':
      return { encoders: [{ ...alone, length: PIXART[kind] }], zeros: undefined };
  }
}
