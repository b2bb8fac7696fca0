import { type Canvas, createCanvas, ImageData } from '@napi-rs/canvas';
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
    images.forEach((image, column) => {
      ctx.drawImage(canvasOf(image), TEXT + column * (CELL + GAP), top, CELL, CELL);
    });
  });
  await write(canvas, file);
}

/** Names side by side. */
const ACROSS = 5;
const LABEL = 22;

/**
 * Writes a PNG with all the names of a list, five side by side, each above its images.
 * @param rows at least one; all with as many images
 * @throws UserError where another file stands there
 */
export async function namesSheet(rows: readonly SheetRow[], file: string): Promise<void> {
  const each = rows[0].images.length;
  const width = each * CELL;
  const across = Math.min(ACROSS, rows.length);
  const height = CELL + LABEL + GAP;
  const canvas = createCanvas(across * (width + GAP) + GAP, Math.ceil(rows.length / across) * height + GAP);
  const ctx = canvas.getContext('2d');
  ctx.fillStyle = '#ffffff';
  ctx.fillRect(0, 0, canvas.width, canvas.height);
  ctx.fillStyle = '#222222';
  ctx.font = '15px sans-serif';
  rows.forEach(({ caption, images }, i) => {
    const left = GAP + (i % across) * (width + GAP);
    const top = GAP + Math.floor(i / across) * height;
    ctx.fillText(caption, left, top + 15, width);
    images.forEach((image, j) => {
      ctx.drawImage(canvasOf(image), left + j * CELL, top + LABEL, CELL, CELL);
    });
  });
  await write(canvas, file);
}

function canvasOf({ width, height, data }: Pixels): Canvas {
  const rgba = new Uint8ClampedArray(width * height * 4).fill(255);
  for (let i = 0; i < width * height; i++) rgba.set(data.subarray(i * 3, i * 3 + 3), i * 4);
  const canvas = createCanvas(width, height);
  canvas.getContext('2d').putImageData(new ImageData(rgba, width, height), 0, 0);
  return canvas;
}

async function write(canvas: Canvas, file: string): Promise<void> {
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
