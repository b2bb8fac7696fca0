import { join } from 'node:path';
import { interpret } from '../src/graph/index.js';
import { Tokenizer } from '../src/images/diffusion/tokenizer.js';
import { noiseKey, type PaintRequest } from '../src/images/painter.js';
import { Rng } from '../src/rng.js';
import { contextDim, graphsOf, jointOf, type TinyPipeline, textEncodersOf, vaeScaling } from './tiny-diffusion.js';

/** What the reference is run with. */
export interface NaiveRun {
  pipeline: TinyPipeline;
  /** Where its tokenisers were written. */
  dir: string;
  guidance: number;
  steps: number;
  negative?: string;
  guidanceRescale?: number;
}

/** A sampler written down plainly. */
export interface NaiveSampler {
  timesteps: number[];
  /** Standard deviation of the first latents, default 1. */
  start?: number;
  /** What the latents are divided by before the denoiser sees them, default 1. */
  divisor?: (t: number) => number;
  /** Latents → the next latents. `t` is the step's timestep; `normal` draws. */
  step: (latent: Float64Array, output: Float64Array, t: number, normal: () => number) => Float64Array;
}

/**
 * The whole pipeline in double precision: the graphs by the interpreter, one image and one row at a time, and around them the loop of the
 * papers. Shares with the painter only the tokeniser and the noise's key.
 * @returns pixels before rounding, [side, side, 3] in 0…255
 */
export async function naivePaint(run: NaiveRun, request: PaintRequest, sampler: NaiveSampler): Promise<Float64Array> {
  const { pipeline: p, guidance } = run;
  const z = p.sizes;
  const graphs = graphsOf(p, 1);
  const area = z.channels * z.side * z.side;
  const caption = await encode(run, request.caption);
  let against: Encoded | undefined;
  if (guidance > 1 && p.family !== 'lcm' && p.family !== 'flux') {
    against = await encode(run, run.negative ?? '');
    if (p.family === 'xl' && !run.negative) {
      against.hidden.fill(0);
      against.pooled.fill(0);
    }
  }
  const pixels = z.side * 2 ** z.doublings;
  const flux = p.family === 'flux';
  const order = flux ? fluxOrder(z.channels, z.side) : Array.from({ length: area }, (_, i) => i);
  const denoise = (latent: Float64Array, t: number, c: Encoded) => {
    const feeds: Record<string, ArrayLike<number>> = {
      'in:sample': order.map((i) => latent[i]),
      'in:timestep': [flux ? t / 1000 : t],
      'in:pooled_projections': c.pooled,
      'in:guidance': [guidance],
      'in:img_ids': Array.from({ length: area / z.channels / 4 }, (_, i) => [
        0,
        Math.floor(i / (z.side / 2)),
        i % (z.side / 2),
      ]).flat(),
      'in:txt_ids': new Array<number>(3 * c.mask.length).fill(0),
      'in:encoder_hidden_states': c.hidden,
      'in:text_embeds': c.pooled,
      'in:time_ids': [pixels, pixels, 0, 0, pixels, pixels],
      'in:encoder_attention_mask': c.mask,
      'in:timestep_cond': guidanceWaves(guidance, z.guidanceDim),
    };
    const all = interpret(graphs.transformer ?? graphs.unet, feeds)['out:sample'];
    const out = new Float64Array(area);
    for (const [at, i] of order.entries()) out[i] = all[at];
    return out;
  };

  const rng = Rng.of(...noiseKey(request));
  const normal = () => Math.fround(rng.normal());
  let latent: Float64Array = Float64Array.from({ length: area }, () => (sampler.start ?? 1) * normal());
  for (const t of sampler.timesteps) {
    const seen = latent.map((x) => x / (sampler.divisor?.(t) ?? 1));
    let output = denoise(seen, t, caption);
    if (against) {
      const without = denoise(seen, t, against);
      const spread = (values: Float64Array) => {
        const mean = values.reduce((a, b) => a + b) / values.length;
        return Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length);
      };
      const phi = run.guidanceRescale ?? 0;
      const guided = output.map((x, i) => without[i] + guidance * (x - without[i]));
      const ratio = spread(output) / spread(guided);
      output = guided.map((x) => phi * ratio * x + (1 - phi) * x);
    }
    latent = sampler.step(latent, output, t, normal);
  }
  const vae = { ...vaeScaling(p), ...p.configs?.vae_decoder } as VaeConfig;
  const scaled = latent.map((x, i) => {
    const channel = Math.floor(i / z.side ** 2);
    const of = (list: number[] | undefined, otherwise: number) => (list ? list[channel] : otherwise);
    return (x * of(vae.latents_std, 1)) / vae.scaling_factor + of(vae.latents_mean, 0) + (vae.shift_factor ?? 0);
  });
  const planes = interpret(graphs.vae_decoder, { 'in:latent_sample': scaled })['out:sample'];
  const n = pixels * pixels;
  return Float64Array.from({ length: 3 * n }, (_, i) => {
    const x = planes[(i % 3) * n + Math.floor(i / 3)];
    return Math.min(1, Math.max(0, x / 2 + 0.5)) * 255;
  });
}

interface VaeConfig {
  scaling_factor: number;
  shift_factor?: number;
  latents_mean?: number[];
  latents_std?: number[];
}

interface Encoded {
  hidden: Float64Array;
  pooled: Float64Array;
  mask: number[];
}

/** Where FLUX's tokens of two by two points take their values from: for each token its channels, for each of those four points. */
function fluxOrder(channels: number, side: number): number[] {
  const order: number[] = [];
  for (let y = 0; y < side; y += 2)
    for (let x = 0; x < side; x += 2)
      for (let c = 0; c < channels; c++)
        for (const [dy, dx] of [
          [0, 0],
          [0, 1],
          [1, 0],
          [1, 1],
        ])
          order.push((c * side + y + dy) * side + x + dx);
  return order;
}

