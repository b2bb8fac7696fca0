import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Settings } from '../config/schema.js';
import { dropTemporary, removeTemporariesOf, temporaryName } from '../files/temporary.js';
import type { StageHooks } from '../stage.js';
import { writeCaptions } from './captions-stage.js';
import { imagesDir, writeImages } from './images-stage.js';

/**
 * A few captions with images of the settings' sizes, to measure with: by the embedded writer and painter, whatever the settings' are. They
 * lie in a temporary folder, and are gone when `use` has ended.
 */
export async function withSampleCorpus<T>(
  s: Settings,
  captions: number,
  signal: AbortSignal,
  use: (imagesDir: string) => Promise<T>,
): Promise<T> {
  const place = join(tmpdir(), 'synclr-sample');
  await removeTemporariesOf(place);
  const dir = temporaryName(place);
  const settings: Settings = {
    ...s,
    captions: { ...s.captions, writer: 'embedded', count: captions, seenMb: 1 },
    images: {
      ...s.images,
      painter: 'embedded',
      guidanceRescale: 0,
      captionsPerShard: Math.max(1, Math.ceil(captions / 2)),
    },
  };
  const hooks: StageHooks = { signal, progress() {}, warn() {} };
  try {
    await writeCaptions({ settings, dir, hooks });
    await writeImages({ settings, dir, hooks });
    return await use(imagesDir(dir));
  } finally {
    await dropTemporary(dir);
  }
}
