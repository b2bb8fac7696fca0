import { setMaxListeners } from 'node:events';
import type { Counts } from '../../counts.js';
import { Interrupted, UserError } from '../../errors.js';
import { RemoteServer, Transient } from '../../net/remote-server.js';
import type { OpenOptions } from '../../stage.js';
import type { Painter, PainterAbout, PaintRequest, Pixels } from '../painter.js';
import { serverSeed } from '../painter.js';
import type { PainterSettings } from '../painter-settings.js';
import { decodePainted, WrongSize } from './decode.js';
import { CAPABILITIES, sdcppSchema } from './sdcpp-capabilities.js';
import type { ServerApi } from './server-api.js';

/** One image, as a server is asked for it. */
export interface ServerImage {
  prompt: string;
  seed: number;
  /** Side at which it is painted, pixels. */
  side: number;
  /** How often it was asked for before. */
  tries: number;
}

/** In which the painters behind servers differ: how an image is asked for. */
export interface ImageApi {
  /** As `images.painter` names it. */
  readonly name: string;
  readonly server: ServerApi;
  readonly about: PainterAbout;
  /** Most requests that the server keeps, where it says so. */
  readonly most?: number;
  /** What it was said at opening to paint with, by the names under which a manifest has it. */
  readonly resolved: Readonly<Record<string, unknown>>;
  /** The model that the server now says it paints with; absent where its answers say so, or it never does. @throws as `image` */
  model?(signal: AbortSignal): Promise<string | undefined>;
  /** What may be at fault where it ignores the seed, and the way out. */
  readonly seedAdvice: string;
  /**
   * The image's file. May be repeated with the same image.
   * @throws Transient for what may be better next time; UserError for what the user must mend
   */
  image(image: ServerImage, signal: AbortSignal): Promise<Uint8Array>;
}

/** Diffusion models paint noise below this side, pixels. */
const LEAST_SIDE = 256;

/** Answers of another size to one request after which it is clear that no other will come: before any right one, and after. */
const WRONG_SIZES = { never: 4, once: 12 };

/** A painter behind a server: one image a request, many requests in hand, trouble costs time. */
export class ServerPainter implements Painter {
  readonly name: string;
  readonly inFlight: number;
  private readonly api: ImageApi;
  private readonly server: RemoteServer;
  /** Asked beside the paintings, and not behind those that wait. */
  private readonly watch: RemoteServer;
  private readonly paintSize: number | undefined;
  /** The model that the server names. */
  private named: string | undefined;

  constructor(api: ImageApi, { images, runtime: { painter } }: PainterSettings, { warn }: OpenOptions) {
    this.api = api;
    this.name = api.name;
    this.inFlight = Math.min(painter.inFlight, api.most ?? painter.inFlight);
    this.paintSize = images.paintSize;
    const { timeout, patience } = painter;
    const { name } = api.server;
    const common = { name, timeout, patience, settings: { timeout: 'runtime.painter.timeout' }, warn };
    this.server = new RemoteServer({ ...common, inFlight: this.inFlight });
    this.watch = new RemoteServer({ ...common, inFlight: 4 });
    const side = images.paintSize ?? images.size;
    if (side < LEAST_SIDE)
      warn?.(
        `images.paintSize: ${name} is asked for ${side} px, and below ${LEAST_SIDE} diffusion models paint little but noise: set it to what the model was made for (512 or 1024; scaled down to images.size ${images.size})`,
      );
    const model = api.resolved[RESOLVED_MODEL];
    this.named = typeof model === 'string' && model !== UNKNOWN ? model : undefined;
  }

  get resolved(): Readonly<Record<string, unknown>> {
    return this.api.resolved;
  }

  get about(): PainterAbout {
    return this.api.about;
  }

  /** Requests that had to be repeated, by reason. */
  get repeated(): Readonly<Counts> {
    return this.server.repeated;
  }

