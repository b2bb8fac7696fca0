import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { relativeDifference, testSeed } from '../../test/numbers.js';
import { randomParameters, type Values } from '../../test/small-step.js';
import { sayNotRun, xlaPlugin } from '../../test/xla.js';
import { readSafetensors, type SafeTensor } from '../formats/safetensors.js';
import { gradients, ops, sizeOf } from '../graph/index.js';
import { interpret } from '../graph/interpret.js';
import { Rng } from '../rng.js';
import type { Executors } from '../runtime/executor.js';
import { cpuExecutors, openExecutors } from '../runtime/open-executors.js';
import { ACTIVATIONS, activate } from './activation.js';
import { CLIP_TEXT, placed, type TextConfig, textParameters, textTower } from './text.js';

/** Inputs of activations. */
const FAR = Float32Array.of(-200, -60, -3, -0.5, 0, 0.5, 3, 60, 200);
const seed = testSeed('text.test.ts');
const root = fileURLToPath(new URL('../..', import.meta.url));
const interchange = join(root, process.env.SYNCLR_INTERCHANGE ?? '../shared/reference/interchange');

/** A tower's graph and its feeds for texts of ids. */
function tower(c: TextConfig, values: Values, ids: BigInt64Array, order: 'token' | 'sample') {
  const nodes = new Map(textParameters(c).map((s) => [s.name, ops.input(s.name, s.shape)]));
  const { tokens, ends } = placed(c, ids, order);
  const inputs = [ops.input('tokens', [tokens.length], 'i64'), ops.input('ends', [ends.length], 'i64')] as const;
  const features = textTower(c, (name) => nodes.get(name)!, ...inputs, { order });
  return { outputs: { features }, feeds: { ...Object.fromEntries(values), tokens, ends } };
}

/** Ids of texts that end with the largest one at different places. */
function texts(c: TextConfig, lengths: number[], rng: Rng): BigInt64Array {
  const ids = new BigInt64Array(lengths.length * c.context);
  lengths.forEach((length, row) => {
    for (let t = 0; t < length; t++) ids[row * c.context + t] = BigInt(rng.int(c.vocabulary - 1));
    ids[row * c.context + length] = BigInt(c.vocabulary - 1);
  });
  return ids;
}

const SMALL: TextConfig = {
  ...{ width: 12, depth: 2, heads: 3, vocabulary: 30, context: 7, mlpRatio: 2.5 },
  ...{ activation: 'quick_gelu', eps: 1e-5, causal: true, pooled: 'argmax', out: 5 },
};

const MAPPED: Record<string, (i: number) => Record<string, string[]>> = {
  hf_clip_full: (i) => {
    const from = `text_model.encoder.layers.${i}`;
    const both = (name: string) => [`${from}.${name}.weight`, `${from}.${name}.bias`];
    const qkv = (kind: string) => ['q', 'k', 'v'].map((x) => `${from}.self_attn.${x}_proj.${kind}`);
    return {
      ...{ 'attn.qkv.weight': qkv('weight'), 'attn.qkv.bias': qkv('bias') },
      ...named('attn.proj', both('self_attn.out_proj')),
      ...named('norm1', both('layer_norm1')),
      ...named('norm2', both('layer_norm2')),
      ...named('mlp.fc1', both('mlp.fc1')),
      ...named('mlp.fc2', both('mlp.fc2')),
    };
  },
  openclip_vit_quickgelu: (i) => {
    const from = `transformer.resblocks.${i}`;
    const both = (name: string) => [`${from}.${name}.weight`, `${from}.${name}.bias`];
    return {
      ...{ 'attn.qkv.weight': [`${from}.attn.in_proj_weight`], 'attn.qkv.bias': [`${from}.attn.in_proj_bias`] },
      ...named('attn.proj', both('attn.out_proj')),
      ...named('norm1', both('ln_1')),
      ...named('norm2', both('ln_2')),
      ...named('mlp.fc1', both('mlp.c_fc')),
      ...named('mlp.fc2', both('mlp.c_proj')),
    };
  },
};

