import type { LlamaLayer, LlamaWeights } from './weights.js';

/** llama2.c's (and Llama 2's). */
const EPSILON = 1e-5;
const ROPE_BASE = 10_000;

/** What one sequence has seen: keys and values of each layer, [position, kvHeads · head]. */
interface Cache {
  keys: number[][];
  values: number[][];
}

/**
 * A Llama-2 forward pass in plain loops, one token after another: what the project's other ways to run the same weights are compared with.
 * Written from the papers (RMSNorm, RoPE on neighbouring pairs, grouped-query attention, SwiGLU), in double precision, sharing nothing with them.
 */
export class ReferenceLlama {
  readonly weights: LlamaWeights;
  private readonly tokens: number[] = [];
  private readonly caches: Cache[];

  constructor(weights: LlamaWeights) {
    this.weights = weights;
    this.caches = weights.layers.map(() => ({ keys: [], values: [] }));
  }

  /**
   * Logits [vocab] of what follows `tokens`. What the last call's tokens and these begin with alike is not computed again, unless
   * it is the whole.
   */
  logits(tokens: readonly number[]): Float64Array {
    let same = 0;
    while (same < this.tokens.length && same < tokens.length - 1 && this.tokens[same] === tokens[same]) same++;
    this.tokens.length = same;
    for (const cache of this.caches) {
      cache.keys.length = same;
      cache.values.length = same;
    }
    let x: number[] = [];
    for (const token of tokens.slice(same)) x = this.step(token);
    const { classifier, norm, shape } = this.weights;
    return Float64Array.from(multiply(classifier, rmsNorm(x, norm), shape.vocab));
  }

  /** The last layer's output [dim] at the next position, which holds `token`. */
  private step(token: number): number[] {
    const { embedding, layers, shape } = this.weights;
    const position = this.tokens.push(token) - 1;
    let x = Array.from(embedding.subarray(token * shape.dim, (token + 1) * shape.dim));
    for (const [i, layer] of layers.entries()) {
      x = add(x, this.attend(layer, this.caches[i], rmsNorm(x, layer.attentionNorm), position));
      const y = rmsNorm(x, layer.feedNorm);
      const gate = multiply(layer.gate, y, shape.hidden);
      const up = multiply(layer.up, y, shape.hidden);
      const inner = gate.map((g, j) => (g / (1 + Math.exp(-g))) * up[j]);
      x = add(x, multiply(layer.down, inner, shape.dim));
    }
    return x;
  }

  private attend(layer: LlamaLayer, cache: Cache, x: number[], position: number): number[] {
    const { dim, heads, kvHeads } = this.weights.shape;
    const size = dim / heads;
    const query = rotate(multiply(layer.query, x, dim), position, size);
    cache.keys.push(rotate(multiply(layer.key, x, kvHeads * size), position, size));
    cache.values.push(multiply(layer.value, x, kvHeads * size));
    const mixed = new Array<number>(dim).fill(0);
    for (let head = 0; head < heads; head++) {
      const from = Math.floor(head / (heads / kvHeads)) * size;
      const scores = cache.keys.map((key) => {
        let dot = 0;
        for (let j = 0; j < size; j++) dot += query[head * size + j] * key[from + j];
        return dot / Math.sqrt(size);
      });
      for (const [t, p] of softmax(scores).entries())
        for (let j = 0; j < size; j++) mixed[head * size + j] += p * cache.values[t][from + j];
    }
    return multiply(layer.out, mixed, dim);
  }
}

/** matrix [rows, x.length] · x → [rows] */
function multiply(matrix: Float32Array, x: readonly number[], rows: number): number[] {
  const out = new Array<number>(rows);
  for (let r = 0, at = 0; r < rows; r++) {
    let sum = 0;
    for (let j = 0; j < x.length; j++, at++) sum += matrix[at] * x[j];
    out[r] = sum;
  }
  return out;
}

function add(a: readonly number[], b: readonly number[]): number[] {
  return a.map((v, i) => v + b[i]);
}

function rmsNorm(x: readonly number[], weight: Float32Array): number[] {
  const scale = 1 / Math.sqrt(x.reduce((s, v) => s + v * v, 0) / x.length + EPSILON);
  return x.map((v, i) => v * scale * weight[i]);
}

/** RoPE: pair j of every head (of `size` values) is turned by position · base^(−2j / size). */
function rotate(x: number[], position: number, size: number): number[] {
  const out = new Array<number>(x.length);
  for (let i = 0; i < x.length; i += 2) {
    const angle = position * ROPE_BASE ** (-(i % size) / size);
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    out[i] = x[i] * cos - x[i + 1] * sin;
    out[i + 1] = x[i] * sin + x[i + 1] * cos;
  }
  return out;
}

/** Probabilities of scores. */
export function softmax(scores: ArrayLike<number>): number[] {
  let most = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < scores.length; i++) most = Math.max(most, scores[i]);
  const raised = Array.from(scores, (s) => Math.exp(s - most));
  const sum = raised.reduce((s, v) => s + v, 0);
  return raised.map((v) => v / sum);
}
