import { join } from 'node:path';
import type { StageOptions } from '../stage.js';
import { CaptionShards } from './captions.js';
import { writeShards } from './write-shards.js';

export const captionsDir = (dir: string): string => join(dir, 'captions');
export const imagesDir = (dir: string): string => join(dir, 'images');

/** Stage g1: writes the run's captions. */
export async function writeCaptions({ settings, dir, hooks }: StageOptions): Promise<{ captions: number }> {
  const { count, perShard } = settings.captions;
  const common = { settings, hooks, captionsDir: captionsDir(dir) };
  await writeShards({ ...common, kind: 'captions', dir: captionsDir(dir), samples: count, perShard, unit: 'captions', unitsPerSample: 1 });
  return { captions: count };
}

/** Stage g2: paints n images of every caption. */
export async function writeImages({ settings, dir, hooks }: StageOptions): Promise<{ images: number }> {
  const { length } = await CaptionShards.open(captionsDir(dir));
  const { captionsPerShard: perShard, perCaption } = settings.images;
  const common = { settings, hooks, captionsDir: captionsDir(dir) };
  await writeShards({ ...common, kind: 'images', dir: imagesDir(dir), samples: length, perShard, unit: 'images', unitsPerSample: perCaption });
  return { images: length * perCaption };
}
