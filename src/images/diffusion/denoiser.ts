import type { Tensor } from 'onnxruntime-node';
import { UserError } from '../../errors.js';
import type { ExecutorOptions } from '../../runtime/ort/executor.js';
import { numberOf, type Part } from './folder.js';
import { PATCH, pack, places, unpack } from './packing.js';
import { feed, fixedAxis, fixedBatch, Network, type Port } from './sessions.js';
import type { Conditioning } from './text.js';

const KNOWN_INPUTS = [
  'sample',
  'latent_sample',
  'hidden_states',
  'timestep',
  'encoder_hidden_states',
  'encoder_attention_mask',
  'text_embeds',
  'pooled_projections',
  'time_ids',
  'timestep_cond',
  'resolution',
  'aspect_ratio',
  'guidance',
  'txt_ids',
  'img_ids',
];

/** Sides of a batch of latents. */
export interface Sides {
  height: number;
  width: number;
}

/** What stays the same over the steps of a batch, ready to be fed: one entry a run, since an export may be fixed to a few rows. */
export interface Conditions {
  rows: number;
  sides: Sides;
  runs: { from: number; rows: number; size: number; feeds: Record<string, Tensor> }[];
}

/** The network that is asked at every step: a UNet, or a transformer over patches (DiT). */
export class Denoiser {
  readonly network: Network;
  /** Channels of a latent. */
  readonly channels: number;
  /** Latent sides at which the model was trained, if its files say so. */
  readonly trainedSide: number | undefined;
  /** Latent sides that the export is fixed to. */
  readonly fixed: Partial<Sides>;
  /** Whether it was distilled to do without a second, unguided row (LCM, FLUX). */
  readonly distilled: boolean;
  /** Whether it is told the guidance scale. */
  readonly toldGuidance: boolean;
  /** Whether it is one of Stable Diffusion XL's, by what it is told of the caption. */
  readonly xl: boolean;
  /** Features of a caption's token, where the export says so. */
  readonly contextDim: number | undefined;
  /** Latent points along a side of one of a transformer's tokens. */
  readonly patch: number;
  private readonly sample: Port;
  private readonly time: Port;
  private readonly hidden: Port;
  private readonly outputName: string;
  /** Rows that one run takes; undefined: any. */
  private readonly batch: number | undefined;
  /** Rows that one run is given at most, where it takes any; 0: all. */
  private readonly most: number;
  private readonly transformer: boolean;
  /** Whether it takes latents as tokens of two by two points and times from 0 to 1 (FLUX). */
  private readonly packed: boolean;

  private constructor(network: Network, part: Part, vaeChannels: number | undefined, most: number) {
    this.network = network;
    this.most = most;
    this.transformer = part.name === 'transformer';
    network.refuseOthers(KNOWN_INPUTS);
    this.sample = this.need('sample', 'hidden_states', 'latent_sample');
    this.time = this.need('timestep');
    this.hidden = this.need('encoder_hidden_states');
    this.packed = this.sample.shape.length === 3;
    const declared = fixedAxis(this.sample, this.packed ? 2 : 1) ?? numberOf(part.config, 'in_channels');
    this.patch = this.packed ? PATCH : (this.transformer && numberOf(part.config, 'patch_size')) || 1;
    this.channels = (declared && declared / (this.packed ? PATCH ** 2 : 1)) ?? vaeChannels ?? 4;
    if (vaeChannels !== undefined && this.channels !== vaeChannels)
      throw new UserError(
        `${network.name} takes ${this.channels} channels, the VAE's latents have ${vaeChannels}: models for inpainting or editing do not paint from a caption alone`,
      );
    const [height, width] = this.packed
      ? [squareSide(this.sample), squareSide(this.sample)]
      : [fixedAxis(this.sample, 2), fixedAxis(this.sample, 3)];
    this.fixed = { height, width };
    // FLUX's configuration does not say it; diffusers' pipeline paints 1,024 pixels.
    this.trainedSide = numberOf(part.config, 'sample_size') ?? (this.packed ? 128 : height);
    this.batch = fixedBatch(this.sample);
    const out = network.output('out_sample', 'sample', 'out_hidden_states') ?? network.outputs[0];
    this.outputName = out.name;
    this.xl = network.input('text_embeds') !== undefined;
    this.contextDim = fixedAxis(this.hidden, 2);
    this.toldGuidance = network.input('timestep_cond', 'guidance') !== undefined;
    this.distilled = network.input('timestep_cond') !== undefined || this.packed;
    const ids = network.input('time_ids');
    if (ids && (fixedAxis(ids, 1) ?? 6) !== 6)
      throw new UserError(
        `${network.name} takes ${ids.shape[1]} time ids: a refiner improves images, it does not paint them`,
      );
  }

