import { sharp } from './guarded-sharp.js';
import type { Rgb } from './image.js';

/**
 * Makes a picture smaller so that its shorter side has `side` pixels; one that is no larger stays as it is. The share
 * of its area that a crop takes is the
 * same before and after.
 */
export async function shrink(image: Rgb, side: number): Promise<Rgb> {
  const { width, height, data } = image;
  const by = side / Math.min(width, height);
  if (by >= 1) return image;
  const [w, h] = [width, height].map((x) => Math.max(side, Math.round(x * by)));
  const out = await sharp(data, { raw: { width, height, channels: 3 } })
    .resize(w, h, { fit: 'fill', kernel: 'cubic' })
    .raw()
    .toBuffer();
  return { width: w, height: h, data: out };
}
