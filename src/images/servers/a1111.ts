import { randomUUID } from 'node:crypto';
import { basename } from 'node:path';
import { z } from 'zod';
import { UserError } from '../../errors.js';
import { said } from '../../net/complaint.js';
import type { OpenOptions } from '../../stage.js';
import type { Painter, PainterAbout } from '../painter.js';
import type { PainterSettings } from '../painter-settings.js';
import { decodeBase64 } from './decode.js';
import { name, OddAnswer, requireChoice, ServerApi } from './server-api.js';
import {
  aboutImages,
  guidanceFromOne,
  type ImageApi,
  resolvedModel,
  type ServerImage,
  ServerPainter,
  trueHash,
  UNKNOWN,
} from './server-painter.js';

/** The API of AUTOMATIC1111's web UI (modules/api/api.py, modules/api/models.py), which Forge and SD.Next speak too. */
const KIND = { usual: 'http://127.0.0.1:7860', start: './webui.sh --api', basicKey: true };

const text = name.nullish();
/** Beside the image, a number may also stand as text, and what is neither says nothing. */
const count = z
  .preprocess((v) => (typeof v === 'string' && v.trim() ? Number(v) : v), z.number().nullish())
  .catch(undefined);
const aside = text.catch(undefined);
const checkpointsSchema = z.array(
  z.looseObject({ title: text, model_name: text, filename: text, hash: text, sha256: text }),
);
type Checkpoint = z.output<typeof checkpointsSchema>[number];
const optionsSchema = z.looseObject({ sd_model_checkpoint: text });
const samplersSchema = z.array(z.looseObject({ name: z.string(), aliases: z.array(z.string()).nullish() }));
type Samplers = z.output<typeof samplersSchema>;
const paintedSchema = z.looseObject({
  images: z.array(z.string()).nullish(),
  // JSON within JSON; stable-diffusion.cpp leaves it empty.
  info: z
    .union([z.string(), z.looseObject({})])
    .nullish()
    .catch(undefined),
});
/** What an answer tells of how its image was painted. */
const infoSchema = z.looseObject({
  seed: count,
  steps: count,
  cfg_scale: count,
  sampler_name: aside,
  sd_model_hash: aside,
  sd_model_name: aside,
});
type Info = z.output<typeof infoSchema>;
const taskSchema = z.looseObject({ active: z.boolean() });
const progressSchema = z.looseObject({ state: z.looseObject({ job_count: z.number().nullish() }).nullish() });

const PAINT = '/sdapi/v1/txt2img';

/** Painter behind A1111's API. @throws UserError when the server cannot be reached or has not the model or sampler */
export async function openA1111(settings: PainterSettings, options: OpenOptions): Promise<Painter> {
  const server = new ServerApi(settings, KIND);
  const { signal } = options;
  const checkpoints = (await server.atOpening('/sdapi/v1/sd-models', checkpointsSchema, signal)) ?? [];
  const loaded = (await server.atOpening('/sdapi/v1/options', optionsSchema, signal))?.sd_model_checkpoint || undefined;
  const { model } = settings.images;
  const known = (name: string) => checkpoints.find((c) => namesOf(c).includes(name));
  if (model && checkpoints.length > 0 && !known(model))
    requireChoice('images.model', model, checkpoints.map(nameOf).filter(Boolean) as string[], server);
  const name = model || loaded;
  const checkpoint: Checkpoint | undefined = name ? (known(name) ?? { title: name }) : undefined;
  const samplers = settings.images.scheduler
    ? await server.atOpening('/sdapi/v1/samplers', samplersSchema, signal)
    : undefined;
  if (samplers) checkSampler(settings, server, samplers);
  const api = new A1111(settings, server, { checkpoint, checkpoints, samplers, warn: options.warn });
  return new ServerPainter(api, settings, options);
}

/** What a checkpoint is called in records. */
const nameOf = (c: Checkpoint): string | undefined => c.model_name || c.title || undefined;

/** All that a checkpoint may be called by. */
function namesOf({ title, model_name, hash, filename }: Checkpoint): string[] {
  const file = filename ? basename(filename.replaceAll('\\', '/')) : undefined;
  return [title, model_name, trueHash(hash), file, file?.replace(/\.[^.]+$/, '')].filter((n): n is string => !!n);
}

function checkSampler({ images }: PainterSettings, server: ServerApi, all: Samplers): void {
  if (all.some((s) => s.aliases?.includes(images.scheduler))) return;
  requireChoice(
    'images.scheduler',
    images.scheduler,
    all.map((s) => s.name),
    server,
  );
}

