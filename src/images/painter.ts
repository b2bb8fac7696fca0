import type { Draw } from '../captions/record.js';
import type { UserError } from '../errors.js';
import { Rng } from '../rng.js';

/** Raw pixels: RGB, 8 bits, row-major, [height, width, 3]. */
export interface Pixels {
  width: number;
  height: number;
  data: Uint8Array;
}

export interface PaintRequest {
  caption: string;
  /** What the caption was asked to be about, of captions that synclr drew: concept, sense, relation, background … */
  record?: Draw;
  /** With the run's seed, `image` and `attempt` the noise key: the same key always means the same image. */
  captionId: number;
  /** Which of the caption's n images. */
  image: number;
  /** 0 at first; an image that turned out blank is painted again with the next one. */
  attempt: number;
  /** The run's seed. */
  seed: number;
  /** Side, pixels. */
  size: number;
}

/** What painted a sample, beside the keys of its noise: written into the sample's JSON. */
export interface PainterAbout {
  /** Model by name or path, and what identifies its content. */
  model?: string;
  modelHash?: string;
  scheduler?: string;
  steps?: number;
  guidance?: number;
  guidanceRescale?: number;
  negative?: string;
  /** Side at which it is painted, where that is not the stored one. */
  paintSize?: number;
}

/** A painter (g2): text in, image out. What it paints depends on the request alone, not on batch size, order, thread or machine. */
export interface Painter {
  readonly name: string;
  readonly about?: PainterAbout;
  /** What a server says that it paints with, by the names under which a manifest has it; what it cannot say is `unknown`. */
  readonly resolved?: Readonly<Record<string, unknown>>;
  /** Images that it likes to have in hand at once, of a painter that waits for a server. */
  readonly inFlight?: number;
  /**
   * One image a request, in order; requests of the same caption are neighbours.
   * @throws Interrupted when the signal is aborted
   */
  paint(requests: readonly PaintRequest[], signal?: AbortSignal): Promise<Pixels[]>;
  /**
   * Of a painter that may not heed the seed: what is wrong, and the way out.
   * @param what shows it
   */
  ignoresSeed?(what: string): Promise<UserError>;
  close?(): Promise<void>;
}

/** The numbers that all randomness of an image comes from: `Rng.of(seed, 'noise', caption, image, attempt)`. */
export function noiseKey(r: PaintRequest): (string | number)[] {
  return [r.seed, 'noise', r.captionId, r.image, r.attempt];
}

/** The seed by which a server is asked for an image: 31 bits of its noise key, since all servers take as many. */
export function serverSeed(r: PaintRequest): number {
  return Rng.of(...noiseKey(r)).u32() >>> 1;
}
