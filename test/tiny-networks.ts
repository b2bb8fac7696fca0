import { ops, type Tensor } from '../src/graph/index.js';
import { Rng } from '../src/rng.js';

/** Sizes of a small diffusion pipeline with random weights. */
export interface TinySizes {
  vocabulary: number;
  tokens: number;
  /** Width of a text encoder. */
  textDim: number;
  layers: number;
  /** Width of the pooled embedding of SDXL's second encoder. */
  pooledDim: number;
  channels: number;
  /** Latent side. */
  side: number;
  /** Width of the UNet at full side; twice that below. */
  width: number;
  heads: number;
  /** Doublings of the side in the VAE's decoder. */
  doublings: number;
  /** Dimension of an LCM's guidance embedding. */
  guidanceDim: number;
}

/**
 * Networks with random weights as functions to graph nodes. Weights come from a seed and the order in which they are made, so a graph for
 * any number of rows is the same network.
 */
export class Networks {
  private readonly rng: Rng;

  constructor(seed: number, name: string) {
    this.rng = Rng.of(seed, name);
  }

  weight(shape: readonly number[], scale: number): Tensor {
    const size = shape.reduce((a, b) => a * b, 1);
    return ops.constant(
      Float32Array.from({ length: size }, () => this.rng.normal() * scale),
      shape,
    );
  }

  /** [rows, in] → [rows, out] */
  linear(x: Tensor, out: number, gain = 1): Tensor {
    const inner = x.shape[1];
    return ops.linear(x, this.weight([out, inner], gain / Math.sqrt(inner)), this.weight([out], 0.1));
  }

  norm(x: Tensor): Tensor {
    const dim = x.shape[x.rank - 1];
    return ops.layerNorm(x, ops.offset(this.weight([dim], 0.1), 1), this.weight([dim], 0.1), 1e-5);
  }

  /** Residual attention of x [samples·tokens, dim] over `context` [samples·tokens₂, any], with a mask [samples, tokens₂] if any. */
  attend(x: Tensor, context: Tensor | undefined, samples: number, heads: number, mask?: Tensor): Tensor {
    const dim = x.shape[1];
    const normal = this.norm(x);
    const split = (rows: Tensor) =>
      ops.transpose(ops.reshape(rows, [samples, rows.shape[0] / samples, heads, dim / heads]), [1, 0, 2, 3]);
    const q = split(this.linear(normal, dim));
    const k = split(this.linear(context ?? normal, dim));
    const v = split(this.linear(context ?? normal, dim));
    const alpha = 1 / Math.sqrt(dim / heads);
    let mixed: Tensor;
    if (mask) {
      const bias = ops.scale(ops.offset(ops.reshape(mask, [samples, 1, 1, mask.shape[1]]), -1), 1e4);
      // A coordinate more that is 1 in every query adds the bias to the scores.
      const more = (t: Tensor, column: Tensor) => ops.concat([t, column], 3);
      const column = (t: Tensor, value: number) =>
        ops.broadcast(ops.filled(value, [1, 1, 1, 1]), [...t.shape.slice(0, 3), 1]);
      const tokens = ops.transpose(
        ops.reshape(ops.scale(bias, 1 / alpha), [samples, 1, mask.shape[1], 1]),
        [2, 0, 1, 3],
      );
      const biased = more(k, ops.broadcast(tokens, [...k.shape.slice(0, 3), 1]));
      mixed = ops.slice(ops.attention(more(q, column(q, 1)), biased, more(v, column(v, 0)), alpha), 3, 0, dim / heads);
    } else mixed = ops.attention(q, k, v, alpha);
    const rows = ops.reshape(ops.transpose(mixed, [1, 0, 2, 3]), x.shape);
    return ops.add(x, this.linear(rows, dim));
  }

  mlp(x: Tensor): Tensor {
    const dim = x.shape[1];
    return ops.add(x, this.linear(ops.gelu(this.linear(this.norm(x), 2 * dim)), dim));
  }

