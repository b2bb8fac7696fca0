import { basename } from 'node:path';
import type { Settings } from '../../config/schema.js';
import { UserError } from '../../errors.js';
import { said } from '../../net/http.js';
import { Transient } from '../../net/remote-server.js';
import type { OpenOptions } from '../../stage.js';
import type { Painter, PainterAbout } from '../painter.js';
import { decodeBase64 } from './decode.js';
import { requireChoice, ServerApi } from './server-api.js';
import { aboutImages, guidanceFromOne, type ImageApi, type ServerImage, ServerPainter } from './server-painter.js';

/** The API of AUTOMATIC1111's web UI (modules/api/api.py, modules/api/models.py), which Forge and SD.Next speak too. */
const KIND = { usual: 'http://127.0.0.1:7860', start: './webui.sh --api', basicKey: true };

/** An entry of `/sdapi/v1/sd-models`. */
interface Checkpoint {
  title?: string;
  model_name?: string;
  filename?: string;
  hash?: string | null;
  sha256?: string | null;
}

/** Painter behind A1111's API. @throws UserError when the server cannot be reached or has not the model or sampler */
export async function openA1111(settings: Settings, options: OpenOptions): Promise<Painter> {
  const server = new ServerApi(settings, KIND);
  const checkpoint = await checkpointOf(settings, server, options.signal);
  await checkSampler(settings, server, options.signal);
  return new ServerPainter(new A1111(settings, server, checkpoint), settings, options);
}

/** The checkpoint that is asked for, or the loaded one; undefined where the server does not say. */
async function checkpointOf(
  { images }: Settings,
  server: ServerApi,
  signal?: AbortSignal,
): Promise<Checkpoint | undefined> {
  const list = await server.atOpening('/sdapi/v1/sd-models', signal);
  if (!Array.isArray(list)) return undefined;
  const all = list as Checkpoint[];
  const namesOf = (c: Checkpoint) =>
    [c.title, c.model_name, c.hash, c.filename && basename(c.filename.replaceAll('\\', '/'))].filter(Boolean);
  let wanted: string | undefined = images.model;
  if (wanted) {
    const given = wanted;
    if (!all.some((c) => namesOf(c).includes(given)))
      requireChoice(
        'images.model',
        given,
        all.map((c) => c.model_name ?? c.title ?? ''),
        server,
      );
  } else {
    const options = (await server.atOpening('/sdapi/v1/options', signal)) as
      | { sd_model_checkpoint?: string }
      | undefined;
    wanted = options?.sd_model_checkpoint;
  }
  return wanted ? all.find((c) => namesOf(c).includes(wanted)) : undefined;
}

async function checkSampler({ images }: Settings, server: ServerApi, signal?: AbortSignal): Promise<void> {
  if (!images.scheduler) return;
  const list = await server.atOpening('/sdapi/v1/samplers', signal);
  if (!Array.isArray(list)) return;
  const all = list as { name: string; aliases?: string[] }[];
  if (all.some((s) => s.aliases?.includes(images.scheduler))) return;
  requireChoice(
    'images.scheduler',
    images.scheduler,
    all.map((s) => s.name),
    server,
  );
}

class A1111 implements ImageApi {
  readonly name = 'a1111';
  readonly server: ServerApi;
  readonly about: PainterAbout;
  private readonly fixed: Record<string, unknown>;
  /** The model's hash in the first answer. */
  private told: string | undefined;

  constructor(settings: Settings, server: ServerApi, checkpoint: Checkpoint | undefined) {
    const { guidance, steps, negative, scheduler, model } = settings.images;
    const title = model && (checkpoint?.title ?? model);
    this.server = server;
    this.about = aboutImages(settings);
    this.about.model = checkpoint?.model_name ?? checkpoint?.title ?? this.about.model;
    const hash = checkpoint?.sha256 || checkpoint?.hash;
    if (hash) this.about.modelHash = hash;
    this.fixed = {
      negative_prompt: negative,
      steps,
      cfg_scale: guidanceFromOne(guidance),
      ...(scheduler ? { sampler_name: scheduler } : {}),
      batch_size: 1,
      n_iter: 1,
      // Without them a variation seed or an upscaling pass of the server's settings could change the image.
      subseed_strength: 0,
      enable_hr: false,
      ...(title ? { override_settings: { sd_model_checkpoint: title } } : {}),
      override_settings_restore_afterwards: false,
      send_images: true,
      save_images: false,
      do_not_save_samples: true,
      do_not_save_grid: true,
    };
  }

  async image({ prompt, seed, side }: ServerImage, signal: AbortSignal): Promise<Uint8Array> {
    const body = { ...this.fixed, prompt, seed, width: side, height: side };
    const refusal = (status: number, text: string) => this.refusal(status, text);
    const answer = (await this.server.json('/sdapi/v1/txt2img', { body, signal, refusal })) as {
      images?: unknown[];
      info?: unknown;
    } | null;
    this.check(answer?.info, seed);
    return decodeBase64(Array.isArray(answer?.images) ? answer.images[0] : undefined);
  }

  /** `info` is JSON within JSON; stable-diffusion.cpp leaves it empty. */
  private check(info: unknown, seed: number): void {
    let told: { seed?: unknown; sd_model_hash?: unknown; sd_model_name?: unknown } | null;
    try {
      told = typeof info === 'string' && info ? JSON.parse(info) : null;
    } catch {
      throw new Transient('garbage', 'an image whose info is no JSON');
    }
    if (!told) return;
    if (told.seed !== undefined && told.seed !== seed)
      throw new UserError(
        `${this.server.name} painted with seed ${told.seed} where ${seed} was asked for, so that no image could be painted again: find out which of its extensions or settings changes seeds`,
      );
    if (typeof told.sd_model_hash === 'string' && told.sd_model_hash !== '')
      this.checkModel(told.sd_model_hash, typeof told.sd_model_name === 'string' ? told.sd_model_name : undefined);
  }

  /** The first answer settles which model paints; the list's SHA-256 begins with an answer's short hash, where both are of one kind. */
  private checkModel(hash: string, name: string | undefined): void {
    const { model, modelHash } = this.about;
    const other =
      this.told === undefined ? modelHash && !modelHash.startsWith(hash) && name !== model : this.told !== hash;
    if (other)
      throw new UserError(
        `${this.server.name} paints with another model than ${model ?? 'before'} (${name ?? 'hash'} ${hash}): set images.model, so that it is asked for by name`,
      );
    if (!modelHash?.startsWith(hash)) this.about.modelHash = hash;
    this.about.model ??= name;
    this.told = hash;
  }

  /** An unknown sampler or model is a 404 whose reason is not FastAPI's "Not Found". */
  private refusal(status: number, text: string): Error | undefined {
    const why = said(text);
    if (status !== 404 || !/sampler|model|checkpoint/i.test(why)) return undefined;
    return new UserError(`${this.server.name} refuses the request: ${why}: check images.model and images.scheduler`);
  }
}
