import sharp from 'sharp';
import { hash, openSketchPainter, randomOf } from './sketch.mjs';

/** Paints from (prompt, seed) alone: a sketch of what the prompt names, in two colours. */
export class Studio {
  #sketch;

  /** @param data folder of the sketch network; without it, patterns */
  constructor(data) {
    this.#sketch = data ? openSketchPainter(data) : undefined;
  }

  /** An image's file, or what a fault makes of it. */
  async file({ prompt, seed, width, height }, fault) {
    if (fault?.kind === 'empty') return Buffer.alloc(0);
    if (fault?.kind === 'blank') return blank(width, height);
    const side = fault?.kind === 'size' ? (fault.side ?? 24) : undefined;
    const png = await this.#paint(prompt, fault?.kind === 'seedless' ? 42 : seed, side ?? width, side ?? height);
    // The same pixels in another file: with its time, or encoded again.
    if (fault?.again === 'png')
      return sharp(png)
        .withExif({ IFD0: { ImageDescription: `${seed}` } })
        .png()
        .toBuffer();
    if (fault?.again === 'jpeg')
      return sharp(png)
        .jpeg({ quality: 88 + (seed % 8) })
        .toBuffer();
    if (fault?.kind !== 'half') return png;
    const jpeg = await sharp(png).jpeg().toBuffer();
    return jpeg.subarray(0, jpeg.length >> 1);
  }

  /** The file as base64 texts: one, or none. */
  async texts(ask, fault) {
    const text = (await this.file(ask, fault)).toString('base64');
    if (text === '') return [];
    return [fault?.kind === 'base64' ? `${text.slice(0, 40)}%%%%${text.slice(44)}` : text];
  }

  #paint(prompt, seed, width, height) {
    const random = randomOf(hash(`${prompt} ${seed}`));
    const paper = [0, 1, 2].map(() => 150 + 105 * random());
    const ink = [0, 1, 2].map(() => 110 * random());
    const drawn = this.#sketch ? this.#sketch(prompt, seed) : waves(random);
    const rgb = Buffer.from(Array.from(drawn, (v) => [0, 1, 2].map((c) => paper[c] + (ink[c] - paper[c]) * v)).flat());
    const image = sharp(rgb, { raw: { width: 28, height: 28, channels: 3 } });
    return image.resize(width, height, { fit: 'fill' }).png({ compressionLevel: 1 }).toBuffer();
  }
}

function blank(width, height) {
  const background = { r: 0, g: 0, b: 0 };
  return sharp({ create: { width, height, channels: 3, background } })
    .png()
    .toBuffer();
}

/** Without the network's weights: interfering waves. */
function waves(random) {
  const [a, b, c, d] = [0, 1, 2, 3].map(() => random() - 0.5);
  return Float32Array.from({ length: 784 }, (_, i) => {
    const [x, y] = [i % 28, Math.floor(i / 28)];
    return 0.5 + 0.25 * (Math.sin(a * x + b * y) + Math.sin(c * x * 2 - d * y));
  });
}