  /** 3×3 convolution of [samples, h, w, in] as one matrix product over nine shifted copies. */
  conv(x: Tensor, out: number, gain = 1): Tensor {
    const [s, h, w, c] = x.shape;
    const padded = ops.pad(ops.pad(x, 1, 1, 1), 2, 1, 1);
    const shifted: Tensor[] = [];
    for (let dy = 0; dy < 3; dy++)
      for (let dx = 0; dx < 3; dx++) shifted.push(ops.slice(ops.slice(padded, 1, dy, h), 2, dx, w));
    const rows = ops.reshape(ops.concat(shifted, 3), [s * h * w, 9 * c]);
    return ops.reshape(this.linear(rows, out, gain), [s, h, w, out]);
  }

  groupNorm(x: Tensor, groups: number): Tensor {
    const [s, h, w, c] = x.shape;
    const grouped = ops.reshape(x, [s, h * w, groups, c / groups]);
    const centred = ops.sub(grouped, ops.mean(grouped, [1, 3]));
    const deviation = ops.sqrt(ops.offset(ops.mean(ops.mul(centred, centred), [1, 3]), 1e-5));
    const normal = ops.reshape(ops.div(centred, deviation), x.shape);
    return ops.add(ops.mul(normal, ops.offset(this.weight([c], 0.1), 1)), this.weight([c], 0.1));
  }

  /** Residual block, told the time by `embedding` [samples or 1, any]. */
  residual(x: Tensor, embedding: Tensor, out: number): Tensor {
    const told = this.linear(silu(embedding), out);
    let y = this.conv(silu(this.groupNorm(x, 4)), out);
    y = ops.add(y, ops.reshape(told, [told.shape[0], 1, 1, out]));
    y = this.conv(silu(this.groupNorm(y, 4)), out);
    const same = x.shape[3] === out ? x : this.pointwise(x, out);
    return ops.add(same, y);
  }

  /** 1×1 convolution. */
  pointwise(x: Tensor, out: number): Tensor {
    const [s, h, w, c] = x.shape;
    return ops.reshape(this.linear(ops.reshape(x, [s * h * w, c]), out), [s, h, w, out]);
  }

  /** Bumps around 16 times between 0 and 1000. [n] → [n, out] */
  time(t: Tensor, out: number): Tensor {
    const centres = ops.constant(
      Float32Array.from({ length: 16 }, (_, i) => (i + 0.5) / 16),
      [1, 16],
    );
    const off = ops.scale(ops.sub(ops.scale(ops.reshape(t, [t.shape[0], 1]), 1e-3), centres), 8);
    return this.linear(ops.exp(ops.scale(ops.mul(off, off), -1)), out);
  }
}

export function silu(x: Tensor): Tensor {
  return ops.div(x, ops.offset(ops.exp(ops.neg(x)), 1));
}

/** Halves both sides by averages. */
export function down(x: Tensor): Tensor {
  const [s, h, w, c] = x.shape;
  return ops.mean(ops.reshape(x, [s, h / 2, 2, w / 2, 2, c]), [2, 4], false);
}

/** Doubles both sides by repeating. */
export function up(x: Tensor): Tensor {
  const [s, h, w, c] = x.shape;
  const rows = ops.reshape(x, [s, h, 1, w, 1, c]);
  const wide = ops.concat([rows, rows], 4);
  return ops.reshape(ops.concat([wide, wide], 2), [s, 2 * h, 2 * w, c]);
}

/** [s, c, h, w] → [s, h, w, c] */
export const channelsLast = (x: Tensor): Tensor => ops.transpose(x, [0, 2, 3, 1]);
/** [s, h, w, c] → [s, c, h, w] */
export const channelsFirst = (x: Tensor): Tensor => ops.transpose(x, [0, 3, 1, 2]);

