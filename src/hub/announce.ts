import { type DownloadProgress, downloadLine } from './progress.js';

/** Least time between two lines about one download, seconds. */
const EVERY = 10;

/** Says how a download goes: at once, then at modest intervals, and when it is done. */
export function announce(note: ((line: string) => void) | undefined): (progress: DownloadProgress) => void {
  let said = Number.NEGATIVE_INFINITY;
  return (progress) => {
    const now = performance.now() / 1000;
    if (now - said < EVERY && progress.done < progress.total) return;
    said = now;
    note?.(downloadLine(progress));
  };
}
