import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readSafetensors, writeSafetensors } from '../src/formats/safetensors.js';
import { type StepConfig, synclrLearner } from '../src/learn/learners/synclr.js';
import { BARS, type Difference, replay, worst } from '../src/learn/replay.js';
import { TrainingStep } from '../src/learn/step.js';
import { Rng } from '../src/rng.js';
import { relativeDifference, testSeed } from './numbers.js';
import { type ReferenceSteps, referenceSteps, type Schedule, writeReferenceSteps } from './reference-steps.js';
import { LOSSES, significant, tracedGradients } from './small-step.js';
import { sayNotRun, xlaPlugin } from './xla.js';

const seed = testSeed('verify-step.test.ts');
const root = fileURLToPath(new URL('..', import.meta.url));
const recorded = join(root, process.env.SYNCLR_REFERENCE ?? '../shared/reference/synclr-step');
const GROUPS = Object.keys(BARS) as Difference['group'][];

function hold(differences: Difference[], title: string): void {
  const found = worst(differences);
  expect(found.map((d) => d.group).sort()).toEqual([...GROUPS].sort());
  console.log(`${title}: ${found.map((d) => `${d.group} ${d.relative.toExponential(1)} (${d.name})`).join(', ')}`);
  for (const d of found) expect(d.relative, `${title}: ${d.group}, ${d.name}`).toBeLessThanOrEqual(BARS[d.group]);
}

describe('steps recorded from the authors’ implementation', () => {
  const files = existsSync(recorded) ? readdirSync(recorded).filter((n) => n.endsWith('.safetensors')) : [];
  if (files.length === 0) {
    test('are not here', () => console.log(`no reference steps at ${recorded} (SYNCLR_REFERENCE): not replayed`));
    return;
  }
  test.each(files)('%s', async (name) => hold(await replay(join(recorded, name)), name));

  const plugin = xlaPlugin();
  if (!plugin) sayNotRun('the recorded steps through XLA, on one device and on four');
  describe.runIf(plugin).each([1, 4])('through XLA, devices: %i', (devices) => {
    const runtime = { provider: 'xla', plugin, devices, precision: 'float32', threads: 0 } as const;
    test.each(files)('%s', async (name) =>
      hold(await replay(join(recorded, name), runtime), `${name}, XLA on ${devices}`),
    );
  });
});

/** Sizes unlike the recorded ones: 5 × 2 images, 3 local crops, an odd grid, three heads, another MLP ratio, unequal masks. */
const OTHER: StepConfig = {
  vit: { dim: 30, depth: 2, heads: 3, patch: 4, imageSize: 20, mlpRatio: 2 },
  contrastHidden: 26,
  contrastOut: 14,
  prototypeHidden: 22,
  prototypeBottleneck: 9,
  prototypes: 35,
  batch: 10,
  globalSize: 20,
  localSize: 12,
  localCount: 3,
  maskedImages: 5,
  masked: 41,
  weights: { contrast: 1, ibot: 1, dino: 0 },
  temperature: 0.12,
  studentTemperature: 0.1,
  centering: 'sinkhorn_knopp',
  centerMomentum: 0.9,
  sinkhornIterations: 3,
  avoidLocalGlobalSame: false,
  dropPath: false,
};
const SCHEDULE: Schedule = { lr: [1e-3, 2e-3], teacherTemperature: [0.05, 0.06], ema: [0.95, 0.99] };
const CASES: [string, StepConfig][] = [
  ['sinkhorn', OTHER],
  [
    'centring',
    { ...OTHER, centering: 'centering', weights: { contrast: 0.8, ibot: 1, dino: 0.5 }, avoidLocalGlobalSame: true },
  ],
];