/** CLIP-shaped text encoder: embeddings, layers, states after each. @param masked whether it is told which tokens are padding */
export function textEncoder(
  z: TinySizes,
  seed: number,
  name: string,
  rows: number,
  masked = false,
): Record<string, Tensor> {
  const net = new Networks(seed, name);
  const ids = ops.input('in:input_ids', [rows, z.tokens], 'i64');
  const mask = masked ? ops.input('in:attention_mask', [rows, z.tokens]) : undefined;
  const table = net.weight([z.vocabulary, z.textDim], 1);
  const words = ops.takeRows(table, ops.reshape(ids, [rows * z.tokens]));
  const placed = ops.add(ops.reshape(words, [rows, z.tokens, z.textDim]), net.weight([z.tokens, z.textDim], 0.5));
  let x = ops.reshape(placed, [rows * z.tokens, z.textDim]);
  const states = (y: Tensor) => ops.reshape(y, [rows, z.tokens, z.textDim]);
  const outputs: Record<string, Tensor> = {};
  for (let i = 0; i < z.layers; i++) {
    outputs[`out:hidden_states.${i}`] = states(x);
    x = net.mlp(net.attend(x, undefined, rows, z.heads, mask));
  }
  const last = states(net.norm(x));
  outputs['out:last_hidden_state'] = last;
  outputs['out:pooler_output'] = ops.mean(last, [1], false);
  outputs['out:text_embeds'] = net.linear(ops.mean(last, [1], false), z.pooledDim);
  return outputs;
}

/** Which extra inputs a denoiser has. */
export interface Extras {
  /** SDXL: pooled text and time ids. */
  xl?: boolean;
  /** LCM: the guidance scale's embedding. */
  distilled?: boolean;
}

/** UNet of two levels: residual blocks, self-attention, cross-attention over the caption's states [rows, tokens, contextDim]. */
export function unet(
  z: TinySizes,
  seed: number,
  rows: number,
  contextDim: number,
  extras: Extras,
): Record<string, Tensor> {
  const net = new Networks(seed, 'unet');
  const sample = ops.input('in:sample', [rows, z.channels, z.side, z.side]);
  const time = ops.input('in:timestep', [1]);
  const hidden = ops.input('in:encoder_hidden_states', [rows, z.tokens, contextDim]);
  const context = ops.reshape(hidden, [rows * z.tokens, contextDim]);
  const told = 4 * z.width;
  let embedding = net.time(time, told);
  if (extras.xl) {
    const pooled = ops.input('in:text_embeds', [rows, z.pooledDim]);
    const sizes = ops.scale(ops.input('in:time_ids', [rows, 6]), 1 / 16);
    embedding = ops.add(embedding, net.linear(ops.concat([pooled, sizes], 1), told));
  }
  if (extras.distilled)
    embedding = ops.add(embedding, net.linear(ops.input('in:timestep_cond', [rows, z.guidanceDim]), told));
  const look = (x: Tensor) => {
    const [s, h, w, c] = x.shape;
    let flat = ops.reshape(x, [s * h * w, c]);
    flat = net.attend(flat, undefined, rows, z.heads);
    flat = net.attend(flat, context, rows, z.heads);
    return ops.reshape(net.mlp(flat), x.shape);
  };
  const fine = look(net.residual(net.conv(channelsLast(sample), z.width), embedding, z.width));
  const coarse = look(net.residual(down(fine), embedding, 2 * z.width));
  const joined = net.residual(ops.concat([up(coarse), fine], 3), embedding, z.width);
  const out = net.conv(silu(net.groupNorm(joined, 4)), z.channels);
  return { 'out:sample': channelsFirst(out) };
}

/** Transformer over latent points (DiT as PixArt has it): a time a row, a mask over the caption, twice the channels out. */
export function transformer(z: TinySizes, seed: number, rows: number, contextDim: number): Record<string, Tensor> {
  const net = new Networks(seed, 'transformer');
  const sample = ops.input('in:sample', [rows, z.channels, z.side, z.side]);
  const time = ops.input('in:timestep', [rows]);
  const hidden = ops.input('in:encoder_hidden_states', [rows, z.tokens, contextDim]);
  const mask = ops.input('in:encoder_attention_mask', [rows, z.tokens]);
  const area = z.side * z.side;
  const embedding = silu(net.time(time, z.width));
  let x = net.linear(ops.reshape(channelsLast(sample), [rows * area, z.channels]), z.width);
  const placed = ops.add(ops.reshape(x, [rows, area, z.width]), net.weight([area, z.width], 0.5));
  x = ops.reshape(ops.add(placed, ops.reshape(embedding, [rows, 1, z.width])), [rows * area, z.width]);
  const context = ops.reshape(hidden, [rows * z.tokens, contextDim]);
  for (let i = 0; i < 2; i++) {
    x = net.attend(x, undefined, rows, z.heads);
    x = net.mlp(net.attend(x, context, rows, z.heads, mask));
  }
  const out = net.linear(net.norm(x), 2 * z.channels);
  return { 'out:sample': channelsFirst(ops.reshape(out, [rows, z.side, z.side, 2 * z.channels])) };
}

