/** @module-tag nightly */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { encoderOnnx } from '../../src/encoders/export.js';
import { openForeign } from '../../src/encoders/open.js';
import { floatsOf } from '../../src/formats/floats.js';
import { openWeights } from '../../src/formats/open-weights.js';
import { hasOwnFeature } from '../../src/model/export/formats.js';
import { embed } from '../../src/probe/embed.js';
import { readForEval } from '../../src/views/eval.js';
import { decodeFile } from '../../src/views/image.js';
import { testSeed } from '../numbers.js';

/**
 * Photographs through encoders of transformers, timm and open_clip: what each library's own processor and model make of one is what `embed` and
 * the exported graph make of it. SYNCLR_TEST_SEED repeats the drawing; SYNCLR_PICTURE_CASES names a folder that was made before.
 */
const python = process.env.SYNCLR_PYTHON ?? 'python3';
const data = process.env.SYNCLR_DATA ?? fileURLToPath(new URL('../../../shared/data', import.meta.url));
const photos = join(data, 'clothing-small');
const maker = fileURLToPath(new URL('../peers/make_picture_cases.py', import.meta.url));
const NEEDED = 'import torch, torchvision, timm, transformers, open_clip';
const made = process.env.SYNCLR_PICTURE_CASES;
const isHere =
  made !== undefined || (existsSync(photos) && spawnSync(python, ['-c', NEEDED], { stdio: 'ignore' }).status === 0);
const cases = made ?? mkdtempSync(join(tmpdir(), 'synclr-pictures-'));
afterAll(() => made === undefined && rmSync(cases, { recursive: true, force: true }));

beforeAll(() => {
  if (!isHere || made !== undefined) return;
  const seed = testSeed('pictures.test.ts');
  execFileSync(python, [maker, String(seed), photos, cases], { stdio: ['ignore', 'ignore', 'inherit'] });
}, 600_000);

const hooks = { signal: new AbortController().signal, progress() {}, warn() {} };

/** Least cosine of a photo's feature, ours with the library's. */
const LEAST = 0.999;
/** Most that pixels may differ in the mean of a photo, of 255: libraries round twice to whole numbers. */
const APART = 0.75;

it('a photo’s feature is that of the library, in embed and in ONNX', { timeout: 900_000 }, async () => {
  if (!isHere) return console.log(`${python} (SYNCLR_PYTHON) lacks libraries, or ${photos} photos: not compared`);
  const names: string[] = JSON.parse(readFileSync(join(cases, 'photos.json'), 'utf8'));
  const files = names.map((name) => join(cases, 'photos', name));
  const off: string[] = [];
  let compared = 0;
  for (const dir of readdirSync(cases).filter((name) => existsSync(join(cases, name, 'about.json')))) {
    const folder = join(cases, dir);
    const { backbone, record } = await openForeign(folder);
    const { preprocessing: p, vit } = backbone;
    const expected = await openWeights(join(folder, 'expected.safetensors'));
    const tensors = await expected.read('', ['features', 'pixels']);
    const features = floatsOf(tensors.get('features')!)!;
    const pixels = floatsOf(tensors.get('pixels')!)!;
    const dim = features.length / names.length;
    expect([...tensors.get('pixels')!.shape], dir).toEqual([names.length, 3, p.size, p.size]);
    expect(record.otherwise, dir).toBeUndefined();

    const got = new Map<string, Float32Array>();
    const out = (e: { file: string; feature: number[] }) => void got.set(e.file, Float32Array.from(e.feature));
    await embed({ encoder: folder, input: files, out, hooks });
    const session = await InferenceSession.create(Buffer.from(encoderOnnx(backbone)));
    const worst = { embed: 1, onnx: 1, photo: '' };
    let apart = 0;
    for (const [i, file] of files.entries()) {
      const want = features.subarray(i * dim, (i + 1) * dim);
      const ours = await readForEval(file, p);
      const plane = p.size * p.size;
      const d = 255 * meanApart(ours, pixels.subarray(i * 3 * plane, (i + 1) * 3 * plane), plane, p);
      if (!(d <= APART)) off.push(`${dir} ${names[i]}: pixels are ${d} of 255 apart`);
      apart = Math.max(apart, d);
      const results = { embed: got.get(file)!, onnx: await ofGraph(session, file, hasOwnFeature(vit), dim) };
      for (const [way, x] of Object.entries(results) as ['embed' | 'onnx', Float32Array][]) {
        const c = cosine(x, want);
        if (c < worst[way]) Object.assign(worst, { [way]: c, photo: names[i] });
        if (!(c >= LEAST)) off.push(`${dir} ${names[i]}: ${way} has cosine ${c}`);
        compared++;
      }
    }
    await session.release();
    // Two photos' features are alike too: what agreement is to be seen against.
    const alike = usual(features, dim);
    console.log(
      `${dir.padEnd(22)} least cosine ${worst.embed.toFixed(6)}, ONNX ${worst.onnx.toFixed(6)} (${worst.photo}); pixels ${apart.toFixed(2)} of 255 apart; two photos ${alike.toFixed(2)}`,
    );
  }
  expect(off).toEqual([]);
  expect(compared).toBeGreaterThan(500);
});

function cosine(x: Float32Array, y: Float32Array): number {
  const dot = (a: Float32Array, b: Float32Array) => a.reduce((s, v, i) => s + v * b[i], 0);
  return dot(x, y) / Math.sqrt(dot(x, x) * dot(y, y));
}

/** Mean difference of pixels, in 0…1. */
function meanApart(
  ours: Float32Array,
  theirs: Float32Array,
  plane: number,
  { mean, std }: { mean: readonly number[]; std: readonly number[] },
): number {
  const at = (i: number) => Math.floor(i / plane);
  const sum = ours.reduce((s, v, i) => s + Math.abs(v - (theirs[i] * std[at(i)] + mean[at(i)])), 0);
  return sum / ours.length;
}

/** Mean cosine of two photos' features. */
function usual(x: Float32Array, dim: number): number {
  const row = (i: number) => x.subarray(i * dim, (i + 1) * dim);
  const all: number[] = [];
  for (let i = 0; i < x.length / dim; i++) for (let j = 0; j < i; j++) all.push(cosine(row(i), row(j)));
  return all.reduce((s, c) => s + c, 0) / all.length;
}

/** As who uses the graph has it: decoded, planar, in 0…1. */
async function ofGraph(session: InferenceSession, file: string, isPooled: boolean, dim: number): Promise<Float32Array> {
  const { width, height, data } = await decodeFile(file);
  const planes = new Float32Array(3 * width * height);
  for (let c = 0; c < 3; c++)
    for (let i = 0; i < width * height; i++) planes[c * width * height + i] = data[3 * i + c] / 255;
  const input = new Tensor('float32', planes, [1, 3, height, width]);
  const { last_hidden_state, pooler_output } = await session.run({ pixel_values: input });
  const out = (isPooled ? pooler_output : last_hidden_state).data as Float32Array;
  return out.slice(0, dim);
}
