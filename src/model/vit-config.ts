import type { Activation } from './activation.js';
import type { Resampling } from './position.js';

/**
 * A vision transformer's sizes (Dosovitskiy et al. 2021; timm's names), and what families of them differ in. An option that is absent means
 * what it means in a plain ViT: CLS token with a position, exact GELU, norms before each branch and after the last block, CLS as the feature.
 */
export interface VitConfig {
  dim: number;
  depth: number;
  heads: number;
  patch: number;
  /** Side at which the position embedding is stored, pixels. */
  imageSize: number;
  /** Hidden width of the MLP over `dim`; of a SwiGLU the width after the gate. */
  mlpRatio: number;
  /** Added to the variance in every norm; default 1e-6. */
  eps?: number;
  /**
   * Of the MLP; default exact GELU. `quick_gelu` is x·σ(1.702x) (Hendrycks & Gimpel 2016), `gelu_tanh` their other approximation; `swiglu`
   * (Shazeer 2020) takes gate and value from fc1, in this order, and gives silu(gate)·value to fc2.
   */
  activation?: Activation | 'swiglu';
  /** What a SwiGLU's gate goes through, where that is not SiLU. */
  gate?: Activation;
  /** No CLS token. */
  cls?: false;
  /** DeiT's distillation token, after CLS (Touvron et al. 2021). */
  dist?: true;
  /** Register tokens (Darcet et al. 2024), between the former and the patches. */
  registers?: number;
  /** No learned absolute positions. */
  positions?: false;
  /** How many of the tokens before the patches have a learned position, stored before those of the patches; default 1, without CLS 0. */
  prefixPositions?: number;
  /** Rows and columns of the stored positions, where they are no square of imageSize / patch. */
  grid?: readonly [number, number];
  /** How positions are resampled for another grid; default `offset`. */
  resampling?: Resampling;
  /** Rotary positions of the patches, by coordinates in −1…1 (Siméoni et al. 2025, DINOv3): angles 2π·x / base^(4j / head width). */
  rotary?: { readonly base: number };
  /**
   * Tables of biases for relative positions (Bao et al. 2022, BEiT): one for all blocks, one a block, or the sum of both. [(2h−1)(2w−1) + 3,
   * heads]; the last three rows are those from CLS to a patch, from a patch to CLS, from CLS to itself.
   */
  relative?: 'shared' | 'layers' | 'both';
  /** A norm before the first block (CLIP). */
  normBefore?: true;
  /** A factor for each coordinate of each branch (Touvron et al. 2021, CaiT). */
  layerScale?: true;
  /** No norm after the last block. */
  norm?: false;
  /** What an image's feature is: CLS, the mean of its patches, or what a learned query attends to; default CLS, without it the mean. */
  pool?: 'cls' | 'mean' | 'attention';
  /** A norm of the mean. */
  poolNorm?: true;
  /** Hidden width of attention pooling's MLP over `dim`; default mlpRatio. */
  poolMlpRatio?: number;
}

/** Epsilon of every norm. */
export const epsOf = (c: VitConfig): number => c.eps ?? 1e-6;

/** Rows and columns of patches at which positions are stored. */
export function gridOf(c: VitConfig): readonly [number, number] {
  const side = Math.floor(c.imageSize / c.patch);
  return c.grid ?? [side, side];
}

/** What comes before the patches, in their order, and how many tokens each is. */
export function prefixOf(c: VitConfig): { cls: number; dist: number; registers: number; length: number } {
  const [cls, dist, registers] = [c.cls === false ? 0 : 1, c.dist ? 1 : 0, c.registers ?? 0];
  return { cls, dist, registers, length: cls + dist + registers };
}

/** How many tokens before the patches have a stored position. */
export const prefixPositionsOf = (c: VitConfig): number => c.prefixPositions ?? (c.cls === false ? 0 : 1);

/** Hidden width of the MLP. */
export const hiddenOf = (c: VitConfig): number => Math.round(c.dim * c.mlpRatio);

/** What an image's feature is. */
export const poolOf = (c: VitConfig): 'cls' | 'mean' | 'attention' => c.pool ?? (c.cls === false ? 'mean' : 'cls');
