import { join } from 'node:path';
import { UserError } from '../errors.js';
import type { PhotoIndex } from './photo-index.js';

/** A photo of a group. */
export interface Duplicate {
  /** Path below the folder of photos, with `/`. */
  file: string;
  path: string;
  /** The highest cosine that it has to another photo of the group. */
  score: number;
  /** It has the content of an earlier photo of the group, byte for byte. */
  identical: boolean;
}

export interface DuplicatesOptions {
  /** Cosine from which on two photos count as one and the same; 0…1. */
  threshold?: number;
  signal?: AbortSignal;
  progress?: (share: number) => void;
}

/**
 * Cosine from which on photos count as one: nearly all copies in another size or quality reach it, and hardly any two photos (measured,
 * docs/search.md). Encoders differ; a look at the page says what is right for one's own.
 */
export const DUPLICATE = 0.99;

/**
 * Photos that are nearly one and the same, in groups: whoever is alike to one of a group belongs to it. Exact, among all pairs.
 * @returns the groups, largest first, photos in the order of their paths
 * @throws UserError for a threshold out of range, or so low that there are more pairs than anybody reads; Interrupted
 */
export async function findDuplicates(index: PhotoIndex, o: DuplicatesOptions = {}): Promise<Duplicate[][]> {
  const { threshold = DUPLICATE, signal, progress } = o;
  if (!(threshold > 0 && threshold <= 1))
    throw new UserError(`threshold ${threshold}: expected a number above 0 and up to 1`);
  // Vectors are of length 1 but for rounding: copies of a file have a cosine of 1 − 1e-7.
  const pairs = await index.alike(Math.min(threshold, 1 - 1e-6), { signal, progress });
  const group = new Groups();
  const score = new Map<number, number>();
  for (const p of pairs) {
    group.join(p.first, p.second);
    for (const row of [p.first, p.second]) score.set(row, Math.max(score.get(row) ?? -1, p.score));
  }
  const members = new Map<number, number[]>();
  for (const row of [...score.keys()].sort((a, b) => a - b)) {
    const of = group.of(row);
    const list = members.get(of);
    if (list) list.push(row);
    else members.set(of, [row]);
  }
  return [...members.values()]
    .sort((a, b) => b.length - a.length || a[0] - b[0])
    .map((rows) => {
      const contents = new Set<string>();
      return rows.map((row) => {
        const [file, content] = [index.file(row), index.sha256(row)];
        const identical = contents.has(content);
        contents.add(content);
        return { file, path: join(index.photos, file), score: Math.min(1, score.get(row)!), identical };
      });
    });
}

/** Disjoint sets of rows. */
class Groups {
  private readonly above = new Map<number, number>();

  of(row: number): number {
    let top = row;
    for (let up = this.above.get(top); up !== undefined; up = this.above.get(top)) top = up;
    // Whoever asks next finds it at once.
    for (let at = row; at !== top; ) {
      const up = this.above.get(at)!;
      this.above.set(at, top);
      at = up;
    }
    return top;
  }

  join(a: number, b: number): void {
    const [x, y] = [this.of(a), this.of(b)];
    if (x !== y) this.above.set(Math.max(x, y), Math.min(x, y));
  }
}
