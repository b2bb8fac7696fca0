import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import sharp, { type Sharp } from 'sharp';

/** Real photographs, where $SYNCLR_DATA or the usual place has them. */
const DATA = resolve(import.meta.dirname, '..', process.env.SYNCLR_DATA ?? '../shared/data');
const SETS: readonly (readonly [set: string, folder: string, count: number])[] = [
  ['clothing-small', 'clothing-small/test', 12],
  ['cifar10', 'cifar10/test', 6],
  ['camvid', 'camvid/val', 4],
];

/** A photo on disk and what it is, for tables. */
export interface Photo {
  file: string;
  kind: string;
}

/** What is made of a real photo: sizes, formats and colours as they come from cameras, shops and scanners. */
const VARIANTS: readonly (readonly [kind: string, file: string, make: (photo: Buffer) => Promise<Buffer>])[] = [
  [
    '12 megapixels',
    'large.jpg',
    (p) => sharp(p).resize(4000, 3000, { fit: 'cover', kernel: 'cubic' }).jpeg().toBuffer(),
  ],
  [
    '2 megapixels, progressive',
    'progressive.jpg',
    (p) => sharp(p).resize(1200, 1700, { fit: 'cover' }).jpeg({ progressive: true }).toBuffer(),
  ],
  [
    'turned by EXIF (6)',
    'turned-6.jpg',
    (p) => sharp(p).resize(700, 500, { fit: 'cover' }).withMetadata({ orientation: 6 }).jpeg().toBuffer(),
  ],
  [
    'turned by EXIF (8)',
    'turned-8.jpg',
    (p) => sharp(p).resize(640, 480, { fit: 'cover' }).withMetadata({ orientation: 8 }).jpeg().toBuffer(),
  ],
  ['panorama', 'panorama.jpg', (p) => sharp(p).resize(1500, 90, { fit: 'fill' }).jpeg().toBuffer()],
  ['7 × 5 pixels', 'small.png', (p) => sharp(p).resize(7, 5, { fit: 'fill' }).png().toBuffer()],
  ['grey JPEG', 'grey.jpg', (p) => sharp(p).toColourspace('b-w').jpeg().toBuffer()],
  ['grey PNG', 'grey.png', (p) => sharp(p).toColourspace('b-w').png().toBuffer()],
  ['PNG with alpha', 'alpha.png', (p) => cutOut(p).png().toBuffer()],
  ['WebP with alpha', 'alpha.webp', (p) => cutOut(p).webp({ lossless: true }).toBuffer()],
  ['WebP', 'photo.webp', (p) => sharp(p).webp().toBuffer()],
  ['AVIF', 'photo.avif', (p) => sharp(p).avif().toBuffer()],
  ['16-bit PNG', 'deep.png', (p) => sharp(p).toColourspace('rgb16').png().toBuffer()],
  ['palette PNG', 'palette.png', (p) => sharp(p).png({ palette: true }).toBuffer()],
  ['Display P3', 'p3.jpg', (p) => sharp(p).withIccProfile('p3').jpeg().toBuffer()],
  ['CMYK JPEG', 'cmyk.jpg', (p) => sharp(p).toColourspace('cmyk').withIccProfile('cmyk').jpeg().toBuffer()],
];

/** A photo that is opaque in the middle, half transparent around it and not there further out, as products are cut out. */
function cutOut(photo: Buffer): Sharp {
  const [width, height] = [300, 260];
  const alpha = Buffer.alloc(width * height);
  for (let i = 0; i < alpha.length; i++) {
    const r = Math.hypot((i % width) - width / 2, Math.floor(i / width) - height / 2);
    alpha[i] = r < 80 ? 255 : r < 120 ? 128 : 0;
  }
  const raw = { width, height, channels: 1 } as const;
  return sharp(photo).resize(width, height, { fit: 'cover' }).removeAlpha().joinChannel(alpha, { raw });
}

/**
 * Lays real photos of many sizes and kinds into a folder.
 * @returns undefined, after saying so, where there are no photos to begin with
 */
export async function layPhotos(dir: string): Promise<Photo[] | undefined> {
  const missing = SETS.find(([, folder]) => !existsSync(join(DATA, folder)));
  if (missing) {
    console.log(
      `no photos in ${join(DATA, missing[1])} (SYNCLR_DATA names another folder): nothing is compared on them`,
    );
    return undefined;
  }
  mkdirSync(dir, { recursive: true });
  const photos: Photo[] = [];
  const lay = (kind: string, file: string, bytes: Buffer) => {
    writeFileSync(join(dir, file), bytes);
    photos.push({ file, kind });
  };
  const originals: Buffer[] = [];
  for (const [set, folder, count] of SETS) {
    const names = readdirSync(join(DATA, folder), { recursive: true, encoding: 'utf8' });
    const pictures = names.filter((n) => /\.(jpg|png)$/i.test(n)).sort();
    for (let i = 0; i < count; i++) {
      const name = pictures[Math.floor((i * pictures.length) / count)];
      const bytes = readFileSync(join(DATA, folder, name));
      if (set === 'clothing-small') originals.push(bytes);
      lay(set, `${set}-${String(i).padStart(2, '0')}.${name.split('.').at(-1)}`, bytes);
    }
  }
  for (const [i, [kind, file, make]] of VARIANTS.entries())
    lay(kind, file, await make(originals[i % originals.length]));
  return photos;
}
