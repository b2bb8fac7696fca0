import { availableParallelism } from 'node:os';
import { isMainThread } from 'node:worker_threads';
import { memoryLimitMb } from '../resources.js';

const MIB = 2 ** 20;

/** Bounds what is in hand at one time by its bytes: who needs more than is left waits until others are done. */
export class Semaphore {
  readonly size: number;
  private free: number;
  private readonly waiting: { bytes: number; start: () => void }[] = [];

  constructor(size: number) {
    this.size = size;
    this.free = size;
  }

  /** Runs `work` when there is room for it, in the order of asking; what needs more than there is at all runs alone. */
  async with<T>(bytes: number, work: () => Promise<T>): Promise<T> {
    const taken = Math.min(this.size, bytes);
    if (this.waiting.length > 0 || taken > this.free)
      await new Promise<void>((start) => this.waiting.push({ bytes: taken, start }));
    else this.free -= taken;
    try {
      return await work();
    } finally {
      this.free += taken;
      while (this.waiting.length > 0 && this.waiting[0].bytes <= this.free) {
        const next = this.waiting.shift()!;
        this.free -= next.bytes;
        next.start();
      }
    }
  }
}

/** For what is being decoded: an eighth of the memory, at most 1 GiB, over all that one thread decodes; worker threads share one such amount between them. */
const whole = Math.min(1024, memoryLimitMb() / 8) * MIB;
export const decodingMemory = new Semaphore(isMainThread ? whole : whole / availableParallelism());

/** More than this is never taken for one picture, bytes: a quarter of the memory. */
export const MOST_FOR_ONE = (memoryLimitMb() / 4) * MIB;
