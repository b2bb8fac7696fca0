import { z } from 'zod';
import { ACTIVATIONS } from './activation.js';
import type { VitConfig } from './vit-config.js';

type Options = Omit<VitConfig, 'dim' | 'depth' | 'heads' | 'patch' | 'imageSize' | 'mlpRatio'>;

const count = z.int().min(0).max(4096);

/** One entry for each option that there is, in the order in which they are written. */
const OPTIONS: { [K in keyof Required<Options>]: z.ZodType<Options[K]> } = {
  eps: z.number().positive().max(1).optional(),
  activation: z.enum([...ACTIVATIONS, 'swiglu']).optional(),
  gate: z.enum(ACTIVATIONS).optional(),
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
  poolMlpRatio: z.number().positive().max(4096).optional(),
};

/** What a vision transformer has beside its sizes, as an exported encoder's config.json says it; unknown options are refused. */
export const vitOptionsForm: z.ZodType<Options> = z.strictObject(OPTIONS);

/** The options of an architecture as `vitOptionsForm` reads them, always in the same order; undefined of a plain ViT. */
export function optionsOf(c: VitConfig): Options | undefined {
  const given = (Object.keys(OPTIONS) as (keyof Options)[]).filter((name) => c[name] !== undefined);
  return given.length === 0 ? undefined : Object.fromEntries(given.map((name) => [name, c[name]]));
}
