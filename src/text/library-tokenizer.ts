import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Tokenizer as HfTokenizer } from '@huggingface/tokenizers';
import { UserError } from '../errors.js';
import { isObject, readJson } from '../formats/json.js';
import { LONGEST_TEXT, rowsOf, type Tokenizer, type TokenRows } from './tokenizer.js';

/**
 * A tokenizer.json that is not of CLIP's kind, run by Hugging Face's library: it says itself how texts are cleaned, cut and ended. What fills up
 * is named by the `tokenizer_config.json` or `special_tokens_map.json` beside it, else the end token does.
 * @throws UserError where the library does not read it
 */
export async function openLibraryTokenizer(json: unknown, path: string): Promise<Tokenizer> {
  const beside = async (name: string) => {
    const file = join(dirname(path), name);
    const value = existsSync(file) ? await readJson(file) : {};
    return isObject(value) ? value : {};
  };
  const config = { ...(await beside('special_tokens_map.json')), ...(await beside('tokenizer_config.json')) };
  const inner = attempt(path, () => new HfTokenizer(json as object, config));
  const whole = attempt(path, () => inner.encode('a photo of 2 cats').ids);
  const bare = attempt(path, () => inner.encode('a photo of 2 cats', { add_special_tokens: false }).ids);
  const before = whole.length > bare.length && whole[0] !== bare[0] ? whole.slice(0, 1) : [];
  const named = config.eos_token ?? config.sep_token;
  const end = whole.length > bare.length + before.length ? whole.at(-1)! : idOf(inner, named);
  if (end === undefined) throw new UserError(`${path}: neither its processor nor eos_token says how a text ends`);
  const pad = idOf(inner, config.pad_token) ?? end;
  let vocabulary = Math.max(end, pad) + 1;
  for (const id of inner.get_vocab(true).values()) vocabulary = Math.max(vocabulary, id + 1);
  const encode = (text: string): number[] =>
    attempt(path, () => inner.encode(text.slice(0, LONGEST_TEXT), { add_special_tokens: false }).ids);
  return {
    vocabulary,
    path,
    encode,
    tokens: (texts, context): TokenRows =>
      rowsOf(
        texts.map((text) => [...before, ...encode(text)]),
        { context, end, pad },
      ),
  };
}

function idOf(inner: HfTokenizer, token: unknown): number | undefined {
  const content = isObject(token) ? token.content : token;
  return typeof content === 'string' ? inner.token_to_id(content) : undefined;
}

function attempt<T>(path: string, make: () => T): T {
  try {
    return make();
  } catch (e) {
    throw new UserError(`${path}: no tokeniser that can be read: ${(e as Error).message.split('\n')[0].slice(0, 200)}`);
  }
}
