import { join } from 'node:path';
import { Interrupted, UserError } from '../errors.js';
import type { StageHooks } from '../stage.js';
import { decodeFile } from '../views/image.js';
import type { ImageDataset, Sample } from './datasets.js';
import type { Skipped } from './decode.js';
import { few } from './layout.js';
import type { Walked } from './walk.js';

/** Folders that a line names. */
const MOST_FOLDERS = 8;
/** Files that are named one by one; of further ones only the number is said. */
const MOST_FILES = 20;

/** What a walk found beside pictures, by folder and ending, with counts; undefined for nothing. */
export function othersLine(others: Walked['others']): string | undefined {
  const said: string[] = [];
  let files = 0;
  for (const [folder, kinds] of others) {
    const parts = [...kinds].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
    if (parts.length === 0) continue;
    for (const [, n] of parts) files += n;
    said.push(`${folder === '' ? '' : `${folder} `}${parts.map(([kind, n]) => `${kind} ${n}`).join(', ')}`);
  }
  if (files === 0) return undefined;
  const more = said.length > MOST_FOLDERS ? `; and in ${said.length - MOST_FOLDERS} more folders` : '';
  return `${files} ${files === 1 ? 'file is no picture' : 'files are no pictures'} by content and left out: ${said.slice(0, MOST_FOLDERS).join('; ')}${more}`;
}

/** Warns of files that cannot be decoded, each once, and of no more than a screen can show. */
export class SkippedFiles {
  private readonly warn: StageHooks['warn'];
  private readonly named = new Set<string>();

  constructor(warn: StageHooks['warn']) {
    this.warn = warn;
  }

  add(dir: string, skipped: readonly Skipped[]): void {
    for (const { file, reason } of skipped) {
      const path = join(dir, file);
      if (this.named.has(path)) continue;
      this.named.add(path);
      if (this.named.size <= MOST_FILES) this.warn(`${path}: left out: ${reason}`);
    }
  }

  /** Says how many were not named. */
  end(): void {
    const more = this.named.size - MOST_FILES;
    if (more > 0) this.warn(`${more} more ${more === 1 ? 'file' : 'files'} left out`);
  }
}

/**
 * Looks before hours of training whether every class has an image that can be decoded: the first that can ends a class's turn.
 * @returns lines about classes that will not count
 * @throws UserError when fewer than two classes or no test images are left; Interrupted
 */
export async function checkDecodable(dataset: ImageDataset, signal: AbortSignal): Promise<string[]> {
  const good = async (samples: readonly Sample[]): Promise<boolean> => {
    for (const { file } of samples) {
      if (signal.aborted) throw new Interrupted('stopped while looking at images');
      if (await decodeFile(join(dataset.dir, file), { enough: 8 }).then(Boolean, () => false)) return true;
    }
    return false;
  };
  const byClass: Sample[][] = dataset.classes.map(() => []);
  for (const s of dataset.train) byClass[s.label].push(s);
  const left = new Set<number>();
  for (const [c, samples] of byClass.entries()) if (await good(samples)) left.add(c);
  requireClasses(dataset, left);
  if (!(await good(dataset.test.filter((s) => left.has(s.label)))))
    throw new UserError(
      `data set ${dataset.name}: none of the ${dataset.test.length} test images in ${dataset.dir} can be decoded`,
    );
  return missing(dataset, left);
}

/** Lines about classes none of whose training images can be decoded. @param left the others, by label */
export function missing(dataset: ImageDataset, left: ReadonlySet<number>): string[] {
  const lost = dataset.classes.filter((_, c) => !left.has(c));
  if (lost.length === 0) return [];
  return [
    `data set ${dataset.name}: no training image of ${few(lost)} can be decoded: ${lost.length === 1 ? 'it does' : 'these do'} not count, ${left.size} classes are left`,
  ];
}

/** @throws UserError when fewer than two classes have training images that can be decoded */
export function requireClasses(dataset: ImageDataset, left: ReadonlySet<number>): void {
  if (left.size >= 2) return;
  const lost = dataset.classes.filter((_, c) => !left.has(c));
  throw new UserError(
    `data set ${dataset.name}: no training image of ${few(lost)} in ${dataset.dir} can be decoded; a probe needs two classes or more`,
  );
}
