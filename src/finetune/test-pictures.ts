import { decodeSplit, keyOf, type LookBatch } from '../data/decode-split.js';
import type { EvalSplit } from '../data/set.js';
import { Interrupted } from '../errors.js';
import { ops } from '../graph/index.js';
import type { Skipped } from '../probe/decode.js';
import type { Executor, Executors } from '../runtime/executor.js';
import type { Look } from '../views/eval.js';
import { type ClassifierConfig, classifier, classifierParameters } from './classifier.js';
import type { Seen } from './sample.js';

/** Logits of test pictures that could be decoded. */
export interface Classified {
  /** [n, classes] */
  logits: Float32Array;
  /** [n] which picture of the split each row is. */
  index: Int32Array;
  /** [n] */
  labels: Int32Array;
  skipped: Skipped[];
}

/** Pictures as the network takes them. */
type Seeable = Pick<LookBatch, 'index' | 'leftOut'> & { pixels: Float32Array };

/** Pictures of one run. */
const BATCH = 64;
/** Pixels are kept from one test to the next up to so many bytes. */
const MOST_KEPT = 2 ** 29;

/** The middle of a picture: its shorter side is resized so that the square that is cut out is a share of it (timm's `crop_pct`). */
export const testLook = (size: number, share: number): Look => ({
  ...{ size, crop: 'shortest', resize: Math.floor(size / share), middle: 'even', kernel: 'bicubic' },
});

/** Classifies the pictures of a split with weights that change from call to call. */
export class TestPictures {
  private readonly c: ClassifierConfig;
  private readonly split: EvalSplit;
  private readonly seen: Seen;
  private readonly look: Look;
  private readonly executors: Executors;
  private executor: Executor | undefined;
  /** Decoded before, where they have room. */
  private kept: Seeable[] | undefined;

  constructor(c: ClassifierConfig, split: EvalSplit, seen: Seen, testCrop: number, executors: Executors) {
    this.c = c;
    this.split = split;
    this.seen = seen;
    this.look = testLook(seen.size, testCrop);
    this.executors = executors;
  }

  /** @throws Interrupted; UserError where the file that the pictures lie in is gone */
  async classify(weights: ReadonlyMap<string, Float32Array>, o: { signal: AbortSignal }): Promise<Classified> {
    const executor = await this.loaded(weights);
    const { classes } = this.c;
    const length = 3 * this.seen.size ** 2;
    const [rows, index, skipped]: [Float32Array[], number[], Skipped[]] = [[], [], []];
    for await (const batch of this.batches(o)) {
      skipped.push(...batch.leftOut.map(({ name, why }) => ({ file: name, reason: why })));
      for (let at = 0; at < batch.index.length; at += BATCH) {
        if (o.signal.aborted) throw new Interrupted('stopped while testing');
        const n = Math.min(BATCH, batch.index.length - at);
        const images = new Float32Array(BATCH * length);
        images.set(batch.pixels.subarray(at * length, (at + n) * length));
        const { logits } = await executor.run('logits', { images });
        rows.push(logits.slice(0, n * classes));
        index.push(...batch.index.slice(at, at + n));
      }
    }
    const logits = new Float32Array(index.length * classes);
    let at = 0;
    for (const r of rows) {
      logits.set(r, at);
      at += r.length;
    }
    return {
      ...{ logits, skipped, index: Int32Array.from(index) },
      labels: Int32Array.from(index, (i) => this.split.labels[i]),
    };
  }

  async close(): Promise<void> {
    await this.executor?.close();
  }

  private async loaded(weights: ReadonlyMap<string, Float32Array>): Promise<Executor> {
    const specs = classifierParameters(this.c);
    const first = this.executor === undefined;
    this.executor ??= await this.executors.open();
    for (const s of specs) await this.executor.keep(s.name, s.shape, weights.get(s.name)!.slice());
    if (first) {
      const nodes = new Map(specs.map((s) => [s.name, ops.input(s.name, s.shape)]));
      const images = ops.input('images', [BATCH, 3, this.c.size, this.c.size]);
      const { order, precision } = this.executors;
      const { logits } = classifier(this.c, (name) => nodes.get(name)!, images, { order, precision });
      await this.executor.load('logits', { logits }, { batch: ['images', 'logits'] });
    }
    return this.executor;
  }

  private async *batches({ signal }: { signal: AbortSignal }): AsyncGenerator<Seeable> {
    if (this.kept) {
      yield* this.kept;
      return;
    }
    const { mean, std, size } = this.seen;
    const plane = size * size;
    const keep = this.split.length * 3 * plane * 4 <= MOST_KEPT;
    const kept: Seeable[] = [];
    for await (const batch of decodeSplit(this.split, { looks: [this.look], signal })) {
      const { index, leftOut } = batch;
      const pixels = batch.pixels.get(keyOf(this.look))!;
      for (let i = 0; i < pixels.length; i++) {
        const c = Math.floor(i / plane) % 3;
        pixels[i] = (pixels[i] - mean[c]) / std[c];
      }
      if (keep) kept.push({ index, leftOut, pixels });
      yield { index, leftOut, pixels };
      if (!keep) batch.release();
    }
    if (keep) this.kept = kept;
  }
}

/** Share of rows whose largest logit is their label's. */
export function topOne({ logits, labels }: Pick<Classified, 'logits' | 'labels'>): number {
  const right = rightOf(logits, labels);
  return labels.length === 0 ? Number.NaN : right.reduce((sum, r) => sum + r, 0) / labels.length;
}

/** [n] 1 where the largest logit is the label's; of equal ones the first counts. */
export function rightOf(logits: Float32Array, labels: Int32Array): Uint8Array {
  const classes = logits.length / Math.max(1, labels.length);
  return Uint8Array.from(labels, (label, row) => {
    let best = 0;
    for (let c = 1; c < classes; c++) if (logits[row * classes + c] > logits[row * classes + best]) best = c;
    return best === label ? 1 : 0;
  });
}
