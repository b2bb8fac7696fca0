import { ops, type RowOrder, type Shape, type Tensor } from '../graph/index.js';
import { type Parameters, type VitConfig, type VitOptions, vit } from '../model/vit.js';
import { epsOf, prefixOf } from '../model/vit-config.js';
import type { Executor, Executors } from '../runtime/executor.js';
import type { Extent, Window, WindowLogits } from './windows.js';

/** Programs that are kept for windows of different sides: pictures tested whole have many. */
const MOST_SIDES = 4;

/** Windows of one run: on a device that is far faster than what is around it, more. */
export const windowsTogether = (on: Executors): number => (on.apart ? 16 : 4);

/** Patch tokens of a block's output. @returns [batch, patches, dim], f32 */
export function patchTokens(c: VitConfig, output: Tensor, batch: number, order: RowOrder): Tensor {
  const before = prefixOf(c).length;
  const tokens = output.shape[0] / batch;
  const wide = ops.cast(output, 'f32');
  const bySample =
    order === 'token'
      ? ops.transpose(ops.reshape(wide, [tokens, batch, c.dim]), [1, 0, 2])
      : ops.reshape(wide, [batch, tokens, c.dim]);
  return ops.slice(bySample, 1, before, tokens - before);
}

/**
 * Patch tokens of the last blocks side by side.
 * @param finalNorm whether they go through the encoder's last norm, where it has one
 * @returns [batch, patches, blocks · dim]
 */
export function lastPatches(
  c: VitConfig,
  p: Parameters,
  images: Tensor,
  o: VitOptions & { blocks: number; finalNorm: boolean },
): Tensor {
  const { blocks } = vit(c, p, images, o);
  const normed = (x: Tensor) =>
    o.finalNorm && c.norm !== false
      ? ops.layerNorm(x, p('backbone.norm.weight'), p('backbone.norm.bias'), epsOf(c))
      : x;
  const parts = blocks
    .slice(-o.blocks)
    .map(({ output }) => patchTokens(c, normed(output), images.shape[0], o.order ?? 'token'));
  return ops.concat(parts, 2);
}

/** Values that a network reads, by name. */
export type Weights = ReadonlyMap<string, { shape: Shape; data: Float32Array }>;

export interface WindowNetworkOptions {
  weights: Weights;
  patch: number;
  /** Windows of one run. */
  batch: number;
  /** What is computed of images [batch, 3, height, width]: [batch, rows, columns, width] */
  graph(p: Parameters, images: Tensor, o: Pick<VitOptions, 'order' | 'precision'>): Tensor;
}

/** Runs a network on windows of any sides: what they lack of whole patches is filled up at the right and below with the mean colour. */
export class WindowNetwork {
  private readonly executor: Executor;
  private readonly on: Executors;
  private readonly o: WindowNetworkOptions;
  private readonly inputs: Map<string, Tensor>;
  /** Programs by the sides that they take, the longest unused first. */
  private readonly programs = new Map<string, { name: string; shape: Shape }>();

  private constructor(executor: Executor, on: Executors, o: WindowNetworkOptions) {
    this.executor = executor;
    this.on = on;
    this.o = o;
    this.inputs = new Map([...o.weights].map(([name, { shape }]) => [name, ops.input(name, shape)]));
  }

  static async open(on: Executors, o: WindowNetworkOptions): Promise<WindowNetwork> {
    const executor = await on.open();
    try {
      for (const [name, { shape, data }] of o.weights) await executor.keep(name, shape, data.slice());
    } catch (e) {
      await executor.close();
      throw e;
    }
    return new WindowNetwork(executor, on, o);
  }

  /** @param picture planar [3, height, width], normalised */
  async windows(picture: { height: number; width: number; data: Float32Array }, all: readonly Window[]) {
    const out: WindowLogits[] = [];
    for (let from = 0; from < all.length; ) {
      const first = all[from];
      const sides = (w: Window): Extent => [w.y1 - w.y0, w.x1 - w.x0];
      const [h, w] = sides(first);
      let count = 1;
      while (count < this.o.batch && from + count < all.length && sides(all[from + count]).join() === `${h},${w}`)
        count++;
      const these = all.slice(from, from + count);
      const { covers, grid, data } = await this.run(picture, these, [h, w]);
      const each = data.length / this.o.batch;
      these.forEach((window, i) => {
        out.push({ window, grid, covers, data: data.subarray(i * each, (i + 1) * each) });
      });
      from += count;
    }
    return out;
  }

  private async run(
    { height, width, data }: { height: number; width: number; data: Float32Array },
    these: readonly Window[],
    [h, w]: Extent,
  ): Promise<{ covers: Extent; grid: Extent; data: Float32Array }> {
    const { patch, batch } = this.o;
    const covers: Extent = [Math.ceil(h / patch) * patch, Math.ceil(w / patch) * patch];
    const images = new Float32Array(batch * 3 * covers[0] * covers[1]);
    for (const [i, { x0, x1, y0, y1 }] of these.entries())
      for (let c = 0; c < 3; c++)
        for (let y = y0; y < y1; y++) {
          const from = (c * height + y) * width;
          images.set(data.subarray(from + x0, from + x1), ((i * 3 + c) * covers[0] + y - y0) * covers[1]);
        }
    const { name, shape } = await this.program(covers);
    const { logits } = await this.executor.run(name, { images });
    return { covers, grid: [shape[1], shape[2]], data: logits };
  }

  private async program([h, w]: Extent): Promise<{ name: string; shape: Shape }> {
    const key = `${h}×${w}`;
    let known = this.programs.get(key);
    if (known) this.programs.delete(key);
    else {
      let name = `windows ${this.programs.size}`;
      if (this.programs.size === MOST_SIDES) {
        const [[oldest, { name: its }]] = this.programs;
        this.programs.delete(oldest);
        name = its;
      }
      const { order, precision } = this.on;
      const images = ops.input('images', [this.o.batch, 3, h, w]);
      const weight = (which: string) => {
        const t = this.inputs.get(which);
        if (!t) throw new Error(`internal: no weight ${which}`);
        return t;
      };
      const logits = ops.cast(this.o.graph(weight, images, { order, precision }), 'f32');
      await this.executor.load(name, { logits }, { batch: ['images', 'logits'] });
      known = { name, shape: logits.shape };
    }
    this.programs.set(key, known);
    return known;
  }

  close(): Promise<void> {
    return this.executor.close();
  }
}
