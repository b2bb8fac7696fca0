import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Folders that the stages of a run fill, in its own folder. */
export const STAGE_FOLDERS: readonly string[] = [
  'captions',
  'images',
  'corpus',
  'train',
  'checkpoints',
  'encoder',
  'features',
  'heldout',
  'own-concepts',
  'eval',
  'classify',
  'classifier',
];

/** Files that stages write beside them. */
export const STAGE_FILES: readonly string[] = ['probes.json', 'report.html', 'vocabulary.txt'];

/** Whether a folder holds a run's `config.json`. */
export function isRun(dir: string): boolean {
  try {
    const value: unknown = JSON.parse(readFileSync(join(dir, 'config.json'), 'utf8'));
    const { synclr, settings } = value as { synclr?: unknown; settings?: unknown };
    return typeof synclr === 'string' && typeof settings === 'object';
  } catch {
    return false;
  }
}
