import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { cudaFor, driverServes, nvidiaDriver } from './advice.js';
import { backendsFolder, findPlugins } from './plugins.js';
import { kindOf } from './site.js';

let dir: string;
beforeEach(() => {
  dir = realpathSync(mkdtempSync(join(tmpdir(), 'synclr-plugins-')));
});
afterEach(() => rmSync(dir, { recursive: true }));

const at = (...names: string[]): string => join(dir, ...names);
function put(path: string, text = ''): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}
/** The environment of a test: what is really on this machine does not count. */
const env = (more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({ SYNCLR_BACKENDS: at('backends'), ...more });
const found = (o: Parameters<typeof findPlugins>[0] = {}) =>
  findPlugins({ env: env(), ...o }).map((p) => [p.source, p.kind, p.path.slice(dir.length + 1)]);

/** A backend as `synclr backend install` leaves it. */
function backend(name: string, plugin: string, change: object = {}): void {
  const site = 'lib/python/site-packages';
  put(at('backends', name, site, plugin));
  const wheels = [{ name: `${name}-pjrt`, version: '1.0', sha256: ['00'] }];
  const form = { format: 'synclr-backend', version: 1, name, plugin: `${site}/${plugin}`, site, from: 'files', wheels };
  put(at('backends', name, 'backend.json'), JSON.stringify({ ...form, ...change }));
}

test('nothing is found where nothing is', () => {
  expect(found()).toEqual([]);
});

test('plugins are found in the settings, our folder, virtual environments and Conda, in this order, each once', () => {
  const mine = put(at('mine', 'my_pjrt_plugin.so'));
  backend('cpu', 'pkg_cpu/libpjrt_cpu.so');
  backend('cuda', 'jax_plugins/xla_cuda13/xla_cuda_plugin.so');
  const site = ['venv', 'lib', 'python3.13', 'site-packages'];
  put(at(...site, 'jax_plugins', 'xla_rocm7', 'xla_rocm_plugin.so'));
  put(at(...site, 'jax_plugins', 'xla_rocm7', '__init__.py'));
  put(at(...site, 'libtpu', 'libtpu.so'));
  put(at(...site, 'libtpu', 'sdk.so'));
  put(at(...site, 'numpy', 'core.so'));
  put(at(...site, 'jax_cuda13_plugin', 'cuda_plugin_extension.so'));
  put(at('conda', 'lib', 'python3.12', 'site-packages', 'jax_plugins', 'intel', 'pjrt_plugin_xpu.so'));
  const where = env({ VIRTUAL_ENV: at('venv'), CONDA_PREFIX: at('conda') });
  const site1 = 'lib/python/site-packages';
  expect(found({ setting: mine, env: where })).toEqual([
    ['settings', 'other', 'mine/my_pjrt_plugin.so'],
    ['own', 'cuda', `backends/cuda/${site1}/jax_plugins/xla_cuda13/xla_cuda_plugin.so`],
    ['own', 'cpu', `backends/cpu/${site1}/pkg_cpu/libpjrt_cpu.so`],
    ['virtual environment', 'rocm', `${site.join('/')}/jax_plugins/xla_rocm7/xla_rocm_plugin.so`],
    ['virtual environment', 'tpu', `${site.join('/')}/libtpu/libtpu.so`],
    ['Conda', 'oneapi', 'conda/lib/python3.12/site-packages/jax_plugins/intel/pjrt_plugin_xpu.so'],
  ]);
  // A Conda environment inside of which a virtual one is active, or the other way round: one file is one plugin.
  symlinkSync(at('venv'), at('again'));
  const both = env({ VIRTUAL_ENV: at('venv'), CONDA_PREFIX: at('again') });
  expect(found({ env: both }).filter(([, kind]) => kind === 'tpu')).toHaveLength(1);
});

test('SYNCLR_XLA_PLUGIN stands in the place of all but the settings’', () => {
  backend('cpu', 'pkg_cpu/libpjrt_cpu.so');
  const forced = put(at('forced', 'xla_cuda_plugin.so'));
  expect(found({ env: env({ SYNCLR_XLA_PLUGIN: forced }) })).toEqual([
    ['SYNCLR_XLA_PLUGIN', 'cuda', 'forced/xla_cuda_plugin.so'],
  ]);
});

test('what is named and is not there is refused by name', () => {
  expect(() => found({ setting: at('none.so') })).toThrow(`runtime.plugin ${at('none.so')}: no such file`);
  expect(() => found({ setting: dir })).toThrow(`runtime.plugin ${dir} is no file: name the plugin's library itself`);
  expect(() => found({ env: env({ SYNCLR_XLA_PLUGIN: at('none.so') }) })).toThrow('SYNCLR_XLA_PLUGIN');
});

test('a package is known by the installer’s record', () => {
  const site = at('venv', 'lib', 'python3.13', 'site-packages');
  put(join(site, 'jax_plugins', 'xla_cuda13', 'xla_cuda_plugin.so'));
  put(
    join(site, 'jax_cuda13_pjrt-0.12.0.1.dist-info', 'RECORD'),
    'jax_plugins/xla_cuda13/xla_cuda_plugin.so,sha256=x,1\n',
  );
  put(join(site, 'jax-9.dist-info', 'RECORD'), 'jax/__init__.py,,\n');
  expect(findPlugins({ env: env({ VIRTUAL_ENV: at('venv') }) })[0].package).toBe('jax-cuda13-pjrt 0.12.0.1');
});

describe('in our folder does not count', () => {
  test.each([
    ['a damaged form', () => put(at('backends', 'cpu', 'backend.json'), '{')],
    ['a form of another kind', () => backend('cpu', 'x/libpjrt_cpu.so', { format: 'other' })],
    ['a library outside', () => backend('cpu', 'x/libpjrt_cpu.so', { plugin: '../../mine/libpjrt_cpu.so' })],
    ['a library that is missing', () => backend('cpu', 'x/libpjrt_cpu.so', { plugin: 'lib/gone.so' })],
    ['a folder without a form', () => put(at('backends', 'cpu', 'libpjrt_cpu.so'))],
    ['a file of that name', () => put(at('backends', 'cpu'))],
    ['a name that is none of ours', () => backend('mine', 'x/libpjrt_cpu.so')],
    ['a temporary', () => backend('.cpu.000000-1-1-00000000.tmp', 'x/libpjrt_cpu.so')],
  ])('%s', (_, make) => {
    put(at('mine', 'libpjrt_cpu.so'));
    make();
    expect(found()).toEqual([]);
  });
});

test('our folder is where a system keeps data of programs', () => {
  const home = homedir();
  expect(backendsFolder({}, 'linux')).toBe(join(home, '.local/share/synclr/backends'));
  expect(backendsFolder({ XDG_DATA_HOME: '/data' }, 'linux')).toBe('/data/synclr/backends');
  expect(backendsFolder({ XDG_DATA_HOME: 'relative' }, 'linux')).toBe(join(home, '.local/share/synclr/backends'));
  expect(backendsFolder({}, 'darwin')).toBe(join(home, 'Library/Application Support/synclr/backends'));
  expect(backendsFolder({ LOCALAPPDATA: '/local' }, 'win32')).toBe('/local/synclr/backends');
  expect(backendsFolder({ SYNCLR_BACKENDS: dir, XDG_DATA_HOME: '/data' }, 'linux')).toBe(dir);
});

test('a library’s name tells its kind, a folder far above does not', () => {
  expect(kindOf('/a/jax_plugins/xla_cuda12/xla_cuda_plugin.so')).toBe('cuda');
  expect(kindOf('/home/cuda/x/pkg/libpjrt_cpu.so')).toBe('cpu');
  expect(kindOf('/a/jax_plugins/metal_plugin/pjrt_plugin_metal_14.dylib')).toBe('other');
});

describe('NVIDIA’s driver', () => {
  test('is read as the kernel module says it', () => {
    const old =
      'NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.183.01  Sun May 12 19:39:15 UTC 2024\nGCC version: 12\n';
    const open = 'NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.65.06  Release Build\n';
    expect(nvidiaDriver(put(at('old'), old))).toBe('535.183.01');
    expect(nvidiaDriver(put(at('open'), open))).toBe('580.65.06');
    expect(nvidiaDriver(at('none'))).toBeUndefined();
  });

  test('decides which CUDA can be had', () => {
    expect(['580.65.06', '580.65.05', '600.1', '525.60.13'].map(cudaFor)).toEqual([13, 12, 13, 12]);
    expect(['525.60', '470.1'].map(cudaFor)).toEqual([undefined, undefined]);
    expect(cudaFor(undefined)).toBe(13);
    expect(driverServes('580.65.06', 12)).toBe(true);
  });
});
