import { UserError } from '../../errors.js';
import type { ExecutorOptions } from '../../runtime/ort/executor.js';
import { type DiffusionFolder, numberOf, type Part } from './folder.js';
import {
  CLIP_LENGTH,
  type DenoiserAsks,
  type EncoderUse,
  familyOf,
  isFlow,
  type TextRecipe,
  textRecipe,
} from './recipe.js';
import { feed, fixedAxis, fixedBatch, Network, type Port } from './sessions.js';
import { Tokenizer } from './tokenizer.js';

/** A caption, encoded: what the denoiser looks at. */
export interface Conditioning {
  /** [tokens, dim] */
  hidden: Float32Array;
  tokens: number;
  dim: number;
  /** [tokens]: 1 where a token is none of the padding. */
  mask: Float32Array;
  /** [dim₂]: the whole caption (SDXL's second encoder, SD 3's first two, FLUX's first). */
  pooled: Float32Array | undefined;
}

const KNOWN_INPUTS = ['input_ids', 'attention_mask'];

/** One tokeniser with its encoder. */
interface Encoder {
  use: EncoderUse;
  tokenizer: Tokenizer;
  network: Network;
  ids: Port;
  length: number;
  /** Tokens that the network knows, where its configuration says so. */
  vocabulary: number | undefined;
  /** Outputs that are read. */
  states: string | undefined;
  pooled: string | undefined;
}

/** Values of some tokens. */
interface States {
  data: Float32Array;
  tokens: number;
  dim: number;
}

/** The text encoders of a pipeline, and how what they say is put together. */
export class TextEncoders {
  private readonly encoders: readonly Encoder[];
  private readonly zeros: TextRecipe['zeros'];

  private constructor(encoders: readonly Encoder[], zeros: TextRecipe['zeros']) {
    this.encoders = encoders;
    this.zeros = zeros;
  }

  /**
   * @param asks what the denoiser's file says of the text that it takes
   * @throws UserError where an encoder's file does not open or lacks the outputs that its kind of pipeline needs
   */
  static async open(folder: DiffusionFolder, asks: DenoiserAsks, options: ExecutorOptions): Promise<TextEncoders> {
    const recipe = textRecipe(folder, asks);
    if (recipe.encoders.length !== folder.textEncoders.length)
      throw new UserError(
        `${folder.root}/model_index.json: a ${folder.kind} has ${recipe.encoders.length} text encoders, this one ${folder.textEncoders.length}`,
      );
    const encoders: Encoder[] = [];
    for (const [i, part] of folder.textEncoders.entries()) {
      const use = recipe.encoders[i];
      const tokenizer = await Tokenizer.open(folder.tokenizers[i]);
      const network = await Network.open(part.file, options);
      network.refuseOthers(KNOWN_INPUTS);
      const ids = network.input('input_ids');
      if (!ids) throw new UserError(`${network.name} has no input input_ids: it is no text encoder`);
      encoders.push({
        use,
        tokenizer,
        network,
        ids,
        length: fixedAxis(ids, 1) ?? use.length ?? tokenizer.maxLength ?? CLIP_LENGTH,
        vocabulary: numberOf(part.config, 'vocab_size'),
        states: statesOf(use, part, network),
        pooled: pooledOf(use, network, folder),
      });
    }
    return new TextEncoders(encoders, recipe.zeros);
  }

  /** Encodes one caption alone, so that what it becomes depends on nothing else. */
  async encode(caption: string): Promise<Conditioning> {
    const blocks: States[][] = [];
    const mask: number[] = [];
    const pooled: Float32Array[] = [];
    for (const e of this.encoders) {
      const encoded = e.tokenizer.encode(caption, e.length);
      const beyond = encoded.ids.find((id) => e.vocabulary !== undefined && id >= e.vocabulary);
      if (beyond !== undefined)
        throw new UserError(
          `${e.network.name} knows ${e.vocabulary} tokens (vocab_size in its config.json), its tokeniser gives id ${beyond}: they belong to different models`,
        );
      const rows = fixedBatch(e.ids) ?? 1;
      const repeated = (values: readonly number[]) =>
        Float32Array.from(Array.from({ length: rows }, () => values).flat());
      const feeds: Parameters<Network['run']>[0] = {};
      feeds[e.ids.name] = feed(e.ids, repeated(encoded.ids), [rows, e.length]);
      const masked = e.network.input('attention_mask');
      const seen = e.use.masked ? encoded.mask : encoded.mask.map(() => 1);
      if (masked) feeds[masked.name] = feed(masked, repeated(seen), [rows, e.length]);
      const wanted = [e.states, e.pooled].filter((name) => name !== undefined);
      const results = await e.network.run(feeds, wanted);
      const result = (name: string | undefined) => (name === undefined ? undefined : results[wanted.indexOf(name)]);
      const [states, whole] = [result(e.states), result(e.pooled)];
      if (whole) pooled.push(whole.data.slice(0, whole.data.length / rows));
      if (!states) continue;
      const dim = states.dims[states.dims.length - 1];
      const own: States = { data: states.data.slice(0, e.length * dim), tokens: e.length, dim };
      const block = e.use.place === 'beside' ? blocks.at(-1) : undefined;
      if (block && block[0].tokens !== e.length)
        throw new UserError(
          `${e.network.name} takes ${e.length} tokens, the text encoder before it ${block[0].tokens}: they belong to different models`,
        );
      if (block) block.push(own);
      else {
        blocks.push([own]);
        mask.push(...encoded.mask);
      }
    }
    const parts = blocks.map(sideBySide);
    if (this.zeros) {
      const { tokens, dim } = this.zeros;
      parts.push({ data: new Float32Array(tokens * dim), tokens, dim });
      mask.push(...new Array<number>(tokens).fill(0));
    }
    const { data, tokens, dim } = oneBehindTheOther(parts);
    return {
      hidden: data,
      tokens,
      dim,
      mask: Float32Array.from(mask),
      pooled: pooled.length > 0 ? Float32Array.from(pooled.flatMap((p) => [...p])) : undefined,
    };
  }

