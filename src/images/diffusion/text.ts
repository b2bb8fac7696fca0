import { UserError } from '../../errors.js';
import type { ExecutorOptions } from '../../runtime/executor.js';
import { type DiffusionFolder, numberOf, type Part } from './folder.js';
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
  /** [dim₂], of SDXL's second encoder. */
  pooled: Float32Array | undefined;
}

/** Tokens of a caption where the tokeniser names no length: T5's in PixArt (diffusers, pipeline_pixart_alpha.py and _sigma.py). */
const LENGTHS: Readonly<Record<string, number>> = { PixArtAlphaPipeline: 120, PixArtSigmaPipeline: 300 };
/** CLIP's positions. */
const CLIP_LENGTH = 77;
const KNOWN_INPUTS = ['input_ids', 'attention_mask'];

/** One tokeniser with its encoder. */
interface Encoder {
  part: Part;
  tokenizer: Tokenizer;
  network: Network;
  ids: Port;
  length: number;
  /** The output that holds the states: the last layer's, or with two encoders (SDXL) the last but one. */
  states: string;
  pooled: string | undefined;
}

/** The text encoders of a pipeline: one (SD 1, SD 2, LCM, PixArt), or two whose states are put side by side (SDXL). */
export class TextEncoders {
  private readonly encoders: readonly Encoder[];

  private constructor(encoders: readonly Encoder[]) {
    this.encoders = encoders;
  }

  /** @throws UserError where an encoder's file does not open or lacks the outputs that its kind of pipeline needs */
  static async open(folder: DiffusionFolder, options: ExecutorOptions): Promise<TextEncoders> {
    const two = folder.textEncoders.length === 2;
    const encoders: Encoder[] = [];
    for (const [i, part] of folder.textEncoders.entries()) {
      const tokenizer = await Tokenizer.open(folder.tokenizers[i]);
      const network = await Network.open(part.file, options);
      network.refuseOthers(KNOWN_INPUTS);
      const ids = network.input('input_ids');
      if (!ids) throw new UserError(`${network.name} has no input input_ids: it is no text encoder`);
      const byClass = LENGTHS[String(folder.index._class_name).replace(/^ORT/, '')];
      encoders.push({
        part,
        tokenizer,
        network,
        ids,
        length: fixedAxis(ids, 1) ?? byClass ?? tokenizer.maxLength ?? CLIP_LENGTH,
        states: two ? lastButOne(part, network) : last(network),
        pooled: network.output('text_embeds')?.name,
      });
    }
    return new TextEncoders(encoders);
  }

  /** Encodes one caption alone, so that what it becomes depends on nothing else. */
  async encode(caption: string): Promise<Conditioning> {
    const parts: { data: Float32Array; dim: number }[] = [];
    let pooled: Float32Array | undefined;
    let mask = new Float32Array(0);
    let tokens = 0;
    for (const e of this.encoders) {
      const encoded = e.tokenizer.encode(caption, e.length);
      const rows = fixedBatch(e.ids) ?? 1;
      const repeated = (values: number[]) => Float32Array.from(Array.from({ length: rows }, () => values).flat());
      const feeds: Parameters<Network['run']>[0] = {};
      feeds[e.ids.name] = feed(e.ids, repeated(encoded.ids), [rows, e.length]);
      const masked = e.network.input('attention_mask');
      if (masked) feeds[masked.name] = feed(masked, repeated(encoded.mask), [rows, e.length]);
      const [states, projected] = await e.network.run(feeds, e.pooled ? [e.states, e.pooled] : [e.states]);
      const dim = states.dims[states.dims.length - 1];
      if (parts.length > 0 && e.length !== tokens)
        throw new UserError(
          `${e.network.name} takes ${e.length} tokens, the first text encoder ${tokens}: they belong to different models`,
        );
      parts.push({ data: states.data.slice(0, e.length * dim), dim });
      tokens = e.length;
      mask = Float32Array.from(encoded.mask);
      if (projected) pooled = projected.data.slice(0, projected.data.length / rows);
    }
    const dim = parts.reduce((s, p) => s + p.dim, 0);
    return { hidden: sideBySide(parts, tokens, dim), tokens, dim, mask, pooled };
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

function sideBySide(parts: { data: Float32Array; dim: number }[], tokens: number, dim: number): Float32Array {
  if (parts.length === 1) return parts[0].data;
  const out = new Float32Array(tokens * dim);
  let at = 0;
  for (const p of parts) {
    for (let t = 0; t < tokens; t++) out.set(p.data.subarray(t * p.dim, (t + 1) * p.dim), t * dim + at);
    at += p.dim;
  }
  return out;
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
      `${network.name} has no output ${name}, which Stable Diffusion XL needs (it has ${network.outputs.map((o) => o.name).join(', ')})`,
    );
  return name;
}
