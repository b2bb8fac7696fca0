import { cleanCaption } from '../captions/clean.js';
import { SeenCaptions } from '../captions/duplicates.js';
import { oneCaption } from '../captions/own/fields.js';
import { type OwnCaption, ownCaptions } from '../captions/own/read.js';
import type { CaptionRecord, Draw } from '../captions/record.js';
import { drawAlone } from '../concepts/bank.js';
import { namedPools } from '../concepts/file-bank.js';
import type { Settings } from '../config/schema.js';
import { count, merge } from '../counts.js';
import { Interrupted, UserError } from '../errors.js';
import type { StageHooks } from '../stage.js';
import type { AcceptedCaption, Rejected } from './caption-source.js';

/** Concepts whose meaning is kept at hand. */
const MOST_CONCEPTS = 50_000;

/**
 * What a caption is compared with others by: its concept, or, where it names none, its longest word, which
 * near-duplicates share.
 */
export function likeness({ caption, concept }: { caption: string; concept: string }): string {
  if (concept !== '') return concept;
  let longest = '';
  for (const [word] of caption.toLowerCase().matchAll(/\p{L}+/gu)) if (word.length > longest.length) longest = word;
  return longest;
}

/**
 * Captions of the user's own, in their order: cleaned as a writer's are, without near-duplicates of what came before.
 */
export class OwnCaptionSource {
  private readonly settings: Settings;
  private readonly seen: SeenCaptions | undefined;
  private readonly rows: AsyncIterator<OwnCaption>;
  private readonly concepts = new Map<string, Omit<Draw, 'id'> | undefined>();
  private position: number;
  private row = 0;
  private readonly behind: number;

  /**
   * @param first number of the next caption
   * @param behind rows up to this one were looked at before; −1: none
   */
  constructor(settings: Settings, seen: SeenCaptions | undefined, first = 0, behind = -1) {
    this.settings = settings;
    this.seen = seen;
    this.position = first;
    this.behind = behind;
    const { source, column } = settings.captions;
    this.rows = ownCaptions(source, column)[Symbol.asyncIterator]();
  }

  get next(): number {
    return this.position;
  }

  /** Rows that were looked at. */
  get read(): number {
    return this.row;
  }

  /** The next caption that is good; undefined where there is none any more, with what was dropped on the way. */
  async find(signal?: AbortSignal): Promise<{ record?: CaptionRecord; rejected: Rejected }> {
    const rejected: Rejected = {};
    const { words } = this.settings.captions;
    for (;;) {
      const { value, done } = await this.rows.next();
      if (done) return { rejected };
      const row = this.row++;
      if (signal?.aborted && row % LOOK_EVERY === 0)
        throw new Interrupted(`stopped while ${this.settings.captions.source} was read`);
      if (row <= this.behind) continue;
      const own = value as OwnCaption;
      const draw = this.drawOf(own.concept);
      const text = oneCaption(own.text);
      // What it is about was said by whoever made it: in which words is not looked at.
      const found = cleanCaption({ text, cut: false }, draw, { words, requireConcept: false });
      if ('reason' in found) {
        count(rejected, found.reason);
        continue;
      }
      const key = likeness({ caption: found.caption, concept: draw.concept });
      if (this.seen?.has(found.caption, key)) {
        count(rejected, 'near-duplicate');
        continue;
      }
      this.seen?.add(found.caption, key);
      return { record: { ...draw, id: this.position++, caption: found.caption, writer: 'own', row }, rejected };
    }
  }

  /** @throws UserError where there are no more */
  async take(): Promise<AcceptedCaption> {
    const { record, rejected } = await this.find();
    if (record) return { record, rejected };
    const { source, count: asked } = this.settings.captions;
    throw new UserError(
      `captions.source ${source} has ${this.position} usable captions, ${asked} are asked for: set captions.count to ${this.position}`,
    );
  }

  close(): void {
    void this.rows.return?.();
  }

  /** What is known of a concept by its name alone, as a list of concepts would have it. */
  private drawOf(concept: string): Draw {
    const none: Draw = { id: 0, template: 'concept', kind: 'object', concept: '', source: 'own' };
    if (concept === '') return none;
    if (!this.concepts.has(concept)) {
      if (this.concepts.size >= MOST_CONCEPTS) this.concepts.clear();
      let found: Omit<Draw, 'id'> | undefined;
      try {
        found = { ...drawAlone(namedPools(concept)[0].concepts[0], 0), source: 'own' };
      } catch (e) {
        // A number or a sentence is no name of a thing: the caption says by itself what it shows.
        if (!(e instanceof UserError)) throw e;
      }
      this.concepts.set(concept, found);
    }
    return { ...(this.concepts.get(concept) ?? none), id: 0 };
  }
}

/** Rows between two looks at whether to stop, and usable captions between two lines about them. */
const LOOK_EVERY = 1024;
const SAY_EVERY = 100_000;

/** What there is of captions of one's own. */
export interface OwnSurvey {
  /** Rows that were read, and captions that are good. */
  read: number;
  usable: number;
  /** Dropped, by reason. */
  rejected: Rejected;
}

/**
 * Goes through captions of one's own as the stage will, and keeps nothing.
 * @param most usable captions after which it ends
 * @throws UserError where none is usable; Interrupted
 */
export async function surveyOwnCaptions(
  settings: Settings,
  most: number,
  hooks: Pick<StageHooks, 'signal' | 'note'>,
): Promise<OwnSurvey> {
  const { seenMb, source: path } = settings.captions;
  const source = new OwnCaptionSource(settings, seenMb > 0 ? new SeenCaptions(seenMb) : undefined);
  let rejected: Rejected = {};
  try {
    while (source.next < most) {
      const found = await source.find(hooks.signal);
      rejected = merge(rejected, found.rejected);
      if (!found.record) break;
      if (source.next % SAY_EVERY === 0)
        hooks.note?.(`${path}: ${source.next.toLocaleString('en-US')} captions so far`);
    }
    if (source.next === 0) {
      const why = Object.entries(rejected).map(([reason, n]) => `${n} ${reason}`);
      throw new UserError(
        `captions.source ${path}: no usable caption in ${source.read} rows${why.length > 0 ? ` (${why.join(', ')})` : ''}`,
      );
    }
    return { read: source.read, usable: source.next, rejected };
  } finally {
    source.close();
  }
}
