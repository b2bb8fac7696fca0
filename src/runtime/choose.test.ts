import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Chosen, chooseProvider, onnxProvider, type ProviderName, precisionOf } from './choose.js';
import type { Trial } from './xla/trial.js';

let dir: string;
let env: NodeJS.ProcessEnv;
const path = (kind: string) =>
  join(dir, 'lib', 'python3.13', 'site-packages', 'jax_plugins', kind, `xla_${kind}_plugin.so`);
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'synclr-choose-'));
  for (const kind of ['cpu', 'cuda', 'rocm']) {
    mkdirSync(join(path(kind), '..'), { recursive: true });
    writeFileSync(path(kind), '');
  }
  env = { VIRTUAL_ENV: dir, SYNCLR_BACKENDS: join(dir, 'none') };
});
afterAll(() => rmSync(dir, { recursive: true }));

/** Plugins of these kinds work; all others say why they do not. */
const working = (...kinds: string[]) => ({
  env,
  attempt: async (library: string): Promise<Trial> => {
    const kind = kinds.find((k) => library.includes(k));
    if (kind === undefined) return { works: false, loads: true, devices: [], error: 'no card', todo: 'buy one' };
    return { works: true, loads: true, platform: kind, devices: [{ id: 0, kind: `${kind} card` }] };
  },
});
const choose = async (provider: ProviderName, plugin: string, ...kinds: string[]): Promise<string> => {
  const chosen = await chooseProvider({ provider, plugin }, working(...kinds));
  return chosen.kind === 'ort' ? chosen.provider : `xla ${chosen.trial.platform}`;
};

test('cpu and webgpu are ONNX Runtime’s, whatever plugins are here', async () => {
  expect(await choose('cpu', '', 'cuda')).toBe('cpu');
  expect(await choose('webgpu', '', 'cuda')).toBe('webgpu');
});

describe('auto takes', () => {
  test('an accelerator’s plugin that works, the next where one does not', async () => {
    expect(await choose('auto', '', 'cuda', 'rocm', 'cpu')).toBe('xla cuda');
    expect(await choose('auto', '', 'rocm', 'cpu')).toBe('xla rocm');
  });

  test('ONNX Runtime on the CPU where none works, and says so; a CPU plugin only where it is named', async () => {
    const chosen = await chooseProvider({ provider: 'auto', plugin: '' }, working('cpu'));
    expect(chosen).toMatchObject({ kind: 'ort', provider: 'cpu' });
    expect(chosen.says).toBe(
      'ONNX Runtime on the CPU; XLA plugins are here (cuda, rocm), but none works: synclr backend says why',
    );
    expect(await choose('auto', path('cpu'), 'cpu', 'cuda')).toBe('xla cpu');
    await expect(choose('auto', path('cuda'), 'cpu')).rejects.toThrow('no card; buy one');
    const nothing = await chooseProvider({ provider: 'auto', plugin: '' }, { env: { SYNCLR_BACKENDS: dir } });
    expect(nothing.says).toBe('ONNX Runtime on the CPU');
  });
});

test('xla is whichever works, an accelerator first; the settings’ plugin alone where they name one', async () => {
  expect(await choose('xla', '', 'cpu', 'rocm')).toBe('xla rocm');
  expect(await choose('xla', '', 'cpu')).toBe('xla cpu');
  expect(await choose('xla', path('cpu'), 'cpu', 'cuda')).toBe('xla cpu');
  await expect(choose('xla', path('cuda'), 'cpu')).rejects.toThrow('no card; buy one');
});

test('what is named and not here, or does not work, is refused with what to do', async () => {
  await expect(choose('tpu', '')).rejects.toMatchObject({
    name: 'UserError',
    message:
      'runtime.provider tpu: no such XLA plugin is here; synclr backend install tpu fetches one, runtime.plugin names one, or train with --provider cpu',
  });
  await expect(choose('cuda', '', 'cpu')).rejects.toMatchObject({
    name: 'UserError',
    message: `runtime.provider cuda: ${path('cuda')}: no card; buy one`,
  });
  await expect(choose('xla', join(dir, 'gone.so'))).rejects.toThrow('no such file');
});

test('auto precision is bfloat16 on accelerators alone; ONNX Runtime has none', async () => {
  const on = (kind: string) => chooseProvider({ provider: 'xla', plugin: path(kind) }, working(kind));
  const ort: Chosen = { kind: 'ort', provider: 'cpu', says: '' };
  expect(precisionOf(await on('cuda'), 'auto')).toBe('bfloat16');
  expect(precisionOf(await on('cpu'), 'auto')).toBe('float32');
  expect(precisionOf(await on('cuda'), 'float32')).toBe('float32');
  expect(precisionOf(await on('cpu'), 'bfloat16')).toBe('bfloat16');
  expect(precisionOf(ort, 'auto')).toBe('float32');
  expect(() => precisionOf(ort, 'bfloat16')).toThrow('runtime.precision bfloat16 needs an XLA plugin');
});

test('painters of diffusion run on what ONNX Runtime has', () => {
  expect((['auto', 'cpu', 'webgpu', 'xla', 'cuda', 'rocm'] as const).map(onnxProvider)).toEqual([
    'cpu',
    'cpu',
    'webgpu',
    'cpu',
    'cuda',
    'cpu',
  ]);
});
