import { createCanvas, ImageData } from '@napi-rs/canvas';
import type { Pixels } from './painter.js';

/** Encodes RGB pixels as a JPEG file. The same pixels and quality give the same bytes. @param quality 1…100 */
export async function encodeJpeg({ width, height, data }: Pixels, quality: number): Promise<Buffer> {
  const canvas = createCanvas(width, height);
  const rgba = new Uint8ClampedArray(width * height * 4);
  for (let i = 0, j = 0; i < rgba.length; i += 4, j += 3) {
    rgba[i] = data[j];
    rgba[i + 1] = data[j + 1];
    rgba[i + 2] = data[j + 2];
    rgba[i + 3] = 255;
  }
  canvas.getContext('2d').putImageData(new ImageData(rgba, width, height), 0, 0);
  return canvas.encodeSync('jpeg', quality);
}
