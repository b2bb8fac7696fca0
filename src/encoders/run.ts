import { ops, type Tensor } from '../graph/index.js';
import type { Backbone } from '../model/backbone.js';
import { placed, textParameters, textTransformer } from '../model/text.js';
import { type VitConfig, vit, vitParameters } from '../model/vit.js';
import type { Executors } from '../runtime/executor.js';

/** What an encoder makes of images: all of an image one after the other. */
export interface ImageFeatures {
  /** [n, dim] */
  cls: Float32Array;
  /** [n, dim] the image's feature. */
  pooled: Float32Array;
  /** [n, patches, dim] */
  patches: Float32Array;
  /** [n, dim] */
  dist?: Float32Array;
  /** [n, registers, dim] */
  registers?: Float32Array;
  /** [n, tokens, dim] before the last norm. */
  unnormed: Float32Array;
}

/** Runs a backbone once on images of any sides. @param pixels [n, 3, height, width], normalised */
export async function imageFeatures(
  b: Pick<Backbone, 'vit' | 'parameters'>,
  pixels: Float32Array,
  shape: readonly number[],
  on: Executors,
): Promise<ImageFeatures> {
  const { order, precision } = on;
  const specs = vitParameters(b.vit).filter((s) => s.name !== 'backbone.mask_token');
  const nodes = new Map(specs.map((s) => [s.name, ops.input(s.name, s.shape)]));
  const images = ops.input('images', shape);
  const run = (c: VitConfig) => vit(c, (name) => nodes.get(name)!, images, { order, precision });
  const graph = run(b.vit);
  const { cls, pooled, dist } = graph;
  const [n, dim] = [shape[0], b.vit.dim];
  const bySample = (x: Tensor) => {
    const count = x.shape[0] / n;
    const wide = ops.cast(x, 'f32');
    return order === 'token'
      ? ops.transpose(ops.reshape(wide, [count, n, dim]), [1, 0, 2])
      : ops.reshape(wide, [n, count, dim]);
  };
  const outputs: Record<string, Tensor> = {
    ...{ cls: ops.cast(cls, 'f32'), pooled: ops.scale(ops.cast(pooled, 'f32'), 1), patches: bySample(graph.patches) },
    ...(dist && { dist: ops.cast(dist, 'f32') }),
    ...(graph.registers && { registers: bySample(graph.registers) }),
    unnormed: bySample(graph.blocks.at(-1)!.output),
  };
  // An executor gives each node once.
  if (outputs.pooled === outputs.cls) delete outputs.pooled;
  const executor = await on.open();
  try {
    for (const s of specs) await executor.keep(s.name, s.shape, b.parameters.get(s.name)!.slice());
    await executor.load('image', outputs);
    const out = await executor.run('image', { images: pixels });
    return { pooled: out.cls, ...out } as unknown as ImageFeatures;
  } finally {
    await executor.close();
  }
}

/** What a text tower makes of padded texts. */
export interface TextFeatures {
  /** [rows, out], not of length 1. */
  features: Float32Array;
  /** [rows, context, width] after the last norm. */
  hidden: Float32Array;
  /** [rows, width]: the pooled token of those. */
  pooled: Float32Array;
}

/** Runs a text tower once. @param ids [rows·context], one text after the other */
export async function textFeatures(
  { config, parameters }: NonNullable<Backbone['text']>,
  ids: BigInt64Array,
  on: Executors,
): Promise<TextFeatures> {
  const { order, precision } = on;
  const rows = ids.length / config.context;
  const { tokens, ends } = placed(config, ids, order);
  const specs = [...parameters.keys()];
  const sizes = new Map(textParameters(config).map((s) => [s.name, s.shape]));
  const nodes = new Map(specs.map((name) => [name, ops.input(name, sizes.get(name)!)]));
  const [words, at] = [ops.input('tokens', [tokens.length], 'i64'), ops.input('ends', [rows], 'i64')];
  const graph = textTransformer(config, (name) => nodes.get(name)!, words, at, { order, precision });
  const { context, width } = config;
  const wide = ops.cast(graph.tokens, 'f32');
  const hidden =
    order === 'token'
      ? ops.transpose(ops.reshape(wide, [context, rows, width]), [1, 0, 2])
      : ops.reshape(wide, [rows, context, width]);
  const outputs = { features: ops.cast(graph.features, 'f32'), hidden, pooled: ops.takeRows(wide, at) };
  const executor = await on.open();
  try {
    for (const name of specs) await executor.keep(name, sizes.get(name)!, parameters.get(name)!.slice());
    await executor.load('text', outputs);
    return (await executor.run('text', { tokens, ends })) as unknown as TextFeatures;
  } finally {
    await executor.close();
  }
}

/** weight·x + bias of each row. @param x [n, in] @returns [n, out] */
export function applied(
  layer: { weight: Float32Array; bias?: Float32Array; out: number },
  x: Float32Array,
): Float32Array {
  const into = layer.weight.length / layer.out;
  const n = x.length / into;
  const y = new Float32Array(n * layer.out);
  for (let r = 0; r < n; r++)
    for (let o = 0; o < layer.out; o++) {
      let sum = layer.bias?.[o] ?? 0;
      for (let i = 0; i < into; i++) sum += layer.weight[o * into + i] * x[r * into + i];
      y[r * layer.out + o] = sum;
    }
  return y;
}
