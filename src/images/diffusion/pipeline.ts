import { setImmediate } from 'node:timers/promises';
import { Interrupted, UserError } from '../../errors.js';
import { Rng } from '../../rng.js';
import { noiseKey, type PaintRequest, type Pixels } from '../painter.js';
import type { Decoder } from './decoder.js';
import type { Denoiser, Sides } from './denoiser.js';
import type { Scheduler } from './schedulers/scheduler.js';
import { type Conditioning, type TextEncoders, zeros } from './text.js';

/** The networks, and what a run asks of them. */
export interface Setup {
  text: TextEncoders;
  denoiser: Denoiser;
  decoder: Decoder;
  /** A new scheduler for images of so many tokens, at its first step: each image has its own, since they remember steps. */
  scheduler: (imageTokens: number) => Scheduler;
  guidance: number;
  /** How far the guided prediction is scaled back to the spread of the caption's, 0 to 1. */
  rescale: number;
  negative: string;
  /** Whether an empty negative prompt means zeros in place of the encoded empty text. */
  zeroNegative: boolean;
  /** Images of a caption that are denoised together; always as many, so that an image's bits don't depend on how many were asked for. */
  batch: number;
}

/** Captions whose encodings are kept: a blank image is painted again soon after. */
const KEPT = 16;

/** One image on its way from noise. */
interface Trajectory {
  scheduler: Scheduler;
  rng: Rng;
  latent: Float32Array;
  /** Where it is in the batch. */
  slot: number;
}

/** Latent diffusion with classifier-free guidance: noise → denoising steps → pixels. */
export class Pipeline {
  private readonly setup: Setup;
  private readonly model: string;
  private readonly encoded = new Map<string, Conditioning>();
  private unguided: Conditioning | undefined;

  /** @param model its name, for messages */
  constructor(setup: Setup, model: string) {
    this.setup = setup;
    this.model = model;
  }

  /**
   * Images of one caption.
   * @param side pixels; a multiple of the decoder's factor, and of a transformer's patch
   * @throws Interrupted between two steps when the signal is aborted; UserError where latents become values that are no numbers
   */
  async paint(requests: readonly PaintRequest[], side: number, signal?: AbortSignal): Promise<Pixels[]> {
    const images = new Map<PaintRequest, Pixels>();
    let left = [...requests];
    while (left.length > 0) {
      const { now, later } = this.fill(left);
      const painted = await this.batch(now, side, signal);
      for (const [i, request] of now.entries()) images.set(request, painted[i]);
      left = later;
    }
    return requests.map((r) => images.get(r)!);
  }

  /** An image has its place in the batch by its number; who finds it taken waits for the next batch. */
  private fill(requests: readonly PaintRequest[]): { now: PaintRequest[]; later: PaintRequest[] } {
    const taken = new Set<number>();
    const now: PaintRequest[] = [];
    const later: PaintRequest[] = [];
    for (const r of requests) {
      const slot = this.slot(r);
      (taken.has(slot) ? later : now).push(r);
      taken.add(slot);
    }
    return { now, later };
  }

  private slot(r: PaintRequest): number {
    return r.image % this.setup.batch;
  }

  private async batch(requests: readonly PaintRequest[], side: number, signal?: AbortSignal): Promise<Pixels[]> {
    const { denoiser, decoder, guidance, rescale, batch } = this.setup;
    await breathe(signal);
    const caption = await this.encode(requests[0].caption);
    const guided = guidance > 1 && !denoiser.distilled;
    const rows = new Array<Conditioning>(batch).fill(caption);
    if (guided) rows.unshift(...new Array<Conditioning>(batch).fill(await this.negative()));

    const sides: Sides = { height: side / decoder.factor, width: side / decoder.factor };
    const each = denoiser.channels * sides.height * sides.width;
    const conditions = denoiser.conditions(rows, sides, { height: side, width: side }, guidance);
    const input = new Float32Array(rows.length * each);
    const output = new Float32Array(rows.length * each);
    const imageTokens = (sides.height * sides.width) / denoiser.patch ** 2;
    const trajectories = requests.map((r) => this.begin(r, each, imageTokens));
    const { timesteps } = trajectories[0].scheduler;
    for (let i = 0; i < timesteps.length; i++) {
      await breathe(signal);
      for (const { scheduler, latent, slot } of trajectories) {
        const scaled = input.subarray(slot * each, (slot + 1) * each);
        scheduler.scaleModelInput(latent, i, scaled);
        if (guided) input.copyWithin((batch + slot) * each, slot * each, (slot + 1) * each);
      }
      await denoiser.predict(input, timesteps[i], conditions, output);
      for (const { scheduler, rng, latent, slot } of trajectories) {
        const without = output.subarray(slot * each, (slot + 1) * each);
        const told = output.subarray((batch + slot) * each, (batch + slot + 1) * each);
        const given = allFinite(without) && allFinite(told);
        if (guided) guide(without, told, guidance, rescale);
        scheduler.step(without, i, latent, (out) => normal(rng, out));
        // What would come of it is black or grey, with hours of painting behind it.
        if (!allFinite(latent))
          throw this.lost(requests[0], given ? scheduler.name : denoiser.network.name, i, timesteps.length);
      }
    }
    const images: Pixels[] = [];
    for (const { latent } of trajectories) {
      await breathe(signal);
      images.push(await decoder.decode(latent, denoiser.channels, sides.height, sides.width));
    }
    return images;
  }

