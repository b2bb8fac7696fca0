import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { MICRO } from '../../test/micro.js';
import { naiveVit } from '../../test/naive-vit.js';
import { relativeDifference, testSeed } from '../../test/numbers.js';
import { randomParameters } from '../../test/small-step.js';
import { resolveSettings } from '../config/resolve.js';
import { FILE_LIST } from '../files/replace.js';
import { saveCheckpoint } from '../learn/checkpoint.js';
import { studentParameters } from '../learn/programs.js';
import { stepConfig } from '../learn/step-config.js';
import { Rng } from '../rng.js';
import { encoderOnnx, exportEncoder } from './export.js';
import { preprocessingOf } from './preprocessing.js';
import { type VitConfig, vitParameters } from './vit.js';

const seed = testSeed('export.test.ts');

test('the exported model takes any batch, equals a plain ViT, and has operators of the standard only', async () => {
  const rng = Rng.of(seed, 'export');
  const vit: VitConfig = { dim: 16, depth: 2, heads: 2, patch: 4, imageSize: 12, mlpRatio: 4 };
  const parameters = randomParameters(vitParameters(vit), rng);
  const bytes = encoderOnnx({
    vit,
    parameters,
    preprocessing: preprocessingOf(12, [0, 0, 0], [1, 1, 1]),
    origin: 'test',
  });
  expect(Buffer.from(bytes).includes('com.microsoft')).toBe(false);
  const session = await InferenceSession.create(bytes, { graphOptimizationLevel: 'disabled', intraOpNumThreads: 1 });
  try {
    expect(session.inputNames).toEqual(['pixel_values']);
    for (const batch of [1, 3]) {
      const size = 3 * 12 * 12;
      const pixels = Float32Array.from({ length: batch * size }, () => rng.normal());
      const { last_hidden_state: y } = await session.run({ pixel_values: new Tensor(pixels, [batch, 3, 12, 12]) });
      expect(y.dims).toEqual([batch, 10, 16]);
      const expected = Array.from({ length: batch }, (_, b) =>
        naiveVit(vit, (name) => parameters.get(name)!, pixels.subarray(b * size, (b + 1) * size), 12),
      );
      expect(relativeDifference(y.data as Float32Array, expected.flat(2))).toBeLessThan(1e-5);
    }
  } finally {
    await session.release();
  }
});

test('an export that lost its list is known by its content, and only as long as nobody changed it', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'export-'));
  try {
    const settings = resolveSettings({ flags: MICRO });
    const specs = studentParameters(stepConfig(settings));
    const student = randomParameters(specs, Rng.of(seed, 'student'));
    const moments = new Map([...student].map(([name, x]) => [name, { m: x, v: x }]));
    const state = { step: 3, student, teacher: student, moments, centres: new Map() };
    const checkpoint = await saveCheckpoint(dir, state, specs, JSON.stringify(settings));
    const out = await exportEncoder({ checkpoint, out: join(dir, 'encoder') });
    await rm(join(out, FILE_LIST));
    await exportEncoder({ checkpoint, out });
    expect(await readdir(out)).toContain(FILE_LIST);
    await rm(join(out, FILE_LIST));
    await writeFile(join(out, 'config.json'), `${await readFile(join(out, 'config.json'), 'utf8')}\n`);
    await expect(exportEncoder({ checkpoint, out })).rejects.toThrow('is not an encoder that synclr exported');
    expect(await readdir(out)).not.toContain(FILE_LIST);
  } finally {
    await rm(dir, { recursive: true });
  }
});
