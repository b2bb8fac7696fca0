import { DamagedFile } from './damaged.js';
import { FileWindow } from './file-window.js';

/** Longest piece that is handed out as bytes; what is longer is named by its place in the file. */
export const LONGEST_PIECE = 1 << 16;

/** Reads a stretch of an open file from front to back, through a window: memory does not grow with the file. */
export class ByteCursor {
  readonly file: string;
  /** Where the next byte lies in the file. */
  at: number;
  private readonly end: number;
  private readonly window: FileWindow;
  private held: Buffer = Buffer.alloc(0);
  private heldFrom = 0;

  /** @param end first byte that belongs to something else */
  constructor(fd: number, file: string, at: number, end: number) {
    this.window = new FileWindow(fd, LONGEST_PIECE);
    this.file = file;
    this.at = at;
    this.end = end;
  }

  get left(): number {
    return this.end - this.at;
  }

  byte(): number {
    if (this.at < this.heldFrom || this.at >= this.heldFrom + this.held.length) {
      const length = Math.min(LONGEST_PIECE, this.left);
      this.held = this.hold(Math.max(1, length));
      this.heldFrom = this.at;
    }
    return this.held[this.at++ - this.heldFrom];
  }

  /** The next bytes: valid until the next call. @param length at most LONGEST_PIECE */
  take(length: number): Buffer {
    const inside = this.at - this.heldFrom;
    const bytes =
      inside >= 0 && inside + length <= this.held.length
        ? this.held.subarray(inside, inside + length)
        : this.hold(length);
    this.at += length;
    return bytes;
  }

  /** Leaps over bytes. @returns where they lie in the file @throws DamagedFile where there are fewer */
  skip(length: number): number {
    if (length > this.left) throw this.cutOff();
    const at = this.at;
    this.at += length;
    return at;
  }

  /** Bytes up to a line's end, which is passed. @throws DamagedFile for lines of more than LONGEST_PIECE bytes */
  line(): Buffer {
    const inside = this.at - this.heldFrom;
    const near = inside >= 0 && inside < this.held.length ? this.held.indexOf(0x0a, inside) : -1;
    if (near >= 0) return this.take(near - inside + 1).subarray(0, near - inside);
    const bytes = this.hold(Math.min(LONGEST_PIECE, this.left));
    const length = bytes.indexOf(0x0a);
    if (length < 0 && this.left <= LONGEST_PIECE) throw this.cutOff();
    if (length < 0) throw this.wrong(`a line of more than ${LONGEST_PIECE} bytes`);
    this.at += length + 1;
    return bytes.subarray(0, length);
  }

  wrong(what: string): DamagedFile {
    return new DamagedFile(`${this.file}: not a sound pickle: ${what} (at byte ${this.at})`);
  }

  private hold(length: number): Buffer {
    if (length > this.left) throw this.cutOff();
    const bytes = this.window.at(this.at, length);
    if (!bytes) throw this.cutOff();
    // The window's own buffer is filled anew by another place.
    this.held = bytes;
    this.heldFrom = this.at;
    return bytes;
  }

  private cutOff(): DamagedFile {
    return new DamagedFile(`${this.file}: truncated: its pickle ends in the middle (at byte ${this.at})`);
  }
}
