import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { LlamaTokenizer } from './tokenizer.js';
import { type LlamaWeights, readLlama } from './weights.js';

/** Where the real tiny model lies: `$SYNCLR_DATA/weights/llama260k`. */
export const LLAMA_DIR = resolve(
  import.meta.dirname,
  '../..',
  process.env.SYNCLR_DATA ?? '../shared/data',
  'weights/llama260k',
);

/** Whether the model is there; if not, one line says so. */
export function haveLlama(test: string): boolean {
  const there = existsSync(join(LLAMA_DIR, 'stories260K.bin'));
  if (!there)
    console.log(`${test}: no language model in ${LLAMA_DIR} (SYNCLR_DATA names another folder): not run against one`);
  return there;
}

export function loadLlama(dir = LLAMA_DIR): { weights: LlamaWeights; tokenizer: LlamaTokenizer } {
  return {
    weights: readLlama(join(dir, 'stories260K.bin')),
    tokenizer: LlamaTokenizer.read(join(dir, 'tok512.bin')),
  };
}
