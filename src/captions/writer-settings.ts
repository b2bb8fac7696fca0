import type { z } from 'zod';
import { checkSettings } from '../config/resolve.js';
import type { Settings, settingsSchema } from '../config/schema.js';

/** Of a run's settings, what a caption writer reads. */
export interface WriterSettings {
  captions: Settings['captions'];
  runtime: Pick<Settings['runtime'], 'writer' | 'provider' | 'threads'>;
}

type Input = z.input<typeof settingsSchema>;

/**
 * A writer by itself: any of the settings `captions.*`, and under `runtime` where its server is and what it runs on. What is left out has
 * its usual value: `openWriter({ writer: 'gguf', model: 'models/writer.gguf' })`.
 */
export type WriterOptions = NonNullable<Input['captions']> & {
  runtime?: Pick<NonNullable<Input['runtime']>, 'writer' | 'provider' | 'threads'>;
};

/** @throws UserError naming an unknown setting, or one out of range */
export function writerSettings(o: WriterOptions | WriterSettings): WriterSettings {
  if ('captions' in o) return o;
  const { runtime, ...captions } = o;
  return checkSettings({ captions, runtime }, false);
}
