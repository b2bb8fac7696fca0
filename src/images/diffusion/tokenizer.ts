import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Tokenizer as HfTokenizer } from '@huggingface/tokenizers';
import { UserError } from '../../errors.js';
import { readText } from '../../formats/json.js';
import { type Config, readConfig } from './folder.js';

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

  private readonly dir: string;

  private constructor(inner: HfTokenizer, dir: string, padding: number, maxLength: number | undefined) {
    this.inner = inner;
    this.dir = dir;
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
    const whole = join(dir, 'tokenizer.json');
    let json: Config;
    if (existsSync(whole)) {
      json = await readConfig(whole);
      checkVocabulary(json, whole);
    } else json = await clipTokenizer(dir);
    const unreadable = (e: unknown) =>
      new UserError(
        `${dir} holds a tokeniser that cannot be read: ${(e as Error).message.split('\n')[0].slice(0, 200)}`,
      );
    let inner: HfTokenizer;
    try {
      inner = new HfTokenizer(json, config);
    } catch (e) {
      throw unreadable(e);
    }
    const length = lengthIn(config, join(dir, 'tokenizer_config.json'));
    const tokenizer = new Tokenizer(inner, dir, paddingOf(inner, config, dir), length);
    try {
      tokenizer.encode('A photo of 2 cats, été.', length ?? 77);
    } catch (e) {
      throw e instanceof UserError ? e : unreadable(e);
    }
    return tokenizer;
  }

  /**
   * Exactly `length` tokens: what is too long is cut off before the end token, what is too short is padded.
   * @throws UserError where that leaves no room for a text
   */
  encode(text: string, length: number): Tokens {
    const bare = this.inner.encode(text, { add_special_tokens: false }).ids.length;
    const whole = this.inner.encode(text).ids;
    const odd = whole.find((id: unknown) => !isId(id));
    if (odd !== undefined) throw new UserError(`${this.dir}: its tokeniser gives ${String(odd)}, which is no token id`);
    let ids = whole;
    if (whole.length > length) {
      // Special tokens stand before and behind the text; those behind are kept.
      const before = this.inner.encode('').ids.length > 1 ? 1 : 0;
      const behind = whole.slice(before + bare);
      if (behind.length >= length)
        throw new UserError(
          `${this.dir}: of ${length} tokens ${behind.length} are its end marks: no text has room there`,
        );
      ids = [...whole.slice(0, length - behind.length), ...behind];
    }
    const pad = length - ids.length;
    return {
      ids: [...ids, ...new Array<number>(pad).fill(this.padding)],
      mask: [...new Array<number>(ids.length).fill(1), ...new Array<number>(pad).fill(0)],
    };
  }
}

/** Ids beyond this are no vocabulary's: the largest have a million tokens. */
const MOST_ID = 1e8;
const isId = (x: unknown): x is number => Number.isInteger(x) && (x as number) >= 0 && (x as number) <= MOST_ID;
const shown = (x: unknown): string => String(JSON.stringify(x)).slice(0, 60);

/** `model_max_length`; T5 and others write 1e30 for "no limit". */
function lengthIn(config: Config, file: string): number | undefined {
  const length = config.model_max_length ?? undefined;
  if (length === undefined) return undefined;
  if (typeof length !== 'number' || !(length >= 1) || (length < 1e6 && !Number.isInteger(length)))
    throw new UserError(`${file}: model_max_length: ${shown(length)} is not an integer of 1 or more`);
  return length < 1e6 ? length : undefined;
}

/**
 * Ids are rows of the text encoder's table: an id that is none, or of two tokens, would paint something else without a word.
 * @throws UserError naming file, token and id
 */
function checkIds(entries: Iterable<readonly [unknown, unknown]>, file: string, where: string): Map<number, string> {
  const byId = new Map<number, string>();
  for (const [token, id] of entries) {
    if (typeof token !== 'string') throw new UserError(`${file}: ${where}: ${shown(token)} is no token`);
    if (!isId(id)) throw new UserError(`${file}: ${where}: ${shown(id)} of ${shown(token)} is no token id`);
    const other = byId.get(id);
    if (other !== undefined && other !== token)
      throw new UserError(`${file}: ${where}: ${shown(other)} and ${shown(token)} have the same id, ${id}`);
    byId.set(id, token);
  }
  return byId;
}