/** Sizes of what a joint transformer is told of a caption, and whether it takes latents as FLUX's does. */
export interface Joint {
  tokens: number;
  dim: number;
  pooledDim: number;
  packed: boolean;
  /** Whether the places of the tokens are told for each row. */
  placesPerRow?: boolean;
}

/**
 * Transformer in which latents and caption attend to one another as one sequence, told a pooled embedding (Stable Diffusion 3); with `packed` its
 * latents come as tokens of two by two points with their places, and it is told the guidance scale and times from 0 to 1 (FLUX).
 */
export function jointTransformer(z: TinySizes, seed: number, rows: number, joint: Joint): Record<string, Tensor> {
  const net = new Networks(seed, 'joint transformer');
  const { tokens, dim, packed } = joint;
  const points = (packed ? 4 : 1) * z.channels;
  const area = (z.side * z.side) / (packed ? 4 : 1);
  const sample = ops.input('in:sample', packed ? [rows, area, points] : [rows, z.channels, z.side, z.side]);
  const time = ops.scale(ops.input('in:timestep', [rows]), packed ? 1000 : 1);
  let told = ops.add(
    net.time(time, z.width),
    net.linear(ops.input('in:pooled_projections', [rows, joint.pooledDim]), z.width),
  );
  const context = ops.input('in:encoder_hidden_states', [rows, tokens, dim]);
  const flat = packed ? sample : channelsLast(sample);
  let image = ops.reshape(net.linear(ops.reshape(flat, [rows * area, points]), z.width), [rows, area, z.width]);
  let text = ops.reshape(net.linear(ops.reshape(context, [rows * tokens, dim]), z.width), [rows, tokens, z.width]);
  if (packed) {
    told = ops.add(told, net.linear(ops.reshape(ops.input('in:guidance', [rows]), [rows, 1]), z.width, 0.3));
    const placed = (name: string, n: number) => {
      const ids = ops.input(name, joint.placesPerRow ? [rows, n, 3] : [n, 3]);
      const each = net.linear(ops.reshape(ids, [joint.placesPerRow ? rows * n : n, 3]), z.width, 0.5);
      return ops.reshape(each, [joint.placesPerRow ? rows : 1, n, z.width]);
    };
    image = ops.add(image, placed('in:img_ids', area));
    text = ops.add(text, placed('in:txt_ids', tokens));
  } else image = ops.add(image, net.weight([area, z.width], 0.5));
  const both = ops.add(ops.concat([text, image], 1), ops.reshape(silu(told), [rows, 1, z.width]));
  let x = ops.reshape(both, [rows * (tokens + area), z.width]);
  for (let i = 0; i < 2; i++) x = net.mlp(net.attend(x, undefined, rows, z.heads));
  const ends = ops.slice(ops.reshape(x, [rows, tokens + area, z.width]), 1, tokens, area);
  const out = net.linear(net.norm(ops.reshape(ends, [rows * area, z.width])), points);
  const shaped = packed ? ops.reshape(out, [rows, area, points]) : ops.reshape(out, [rows, z.side, z.side, points]);
  return { 'out:sample': packed ? shaped : channelsFirst(shaped) };
}

/** The VAE's decoder: latents → [rows, 3, side, side] around −1…1. */
export function vaeDecoder(z: TinySizes, seed: number, rows: number): Record<string, Tensor> {
  const net = new Networks(seed, 'vae');
  const latents = ops.input('in:latent_sample', [rows, z.channels, z.side, z.side]);
  let x = net.conv(channelsLast(latents), 8, 0.3);
  for (let i = 0; i < z.doublings; i++) x = net.conv(silu(net.groupNorm(up(x), 4)), 8);
  return { 'out:sample': channelsFirst(net.conv(silu(x), 3, 0.5)) };
}
