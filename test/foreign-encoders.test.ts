import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { resolveSettings } from '../src/config/resolve.js';
import { openForeign } from '../src/encoders/open.js';
import { imageFeatures } from '../src/encoders/run.js';
import { learnerOf } from '../src/learn/learners/index.js';
import { initialWeights } from '../src/learn/weights.js';
import { vitConfig } from '../src/model/config.js';
import { normalised } from '../src/probe/sources.js';
import { cpuExecutors } from '../src/runtime/open-executors.js';
import { readForEval } from '../src/views/eval.js';
import { command } from './command.js';
import { type Foreign, foreign, hfVitConfig, hfVitTensors, timmTensors, writeForeign } from './foreign-encoders.js';
import { relativeDifference, testSeed } from './numbers.js';
import { writeImages } from './tiny-encoder.js';

/** Encoders of others on the command line: described, used, compared, gone on with. */

const seed = testSeed('foreign-encoders.test.ts');
const dir = mkdtempSync(join(tmpdir(), 'synclr-foreign-'));
const on = cpuExecutors(1);
let f: Foreign;
const PICTURES = { size: { shortest_edge: 40 }, do_center_crop: true, crop_size: 32, image_mean: [0.3, 0.4, 0.5] };

beforeAll(async () => {
  f = foreign({ eps: 1e-12 }, seed);
  await writeForeign(join(dir, 'vit'), hfVitTensors(f), {
    'config.json': hfVitConfig(f),
    'preprocessor_config.json': PICTURES,
  });
  const pixels = Buffer.from(Uint8Array.from({ length: 3 * 70 * 50 }, (_, i) => (i * 37) % 251));
  await sharp(pixels, { raw: { width: 70, height: 50, channels: 3 } })
    .png()
    .toFile(join(dir, 'one.png'));
});
afterAll(async () => {
  await on.close();
  rmSync(dir, { recursive: true, force: true });
});

test('synclr encoders says what a file is', async () => {
  const { code, stdout } = await command(['encoders', 'vit', '--names'], dir);
  expect(code).toBe(0);
  expect(stdout).toContain('Hugging Face ViT');
  expect(stdout).toContain('shorter side to 40, the middle 32 × 32');
  const json = JSON.parse((await command(['encoders', 'vit', '--json'], dir)).stdout);
  expect(json).toMatchObject({ family: 'Hugging Face ViT', vit: { dim: 24, heads: 3, eps: 1e-12 } });
  const none = await command(['encoders', 'one.png'], dir);
  expect(none).toMatchObject({ code: 2, stdout: '' });
  expect(none.stderr).toMatch(/one\.png/);
});

test('synclr embed uses its own preprocessing, unless told otherwise', async () => {
  const embedded = async (...more: string[]) => {
    const { code, stderr } = await command(['embed', 'one.png', '--encoder', 'vit', '--out', 'f.jsonl', ...more], dir);
    expect(code, stderr).toBe(0);
    return JSON.parse(readFileSync(join(dir, 'f.jsonl'), 'utf8')).feature as number[];
  };
  const { backbone } = await openForeign(join(dir, 'vit'));
  const { preprocessing: p } = backbone;
  const at = async (look: Parameters<typeof readForEval>[1], size: number) => {
    const pixels = normalised(await readForEval(join(dir, 'one.png'), look), size, p.mean, p.std);
    return (await imageFeatures(backbone, pixels, [1, 3, size, size], on)).pooled;
  };
  expect(relativeDifference(await embedded(), await at(p, 32))).toBeLessThan(1e-5);
  const larger = { ...p, size: 48, resize: 60 };
  expect(relativeDifference(await embedded('--size', '48'), await at(larger, 48))).toBeLessThan(1e-5);
  // Another way of cutting is another feature.
  expect(relativeDifference(await at(p, 32), await at(32, 32))).toBeGreaterThan(1e-2);
});

test('synclr eval compares it with its own untrained architecture', async () => {
  await writeImages(join(dir, 'colours'), { train: 6, test: 3 });
  const args = ['eval', '--out', 'run', '--checkpoint', 'vit', '--eval', 'colours=colours', '--provider', 'cpu'];
  const small = ['--probe.ownClasses', '0', '--probe.heldOutClasses', '0', '--probe.linear.epochs', '2'];
  const { code, stdout, stderr } = await command([...args, ...small, '--json'], dir);
  expect(code, stderr).toBe(0);
  const report = JSON.parse(stdout);
  expect(report).toMatchObject({ size: 32, encoder: { dim: 24, patch: 8 } });
  const rows = report.datasets[0].rows as { features: string; dim: number }[];
  expect(rows.map((r) => [r.features, r.dim])).toEqual([
    ['trained', 24],
    ['untrained', 24],
    ['pixels', 3 * 32 * 32],
  ]);
});

describe('--from', () => {
  const model = { dim: 24, depth: 2, heads: 3, patch: 8, mlpRatio: 2 };
  const settings = (form: Record<string, unknown>, size = 32) =>
    resolveSettings({
      preset: 'tiny',
      flags: Object.fromEntries([
        ...Object.entries(model).map(([name, value]) => [`model.${name}`, value]),
        ...Object.entries(form).map(([name, value]) => [`model.form.${name}`, value]),
        ...[['views.globalSize', size] as const, ['views.localSize', 16] as const],
      ]),
    });
  const start = (path: string, s: ReturnType<typeof settings>) =>
    initialWeights(join(dir, path), learnerOf(s).parameters, vitConfig(s));

  test('goes on from another family; heads begin anew', async () => {
    const found = await start('vit', settings({ eps: 1e-12, resampling: 'plain' }));
    for (const [name, data] of f.parameters)
      if (name !== 'backbone.mask_token') expect(found.get(name), name).toEqual(data);
    expect([...found.keys()].every((name) => name.startsWith('backbone.'))).toBe(true);
    expect(found.has('backbone.mask_token')).toBe(false);
  });

  test('positions are resampled for another side', async () => {
    const found = await start('vit', settings({ eps: 1e-12, resampling: 'plain' }, 48));
    expect(found.get('backbone.pos_embed')).toHaveLength(37 * 24);
  });

  test('says the settings that the file needs, where they are others', async () => {
    await expect(start('vit', settings({}))).rejects.toThrow(
      /Hugging Face ViT of another architecture .* set --model\.form\.eps 1e-12 --model\.form\.resampling plain$/,
    );
    const rich = foreign({ registers: 2, prefixPositions: 0, layerScale: true, depth: 3 }, seed + 1);
    const config = { architecture: 'vit_small_patch14_reg4_dinov2', model_args: { num_heads: 3 } };
    await writeForeign(join(dir, 'rich'), timmTensors(rich), { 'config.json': config });
    await expect(start('rich', settings({}))).rejects.toThrow(
      /--model\.depth 3 .*--model\.form\.registers 2 .*--model\.form\.layerScale true/,
    );
    const form = { registers: 2, prefixPositions: 0, layerScale: true, resampling: 'antialias' };
    const s = settings(form);
    s.model.depth = 3;
    const found = await start('rich', s);
    expect(found.get('backbone.reg_token')).toEqual(rich.parameters.get('backbone.reg_token'));
  });
});
