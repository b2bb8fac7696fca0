import type { Classes } from './corpus.js';

/** Gathers the class of every caption by name. */
export class ClassNames {
  private readonly numbers = new Map<string, number>();
  private readonly of: Int32Array;

  constructor(captions: number) {
    this.of = new Int32Array(captions).fill(-1);
  }

  /** @param name empty: not known */
  set(i: number, name: string): void {
    if (name === '') return;
    let number = this.numbers.get(name);
    if (number === undefined) {
      number = this.numbers.size;
      this.numbers.set(name, number);
    }
    this.of[i] = number;
  }

  /** @returns the names sorted, so that their numbers do not depend on which came first; undefined where there are none */
  classes(): Classes | undefined {
    if (this.numbers.size === 0) return undefined;
    const names = [...this.numbers.keys()].sort();
    const sorted = new Int32Array(names.length);
    for (const [place, name] of names.entries()) sorted[this.numbers.get(name)!] = place;
    return { names, of: this.of.map((n) => (n < 0 ? -1 : sorted[n])) };
  }
}