  async close(): Promise<void> {
    for (const e of this.encoders) await e.network.close();
  }
}

/** The same shape, all zeros: what SDXL takes for "no negative prompt" (`force_zeros_for_empty_prompt`). */
export function zeros(like: Conditioning): Conditioning {
  return {
    ...like,
    hidden: new Float32Array(like.hidden.length),
    pooled: like.pooled && new Float32Array(like.pooled.length),
  };
}

/** The same tokens, each with the features of all. */
function sideBySide(parts: readonly States[]): States {
  if (parts.length === 1) return parts[0];
  const { tokens } = parts[0];
  const dim = parts.reduce((s, p) => s + p.dim, 0);
  const data = new Float32Array(tokens * dim);
  let at = 0;
  for (const p of parts) {
    for (let t = 0; t < tokens; t++) data.set(p.data.subarray(t * p.dim, (t + 1) * p.dim), t * dim + at);
    at += p.dim;
  }
  return { data, tokens, dim };
}

/** All tokens; where features are missing they are 0. */
function oneBehindTheOther(parts: readonly States[]): States {
  if (parts.length === 1) return parts[0];
  const tokens = parts.reduce((s, p) => s + p.tokens, 0);
  const dim = Math.max(...parts.map((p) => p.dim));
  const data = new Float32Array(tokens * dim);
  let at = 0;
  for (const p of parts)
    for (let t = 0; t < p.tokens; t++, at++) data.set(p.data.subarray(t * p.dim, (t + 1) * p.dim), at * dim);
  return { data, tokens, dim };
}

function statesOf({ states }: EncoderUse, part: Part, network: Network): string | undefined {
  if (states === 'none') return undefined;
  return states === 'last' ? last(network) : lastButOne(part, network);
}

function pooledOf({ pooled }: EncoderUse, network: Network, folder: DiffusionFolder): string | undefined {
  if (pooled === 'none') return undefined;
  const port = network.output(pooled);
  // Stable Diffusion XL's denoiser says itself whether it wants one.
  if (!port && !isFlow(familyOf(folder))) return undefined;
  if (!port)
    throw new UserError(
      `${network.name} has no output ${pooled}, which ${folder.kind} needs (it has ${network.outputs.map((o) => o.name).join(', ')})`,
    );
  return port.name;
}

/** SD 2's encoders were cut before their last layer when they were published, so theirs is the right one too. */
function last(network: Network): string {
  const port = network.output('last_hidden_state') ?? network.outputs.find((o) => o.shape.length === 3);
  if (!port) throw new UserError(`${network.name} has no output last_hidden_state`);
  return port.name;
}

/**
 * Of L layers: `hidden_states.L−1`, where 0 are the embeddings. Exports either stop there (optimum: the last is `last_hidden_state`) or add
 * L, so the number is taken from the configuration.
 */
function lastButOne(part: Part, network: Network): string {
  const layers = numberOf(part.config, 'num_hidden_layers');
  if (layers === undefined)
    throw new UserError(
      `${part.name}/config.json does not say num_hidden_layers, by which the last layer but one is found`,
    );
  const name = `hidden_states.${layers - 1}`;
  if (!network.output(name))
    throw new UserError(
      `${network.name} has no output ${name}, which its pipeline needs (it has ${network.outputs.map((o) => o.name).join(', ')})`,
    );
  return name;
}
