import { afterAll, beforeAll, expect, it } from 'vitest';
import { testSeed } from '../../test/numbers.js';
import { sayNotRun, xlaPlugin } from '../../test/xla.js';
import { type Settings, settingsSchema } from '../config/schema.js';
import { ops } from '../graph/index.js';
import { interpret } from '../graph/interpret.js';
import { Rng } from '../rng.js';
import { XlaDevice } from '../runtime/xla/device.js';
import { toStableHlo } from '../runtime/xla/stablehlo.js';
import { Kernels } from '../views/kernels.js';
import { applyPhotometric, drawPhotometric, photometricWidth } from '../views/photometric.js';
import { photometric } from './photometric-graph.js';

const seed = testSeed('photometric-graph.test.ts');
const rng = Rng.of(seed, 'photometric graph');
const { views } = settingsSchema.parse({});

const plugin = xlaPlugin();
if (!plugin) sayNotRun('photometric-graph.test.ts on XLA');
let device: XlaDevice | undefined;
beforeAll(async () => {
  if (plugin) device = await XlaDevice.start({ plugin, devices: 1 });
});
afterAll(() => device?.close());

/** Everything happens often, and the blur is wide for crops this small. */
const often: Settings['views'] = {
  ...views,
  grayscale: 0.4,
  solarise: 0.5,
  blur: { probability: 0.7, sigma: [0.5, 30] },
};

const cases: [string, number, Settings['views']][] = [
  ['everything', 16, often],
  ['everything, odd', 13, often],
  ['the defaults', 32, views],
  [
    'no jitter, no blur',
    9,
    { ...often, jitter: { ...views.jitter, probability: 0 }, blur: { ...views.blur, probability: 0 } },
  ],
  ['no hue, no solarising', 8, { ...often, jitter: { ...views.jitter, hue: 0 }, solarise: 0, grayscale: 0 }],
];

it.each(cases)('%s, %i px: the graph gives what the kernels give, to 2e-5', async (_, size, v) => {
  const rows = 24;
  const n = 3 * size * size;
  const width = photometricWidth(v, size);
  // Noise, and a part of few colours: black, white, greys and pure ones are where formulas of hue differ.
  const crops = Uint8Array.from({ length: rows * n }, (_, i) => (i % n < n / 2 ? rng.int(256) : 85 * rng.int(4)));
  const numbers = new Float32Array(rows * width);
  const expected = new Float32Array(rows * n);
  for (let r = 0; r < rows; r++) {
    const row = numbers.subarray(r * width, (r + 1) * width);
    drawPhotometric(v, size, rng, row);
    const crop = Kernels.get().put('crop', crops.subarray(r * n, (r + 1) * n));
    applyPhotometric(crop, row, size, v, expected.subarray(r * n, (r + 1) * n));
  }
  const crop = ops.input('crops', [rows, 3, size, size], 'u8');
  const outputs = { x: photometric(crop, ops.input('numbers', [rows, width]), v) };
  const most = (x: ArrayLike<number>) => expected.reduce((m, value, i) => Math.max(m, Math.abs(x[i] - value)), 0);
  const byDefinition = most(interpret(outputs, { crops, numbers }).x);
  console.log(`${size} px: largest difference ${byDefinition.toExponential(1)}`);
  expect(byDefinition).toBeLessThan(2e-5);
  if (!device) return;
  await device.compile(`photometric ${size}`, toStableHlo(outputs));
  const byXla = most((await device.run(`photometric ${size}`, { crops, numbers })).x);
  console.log(`${size} px: largest difference on XLA ${byXla.toExponential(1)}`);
  expect(byXla).toBeLessThan(2e-5);
});

it('crops and numbers that do not belong together are refused when the graph is built', () => {
  const crops = ops.input('crops', [2, 3, 8, 8], 'u8');
  expect(() => photometric(crops, ops.input('numbers', [2, photometricWidth(views, 8) + 1]), views)).toThrow(
    'internal',
  );
  expect(() => photometric(crops, ops.input('numbers', [3, photometricWidth(views, 8)]), views)).toThrow('internal');
});