const named = (name: string, [weight, bias]: string[]) => ({ [`${name}.weight`]: [weight], [`${name}.bias`]: [bias] });

const FILES: Record<string, { file: string; outside: Record<string, string>; config: Partial<TextConfig> }> = {
  hf_clip_full: {
    file: 'model.safetensors',
    outside: {
      'token_embedding.weight': 'text_model.embeddings.token_embedding.weight',
      positional_embedding: 'text_model.embeddings.position_embedding.weight',
      'norm.weight': 'text_model.final_layer_norm.weight',
      'norm.bias': 'text_model.final_layer_norm.bias',
      'projection.weight': 'text_projection.weight',
    },
    config: { vocabulary: 200, mlpRatio: 2, pooled: 'first end', end: 150 },
  },
  openclip_vit_quickgelu: {
    file: 'open_clip_model.safetensors',
    outside: {
      'token_embedding.weight': 'token_embedding.weight',
      positional_embedding: 'positional_embedding',
      'norm.weight': 'ln_final.weight',
      'norm.bias': 'ln_final.bias',
      'projection.weight': 'text_projection',
    },
    config: { vocabulary: 160, mlpRatio: 4 },
  },
};

/** A library's weights under our names. */
async function foreign(name: string): Promise<{ c: TextConfig; values: Values; expected: Map<string, SafeTensor> }> {
  const { file, outside, config } = FILES[name];
  const sizes = { width: 32, depth: 2, heads: 2, context: 16, out: 24 };
  const c = { ...CLIP_TEXT, ...sizes, ...config };
  const { tensors } = await readSafetensors(join(interchange, name, file));
  const { tensors: expected } = await readSafetensors(join(interchange, name, 'expected.safetensors'));
  const of = (key: string) => tensors.get(key)!.data as Float32Array;
  const values: Values = new Map();
  for (const [ours, theirs] of Object.entries(outside)) values.set(`text.${ours}`, of(theirs));
  // open_clip's projection is multiplied from the right.
  if (name.startsWith('openclip')) {
    const right = of('text_projection');
    const turned = right.map((_, i) => right[(i % c.width) * c.out + Math.floor(i / c.width)]);
    values.set('text.projection.weight', turned);
  }
  for (let i = 0; i < c.depth; i++)
    for (const [ours, parts] of Object.entries(MAPPED[name](i)))
      values.set(`text.blocks.${i}.${ours}`, Float32Array.from(parts.flatMap((key) => [...of(key)])));
  return { c, values, expected };
}

const plugin = xlaPlugin();
if (!plugin) sayNotRun('the text tower through XLA');
const kinds: [string, () => Promise<Executors>][] = [
  ['ONNX Runtime', async () => cpuExecutors(1)],
  ...(plugin
    ? [
        ['XLA', () => openExecutors({ provider: 'xla', plugin, threads: 0, devices: 1 })] as [
          string,
          () => Promise<Executors>,
        ],
      ]
    : []),
];

describe.each(kinds)('on %s the tower', (_, open) => {
  let executors: Executors;
  beforeAll(async () => {
    executors = await open();
  }, 60_000);
  afterAll(() => executors?.close());

  test.each(Object.keys(FILES))('gives the library’s features of %s', { timeout: 60_000 }, async (name) => {
    if (!existsSync(join(interchange, name))) {
      console.log(`text.test.ts: ${join(interchange, name)} is not here (SYNCLR_INTERCHANGE): not compared`);
      return;
    }
    const { c, values, expected } = await foreign(name);
    const ids = expected.get('input_ids')!.data as BigInt64Array;
    const { outputs, feeds } = tower(c, values, ids, executors.order);
    const e = await executors.open();
    await e.load('text', outputs);
    const { features } = await e.run('text', feeds);
    const wanted = expected.get('text_embeds')!.data as Float32Array;
    const exact = interpret(outputs, feeds).features;
    wanted.forEach((value, i) => {
      const bar = 5e-5 + 1e-5 * Math.abs(value);
      expect(Math.abs(features[i] - value)).toBeLessThan(bar);
      expect(Math.abs(exact[i] - value)).toBeLessThan(bar);
    });
  });

  test.each(ACTIVATIONS)('agrees with the interpreter, with %s', { timeout: 60_000 }, async (activation) => {
    const c: TextConfig = { ...SMALL, activation, projectionBias: true, causal: activation !== 'gelu_tanh' };
    const rng = Rng.of(seed, activation);
    const values = randomParameters(textParameters(c), rng);
    const { outputs, feeds } = tower(c, values, texts(c, [3, 6, 1], rng), executors.order);
    const e = await executors.open();
    await e.load('text', outputs);
    const { features } = await e.run('text', feeds);
    expect(relativeDifference(features, interpret(outputs, feeds).features)).toBeLessThan(1e-5);
  });
});

