/**
 * How many requests a server has in hand at once. Grows by one a round of answers, shrinks by a third when the server says that it has too
 * much (additive increase, multiplicative decrease, as TCP does it), and never exceeds `most`.
 */
export class AdaptiveLimit {
  readonly most: number;
  private allowed: number;
  private running = 0;
  private shrunkAt = Number.NEGATIVE_INFINITY;
  private readonly waiting: { start: () => void }[] = [];

  /** @param most ≥ 1 */
  constructor(most: number) {
    this.most = most;
    this.allowed = Math.min(most, 8);
  }

  /** Requests allowed at once, now. */
  get current(): number {
    return Math.max(1, Math.floor(this.allowed));
  }

  /**
   * Waits for a place, first come first served.
   * @returns what to call when the request has ended, with whether the server was overloaded
   * @throws the signal's reason when aborted while waiting
   */
  async enter(signal?: AbortSignal): Promise<(overloaded: boolean) => void> {
    signal?.throwIfAborted();
    if (this.running >= this.current) await this.turn(signal);
    else this.running++;
    const began = performance.now();
    return (overloaded) => {
      this.running--;
      if (overloaded) this.shrink(began);
      else this.allowed = Math.min(this.most, this.allowed + 1 / this.allowed);
      this.wake();
    };
  }

  private turn(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const place = { start: () => {} };
      const abort = () => {
        this.waiting.splice(this.waiting.indexOf(place), 1);
        reject(signal!.reason);
      };
      place.start = () => {
        signal?.removeEventListener('abort', abort);
        resolve();
      };
      signal?.addEventListener('abort', abort, { once: true });
      this.waiting.push(place);
    });
  }

  /** Refusals of requests that were sent before the last shrinking say nothing new. */
  private shrink(began: number): void {
    if (began < this.shrunkAt) return;
    this.shrunkAt = performance.now();
    this.allowed = Math.max(1, this.allowed * (2 / 3));
  }

  private wake(): void {
    while (this.running < this.current) {
      const next = this.waiting.shift();
      if (!next) return;
      // The place is taken here, before the waiting one has run, so that nobody slips in between.
      this.running++;
      next.start();
    }
  }
}
