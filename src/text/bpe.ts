/**
 * Byte-pair encoding (Sennrich et al. 2016, arXiv 1508.07909) over bytes, as CLIP's published code has it: every byte has a printable character,
 * the last one of a word carries `</w>`, and pairs are merged in the order in which they were learnt.
 */

export const WORD_END = '</w>';

/** The printable character of each byte: itself where Latin-1 has a visible one, those from U+0100 on for the others. */
export const BYTE_CHARACTERS: readonly string[] = byteCharacters();

function byteCharacters(): string[] {
  const visible = (byte: number) => (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xff && byte !== 0xad);
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(visible(byte) ? byte : next++));
}

/** The bytes in the order of CLIP's vocabulary: the visible ones first. */
export const BYTE_ORDER: readonly number[] = [
  ...Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => BYTE_CHARACTERS[byte].charCodeAt(0) < 0x100),
  ...Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => BYTE_CHARACTERS[byte].charCodeAt(0) >= 0x100),
];

/**
 * What cuts a cleaned text into what byte pairs are merged within: contractions, runs of letters, single digits, runs of the rest (openai/CLIP,
 * simple_tokenizer.py), and before all these the marks of start and end where they are written out.
 */
export function pieceFinder(marks: readonly string[]): (text: string) => string[] {
  const literal = marks.map((mark) => `${mark.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}|`).join('');
  const piece = new RegExp(`${literal}'s|'t|'re|'ve|'m|'ll|'d|\\p{L}+|\\p{N}|[^\\s\\p{L}\\p{N}]+`, 'giu');
  return (text) => text.match(piece) ?? [];
}

/** A piece as its bytes' characters, the last with the mark of a word's end. */
export function symbolsOf(piece: string): string[] {
  const symbols = Array.from(Buffer.from(piece, 'utf8'), (byte) => BYTE_CHARACTERS[byte]);
  symbols[symbols.length - 1] += WORD_END;
  return symbols;
}

/** Merges by pair: the order in which they were learnt and the id of what they make. */
export interface Merge {
  rank: number;
  id: number;
}

/** Pieces that are remembered with their ids. */
const CACHED = 1 << 15;

/** Words of at most these ids: a pair of ids is one number. */
const MOST_WORDS = 1 << 24;

/** Encodes pieces by learnt merges. */
export class BytePairs {
  private readonly cache = new Map<string, readonly number[]>();
  private readonly symbols: ReadonlyMap<string, number>;
  private readonly merges: ReadonlyMap<number, Merge>;

  /**
   * @param symbols id of each byte's character, with and without the mark of a word's end
   * @param merges by {@link pairOf} the ids of both parts
   */
  constructor(symbols: ReadonlyMap<string, number>, merges: ReadonlyMap<number, Merge>) {
    this.symbols = symbols;
    this.merges = merges;
  }

  static pairOf(left: number, right: number): number {
    return left * MOST_WORDS + right;
  }

  /** Ids of a piece that is not empty. */
  encode(piece: string): readonly number[] {
    const known = this.cache.get(piece);
    if (known) return known;
    const ids = this.merged(symbolsOf(piece).map((symbol) => this.symbols.get(symbol)!));
    if (piece.length < 64) {
      if (this.cache.size >= CACHED) this.cache.clear();
      this.cache.set(piece, ids);
    }
    return ids;
  }

  /** Merges the pair that was learnt first, the leftmost of equals, until none is left: n·log n for n symbols. */
  private merged(ids: number[]): number[] {
    const after = Int32Array.from(ids, (_, i) => i + 1);
    const before = Int32Array.from(ids, (_, i) => i - 1);
    const heap = new Heap();
    const offer = (left: number) => {
      const right = after[left];
      const merge = right < ids.length ? this.merges.get(BytePairs.pairOf(ids[left], ids[right])) : undefined;
      if (merge) heap.push(merge.rank, left);
    };
    for (let i = 0; i + 1 < ids.length; i++) offer(i);
    for (let top = heap.pop(); top; top = heap.pop()) {
      const [rank, left] = top;
      const right = after[left];
      // What stood there when it was offered may have been merged meanwhile.
      if (ids[left] < 0 || right >= ids.length) continue;
      const merge = this.merges.get(BytePairs.pairOf(ids[left], ids[right]));
      if (merge?.rank !== rank) continue;
      ids[left] = merge.id;
      ids[right] = -1;
      after[left] = after[right];
      if (after[right] < ids.length) before[after[right]] = left;
      if (before[left] >= 0) offer(before[left]);
      offer(left);
    }
    return ids.filter((id) => id >= 0);
  }
}

/** The least (rank, place) first. */
class Heap {
  private readonly items: [rank: number, at: number][] = [];

  push(rank: number, at: number): void {
    const { items } = this;
    let i = items.push([rank, at]) - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!this.less(i, parent)) break;
      this.swap(i, parent);
      i = parent;
    }
  }

  pop(): [rank: number, at: number] | undefined {
    const { items } = this;
    if (items.length === 0) return undefined;
    this.swap(0, items.length - 1);
    const top = items.pop()!;
    for (let i = 0; ; ) {
      let least = i;
      for (const child of [2 * i + 1, 2 * i + 2]) if (child < items.length && this.less(child, least)) least = child;
      if (least === i) return top;
      this.swap(i, least);
      i = least;
    }
  }

  private less(i: number, j: number): boolean {
    const [a, b] = [this.items[i], this.items[j]];
    return a[0] < b[0] || (a[0] === b[0] && a[1] < b[1]);
  }

  private swap(i: number, j: number): void {
    [this.items[i], this.items[j]] = [this.items[j], this.items[i]];
  }
}
