import type { Stats } from 'node:fs';
import { join } from 'node:path';
import { codeOf } from '../errors.js';
import { isPnm, readPnm } from '../formats/pnm.js';
import { readPictureFile } from '../views/image.js';
import type { ListedSplit } from './kind.js';
import { type LabelMap, type MaskRule, readMaskFile } from './masks.js';
import type { Picture } from './set.js';

/** A picture file of a data set, by its path below the root with `/`. */
export interface FileEntry {
  file: string;
  /** Single-label sets: its class. */
  label?: number;
  /** Multi-label sets: [classes] 1, −1 or 0. */
  present?: Int8Array;
  /** Segmentation: the file of its label map. */
  mask?: string;
}

/** Pictures that are files of their own. Memory: names, and 20 bytes a picture. */
export class FileSplit implements ListedSplit {
  private readonly root: string;
  private readonly files: string[] = [];
  private readonly masks: string[] = [];
  private readonly rows: Int8Array[] = [];
  private readonly classOf = new Numbers(Int32Array);
  /** Bytes and time of every file, and of its mask where it has one. */
  private readonly states = new Numbers(Float64Array);
  private rule: MaskRule | undefined;
  private rowsTogether: Int8Array | undefined;

  /** @param root where the files' paths begin */
  constructor(root: string) {
    this.root = root;
  }

  add(entry: FileEntry, found: Pick<Stats, 'size' | 'mtimeMs'>, mask?: Stats): void {
    this.files.push(entry.file);
    if (entry.label !== undefined) this.classOf.push(entry.label);
    if (entry.present) this.rows.push(entry.present);
    this.states.push(found.size, found.mtimeMs);
    if (entry.mask === undefined || !mask) return;
    this.masks.push(entry.mask);
    this.states.push(mask.size, mask.mtimeMs);
  }

  /** Says how label maps are to be read. */
  maskedBy(rule: MaskRule): this {
    this.rule = rule;
    return this;
  }

  get length(): number {
    return this.files.length;
  }

  get labels(): Int32Array {
    return this.classOf.values;
  }

  get present(): Int8Array | undefined {
    if (this.rows.length === 0) return undefined;
    if (!this.rowsTogether) {
      const width = this.rows[0].length;
      this.rowsTogether = new Int8Array(this.rows.length * width);
      for (const [i, row] of this.rows.entries()) this.rowsTogether.set(row, i * width);
    }
    return this.rowsTogether;
  }

  nameOf(i: number): string {
    return this.files[i];
  }

  /** Path of a picture's label map, relative to the root. */
  maskOf(i: number): string | undefined {
    return this.masks[i];
  }

  async read(i: number): Promise<Picture> {
    const bytes = await readPictureFile(join(this.root, this.files[i]));
    return isPnm(bytes) ? readPnm(bytes) : bytes;
  }

  get readMask(): ((i: number) => Promise<LabelMap>) | undefined {
    const { rule } = this;
    if (!rule) return undefined;
    return async (i) => {
      try {
        return await readMaskFile(join(this.root, this.masks[i]), rule);
      } catch (e) {
        throw new Error(`${this.masks[i]}: ${codeOf(e) === undefined ? (e as Error).message : codeOf(e)}`);
      }
    };
  }

  digest(add: (text: string) => void): void {
    const { present, labels } = this;
    const width = present ? present.length / this.length : 0;
    const states = this.states.values;
    const each = this.masks.length > 0 ? 4 : 2;
    for (const [i, file] of this.files.entries()) {
      const label = present ? present.subarray(i * width, (i + 1) * width).join() : (labels[i] ?? '');
      add(JSON.stringify([file, this.masks[i] ?? '', ...states.subarray(i * each, (i + 1) * each), label]));
    }
    if (!this.rule) return;
    add(JSON.stringify([...this.rule.table]));
    if (this.rule.colours) add(JSON.stringify([...this.rule.colours.of]));
  }
}

/** Numbers that become more. */
class Numbers<T extends Int32Array | Float64Array> {
  private held: T;
  private n = 0;
  private readonly make: new (
    length: number,
  ) => T;

  constructor(make: new (length: number) => T) {
    this.make = make;
    this.held = new make(64);
  }

  push(...values: number[]): void {
    if (this.n + values.length > this.held.length) {
      const more = new this.make(2 * this.held.length);
      more.set(this.held);
      this.held = more;
    }
    for (const v of values) this.held[this.n++] = v;
  }

  get values(): T {
    return this.held.subarray(0, this.n) as T;
  }
}
