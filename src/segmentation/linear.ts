import { gradients, ops } from '../graph/index.js';
import type { Backbone } from '../model/backbone.js';
import { segmentationLoss } from '../model/segmentation-loss.js';
import { vitParameters } from '../model/vit.js';
import { Rng } from '../rng.js';
import type { Executors } from '../runtime/executor.js';
import type { Feeds, Objective, TrainedParameter } from '../runtime/training.js';
import { lastPatches, type Weights, WindowNetwork, windowsTogether } from './network.js';
import type { Crop, TrainingCrops } from './samples.js';
import type { LinearPlan } from './settings.js';

/**
 * A linear head as DINOv2 has it (Oquab et al. 2023, section 7.4): patch tokens of a frozen backbone, a batch norm, a 1 × 1 convolution, logits
 * resized bilinearly to the pixels. Since the tokens are frozen, what a batch norm's running statistics would come near to is computed once,
 * over all tokens of the first crops; its factors and offsets are the convolution's.
 */

/** Memory for features that are used again, bytes; beyond it the backbone runs again. */
const KEPT = 2 ** 30;
/** Crops whose tokens the mean and the deviation are taken of. */
const MEASURED = 256;
/** Added to the variance, as batch norms do. */
const EPS = 1e-5;
/** Crops that are measured at one time. */
const TOGETHER = 4;

/** The backbone's weights as values of a program. */
export function backboneWeights(b: Pick<Backbone, 'vit' | 'parameters'>): Weights {
  const specs = vitParameters(b.vit).filter(({ name }) => name !== 'backbone.mask_token');
  return new Map(specs.map(({ name, shape }) => [name, { shape, data: b.parameters.get(name)! }]));
}

/** Patch tokens of training crops, frozen: kept as far as memory allows. */
export class CropFeatures {
  /** Width of a token. */
  readonly width: number;
  /** Tokens along a side of a crop. */
  readonly grid: number;
  private readonly network: WindowNetwork;
  private readonly crops: TrainingCrops;
  private readonly crop: number;
  private readonly kept = new Map<string, { tokens: Float32Array; labels: Uint8Array }>();
  /** Bytes that may be kept: none where no crop comes again. */
  private readonly room: number;
  private bytes = 0;

  private constructor(network: WindowNetwork, b: Backbone, plan: LinearPlan, crops: TrainingCrops) {
    this.network = network;
    this.crops = crops;
    this.crop = plan.crop;
    this.room = plan.views > 0 ? KEPT : 0;
    this.grid = plan.crop / b.vit.patch;
    this.width = b.vit.dim * plan.blocks;
  }

  static async open(on: Executors, b: Backbone, plan: LinearPlan, crops: TrainingCrops): Promise<CropFeatures> {
    const { blocks, finalNorm } = plan;
    const grid = plan.crop / b.vit.patch;
    const network = await WindowNetwork.open(on, {
      ...{ weights: backboneWeights(b), patch: b.vit.patch, batch: windowsTogether(on) },
      graph: (p, images, o) =>
        ops.reshape(lastPatches(b.vit, p, images, { ...o, blocks, finalNorm }), [
          ...[images.shape[0], grid, grid],
          b.vit.dim * blocks,
        ]),
    });
    return new CropFeatures(network, b, plan, crops);
  }

  /** The crops from the `from`-th on. @returns tokens [grid², width] and labels [crop, crop] of each */
  async some(from: number, count: number): Promise<{ tokens: Float32Array; labels: Uint8Array }[]> {
    const crops = await Promise.all(
      Array.from({ length: count }, (_, i) => this.crops.at(from + i, (name) => this.kept.has(name))),
    );
    const fresh = crops.filter(({ name }, i) => !this.kept.has(name) && crops.findIndex((c) => c.name === name) === i);
    const made = new Map<string, { tokens: Float32Array; labels: Uint8Array }>();
    const tokens = fresh.length > 0 ? await this.encode(fresh) : [];
    fresh.forEach((c, i) => void made.set(c.name, { tokens: tokens[i], labels: c.labels }));
    for (const [name, one] of made) {
      const size = one.tokens.byteLength + one.labels.length;
      if (this.bytes + size > this.room) break;
      this.kept.set(name, one);
      this.bytes += size;
    }
    return crops.map(({ name }) => (made.get(name) ?? this.kept.get(name))!);
  }

  /** The crops stand below each other as one picture, so that one run sees several. */
  private async encode(crops: readonly Crop[]): Promise<Float32Array[]> {
    const side = this.crop;
    const height = side * crops.length;
    const data = new Float32Array(3 * height * side);
    crops.forEach(({ pixels }, i) => {
      for (let c = 0; c < 3; c++)
        data.set(pixels.subarray(c * side * side, (c + 1) * side * side), (c * height + i * side) * side);
    });
    const windows = crops.map((_, i) => ({ y0: i * side, y1: (i + 1) * side, x0: 0, x1: side }));
    const out = await this.network.windows({ height, width: side, data }, windows);
    return out.map((w) => w.data.slice());
  }

  close(): Promise<void> {
    return this.network.close();
  }
}

/** Mean and 1/deviation of every coordinate of the tokens. */
export interface TokenStatistics {
  mean: Float32Array;
  scale: Float32Array;
}

