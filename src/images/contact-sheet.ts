import { createCanvas, ImageData } from '@napi-rs/canvas';
import { replaceFile } from '../files/replace.js';
import { removeTemporariesOf } from '../files/temporary.js';
import type { Pixels } from './painter.js';
import { SHEET, signed } from './signed-png.js';

/** One caption and its images. */
export interface SheetRow {
  caption: string;
  images: readonly Pixels[];
}

const CELL = 128;
const GAP = 6;
const TEXT = 300;

/**
 * Writes a PNG with captions beside their images, each shown at least 128 px wide, in place of nothing or of an earlier sheet.
 * @throws UserError where another file stands there
 */
export async function contactSheet(rows: readonly SheetRow[], file: string): Promise<void> {
  const columns = Math.max(...rows.map((r) => r.images.length), 1);
  const canvas = createCanvas(TEXT + columns * (CELL + GAP) + GAP, rows.length * (CELL + GAP) + GAP);
  const ctx = canvas.getContext('2d');
  ctx.fillStyle = '#ffffff';
  ctx.fillRect(0, 0, canvas.width, canvas.height);
  ctx.fillStyle = '#222222';
  ctx.font = '15px sans-serif';
  ctx.imageSmoothingEnabled = false;
  rows.forEach(({ caption, images }, row) => {
    const top = GAP + row * (CELL + GAP);
    wrap(caption, (s) => ctx.measureText(s).width, TEXT - 2 * GAP)
      .slice(0, 6)
      .forEach((line, i) => {
        ctx.fillText(line, GAP, top + 18 + i * 20);
      });
    images.forEach(({ width, height, data }, column) => {
      const rgba = new Uint8ClampedArray(width * height * 4).fill(255);
      for (let i = 0; i < width * height; i++) rgba.set(data.subarray(i * 3, i * 3 + 3), i * 4);
      const image = createCanvas(width, height);
      image.getContext('2d').putImageData(new ImageData(rgba, width, height), 0, 0);
      ctx.drawImage(image, TEXT + column * (CELL + GAP), top, CELL, CELL);
    });
  });
  await removeTemporariesOf(file);
  await replaceFile(file, signed(canvas.toBuffer('image/png')), SHEET);
}

function wrap(text: string, width: (s: string) => number, limit: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line ? `${line} ${word}` : word;
    if (line && width(longer) > limit) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return line ? [...lines, line] : lines;
}
