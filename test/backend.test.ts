import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Rng } from '../src/rng.js';
import { cudaFor, nvidiaDriver } from '../src/runtime/xla/advice.js';
import { buildPlugin, hasCompiler } from './fake-plugin.js';
import { testSeed } from './numbers.js';
import { type Outcome, synclr } from './process.js';
import { writeWheel } from './wheels.js';
import { xlaPlugin } from './xla.js';

/** `synclr backend` as a user calls it, with pip and uv as they are on this machine, set up to take wheels from a folder. */
const seed = testSeed('backend.test.ts');

/** Where a program is, if it runs. */
function where(name: string): string | undefined {
  for (const dir of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(dir, name);
    if (existsSync(path) && spawnSync(path, ['--version']).status === 0) return path;
  }
  return undefined;
}
/** The interpreter itself: what is on the PATH may be a script that looks for it there. */
const python = spawnSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).stdout?.trim();
const pip = where('pip3') ?? where('pip');
const uv = where('uv');
const cuda = cudaFor(nvidiaDriver());
const isLinux = process.platform === 'linux' && ['x64', 'arm64'].includes(process.arch);
const canFetch = hasCompiler && isLinux && cuda !== undefined;
if (!canFetch)
  console.log('not run: installing by pip and uv (needs Linux, a C compiler, no NVIDIA driver that is too old)');
if (!pip) console.log('not run: installing by pip (it is not here)');
if (!uv || !python) console.log('not run: installing by uv (it is not here)');

let cwd: string;
let plugin: Buffer;
let noDriver: Buffer;
beforeAll(() => {
  if (!hasCompiler) return;
  const dir = mkdtempSync(join(tmpdir(), 'synclr-fake-'));
  plugin = readFileSync(buildPlugin(join(dir, 'works.so')));
  noDriver = readFileSync(buildPlugin(join(dir, 'no-driver.so'), 'no driver'));
  rmSync(dir, { recursive: true });
});
beforeEach(() => {
  cwd = realpathSync(mkdtempSync(join(tmpdir(), 'synclr-backend-')));
  mkdirSync(join(cwd, 'wheels'));
  writeFileSync(join(cwd, 'uv.toml'), `no-index = true\nfind-links = [${JSON.stringify(join(cwd, 'wheels'))}]\n`);
});
afterEach(() => rmSync(cwd, { recursive: true }));

const backends = () => (existsSync(join(cwd, 'backends')) ? readdirSync(join(cwd, 'backends')).sort() : []);
/** Only what a test makes is found; pip and uv take wheels from a folder alone. */
const env = (more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
  SYNCLR_BACKENDS: join(cwd, 'backends'),
  SYNCLR_XLA_PLUGIN: '',
  VIRTUAL_ENV: '',
  CONDA_PREFIX: '',
  PIP_CONFIG_FILE: '/dev/null',
  PIP_NO_INDEX: '1',
  PIP_FIND_LINKS: join(cwd, 'wheels'),
  UV_CONFIG_FILE: join(cwd, 'uv.toml'),
  UV_CACHE_DIR: join(cwd, 'uv-cache'),
  UV_PYTHON_DOWNLOADS: 'never',
  ...more,
});
const backend = (args: string[], more: NodeJS.ProcessEnv = {}, onStart?: Parameters<typeof synclr>[2]) =>
  synclr(['backend', ...args], cwd, onStart, env(more));
const whole = (r: Outcome) => `${r.stdout}${r.stderr}`;
const wheel = (parts: Parameters<typeof writeWheel>[1]) => writeWheel(join(cwd, 'wheels'), parts);
/** A PATH on which of all programs only these are. */
function only(...programs: (string | undefined)[]): NodeJS.ProcessEnv {
  const bin = join(cwd, 'bin');
  mkdirSync(bin);
  for (const path of programs) if (path) symlinkSync(path, join(bin, path.split('/').at(-1)!));
  return { PATH: bin };
}

/** The wheels of a CUDA backend, as small as can be. */
function cudaWheels(withCompanion: boolean): void {
  const names = NVIDIA[cuda!];
  const requires = names.map((name) => `Requires-Dist: ${name}; sys_platform == "linux" and extra == "with-cuda"`);
  if (withCompanion)
    wheel({
      name: `jax-cuda${cuda}-plugin`,
      version: '0.12.0',
      files: { [`jax_cuda${cuda}_plugin/x.so`]: 'for Python' },
      metadata: [`Requires-Dist: jax-cuda${cuda}-pjrt==0.12.0`, 'Provides-Extra: with-cuda', ...requires],
    });
  wheel({
    name: `jax-cuda${cuda}-pjrt`,
    version: '0.12.0',
    files: { [`jax_plugins/xla_cuda${cuda}/xla_cuda_plugin.so`]: noDriver },
  });
  // Newer than is spoken with.
  wheel({ name: `jax-cuda${cuda}-pjrt`, version: '0.99', files: {} });
  for (const name of withCompanion ? names : FALLBACK[cuda!])
    wheel({ name, version: '99.0', files: { [`nvidia/${name}/bin/tool`]: name, 'nvidia/__init__.py': '' } });
}
/** What the companion of the tests asks for: less than the real one, so that it can be told from our own list. */
const NVIDIA = { 12: ['nvidia-cublas-cu12', 'nvidia-nccl-cu12'], 13: ['nvidia-cublas', 'nvidia-nvvm'] };
const FALLBACK = {
  12: [
    'cublas',
    'cuda-cupti',
    'cuda-nvcc',
    'cuda-runtime',
    'cufft',
    'cusolver',
    'cusparse',
    'nccl',
    'nvjitlink',
    'cuda-nvrtc',
    'nvshmem',
  ].map((n) => `nvidia-${n}-cu12`),
  13: [
    ...['cublas', 'cuda-cupti', 'cuda-nvcc', 'cuda-runtime', 'cufft', 'cusolver', 'cusparse'].map((n) => `nvidia-${n}`),
    ...['nvidia-nccl-cu13', 'nvidia-nvjitlink', 'nvidia-cuda-nvrtc', 'nvidia-nvshmem-cu13', 'nvidia-nvvm'],
  ],
};

