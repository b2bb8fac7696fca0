import type { Usage } from '../language-model.js';

/**
 * The tokens of several prompts in one request. Most servers count them all; llama.cpp says what the first took, and others say the whole
 * with each answer: which it is shows in what so many letters usually take.
 * @param usage as the server says it
 * @param expected tokens of all prompts together, about
 */
export function plausibleUsage(usage: Usage, prompts: number, expected: number): Usage {
  if (prompts === 1 || usage.promptTokens === 0) return usage;
  const off = (factor: number) => Math.abs(Math.log((factor * usage.promptTokens) / expected));
  const factor = [1, prompts, 1 / prompts].reduce((best, f) => (off(f) < off(best) ? f : best));
  return {
    promptTokens: Math.round(factor * usage.promptTokens),
    completionTokens: Math.round(factor * usage.completionTokens),
  };
}
