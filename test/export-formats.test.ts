import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EXPORT_FORMATS, type ExportFormat } from '../src/config/names.js';
import { exportEncoder } from '../src/encoders/export.js';
import { openForeign } from '../src/encoders/open.js';
import { imageFeatures } from '../src/encoders/run.js';
import { UserError } from '../src/errors.js';
import { type Backbone, readBackbone } from '../src/model/backbone.js';
import type { Precision } from '../src/model/export/state.js';
import { gridOf } from '../src/model/vit-config.js';
import { normalised } from '../src/probe/sources.js';
import { Rng } from '../src/rng.js';
import type { Executors } from '../src/runtime/executor.js';
import { openExecutors } from '../src/runtime/open-executors.js';
import { forEval } from '../src/views/eval.js';
import { EXPORT_CASES, type ExportCase, exportCase } from './export-cases.js';
import { relativeDifference, testSeed } from './numbers.js';

/** Encoders written for others and read again: the same features. */

const seed = testSeed('export-formats.test.ts');
const root = fileURLToPath(new URL('..', import.meta.url));
let dir: string;
let on: Executors;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'exports-'));
  on = await openExecutors({ provider: 'cpu', threads: 1 });
});
afterAll(async () => {
  await on.close();
  await rm(dir, { recursive: true });
});

function pixelsFor(b: Backbone): { pixels: Float32Array; shape: number[] } {
  const sides = gridOf(b.vit).map((count) => count * b.vit.patch);
  const shape = [2, 3, ...sides];
  const rng = Rng.of(seed, 'pixels');
  return { pixels: Float32Array.from({ length: shape.reduce((n, s) => n * s) }, () => rng.normal()), shape };
}

/** The feature and the patches of two pictures. */
async function features(b: Backbone): Promise<Float32Array[]> {
  const { pixels, shape } = pixelsFor(b);
  const { pooled, patches } = await imageFeatures(b, pixels, shape, on);
  return [pooled, patches];
}

/** Halves, and timm's weights in another container, are the same for all: some are tried. */
const isTried = ({ name }: ExportCase): boolean =>
  ['plain', 'SwiGLU and registers', 'attention pooling, no CLS'].includes(name);

function precisionsOf(c: ExportCase): readonly (readonly [Precision, number])[] {
  return isTried(c)
    ? [
        ['float32', 1e-5],
        ['float16', 1e-2],
      ]
    : [['float32', 1e-5]];
}

let count = 0;
async function exported(b: Backbone, format: ExportFormat, precision?: Precision): Promise<string> {
  const out = join(dir, String(count++));
  return exportEncoder({ checkpoint: join(dir, 'x'), backbone: b, out, formats: [format], precision });
}

