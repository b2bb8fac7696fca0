import { z } from 'zod';
import { UserError } from '../../errors.js';
import { said } from '../../net/complaint.js';
import { openAiPath } from '../../net/openai-path.js';
import { Transient } from '../../net/remote-server.js';
import type { OpenOptions } from '../../stage.js';
import type { Painter, PainterAbout } from '../painter.js';
import type { PainterSettings } from '../painter-settings.js';
import { decodeBase64 } from './decode.js';
import { name, OddAnswer, requireChoice, ServerApi } from './server-api.js';
import { aboutImages, type ImageApi, resolvedModel, type ServerImage, ServerPainter } from './server-painter.js';

/**
 * OpenAI's images API with the diffusion settings that open servers add to it. Field names: vLLM-Omni
 * (docs/serving/image_generation_api.md), SGLang (multimodal_gen/runtime/entrypoints/openai/protocol.py).
 */
const KIND = {
  usual: 'http://127.0.0.1:8000/v1',
  start: 'vllm serve MODEL --omni',
  environment: { url: 'OPENAI_BASE_URL', key: 'OPENAI_API_KEY' },
  completed: (url: URL) => {
    url.pathname = openAiPath(url.pathname);
  },
};

/** What a server that cannot repeat an image complains of. */
const EXTENSION = /\b(seed|guidance_scale|num_inference_steps|negative_prompt|response_format|output_format)\b/;

/** Servers, as their list of models names its owner, that hear steps, guidance and negative prompt; of others nobody knows. */
const HEARING = /^(vllm|sglang)/i;

const text = z.string().nullish();
const named = name.nullish();
const aside = named.catch(undefined);
const entrySchema = z.looseObject({ id: name, root: aside, owned_by: aside });
type Listed = z.output<typeof entrySchema>[];
/** OpenAI's form, and that of servers that leave the envelope out; of entries some may be of another form, but not all. */
const modelsSchema = z.preprocess(
  (list) => (Array.isArray(list) ? { data: list } : list),
  z.looseObject({
    data: z.array(z.unknown()).transform((list, at): Listed => {
      const found = list.flatMap((one) => entrySchema.safeParse(one).data ?? []);
      if (found.length === 0 && list.length > 0)
        at.addIssue({ code: 'custom', path: [0, 'id'], message: 'expected the name of a model' });
      return found;
    }),
  }),
);
const paintedSchema = z.looseObject({
  model: named,
  data: z.array(z.looseObject({ b64_json: text, url: text })).nullish(),
});
const PAINT = '/images/generations';

/** Painter behind OpenAI's images API. @throws UserError when the server cannot be reached or has not the model */
export async function openOpenAiImages(settings: PainterSettings, options: OpenOptions): Promise<Painter> {
  const server = new ServerApi(settings, KIND);
  const { images } = settings;
  const list = (await server.atOpening('/models', modelsSchema, options.signal))?.data;
  const model = modelOf(settings, server, list);
  const entry = list?.find((m) => means(model, m.id));
  const hears = HEARING.test(entry?.owned_by ?? '');
  if (images.scheduler) options.warn?.(`images.scheduler: ${server.name} has no field for it, and keeps its own`);
  if (!hears)
    options.warn?.(
      `images.steps, images.guidance${images.negative ? ', images.negative' : ''}: whether ${server.name} heeds them is not known, so that they are sent but not recorded; set the same at the server`,
    );
  return new ServerPainter(new OpenAiImages(settings, server, { model, entry, hears }), settings, options);
}

function modelOf({ images }: PainterSettings, server: ServerApi, list: Listed | undefined): string {
  const names = list?.map((m) => m.id);
  if (images.model) {
    if (names?.length && !names.some((id) => means(images.model, id)))
      requireChoice('images.model', images.model, names, server);
    return images.model;
  }
  if (names?.length === 1) return names[0];
  const choices = names?.length ? ` (choices: ${names.slice(0, 12).join(', ')})` : '';
  throw new UserError(`images.model: name the model that ${server.name} is to paint with${choices}`);
}

