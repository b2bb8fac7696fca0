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

const IMAGE = /^(?:(\d{1,9})\.)?(?:jpe?g|png|webp)$/;
/** Largest image, and text or JSON, that a sample may have, bytes: they are read whole. */
const MOST_IMAGE = 256 * 2 ** 20;
const MOST_TEXT = 16 * 2 ** 20;
/** Bytes of an index a part. */
export const INDEX_BYTES = 12;

/**
 * Indexes a WebDataset shard: neighbouring members with the same name up to its first dot are one sample; images are `key.jpg` or
 * `key.0.jpg`, `key.1.jpg` … (also png, webp), text `key.txt`, metadata `key.json`; other members are passed over.
 * @param fd open for reading
 * @throws UserError for a damaged archive, for samples without images or with differing numbers of them, and for a name that comes twice
 */
export function indexShard(fd: number, file: string): ShardIndex {
  const offsets: number[] = [];
  const sizes: number[] = [];
  let samples = 0;
  let images = -1;
  let key: string | undefined;
  let pictures: { name: string; order: number; offset: number; size: number }[] = [];
  const keys = new Set<string>();
  const endings = new Set<string>();
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
    for (let j = 1; j < pictures.length; j++)
      if (pictures[j].order === pictures[j - 1].order)
        throw new UserError(
          `${file}: ${pictures[j - 1].name} and ${pictures[j].name} are both image ${pictures[j].order} of sample ${key}: name them ${key}.0.jpg, ${key}.1.jpg …`,
        );
    for (const part of [...pictures, text, json]) {
      offsets.push(part.offset);
      sizes.push(part.size);
    }
    samples++;
    pictures = [];
    text = json = { offset: 0, size: 0 };
  };

  for (const { name, kind: stored, offset, size } of tarMembers(fd, file)) {
    const slash = name.lastIndexOf('/') + 1;
    const dot = name.indexOf('.', slash);
    // Hidden files (._x of macOS) and __notes__ are no samples; nor do names without an ending say what they hold.
    if (dot <= slash || name.startsWith('__', slash)) continue;
    if (name.slice(0, dot) !== key) {
      close();
      key = name.slice(0, dot);
      // Archives that are put together from several often number their samples alike.
      if (keys.has(key))
        throw new UserError(
          `${file}: ${name} belongs to sample ${key}, which came before: names must differ (were archives put together?)`,
        );
      keys.add(key);
      endings.clear();
    }
    const kind = name.slice(dot + 1).toLowerCase();
    if (endings.has(kind))
      throw new UserError(`${file}: ${name} is in it twice: names must differ (were archives put together?)`);
    endings.add(kind);
    const picture = IMAGE.exec(kind);
    if (!picture && kind !== 'txt' && kind !== 'json') continue;
    if (stored !== 'file')
      throw new UserError(
        stored === 'link'
          ? `${file}: ${name} is a link, which has no content of its own: pack the files themselves (tar --dereference --hard-dereference)`
          : `${file}: ${name} is stored without its holes: pack it again without tar --sparse`,
      );
    const most = picture ? MOST_IMAGE : MOST_TEXT;
    if (size > most)
      throw new UserError(`${file}: ${name} has ${size} bytes, more than such a file can have here (${most})`);
    if (picture) pictures.push({ name, order: Number(picture[1] ?? 0), offset, size });
    else if (kind === 'txt') text = { offset, size };
    else json = { offset, size };
  }
  close();
  if (samples === 0) throw new UserError(`${file}: a tar archive without samples`);
  return { samples, images, offsets: Float64Array.from(offsets), sizes: Uint32Array.from(sizes) };
}
