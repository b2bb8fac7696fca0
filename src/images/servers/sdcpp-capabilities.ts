import { z } from 'zod';
import { name } from './server-api.js';

/** `/sdcpp/v1/capabilities` of stable-diffusion.cpp's server, as far as it matters here. */
export const CAPABILITIES = '/sdcpp/v1/capabilities';

const side = z.number().positive().nullish();
export const capabilitiesSchema = z.looseObject({
  model: z.looseObject({ name: name.nullish(), stem: name.nullish() }).nullish(),
  supported_modes: z.array(z.string()).nullish(),
  samplers: z.array(z.string()).nullish(),
  limits: z
    .looseObject({ min_width: side, max_width: side, max_queue_size: z.int().nonnegative().nullish() })
    .nullish(),
});
export type Capabilities = z.output<typeof capabilitiesSchema>;

/** What an answer at that route shows that is no other server's. */
export const sdcppSchema = capabilitiesSchema.required({ supported_modes: true });
