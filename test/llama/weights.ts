import { readFileSync } from 'node:fs';

/** Sizes of a Llama-2-shaped model. */
export interface LlamaShape {
  dim: number;
  /** Width of the feed-forward block. */
  hidden: number;
  layers: number;
  heads: number;
  /** Key and value heads, each shared by heads / kvHeads query heads. */
  kvHeads: number;
  vocab: number;
  /** Positions that the model was trained on. */
  context: number;
}

/** One block; matrices are [outputs, inputs], row by row. */
export interface LlamaLayer {
  /** [dim] */
  attentionNorm: Float32Array;
  /** [dim, dim]; rows of a head stand as RoPE rotates them: neighbours are a pair. */
  query: Float32Array;
  /** [kvHeads · dim / heads, dim], like the query. */
  key: Float32Array;
  /** [kvHeads · dim / heads, dim] */
  value: Float32Array;
  /** [dim, dim] */
  out: Float32Array;
  /** [dim] */
  feedNorm: Float32Array;
  /** [hidden, dim] */
  gate: Float32Array;
  /** [hidden, dim] */
  up: Float32Array;
  /** [dim, hidden] */
  down: Float32Array;
}

export interface LlamaWeights {
  shape: LlamaShape;
  /** [vocab, dim] */
  embedding: Float32Array;
  layers: LlamaLayer[];
  /** [dim] */
  norm: Float32Array;
  /** [vocab, dim]; the embedding again where the file says that they are shared. */
  classifier: Float32Array;
}

/**
 * Reads a llama2.c checkpoint (github.com/karpathy/llama2.c, version 0): seven int32 (dim, hidden, layers, heads, kv heads, vocabulary,
 * positions), then float32 weights kind by kind, each kind for all layers. A negative vocabulary says that the classifier is its own matrix.
 */
export function readLlama(file: string): LlamaWeights {
  const bytes = readFileSync(file);
  const [dim, hidden, layers, heads, kvHeads, signedVocab, context] = Array.from({ length: 7 }, (_, i) =>
    bytes.readInt32LE(4 * i),
  );
  const vocab = Math.abs(signedVocab);
  const kv = (dim / heads) * kvHeads;
  const floats = new Float32Array(new Uint8Array(bytes.subarray(28)).buffer);
  let at = 0;
  const take = (length: number) => floats.subarray(at, (at += length));
  const each = (length: number) => Array.from({ length: layers }, () => take(length));

  const embedding = take(vocab * dim);
  const attentionNorm = each(dim);
  const query = each(dim * dim);
  const key = each(kv * dim);
  const value = each(kv * dim);
  const out = each(dim * dim);
  const feedNorm = each(dim);
  const gate = each(hidden * dim);
  const down = each(dim * hidden);
  const up = each(hidden * dim);
  const norm = take(dim);
  // Tables of RoPE's cosines and sines, which nobody reads any more.
  take(context * (dim / heads));
  const classifier = signedVocab > 0 ? embedding : take(vocab * dim);
  if (at !== floats.length) throw new Error(`${file}: ${floats.length} floats, its header asks for ${at}`);

  return {
    shape: { dim, hidden, layers, heads, kvHeads, vocab, context },
    embedding,
    layers: attentionNorm.map((_, i) => ({
      attentionNorm: attentionNorm[i],
      query: query[i],
      key: key[i],
      value: value[i],
      out: out[i],
      feedNorm: feedNorm[i],
      gate: gate[i],
      up: up[i],
      down: down[i],
    })),
    norm,
    classifier,
  };
}
