import { setMaxListeners } from 'node:events';
import { cleanCaption } from '../captions/clean.js';
import type { SeenCaptions } from '../captions/duplicates.js';
import type { Completion } from '../captions/language-model.js';
import type { CaptionRecord, CaptionWriter, Draw } from '../captions/record.js';
import type { RejectReason } from '../captions/reject.js';
import type { Settings } from '../config/schema.js';
import { type Counts, count, merge } from '../counts.js';
import { UserError } from '../errors.js';
import { Rng } from '../rng.js';
import type { RejectionWatch } from './rejection-watch.js';

/** Draws that a caption number may have, one after the other, while their captions stay unusable. */
const MOST_REDRAWS = 8;

/** A caption that says something usable, not yet compared with the others. */
interface Candidate {
  draw: Draw;
  caption: string;
  /** Attempts of this caption number so far, the one that gave this caption included. */
  attempts: number;
  promptSeed?: number;
}

/** How often what was rejected, by reason. */
export type Rejected = Counts<RejectReason | 'near-duplicate, kept'>;

/** What repeating a draw came to; no candidate: nothing usable, however often. */
interface Found {
  candidate?: Candidate;
  rejected: Rejected;
}

export interface AcceptedCaption {
  record: CaptionRecord;
  rejected: Rejected;
}

export interface CaptionSourceOptions {
  settings: Settings;
  writer: CaptionWriter;
  /** What caption `id` is about; `redraw` counts the draws before it whose caption stayed unusable. */
  draw(id: number, redraw: number): Draw;
  /** Captions of the whole stage: none is asked for beyond. */
  total: number;
  /** Ends what is under way when aborted. */
  signal?: AbortSignal;
  /** Near-duplicates of what is in here are rejected, and what is accepted is added; absent: nothing is compared. */
  seen?: SeenCaptions;
  /** Told what becomes of every completion. */
  watch?: RejectionWatch;
}

/**
 * Accepted captions in order of their numbers. Writing and cleaning go ahead by as many captions as the writer likes to have in hand, in
 * any order; only the comparison with earlier captions happens in order, so that the result depends neither on speed nor on interruptions.
 */
export class CaptionSource {
  /** Number of the next caption. */
  private position: number;
  /** First captions asked for, ahead of `position`; each ends in a candidate. */
  private readonly ahead = new Map<number, Promise<Found>>();
  private asked: number;
  private readonly o: CaptionSourceOptions;
  /** Captions asked for in one call of the writer. */
  private readonly group: number;
  /** Captions in hand, about. */
  private readonly window: number;
  private readonly stop = new AbortController();
  private readonly abort = () => this.stop.abort();

  constructor(o: CaptionSourceOptions, first: number) {
    this.o = o;
    this.position = this.asked = first;
    const { inFlight } = o.writer;
    this.group = inFlight === undefined ? 256 : 8;
    this.window = inFlight === undefined ? 1 : 2 * inFlight;
    // Every caption in hand listens.
    setMaxListeners(0, this.stop.signal);
    o.signal?.addEventListener('abort', this.abort, { once: true });
    if (o.signal?.aborted) this.abort();
  }

  get next(): number {
    return this.position;
  }

  /**
   * The next caption.
   * @throws Interrupted after `close`
   * @throws UserError when the writer gives nothing usable, however often it is asked
   */
  async take(): Promise<AcceptedCaption> {
    const id = this.position;
    this.lookAhead();
    const first = this.ahead.get(id) ?? this.find(id, 0);
    this.ahead.delete(id);
    let { candidate, rejected } = await first;
    if (!candidate) throw this.unusable(id, rejected);
    const { seen, settings } = this.o;
    // Attempts for a caption unlike the others are bounded: a small list of concepts has only so many things to say.
    for (let tries = 1; seen?.has(candidate.caption, candidate.draw.concept); tries++) {
      const again: Found =
        tries > settings.captions.attempts ? { rejected: {} } : await this.find(id, candidate.attempts);
      rejected = merge(rejected, again.rejected);
      // Where nothing usable comes any more, a near-duplicate is better than the end of the run.
      count(rejected, again.candidate ? 'near-duplicate' : 'near-duplicate, kept');
      if (!again.candidate) break;
      candidate = again.candidate;
    }
    seen?.add(candidate.caption, candidate.draw.concept);
    this.position++;
    return { record: this.record(candidate), rejected };
  }