async function encode({ pipeline: p, dir }: NaiveRun, caption: string): Promise<Encoded> {
  const z = p.sizes;
  const graphs = graphsOf(p, 1);
  const sizes = textEncodersOf(p);
  const one = async (suffix: string) => {
    const { tokens, textDim } = sizes[`text_encoder${suffix}`];
    const { ids, mask } = (await Tokenizer.open(join(dir, `tokenizer${suffix}`))).encode(caption, tokens);
    const feeds = { 'in:input_ids': ids, 'in:attention_mask': ids.map(() => 1) };
    return { mask, textDim, states: interpret(graphs[`text_encoder${suffix}`], feeds) };
  };
  const first = await one('');
  if (p.family !== 'xl' && p.family !== 'sd3' && p.family !== 'flux')
    return { hidden: first.states['out:last_hidden_state'], pooled: new Float64Array(z.pooledDim), mask: first.mask };
  const second = await one('_2');
  if (p.family === 'flux')
    return {
      hidden: second.states['out:last_hidden_state'],
      pooled: first.states['out:pooler_output'],
      mask: second.mask,
    };
  const name = `out:hidden_states.${z.layers - 1}`;
  const clip = (token: number, at: number) => {
    const of = at < z.textDim ? first : second;
    return of.states[name][token * z.textDim + (at % z.textDim)];
  };
  if (p.family === 'xl') {
    const dim = contextDim(p);
    const hidden = Float64Array.from({ length: z.tokens * dim }, (_, i) => clip(Math.floor(i / dim), i % dim));
    return { hidden, pooled: second.states['out:text_embeds'], mask: first.mask };
  }
  const { tokens, dim } = jointOf(p);
  const third = p.withoutThird ? undefined : (await one('_3')).states['out:last_hidden_state'];
  const hidden = Float64Array.from({ length: tokens * dim }, (_, i) => {
    const [token, at] = [Math.floor(i / dim), i % dim];
    if (token >= z.tokens) return third?.[(token - z.tokens) * dim + at] ?? 0;
    return at < 2 * z.textDim ? clip(token, at) : 0;
  });
  const pooled = Float64Array.from([...first.states['out:text_embeds'], ...second.states['out:text_embeds']]);
  return { hidden, pooled, mask: new Array<number>(tokens).fill(1) };
}

function guidanceWaves(scale: number, dim: number): number[] {
  const half = dim / 2;
  return Array.from({ length: dim }, (_, i) => {
    const angle = (scale - 1) * 1000 * 10000 ** (-(i % half) / (half - 1));
    return i < half ? Math.sin(angle) : Math.cos(angle);
  });
}

/** ᾱ of Stable Diffusion's schedule: betas are squares of evenly spaced roots. */
export function alphas(): number[] {
  const [a, b] = [Math.sqrt(0.00085), Math.sqrt(0.012)];
  let product = 1;
  return Array.from({ length: 1000 }, (_, i) => {
    product *= 1 - (a + ((b - a) * i) / 999) ** 2;
    return product;
  });
}

/** DDIM without noise (arXiv 2010.02502, eq. 12), epsilon, leading spacing with offset 1. */
export function naiveDdim(steps: number): NaiveSampler {
  const bar = alphas();
  const stride = Math.floor(1000 / steps);
  const timesteps = Array.from({ length: steps }, (_, i) => (steps - 1 - i) * stride + 1);
  return {
    timesteps,
    step: (x, eps, t) => {
      const a = bar[t];
      const before = t - stride >= 0 ? bar[t - stride] : bar[0];
      return x.map((v, i) => {
        const clean = (v - Math.sqrt(1 - a) * eps[i]) / Math.sqrt(a);
        return Math.sqrt(before) * clean + Math.sqrt(1 - before) * eps[i];
      });
    },
  };
}

/** Multistep consistency sampling of latent consistency models (arXiv 2310.04378, algorithm 3) with diffusers' boundary scaling. */
export function naiveLcm(timesteps: number[]): NaiveSampler {
  const bar = alphas();
  return {
    timesteps,
    step: (x, eps, t, normal) => {
      const a = bar[t];
      const s = (t * 10) ** 2;
      const skip = 0.25 / (s + 0.25);
      const out = (t * 10) / Math.sqrt(s + 0.25);
      const clean = x.map((v, i) => skip * v + (out * (v - Math.sqrt(1 - a) * eps[i])) / Math.sqrt(a));
      const next = timesteps[timesteps.indexOf(t) + 1];
      if (next === undefined) return clean;
      return clean.map((v) => Math.sqrt(bar[next]) * v + Math.sqrt(1 - bar[next]) * normal());
    },
  };
}

/** One Euler step from t = 999 to a clean image (arXiv 2206.00364, algorithm 1, σ → 0), as few-step "turbo" models are sampled. */
export function naiveEulerOnce(): NaiveSampler {
  const bar = alphas()[999];
  const sigma = Math.sqrt((1 - bar) / bar);
  return {
    timesteps: [999],
    start: sigma,
    divisor: () => Math.sqrt(sigma ** 2 + 1),
    step: (x, eps) => x.map((v, i) => v - sigma * eps[i]),
  };
}

/** Straight paths from noise (σ = 1) to image (σ = 0), by Euler's steps from level to level. */
export function naiveFlow(levels: number[]): NaiveSampler {
  return {
    timesteps: levels.map((sigma) => 1000 * sigma),
    step: (x, velocity, t) => {
      const at = levels.findIndex((sigma) => 1000 * sigma === t);
      return x.map((v, i) => v + ((levels[at + 1] ?? 0) - levels[at]) * velocity[i]);
    },
  };
}
