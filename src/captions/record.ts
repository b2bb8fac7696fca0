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
  /** Template `background`: where it is, e.g. `mountain lake`. */
  background?: string;
  /** Template `relation`: in, on, next to, behind, in front of, over, under, above, below, besides. */
  relation?: string;
  /** Template `relation`: the other concept. */
  related?: string;
}

/** One line of a caption shard. */
export interface CaptionRecord extends Draw {
  caption: string;
  /** Writer and model, e.g. `embedded`. */
  writer: string;
}

/** A caption writer (g1). */
export interface CaptionWriter {
  readonly name: string;
  /** One caption a draw, in order. A writer's randomness comes only from (seed, draw.id). */
  write(draws: readonly Draw[], seed: number): Promise<string[]>;
  close?(): Promise<void>;
}
