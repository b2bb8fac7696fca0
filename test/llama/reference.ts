import type { LlamaLayer, LlamaWeights } from './weights.js';

/** llama2.c's (and Llama 2's). */
const EPSILON = 1e-5;
const ROPE_BASE = 10_000;

/** What a layer keeps of one sequence: keys and values, [position, kvHeads · head]. */
interface Cache {
  keys: Float64Array[];
  values: Float64Array[];
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
   * Logits [vocab] of what follows `tokens`. What the last call's tokens and these begin with alike is not computed again, but for
   * the last token.
   */
  logits(tokens: readonly number[]): Float64Array {
    if (tokens.length === 0) throw new Error('internal: no token to go on from');
    let same = 0;
    while (same < this.tokens.length && same < tokens.length - 1 && this.tokens[same] === tokens[same]) same++;
    this.tokens.length = same;
    for (const cache of this.caches) {
      cache.keys.length = same;
      cache.values.length = same;
    }
    const { classifier, norm, shape } = this.weights;
    let x = new Float64Array(shape.dim);
    for (const token of tokens.slice(same)) x = this.step(token);
    return multiply(classifier, rmsNorm(x, norm), shape.vocab);
  }

  /** The last layer's output [dim] at the next position, which holds `token`. */
  private step(token: number): Float64Array<ArrayBuffer> {
    const { embedding, layers, shape } = this.weights;
    const position = this.tokens.push(token) - 1;
    const x = Float64Array.from(embedding.subarray(token * shape.dim, (token + 1) * shape.dim));
    for (const [i, layer] of layers.entries()) {
      add(x, this.attend(layer, this.caches[i], rmsNorm(x, layer.attentionNorm), position));
      const y = rmsNorm(x, layer.feedNorm);
      const inner = multiply(layer.gate, y, shape.hidden);
      const up = multiply(layer.up, y, shape.hidden);
      for (let j = 0; j < inner.length; j++) inner[j] *= up[j] / (1 + Math.exp(-inner[j]));
      add(x, multiply(layer.down, inner, shape.dim));
    }
    return x;
  }

  /** Output [dim] of the attention from `position` to all before it and itself. */
  private attend(layer: LlamaLayer, cache: Cache, x: Float64Array, position: number): Float64Array {
    const { dim, heads, kvHeads } = this.weights.shape;
    const size = dim / heads;
    const query = multiply(layer.query, x, dim);
    const key = multiply(layer.key, x, kvHeads * size);
    rotate(query, position, size);
    rotate(key, position, size);
    cache.keys.push(key);
    cache.values.push(multiply(layer.value, x, kvHeads * size));

    const mixed = new Float64Array(dim);
    const scores = new Float64Array(position + 1);
    for (let head = 0; head < heads; head++) {
      const from = Math.floor(head / (heads / kvHeads)) * size;
      const q = head * size;
      for (let t = 0; t <= position; t++) {
        const past = cache.keys[t];
        let dot = 0;
        for (let j = 0; j < size; j++) dot += query[q + j] * past[from + j];
        scores[t] = dot / Math.sqrt(size);
      }
      const weights = softmax(scores);
      for (let t = 0; t <= position; t++) {
        const past = cache.values[t];
        for (let j = 0; j < size; j++) mixed[q + j] += weights[t] * past[from + j];
      }
    }
    return multiply(layer.out, mixed, dim);
  }
}

/** matrix [rows, x.length] · x → [rows]; x.length divides by 4. */
function multiply(matrix: Float32Array, x: Float64Array, rows: number): Float64Array<ArrayBuffer> {
  const out = new Float64Array(rows);
  const n = x.length;
  // Four sums at a time: a processor adds to them at once, where one sum would wait for itself.
  for (let r = 0; r < rows; r++) {
    const row = r * n;
    let a = 0;
    let b = 0;
    let c = 0;
    let d = 0;
    for (let j = 0; j < n; j += 4) {
      a += matrix[row + j] * x[j];
      b += matrix[row + j + 1] * x[j + 1];
      c += matrix[row + j + 2] * x[j + 2];
      d += matrix[row + j + 3] * x[j + 3];
    }
    out[r] = a + b + (c + d);
  }
  return out;
}

/** to += from */
function add(to: Float64Array, from: Float64Array): void {
  for (let i = 0; i < to.length; i++) to[i] += from[i];
}

function rmsNorm(x: Float64Array, weight: Float32Array): Float64Array {
  let squares = 0;
  for (let i = 0; i < x.length; i++) squares += x[i] * x[i];
  const scale = 1 / Math.sqrt(squares / x.length + EPSILON);
  return x.map((v, i) => v * scale * weight[i]);
}

/** RoPE: pair j of every head (of `size` values) is turned by position · base^(−2j / size). */
function rotate(x: Float64Array, position: number, size: number): void {
  for (let i = 0; i < x.length; i += 2) {
    const angle = position * ROPE_BASE ** (-(i % size) / size);
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    const [even, odd] = [x[i], x[i + 1]];
    x[i] = even * cos - odd * sin;
    x[i + 1] = even * sin + odd * cos;
  }
}

/** Probabilities of scores. */
export function softmax(scores: Float64Array): Float64Array {
  let most = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < scores.length; i++) most = Math.max(most, scores[i]);
  const out = new Float64Array(scores.length);
  let sum = 0;
  for (let i = 0; i < scores.length; i++) sum += out[i] = Math.exp(scores[i] - most);
  for (let i = 0; i < scores.length; i++) out[i] /= sum;
  return out;
}