  /**
   * @param vaeChannels channels of the VAE's latents, where its files say so
   * @param most rows of one run, where the export takes any number; 0: all
   */
  static async open(
    part: Part,
    vaeChannels: number | undefined,
    options: ExecutorOptions,
    most = 0,
  ): Promise<Denoiser> {
    const network = await Network.open(part.file, options);
    try {
      return new Denoiser(network, part, vaeChannels, most);
    } catch (e) {
      await network.close();
      throw e;
    }
  }

  /**
   * Feeds that hold over all steps.
   * @param rows each row's caption
   * @param pixels sides of the image, which SDXL is told
   * @param guidance scale that a distilled model is told
   */
  conditions(rows: readonly Conditioning[], sides: Sides, pixels: Sides, guidance: number): Conditions {
    const runs: Conditions['runs'] = [];
    const step = this.batch ?? (this.most || rows.length);
    for (let from = 0; from < rows.length; from += step) {
      const size = this.batch ?? Math.min(step, rows.length - from);
      // An export that is fixed to more rows than are left gets the last one again.
      const part = Array.from({ length: size }, (_, i) => rows[Math.min(from + i, rows.length - 1)]);
      const feeds: Record<string, Tensor> = {};
      const put = (port: Port | undefined, values: (row: Conditioning) => ArrayLike<number>, ...dims: number[]) => {
        if (port) feeds[port.name] = feed(port, joined(part.map(values)), [size, ...dims]);
      };
      const { tokens, dim, pooled } = rows[0];
      put(this.hidden, (r) => r.hidden, tokens, dim);
      put(this.network.input('encoder_attention_mask'), (r) => r.mask, tokens);
      put(this.network.input('text_embeds', 'pooled_projections'), (r) => this.pooledOf(r), pooled?.length ?? 0);
      // Original size, corner of the crop, target size (SDXL, arXiv 2307.01952, section 2.2): a whole image of its own size.
      const { height, width } = pixels;
      put(this.network.input('time_ids'), () => [height, width, 0, 0, height, width], 6);
      put(this.network.input('resolution'), () => [height, width], 2);
      put(this.network.input('aspect_ratio'), () => [height / width], 1);
      const scale = this.network.input('timestep_cond');
      if (scale) {
        const embedding = guidanceEmbedding(guidance, fixedAxis(scale, 1) ?? 256);
        put(scale, () => embedding, embedding.length);
      }
      put(this.network.input('guidance'), () => [guidance]);
      this.placesOf(feeds, size, tokens, sides);
      runs.push({ from, rows: Math.min(size, rows.length - from), size, feeds });
    }
    return { rows: rows.length, sides, runs };
  }