  private lost({ captionId, caption }: PaintRequest, culprit: string, i: number, steps: number): UserError {
    return new UserError(
      `${this.model}: at step ${i + 1} of ${steps} ${culprit} gave values that are no numbers (caption ${captionId}: ${caption}); in half precision some overflow: export the model in fp32, or set images.guidance lower or another images.scheduler`,
    );
  }

  /** Noise from the request's own generator; what a scheduler draws later comes from the same stream. */
  private begin(request: PaintRequest, size: number, imageTokens: number): Trajectory {
    const rng = Rng.of(...noiseKey(request));
    const scheduler = this.setup.scheduler(imageTokens);
    const latent = new Float32Array(size);
    normal(rng, latent);
    if (scheduler.initNoiseSigma !== 1) for (let i = 0; i < size; i++) latent[i] *= scheduler.initNoiseSigma;
    return { scheduler, rng, latent, slot: this.slot(request) };
  }

  private async encode(caption: string): Promise<Conditioning> {
    let c = this.encoded.get(caption);
    if (!c) {
      c = await this.setup.text.encode(caption);
      if (!allFinite(c.hidden) || (c.pooled && !allFinite(c.pooled)))
        throw new UserError(
          `${this.model}: the text encoders gave values that are no numbers (caption: ${caption}); in half precision some overflow: export them in fp32`,
        );
      if (this.encoded.size >= KEPT) this.encoded.delete(this.encoded.keys().next().value!);
      this.encoded.set(caption, c);
    }
    return c;
  }

  private async negative(): Promise<Conditioning> {
    const { text, negative, zeroNegative } = this.setup;
    if (!this.unguided) {
      const encoded = await text.encode(negative);
      this.unguided = zeroNegative && negative === '' ? zeros(encoded) : encoded;
    }
    return this.unguided;
  }
}

function allFinite(values: Float32Array): boolean {
  // A difference with itself is 0 of finite numbers only; one sum is quicker than a test of each.
  let sum = 0;
  for (const v of values) sum += v - v;
  return sum === 0;
}

/** A session blocks its thread; between two runs signals and messages are heard. */
async function breathe(signal: AbortSignal | undefined): Promise<void> {
  await setImmediate();
  if (signal?.aborted) throw new Interrupted('painting was stopped');
}

/** Standard normal values in order, each rounded to float32. */
function normal(rng: Rng, out: Float32Array): void {
  for (let i = 0; i < out.length; i++) out[i] = rng.normal();
}

/**
 * Classifier-free guidance (arXiv 2207.12598), into the first: away from the unguided prediction by `scale`; then by `rescale` towards the
 * standard deviation of the caption's own prediction (arXiv 2305.08891, eq. 15 and 16), against images that are too light and too bright.
 */
function guide(without: Float32Array, caption: Float32Array, scale: number, rescale: number): void {
  for (let i = 0; i < without.length; i++) without[i] += scale * (caption[i] - without[i]);
  if (rescale === 0) return;
  const factor = 1 + rescale * (deviation(caption) / deviation(without) - 1);
  if (Number.isFinite(factor)) for (let i = 0; i < without.length; i++) without[i] *= factor;
}

function deviation(x: Float32Array): number {
  let [sum, squares] = [0, 0];
  for (const v of x) sum += v;
  const mean = sum / x.length;
  for (const v of x) squares += (v - mean) ** 2;
  return Math.sqrt(squares / x.length);
}
