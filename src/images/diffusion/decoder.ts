import { UserError } from '../../errors.js';
import type { ExecutorOptions } from '../../runtime/ort/executor.js';
import type { Pixels } from '../painter.js';
import { type Config, numberOf, numbersOf, type Part } from './folder.js';
import { feed, fixedBatch, Network, type Port } from './sessions.js';

/** How latents of the diffusion's scale become the VAE's, from the decoder's `config.json`. */
interface Scaling {
  factor: number;
  shift: number;
  mean: number[] | undefined;
  std: number[] | undefined;
}

/** The VAE's decoder: latents → pixels. */
export class Decoder {
  /** Pixels a latent, along a side. */
  readonly factor: number;
  /** Channels of a latent, where its files say so. */
  readonly channels: number | undefined;
  /** Values that were no numbers; a decoder in half precision can overflow. */
  notNumbers = 0;
  private readonly network: Network;
  private readonly port: Port;
  private readonly outputName: string;
  private readonly scaling: Scaling;

  private constructor(network: Network, config: Config) {
    this.network = network;
    const port = network.input('latent_sample', 'latents', 'sample') ?? network.inputs[0];
    network.refuseOthers([port.name]);
    this.port = port;
    this.outputName = (network.output('sample') ?? network.outputs[0]).name;
    const declared = typeof port.shape[1] === 'number' && port.shape[1] > 0 ? port.shape[1] : undefined;
    this.channels = declared ?? numberOf(config, 'latent_channels');
    // Every block but the last halves the sides; Stable Diffusion's has four.
    this.factor = 2 ** ((numbersOf(config, 'block_out_channels')?.length ?? 4) - 1);
    this.scaling = {
      // diffusers' defaults for its two autoencoders.
      factor: numberOf(config, 'scaling_factor') ?? (config._class_name === 'AutoencoderTiny' ? 1 : 0.18215),
      shift: numberOf(config, 'shift_factor') ?? 0,
      mean: numbersOf(config, 'latents_mean'),
      std: numbersOf(config, 'latents_std'),
    };
  }

  static async open(part: Part, options: ExecutorOptions): Promise<Decoder> {
    const network = await Network.open(part.file, options);
    try {
      return new Decoder(network, part.config);
    } catch (e) {
      await network.close();
      throw e;
    }
  }

  /**
   * Decodes one image alone: its pixels depend on nothing else, and memory stays small.
   * @param latent [channels, height, width]
   */
  async decode(latent: Float32Array, channels: number, height: number, width: number): Promise<Pixels> {
    const rows = fixedBatch(this.port) ?? 1;
    const scaled = new Float32Array(rows * latent.length);
    for (let r = 0; r < rows; r++) this.unscale(latent, channels, scaled.subarray(r * latent.length));
    const [{ data, dims }] = await this.network.run(
      { [this.port.name]: feed(this.port, scaled, [rows, channels, height, width]) },
      [this.outputName],
    );
    const [h, w] = [height * this.factor, width * this.factor];
    if (dims[1] !== 3 || dims[2] !== h || dims[3] !== w)
      throw new UserError(
        `${this.network.name} gives values of shape [${dims}] where its config.json (block_out_channels) means [${rows},3,${h},${w}]`,
      );
    return { width: w, height: h, data: this.pixels(data, h * w) };
  }

  async close(): Promise<void> {
    await this.network.close();
  }

  private unscale(latent: Float32Array, channels: number, out: Float32Array): void {
    const { factor, shift, mean, std } = this.scaling;
    const area = latent.length / channels;
    for (let c = 0, i = 0; c < channels; c++) {
      const by = (std?.[c] ?? 1) / factor;
      const plus = (mean?.[c] ?? 0) + shift;
      for (let end = i + area; i < end; i++) out[i] = latent[i] * by + plus;
    }
  }

  /** [3, area] in −1…1 → [area, 3] in 0…255; what is no number is black. */
  private pixels(planes: Float32Array, area: number): Uint8Array {
    // This kind of array rounds to the nearest and clamps as it stores.
    const out = new Uint8ClampedArray(3 * area);
    let wrong = 0;
    for (let c = 0; c < 3; c++)
      for (let i = 0; i < area; i++) {
        const x = planes[c * area + i];
        if (Number.isNaN(x)) wrong++;
        out[3 * i + c] = 127.5 * x + 127.5;
      }
    this.notNumbers += wrong;
    return new Uint8Array(out.buffer);
  }
}
