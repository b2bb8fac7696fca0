import type { Client, Event_ } from './pjrt.js';

/**
 * How long events are looked at without a pause after something happened, milliseconds: tiny programs take no longer.
 */
const EAGER = 2;

/**
 * Waits for events of a plugin by looking whether they are ready. Awaiting them natively would block a thread each, of
 * which Node's pool has four for all its files; callbacks of the plugin's threads would block those until JavaScript
 * runs.
 */
export class Events {
  private readonly client: Client;
  private waiting: { event: Event_; alive: unknown; done: () => void; failed: (e: unknown) => void }[] = [];
  private scheduled = false;
  private eagerUntil = 0;

  constructor(client: Client) {
    this.client = client;
  }

  /** Events that are waited for. */
  get size(): number {
    return this.waiting.length;
  }

  /**
   * Until an event is ready, which is destroyed then.
   * @param alive memory that native code reads or writes until then
   * @throws PjrtError when what it stands for failed
   */
  wait(event: Event_, alive?: unknown): Promise<void> {
    return new Promise((done, failed) => {
      this.waiting.push({ event, alive, done, failed });
      this.eagerUntil = performance.now() + EAGER;
      this.schedule();
    });
  }

  private schedule(): void {
    if (this.scheduled || this.waiting.length === 0) return;
    this.scheduled = true;
    const look = () => {
      this.scheduled = false;
      this.look();
      this.schedule();
    };
    if (performance.now() < this.eagerUntil) setImmediate(look);
    else setTimeout(look, 1);
  }

  private look(): void {
    const waiting = this.waiting;
    // What is told may ask for more.
    this.waiting = [];
    const later = waiting.filter((w) => !this.settle(w));
    if (later.length < waiting.length) this.eagerUntil = performance.now() + EAGER;
    this.waiting = [...later, ...this.waiting];
  }

  private settle({ event, done, failed }: (typeof this.waiting)[number]): boolean {
    try {
      if (!this.client.isReady(event)) return false;
      this.client.finishEvent(event);
      done();
    } catch (e) {
      failed(e);
    }
    return true;
  }
}
