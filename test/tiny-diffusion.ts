import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Tensor } from '../src/graph/index.js';
import { type OnnxModel, toOnnx } from '../src/runtime/ort/onnx.js';
import { disguise, type ElementType, type Face } from './onnx-file.js';
import { jointTransformer, type TinySizes, textEncoder, transformer, unet, vaeDecoder } from './tiny-networks.js';

/** A small, whole diffusion pipeline with random weights, and the conventions of the exporter that wrote it. */
export interface TinyPipeline {
  family: 'sd' | 'xl' | 'lcm' | 'pixart' | 'sd3' | 'flux';
  /** Stable Diffusion 3 without T5. */
  withoutThird?: boolean;
  /** T5 that is told which tokens are padding. */
  maskedT5?: boolean;
  /** FLUX with the places of its tokens for each row, as older exports have them. */
  placesPerRow?: boolean;
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

/** The open batch of a graph: axes of its multiples become dynamic. */
const OPEN = -1;

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

/** FLUX.1-dev's scheduler_config.json. */
export const FLUX_SCHEDULER = {
  _class_name: 'FlowMatchEulerDiscreteScheduler',
  num_train_timesteps: 1000,
  shift: 3,
  use_dynamic_shifting: true,
  base_shift: 0.5,
  max_shift: 1.15,
  base_image_seq_len: 256,
  max_image_seq_len: 4096,
};

/** T5's part in SD 3 and FLUX: fewer tokens than CLIP, more features than both CLIPs together. */
export const t5Sizes = (z: TinySizes): TinySizes => ({ ...z, tokens: z.tokens - 3, textDim: 2 * z.textDim + 8 });

/** What the joint transformer of SD 3 or FLUX is told. */
export function jointOf({ family, sizes: z, withoutThird, placesPerRow }: TinyPipeline) {
  const t5 = t5Sizes(z);
  return family === 'flux'
    ? { tokens: t5.tokens, dim: t5.textDim, pooledDim: z.textDim, packed: true, placesPerRow }
    : {
        tokens: z.tokens + (withoutThird ? 77 : t5.tokens),
        dim: t5.textDim,
        pooledDim: 2 * z.pooledDim,
        packed: false,
      };
}

/** Text encoders by folder, with their sizes. */
export function textEncodersOf(p: TinyPipeline): Record<string, TinySizes> {
  const { family, sizes: z } = p;
  const [clip, t5] = [z, t5Sizes(z)];
  if (family === 'xl') return { text_encoder: clip, text_encoder_2: clip };
  if (family === 'flux') return { text_encoder: clip, text_encoder_2: t5 };
  if (family === 'sd3')
    return { text_encoder: clip, text_encoder_2: clip, ...(p.withoutThird ? {} : { text_encoder_3: t5 }) };
  return { text_encoder: clip };
}

const PIPELINES = {
  sd: 'StableDiffusionPipeline',
  xl: 'StableDiffusionXLPipeline',
  lcm: 'LatentConsistencyModelPipeline',
  pixart: 'PixArtAlphaPipeline',
  sd3: 'StableDiffusion3Pipeline',
  flux: 'FluxPipeline',
} as const;

const isTransformer = ({ family }: TinyPipeline): boolean => ['pixart', 'sd3', 'flux'].includes(family);

/** The VAE's factors by which latents become the diffusion's. */
export const vaeScaling = ({ family }: TinyPipeline) => {
  if (family === 'sd3') return { scaling_factor: 1.5305, shift_factor: 0.0609 };
  if (family === 'flux') return { scaling_factor: 0.3611, shift_factor: 0.1159 };
  return { scaling_factor: family === 'xl' ? 0.13025 : 0.18215 };
};

export const contextDim = (p: TinyPipeline): number => p.sizes.textDim * (p.family === 'xl' ? 2 : 1);

/** The graphs of a pipeline for a number of rows, by folder. */
export function graphsOf(p: TinyPipeline, rows: number): Record<string, Record<string, Tensor>> {
  const { sizes: z, seed, family } = p;
  const dim = contextDim(p);
  const graphs: Record<string, Record<string, Tensor>> = { vae_decoder: vaeDecoder(z, seed, rows) };
  for (const [folder, sizes] of Object.entries(textEncodersOf(p)))
    graphs[folder] = textEncoder(
      sizes,
      seed,
      folder.replace('_encoder', '').replace('_', ' '),
      rows,
      p.maskedT5 && sizes !== z,
    );
  if (family === 'sd3' || family === 'flux') graphs.transformer = jointTransformer(z, seed, rows, jointOf(p));
  else if (family === 'pixart') graphs.transformer = transformer(z, seed, rows, dim);
  else graphs.unet = unet(z, seed, rows, dim, { xl: family === 'xl', distilled: family === 'lcm' });
  return graphs;
}

/** Writes the conventional folder. */
export async function writeDiffusion(dir: string, p: TinyPipeline): Promise<void> {
  const { sizes: z, family } = p;
  const denoiser = isTransformer(p) ? 'transformer' : 'unet';
  const texts = textEncodersOf(p);
  const json = (path: string, value: unknown) => put(join(dir, path), JSON.stringify(value, null, 2));
  const part = (type: string) => ['diffusers', type];
  await json('model_index.json', {
    _class_name: PIPELINES[family],
    text_encoder_2: [null, null],
    text_encoder_3: [null, null],
    ...Object.fromEntries(Object.keys(texts).map((folder) => [folder, part('CLIPTextModel')])),
    [denoiser]: part('Model'),
    ...p.index,
  });
  await json('scheduler/scheduler_config.json', p.scheduler ?? schedulerOf(p));
  const rows = p.fixed ?? OPEN;
  for (const [folder, outputs] of Object.entries(graphsOf(p, rows))) {
    const model = toOnnx(outputs, 'cpu', { portable: true });
    await writeModel(join(dir, folder), folder, model, p);
  }
  if (!p.old) {
    for (const [folder, sizes] of Object.entries(texts))
      await json(`${folder}/config.json`, { num_hidden_layers: z.layers, hidden_size: sizes.textDim });
    await json(`${denoiser}/config.json`, {
      in_channels: (family === 'flux' ? 4 : 1) * z.channels,
      ...(family === 'flux' ? { guidance_embeds: true } : { sample_size: z.side }),
      ...(family === 'sd3' ? { patch_size: 2, joint_attention_dim: jointOf(p).dim } : {}),
      ...(family === 'lcm' ? { time_cond_proj_dim: z.guidanceDim } : {}),
      ...p.configs?.unet,
    });
    await json('vae_decoder/config.json', {
      block_out_channels: new Array<number>(z.doublings + 1).fill(8),
      latent_channels: z.channels,
      ...vaeScaling(p),
      ...p.configs?.vae_decoder,
    });
  }
  for (const [folder, sizes] of Object.entries(texts)) {
    const at = join(dir, folder.replace('text_encoder', 'tokenizer'));
    if (sizes === z) await writeTokenizer(at, folder === 'text_encoder' ? '<|endoftext|>' : '!', z);
    else await writeT5Tokenizer(at);
  }
}

function schedulerOf({ family }: TinyPipeline): Record<string, unknown> {
  if (family === 'flux') return FLUX_SCHEDULER;
  return family === 'sd3' ? { _class_name: 'FlowMatchEulerDiscreteScheduler', shift: 3 } : SD_SCHEDULER;
}

async function writeModel(dir: string, folder: string, model: OnnxModel, p: TinyPipeline): Promise<void> {
  const { old, half, fixed } = p;
  const float: ElementType = half ? 'float16' : 'float32';
  const face = (io: { name: string; shape: readonly number[] }, name: string, type: ElementType): Face => ({
    inner: io.name,
    name,
    type,
    dims: io.shape.map((n) => (n < 0 ? 'batch_size' : n)),
  });
  const bare = (name: string) => name.slice(name.indexOf(':') + 1);
  const inputs = model.inputs.map((io): Face => {
    const name = bare(io.name);
    if (name === 'input_ids') return face(io, name, old ? 'int32' : 'int64');
    if (name === 'encoder_attention_mask' || name === 'attention_mask') return face(io, name, 'int64');
    if (name.endsWith('_ids')) {
      const shown = face(io, name, name === 'time_ids' ? float : 'int64');
      const open = name === 'img_ids' ? 'packed_height_width' : 'sequence_length';
      return p.openSides && name !== 'time_ids' ? { ...shown, dims: [...shown.dims.slice(0, -2), open, 3] } : shown;
    }
    if (name === 'timestep') {
      const perRow = folder === 'transformer';
      // SD 3's and FLUX's times are no whole numbers.
      const whole = p.family !== 'sd3' && p.family !== 'flux';
      const otherwise = { type: whole ? 'int64' : float, dims: perRow ? [fixed ?? 'batch_size'] : [] } as const;
      const { type, dims } = p.timestep ?? otherwise;
      return { inner: io.name, name, type, dims };
    }
    const shown = face(io, folder === 'transformer' && name === 'sample' ? 'hidden_states' : name, float);
    if (name === 'sample' && p.openSides) {
      const [batch, channels, ...sides] = shown.dims;
      const packed = sides.length === 1;
      return {
        ...shown,
        dims: packed ? [batch, 'packed_height_width', ...sides] : [batch, channels, 'height', 'width'],
      };
    }
    return shown;
  });
  const outputs = model.outputs
    .filter((io) => !folder.startsWith('text_encoder') || textOutputs(p, folder).test(bare(io.name)))
    .map((io) => face(io, folder === 'unet' ? 'out_sample' : bare(io.name), float));
  const innerTypes = { 'in:input_ids': 'int64' } as const;
  const written = disguise(model.bytes, inputs, outputs, innerTypes, p.external);
  await put(join(dir, 'model.onnx'), written.model);
  if (p.external) await put(join(dir, p.external), written.data);
}

/** What exports of a family's text encoder give. */
function textOutputs({ family }: TinyPipeline, folder: string): RegExp {
  if (family === 'xl')
    return folder === 'text_encoder' ? /^(last_hidden|hidden|pooler)/ : /^(last_hidden|hidden|text_embeds)/;
  if (family === 'sd3' && folder !== 'text_encoder_3') return /^(last_hidden|hidden|text_embeds)/;
  return family === 'flux' && folder === 'text_encoder' ? /^(last_hidden|pooler)/ : /^last_hidden/;
}

/** T5's layout, a tokenizer.json of word pieces with an end token, over letters and a few words. */
async function writeT5Tokenizer(dir: string): Promise<void> {
  const words = ['▁a', '▁cat', '▁on', '▁mat', '▁dog', '▁', ...'abcdefghijklmnopqrstuvwxyz'];
  const vocab = [['<pad>', 0], ['</s>', 0], ['<unk>', 0], ...words.map((word, i) => [word, -2 - i / 100])];
  const special = ['<pad>', '</s>', '<unk>'].map((content, id) => ({
    id,
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  }));
  const space = { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always', split: true };
  const end = [{ Sequence: { id: 'A', type_id: 0 } }, { SpecialToken: { id: '</s>', type_id: 0 } }];
  const tokenizer = {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: special,
    normalizer: null,
    pre_tokenizer: { type: 'Sequence', pretokenizers: [{ type: 'WhitespaceSplit' }, space] },
    post_processor: {
      type: 'TemplateProcessing',
      single: end,
      pair: end,
      special_tokens: { '</s>': { id: '</s>', ids: [1], tokens: ['</s>'] } },
    },
    decoder: space,
    model: { type: 'Unigram', unk_id: 2, vocab, byte_fallback: false },
  };
  await put(join(dir, 'tokenizer.json'), JSON.stringify(tokenizer));
  const config = { tokenizer_class: 'T5Tokenizer', model_max_length: 512, pad_token: '<pad>', eos_token: '</s>' };
  await put(join(dir, 'tokenizer_config.json'), JSON.stringify(config));
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
