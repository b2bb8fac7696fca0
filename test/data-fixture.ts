import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { expect } from 'vitest';
import { openEvalSet } from '../src/data/open.js';
import type { EvalSet, EvalSplit } from '../src/data/set.js';
import { UserError } from '../src/errors.js';

/** A folder for a data set, and what puts files into it. */
export class DataFolder {
  readonly dir = mkdtempSync(join(tmpdir(), 'synclr-data-'));

  put(file: string, content: string | Uint8Array): void {
    const path = join(this.dir, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }

  /** Files that are pictures by their content, as cheap as they come: their colour tells which they are. */
  async pictures(...files: string[]): Promise<void> {
    for (const file of files) this.put(file, await picture(file));
  }

  has(file: string): boolean {
    return existsSync(join(this.dir, file));
  }

  remove(): void {
    rmSync(this.dir, { recursive: true });
  }

  /** The set, of the kind that its content tells or the one named. */
  open(o: { name?: string; kind?: string; ignored?: number } = {}): Promise<EvalSet> {
    const { ignored, ...spec } = o;
    return openEvalSet({ dir: this.dir, name: 'set', ...spec }, ignored === undefined ? {} : { ignored });
  }

  /** What the user is told where it cannot be opened: one line. */
  async refused(o: { name?: string; kind?: string; ignored?: number } = {}): Promise<string> {
    const e = await this.open(o).then(
      (set) => set.close(),
      (error: unknown) => error,
    );
    expect(e).toBeInstanceOf(UserError);
    const { message } = e as UserError;
    expect(message).not.toContain('\n');
    return message;
  }
}

/** A picture of one colour that its name decides. */
export function picture(name: string, width = 4, height = 3): Promise<Buffer> {
  const [r, g, b] = colourOf(name);
  const image = sharp({ create: { width, height, channels: 3, background: { r, g, b } } });
  return (/\.png$/i.test(name) ? image.png() : image.jpeg({ quality: 100 })).toBuffer();
}

export function colourOf(name: string): [number, number, number] {
  let h = 2166136261;
  for (const c of name) h = Math.imul(h ^ c.charCodeAt(0), 16777619) >>> 0;
  return [h & 255, (h >> 8) & 255, (h >> 16) & 255];
}

/** What a split holds: names with classes. */
export const listed = (split: EvalSplit): [string, number][] =>
  Array.from({ length: split.length }, (_, i) => [split.nameOf(i), split.labels[i]]);
