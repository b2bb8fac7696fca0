import { expect, test } from 'vitest';
import { smallProgram, xlaPlugin } from '../../../test/xla.js';
import { Interrupted, UserError } from '../../errors.js';
import { gradients, ops } from '../../graph/index.js';
import { findPlugins } from './plugins.js';
import { toStableHlo } from './stablehlo.js';
import { CARDS, type CardName, parseTarget, targetConfig } from './targets/index.js';
import { compileFor } from './topology.js';

/** A CUDA plugin, with which programs are compiled for cards that are not here. */
const cuda = process.env.SYNCLR_XLA_CUDA_PLUGIN || findPlugins().find(({ kind }) => kind === 'cuda')?.path;
if (!cuda)
  console.log(
    'not run: plans for cards that are not here (no CUDA plugin: synclr backend install cuda fetches one, or ' +
      'SYNCLR_XLA_CUDA_PLUGIN names it)',
  );
const names = Object.keys(CARDS) as CardName[];

test('targets are read', () => {
  expect(parseTarget('h100')).toEqual({ card: 'h100', count: 1 });
  expect(parseTarget('H200x8')).toEqual({ card: 'h200', count: 8 });
  expect(parseTarget('a100-40x2')).toEqual({ card: 'a100-40', count: 2 });
  for (const wrong of ['v100', 'h100x0', 'h100x', '', 'x8', 'constructor'])
    expect(() => parseTarget(wrong)).toThrow(/no card that is known here: a100, a100-40, h100, h200, b200/);
  expect(() => parseTarget('h100x99')).toThrow('at most 16');
});

test('a card is written with its own numbers, in whole digits', () => {
  const text = targetConfig(CARDS.h200, { cuda: '13.2.0', dnn: [9, 26, 1] });
  expect(text).toContain('core_count: 132\n');
  expect(text).toContain('device_memory_size: 151397597184\n');
  expect(text).toContain('memory_bandwidth: 4800000000000\n');
  expect(text).toContain('cuda_compute_capability { major: 9 minor: 0 feature_extension: ACCELERATED_FEATURES }');
  expect(text).toContain('dnn_version_info { major: 9 minor: 26 patch: 1 }');
  for (const name of names) expect(targetConfig(CARDS[name], { cuda: '1', dnn: [1, 2, 3] })).not.toMatch(/\d[eE][+\d]/);
});

/** xᵀ·tanh(x·w): of a batch that is split, every device's part is added to the others'. */
const program = (devices: number) =>
  smallProgram(
    [
      { name: 'x', shape: [640, 320], dtype: 'bf16', ...(devices > 1 ? { split: 0 } : {}) },
      { name: 'w', shape: [320, 160], dtype: 'bf16' },
    ],
    [{ name: 'g', shape: [320, 160], dtype: 'bf16' }],
    `    %y = stablehlo.dot_general %x, %w, contracting_dims = [1] x [0] : (tensor<640x320xbf16>, tensor<320x160xbf16>) -> tensor<640x160xbf16>
    %z = stablehlo.tanh %y : tensor<640x160xbf16>
    %g = stablehlo.dot_general %x, %z, contracting_dims = [0] x [0] : (tensor<640x320xbf16>, tensor<640x160xbf16>) -> tensor<320x160xbf16>
    return %g : tensor<320x160xbf16>`,
    devices,
  );

test.skipIf(!cuda).each(names)('a program is compiled for %s', async (card) => {
  const { memory, collectives } = await compileFor({ card, count: 1 }, program(1), { plugin: cuda! });
  expect(memory).toMatchObject({ arguments: 2 * (640 * 320 + 320 * 160), outputs: 2 * 320 * 160 });
  expect(memory.peak).toBeGreaterThan(memory.arguments + memory.outputs);
  expect(collectives).toEqual({});
});

test.skipIf(!cuda)('on eight cards each has its part, and one sum goes over all', async () => {
  const heard: number[] = [];
  const plan = await compileFor({ card: 'h100', count: 8 }, program(8), {
    plugin: cuda!,
    onProgress: (s) => heard.push(s),
  });
  expect(plan.memory.arguments).toBe(2 * (80 * 320 + 320 * 160));
  expect(plan.collectives).toEqual({ 'all-reduce': { count: 1, bytes: 2 * 320 * 160 } });
  expect(heard.length).toBeGreaterThanOrEqual(Math.floor(plan.seconds));
});

test.skipIf(!cuda)('cuDNN’s attention is computed by each card for its own samples', async () => {
  // An odd number of tokens: made up to whole vectors, with the true number given.
  const [q, k, v] = ['q', 'k', 'v'].map((name) => ops.input(name, [64, 197, 12, 64], 'bf16'));
  const y = ops.attention(q, k, v, 0.125, 'sample');
  const loss = ops.mean(ops.mul(y, y), [0, 1, 2, 3]);
  const [dq, dk, dv] = gradients(loss, [q, k, v]);
  const split = Object.fromEntries(['q', 'k', 'v', 'dq', 'dk', 'dv'].map((name) => [name, 0]));
  const plan = (count: number) =>
    compileFor(
      { card: 'h100', count },
      toStableHlo(
        { loss, dq: dq!, dk: dk!, dv: dv! },
        { devices: count, split: count > 1 ? split : {}, attention: 'cudnn' },
      ),
      { plugin: cuda! },
    );
  const [one, eight] = [await plan(1), await plan(8)];
  for (const { calls } of [one, eight])
    expect(calls).toEqual({ __cudnn$fmhaSoftmax: 1, __cudnn$fmhaSoftmaxBackward: 1 });
  // The loss alone is shared.
  expect(eight.collectives).toEqual({ 'all-reduce': { count: 1, bytes: 4 } });
  expect(eight.memory.temp).toBeLessThan(one.memory.temp / 7);
});

test.skipIf(!cuda)('what the compiler refuses is one line', async () => {
  const wrong = { ...program(1), text: 'module @m { func.func public @main() -> tensor<2xf32> { return } }' };
  const refused = await compileFor({ card: 'h100', count: 1 }, wrong, { plugin: cuda! }).catch((e) => e);
  expect(refused).toBeInstanceOf(UserError);
  expect(refused.message).not.toContain('\n');
  const flags = compileFor({ card: 'h100', count: 1 }, program(1), { plugin: cuda!, flags: '--xla_no_such_flag=1' });
  await expect(flags).rejects.toThrow('XLA flag --xla_no_such_flag');
});

test.skipIf(!cuda)('an interruption ends the compiler', async () => {
  const abort = new AbortController();
  setTimeout(() => abort.abort(), 300);
  const plan = compileFor({ card: 'h100', count: 1 }, program(1), { plugin: cuda!, signal: abort.signal });
  await expect(plan).rejects.toBeInstanceOf(Interrupted);
});

test('other plugins, and those that are none, are refused', async () => {
  const plan = (plugin: string) => compileFor({ card: 'h100', count: 1 }, program(1), { plugin });
  await expect(plan(xlaPlugin() ?? '/plugins/pjrt_c_api_cpu_plugin.so')).rejects.toThrow('is no CUDA plugin');
  await expect(plan('/nowhere/xla_cuda_plugin.so')).rejects.toThrow('/nowhere/xla_cuda_plugin.so: no such file');
});
