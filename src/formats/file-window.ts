import { readSync } from 'node:fs';

/** A stretch of an open file that is held while its headers are looked through, synchronously: small pieces share a read, large ones are leapt over. */
export class FileWindow {
  private readonly fd: number;
  private readonly window: Buffer;
  private from = 0;
  private filled = 0;

  /** @param bytes read at once */
  constructor(fd: number, bytes: number) {
    this.fd = fd;
    this.window = Buffer.alloc(bytes);
  }

  /**
   * The bytes at a place: valid until the next call.
   * @param length at most what the window holds
   * @returns undefined where the file ends before
   */
  at(place: number, length: number): Buffer | undefined {
    if (place < this.from || place + length > this.from + this.filled) {
      this.from = place;
      this.filled = readSync(this.fd, this.window, 0, this.window.length, place);
      if (this.filled < length) return undefined;
    }
    return this.window.subarray(place - this.from, place - this.from + length);
  }
}
