import sharp from 'sharp';

/** A decoded image: RGB bytes, interleaved, row-major. */
export interface Rgb {
  width: number;
  height: number;
  data: Uint8Array;
}

/** Decodes JPEG, PNG, WebP … to RGB: grey is spread, alpha dropped over white, EXIF rotation applied. @throws when the file is broken */
export async function decode(bytes: Uint8Array): Promise<Rgb> {
  const { data, info } = await sharp(bytes, { failOn: 'truncated' })
    .rotate()
    .flatten({ background: '#ffffff' })
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  if (channels === 3) return { width, height, data };
  const rgb = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++)
    for (let c = 0; c < 3; c++) rgb[i * 3 + c] = data[i * channels + Math.min(c, channels - 1)];
  return { width, height, data: rgb };
}
