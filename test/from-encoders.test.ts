import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ExportFormat } from '../src/config/names.js';
import { exportEncoder } from '../src/encoders/export.js';
import { openBackbone } from '../src/encoders/open-backbone.js';
import { atSize, fingerprint } from '../src/model/backbone.js';
import { preprocessingOf } from '../src/model/preprocessing.js';
import { type VitConfig, vitParameters } from '../src/model/vit.js';
import { Rng } from '../src/rng.js';
import { command } from './command.js';
import { MICRO, microOf } from './micro.js';
import { testSeed } from './numbers.js';
import { randomParameters } from './small-step.js';

/** Encoders of other forms than ours: trained on with the settings that the refusal names, measured, exported, read, trained on again. */

const seed = testSeed('from-encoders.test.ts');
const cwd = mkdtempSync(join(tmpdir(), 'synclr-from-'));
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

const SIZES = { dim: 32, depth: 2, heads: 2, patch: 4, imageSize: 24, mlpRatio: 1.25 } as const;
const STEPS = { 'train.steps': 2, 'train.checkpointEvery': 2, 'train.healthEvery': 2, 'optim.warmup': 1 };
const MORE = { 'probe.linear.epochs': 2, 'runtime.workers': 1, 'runtime.threads': 1, 'runtime.provider': 'cpu' };
const args = (flags: Record<string, unknown>) => Object.entries(flags).flatMap(([n, v]) => [`--${n}`, String(v)]);

async function done(line: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await command(line, cwd);
  expect(code, `${line.join(' ')}\n${stdout}${stderr}`).toBe(0);
  return stdout;
}

beforeAll(async () => {
  for (const stage of ['captions', 'images'])
    await done([stage, '--out', 'corpus', ...args({ ...MICRO, ...STEPS, ...MORE })]);
}, 60_000);

const FORMS: [string, Partial<VitConfig>, ExportFormat, method?: 'simclr'][] = [
  ['DINOv2 with registers', { registers: 3, layerScale: true, activation: 'swiglu', resampling: 'antialias' }, 'hf'],
  ['SigLIP', { cls: false, pool: 'attention', activation: 'gelu_tanh' }, 'timm'],
  ['a pooled one without CLS', { cls: false, pool: 'attention' }, 'timm', 'simclr'],
  ['MAE, fine-tuned', { pool: 'mean', norm: false, poolNorm: true }, 'pth'],
  ['DeiT', { dist: true, prefixPositions: 2 }, 'timm'],
  ['BEiT', { relative: 'both', positions: false, layerScale: true }, 'safetensors'],
  [
    'DINOv3',
    { rotary: { base: 50 }, positions: false, registers: 2, activation: 'swiglu', gate: 'gelu' },
    'safetensors',
  ],
  ['CLIP', { normBefore: true, activation: 'quick_gelu', eps: 1e-5 }, 'hf'],
];

async function goesOn(name: string, form: Partial<VitConfig>, format: ExportFormat, method?: 'simclr'): Promise<void> {
  const vit: VitConfig = { ...SIZES, ...form };
  const parameters = randomParameters(vitParameters(vit), Rng.of(seed, name));
  if (vit.normBefore) parameters.get('backbone.patch_embed.proj.bias')!.fill(0);
  const theirs = `theirs ${name}`;
  const backbone = {
    vit,
    parameters,
    preprocessing: preprocessingOf(24, [0.4, 0.5, 0.6], [0.2, 0.3, 0.25]),
    origin: name,
  };
  await exportEncoder({ checkpoint: 'x', backbone, out: join(cwd, theirs), formats: [format] });

  const micro = args({ ...(method ? microOf(method) : MICRO), ...STEPS, ...MORE });
  const train = (out: string, from: string, more: readonly string[] = []) => [
    ...['train', '--out', out, '--corpus', 'corpus', '--from', from, ...micro, ...more],
  ];
  const refused = await command(train(name, theirs), cwd);
  expect(refused).toMatchObject({ code: 2, stdout: '' });
  const said = refused.stderr.match(/of another architecture than the settings’: set (--model.*)$/m)?.[1].split(' ');
  expect(said, refused.stderr).toBeDefined();
  await done(train(name, theirs, said));

  const trained = await openBackbone(join(cwd, name));
  const { imageSize: _, ...architecture } = trained.vit;
  const { imageSize: __, ...asked } = (await openBackbone(join(cwd, theirs))).vit;
  expect(architecture).toEqual(asked);
  const exportTo = `${name} exported`;
  await done(['export', name, '--out', exportTo]);
  const exported = await openBackbone(join(cwd, exportTo));
  expect(fingerprint(exported)).toBe(fingerprint(atSize(trained, trained.preprocessing.size)));

  // The next run, from the checkpoint and from what was exported, at another side.
  for (const from of [name, exportTo]) {
    const other = await command(train(`${name} again`, from), cwd);
    expect(other.stderr, 'the same settings are asked for').toContain(said!.slice(-2).join(' '));
    await done([...train(`${from} 2`, from, said), '--views.globalSize', '24', '--views.localSize', '12']);
  }
  if (name.startsWith('DINOv2'))
    for (const checkpoint of [name, exportTo]) {
      const report = JSON.parse(
        await done(['eval', '--out', name, '--checkpoint', checkpoint, '--json', ...micro, ...said!]),
      );
      expect(report.encoder).toMatchObject({ dim: 32, patch: 4 });
    }
}

// Each is some runs; of the forms that differ most one each time, the others at night.
test.each(FORMS.slice(0, 3))('%s', { timeout: 120_000 }, goesOn);
test.each(FORMS.slice(3))('%s', { timeout: 120_000, tags: 'nightly' }, goesOn);
