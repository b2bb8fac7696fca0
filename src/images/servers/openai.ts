import type { Settings } from '../../config/schema.js';
import { UserError } from '../../errors.js';
import { said } from '../../net/http.js';
import { Transient } from '../../net/remote-server.js';
import type { OpenOptions } from '../../stage.js';
import type { Painter, PainterAbout } from '../painter.js';
import { decodeBase64 } from './decode.js';
import { requireChoice, ServerApi } from './server-api.js';
import { aboutImages, type ImageApi, type ServerImage, ServerPainter } from './server-painter.js';

/**
 * OpenAI's images API with the diffusion settings that open servers add to it. Field names: vLLM-Omni
 * (docs/serving/image_generation_api.md), SGLang (multimodal_gen/runtime/entrypoints/openai/protocol.py).
 */
const KIND = {
  usual: 'http://127.0.0.1:8000/v1',
  start: 'vllm serve MODEL --omni',
  environment: { url: 'OPENAI_BASE_URL', key: 'OPENAI_API_KEY' },
};

/** What a server that cannot repeat an image complains of. */
const EXTENSION = /\b(seed|guidance_scale|num_inference_steps|negative_prompt|response_format|output_format)\b/;

/** Painter behind OpenAI's images API. @throws UserError when the server cannot be reached or has not the model */
export async function openOpenAiImages(settings: Settings, options: OpenOptions): Promise<Painter> {
  const server = new ServerApi(settings, KIND);
  const model = await modelOf(settings, server, options.signal);
  if (settings.images.scheduler)
    options.warn?.(`images.scheduler: ${server.name} has no field for it, and keeps its own`);
  return new ServerPainter(new OpenAiImages(settings, server, model), settings, options);
}

async function modelOf({ images }: Settings, server: ServerApi, signal?: AbortSignal): Promise<string> {
  const list = (await server.atOpening('/models', signal)) as { data?: { id?: unknown }[] } | undefined;
  const names = Array.isArray(list?.data) ? list.data.map((m) => String(m?.id)) : undefined;
  if (images.model) {
    if (names) requireChoice('images.model', images.model, names, server);
    return images.model;
  }
  if (names?.length === 1) return names[0];
  const choices = names?.length ? ` (choices: ${names.slice(0, 12).join(', ')})` : '';
  throw new UserError(`images.model: name the model that ${server.name} is to paint with${choices}`);
}

class OpenAiImages implements ImageApi {
  readonly name = 'openai';
  readonly server: ServerApi;
  readonly about: PainterAbout;
  private readonly fixed: Record<string, unknown>;

  constructor(settings: Settings, server: ServerApi, model: string) {
    const { guidance, steps, negative } = settings.images;
    this.server = server;
    this.about = { ...aboutImages(settings), model };
    delete this.about.scheduler;
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
    const answer = (await this.server.json('/images/generations', { body, signal, refusal })) as {
      data?: { b64_json?: unknown; url?: unknown }[];
    } | null;
    const first = Array.isArray(answer?.data) ? answer.data[0] : undefined;
    if (first?.b64_json || typeof first?.url !== 'string') return decodeBase64(first?.b64_json);
    if (first.url.startsWith('data:')) return decodeBase64(first.url);
    return this.server.linked(first.url, {
      signal,
      refusal: (status) => (status === 404 ? new Transient('lost', 'its link to an image leads nowhere') : undefined),
    });
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
