import { describe, expect, test } from 'vitest';
import { ops, type Tensor } from '../../graph/index.js';
import { type AttentionKind, toStableHlo } from './stablehlo.js';

const SHAPE = { samples: 8, tokens: 13, heads: 2, d: 16 };

/** Attention and its gradient, and another attention that is not trained. */
function both(order: 'token' | 'sample', d = SHAPE.d, dtype: 'bf16' | 'f32' = 'bf16'): Record<string, Tensor> {
  const { samples: s, tokens: t, heads: h } = SHAPE;
  const shape = order === 'token' ? [t, s, h, d] : [s, t, h, d];
  const [q, k, v, dy] = ['q', 'k', 'v', 'dy'].map((name) => ops.input(name, shape, dtype));
  const y = ops.attention(q, k, v, 0.25, order);
  const dq = ops.attentionGradient(y, dy);
  const other = ops.attention(v, k, q, 0.5, order);
  return { y, other, dq, dk: ops.output(dq, 1), dv: ops.output(dq, 2) };
}

const text = (attention: AttentionKind, outputs = both('sample'), devices = 1, split = {}): string =>
  toStableHlo(outputs, { attention, devices, split }).text;

/** The calls of a program: name, configuration, operand and result types. */
function calls(program: string) {
  const call = /custom_call @(\S+?)\((.*?)\) \{.*?backend_config = "(.*?)".*?\} : \((.*?)\) -> \((.*?)\)$/gm;
  return [...program.matchAll(call)].map(([, name, , config, operands, results]) => ({
    name,
    config: JSON.parse(config.replaceAll('\\22', '"')).cudnn_fmha_backend_config,
    operands: operands.split(', '),
    results: results.split(', '),
  }));
}

describe('attention by cuDNN', () => {
  test('calls its kernels, forward and backward; only what is trained keeps its rows’ sums', () => {
    const [trained, backward, plain] = calls(text('cudnn'));
    expect([trained.name, plain.name]).toEqual(['__cudnn$fmhaSoftmax', '__cudnn$fmhaSoftmax']);
    const like = 'tensor<8x13x2x16xbf16>';
    expect(trained.operands).toEqual([like, like, like]);
    expect(trained.results).toEqual(['tensor<8x2x13x16xbf16>', 'tensor<8x2x13xf32>', 'tensor<0xui8>']);
    expect(plain.results).toEqual(['tensor<8x2x13x16xbf16>', 'tensor<0xui8>']);
    expect(trained.config).toMatchObject({ fmha_scale: 0.25, mask_type: 'NO_MASK', is_flash_attention: true });
    expect(plain.config.fmha_scale).toBe(0.5);
    expect(backward.name).toBe('__cudnn$fmhaSoftmaxBackward');
    expect(backward.operands).toEqual([like, like, like, 'tensor<8x2x13xf32>', like, like]);
    expect(backward.results.slice(0, 3)).toEqual(Array(3).fill('tensor<8x2x13x16xbf16>'));
  });

  test('makes tokens up to a multiple of eight where asked, with the true number of each sample', () => {
    const program = text('cudnn-padded');
    const like = 'tensor<8x16x2x16xbf16>';
    for (const { config, operands } of calls(program)) {
      expect(config.mask_type).toBe('PADDING');
      expect(config.intermediate_tensor_shape.dimensions).toEqual(['8', '2', '16', '16']);
      expect(operands.slice(0, 3)).toEqual([like, like, like]);
      expect(operands.slice(-2)).toEqual(['tensor<8xi32>', 'tensor<8xi32>']);
    }
    expect(program).toContain('dense<13> : tensor<i32>');
  });

  test('takes both orders of rows', () => {
    for (const { operands } of calls(text('cudnn', both('token')))) expect(operands[0]).toBe('tensor<8x13x2x16xbf16>');
    expect(text('cudnn', both('token'))).toMatch(/-> tensor<13x8x2x16xbf16>\n/);
  });

  test('leaves to the plain formulation what does not suit it', () => {
    expect(calls(text('plain'))).toEqual([]);
    expect(calls(text('cudnn', both('sample', 16, 'f32')))).toEqual([]);
    expect(calls(text('cudnn', both('sample', 12)))).toEqual([]);
    expect(calls(text('cudnn', both('sample', 136)))).toEqual([]);
    // Eight samples are not shared evenly by three devices.
    expect(calls(text('cudnn', both('sample', 24), 3, { q: 3 }))).toEqual([]);
  });

  test('each device calls it for its own samples', () => {
    const split = { q: 0, k: 0, v: 0, dy: 0, y: 0 };
    const program = text('cudnn', both('sample'), 4, split);
    expect(program.match(/sdy\.manual_computation/g)).toHaveLength(3);
    const [trained] = calls(program);
    expect(trained.operands[0]).toBe('tensor<2x13x2x16xbf16>');
    expect(program).toMatch(/\} : \(tensor<8x13x2x16xbf16>, .*\) -> \(tensor<8x2x13x16xbf16>, tensor<8x2x13xf32>\)/);
  });
});

test('plain attention keeps its probabilities as q is stored', () => {
  const half = text('plain');
  expect(half).toMatch(/dot_general .*-> tensor<8x2x13x13xf32>/);
  expect(half).toMatch(/convert .*tensor<8x2x13x13xf32>\) -> tensor<8x2x13x13xbf16>/);
  // Scores of two attentions; the gradient has products of its own and computes none again.
  expect(half.match(/stablehlo\.exponential/g)).toHaveLength(2);
});
