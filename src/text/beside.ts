import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { LISTS } from './tokenizer.js';

/** Files by which a folder is known to hold a vocabulary. */
const KNOWN = ['vocab.json', 'tokenizer.json', ...LISTS];

/**
 * The vocabulary that lies with an encoder: in its folder, or in that of the run whose checkpoint it is; Hugging Face's pipelines have it in
 * `tokenizer/`.
 * @param path an encoder's folder or file @returns a folder; undefined where none holds one
 */
export function vocabularyBeside(path: string): string | undefined {
  const parent = dirname(path);
  const run = basename(parent) === 'checkpoints' ? [dirname(parent)] : [];
  return [path, join(path, 'tokenizer'), parent, ...run].find((dir) =>
    KNOWN.some((name) => existsSync(join(dir, name))),
  );
}
