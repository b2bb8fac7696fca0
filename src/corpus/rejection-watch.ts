import type { Completion } from '../captions/language-model.js';
import type { Draw } from '../captions/record.js';
import { REJECT_REASONS, type RejectReason } from '../captions/reject.js';
import { cutAtWord } from '../printable.js';

/** Completions after which it is first asked whether most are rejected; then after twice as many, and so on. */
const FIRST = 24;
/** Share of rejected ones that is worth a warning. */
const MOST = 0.75;
/** Characters of the example. */
const SHOWN = 100;

/** What to try against a reason. */
const REMEDIES: Partial<Record<RejectReason, string>> = {
  empty: 'a model that thinks before it answers may use up captions.maxTokens: turn thinking off at the server',
  'too short': 'captions.words sets the limit',
  'too long': 'captions.words sets the limit',
  'cut off': 'captions.maxTokens sets the limit',
  'prompt echo': 'a base model wants captions.api completions',
  'concept missing': 'a larger model, or captions.requireConcept false',
};

/** Against answers that end too soon: captions.maxTokens is not to blame then. */
const FULL =
  "most of these had not got captions.maxTokens: the server's context is full, or it has a limit of its own; start it with a larger context";

/**
 * Looks at what becomes of completions, and says so once where most are rejected: minutes after the start, not at the end of it.
 * A model that does not fit otherwise shows as slowness only.
 */
export class RejectionWatch {
  private readonly warn: (line: string) => void;
  private readonly reasons = new Map<RejectReason, { count: number; full: number; example: string }>();
  private looked = 0;
  private rejected = 0;
  private next = FIRST;

  constructor(warn: (line: string) => void) {
    this.warn = warn;
  }

  /** @param reason why it was rejected; undefined: it was not */
  add(reason: RejectReason | undefined, completion: Completion, draw: Draw): void {
    this.looked++;
    if (reason) {
      this.rejected++;
      const of = this.reasons.get(reason) ?? { count: 0, full: 0, example: '' };
      this.reasons.set(reason, {
        count: of.count + 1,
        full: of.full + (completion.full ? 1 : 0),
        example: `${shown(completion.text)} for “${draw.concept}”`,
      });
    }
    if (this.looked < this.next) return;
    this.next *= 2;
    if (this.rejected < MOST * this.looked) return;
    this.next = Number.POSITIVE_INFINITY;
    this.warn(this.words());
  }

  private words(): string {
    const reasons = [...this.reasons].sort(([, a], [, b]) => b.count - a.count);
    const [first, { example, count: most, full }] = reasons[0];
    const counts = reasons.map(([reason, { count }]) => `${count} ${reason}`).join(', ');
    const remedy = 2 * full > most ? FULL : REMEDIES[first];
    return `of the first ${this.looked} completions, ${this.rejected} were rejected and are asked for again (${counts}); ${first}: ${REJECT_REASONS[first]}, e.g. ${example}${remedy ? `; ${remedy}` : ''}`;
  }
}

/** A completion on one line, not too long. */
function shown(text: string): string {
  return `“${cutAtWord(
    text
      .slice(0, 10 * SHOWN)
      .replace(/\s+/g, ' ')
      .trim(),
    SHOWN,
  )}”`;
}
