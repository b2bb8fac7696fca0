import type { z } from 'zod';
import { checkSettings } from '../config/resolve.js';
import type { Settings, settingsSchema } from '../config/schema.js';

/** Of a run's settings, what a painter reads. */
export interface PainterSettings {
  images: Settings['images'];
  runtime: Pick<Settings['runtime'], 'painter' | 'provider' | 'threads'>;
}

type Input = z.input<typeof settingsSchema>;

/**
 * A painter by itself: any of the settings `images.*`, and under `runtime` where its server is and what it runs on. What is left out has
 * its usual value: `openPainter({ painter: 'diffusion', model: 'models/sd15', size: 512 })`.
 */
export type PainterOptions = NonNullable<Input['images']> & {
  runtime?: Pick<NonNullable<Input['runtime']>, 'painter' | 'provider' | 'threads'>;
};

/** @throws UserError naming an unknown setting, or one out of range */
export function painterSettings(o: PainterOptions | PainterSettings): PainterSettings {
  if ('images' in o) return o;
  const { runtime, ...images } = o;
  return checkSettings({ images, runtime }, false);
}
