import { readFileSync } from 'node:fs';

export const UNKNOWN = 0;
export const BOS = 1;
export const EOS = 2;
/** Tokens 3 … 258 are the 256 bytes, for what no piece covers. */
export const FIRST_BYTE = 3;

/** A sentencepiece vocabulary with byte-pair merges, as llama2.c keeps it: a blank stands for sentencepiece's U+2581. */
export class LlamaTokenizer {
  readonly pieces: readonly string[];
  /** The higher, the earlier a pair that makes this piece is merged. */
  readonly scores: readonly number[];
  private readonly ids: ReadonlyMap<string, number>;

  private constructor(pieces: string[], scores: number[]) {
    this.pieces = pieces;
    this.scores = scores;
    // From the end, so that the first of equal pieces wins; unknown, BOS, EOS and bytes are never pieces of a text.
    this.ids = new Map(
      pieces
        .map((piece, id): [string, number] => [piece, id])
        .slice(FIRST_BYTE + 256)
        .reverse(),
    );
  }

  /** Reads llama2.c's tokenizer.bin: the longest piece as int32, then per token a float32 score, an int32 length and its bytes. */
  static read(file: string): LlamaTokenizer {
    const bytes = readFileSync(file);
    const pieces: string[] = [];
    const scores: number[] = [];
    for (let at = 4; at < bytes.length; ) {
      scores.push(bytes.readFloatLE(at));
      const length = bytes.readInt32LE(at + 4);
      pieces.push(bytes.toString('utf8', at + 8, at + 8 + length));
      at += 8 + length;
    }
    return new LlamaTokenizer(pieces, scores);
  }

  /** Tokens of a text, without BOS: a blank in front, then the best-scored neighbours merged until none can be. */
  encode(text: string): number[] {
    if (text === '') return [];
    const parts: { id: number; piece: string }[] = [];
    for (const char of ` ${text}`) {
      const id = this.ids.get(char);
      if (id !== undefined) parts.push({ id, piece: char });
      // A byte is not merged: its piece ends in what no piece holds.
      else for (const byte of Buffer.from(char)) parts.push({ id: FIRST_BYTE + byte, piece: '\0' });
    }
    for (;;) {
      let best = -1;
      let merged: { id: number; piece: string } | undefined;
      for (let i = 0; i + 1 < parts.length; i++) {
        const piece = parts[i].piece + parts[i + 1].piece;
        const id = this.ids.get(piece);
        if (id !== undefined && (!merged || this.scores[id] > this.scores[merged.id])) {
          best = i;
          merged = { id, piece };
        }
      }
      if (!merged) return parts.map((p) => p.id);
      parts.splice(best, 2, merged);
    }
  }

  /** Text of tokens; BOS and EOS have none. */
  decode(tokens: readonly number[]): string {
    const chunks = tokens.map((id) => {
      if (id === BOS || id === EOS) return Buffer.alloc(0);
      if (id >= FIRST_BYTE && id < FIRST_BYTE + 256) return Buffer.from([id - FIRST_BYTE]);
      return Buffer.from(this.pieces[id]);
    });
    return Buffer.concat(chunks).toString('utf8');
  }
}
