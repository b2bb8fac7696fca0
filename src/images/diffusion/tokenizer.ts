import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Tokenizer as HfTokenizer } from '@huggingface/tokenizers';
import { UserError } from '../../errors.js';
import { type Config, numberOf, readConfig } from './folder.js';

/** A caption as a text encoder takes it: `length` token ids and 1 where a token is none of the padding. */
export interface Tokens {
  ids: number[];
  mask: number[];
}

const START = '<|startoftext|>';
const END = '<|endoftext|>';
/** How CLIP cuts a text before byte pairs are merged (openai/CLIP, simple_tokenizer.py): contractions, letters, single digits, the rest. */
const CLIP_PIECES = "'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+";

/** Text → token ids of a fixed length, by the files that Hugging Face's tokenisers are saved as. */
export class Tokenizer {
  private readonly inner: HfTokenizer;
  private readonly padding: number;
  /** Length that the tokeniser's own configuration names, if any. */
  readonly maxLength: number | undefined;

  private constructor(inner: HfTokenizer, padding: number, maxLength: number | undefined) {
    this.inner = inner;
    this.padding = padding;
    this.maxLength = maxLength;
  }

  /**
   * Reads `tokenizer.json`, or `vocab.json` and `merges.txt` as CLIP's older folders have them; padding and length from
   * `tokenizer_config.json` and `special_tokens_map.json`.
   * @throws UserError for files that cannot be read as a tokeniser
   */
  static async open(dir: string): Promise<Tokenizer> {
    const optional = async (file: string) => (existsSync(join(dir, file)) ? readConfig(join(dir, file)) : {});
    const config = { ...(await optional('special_tokens_map.json')), ...(await optional('tokenizer_config.json')) };
    const whole = existsSync(join(dir, 'tokenizer.json'));
    const json = whole ? await readConfig(join(dir, 'tokenizer.json')) : await clipTokenizer(dir);
    let inner: HfTokenizer;
    try {
      inner = new HfTokenizer(json, config);
    } catch (e) {
      throw new UserError(`${dir} holds a tokeniser that cannot be read: ${(e as Error).message}`);
    }
    // T5 and others write 1e30 for "no limit".
    const length = numberOf(config, 'model_max_length');
    return new Tokenizer(inner, paddingOf(inner, config, dir), length && length < 1e6 ? length : undefined);
  }

  /** Exactly `length` tokens: what is too long is cut off before the end token, what is too short is padded. */
  encode(text: string, length: number): Tokens {
    const bare = this.inner.encode(text, { add_special_tokens: false }).ids.length;
    const whole = this.inner.encode(text).ids;
    let ids = whole;
    if (whole.length > length) {
      // Special tokens stand before and behind the text; those behind are kept.
      const before = this.inner.encode('').ids.length > 1 ? 1 : 0;
      const behind = whole.slice(before + bare);
      ids = [...whole.slice(0, length - behind.length), ...behind];
    }
    const pad = length - ids.length;
    return {
      ids: [...ids, ...new Array<number>(pad).fill(this.padding)],
      mask: [...new Array<number>(ids.length).fill(1), ...new Array<number>(pad).fill(0)],
    };
  }
}

/** Id of the token that fills up: `!` in SD 2 and SDXL's second tokeniser, the end token in SD 1. */
function paddingOf(inner: HfTokenizer, config: Config, dir: string): number {
  const named = config.pad_token;
  const token = typeof named === 'object' && named !== null ? (named as { content?: unknown }).content : named;
  const content = typeof token === 'string' ? token : END;
  // A word of one character is stored with CLIP's end-of-word mark as well; the padding is the one without.
  const id = inner.token_to_id(content);
  if (id === undefined) throw new UserError(`${dir}: its padding token ${content} is not in its vocabulary`);
  return id;
}

/** CLIP's tokeniser in the form of a tokenizer.json, from `vocab.json` and `merges.txt`. */
async function clipTokenizer(dir: string): Promise<Config> {
  const vocab = await readConfig(join(dir, 'vocab.json'));
  const lines = (await readFile(join(dir, 'merges.txt'), 'utf8')).split(/\r?\n/);
  const merges = lines.filter((l, i) => l !== '' && !(i === 0 && l.startsWith('#version')));
  const special = [START, END].map((content) => {
    const id = vocab[content];
    if (typeof id !== 'number')
      throw new UserError(
        `${join(dir, 'vocab.json')} has no ${content}: without a tokenizer.json only CLIP's vocabulary is read`,
      );
    return { id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
  });
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: special,
    normalizer: {
      type: 'Sequence',
      normalizers: [
        { type: 'NFC' },
        { type: 'Replace', pattern: { Regex: '\\s+' }, content: ' ' },
        { type: 'Lowercase' },
      ],
    },
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        { type: 'Split', pattern: { Regex: CLIP_PIECES }, behavior: 'Removed', invert: true },
        { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
      ],
    },
    post_processor: {
      type: 'RobertaProcessing',
      sep: [END, vocab[END]],
      cls: [START, vocab[START]],
      trim_offsets: false,
      add_prefix_space: false,
    },
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: END,
      continuing_subword_prefix: '',
      end_of_word_suffix: '</w>',
      fuse_unk: false,
      byte_fallback: false,
      vocab,
      merges,
    },
  };
}