  /** Ends what is under way. */
  close(): void {
    this.o.signal?.removeEventListener('abort', this.abort);
    this.stop.abort();
    this.ahead.clear();
  }

  private record({ draw, caption, promptSeed }: Candidate): CaptionRecord {
    const { writer } = this.o;
    return {
      ...draw,
      caption,
      writer: writer.name,
      ...(writer.model === undefined ? {} : { writerModel: writer.model }),
      ...(promptSeed === undefined ? {} : { promptSeed }),
    };
  }

  private lookAhead(): void {
    const { total } = this.o;
    while (this.asked < total && this.asked < this.position + this.window) {
      const first = this.asked;
      const n = Math.min(this.group, total - first);
      this.asked += n;
      const draws = Array.from({ length: n }, (_, i) => this.draw(first + i, 0));
      const written = this.write(draws, 0);
      draws.forEach((draw, i) => {
        const found = written.then((completions) => this.find(draw.id, 0, completions[i]));
        // Whoever takes it hears of an error; the others that are under way then have nobody.
        found.catch(() => {});
        this.ahead.set(draw.id, found);
      });
    }
  }

  /** Repeats a draw until its caption is usable; then other draws, which take its place. @param given what attempt `from` gave, if it was made already */
  private async find(id: number, from: number, given?: Completion): Promise<Found> {
    const { settings, writer } = this.o;
    const { attempts, words, requireConcept } = settings.captions;
    const rejected: Rejected = {};
    const end = this.mostAttempts;
    for (let attempt = from; attempt < end; attempt++) {
      const draw = this.draw(id, Math.floor(attempt / attempts));
      const completion = attempt === from && given ? given : (await this.write([draw], attempt))[0];
      const found = cleanCaption(completion, draw, { words, requireConcept });
      this.o.watch?.add('reason' in found ? found.reason : undefined, completion, draw);
      if ('caption' in found) {
        const promptSeed = writer.promptSeed?.(draw, { seed: settings.seed, attempt });
        return { candidate: { draw, caption: found.caption, attempts: attempt + 1, promptSeed }, rejected };
      }
      count(rejected, found.reason);
    }
    return { rejected };
  }

  private draw(id: number, redraw: number): Draw {
    const draw = this.o.draw(id, redraw);
    return this.o.writer.heeds?.(draw) ?? draw;
  }

  private get mostAttempts(): number {
    return this.o.settings.captions.attempts * MOST_REDRAWS;
  }

  private unusable(id: number, rejected: Rejected): UserError {
    const { name, model } = this.o.writer;
    const why = Object.entries(rejected).map(([reason, n]) => `${n} ${reason}`);
    return new UserError(
      `writer ${name}${model ? ` (${model})` : ''} gives no usable caption: caption ${id} was written ${this.mostAttempts} times, of several concepts, and rejected each time (${why.join(', ')}); another model, captions.requireConcept false or a wider captions.words may help`,
    );
  }

  private async write(draws: readonly Draw[], attempt: number): Promise<Completion[]> {
    const { writer, settings } = this.o;
    const written = await writer.write(draws, { seed: settings.seed, attempt, signal: this.stop.signal });
    if (written.length !== draws.length)
      throw new Error(`internal: writer ${writer.name} gave ${written.length} captions for ${draws.length} draws`);
    return written;
  }
}

/** The generator of a draw. */
export function drawRng(seed: number, id: number, redraw: number): Rng {
  return redraw === 0 ? Rng.of(seed, 'draw', id) : Rng.of(seed, 'draw', id, redraw);
}
