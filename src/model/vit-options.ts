import { z } from 'zod';
import type { VitConfig } from './vit-config.js';

type Options = Omit<VitConfig, 'dim' | 'depth' | 'heads' | 'patch' | 'imageSize' | 'mlpRatio'>;

const count = z.int().min(0).max(4096);

/** What a vision transformer has beside its sizes, as an exported encoder's config.json says it; unknown options are refused. */
export const vitOptionsForm: z.ZodType<Options> = z.strictObject({
  eps: z.number().positive().max(1).optional(),
  activation: z.enum(['gelu', 'quick_gelu', 'gelu_tanh', 'swiglu']).optional(),
  cls: z.literal(false).optional(),
  dist: z.literal(true).optional(),
  registers: count.optional(),
  positions: z.literal(false).optional(),
  prefixPositions: count.optional(),
  grid: z.tuple([count.min(1), count.min(1)]).optional(),
  resampling: z.enum(['offset', 'plain', 'antialias']).optional(),
  rotary: z.strictObject({ base: z.number().positive() }).optional(),
  relative: z.enum(['shared', 'layers', 'both']).optional(),
  normBefore: z.literal(true).optional(),
  layerScale: z.literal(true).optional(),
  norm: z.literal(false).optional(),
  pool: z.enum(['cls', 'mean', 'attention']).optional(),
  poolNorm: z.literal(true).optional(),
  poolMlpRatio: z.number().positive().optional(),
});