describe('the tower', () => {
  const rng = Rng.of(seed, 'small');
  const values = randomParameters(textParameters(SMALL), rng);
  const ids = texts(SMALL, [3, 6, 1], rng);
  const features = (c: TextConfig, of: BigInt64Array, order: 'token' | 'sample' = 'token') => {
    const { outputs, feeds } = tower(c, values, of, order);
    return [...interpret(outputs, feeds).features];
  };

  test('gives the same features whichever axis is the outer one', () => {
    expect(features(SMALL, ids, 'sample')).toEqual(features(SMALL, ids));
  });

  test('does not see what follows the end token, unless it looks both ways', () => {
    const padded = ids.slice();
    for (let t = 2; t < SMALL.context; t++) padded[2 * SMALL.context + t] = 5n;
    expect(features(SMALL, padded)).toEqual(features(SMALL, ids));
    const both = { ...SMALL, causal: false };
    expect(features(both, padded)).not.toEqual(features(both, ids));
  });

  test('pools where its library does', () => {
    const last = { ...SMALL, pooled: 'last' as const };
    const first = { ...SMALL, pooled: 'first end' as const, end: 7 };
    const text = BigInt64Array.from([3n, 7n, 29n, 7n, 4n, 0n, 0n]);
    const row = (c: TextConfig) => Number(placed(c, text).ends[0]);
    expect([row(SMALL), row(first), row(last)]).toEqual([2, 1, 6]);
    expect(() => placed(SMALL, BigInt64Array.of(30n, 0n, 0n, 0n, 0n, 0n, 0n))).toThrow('word 30 of a vocabulary of 30');
  });
});

test('the paper’s tower has 63 million parameters', () => {
  const count = textParameters(CLIP_TEXT).reduce((s, p) => s + sizeOf(p.shape), 0);
  // CLIP ViT-B/32's published text tower: 63,165,952, and the projection's 512 · 512.
  expect(count).toBe(63_165_952 + 512 * 512);
});

test.each(ACTIVATIONS)('%s has finite gradients far out in float32', async (form) => {
  const x = ops.input('x', [9]);
  const [dx] = gradients(ops.sum(activate(x, form), [0]), [x]);
  const executors = cpuExecutors(1);
  const e = await executors.open();
  await e.load('gradient', { dx: dx! });
  const { dx: found } = await e.run('gradient', { x: FAR });
  await executors.close();
  // Far below all are flat, far above they are x itself.
  expect([...found].map((v) => Math.round(v * 1e6) / 1e6)).toEqual(
    [...FAR].map((x) => (Math.abs(x) < 10 ? expect.any(Number) : x < 0 ? 0 : 1)),
  );
});

test('activations are as their formulas say', () => {
  const x = FAR;
  const of = (form: (typeof ACTIVATIONS)[number]) => [
    ...interpret({ y: activate(ops.input('x', [9]), form) }, { x }).y,
  ];
  const sigmoid = (v: number) => 1 / (1 + Math.exp(-v));
  of('quick_gelu').forEach((y, i) => {
    expect(y).toBeCloseTo(x[i] * sigmoid(1.702 * x[i]), 12);
  });
  of('gelu_tanh').forEach((y, i) => {
    const u = Math.sqrt(2 / Math.PI) * (x[i] + 0.044715 * x[i] ** 3);
    expect(y).toBeCloseTo(0.5 * x[i] * (1 + Math.tanh(u)), 12);
  });
});
