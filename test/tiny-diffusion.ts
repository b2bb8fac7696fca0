import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Tensor } from '../src/graph/index.js';
import { type OnnxModel, toOnnx } from '../src/runtime/onnx.js';
import { disguise, type ElementType, type Face } from './onnx-file.js';
import { type TinySizes, textEncoder, transformer, unet, vaeDecoder } from './tiny-networks.js';

/** A small, whole diffusion pipeline with random weights, and the conventions of the exporter that wrote it. */
export interface TinyPipeline {
  family: 'sd' | 'xl' | 'lcm' | 'pixart';
  seed: number;
  sizes: TinySizes;
  /** Floats at the border are half precision. */
  half?: boolean;
  /** As the first ONNX exports were: `out_sample`, int32 ids, no config.json, timestep [1] of the latents' type or int64. */
  old?: boolean;
  /** Weights in files beside the graphs. */
  external?: string;
  /** Rows that the denoiser, the text encoders and the decoder are fixed to. */
  fixed?: number;
  /** The denoiser's file does not say the latents' sides. */
  openSides?: boolean;
  /** Overrides of fields in the configurations, by folder. */
  configs?: Record<string, Record<string, unknown>>;
  timestep?: { type: ElementType; dims: readonly (number | string)[] };
  scheduler?: Record<string, unknown>;
  index?: Record<string, unknown>;
}

/** A prime that no other size contains: axes of its multiples become dynamic. */
const OPEN = 97;

export const TINY: TinySizes = {
  vocabulary: 520,
  tokens: 12,
  textDim: 16,
  layers: 2,
  pooledDim: 12,
  channels: 4,
  side: 8,
  width: 8,
  heads: 2,
  doublings: 1,
  guidanceDim: 16,
};

/** Stable Diffusion 1's scheduler_config.json in what counts. */
export const SD_SCHEDULER = {
  _class_name: 'DDIMScheduler',
  beta_start: 0.00085,
  beta_end: 0.012,
  beta_schedule: 'scaled_linear',
  num_train_timesteps: 1000,
  clip_sample: false,
  set_alpha_to_one: false,
  steps_offset: 1,
  prediction_type: 'epsilon',
};

export const contextDim = (p: TinyPipeline): number => p.sizes.textDim * (p.family === 'xl' ? 2 : 1);

/** The graphs of a pipeline for a number of rows, by folder. */
export function graphsOf(p: TinyPipeline, rows: number): Record<string, Record<string, Tensor>> {
  const { sizes: z, seed, family } = p;
  const dim = contextDim(p);
  const graphs: Record<string, Record<string, Tensor>> = {
    text_encoder: textEncoder(z, seed, 'text', rows),
    vae_decoder: vaeDecoder(z, seed, rows),
  };
  if (family === 'pixart') graphs.transformer = transformer(z, seed, rows, dim);
  else graphs.unet = unet(z, seed, rows, dim, { xl: family === 'xl', distilled: family === 'lcm' });
  if (family === 'xl') graphs.text_encoder_2 = textEncoder(z, seed, 'text 2', rows);
  return graphs;
}

/** Writes the conventional folder. */
export async function writeDiffusion(dir: string, p: TinyPipeline): Promise<void> {
  const { sizes: z, family } = p;
  const pixart = family === 'pixart';
  const json = (path: string, value: unknown) => put(join(dir, path), JSON.stringify(value, null, 2));
  const part = (type: string) => ['diffusers', type];
  await json('model_index.json', {
    _class_name: {
      sd: 'StableDiffusionPipeline',
      xl: 'StableDiffusionXLPipeline',
      lcm: 'LatentConsistencyModelPipeline',
      pixart: 'PixArtAlphaPipeline',
    }[family],
    text_encoder: part('CLIPTextModel'),
    text_encoder_2: family === 'xl' ? part('CLIPTextModelWithProjection') : [null, null],
    [pixart ? 'transformer' : 'unet']: part('Model'),
    ...p.index,
  });
  await json('scheduler/scheduler_config.json', p.scheduler ?? SD_SCHEDULER);
  const rows = p.fixed ?? OPEN;
  for (const [folder, outputs] of Object.entries(graphsOf(p, rows))) {
    const model = toOnnx(outputs, 'cpu', { portable: true, ...(p.fixed ? {} : { dynamic: OPEN }) });
    await writeModel(join(dir, folder), folder, model, p);
  }
  if (!p.old) {
    for (const folder of family === 'xl' ? ['text_encoder', 'text_encoder_2'] : ['text_encoder'])
      await json(`${folder}/config.json`, { num_hidden_layers: z.layers, hidden_size: z.textDim });
    await json(`${pixart ? 'transformer' : 'unet'}/config.json`, {
      in_channels: z.channels,
      sample_size: z.side,
      ...(family === 'lcm' ? { time_cond_proj_dim: z.guidanceDim } : {}),
      ...p.configs?.unet,
    });
    await json('vae_decoder/config.json', {
      block_out_channels: new Array<number>(z.doublings + 1).fill(8),
      latent_channels: z.channels,
      scaling_factor: family === 'xl' ? 0.13025 : 0.18215,
      ...p.configs?.vae_decoder,
    });
  }
  await writeTokenizer(join(dir, 'tokenizer'), '<|endoftext|>', z);
  if (family === 'xl') await writeTokenizer(join(dir, 'tokenizer_2'), '!', z);
}

