import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { resolveSettings } from '../src/config/resolve.js';
import type { Settings } from '../src/config/schema.js';
import type { Progress, StageHooks, StageOptions } from '../src/stage.js';

/** Small corpora for the tests of src/corpus. */

/** A corpus of 30 captions with 2 images of 16 px, in several shards, made on one thread: a second takes longer to start. */
export function smallSettings(changes: Record<string, unknown> = {}): Settings {
  return resolveSettings({
    flags: {
      'concepts.limit': 50,
      'captions.count': 30,
      'captions.perShard': 7,
      'images.perCaption': 2,
      'images.size': 32,
      'images.captionsPerShard': 4,
      'views.globalSize': 16,
      'views.localSize': 8,
      'train.captionsPerBatch': 4,
      'runtime.workers': 1,
      ...changes,
    },
  });
}

export interface Heard extends StageHooks {
  heard: Progress[];
  warnings: string[];
  notes: string[];
}

export function hooks(signal: AbortSignal = new AbortController().signal, onProgress?: (p: Progress) => void): Heard {
  const heard: Progress[] = [];
  const warnings: string[] = [];
  const notes: string[] = [];
  return {
    signal,
    heard,
    warnings,
    notes,
    progress(p) {
      heard.push(p);
      onProgress?.(p);
    },
    warn: (line) => warnings.push(line),
    note: (line) => notes.push(line),
  };
}

export function options(dir: string, changes: Record<string, unknown> = {}, h: StageHooks = hooks()): StageOptions {
  return { settings: smallSettings(changes), dir, hooks: h };
}

/** Checksum by name of all files of a folder, hidden ones too. */
export function sums(dir: string): Record<string, string> {
  const out: Record<string, string> = {};
  for (const name of readdirSync(dir).sort()) {
    out[name] = createHash('sha256')
      .update(readFileSync(join(dir, name)))
      .digest('hex')
      .slice(0, 16);
  }
  return out;
}
