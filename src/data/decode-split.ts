import { availableParallelism } from 'node:os';
import { Interrupted, UserError } from '../errors.js';
import { Thread } from '../threads.js';
import { type Look, lookKey } from '../views/eval.js';
import { whyNot } from '../views/image.js';
import type { LookCalls } from './look-worker.js';
import { intoLooks } from './looks.js';
import type { EvalSplit } from './set.js';

/** A picture that was left out. */
export interface LeftOut {
  /** What its split calls it. */
  name: string;
  /** One line. */
  why: string;
}

/** Pictures that were decoded together, as each look has them. */
export interface LookBatch {
  /** Which of the ranges it is of. */
  range: number;
  /** [n] positions in the split, in the order asked for. */
  index: number[];
  /** [n, 3, size, size] in 0…1 by `keyOf(look)`; good until the batch is released. */
  pixels: ReadonlyMap<string, Float32Array>;
  leftOut: LeftOut[];
  /** Gives its memory back. */
  release(): void;
}

/** Of a look, including its size: looks of one key give the same pixels. */
export const keyOf = (look: Look): string => `${look.size} ${lookKey(look)}`;

/** Most memory of one batch, bytes, as long as it has more than eight pictures. */
const BATCH_BYTES = 96 * 2 ** 20;
/** Encoders run 64 pictures at once; a batch is a multiple, or a fair part, of that. */
const BATCHES = [256, 128, 64, 32, 16, 8];
/** Fewer pictures are decoded on this thread: starting another takes as long. */
const WORTH_THREADS = 64;

export interface DecodeSplitOptions {
  looks: readonly Look[];
  /** Numbers of the pictures that are wanted, in the order that they are wanted in; default: all. */
  only?: ArrayLike<number>;
  /** Which of them, [from, to); no batch has pictures of two of these. Default: all. */
  ranges?: readonly (readonly [from: number, to: number])[];
  /** Threads that decode; default: one a core. */
  threads?: number;
  /** Pictures of a batch at most; default: by their size. */
  most?: number;
  /** Batches decoded ahead of the reader. */
  ahead?: number;
  signal: AbortSignal;
}

/**
 * Decodes pictures of a split in batches, on threads of their own and ahead of the reader, each picture once for all looks. Those that
 * cannot be decoded are left out and named.
 * @throws Interrupted when the signal asks for it; UserError where the file that pictures lie in is gone or damaged as a whole
 */
export async function* decodeSplit(split: EvalSplit, o: DecodeSplitOptions): AsyncGenerator<LookBatch> {
  const { only } = o;
  const at = (i: number) => (only ? only[i] : i);
  const ranges = o.ranges ?? [[0, only?.length ?? split.length]];
  const pictures = ranges.reduce((sum, [from, to]) => sum + to - from, 0);
  const looks = [...new Map(o.looks.map((look) => [keyOf(look), look])).values()];
  const bytes = looks.reduce((sum, { size }) => sum + 3 * size * size * 4, 0);
  const most = o.most ?? BATCHES.find((n) => n * bytes <= BATCH_BYTES) ?? BATCHES.at(-1)!;
  const parts = ranges.flatMap(([from, to], range) =>
    Array.from({ length: Math.ceil((to - from) / most) }, (_, k) => ({
      range,
      from: from + k * most,
      to: Math.min(to, from + (k + 1) * most),
    })),
  );
  const decoders = new Decoders(pictures < WORTH_THREADS ? 0 : (o.threads ?? availableParallelism()));
  const spare: Float32Array[][] = [];
  const decodePart = async ({ range, from, to }: (typeof parts)[number]): Promise<LookBatch> => {
    const memory = spare.pop() ?? looks.map(({ size }) => shared(Math.min(most, pictures) * 3 * size * size));
    const { index, leftOut } = await decodeInto({ split, at, from, to }, looks, memory, decoders, o.signal);
    const pixels = new Map(
      looks.map((look, i) => [keyOf(look), memory[i].subarray(0, index.length * 3 * look.size ** 2)]),
    );
    return { range, index, pixels, leftOut, release: () => void spare.push(memory) };
  };
  const waiting: Promise<LookBatch>[] = [];
  try {
    for (let asked = 0, read = 0; read < parts.length; read++) {
      for (; asked < parts.length && waiting.length < 1 + (o.ahead ?? 1); asked++) {
        // One after another: threads have enough to do with one batch.
        const part = parts[asked];
        const next = (waiting.at(-1) ?? Promise.resolve()).then(() => decodePart(part));
        // If the reader stops here, nobody else will look at what becomes of it.
        next.catch(() => {});
        waiting.push(next);
      }
      yield await waiting.shift()!;
    }
  } finally {
    await Promise.allSettled(waiting);
    await decoders.close();
  }
}

const shared = (length: number): Float32Array => new Float32Array(new SharedArrayBuffer(4 * length));

async function decodeInto(
  { split, at, from, to }: { split: EvalSplit; at(i: number): number; from: number; to: number },
  looks: readonly Look[],
  memory: readonly Float32Array[],
  decoders: Decoders,
  signal: AbortSignal,
): Promise<Pick<LookBatch, 'index' | 'leftOut'>> {
  const count = to - from;
  const reasons: (string | undefined)[] = new Array(count);
  let taken = 0;
  const worker = async () => {
    while (taken < count && !signal.aborted) {
      const slot = taken++;
      reasons[slot] = await split.read(at(from + slot)).then(
        (picture) => decoders.into(picture, looks, memory, slot),
        (e: unknown) => {
          // Not this picture, but all that lie with it in a file.
          if (e instanceof UserError) throw e;
          return whyNot(e);
        },
      );
    }
  };
  await Promise.all(Array.from({ length: decoders.inHand }, worker));
  if (signal.aborted) throw new Interrupted('stopped while decoding pictures');
  const index: number[] = [];
  const leftOut: LeftOut[] = [];
  for (const [slot, why] of reasons.entries()) {
    if (why !== undefined) {
      leftOut.push({ name: split.nameOf(at(from + slot)), why });
      continue;
    }
    for (const [k, { size }] of looks.entries()) {
      const length = 3 * size * size;
      if (index.length < slot) memory[k].copyWithin(index.length * length, slot * length, (slot + 1) * length);
    }
    index.push(at(from + slot));
  }
  return { index, leftOut };
}

/** Threads that decode, or none: then this one does. */
class Decoders {
  readonly inHand: number;
  private readonly threads: { thread: Thread<LookCalls>; waiting: number }[];

  constructor(count: number) {
    this.threads = Array.from({ length: count }, () => ({
      thread: Thread.start<LookCalls>('data/look-worker', { what: 'a decoding thread' }),
      waiting: 0,
    }));
    this.inHand = count === 0 ? 2 * availableParallelism() : 4 * count;
  }

  async into(...[picture, looks, into, slot]: Parameters<typeof intoLooks>): Promise<string | undefined> {
    if (this.threads.length === 0) return intoLooks(picture, looks, into, slot);
    const one = this.threads.reduce((least, t) => (t.waiting < least.waiting ? t : least));
    // Cut out first: of a view, all that it is a view of would be copied.
    const data = new Uint8Array(picture instanceof Uint8Array ? picture : picture.data);
    const own = picture instanceof Uint8Array ? data : { ...picture, data };
    one.waiting++;
    try {
      return await one.thread.ask('look', { picture: own, looks, into, slot }, [data]);
    } finally {
      one.waiting--;
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.threads.map(({ thread }) => thread.terminate()));
  }
}