describe('steps of other sizes, worked out in double precision', () => {
  let dir: string;
  const references = new Map<string, ReferenceSteps>();
  const file = (name: string) => join(dir, `${name}.safetensors`);
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'steps-'));
    for (const [name, config] of CASES) {
      const reference = referenceSteps(config, 5, SCHEDULE, Rng.of(seed, name));
      references.set(name, reference);
      await writeReferenceSteps(file(name), reference);
    }
  });
  afterAll(() => rm(dir, { recursive: true }));

  test.each(CASES)('%s: losses and gradients of both steps', async (name, config) => {
    const { initial, batches, steps } = references.get(name)!;
    const step = await TrainingStep.start(synclrLearner(config), initial, { provider: 'cpu', threads: 2, trace: true });
    let largest = { what: '', by: 0 };
    try {
      for (const [s, batch] of batches.entries()) {
        const { losses, traced } = await step.update([batch], {
          ...{ lr: SCHEDULE.lr[s], ema: SCHEDULE.ema[s] },
          ...{ numbers: { teacher_temperature: SCHEDULE.teacherTemperature[s] } },
          ...{ weightDecay: 0.1, beta1: 0.9, beta2: 0.98, eps: 1e-8, t: s + 1, clip: 0 },
        });
        const grads = tracedGradients(traced!);
        const check = (what: string, by: number, bar: number) => {
          expect(by, `step ${s} ${what}`).toBeLessThan(bar);
          if (by > largest.by) largest = { what: `step ${s} ${what}`, by };
        };
        for (const l of LOSSES) check(l, relativeDifference([losses[l]], [steps[s].losses[l]]), 1e-5);
        const bar = s === 0 ? 1e-4 : 1e-3;
        for (const p of significant(steps[s].grads))
          check(p, relativeDifference(grads.get(p)!, steps[s].grads.get(p)!), bar);
      }
    } finally {
      await step.close();
    }
    console.log(`${name}: largest relative difference ${largest.by.toExponential(1)} (${largest.what})`);
  });

  test.each(CASES)('%s: replayed from a file', async (name) => hold(await replay(file(name)), name));

  test('the command accepts what agrees and names what does not', async () => {
    const good = await verify(file('sinkhorn'));
    expect(good.stderr).toBe('');
    expect(good.code).toBe(0);
    for (const group of GROUPS) expect(good.stdout).toContain(`  ${group} `);

    const { tensors, metadata } = await readSafetensors(file('sinkhorn'));
    const wrong = tensors.get('grad.student.backbone.blocks.1.mlp.fc2.weight')!;
    const at = Rng.of(seed, 'wrong').int(wrong.data.length);
    const norm = Math.hypot(...(wrong.data as Float32Array));
    (wrong.data as Float32Array)[at] += 3e-4 * norm;
    await writeSafetensors(file('wrong'), tensors, metadata);
    const bad = await verify(file('sinkhorn'), file('wrong'));
    expect(bad.code).toBe(1);
    const missed = bad.stdout.split('\n').filter((l) => l.includes('MISSED'));
    expect(missed.length).toBe(1);
    expect(missed[0]).toContain('backbone.blocks.1.mlp.fc2.weight');
  });

  test('steps whose metadata, sizes or types are not what they claim are refused by name', async () => {
    const { tensors, metadata } = await readSafetensors(file('sinkhorn'));
    const cases: [Record<string, string>, (t: typeof tensors) => void, string][] = [
      [{ depth: '1000000000' }, () => {}, 'metadata depth is 1000000000, but the weights have'],
      [{ depth: '1.5' }, () => {}, 'metadata depth is "1.5", not a whole number from 1 on'],
      [{ lr: '[' }, () => {}, 'metadata lr is not JSON: '],
      [{ lr: '["x"]' }, () => {}, 'metadata lr: 0: '],
      [{ losses: '[]' }, () => {}, 'metadata losses: '],
      [{ eps: 'NaN' }, () => {}, 'metadata eps is "NaN", not a number'],
      [{ contrast_mlp_dim: '999' }, () => {}, 'the metadata asks for [999,'],
      [{}, (t) => t.delete('step0.in.global_labels'), 'tensor step0.in.global_labels is missing'],
      [
        {},
        (t) => {
          const { shape } = t.get('init.teacher.backbone.norm.bias')!;
          t.set('init.teacher.backbone.norm.bias', { dtype: 'I32', shape, data: new Int32Array(shape[0]) });
        },
        'tensor init.teacher.backbone.norm.bias is I32, not one of floats',
      ],
    ];
    for (const [said, change, message] of cases) {
      const changed = new Map(tensors);
      change(changed);
      await writeSafetensors(file('changed'), changed, { ...metadata, ...said });
      const error = await replay(file('changed')).catch((e: Error) => e);
      expect(error).toMatchObject({ name: 'UserError' });
      expect((error as Error).message).toContain(`${file('changed')}: ${message.startsWith('the ') ? 'tensor' : ''}`);
      expect((error as Error).message).toContain(message);
    }
  });

  test('a file that is none of these is one line and exit 2', async () => {
    const text = join(dir, 'notes.txt');
    await writeFile(text, 'These are no reference steps.\n');
    const other = file('other');
    await writeSafetensors(other, new Map([['x', { dtype: 'F32', shape: [1], data: Float32Array.of(1) }]]), {});
    for (const files of [[text], [other], [file('absent')], []]) {
      const { code, stdout, stderr } = await verify(...files);
      expect(code).toBe(2);
      expect(stdout).toBe('');
      expect(stderr.trimEnd().split('\n').length).toBe(1);
      if (files.length > 0) expect(stderr).toContain(files[0]);
    }
  });
});

function verify(...files: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((done) => {
    execFile(process.execPath, [join(root, 'dist/cli/verify-step.js'), ...files], (error, stdout, stderr) =>
      done({ code: error ? Number(error.code) : 0, stdout, stderr }),
    );
  });
}
