/** The last `size` arrays given, newest first. Their buffers are made once and go round. */
export class History {
  private readonly size: number;
  private readonly kept: Float32Array[] = [];

  constructor(size: number) {
    this.size = size;
  }

  /** How many are kept, at most `size`. */
  get length(): number {
    return this.kept.length;
  }

  /** The array given `age` calls before the last. */
  at(age: number): Float32Array {
    return this.kept[age];
  }

  /** Makes room for a new newest array of this length, dropping the oldest where there are enough; its content is to be written. */
  push(length: number): Float32Array {
    const buffer = this.kept.length === this.size ? this.kept.pop()! : new Float32Array(length);
    this.kept.unshift(buffer);
    return buffer;
  }
}