  /** @throws Interrupted; UserError when the server gives no usable answer for longer than its patience */
  async paint(requests: readonly PaintRequest[], signal?: AbortSignal): Promise<Pixels[]> {
    if (signal?.aborted) throw new Interrupted(`stopped while waiting for ${this.api.server.name}`);
    // What ends one request ends the others, so that nothing goes on behind the caller's back.
    const stop = new AbortController();
    const abort = () => stop.abort();
    // Every request listens to it.
    setMaxListeners(0, stop.signal, ...(signal ? [signal] : []));
    signal?.addEventListener('abort', abort, { once: true });
    try {
      let failure: { error: unknown } | undefined;
      const one = (request: PaintRequest) =>
        this.one(request, stop.signal).catch((error) => {
          failure ??= { error };
          abort();
        });
      const images = await Promise.all(requests.map(one));
      if (failure) throw failure.error;
      // After the images are there: what paints now has painted them.
      await this.checkModel(stop.signal);
      return images as Pixels[];
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  async ignoresSeed(what: string): Promise<UserError> {
    const { server, name, seedAdvice } = this.api;
    const own = name !== 'sdcpp' && (await server.hasBeside(CAPABILITIES, sdcppSchema));
    const way = own
      ? `its own API heeds them: --images.painter sdcpp --runtime.painter.url ${server.root}`
      : seedAdvice;
    return new UserError(
      `${server.name} ignores the seed: it paints one and the same picture of ${what}, so that all images of a caption would be copies; ${way}`,
    );
  }

  /** @throws UserError when the server says that it paints with another model than at first */
  private async checkModel(signal: AbortSignal): Promise<void> {
    if (!this.api.model) return;
    const now = await this.watch.ask(async (s) => {
      const model = await this.api.model!(s);
      if (model === undefined && this.named !== undefined)
        throw new Transient('model', `it does not say any more that it has ${this.named}`);
      return model;
    }, signal);
    if (now === undefined) return;
    this.named ??= now;
    if (now !== this.named)
      throw new UserError(
        `${this.api.server.name} paints with another model than before: ${now}, not ${this.named}; what is finished is kept: start it with ${this.named}, then run the same command again`,
      );
  }

  private one(request: PaintRequest, signal: AbortSignal): Promise<Pixels> {
    const side = this.paintSize ?? request.size;
    const image = { prompt: request.caption, seed: serverSeed(request), side };
    let tries = 0;
    let wrong = 0;
    return this.server.ask(async (signal) => {
      try {
        const file = await this.api.image({ ...image, tries: tries++ }, signal);
        const pixels = await decodePainted(file, side, request.size);
        this.api.server.proven = true;
        return pixels;
      } catch (e) {
        if (!(e instanceof WrongSize) || ++wrong < (this.api.server.proven ? WRONG_SIZES.once : WRONG_SIZES.never))
          throw e;
        throw new UserError(
          `${this.api.server.name} paints ${e.width}×${e.height} px where ${side}×${side} was asked for: set images.paintSize to a side that its model can paint`,
        );
      }
    }, signal);
  }
}

/** What an API sends of the settings that a server hears. */
export interface Heard {
  scheduler?: boolean;
  steps?: boolean;
  guidance?: boolean;
  negative?: boolean;
}

/** What is recorded of any such painter: no address, no key, and no setting that the server does not hear. */
export function aboutImages({ images: i }: PainterSettings, heard: Heard): PainterAbout {
  return {
    ...(i.model ? { model: i.model } : {}),
    ...(i.scheduler && heard.scheduler ? { scheduler: i.scheduler } : {}),
    ...(heard.steps ? { steps: i.steps } : {}),
    ...(heard.guidance ? { guidance: i.guidance } : {}),
    ...(i.negative && heard.negative ? { negative: i.negative } : {}),
    ...(i.paintSize && i.paintSize !== i.size ? { paintSize: i.paintSize } : {}),
  };
}

/** The scale where 1 means none: 0 would paint what the negative prompt says. */
export const guidanceFromOne = (guidance: number): number => Math.max(1, guidance);

/** What stands for a model that a server does not name. */
export const UNKNOWN = 'unknown';
const RESOLVED_MODEL = 'images.model (resolved)';
const RESOLVED_HASH = 'images.model hash (resolved)';

/** What a manifest keeps of the model that a server says it has. */
export function resolvedModel(model: string | undefined, hash?: string): Record<string, unknown> {
  return { [RESOLVED_MODEL]: model || UNKNOWN, ...(hash ? { [RESOLVED_HASH]: hash } : {}) };
}

/** Of a hash in hexadecimal what is one: servers that have none give eights or noughts, or the hash of nothing. */
export function trueHash(text: string | null | undefined): string | undefined {
  if (
    !text ||
    !/^[0-9a-f]{6,}$/i.test(text) ||
    /^(.)\1*$/.test(text) ||
    /^(e3b0c44298fc1c14|d41d8cd98f00b204)/i.test(text)
  )
    return undefined;
  return text;
}
