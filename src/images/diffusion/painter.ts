import sharp from 'sharp';
import type { Painter, PainterAbout, PaintRequest, Pixels } from '../painter.js';
import type { Decoder } from './decoder.js';
import type { Denoiser } from './denoiser.js';
import { Pipeline, type Setup } from './pipeline.js';
import { refuseSide } from './side.js';
import type { TextEncoders } from './text.js';

/** Paints with a latent-diffusion pipeline on ONNX Runtime, in this thread. */
export class DiffusionPainter implements Painter {
  readonly name = 'diffusion';
  readonly about: PainterAbout;
  private readonly pipeline: Pipeline;
  private readonly text: TextEncoders;
  private readonly denoiser: Denoiser;
  private readonly decoder: Decoder;
  private readonly side: number | undefined;
  private readonly warn: (line: string) => void;
  private warned = false;

  /** @param side pixels at which it paints; undefined: at the size that is asked for */
  constructor(setup: Setup, about: PainterAbout, side: number | undefined, warn: (line: string) => void) {
    this.about = about;
    this.pipeline = new Pipeline(setup, about.model ?? 'the model');
    this.text = setup.text;
    this.denoiser = setup.denoiser;
    this.decoder = setup.decoder;
    this.side = side;
    this.warn = warn;
  }

  async paint(requests: readonly PaintRequest[], signal?: AbortSignal): Promise<Pixels[]> {
    const images: Pixels[] = [];
    for (let i = 0; i < requests.length; ) {
      const { caption, captionId, size } = requests[i];
      let end = i + 1;
      while (end < requests.length && same(requests[end], requests[i])) end++;
      const side = this.side ?? size;
      refuseSide(this.denoiser, this.decoder, side);
      for (const image of await this.pipeline.paint(requests.slice(i, end), side, signal))
        images.push(size === side ? image : await resized(image, size));
      if (this.decoder.notNumbers > 0 && !this.warned) {
        this.warned = true;
        this.warn(
          `the VAE decoder gave values that are not numbers (caption ${captionId}: ${caption}); in half precision some overflow: export vae_decoder in fp32`,
        );
      }
      i = end;
    }
    return images;
  }

  async close(): Promise<void> {
    for (const network of [this.text, this.denoiser, this.decoder]) await network.close();
  }
}

function same(a: PaintRequest, b: PaintRequest): boolean {
  return a.caption === b.caption && a.captionId === b.captionId && a.size === b.size;
}

async function resized(image: Pixels, size: number): Promise<Pixels> {
  const { width, height } = image;
  const data = await sharp(image.data, { raw: { width, height, channels: 3 } })
    .resize(size, size, { fit: 'fill', kernel: 'lanczos3' })
    .raw()
    .toBuffer();
  return { width: size, height: size, data: new Uint8Array(data.buffer, data.byteOffset, data.length) };
}