/** A tag may be left out. */
const means = (wanted: string, id: string): boolean => id === wanted || id === `${wanted}:latest`;

/** A model's name, and what stands behind it where that is something else. */
const fullName = ({ id, root }: Listed[number]): string => (root && root !== id ? `${id} (${root})` : id);

class OpenAiImages implements ImageApi {
  readonly name = 'openai';
  readonly server: ServerApi;
  readonly about: PainterAbout;
  readonly resolved: Readonly<Record<string, unknown>>;
  readonly seedAdvice = 'use one that heeds them, such as vLLM-Omni or SGLang, and see that nothing keeps its answers';
  private readonly id: string;
  /** Whether it lists its models. */
  private readonly lists: boolean;
  private readonly fixed: Record<string, unknown>;
  /** The model that the first answer named. */
  private told: string | undefined;

  constructor(
    settings: PainterSettings,
    server: ServerApi,
    { model, entry, hears }: { model: string; entry: Listed[number] | undefined; hears: boolean },
  ) {
    const { guidance, steps, negative } = settings.images;
    this.server = server;
    this.id = model;
    this.lists = entry !== undefined;
    this.about = { ...aboutImages(settings, { steps: hears, guidance: hears, negative: hears }), model };
    this.resolved = resolvedModel(entry ? fullName(entry) : model);
    this.fixed = {
      model,
      n: 1,
      response_format: 'b64_json',
      // SGLang's default is JPEG.
      output_format: 'png',
      guidance_scale: guidance,
      num_inference_steps: steps,
      ...(negative ? { negative_prompt: negative } : {}),
    };
  }

  async image({ prompt, seed, side }: ServerImage, signal: AbortSignal): Promise<Uint8Array> {
    const body = { ...this.fixed, prompt, seed, size: `${side}x${side}` };
    const refusal = (status: number, text: string) => this.refusal(status, text);
    const { model, data } = await this.server.answer(PAINT, paintedSchema, { body, signal, refusal });
    if (model) this.checkModel(model);
    const first = data?.[0];
    // Of one that has painted before, it may be this picture alone.
    if (!first?.b64_json && !first?.url && !this.server.proven)
      throw new OddAnswer(`its answer to ${PAINT} has no image`);
    if (first?.b64_json || !first?.url) return decodeBase64(first?.b64_json);
    if (first.url.startsWith('data:')) return decodeBase64(first.url);
    return this.server.linked(first.url, {
      signal,
      refusal: (status) => (status === 404 ? new Transient('lost', 'its link to an image leads nowhere') : undefined),
    });
  }

  /** Its place in the list: a server that was started with another model has it no more. */
  async model(signal: AbortSignal): Promise<string | undefined> {
    if (!this.lists) return this.id;
    const { data } = await this.server.answer('/models', modelsSchema, { signal });
    const entry = data.find((m) => means(this.id, m.id)) ?? data[0];
    return entry && fullName(entry);
  }

  /** @throws UserError where an answer names another model than the first did */
  private checkModel(model: string): void {
    this.told ??= model;
    if (model !== this.told)
      throw new UserError(
        `${this.server.name} paints with another model than before: ${model}, not ${this.told}; what is finished is kept`,
      );
  }

  /** Hosted models refuse what they do not know: "Unknown parameter: 'seed'." */
  private refusal(status: number, text: string): Error | undefined {
    if (status !== 400 && status !== 422) return undefined;
    const field = /unknown|unrecognized|unsupported|not permitted|extra/i.test(text) && EXTENSION.exec(text)?.[1];
    if (!field) return undefined;
    return new UserError(
      `${this.server.name} takes no "${field}" (${said(text)}), so that no image could be painted again: use a server of an open model, such as vLLM-Omni, SGLang or LocalAI`,
    );
  }
}
