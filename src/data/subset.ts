import { sha256 } from '../files/digest.js';
import type { ListedSplit } from './kind.js';
import type { Picture } from './set.js';

/** Some pictures of a split, as a split of their own. */
export class Subset implements ListedSplit {
  readonly labels: Int32Array;
  private readonly all: ListedSplit;
  private readonly index: Int32Array;

  /** @param index which of them, in order */
  constructor(all: ListedSplit, index: ArrayLike<number>) {
    this.all = all;
    this.index = Int32Array.from(index);
    this.labels = Int32Array.from(this.index, (i) => all.labels[i]);
  }

  get length(): number {
    return this.index.length;
  }

  nameOf(i: number): string {
    return this.all.nameOf(this.index[i]);
  }

  read(i: number): Promise<Picture> {
    return this.all.read(this.index[i]);
  }

  digest(add: (text: string) => void): void {
    this.all.digest(add);
    add(this.index.join());
  }
}

/** Share of a class that becomes test pictures where there is no split, as of image folders. */
const TEST_SHARE = 0.2;

/** Of every class the fifth whose names have the smallest hashes is test; a class of one picture has none. */
export function splitByNames(all: ListedSplit): { train: Subset; test: Subset } {
  const byClass = new Map<number, number[]>();
  for (const [i, label] of all.labels.entries()) {
    const list = byClass.get(label);
    if (list) list.push(i);
    else byClass.set(label, [i]);
  }
  const isTest = new Uint8Array(all.length);
  for (const list of byClass.values()) {
    const count = list.length < 2 ? 0 : Math.max(1, Math.round(list.length * TEST_SHARE));
    const ranked = list.map((i) => ({ i, h: sha256(all.nameOf(i)) })).sort((a, b) => (a.h < b.h ? -1 : 1));
    for (const { i } of ranked.slice(0, count)) isTest[i] = 1;
  }
  const of = (test: number) => {
    const index: number[] = [];
    for (const [i, t] of isTest.entries()) if (t === test) index.push(i);
    return new Subset(all, index);
  };
  return { train: of(0), test: of(1) };
}
