import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { UserError } from '../errors.js';
import { DamagedFile } from '../formats/damaged.js';
import { decodeText, isObject, readJson, readText } from '../formats/json.js';
import { requirePlainFile } from '../formats/plain-file.js';
import { BYTE_CHARACTERS, BYTE_ORDER, BytePairs, type Merge, WORD_END } from './bpe.js';

/** A byte-pair vocabulary as it was read. */
export interface Vocabulary {
  /** Words with all marks: ids are below this. */
  size: number;
  start: number;
  end: number;
  /** Id that fills a text up. */
  pad: number;
  /** How start and end are written out in a text. */
  marks: ReadonlyMap<string, number>;
  pairs: BytePairs;
  /** Its merges, where ids follow from them as in CLIP's published file. */
  merges?: readonly string[];
}

/** Merges that CLIP's models know of the published file, which goes on with as many as were ever learnt (49152 − 256 − 2). */
const CLIP_MERGES = 48_894;
/** Bytes of the published file unpacked: 3.2 million. A file that becomes larger is something else. */
const MOST_BYTES = 64 << 20;
/** Most merges of any vocabulary that is read. */
const MOST_MERGES = 1_000_000;

/** Names that start and end have in a text: open_clip's, and those of OpenAI's code and Hugging Face's files. */
const OPEN_CLIP = ['<start_of_text>', '<end_of_text>'] as const;
const OPENAI = ['<|startoftext|>', '<|endoftext|>'] as const;

/** How the number of merges stands in the first line of a file that is ours. */
const COUNT = /\bmerges: (\d+)\b/;

/**
 * Reads CLIP's published vocabulary, `bpe_simple_vocab_16e6.txt`, packed (.gz) or not, or one that we learnt and wrote in its form: a first
 * line, then a merge a line. Ids: the bytes, the bytes at a word's end, the merges, start, end.
 * @throws UserError or DamagedFile, one line: file, line, what is wrong
 */