async function writeModel(dir: string, folder: string, model: OnnxModel, p: TinyPipeline): Promise<void> {
  const { old, half, fixed, family } = p;
  const float: ElementType = half ? 'float16' : 'float32';
  const face = (io: { name: string; shape: readonly number[] }, name: string, type: ElementType): Face => ({
    inner: io.name,
    name,
    type,
    dims: io.shape.map((n) => (n % OPEN === 0 && !fixed ? 'batch_size' : n)),
  });
  const bare = (name: string) => name.slice(name.indexOf(':') + 1);
  const inputs = model.inputs.map((io): Face => {
    const name = bare(io.name);
    if (name === 'input_ids') return face(io, name, old ? 'int32' : 'int64');
    if (name === 'encoder_attention_mask') return face(io, name, 'int64');
    if (name === 'timestep') {
      const perRow = family === 'pixart';
      const { type, dims } = p.timestep ?? { type: 'int64', dims: perRow ? [fixed ?? 'batch_size'] : [] };
      return { inner: io.name, name, type, dims };
    }
    const shown = face(io, folder === 'transformer' && name === 'sample' ? 'hidden_states' : name, float);
    if (name === 'sample' && p.openSides) return { ...shown, dims: [...shown.dims.slice(0, 2), 'height', 'width'] };
    return shown;
  });
  const wanted = (name: string) => folder !== 'text_encoder' || family === 'xl' || name === 'out:last_hidden_state';
  const outputs = model.outputs
    .filter((io) => wanted(io.name) && !(folder === 'text_encoder' && io.name === 'out:text_embeds'))
    .map((io) => face(io, folder === 'unet' ? 'out_sample' : bare(io.name), float));
  const innerTypes = { 'in:input_ids': 'int64' } as const;
  const written = disguise(model.bytes, inputs, outputs, innerTypes, p.external);
  await put(join(dir, 'model.onnx'), written.model);
  if (p.external) await put(join(dir, p.external), written.data);
}

/** CLIP's layout over single bytes and two merges. */
async function writeTokenizer(dir: string, padding: string, z: TinySizes): Promise<void> {
  const letters = byteLetters();
  const words = ['ca', 'cat</w>'];
  const all = [...letters, ...letters.map((l) => `${l}</w>`), ...words, '<|startoftext|>', '<|endoftext|>'];
  if (all.length > z.vocabulary) throw new Error(`internal: ${all.length} tokens for a table of ${z.vocabulary}`);
  await put(join(dir, 'vocab.json'), JSON.stringify(Object.fromEntries(all.map((t, i) => [t, i]))));
  await put(join(dir, 'merges.txt'), '#version: 0.2\nc a\nca t</w>\n');
  const config = { tokenizer_class: 'CLIPTokenizer', model_max_length: z.tokens, pad_token: padding };
  await put(join(dir, 'tokenizer_config.json'), JSON.stringify(config));
}

/** GPT-2's letters for the 256 bytes, in the order of CLIP's vocabulary: first bytes that print, then the rest from U+0100 on. */
export function byteLetters(): string[] {
  const prints = (b: number) => (b >= 33 && b <= 126) || (b >= 161 && b <= 172) || b >= 174;
  const bytes = Array.from({ length: 256 }, (_, b) => b);
  const rest = bytes.filter((b) => !prints(b));
  return [
    ...bytes.filter(prints).map((b) => String.fromCharCode(b)),
    ...rest.map((_, i) => String.fromCharCode(256 + i)),
  ];
}

async function put(file: string, content: string | Uint8Array): Promise<void> {
  await mkdir(join(file, '..'), { recursive: true });
  await writeFile(file, content);
}
