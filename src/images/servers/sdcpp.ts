import { z } from 'zod';
import { UserError } from '../../errors.js';
import { Transient } from '../../net/remote-server.js';
import type { OpenOptions } from '../../stage.js';
import type { Painter, PainterAbout } from '../painter.js';
import type { PainterSettings } from '../painter-settings.js';
import { decodeBase64 } from './decode.js';
import { jobName, poll } from './poll.js';
import { CAPABILITIES, type Capabilities, capabilitiesSchema } from './sdcpp-capabilities.js';
import { requireChoice, ServerApi } from './server-api.js';
import {
  aboutImages,
  guidanceFromOne,
  type ImageApi,
  resolvedModel,
  type ServerImage,
  ServerPainter,
  UNKNOWN,
} from './server-painter.js';

/** The native API of stable-diffusion.cpp's server (examples/server/api.md): a job is submitted, then looked after. */
const KIND = { usual: 'http://127.0.0.1:1234', start: 'sd-server -m MODEL' };

const submittedSchema = z.looseObject({ id: jobName });
const jobSchema = z.looseObject({
  status: z.string(),
  result: z.looseObject({ images: z.array(z.looseObject({ b64_json: z.string() })).nullish() }).nullish(),
  error: z.looseObject({ message: z.string().nullish() }).nullish(),
});
type Job = z.output<typeof jobSchema>;

/** Painter behind stable-diffusion.cpp's server. @throws UserError when it cannot be reached, or paints otherwise than it is asked to */
export async function openSdcpp(settings: PainterSettings, options: OpenOptions): Promise<Painter> {
  const server = new ServerApi(settings, KIND);
  const can = await server.atOpening(CAPABILITIES, capabilitiesSchema, options.signal);
  check(settings, server, can ?? {});
  return new ServerPainter(new Sdcpp(settings, server, can ?? {}), settings, options);
}

function check({ images }: PainterSettings, server: ServerApi, can: Capabilities): void {
  const names = [can.model?.name, can.model?.stem].filter((n): n is string => !!n);
  if (images.model && names.length > 0) requireChoice('images.model', images.model, names, server);
  if (images.scheduler && can.samplers) requireChoice('images.scheduler', images.scheduler, can.samplers, server);
  if (can.supported_modes && !can.supported_modes.includes('img_gen'))
    throw new UserError(`${server.name} paints no images with its model ${names[0] ?? ''}: start it with another`);
  const side = images.paintSize ?? images.size;
  const least = can.limits?.min_width ?? 1;
  const most = can.limits?.max_width ?? Number.POSITIVE_INFINITY;
  if (side < least || side > most)
    throw new UserError(`images.paintSize: ${server.name} paints sides of ${least} … ${most} px, not ${side}`);
}

class Sdcpp implements ImageApi {
  readonly name = 'sdcpp';
  readonly server: ServerApi;
  readonly about: PainterAbout;
  readonly most: number | undefined;
  readonly resolved: Readonly<Record<string, unknown>>;
  readonly seedAdvice = 'use a newer stable-diffusion.cpp, or see what stands between it and here';
  private readonly fixed: Record<string, unknown>;

  constructor(settings: PainterSettings, server: ServerApi, can: Capabilities) {
    const { guidance, steps, negative, scheduler } = settings.images;
    this.server = server;
    this.most = can.limits?.max_queue_size || undefined;
    this.about = aboutImages(settings, { scheduler: true, steps: true, guidance: true, negative: true });
    this.about.guidance = guidanceFromOne(guidance);
    // One model a server: what the settings call it changes nothing.
    this.about.model = can.model?.name || UNKNOWN;
    this.resolved = resolvedModel(can.model?.name ?? undefined);
    this.fixed = {
      negative_prompt: negative,
      batch_count: 1,
      embed_image_metadata: false,
      sample_params: {
        sample_steps: steps,
        guidance: { txt_cfg: guidanceFromOne(guidance) },
        ...(scheduler ? { sample_method: scheduler } : {}),
      },
      output_format: 'png',
    };
  }

  async image({ prompt, seed, side }: ServerImage, signal: AbortSignal): Promise<Uint8Array> {
    const body = { ...this.fixed, prompt, seed, width: side, height: side };
    const { id } = await this.server.answer('/sdcpp/v1/img_gen', submittedSchema, { body, signal });
    const path = `/sdcpp/v1/jobs/${encodeURIComponent(id)}`;
    try {
      const job = await poll(() => this.look(path, signal), signal);
      if (job.status === 'completed') return decodeBase64(job.result?.images?.[0]?.b64_json);
      throw new Transient(job.status, `its job ${job.status}: ${job.error?.message ?? 'no reason given'}`);
    } catch (e) {
      // Only a job in the queue can be cancelled; one that is being painted is finished for nobody.
      if (signal.aborted) await this.server.farewell(`${path}/cancel`, {});
      throw e;
    }
  }

  async model(signal: AbortSignal): Promise<string | undefined> {
    const refusal = (status: number) => (status === 404 || status === 405 ? new NoCapabilities() : undefined);
    try {
      const can = await this.server.answer(CAPABILITIES, capabilitiesSchema, { signal, refusal });
      return can.model?.name || undefined;
    } catch (e) {
      if (e instanceof NoCapabilities) return undefined;
      throw e;
    }
  }

  private async look(path: string, signal: AbortSignal): Promise<Job | undefined> {
    const job = await this.server.answer(path, jobSchema, {
      signal,
      // After a restart the server knows nothing of the job, and in time it forgets finished ones.
      refusal: (status) => (status === 404 || status === 410 ? new Transient('lost', 'it has lost a job') : undefined),
    });
    return ['completed', 'failed', 'cancelled'].includes(job.status) ? job : undefined;
  }
}

class NoCapabilities extends Error {}