export async function readMergeList(path: string): Promise<Vocabulary> {
  const text = await unpacked(path);
  const lines = text.split('\n');
  const header = lines[0];
  if (!/#version: 0\.2\b/.test(header))
    throw new UserError(
      `${path}: its first line is not that of a byte-pair vocabulary (#version: 0.2): CLIP's is bpe_simple_vocab_16e6.txt.gz`,
    );
  const counted = COUNT.exec(header);
  const count = counted ? Number(counted[1]) : CLIP_MERGES;
  const merges = lines.slice(1, count + 1);
  // The last line of a file that is cut off may be half a merge: none follows it.
  if (merges.length < count || (lines.length === count + 1 && text.length > 0) || count > MOST_MERGES)
    throw new DamagedFile(`${path}: cut off: ${Math.max(0, lines.length - 2)} of ${count} merges are there`);
  return vocabularyOfMerges(merges, (i) => `${path}: line ${i + 2}`);
}

/**
 * The vocabulary of a list of merges. Ids: the bytes, the bytes at a word's end, the merges, start, end.
 * @param where names a merge in messages
 */
export function vocabularyOfMerges(merges: readonly string[], where: (i: number) => string): Vocabulary {
  const symbols = new Map<string, number>();
  for (const end of ['', WORD_END])
    for (const byte of BYTE_ORDER) symbols.set(BYTE_CHARACTERS[byte] + end, symbols.size);
  const words = new Map(symbols);
  const pairs = readMerges(merges, words, where, (word) => {
    const id = words.size;
    words.set(word, id);
    return id;
  });
  const start = symbols.size + merges.length;
  const marks = new Map([[OPEN_CLIP[0], start] as const, [OPEN_CLIP[1], start + 1] as const]);
  return { size: start + 2, start, end: start + 1, pad: 0, merges, marks, pairs: new BytePairs(symbols, pairs) };
}

async function unpacked(path: string): Promise<string> {
  const { size } = await requirePlainFile(path);
  if (size > MOST_BYTES) throw new UserError(`${path}: ${size} bytes are too many for a vocabulary`);
  const bytes = await readFile(path);
  const packed = bytes[0] === 0x1f && bytes[1] === 0x8b;
  if (!packed) {
    if (path.endsWith('.gz')) throw new DamagedFile(`${path}: not a gzip file, whatever its name says`);
    return decodeText(bytes, path);
  }
  let plain: Buffer;
  try {
    plain = await promisify(gunzip)(bytes, { maxOutputLength: MOST_BYTES });
  } catch (e) {
    const { code } = e as NodeJS.ErrnoException;
    if (code === 'ERR_BUFFER_TOO_LARGE')
      throw new UserError(`${path}: unpacks to more than ${MOST_BYTES >> 20} MiB: no vocabulary is that large`);
    const what = code === 'Z_BUF_ERROR' ? 'cut off' : 'damaged';
    throw new DamagedFile(`${path}: ${what}: it does not unpack (${code ?? (e as Error).message})`);
  }
  return decodeText(plain, path);
}

/**
 * Merges by their parts' ids.
 * @param made gives the id of what a merge makes; undefined where there is none
 */
function readMerges(
  lines: readonly string[],
  words: ReadonlyMap<string, number>,
  where: (i: number) => string,
  made: (word: string) => number | undefined,
): Map<number, Merge> {
  const merges = new Map<number, Merge>();
  lines.forEach((line, rank) => {
    const parts = line.trimEnd().split(' ');
    if (parts.length !== 2 || parts.includes(''))
      throw new DamagedFile(`${where(rank)}: "${shown(line)}" is no pair of words`);
    const [left, right] = parts.map((part) => words.get(part));
    if (left === undefined || right === undefined)
      throw new DamagedFile(
        `${where(rank)}: merges "${shown(parts[left === undefined ? 0 : 1])}", which is no word before it`,
      );
    const pair = BytePairs.pairOf(left, right);
    if (merges.has(pair)) throw new DamagedFile(`${where(rank)}: merges "${shown(line)}" a second time`);
    const id = made(parts.join(''));
    if (id === undefined) throw new DamagedFile(`${where(rank)}: makes "${shown(parts.join(''))}", which has no id`);
    merges.set(pair, { rank, id });
  });
  return merges;
}

const shown = (text: string): string => (text.length > 40 ? `${text.slice(0, 40)}…` : text);

/**
 * Reads CLIP's vocabulary as Hugging Face's folders have it: words with their ids, and merges.
 * @param words `vocab.json`'s content, or `model.vocab` of a tokenizer.json
 * @param merges lines `a b`
 * @param extra ids of words that stand beside the vocabulary (`added_tokens`)
 */
export function vocabularyOf(
  words: unknown,
  merges: readonly string[],
  extra: ReadonlyMap<string, number>,
  names: { vocabulary: string; merges: (i: number) => string },
): Vocabulary {
  if (!isObject(words)) throw new DamagedFile(`${names.vocabulary}: no table of words with their ids`);
  const ids = new Map<string, number>();
  const seen = new Map<number, string>();
  for (const [word, id] of [...Object.entries(words), ...extra]) {
    if (!Number.isInteger(id) || (id as number) < 0 || (id as number) >= MOST_MERGES)
      throw new DamagedFile(`${names.vocabulary}: "${shown(word)}" has the id ${shown(String(id))}, which is none`);
    const other = seen.get(id as number);
    if (other !== undefined && other !== word)
      throw new DamagedFile(`${names.vocabulary}: "${shown(other)}" and "${shown(word)}" have the same id, ${id}`);
    ids.set(word, id as number);
    seen.set(id as number, word);
  }
  const symbols = new Map<string, number>();
  for (const character of BYTE_CHARACTERS)
    for (const symbol of [character, character + WORD_END]) {
      const id = ids.get(symbol);
      if (id === undefined)
        throw new DamagedFile(`${names.vocabulary}: lacks the byte "${symbol}": it is cut off, or not of CLIP's kind`);
      symbols.set(symbol, id);
    }
  const [start, end] = OPENAI.map((mark, i) => {
    const id = ids.get(mark) ?? ids.get(OPEN_CLIP[i]);
    if (id === undefined) throw new DamagedFile(`${names.vocabulary}: lacks ${mark}: it is cut off, or not CLIP's`);
    return id;
  });
  const size = [...ids.values()].reduce((a, b) => Math.max(a, b), 0) + 1;
  const pairs = readMerges(merges, ids, names.merges, (word) => ids.get(word));
  // A vocabulary of CLIP's kind is its bytes, a word a merge, start and end: fewer merges are a file that is cut off.
  const made = [...ids].filter(([word, id]) => !symbols.has(word) && !extra.has(word) && id !== start && id !== end);
  const expected = made.length;
  if (merges.length < expected)
    throw new DamagedFile(`${names.merges(merges.length)}: cut off: ${merges.length} merges for ${expected} words`);
  const marks = new Map<string, number>();
  for (const [i, id] of [start, end].entries()) for (const mark of [OPENAI[i], OPEN_CLIP[i]]) marks.set(mark, id);
  // In the published order a merge list says all of it.
  const inOrder =
    [...symbols].every(([symbol, id]) => id === orderOf(symbol)) &&
    merges.every((m, i) => ids.get(m.replace(' ', '')) === 2 * BYTE_ORDER.length + i) &&
    [start, end].every((id, i) => id === 2 * BYTE_ORDER.length + merges.length + i);
  return { size, start, end, pad: 0, ...(inOrder && { merges }), marks, pairs: new BytePairs(symbols, pairs) };
}

/** Where a byte's character is in the published order. */
function orderOf(symbol: string): number {
  const ends = symbol.endsWith(WORD_END);
  const place = BYTE_ORDER.findIndex(
    (byte) => BYTE_CHARACTERS[byte] === (ends ? symbol.slice(0, -WORD_END.length) : symbol),
  );
  return place + (ends ? BYTE_ORDER.length : 0);
}

/** Reads `vocab.json` and the `merges.txt` beside it. */
export async function readVocabularyPair(vocabulary: string, merges: string): Promise<Vocabulary> {
  const words = await readJson(vocabulary, MOST_BYTES);
  const lines = (await readText(merges, MOST_BYTES)).split(/\r?\n/);
  const first = lines[0].startsWith('#version') ? 1 : 0;
  while (lines.length > first && lines.at(-1) === '') lines.pop();
  return vocabularyOf(words, lines.slice(first), new Map(), {
    vocabulary,
    merges: (i) => `${merges}: line ${i + first + 1}`,
  });
}

/**
 * CLIP's vocabulary in a tokenizer.json; undefined where its model is of another kind, which the library that writes such files must read.
 * @param json the file's content
 */
export function vocabularyIn(json: unknown, path: string): Vocabulary | undefined {
  if (!isObject(json) || !isObject(json.model)) throw new DamagedFile(`${path}: no tokeniser: it has no model`);
  const { type, vocab, merges, end_of_word_suffix: suffix } = json.model;
  if (type !== 'BPE' || suffix !== WORD_END || !isObject(vocab) || !(OPENAI[1] in vocab || OPEN_CLIP[1] in vocab))
    return undefined;
  if (!Array.isArray(merges)) throw new DamagedFile(`${path}: model.merges: no list`);
  const lines = merges.map((m, i) => {
    if (typeof m === 'string') return m;
    if (Array.isArray(m) && m.length === 2) return m.join(' ');
    throw new DamagedFile(`${path}: model.merges.${i}: no pair of words`);
  });
  const added = Array.isArray(json.added_tokens) ? json.added_tokens.filter(isObject) : [];
  const extra = new Map(added.map((t) => [String(t.content), t.id as number]));
  return vocabularyOf(vocab, lines, extra, { vocabulary: path, merges: (i) => `${path}: model.merges.${i}` });
}