/** What the server said at opening. */
interface Found {
  /** The one that is asked for, or the loaded one; of a server that has no list its name alone. */
  checkpoint: Checkpoint | undefined;
  checkpoints: readonly Checkpoint[];
  samplers: Samplers | undefined;
  warn: OpenOptions['warn'];
}

class A1111 implements ImageApi {
  readonly name = 'a1111';
  readonly server: ServerApi;
  readonly about: PainterAbout;
  readonly resolved: Readonly<Record<string, unknown>>;
  readonly seedAdvice = 'find out which of its extensions or settings fixes seeds, or what keeps its answers';
  private readonly found: Found;
  private readonly fixed: Record<string, unknown>;
  /** The model in the first answer that named one. */
  private told: { hash: string | undefined; name: string | undefined } | undefined;
  /** How the first answer says that it was painted. */
  private painted: Info | undefined;
  /** Requests whose answers somebody waits for. */
  private waited = 0;

  constructor(settings: PainterSettings, server: ServerApi, found: Found) {
    const { guidance, steps, negative, scheduler, model } = settings.images;
    const { checkpoint } = found;
    const title = model && (checkpoint?.title ?? model);
    this.server = server;
    this.found = found;
    this.about = aboutImages(settings, { scheduler: true, steps: true, guidance: true, negative: true });
    this.about.guidance = guidanceFromOne(guidance);
    this.about.model = (checkpoint && nameOf(checkpoint)) ?? UNKNOWN;
    const hash = trueHash(checkpoint?.sha256) ?? trueHash(checkpoint?.hash);
    if (hash) this.about.modelHash = hash;
    this.resolved = resolvedModel(checkpoint && nameOf(checkpoint), hash);
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
    // By this name the server can be asked whether it is the one that is being painted.
    const task = `synclr-${randomUUID()}`;
    const body = { ...this.fixed, prompt, seed, width: side, height: side, force_task_id: task };
    const refusal = (status: number, text: string) => this.refusal(status, text);
    this.waited++;
    let answer: z.output<typeof paintedSchema>;
    try {
      answer = await this.server.answer(PAINT, paintedSchema, { body, signal, refusal });
    } catch (e) {
      this.waited--;
      if (signal.aborted) await this.abandon(task);
      throw e;
    }
    this.waited--;
    const info = this.infoOf(answer.info);
    if (info) this.check(info, seed);
    const [image] = answer.images ?? [];
    // Of one that has painted before, it may be this picture alone.
    if (!image && !this.server.proven) throw new OddAnswer(`its answer to ${PAINT} has no image`);
    return decodeBase64(image);
  }

  /** The loaded model, where answers do not name it. */
  async model(signal: AbortSignal): Promise<string | undefined> {
    const { checkpoint, checkpoints } = this.found;
    // Its answers say so themselves.
    if (this.told) return checkpoint && nameOf(checkpoint);
    const refusal = (status: number) => (status === 404 || status === 405 ? new NoOptions() : undefined);
    try {
      const { sd_model_checkpoint: name } = await this.server.answer('/sdapi/v1/options', optionsSchema, {
        signal,
        refusal,
      });
      if (!name) return undefined;
      const found = checkpoints.find((c) => namesOf(c).includes(name));
      return (found && nameOf(found)) ?? name;
    } catch (e) {
      if (e instanceof NoOptions) return undefined;
      throw e;
    }
  }

  /** Interrupts what is painted for nobody: what is being painted is known by its task, or is ours because all of ours is given up. */
  private async abandon(task: string): Promise<void> {
    const mine = await this.server.brief('/internal/progress', taskSchema, { id_task: task, live_preview: false });
    if (mine && !mine.active) return;
    if (!mine) {
      if (this.waited > 0) return;
      const progress = await this.server.brief('/sdapi/v1/progress?skip_current_image=true', progressSchema);
      if (progress?.state?.job_count === 0) return;
    }
    await this.server.farewell('/sdapi/v1/interrupt', {});
  }

