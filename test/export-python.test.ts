import { execFile, execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { exportEncoder } from '../src/encoders/export.js';
import { imageFeatures } from '../src/encoders/run.js';
import { writeSafetensors } from '../src/formats/safetensors.js';
import type { Precision } from '../src/model/export/state.js';
import { Rng } from '../src/rng.js';
import { openExecutors } from '../src/runtime/open-executors.js';
import { EXPORT_CASES, exportCase } from './export-cases.js';
import { testSeed } from './numbers.js';

/** Exports loaded by timm, transformers and torch themselves: SYNCLR_PYTHON, or `python3`, where that has them. */

const python = process.env.SYNCLR_PYTHON ?? 'python3';
const why = missing();
if (why) console.log(`exports are not loaded by timm, transformers and torch here: ${why} (SYNCLR_PYTHON)`);
const seed = testSeed('export-python.test.ts');

function missing(): string | undefined {
  try {
    execFileSync(python, ['-c', 'import timm, transformers, torch, safetensors'], { stdio: 'pipe', timeout: 120_000 });
  } catch (e) {
    const said = String((e as { stderr?: Buffer }).stderr ?? e)
      .trim()
      .split('\n')
      .at(-1);
    return `${python}: ${said}`;
  }
}

interface Line {
  case: string;
  format: string;
  half: boolean;
  class?: string;
  feature: number;
  patches: number | null;
  local_dir?: number;
  tensors?: number;
}

test.runIf(!why)(
  'timm, transformers and torch load what is exported, and give the same features',
  { timeout: 900_000 },
  async () => {
    const dir = await mkdtemp(join(tmpdir(), 'exports-python-'));
    const on = await openExecutors({ provider: 'cpu', threads: 1 });
    try {
      const wanted: string[] = [];
      const precisions: Precision[] = ['float32', 'float16'];
      for (const c of EXPORT_CASES)
        for (const precision of c === EXPORT_CASES[0] ? precisions : precisions.slice(0, 1)) {
          const b = exportCase(c, seed);
          const shape = [2, 3, b.vit.imageSize, b.vit.imageSize];
          const rng = Rng.of(seed, 'pixels', c.name);
          const pixels = Float32Array.from({ length: shape.reduce((n, s) => n * s) }, () => rng.normal());
          const { pooled, patches } = await imageFeatures(b, pixels, shape, on);
          const folder = join(dir, `${c.name}${precision === 'float16' ? ', halves' : ''}`);
          await mkdir(folder);
          if (precision === 'float16') await mkdir(join(folder, 'half'));
          const { dim } = b.vit;
          const expected = new Map([
            ['input', { dtype: 'F32', shape, data: pixels }],
            ['feature', { dtype: 'F32', shape: [2, dim], data: pooled }],
            ['patches', { dtype: 'F32', shape: [2, patches.length / dim / 2, dim], data: patches }],
          ] as const);
          await writeSafetensors(join(folder, 'expected.safetensors'), new Map(expected) as never);
          for (const format of c.formats) {
            await exportEncoder({
              checkpoint: 'x',
              backbone: b,
              out: join(folder, format),
              formats: [format],
              precision,
            });
            wanted.push(`${c.name}${precision === 'float16' ? ', halves' : ''}: ${format}`);
          }
        }
      const script = fileURLToPath(new URL('./python/exports.py', import.meta.url));
      const { stdout } = await promisify(execFile)(python, [script, dir], { maxBuffer: 1 << 24 });
      const lines = stdout
        .split('\n')
        .filter((line) => line.startsWith('{'))
        .map((line) => JSON.parse(line) as Line);
      expect(lines.map((l) => `${l.case}: ${l.format}`).sort()).toEqual(wanted.sort());
      const largest = Math.max(
        ...lines.filter((l) => !l.half).flatMap((l) => [l.feature, l.patches ?? 0, l.local_dir ?? 0]),
      );
      const halves = Math.max(...lines.filter((l) => l.half).map((l) => l.feature));
      console.log(
        `${lines.length} exports loaded by Python: ${largest.toExponential(1)} at most, ${halves.toExponential(1)} of halves`,
      );
      for (const line of lines) {
        const bound = line.half ? 1e-2 : 1e-5;
        expect(line.feature, JSON.stringify(line)).toBeLessThan(bound);
        if (line.patches !== null) expect(line.patches, JSON.stringify(line)).toBeLessThan(bound);
        if (line.local_dir !== undefined) expect(line.local_dir, JSON.stringify(line)).toBeLessThan(bound);
        const c = EXPORT_CASES.find(({ name }) => name === line.case);
        if (line.format === 'hf' && c) expect(line.class).toBe(c.huggingFace);
      }
    } finally {
      await on.close();
      await rm(dir, { recursive: true });
    }
  },
);