/** Of the first crops, at most 256. @param crops that there are at all */
export async function tokenStatistics(features: CropFeatures, crops: number): Promise<TokenStatistics> {
  const { width } = features;
  const sum = new Float64Array(width);
  const squares = new Float64Array(width);
  let n = 0;
  for (let from = 0; from < Math.min(MEASURED, crops); from += TOGETHER)
    for (const { tokens } of await features.some(from, TOGETHER)) {
      n += tokens.length / width;
      for (let i = 0; i < tokens.length; )
        for (let d = 0; d < width; d++, i++) {
          sum[d] += tokens[i];
          squares[d] += tokens[i] * tokens[i];
        }
    }
  const mean = Float32Array.from(sum, (s) => s / n);
  const scale = Float32Array.from(squares, (s, d) => 1 / Math.sqrt(Math.max(0, s / n - (sum[d] / n) ** 2) + EPS));
  return { mean, scale };
}

const WEIGHT = 'head.weight';
const BIAS = 'head.bias';

/** The head's training: what is fed are tokens, already normalised, and labels. */
export function linearObjective(plan: LinearPlan, classes: number, grid: number, width: number): Objective {
  const { crop } = plan;
  const batch = plan.batch / plan.accumulate;
  const parameters: TrainedParameter[] = [
    { name: WEIGHT, shape: [classes, width], decayed: true, averaged: false },
    { name: BIAS, shape: [classes], decayed: false, averaged: false },
  ];
  return {
    ...{ parameters, centres: new Map(), centreMomentum: 0, imageAxes: { tokens: 0, labels: 0 } },
    student: () => {
      const all = new Map(parameters.map(({ name, shape }) => [name, ops.input(`student.${name}`, shape)]));
      const tokens = ops.input('tokens', [batch, grid * grid, width]);
      const rows = ops.reshape(tokens, [batch * grid * grid, width]);
      const logits = ops.reshape(ops.linear(rows, all.get(WEIGHT)!, all.get(BIAS)!), [batch, grid, grid, classes]);
      const labels = ops.input('labels', [batch, crop, crop], 'u8');
      const loss = segmentationLoss(ops.transpose(logits, [0, 3, 1, 2]), labels, { average: plan.lossOver });
      const names = [...all.keys()];
      const found = gradients(loss, [...all.values()]);
      return {
        ...{ losses: { loss }, measured: {}, report: {} },
        gradients: new Map(names.map((name, i) => [name, found[i]!])),
      };
    },
  };
}

/** What an update is fed: tokens, normalised, and labels. @param first crop of the batch */
export async function linearFeeds(
  features: CropFeatures,
  { mean, scale }: TokenStatistics,
  plan: LinearPlan,
  first: number,
): Promise<Feeds> {
  const { crop } = plan;
  const batch = plan.batch / plan.accumulate;
  const some = await features.some(first, batch);
  const { width, grid } = features;
  const tokens = new Float32Array(batch * grid * grid * width);
  some.forEach((one, b) => {
    const at = b * one.tokens.length;
    for (let i = 0; i < one.tokens.length; )
      for (let d = 0; d < width; d++, i++) tokens[at + i] = (one.tokens[i] - mean[d]) * scale[d];
  });
  const labels = new Uint8Array(crop * crop * batch);
  some.forEach((one, b) => void labels.set(one.labels, b * crop * crop));
  return { tokens, labels };
}

/** Weights as DINOv2's head begins: normal, deviation 0.01; bias 0. */
export function initialLinear(classes: number, width: number, seed: number): Map<string, Float32Array> {
  const rng = Rng.of(seed, 'segmentation', 'linear head');
  const weight = Float32Array.from({ length: classes * width }, () => 0.01 * rng.normal());
  return new Map([
    [WEIGHT, weight],
    [BIAS, new Float32Array(classes)],
  ]);
}

/** Backbone and head as one network on windows, the normalisation of tokens folded into the head. */
export function linearNetwork(
  on: Executors,
  b: Backbone,
  plan: LinearPlan,
  classes: number,
  head: ReadonlyMap<string, Float32Array>,
  { mean, scale }: TokenStatistics,
): Promise<WindowNetwork> {
  const width = mean.length;
  const weight = head.get(WEIGHT)!.slice();
  const bias = head.get(BIAS)!.slice();
  for (let c = 0; c < classes; c++)
    for (let d = 0; d < width; d++) {
      weight[c * width + d] *= scale[d];
      bias[c] -= weight[c * width + d] * mean[d];
    }
  const weights = new Map(backboneWeights(b));
  weights.set(WEIGHT, { shape: [classes, width], data: weight });
  weights.set(BIAS, { shape: [classes], data: bias });
  const { blocks, finalNorm } = plan;
  return WindowNetwork.open(on, {
    ...{ weights, patch: b.vit.patch, batch: windowsTogether(on) },
    graph: (p, images, o) => {
      const [batch, , h, w] = images.shape;
      const grid = [h / b.vit.patch, w / b.vit.patch];
      const tokens = lastPatches(b.vit, p, images, { ...o, blocks, finalNorm });
      const rows = ops.reshape(tokens, [batch * grid[0] * grid[1], width]);
      return ops.reshape(ops.linear(rows, p(WEIGHT), p(BIAS)), [batch, ...grid, classes]);
    },
  });
}
