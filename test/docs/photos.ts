import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { Rng } from '../../src/rng.js';

const CLASSES = ['cat', 'dog', 'cup'];

/** The images that examples speak of: photos/<class>/, data/cifar10, data/pets, path/to/cifar10 in two parts, photo.jpg, query.jpg, x.jpg. */
export async function photos(dir: string): Promise<void> {
  const photo = async (path: string, seed: number, tint: number) => {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    const rng = Rng.of(seed, path);
    const data = Uint8Array.from({ length: 40 * 30 * 3 }, (_, k) => (k % 3 === tint ? 180 : 50) + rng.int(60));
    await sharp(data, { raw: { width: 40, height: 30, channels: 3 } })
      .jpeg()
      .toFile(join(dir, path));
  };
  for (const [c, name] of CLASSES.entries())
    for (let i = 0; i < 6; i++) {
      await photo(`photos/${name}/${i}.jpg`, i, c);
      for (const set of ['data/cifar10', 'data/pets', 'path/to/cifar10'])
        for (const part of ['train', 'test']) await photo(`${set}/${part}/${name}/${i}.jpg`, i, c);
    }
  for (const name of ['photo.jpg', 'query.jpg', 'x.jpg']) await photo(name, 1, 1);
}