describe.each(EXPORT_CASES)('$name', (c) => {
  const b = exportCase(c, seed);

  test.each(['safetensors', ...c.formats.filter((f) => f !== 'pth' || isTried(c))] as ExportFormat[])(
    'as %s and back',
    async (format) => {
      const [feature, patches] = await features(b);
      for (const [precision, bound] of precisionsOf(c)) {
        const folder = await exported(b, format, precision);
        const back =
          format === 'safetensors' ? await readBackbone(folder, 'teacher') : (await openForeign(folder)).backbone;
        const [again, patchesAgain] = await features(back);
        expect(relativeDifference(again, feature), `feature, ${precision}`).toBeLessThan(bound);
        expect(relativeDifference(patchesAgain, patches), `patches, ${precision}`).toBeLessThan(bound);
        expect(back.preprocessing.mean).toEqual(b.preprocessing.mean);
        expect(back.preprocessing.size).toBe(b.preprocessing.size);
        expect(await readFile(join(folder, 'README.md'), 'utf8')).toMatch(/^---\n[\s\S]+\n## How to load it\n/);
      }
    },
  );

  test.each(['timm', 'pth', 'hf'].filter((f) => !c.formats.includes(f as ExportFormat)) as ExportFormat[])(
    'as %s: refused by name',
    async (format) => {
      await expect(exported(b, format)).rejects.toThrow(
        expect.objectContaining({ name: 'UserError', message: expect.stringMatching(/: export it as safetensors/) }),
      );
    },
  );

  test('as ONNX', async () => {
    const [feature, patches] = await features(b);
    for (const [precision, bound] of precisionsOf(c)) {
      const out = join(dir, String(count++));
      await exportEncoder({ checkpoint: 'x', backbone: b, out, formats: ['onnx'], fixed: true, precision });
      const session = await InferenceSession.create(join(out, 'model_fixed.onnx'), { intraOpNumThreads: 1 });
      try {
        const { pixels, shape } = pixelsFor(b);
        const y = await session.run({ pixel_values: new Tensor('float32', pixels, shape) });
        const hidden = y.last_hidden_state;
        const [n, tokens, dim] = hidden.dims;
        const rows = hidden.data as Float32Array;
        const patchCount = patches.length / n / dim;
        const last = Array.from({ length: n }, (_, i) =>
          rows.subarray((i * tokens + tokens - patchCount) * dim, (i + 1) * tokens * dim),
        );
        const cls = Array.from({ length: n }, (_, i) => [
          ...rows.subarray(i * tokens * dim, (i * tokens + 1) * dim),
        ]).flat();
        const got = (y.pooler_output?.data as Float32Array | undefined) ?? cls;
        expect(relativeDifference(Float32Array.from(got), feature)).toBeLessThan(bound);
        expect(relativeDifference(Float32Array.from(last.flatMap((p) => [...p])), patches)).toBeLessThan(bound);
      } finally {
        await session.release();
      }
    }
  });
});

test('several formats go into a folder each, half the weights take half the bytes, the same export gives the same bytes', async () => {
  const b = exportCase(EXPORT_CASES[0], seed);
  const all = async (precision?: 'float16') => {
    const out = join(dir, String(count++));
    await exportEncoder({ checkpoint: 'x', backbone: b, out, formats: EXPORT_FORMATS, precision });
    const files = (await readdir(out, { recursive: true, withFileTypes: true })).filter((f) => f.isFile());
    const paths = files.map((f) => join(f.parentPath, f.name).slice(out.length + 1)).sort();
    return new Map(await Promise.all(paths.map(async (p) => [p, await readFile(join(out, p))] as const)));
  };
  const [one, two, half] = [await all(), await all(), await all('float16')];
  expect([...new Set([...one.keys()].map((p) => p.split('/')[0]))].filter((n) => n !== '.synclr.json')).toEqual(
    [...EXPORT_FORMATS].sort(),
  );
  expect(two).toEqual(one);
  for (const file of ['timm/model.safetensors', 'hf/model.safetensors', 'pth/model.pth', 'onnx/model.onnx'])
    expect(half.get(file)!.length / one.get(file)!.length, file).toBeLessThan(0.75);
});

test('Transformers.js, in whole and half precision', { timeout: 240_000 }, async () => {
  const b = exportCase(EXPORT_CASES[0], seed);
  const [width, height, { size, mean, std }] = [33, 27, b.preprocessing];
  const rng = Rng.of(seed, 'picture');
  const data = Uint8Array.from({ length: 3 * width * height }, () => rng.int(256));
  const pixels = normalised(forEval({ width, height, data }, size), size, mean, std);
  const { cls } = await imageFeatures(b, pixels, [1, 3, size, size], on);
  for (const [precision, dtype, bound] of [
    ['float32', 'fp32', 1e-4],
    ['float16', 'fp16', 1e-2],
  ] as const) {
    const folder = await exported(b, 'transformers.js', precision);
    // A process of its own: the library brings an ONNX Runtime of its own.
    const script = [
      "import { env, pipeline, RawImage } from '@huggingface/transformers';",
      `env.localModelPath = ${JSON.stringify(`${dir}/`)};`,
      'env.allowRemoteModels = false;',
      `const extract = await pipeline('image-feature-extraction', '${basename(folder)}', { dtype: '${dtype}' });`,
      `const image = new RawImage(Uint8ClampedArray.from([${data}]), ${width}, ${height}, 3);`,
      `console.log(JSON.stringify([...(await extract(image)).data.slice(0, ${b.vit.dim})]));`,
    ].join('\n');
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
      cwd: root,
    });
    const got = Float32Array.from(JSON.parse(stdout.trim().split('\n').at(-1)!) as number[]);
    expect(relativeDifference(got, cls), dtype).toBeLessThan(bound);
  }
});

test('what no format knows is refused, and nothing is left', async () => {
  const b = exportCase({ name: 'rotary', vit: { ...EXPORT_CASES[0].vit, rotary: { base: 100 } }, formats: [] }, seed);
  const out = join(dir, 'refused');
  const asked = exportEncoder({ checkpoint: 'x', backbone: b, out, formats: ['safetensors', 'timm'] });
  await expect(asked).rejects.toThrow(UserError);
  await expect(asked).rejects.toThrow(/rotary positions/);
  expect((await readdir(dir)).filter((n) => n.includes('refused'))).toEqual([]);
});
