import { UserError } from '../errors.js';
import { tarMembers } from '../formats/tar.js';

/** Where the parts of a shard's samples lie, in a few bytes a sample. */
export interface ShardIndex {
  samples: number;
  /** Images a sample. */
  images: number;
  /** [samples, images + 2]: offset of each image, then text, then JSON; 0 where there is none. */
  offsets: Float64Array;
  /** [samples, images + 2], bytes. */
  sizes: Uint32Array;
}

const IMAGE = /^(?:(\d+)\.)?(?:jpe?g|png|webp)$/;
/** Bytes of an index a part. */
export const INDEX_BYTES = 12;

/**
 * Indexes a WebDataset shard: neighbouring members with the same name up to its first dot are one sample; images are `key.jpg` or
 * `key.0.jpg`, `key.1.jpg` … (also png, webp), text `key.txt`, metadata `key.json`; other members are passed over.
 * @param fd open for reading
 * @throws UserError for a damaged archive, and for samples without images or with differing numbers of them
 */
export function indexShard(fd: number, file: string): ShardIndex {
  const offsets: number[] = [];
  const sizes: number[] = [];
  let samples = 0;
  let images = -1;
  let key: string | undefined;
  let pictures: { order: number; offset: number; size: number }[] = [];
  let text = { offset: 0, size: 0 };
  let json = { offset: 0, size: 0 };

  const close = () => {
    if (key === undefined) return;
    if (pictures.length === 0)
      throw new UserError(`${file}: sample ${key} has no image (expected ${key}.0.jpg, or .png, .webp)`);
    if (images >= 0 && pictures.length !== images)
      throw new UserError(
        `${file}: sample ${key} has ${pictures.length} images, the one before has ${images}; every sample needs the same number`,
      );
    images = pictures.length;
    pictures.sort((a, b) => a.order - b.order);
    for (const part of [...pictures, text, json]) {
      offsets.push(part.offset);
      sizes.push(part.size);
    }
    samples++;
    pictures = [];
    text = json = { offset: 0, size: 0 };
  };

  for (const { name, offset, size } of tarMembers(fd, file)) {
    const slash = name.lastIndexOf('/') + 1;
    const dot = name.indexOf('.', slash);
    // Hidden files (._x of macOS) and __notes__ are no samples; nor do names without an ending say what they hold.
    if (dot <= slash || name.startsWith('__', slash)) continue;
    if (name.slice(0, dot) !== key) {
      close();
      key = name.slice(0, dot);
    }
    const kind = name.slice(dot + 1).toLowerCase();
    const picture = IMAGE.exec(kind);
    if (picture) pictures.push({ order: Number(picture[1] ?? 0), offset, size });
    else if (kind === 'txt') text = { offset, size };
    else if (kind === 'json') json = { offset, size };
  }
  close();
  if (samples === 0) throw new UserError(`${file}: a tar archive without samples`);
  return { samples, images, offsets: Float64Array.from(offsets), sizes: Uint32Array.from(sizes) };
}
