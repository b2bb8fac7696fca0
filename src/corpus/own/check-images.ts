import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { codeOf, UserError } from '../../errors.js';
import { decodeSmall, whyNot } from '../../views/image.js';
import type { FoundImage, FoundSample } from './sample.js';
import { MOST_IMAGE } from './sample.js';

/** An image that was decoded. */
export interface CheckedImage extends Omit<FoundImage, 'read'> {
  digest: Uint8Array;
  width: number;
}

/** A sample whose images were decoded. */
export interface CheckedSample {
  name: string;
  text: string;
  label: string;
  /** The good ones; none: the sample is left out. */
  images: CheckedImage[];
  /** What is wrong, and which reason it is counted under. */
  bad: { what: string; reason: string }[];
}

/** Images in hand at once, and their bytes. */
const AT_ONCE = 4 * availableParallelism();
const BYTES_AT_ONCE = 64 * 2 ** 20;
/** Shortest side that an image is decoded for: large ones are made smaller on the way, as they will be in training. */
const ENOUGH = 256;

/** Decodes the images of samples ahead, several at once, and hands them on in order. */
export class CheckedSamples {
  private readonly signal: AbortSignal;
  private readonly queue: { sample: Promise<CheckedSample>; bytes: number }[] = [];
  private bytes = 0;

  constructor(signal: AbortSignal) {
    this.signal = signal;
  }

  async *of(samples: AsyncIterable<FoundSample> | Iterable<FoundSample>): AsyncIterable<CheckedSample> {
    for await (const found of samples) {
      const bytes = found.images.reduce((sum, i) => sum + Math.max(i.bytes, 100_000), 0);
      const sample = checked(found);
      // Whoever takes it hears of an error; the others in hand then have nobody.
      sample.catch(() => {});
      this.queue.push({ sample, bytes });
      this.bytes += bytes;
      while (this.queue.length >= AT_ONCE || (this.bytes > BYTES_AT_ONCE && this.queue.length > 1))
        yield await this.next();
      if (this.signal.aborted) break;
    }
    while (this.queue.length > 0) yield await this.next();
  }

  async next(): Promise<CheckedSample> {
    const { sample, bytes } = this.queue.shift()!;
    this.bytes -= bytes;
    return sample;
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.queue.map((q) => q.sample));
    this.queue.length = 0;
  }
}

async function checked({ name, text, label, images, bad }: FoundSample): Promise<CheckedSample> {
  const out: CheckedSample = { name, text, label, images: [], bad: [] };
  if (bad !== undefined) out.bad.push({ what: bad, reason: bad });
  else
    for (const { read, ...image } of images) {
      try {
        const bytes = await read();
        if (bytes.length > MOST_IMAGE) throw new Error(`too large: ${bytes.length} bytes`);
        const { width } = await decodeSmall(bytes, undefined, ENOUGH);
        const digest = createHash('sha256').update(bytes).digest();
        out.images.push({ ...image, bytes: bytes.length, digest, width });
      } catch (e) {
        if (e instanceof UserError) throw e;
        const what = whyNot(e);
        const reason =
          codeOf(e) !== undefined
            ? 'cannot be read'
            : /large|many|would take/.test(what)
              ? 'too large'
              : 'cannot be decoded';
        out.bad.push({ what: image.name === undefined ? what : `${image.name}: ${what}`, reason });
      }
    }
  return out;
}
