import { setMaxListeners } from 'node:events';
import type { Settings } from '../../config/schema.js';
import type { Counts } from '../../counts.js';
import { Interrupted, UserError } from '../../errors.js';
import { RemoteServer } from '../../net/remote-server.js';
import type { OpenOptions } from '../../stage.js';
import type { Painter, PainterAbout, PaintRequest, Pixels } from '../painter.js';
import { serverSeed } from '../painter.js';
import { decodePainted, WrongSize } from './decode.js';
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
  /**
   * The image's file. May be repeated with the same image.
   * @throws Transient for what may be better next time; UserError for what the user must mend
   */
  image(image: ServerImage, signal: AbortSignal): Promise<Uint8Array>;
}

/** Answers of another size to one request after which it is clear that no other will come: before any right one, and after. */
const WRONG_SIZES = { never: 4, once: 12 };

/** A painter behind a server: one image a request, many requests in hand, trouble costs time. */
export class ServerPainter implements Painter {
  readonly name: string;
  readonly inFlight: number;
  private readonly api: ImageApi;
  private readonly server: RemoteServer;
  private readonly paintSize: number | undefined;

  constructor(api: ImageApi, { images, runtime: { painter } }: Settings, { warn }: OpenOptions) {
    this.api = api;
    this.name = api.name;
    this.inFlight = Math.min(painter.inFlight, api.most ?? painter.inFlight);
    this.paintSize = images.paintSize;
    const { timeout, patience } = painter;
    const names = { timeout: 'runtime.painter.timeout' };
    this.server = new RemoteServer({
      name: api.server.name,
      inFlight: this.inFlight,
      timeout,
      patience,
      settings: names,
      warn,
    });
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
      return images as Pixels[];
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  private one(request: PaintRequest, signal: AbortSignal): Promise<Pixels> {
    const side = this.paintSize ?? request.size;
    const image = { prompt: request.caption, seed: serverSeed(request), side };
    let tries = 0;
    let wrong = 0;
    return this.server.ask(async (signal) => {
      const file = await this.api.image({ ...image, tries: tries++ }, signal);
      try {
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

/** What is recorded of any such painter; no address, no key. */
export function aboutImages({ images: i }: Settings): PainterAbout {
  return {
    ...(i.model ? { model: i.model } : {}),
    ...(i.scheduler ? { scheduler: i.scheduler } : {}),
    steps: i.steps,
    guidance: i.guidance,
    ...(i.negative ? { negative: i.negative } : {}),
    ...(i.paintSize && i.paintSize !== i.size ? { paintSize: i.paintSize } : {}),
  };
}

/** The scale where 1 means none: 0 would paint what the negative prompt says. */
export const guidanceFromOne = (guidance: number): number => Math.max(1, guidance);