const formOf = () => JSON.parse(readFileSync(join(cwd, 'backends', 'cuda', 'backend.json'), 'utf8'));

describe.skipIf(!canFetch).each([
  ['pip', pip],
  ['uv', python ? uv : undefined],
])('by %s', (tool, program) => {
  const path = () => (tool === 'pip' ? {} : { ...only(program), UV_PYTHON: python });

  it.skipIf(!program)(
    'a plugin comes with what its companion’s metadata names, and without the companion',
    async () => {
      cudaWheels(true);
      const r = await backend(['install', 'cuda'], path());
      expect(r.code, whole(r)).toBe(0);
      expect(r.stdout).toMatch(new RegExp(`fetched by ${tool} \\d`));
      expect(r.stdout).toMatch(
        /^cuda: installed in backends\/cuda: jax-cuda1\d-pjrt 0\.12\.0, PJRT API 0\.110, .*no driver of version 999/m,
      );
      expect(r.stdout).toMatch(/^it can compile, but does not run here yet: /m);
      const form = formOf();
      expect(form.wheels.map((w: { name: string }) => w.name).sort()).toEqual(
        [`jax-cuda${cuda}-pjrt`, ...NVIDIA[cuda!]].sort(),
      );
      for (const { sha256 } of form.wheels) expect(sha256[0]).toMatch(/^[\da-f]{64}$/);
      expect(existsSync(join(cwd, 'backends', 'cuda', form.site, `jax_cuda${cuda}_plugin`))).toBe(false);
      expect(
        readFileSync(join(cwd, 'backends', 'cuda', form.site, 'nvidia', NVIDIA[cuda!][0], 'bin', 'tool'), 'utf8'),
      ).toBe(NVIDIA[cuda!][0]);
      expect(backends()).toEqual(['cuda']);
    },
  );

  it.skipIf(!program)('by our own list where the companion is not to be had', { tags: 'nightly' }, async () => {
    cudaWheels(false);
    wheel({ name: `nvidia-cudnn-cu${cuda}`, version: '9.20', files: { 'nvidia/cudnn/lib/x': '' } });
    const r = await backend(['install', 'cuda'], path());
    expect(r.code, whole(r)).toBe(0);
    expect(formOf().wheels).toHaveLength(2 + FALLBACK[cuda!].length);
  });

  it.skipIf(!program)('killed on the way, and called again', { tags: 'nightly' }, async () => {
    cudaWheels(true);
    const own = path();
    for (const after of [400, 900, 1600])
      await backend(['install', 'cuda'], own, (child) => {
        setTimeout(() => child.kill('SIGKILL'), after);
      });
    const r = await backend(['install', 'cuda'], own);
    expect(r.code, whole(r)).toBe(0);
    // What a tool that was still running wrote is swept by whoever comes next.
    expect(backends().filter((name) => !name.startsWith('.'))).toEqual(['cuda']);
    expect(formOf().wheels).toHaveLength(1 + NVIDIA[cuda!].length);
  });

  it.skipIf(!program)(
    'what is not to be had, or is another than the pinned one, is refused and leaves nothing',
    async () => {
      const only = path();
      const none = await backend(['install', 'rocm'], only);
      expect(none).toMatchObject({ code: 2 });
      expect(none.stderr).toMatch(/^synclr: .*could not fetch it: .*jax-rocm7-pjrt.*name each with --wheel FILE\n$/);
      wheel({ name: 'lammps-jax-pjrt-cpu', version: '0.11.2', files: { 'x/libpjrt_cpu.so': plugin } });
      const other = await backend(['install', 'cpu'], only);
      expect(other).toMatchObject({ code: 2 });
      expect(other.stderr).toMatch(/SHA-256 is not the expected one: nothing was installed|could not fetch it/);
      expect(backends()).toEqual([]);
    },
  );
});

