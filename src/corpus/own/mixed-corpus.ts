import type { CaptionRecord } from '../../captions/record.js';
import { ClassNames } from '../class-names.js';
import type { Classes, Corpus, CorpusPart } from '../corpus.js';

/** Several sources, one behind the other. */
export class MixedCorpus implements Corpus {
  readonly length: number;
  readonly images: number;
  readonly imagesPerCaption: number;
  readonly size: number;
  readonly made: boolean;
  readonly parts: readonly CorpusPart[];
  private readonly sources: readonly Corpus[];
  /** Numbers of each source's first caption and first image. */
  private readonly starts: number[] = [];
  private readonly firsts: number[] = [];

  /** @param shares of the draws, that make 1 */
  constructor(sources: readonly Corpus[], shares: readonly number[]) {
    this.sources = sources;
    let captions = 0;
    let images = 0;
    for (const s of sources) {
      this.starts.push(captions);
      this.firsts.push(images);
      captions += s.length;
      images += s.images;
    }
    this.length = captions;
    this.images = images;
    this.imagesPerCaption = Math.max(...sources.map((s) => s.imagesPerCaption));
    this.size = Math.max(...sources.map((s) => s.size));
    this.made = sources.every((s) => s.made);
    this.parts = sources.map((s, k) => ({ captions: s.length, share: shares[k] }));
  }

  imagesOf(i: number): number {
    const [s, at] = this.locate(i);
    return s.imagesOf(at);
  }

  imageNumber(i: number, j: number): number {
    const [s, at, k] = this.locate(i);
    return this.firsts[k] + s.imageNumber(at, j);
  }

  caption(i: number): Promise<string> {
    const [s, at] = this.locate(i);
    return s.caption(at);
  }

  async classes(): Promise<Classes | undefined> {
    const all = new ClassNames(this.length);
    for (const [k, s] of this.sources.entries()) {
      const found = await s.classes();
      found?.of.forEach((label, at) => {
        if (label >= 0) all.set(this.starts[k] + at, found.names[label]);
      });
    }
    return all.classes();
  }

  async read(i: number): Promise<{ record: CaptionRecord; images: Buffer[] }> {
    const [s, at] = this.locate(i);
    const { record, images } = await s.read(at);
    return { record: { ...record, id: i }, images };
  }

  readImage(i: number, j: number): Promise<Buffer> {
    const [s, at] = this.locate(i);
    return s.readImage(at, j);
  }

  where(i: number): string {
    const [s, at] = this.locate(i);
    return s.where(at);
  }

  async verify(): Promise<void> {
    for (const s of this.sources) await s.verify();
  }

  async close(): Promise<void> {
    for (const s of this.sources) await s.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  private locate(i: number): [source: Corpus, at: number, number: number] {
    if (!(i >= 0 && i < this.length)) throw new Error(`internal: caption ${i} of ${this.length}`);
    let k = this.starts.length - 1;
    while (this.starts[k] > i) k--;
    return [this.sources[k], i - this.starts[k], k];
  }
}