  private infoOf(info: z.output<typeof paintedSchema>['info']): Info | undefined {
    if (!info) return undefined;
    if (typeof info !== 'string') return infoSchema.safeParse(info).data;
    // Some servers write here what stands in an image's file.
    if (!/^\s*\{/.test(info)) return infoSchema.safeParse(fromInfotext(info)).data;
    return this.server.form(this.server.parsed(info, `${PAINT}: info`), infoSchema, `${PAINT}: info`);
  }

  private check(info: Info, seed: number): void {
    if (typeof info.seed === 'number' && info.seed !== seed)
      throw new UserError(
        `${this.server.name} painted with seed ${info.seed} where ${seed} was asked for, so that no image could be painted again: find out which of its extensions or settings changes seeds`,
      );
    this.checkModel(trueHash(info.sd_model_hash), info.sd_model_name || undefined);
    this.checkPainting(info);
  }

  /** The first answer settles which model paints; the list's SHA-256 begins with an answer's short hash, where both are of one kind. */
  private checkModel(hash: string | undefined, name: string | undefined): void {
    if (hash === undefined && name === undefined) return;
    const { model, modelHash } = this.about;
    const { checkpoint, checkpoints } = this.found;
    const listed = checkpoint !== undefined && checkpoints.includes(checkpoint);
    let other: boolean;
    if (this.told) {
      const differs = (a: string | undefined, b: string | undefined) => a !== undefined && b !== undefined && a !== b;
      other = differs(this.told.hash, hash) || differs(this.told.name, name);
    } else {
      // Names are put together in several ways; of a model that is in no list there is nothing to compare with.
      const named = name === model || (name !== undefined && checkpoint && namesOf(checkpoint).includes(name));
      const hashed = hash !== undefined && (modelHash?.startsWith(hash) ?? false);
      other = listed && !named && !hashed;
    }
    if (other)
      throw new UserError(
        `${this.server.name} paints with another model than ${model ?? 'before'} (${name ?? 'hash'}${hash ? ` ${hash}` : ''}): set images.model, so that it is asked for by name`,
      );
    if (hash && !modelHash?.startsWith(hash)) this.about.modelHash = hash;
    if (name && !listed) this.about.model = name;
    this.told ??= { hash, name };
  }

  /** What an answer says of steps, guidance and sampler is recorded, asked for or not; it must not change. */
  private checkPainting(info: Info): void {
    const { about } = this;
    if (!this.painted) {
      this.painted = info;
      const contradict = (what: string, told: string | number, asked: string | number) =>
        this.found.warn?.(
          `${this.server.name} painted with ${what} ${told} where ${asked} was asked for, as one of its settings or extensions wants it: recorded is what it says`,
        );
      if (typeof info.steps === 'number' && info.steps !== about.steps) {
        contradict('images.steps', info.steps, about.steps!);
        about.steps = info.steps;
      }
      if (typeof info.cfg_scale === 'number' && Math.abs(info.cfg_scale - about.guidance!) > 1e-6) {
        contradict('images.guidance', info.cfg_scale, about.guidance!);
        about.guidance = info.cfg_scale;
      }
      const { scheduler } = about;
      if (info.sampler_name && !(scheduler && this.isSampler(info.sampler_name, scheduler))) {
        if (scheduler) contradict('images.scheduler', info.sampler_name, scheduler);
        about.scheduler = info.sampler_name;
      }
      return;
    }
    for (const key of ['steps', 'cfg_scale', 'sampler_name'] as const) {
      const [first, now] = [this.painted[key], info[key]];
      if (first != null && now != null && first !== now)
        throw new UserError(
          `${this.server.name} paints with ${key} ${now}, and before with ${first}, though it is asked for the same: somebody has changed its settings; what is finished is kept`,
        );
    }
  }

  /** Whether the sampler that an answer names is the one that was asked for, by another of its names or with its schedule. */
  private isSampler(told: string, asked: string): boolean {
    if (told === asked || asked.startsWith(`${told} `)) return true;
    const names = this.found.samplers?.find((s) => s.name === told);
    return names?.aliases?.includes(asked) ?? false;
  }

  /** An unknown sampler or model is a 404 whose reason is not FastAPI's "Not Found". */
  private refusal(status: number, text: string): Error | undefined {
    const why = said(text);
    if (status !== 404 || !/sampler|model|checkpoint/i.test(why)) return undefined;
    return new UserError(`${this.server.name} refuses the request: ${why}: check images.model and images.scheduler`);
  }
}

/** `Steps: 20, Sampler: Euler a, CFG scale: 7, Seed: 5, Size: 512x512, Model hash: …, Model: …`, the last line of an image's text. */
function fromInfotext(text: string): Record<string, string | undefined> {
  const last = text.slice(text.lastIndexOf('\n') + 1);
  if (!last.startsWith('Steps: ')) return {};
  const fields = new Map(last.split(', ').map((field) => field.split(': ', 2) as [string, string]));
  return {
    seed: fields.get('Seed'),
    steps: fields.get('Steps'),
    cfg_scale: fields.get('CFG scale'),
    sampler_name: fields.get('Sampler'),
    sd_model_hash: fields.get('Model hash'),
    sd_model_name: fields.get('Model'),
  };
}

class NoOptions extends Error {}