it.skipIf(!isLinux)('without pip and uv it says what to do', async () => {
  const path = only(process.execPath);
  const r = await backend(['install', 'cpu'], path);
  expect(r).toMatchObject({ code: 2 });
  expect(r.stderr).toMatch(/^synclr: neither pip nor uv is here: .*--wheel FILE.*\n$/);
  writeFileSync(join(cwd, 'bin', 'pip'), '#!/bin/sh\necho pip 19.3.1 from somewhere\n', { mode: 0o755 });
  expect((await backend(['install', 'cpu'], path)).stderr).toMatch(
    /^synclr: pip 19\.3\.1 is too old \(20\.3 or newer\)/,
  );
  expect(backends()).toEqual([]);
});

describe.skipIf(!hasCompiler)('a wheel brought by hand', () => {
  const tiny = (more: object = {}) =>
    wheel({ name: 'tiny-pjrt-cpu', files: { 'tiny_pjrt_cpu/pjrt_c_api_cpu_plugin.so': plugin, ...more } });

  it('is installed without pip or uv, listed, and removed', async () => {
    const bare = only(process.execPath);
    const made = await backend(['install', 'cpu', '--wheel', tiny()], bare);
    expect(made, whole(made)).toMatchObject({ code: 0, stderr: '' });
    expect(made.stdout).toMatch(
      /^cpu: installed in backends\/cpu: tiny-pjrt-cpu 1\.0, PJRT API 0\.110, fake 1\.2, Fake Card 9000, 3 GB of memory each$/m,
    );
    const broken = buildPlugin(join(cwd, 'xla_cuda_plugin.so'), 'crashes');
    const text = await backend(['--plugin', broken]);
    expect(text, whole(text)).toMatchObject({ code: 0, stderr: '' });
    expect(text.stdout).toMatch(/^ {2}– {6}cuda {4}crashed in starting \(SIGABRT\)/m);
    expect(text.stdout).toMatch(/^ {2}works {2}cpu {5}tiny-pjrt-cpu 1\.0, /m);
    expect(text.stdout).toMatch(/^ {2}works {2}cpu {5}computes \(/m);
    expect(text.stdout).toMatch(/^--provider auto takes ONNX Runtime on the CPU$/m);
    const json = JSON.parse((await backend(['--json'])).stdout);
    expect(json.plugins).toMatchObject([
      { kind: 'cpu', source: 'own', works: true, api: [0, 110], platform: 'fake', from: 'files' },
    ]);
    expect(json.plugins[0].devices).toEqual([
      { id: 7, kind: 'Fake Card 9000', memory: { limit: 3 * 2 ** 30, inUse: 2 ** 20 } },
    ]);
    const doctor = await synclr(['doctor', '--json'], cwd, undefined, env());
    expect(JSON.parse(doctor.stdout).checks).toContainEqual({
      name: 'XLA cpu',
      state: 'ok',
      found: expect.stringMatching(/^tiny-pjrt-cpu 1\.0, PJRT API 0\.110, .*: --provider xla$/),
    });
    const removed = await backend(['remove', 'cpu'], bare);
    expect(removed).toMatchObject({ code: 0, stdout: 'removed backends/cpu\n' });
    expect(backends()).toEqual([]);
  }, 300_000);

  it('is there whole or not at all, whenever the installation is killed', async () => {
    const path = tiny({ 'tiny_pjrt_cpu/ballast.bin': randomBytes(48e6) });
    const rng = Rng.of(seed, 'kill');
    const started = performance.now();
    const unbroken = await backend(['install', 'cpu', '--wheel', path]);
    expect(unbroken.code, whole(unbroken)).toBe(0);
    const took = performance.now() - started;
    await backend(['remove', 'cpu']);
    for (let i = 0; i < 2; i++) {
      const after = took * (0.2 + 0.75 * rng.uniform());
      const r = await backend(['install', 'cpu', '--wheel', path], {}, (child) => {
        setTimeout(() => child.kill('SIGKILL'), after);
      });
      const counted = backends().filter((name) => !name.startsWith('.'));
      expect(counted, `killed after ${Math.round(after)} ms: ${r.signal}`).toEqual(r.code === 0 ? ['cpu'] : counted);
      if (counted.length === 0) continue;
      // It had been put in place before: then it is whole.
      const { plugins } = JSON.parse((await backend(['--json'])).stdout);
      expect(plugins).toMatchObject([{ works: true }]);
      expect(plugins[0].damage).toBeUndefined();
    }
    const last = await backend(['install', 'cpu', '--wheel', path]);
    expect(last.code, whole(last)).toBe(0);
    expect(backends()).toEqual(['cpu']);
  }, 300_000);
});

describe('the CPU plugin', () => {
  const library = xlaPlugin();
  it.skipIf(!library)('of this machine works', async () => {
    const { stdout } = await backend(['--json', '--plugin', library!]);
    expect(JSON.parse(stdout).plugins).toMatchObject([{ source: 'settings', works: true, platform: 'cpu' }]);
  });
  if (!library) console.log('not run: the list with a real plugin (no XLA plugin is here)');
});

afterAll(() => console.log(`backend.test.ts: pip ${pip ?? 'absent'}, uv ${uv ?? 'absent'}`));