  /**
   * One step's prediction.
   * @param latents [rows, channels, height, width], already scaled by the scheduler
   * @param out of the same shape; channels beyond the latents' (a learned variance) are left away
   */
  async predict(latents: Float32Array, time: number, c: Conditions, out: Float32Array): Promise<void> {
    const { height, width } = c.sides;
    const each = this.channels * height * width;
    for (const { from, rows, size, feeds } of c.runs) {
      let input = latents.subarray(from * each, (from + rows) * each);
      if (rows < size) {
        const padded = new Float32Array(size * each);
        padded.set(input);
        input = padded;
      }
      const dims = this.packed
        ? [size, (height * width) / PATCH ** 2, this.channels * PATCH ** 2]
        : [size, this.channels, height, width];
      if (this.packed) input = pack(input, this.channels, height, width);
      const [result] = await this.network.run(
        { ...feeds, [this.sample.name]: feed(this.sample, input, dims), [this.time.name]: this.timeFeed(time, size) },
        [this.outputName],
      );
      const given = result.data.length / size;
      if (given !== each && given !== 2 * each)
        throw new UserError(
          `${this.network.name} gives values of shape [${result.dims}] for latents of shape [${dims}]`,
        );
      const values = this.packed ? unpack(result.data, this.channels, height, width) : result.data;
      for (let r = 0; r < rows; r++) out.set(values.subarray(r * given, r * given + each), (from + r) * each);
    }
  }

  async close(): Promise<void> {
    await this.network.close();
  }

  /** A scalar, one value, or one a row, as the export has it: an axis of the same name as the batch's is one. */
  private timeFeed(time: number, rows: number): Tensor {
    const { shape } = this.time;
    const value = this.packed ? time / 1000 : time;
    if (shape.length === 0) return feed(this.time, Float32Array.of(value), []);
    const axis = shape[0];
    const perRow =
      typeof axis === 'number' && axis > 0 ? axis > 1 : axis ? axis === this.sample.shape[0] : this.transformer;
    const n = perRow ? rows : 1;
    return feed(this.time, new Float32Array(n).fill(value), [n]);
  }

  /** Where the tokens of image and caption stand, for all rows or for each, as the export has it; those of a caption stand nowhere. */
  private placesOf(feeds: Record<string, Tensor>, rows: number, tokens: number, { height, width }: Sides): void {
    for (const [name, ids] of [
      ['img_ids', () => places(height, width)],
      ['txt_ids', () => new Float32Array(3 * tokens)],
    ] as const) {
      const port = this.network.input(name);
      if (!port) continue;
      const each = ids();
      const perRow = port.shape.length === 3;
      const values = perRow ? joined(new Array<Float32Array>(rows).fill(each)) : each;
      feeds[name] = feed(port, values, [...(perRow ? [rows] : []), each.length / 3, 3]);
    }
  }

  private pooledOf(row: Conditioning): Float32Array {
    if (row.pooled) return row.pooled;
    throw new UserError(
      `${this.network.name} takes an embedding of the whole caption, which no text encoder of this folder gives`,
    );
  }

  private need(...names: string[]): Port {
    const port = this.network.input(...names);
    if (port) return port;
    throw new UserError(
      `${this.network.name} has no input ${names.join(' or ')}: it is no denoiser of latents that looks at a caption`,
    );
  }
}

/** Latent points along a square image's side, where an export is fixed to a number of tokens. */
function squareSide(port: Port): number | undefined {
  const tokens = fixedAxis(port, 1);
  const side = tokens && Math.sqrt(tokens);
  return Number.isInteger(side) ? side! * PATCH : undefined;
}

/** Sines and cosines of 1000·(scale − 1) at `dim/2` frequencies from 1 to 1/10000 (latent consistency models, arXiv 2310.04378; diffusers' form). */
function guidanceEmbedding(scale: number, dim: number): Float32Array {
  const half = Math.floor(dim / 2);
  const out = new Float32Array(dim);
  for (let i = 0; i < half; i++) {
    const angle = 1000 * (scale - 1) * Math.exp((-Math.log(10000) * i) / (half - 1));
    out[i] = Math.sin(angle);
    out[half + i] = Math.cos(angle);
  }
  return out;
}

function joined(rows: readonly ArrayLike<number>[]): Float32Array {
  const out = new Float32Array(rows.reduce((s, r) => s + r.length, 0));
  let at = 0;
  for (const r of rows) {
    out.set(r, at);
    at += r.length;
  }
  return out;
}
