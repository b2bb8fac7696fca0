import { join } from 'node:path';
import { z } from 'zod';
import { readJsonAs } from '../formats/json.js';
import { readSafetensors } from '../formats/safetensors.js';
import { openTokenizer } from './tokenizer.js';

const stringsForm = z.array(z.looseObject({ text: z.string(), ids: z.array(z.int()) }));

/** How a vocabulary does on recorded texts. */
export interface TokenizerVerdict {
  /** Texts whose ids are the recorded ones, of how many. */
  agree: number;
  of: number;
  /** Whether the padded and cut rows are the recorded ones, where there are any. */
  rows: boolean | undefined;
  /** The first text that is off. */
  first?: string;
}

/**
 * Compares ids with those of a case: `strings.json` (texts with their ids, whole), and `ids` of `expected.safetensors` ([texts, context], padded).
 * @throws UserError where the vocabulary or the case cannot be read
 */
export async function verifyTokenizer(dir: string, vocabulary: string): Promise<TokenizerVerdict> {
  const tokenizer = await openTokenizer(vocabulary);
  const strings = await readJsonAs(join(dir, 'strings.json'), stringsForm);
  const off = strings.filter(({ text, ids }) => tokenizer.encode(text).join() !== ids.join());
  const { tensors } = await readSafetensors(join(dir, 'expected.safetensors'));
  const recorded = tensors.get('ids');
  const context = recorded?.shape.at(-1);
  const texts = strings.map(({ text }) => text);
  const rows = recorded && tokenizer.tokens(texts, context!).ids.join() === (recorded.data as BigInt64Array).join();
  return { agree: strings.length - off.length, of: strings.length, rows, ...(off[0] && { first: off[0].text }) };
}
