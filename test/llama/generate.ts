import { Rng } from '../../src/rng.js';
import { type ReferenceLlama, softmax } from './reference.js';
import { BOS, EOS, type LlamaTokenizer } from './tokenizer.js';

export interface Sampling {
  /** 0 is greedy. */
  temperature: number;
  /** The fewest tokens whose probabilities reach it are drawn from; 1 draws from all. */
  topP: number;
  seed: number;
  maxTokens: number;
  /** A text that ends the generation and is left out. */
  stop?: readonly string[];
}

export interface Generated {
  text: string;
  tokens: number[];
  /** `stop` if a stop text or EOS came, `length` if the tokens ran out. */
  finish: 'stop' | 'length';
}

/** Continues `prompt` (a text or its tokens without BOS) token by token. The same sampling of the same prompt always gives the same text. */
export function generate(
  model: ReferenceLlama,
  tokenizer: LlamaTokenizer,
  prompt: string | readonly number[],
  sampling: Sampling,
): Generated {
  const given = [BOS, ...(typeof prompt === 'string' ? tokenizer.encode(prompt) : prompt)];
  const rng = Rng.of(sampling.seed, 'llama');
  const tokens: number[] = [];
  while (tokens.length < sampling.maxTokens) {
    const token = draw(model.logits([...given, ...tokens]), sampling, rng);
    if (token === EOS) return { text: tokenizer.decode(tokens), tokens, finish: 'stop' };
    tokens.push(token);
    const text = tokenizer.decode(tokens);
    const cuts = (sampling.stop ?? []).map((stop) => text.indexOf(stop)).filter((at) => at >= 0);
    if (cuts.length > 0) return { text: text.slice(0, Math.min(...cuts)), tokens, finish: 'stop' };
  }
  return { text: tokenizer.decode(tokens), tokens, finish: 'length' };
}

/** The token of the highest logit, or one drawn by temperature, then top-p. */
function draw(logits: Float64Array, { temperature, topP }: Sampling, rng: Rng): number {
  if (temperature === 0) return logits.indexOf(Math.max(...logits));
  const probabilities = softmax(logits.map((l) => l / temperature));
  const order = Array.from(probabilities, (_, i) => i).sort((a, b) => probabilities[b] - probabilities[a]);
  let kept = 0;
  let sum = 0;
  while (kept < order.length && sum < topP) sum += probabilities[order[kept++]];
  let left = rng.uniform() * sum;
  for (const token of order.slice(0, kept)) {
    left -= probabilities[token];
    if (left < 0) return token;
  }
  return order[kept - 1];
}
