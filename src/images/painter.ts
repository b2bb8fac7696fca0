/** Raw pixels: RGB, 8 bits, row-major, [size, size, 3]. */
export interface Pixels {
  width: number;
  height: number;
  data: Uint8Array;
}

export interface PaintRequest {
  caption: string;
  /** With the run's seed and `image` the noise key: the same key always means the same image. */
  captionId: number;
  /** Which of the caption's n images. */
  image: number;
  seed: number;
  /** Side, pixels. */
  size: number;
}

/** A painter (g2): text in, image out. What it paints depends on the request alone, not on batch size, order, thread or machine. */
export interface Painter {
  readonly name: string;
  paint(requests: readonly PaintRequest[]): Promise<Pixels[]>;
  close?(): Promise<void>;
}