/** @throws UserError where the vocabulary, merges or added tokens of a `tokenizer.json` are not of their form */
function checkVocabulary(json: Config, file: string): void {
  const model = json.model;
  if (typeof model !== 'object' || model === null) throw new UserError(`${file}: model: no tokeniser without one`);
  const { vocab, merges } = model as Config;
  let words: Map<number, string>;
  if (Array.isArray(vocab)) {
    // Unigram's pairs of a token and its score; the place is the id.
    const wrong = vocab.findIndex((v) => !Array.isArray(v) || typeof v[0] !== 'string' || !Number.isFinite(v[1]));
    if (wrong >= 0)
      throw new UserError(`${file}: model.vocab.${wrong}: ${shown(vocab[wrong])} is no token with its score`);
    words = new Map(vocab.map((v, id) => [id, v[0] as string]));
  } else if (typeof vocab === 'object' && vocab !== null) words = checkIds(Object.entries(vocab), file, 'model.vocab');
  else throw new UserError(`${file}: model.vocab: ${shown(vocab)} is no vocabulary`);
  if (words.size === 0) throw new UserError(`${file}: model.vocab: it is empty`);
  if (merges !== undefined && merges !== null) checkMerges(merges, file);
  const added = json.added_tokens ?? [];
  if (!Array.isArray(added)) throw new UserError(`${file}: added_tokens: ${shown(added)} is no list`);
  const objects = added.map((t) => (typeof t === 'object' && t !== null ? (t as Config) : {}));
  const more = checkIds(
    objects.map((t) => [t.content, t.id] as const),
    file,
    'added_tokens',
  );
  for (const [id, token] of more) {
    const before = words.get(id);
    if (before !== undefined && before !== token)
      throw new UserError(`${file}: added_tokens: ${shown(token)} has the id of ${shown(before)}, ${id}`);
  }
}

/** Pairs of pieces, `a b` or `[a, b]`. */
function checkMerges(merges: unknown, file: string): void {
  if (!Array.isArray(merges)) throw new UserError(`${file}: model.merges: ${shown(merges)} is no list`);
  const isPair = (m: unknown) =>
    typeof m === 'string'
      ? /^\S+ \S+$/u.test(m)
      : Array.isArray(m) && m.length === 2 && m.every((piece) => typeof piece === 'string');
  const wrong = merges.findIndex((m) => !isPair(m));
  if (wrong >= 0) throw new UserError(`${file}: model.merges.${wrong}: ${shown(merges[wrong])} is no pair of pieces`);
}

/** Id of the token that fills up: `!` in SD 2 and SDXL's second tokeniser, the end token in SD 1. */
function paddingOf(inner: HfTokenizer, config: Config, dir: string): number {
  const named = config.pad_token;
  const token = typeof named === 'object' && named !== null ? (named as { content?: unknown }).content : named;
  const content = typeof token === 'string' ? token : END;
  // A word of one character is stored with CLIP's end-of-word mark as well; the padding is the one without.
  const id = inner.token_to_id(content);
  if (!isId(id)) throw new UserError(`${dir}: its padding token ${content} is not in its vocabulary`);
  return id;
}

/** CLIP's tokeniser in the form of a tokenizer.json, from `vocab.json` and `merges.txt`. */
async function clipTokenizer(dir: string): Promise<Config> {
  const vocabFile = join(dir, 'vocab.json');
  const mergesFile = join(dir, 'merges.txt');
  const vocab = await readConfig(vocabFile);
  checkIds(Object.entries(vocab), vocabFile, 'vocabulary');
  const lines = (await readText(mergesFile)).split(/\r?\n/);
  const merges = lines.filter((l, i) => l !== '' && !(i === 0 && l.startsWith('#version')));
  checkMerges(merges, mergesFile);
  const special = [START, END].map((content) => {
    const id = vocab[content];
    if (typeof id !== 'number')
      throw new UserError(`${vocabFile} has no ${content}: without a tokenizer.json only CLIP's vocabulary is read`);
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
