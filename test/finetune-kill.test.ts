import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sha256 } from '../src/files/digest.js';
import { Rng } from '../src/rng.js';
import { testSeed } from './numbers.js';

/** kill -9 of a process that fine-tunes: the same call goes on, to the same bytes as an unbroken one. SYNCLR_KILL_TIMES tries more moments. */

const seed = testSeed('finetune-kill.test.ts');
const times = Number(process.env.SYNCLR_KILL_TIMES ?? 1);
const DIST = pathToFileURL(join(import.meta.dirname, '..', 'dist/')).href;

/** Fine-tunes a small network on pictures of noise in a process of its own, which says each update. */
const PROGRAM = `
const load = (path) => import(${JSON.stringify(DIST)} + path);
const [{ fineTune }, { recipeOf }, { vitParameters }, { initialise }, { layoutOf, viewsOf }, { cpuExecutors }, { Rng }] =
  await Promise.all(['finetune/fine-tune.js', 'finetune/recipe.js', 'model/vit.js', 'model/parameters.js', 'runtime/layout.js',
    'runtime/open-executors.js', 'rng.js'].map(load));
const vit = { dim: 16, depth: 2, heads: 2, patch: 4, imageSize: 8, mlpRatio: 2 };
const layout = layoutOf(vitParameters(vit));
const side = (n) => ({
  length: n, labels: Int32Array.from({ length: n }, (_, i) => i % 3), nameOf: String,
  read: async (i) => {
    const rng = Rng.of(7, i);
    return { width: 9, height: 9, data: Uint8Array.from({ length: 243 }, () => rng.int(256)) };
  },
});
const executors = cpuExecutors(1);
await fineTune({
  encoder: { vit, parameters: viewsOf(layout, initialise(layout, 1)), origin: 'fresh',
    preprocessing: { size: 8, crop: 'centre', kernel: 'bicubic', antialias: true, mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] } },
  set: { name: 'noise', classes: ['a', 'b', 'c'], hash: 'noise', train: side(24), test: side(6) },
  recipe: recipeOf('paper-b16', { batch: 8, steps: 60, baseLr: 0.05, ema: 0.9, checkpointEvery: 4, evaluateEpochs: 5 }),
  seed: 1, dir: process.argv[1], executors, runtime: { provider: 'cpu', threads: 1 }, threads: 1,
  hooks: { signal: new AbortController().signal, warn: () => {}, progress: (p) => process.stdout.write(p.done + '\\n') },
});
await executors.close();
`;

/** @param killAt kills the process once it has said this update */
function run(dir: string, killAt = Number.POSITIVE_INFINITY): Promise<{ killed: boolean; first: number }> {
  const child: ChildProcess = spawn(process.execPath, ['--input-type=module', '-e', PROGRAM, dir], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  let complaints = '';
  child.stderr!.on('data', (d) => (complaints += d));
  child.stdout!.on('data', (d) => {
    said += d;
    const updates = said.trim().split('\n').map(Number);
    if (updates[updates.length - 1] >= killAt) child.kill('SIGKILL');
  });
  return new Promise((resolve, reject) =>
    child.on('close', (code, signal) => {
      if (signal === 'SIGKILL' || code === 0)
        resolve({ killed: signal === 'SIGKILL', first: Number(said.split('\n')[0]) });
      else reject(new Error(complaints));
    }),
  );
}

let root: string;
let expected: string;
const made = (dir: string) => sha256(readFileSync(join(dir, 'fine-tuning.safetensors')));

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'synclr-finetune-kill-'));
  await run(join(root, 'unbroken'));
  expected = made(join(root, 'unbroken'));
}, 120_000);
afterAll(() => rmSync(root, { recursive: true }));

test('killed at any update it goes on from its checkpoint, to the same bytes', async () => {
  const rng = Rng.of(seed, 'kill');
  for (let k = 0; k < times; k++) {
    const dir = join(root, String(k));
    const [first, second] = [5 + rng.int(25), 35 + rng.int(20)];
    expect((await run(dir, first)).killed).toBe(true);
    expect(existsSync(join(dir, 'fine-tuning.safetensors'))).toBe(true);
    const again = await run(dir, second);
    expect(again.first).toBeGreaterThanOrEqual(4);
    await run(dir);
    expect(made(dir), `killed at ${first} and ${second}`).toBe(expected);
    // What a kill left behind while a checkpoint was written is gone.
    expect(readdirSync(dir)).toEqual(['fine-tuning.safetensors']);
  }
}, 120_000);
