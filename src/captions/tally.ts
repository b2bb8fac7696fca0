/** Counts of names, of a bounded number of them: names that come after the limit is reached are not counted one by one. */
export class Tally {
  private readonly counts = new Map<string, number>();
  private readonly limit: number;
  /** Occurrences of names beyond the limit. */
  beyond = 0;
  total = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  add(name: string): void {
    this.total++;
    const before = this.counts.get(name);
    if (before !== undefined) this.counts.set(name, before + 1);
    else if (this.counts.size < this.limit) this.counts.set(name, 1);
    else this.beyond++;
  }

  get(name: string): number {
    return this.counts.get(name) ?? 0;
  }

  /** Different names, up to the limit. */
  get distinct(): number {
    return this.counts.size;
  }

  names(): IterableIterator<string> {
    return this.counts.keys();
  }

  /** Names that occurred once. */
  get once(): number {
    let n = 0;
    for (const count of this.counts.values()) if (count === 1) n++;
    return n;
  }

  /** The most frequent names, those of the same count in alphabetical order. @param keep which names are looked at */
  top(n: number, keep: (name: string) => boolean = () => true): Counted[] {
    const most: Counted[] = [];
    for (const [name, count] of this.counts) {
      if (most.length === n && count < most[n - 1].count) continue;
      if (!keep(name)) continue;
      most.push({ name, count });
      if (most.length > n) {
        most.sort(byCount);
        most.pop();
      } else if (most.length === n) most.sort(byCount);
    }
    return most.sort(byCount);
  }
}

export interface Counted {
  name: string;
  count: number;
}

const byCount = (x: Counted, y: Counted) => y.count - x.count || (x.name < y.name ? -1 : 1);
