import type { Completion, Usage } from './language-model.js';

/** What a caption will be about, before anybody has written it. */
export interface Draw {
  /** Number of the caption in the corpus; with the run's seed it determines the draw. */
  id: number;
  /** Which of the paper's three templates (section 3.1): concept alone, with a background, or in a relation. */
  template: 'concept' | 'background' | 'relation';
  kind: 'object' | 'place' | 'texture';
  /** The concept's name as it stands in a sentence, e.g. `hammerhead shark`. */
  concept: string;
  /** Which bank and list it came from, e.g. `wordnet/animal`, `synclr/food101`, `file`. */
  source: string;
  /** WordNet synset id (`n02084071`) where known. */
  synset?: string;
  /** What sort of thing it is, as concepts/kinds.ts lists them, e.g. `river fish`; absent in records of other writers' making. */
  sort?: string;
  /** The end of the concept's name that says what it is, where that is not the whole: `office chair` of `Mesh Office Chair, Black`. */
  head?: string;
  /** What the embedded painter shall draw, where the list of concepts says so: a word that has a drawing, or a kind. */
  drawAs?: string;
  /** Template `background`: where it is, e.g. `mountain lake`. */
  background?: string;
  /** Template `relation`: in, on, next to, behind, in front of, over, under, above, below, besides. */
  relation?: string;
  /** Template `relation`: the other concept. */
  related?: string;
  /** What the other concept is: as for the concept itself. */
  relatedSynset?: string;
  relatedSort?: string;
  relatedHead?: string;
  relatedDrawAs?: string;
}

/** A draw without its background and its second thing. */
export function conceptAlone(draw: Draw): Draw {
  const { id, kind, concept, source, synset, sort, head, drawAs } = draw;
  return { id, template: 'concept', kind, concept, source, synset, sort, head, drawAs };
}

/** One line of a caption shard. */
export interface CaptionRecord extends Draw {
  caption: string;
  /** Kind of the writer, e.g. `embedded`, `openai`. */
  writer: string;
  /** Its model, of writers that have one. */
  writerModel?: string;
  /** Seed of the prompt and of the sampling, of a language model. */
  promptSeed?: number;
  /** Of captions of the user's own: number of the row that it stands in, from 0. */
  row?: number;
}

export interface WriteOptions {
  /** The run's seed. */
  seed: number;
  /** 0 at first; a draw whose caption was rejected is written again with the next one. */
  attempt: number;
  signal?: AbortSignal;
}

/** A caption writer (g1). Its randomness comes only from (seed, draw.id, attempt). */
export interface CaptionWriter {
  readonly name: string;
  /** Recorded with every caption. */
  readonly model?: string;
  /** Captions that it likes to have in hand at once; of a writer that waits for a server or a GPU. */
  readonly inFlight?: number;
  /** Of a server: what it says that it writes with. */
  readonly resolved?: Readonly<Record<string, unknown>>;
  /** Tokens so far, of a language model. */
  readonly usage?: Usage;
  /**
   * Raw text for each draw, in order; the caption is what `cleanCaption` finds in it.
   * @throws Interrupted when the signal is aborted
   */
  write(draws: readonly Draw[], options: WriteOptions): Promise<Completion[]>;
  /** What it heeds of a draw, and so what painters are told; absent: all of it. */
  heeds?(draw: Draw): Draw;
  /** Seed of the prompt and of the sampling, of a language model. */
  promptSeed?(draw: Draw, options: WriteOptions): number;
  close?(): Promise<void>;
}
